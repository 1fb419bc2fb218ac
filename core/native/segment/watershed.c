/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * F. Meyer, "Un algorithme optimal pour la ligne de partage des eaux" (1991). The pixels of the
 * lines where basins meet belong to the basins, each to that of the neighbor nearest in color.
 */
#include "watershed.h"

#include "../status.h"

#include <float.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { LEVELS = 4096, NONE = -1 };

/* Gradient levels per unit of Lab / 100: steps of 0.025 Lab units per pixel. */
static const float LEVELS_PER_UNIT = 4000.0f;

typedef struct {
  const float *lab; /* [3, pixels] */
  const uint8_t *inside;
  int height, width, pixels;
  uint16_t *level; /* [pixels] the gradient, quantized */
  int32_t *labels; /* [pixels] basin, or NONE */
  int32_t basins;
  uint8_t *seen; /* [pixels] 1 where its plateau was visited; later, where it was queued */
  int *next;     /* [pixels] the pixels of a plateau; later, the links of the queues */
  int head[LEVELS], tail[LEVELS]; /* of the queue of each level, or NONE */
} watershed;

static uint16_t level_of(float gradient)
{
  float level = ceilf(gradient * LEVELS_PER_UNIT);
  return level > 0.0f ? level < (float)(LEVELS - 1) ? (uint16_t)level : LEVELS - 1 : 0;
}

/* Write the up to four neighbors inside the drawing; returns their number. */
static int neighbors_of(const watershed *water, int pixel, int neighbors[4])
{
  int width = water->width, column = pixel % width, row = pixel / width, count = 0;
  if (row > 0 && water->inside[pixel - width]) {
    neighbors[count++] = pixel - width;
  }
  if (column > 0 && water->inside[pixel - 1]) {
    neighbors[count++] = pixel - 1;
  }
  if (column + 1 < width && water->inside[pixel + 1]) {
    neighbors[count++] = pixel + 1;
  }
  if (row + 1 < water->height && water->inside[pixel + width]) {
    neighbors[count++] = pixel + width;
  }
  return count;
}

/* Visit the plateau of equal level around `start`. Returns 1 where no neighbor of it is lower. */
static int is_regional_minimum(watershed *water, int start)
{
  int *plateau = water->next, size = 0, lowest = 1;
  plateau[size++] = start;
  water->seen[start] = 1;
  for (int i = 0; i < size; i++) {
    int neighbors[4], count = neighbors_of(water, plateau[i], neighbors);
    for (int k = 0; k < count; k++) {
      int neighbor = neighbors[k];
      if (water->level[neighbor] < water->level[start]) {
        lowest = 0;
      } else if (water->level[neighbor] == water->level[start] && !water->seen[neighbor]) {
        water->seen[neighbor] = 1;
        plateau[size++] = neighbor;
      }
    }
  }
  return lowest;
}

static void mark_regional_minima(watershed *water)
{
  for (int pixel = 0; pixel < water->pixels; pixel++) {
    if (water->inside[pixel] && !water->seen[pixel] && is_regional_minimum(water, pixel)) {
      water->labels[pixel] = water->basins++;
    }
  }
}

/* The pixel of the lowest level in a square cell, or NONE where all pixels are outside. */
static int lowest_of_cell(const watershed *water, int top, int left, int side)
{
  int lowest = NONE;
  for (int row = top; row < top + side && row < water->height; row++) {
    for (int column = left; column < left + side && column < water->width; column++) {
      int pixel = row * water->width + column;
      if (water->inside[pixel] && (lowest == NONE || water->level[pixel] < water->level[lowest])) {
        lowest = pixel;
      }
    }
  }
  return lowest;
}

/* For smooth images, which have few minima: mark at least `wanted` basins where there are as
 * many pixels, on a grid of cells small enough for twice as many. */
static void mark_cells(watershed *water, int wanted)
{
  int inside = 0;
  for (int pixel = 0; pixel < water->pixels; pixel++) {
    inside += water->inside[pixel] != 0;
  }
  int side = (int)sqrt(0.5 * inside / wanted);
  side = side > 1 ? side : 1;
  for (int top = 0; top < water->height; top += side) {
    for (int left = 0; left < water->width; left += side) {
      int lowest = lowest_of_cell(water, top, left, side);
      if (lowest != NONE && water->labels[lowest] == NONE) {
        water->labels[lowest] = water->basins++;
      }
    }
  }
}

static void append(watershed *water, int pixel, int level)
{
  water->seen[pixel] = 1;
  water->next[pixel] = NONE;
  if (water->tail[level] == NONE) {
    water->head[level] = pixel;
  } else {
    water->next[water->tail[level]] = pixel;
  }
  water->tail[level] = pixel;
}

static int take_first(watershed *water, int level)
{
  int pixel = water->head[level];
  water->head[level] = water->next[pixel];
  if (water->head[level] == NONE) {
    water->tail[level] = NONE;
  }
  return pixel;
}

static void prepare_queues(watershed *water)
{
  memset(water->seen, 0, (size_t)water->pixels);
  for (int level = 0; level < LEVELS; level++) {
    water->head[level] = water->tail[level] = NONE;
  }
  for (int pixel = 0; pixel < water->pixels; pixel++) {
    if (water->labels[pixel] != NONE) {
      append(water, pixel, water->level[pixel]);
    }
  }
}

static float squared_color_difference(const watershed *water, int a, int b)
{
  float sum = 0.0f;
  for (int c = 0; c < 3; c++) {
    const float *plane = water->lab + (size_t)c * water->pixels;
    sum += (plane[a] - plane[b]) * (plane[a] - plane[b]);
  }
  return sum;
}

/* The basin of the flooded neighbor that is nearest in color; at least one neighbor is flooded. */
static int32_t nearest_basin(const watershed *water, int pixel, const int *neighbors, int count)
{
  float nearest = FLT_MAX;
  int32_t basin = NONE;
  for (int k = 0; k < count; k++) {
    if (water->labels[neighbors[k]] != NONE) {
      float difference = squared_color_difference(water, pixel, neighbors[k]);
      if (basin == NONE || difference < nearest) {
        nearest = difference;
        basin = water->labels[neighbors[k]];
      }
    }
  }
  return basin;
}

static void flood_pixel(watershed *water, int pixel, int level)
{
  int neighbors[4], count = neighbors_of(water, pixel, neighbors);
  if (water->labels[pixel] == NONE) {
    water->labels[pixel] = nearest_basin(water, pixel, neighbors, count);
  }
  for (int k = 0; k < count; k++) {
    int neighbor = neighbors[k], own = water->level[neighbor];
    if (!water->seen[neighbor]) { /* a lower pixel is flooded at the current level */
      append(water, neighbor, own > level ? own : level);
    }
  }
}

/* Flood all pixels, level by level. */
static void flood(watershed *water)
{
  prepare_queues(water);
  for (int level = 0; level < LEVELS; level++) {
    while (water->head[level] != NONE) {
      flood_pixel(water, take_first(water, level), level);
    }
  }
}

static int allocate(watershed *water)
{
  size_t pixels = (size_t)water->pixels;
  water->level = malloc(pixels * sizeof(uint16_t));
  water->seen = calloc(pixels, 1);
  water->next = malloc(pixels * sizeof(int));
  return water->level != NULL && water->seen != NULL && water->next != NULL ? SEMVEC_OK
                                                                            : SEMVEC_NO_MEMORY;
}

static void release(watershed *water)
{
  free(water->level);
  free(water->seen);
  free(water->next);
  free(water);
}

int semvec_watershed(const float *gradient, const float *lab, const uint8_t *inside, int height,
                     int width, int minimum_basins, int32_t *labels, int32_t *basins)
{
  if (height <= 0 || width <= 0 || height > INT32_MAX / width || minimum_basins < 1) {
    return SEMVEC_INVALID;
  }
  watershed *water = malloc(sizeof(watershed));
  if (water == NULL) {
    return SEMVEC_NO_MEMORY;
  }
  *water = (watershed){.lab = lab,
                       .inside = inside,
                       .height = height,
                       .width = width,
                       .pixels = height * width,
                       .labels = labels};
  int code = allocate(water);
  if (code == SEMVEC_OK) {
    for (int pixel = 0; pixel < water->pixels; pixel++) {
      water->level[pixel] = level_of(gradient[pixel]);
      labels[pixel] = NONE;
    }
    mark_regional_minima(water);
    if (water->basins < minimum_basins) {
      mark_cells(water, minimum_basins);
    }
    flood(water);
    *basins = water->basins;
  }
  release(water);
  return code;
}
