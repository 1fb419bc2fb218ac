/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tiles: squares of 8 x 8 pixels, in which the canvas is drawn and compared. A band is a row of
 * tiles. Tiles at the right and lower edges may reach beyond the canvas.
 */
#ifndef SEMVEC_TILE_H
#define SEMVEC_TILE_H

#include "../lanes.h"

#include <stddef.h>

enum {
  TILE_SHIFT = 3,
  TILE_SIZE = 1 << TILE_SHIFT,
  TILE_PIXELS = TILE_SIZE * TILE_SIZE,
  TILE_VECTORS = TILE_PIXELS / LANES,
  ROW_VECTORS = TILE_SIZE / LANES
};

/* One value for each pixel of a tile, row by row. */
typedef union {
  lanes of[TILE_VECTORS];
  float pixels[TILE_PIXELS];
} tile;

/* A stack of tiles, zeroed at first. Tiles move in memory when it grows. */
typedef struct {
  tile *tiles;
  size_t count, capacity;
} tile_stack;

/* Put `count` more tiles, not filled, on the stack; returns the first, or NULL without memory. */
tile *tile_stack_push(tile_stack *stack, size_t count);

/* Take the last `count` tiles off the stack; returns the first of them. */
tile *tile_stack_pop(tile_stack *stack, size_t count);

static inline int tiles_across(int pixels)
{
  return (pixels + TILE_SIZE - 1) / TILE_SIZE;
}

/* The number of rows or columns, of `limit`, that lie within the tile which begins at `start`. */
static inline int tile_extent(int start, int limit)
{
  return limit - start < TILE_SIZE ? limit - start : TILE_SIZE;
}

/* The coverage of pixels with these winding numbers. */
static inline lanes coverage_of(lanes winding)
{
  return least(magnitude(winding), all_lanes(1.0f));
}

static inline float sum_tile(const tile *values)
{
  lanes sum = values->of[0];
  for (int i = 1; i < TILE_VECTORS; i++) {
    sum += values->of[i];
  }
  return sum_lanes(sum);
}

static inline void fill_tile(tile *target, float value)
{
  for (int i = 0; i < TILE_VECTORS; i++) {
    target->of[i] = all_lanes(value);
  }
}

#endif
