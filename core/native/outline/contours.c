/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "contours.h"

#include "../status.h"

#include <stddef.h>
#include <stdlib.h>

typedef struct {
  const uint8_t *pixels;
  int height, width;
} mask_view;

/* Directions in the order of left turns on screen, y down: down, right, up, left. */
static const int STEP_X[4] = {0, 1, 0, -1}, STEP_Y[4] = {1, 0, -1, 0};

/* Offsets from a vertex to the pixels ahead on the left and on the right, for each direction. */
static const int LEFT_X[4] = {0, 0, -1, -1}, LEFT_Y[4] = {0, -1, -1, 0};
static const int RIGHT_X[4] = {-1, 0, 0, -1}, RIGHT_Y[4] = {0, 0, -1, -1};

static int is_inside(const mask_view *mask, int x, int y)
{
  return x >= 0 && y >= 0 && x < mask->width && y < mask->height &&
         mask->pixels[(size_t)y * (size_t)mask->width + (size_t)x] != 0;
}

/* The direction after a vertex, with the inside on the left. Where two inside pixels touch only at
 * a corner, the outline stays at its own pixel: the inside is 4-connected, the outside
 * 8-connected. */
static int next_direction(const mask_view *mask, int x, int y, int direction)
{
  if (!is_inside(mask, x + LEFT_X[direction], y + LEFT_Y[direction])) {
    return (direction + 1) & 3;
  }
  if (is_inside(mask, x + RIGHT_X[direction], y + RIGHT_Y[direction])) {
    return (direction + 3) & 3;
  }
  return direction;
}

/* Follow the outline that starts down the left side of a pixel, and mark in `seen` every pixel
 * whose left side it follows downwards. Returns the number of vertices written, or
 * SEMVEC_INVALID if there are more than `capacity`. */
static int follow(const mask_view *mask, int column, int row, uint8_t *seen, int capacity,
                  int32_t *vertices)
{
  int x = column, y = row, direction = 0, count = 0;
  do {
    if (count >= capacity) {
      return SEMVEC_INVALID;
    }
    if (direction == 0) {
      seen[(size_t)y * (size_t)mask->width + (size_t)x] = 1;
    }
    vertices[2 * count] = x;
    vertices[2 * count + 1] = y;
    count++;
    x += STEP_X[direction];
    y += STEP_Y[direction];
    direction = next_direction(mask, x, y, direction);
  } while (x != column || y != row || direction != 0);
  return count;
}

int semvec_follow_outlines(const uint8_t *pixels, int height, int width, int capacity,
                           int32_t *vertices, int32_t *starts, int32_t *outlines)
{
  if (height < 1 || width < 1 || capacity < 0) {
    return SEMVEC_INVALID;
  }
  mask_view mask = {pixels, height, width};
  uint8_t *seen = calloc((size_t)height * (size_t)width, 1);
  if (seen == NULL) {
    return SEMVEC_NO_MEMORY;
  }
  int count = 0, number = 0, status = SEMVEC_OK;
  for (int row = 0; row < height && status == SEMVEC_OK; row++) {
    for (int column = 0; column < width && status == SEMVEC_OK; column++) {
      if (!is_inside(&mask, column, row) || is_inside(&mask, column - 1, row) ||
          seen[(size_t)row * (size_t)width + (size_t)column]) {
        continue;
      }
      int length = follow(&mask, column, row, seen, capacity - count, vertices + 2 * count);
      if (length < 0) {
        status = SEMVEC_INVALID;
      } else {
        starts[number++] = count;
        count += length;
      }
    }
  }
  starts[number] = count;
  *outlines = number;
  free(seen);
  return status;
}
