/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * First the distance to the nearest pixel outside in the same column, v. The squared distance of
 * pixel x is then the least of (x - i)^2 + v(i)^2 over its row: a lower envelope of parabolas. All
 * of it is in integers.
 */
#include "distance.h"

#include "../status.h"

#include <math.h>
#include <stdlib.h>

/* The parabolas of a row's lower envelope, from left to right: the column of its least value, and
 * the first column where it is the lowest. */
typedef struct {
  int *columns, *starts;
  int count;
} envelope;

static void vertical_distances(const uint8_t *mask, int height, int width, int32_t *vertical)
{
  int farthest = height + width;
  for (int row = 0; row < height; row++) {
    for (int column = 0; column < width; column++) {
      size_t pixel = (size_t)row * (size_t)width + (size_t)column;
      int above = row > 0 ? vertical[pixel - (size_t)width] + 1 : farthest;
      vertical[pixel] = !mask[pixel] ? 0 : above < farthest ? above : farthest;
    }
  }
  for (int row = height - 2; row >= 0; row--) {
    for (int column = 0; column < width; column++) {
      size_t pixel = (size_t)row * (size_t)width + (size_t)column;
      int below = vertical[pixel + (size_t)width] + 1;
      vertical[pixel] = below < vertical[pixel] ? below : vertical[pixel];
    }
  }
}

/* The value at column x of the parabola whose least value is at column i. */
static int64_t parabola(const int32_t *vertical, int x, int i)
{
  int64_t across = x - i, along = vertical[i];
  return across * across + along * along;
}

/* The last column where the parabola of column i is not above that of column j > i. */
static int64_t last_column(const int32_t *vertical, int i, int j)
{
  int64_t rise = parabola(vertical, 0, j) - parabola(vertical, 0, i);
  return rise / (2 * (int64_t)(j - i));
}

static void find_envelope(const int32_t *vertical, int width, envelope *lowest)
{
  lowest->count = 0;
  for (int column = 0; column < width; column++) {
    while (lowest->count > 0) {
      int last = lowest->count - 1, start = lowest->starts[last];
      if (parabola(vertical, start, lowest->columns[last]) <= parabola(vertical, start, column)) {
        break;
      }
      lowest->count--;
    }
    int64_t start = 0;
    if (lowest->count > 0) {
      start = 1 + last_column(vertical, lowest->columns[lowest->count - 1], column);
    }
    if (start < width) {
      lowest->columns[lowest->count] = column;
      lowest->starts[lowest->count++] = (int)start;
    }
  }
}

static void row_distances(const int32_t *vertical, int width, const envelope *lowest,
                          float *distances)
{
  int last = lowest->count - 1;
  for (int column = width - 1; column >= 0; column--) {
    int64_t square = parabola(vertical, column, lowest->columns[last]);
    distances[column] = square > 0 ? (float)(sqrt((double)square) - 0.5) : 0.0f;
    last -= column == lowest->starts[last];
  }
}

int semvec_distances(const uint8_t *mask, int height, int width, float *distances)
{
  if (height <= 0 || width <= 0 || height > INT32_MAX / width) {
    return SEMVEC_INVALID;
  }
  int32_t *vertical = malloc(sizeof(int32_t) * (size_t)height * (size_t)width);
  int *columns = malloc(sizeof(int) * (size_t)width), *starts = malloc(sizeof(int) * (size_t)width);
  int is_complete = vertical && columns && starts;
  if (is_complete) {
    vertical_distances(mask, height, width, vertical);
    for (size_t first = 0; first < (size_t)height * (size_t)width; first += (size_t)width) {
      envelope lowest = {columns, starts, 0};
      find_envelope(vertical + first, width, &lowest);
      row_distances(vertical + first, width, &lowest, distances + first);
    }
  }
  free(starts);
  free(columns);
  free(vertical);
  return is_complete ? SEMVEC_OK : SEMVEC_NO_MEMORY;
}
