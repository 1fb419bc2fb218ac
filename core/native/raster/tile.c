/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tile.h"

#include <stdlib.h>

tile *tile_stack_push(tile_stack *stack, size_t count)
{
  if (stack->count + count > stack->capacity) {
    size_t capacity = 2 * (stack->count + count) + 64;
    tile *tiles = realloc(stack->tiles, sizeof(tile) * capacity);
    if (!tiles) {
      return NULL;
    }
    stack->tiles = tiles;
    stack->capacity = capacity;
  }
  stack->count += count;
  return stack->tiles + stack->count - count;
}

tile *tile_stack_pop(tile_stack *stack, size_t count)
{
  stack->count -= count;
  return stack->tiles + stack->count;
}
