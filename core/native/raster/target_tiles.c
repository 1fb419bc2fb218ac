/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target_tiles.h"

#include "../status.h"

#include <stdlib.h>
#include <string.h>

/* The part of a tile that lies on the canvas: its first pixel, rows and columns. */
typedef struct {
  size_t first;
  int rows, columns;
} tile_pixels;

static tile_pixels pixels_of(const target_tiles *tiles, int band, int column)
{
  int top = band * TILE_SIZE, left = column * TILE_SIZE;
  return (tile_pixels){(size_t)top * (size_t)tiles->width + (size_t)left,
                       tile_extent(top, tiles->height), tile_extent(left, tiles->width)};
}

static void read_target(target_tile *read, const semvec_target *target, tile_pixels pixels,
                        float scale)
{
  memset(read, 0, sizeof(*read));
  for (int row = 0; row < pixels.rows; row++) {
    for (int x = 0; x < pixels.columns; x++) {
      size_t pixel = pixels.first + (size_t)row * (size_t)target->width + (size_t)x;
      int place = row * TILE_SIZE + x;
      for (int c = 0; c < CHANNELS; c++) {
        read->image[c].pixels[place] = target->image[CHANNELS * pixel + (size_t)c];
      }
      read->scale.pixels[place] = (target->weight ? target->weight[pixel] : 1.0f) * scale;
    }
  }
  read->scale_sum = sum_tile(&read->scale);
}

static void read_regions(region_tile *read, const semvec_target *target, tile_pixels pixels)
{
  for (int i = 0; i < TILE_PIXELS; i++) {
    read->pixels[i] = NO_REGION;
  }
  for (int row = 0; row < pixels.rows; row++) {
    const int *regions = target->regions + pixels.first + (size_t)row * (size_t)target->width;
    memcpy(read->pixels + row * TILE_SIZE, regions, sizeof(int) * (size_t)pixels.columns);
  }
}

/* Returns 0 without memory. */
static int allocate(target_tiles *tiles, const semvec_target *target)
{
  size_t count = (size_t)tiles->across * (size_t)tiles_across(tiles->height);
  tiles->targets = malloc(sizeof(target_tile) * count);
  tiles->regions = target->regions ? malloc(sizeof(region_tile) * count) : NULL;
  return tiles->targets && (tiles->regions || !target->regions);
}

int target_tiles_create(target_tiles *tiles, const semvec_target *target)
{
  *tiles = (target_tiles){
      .width = target->width, .height = target->height, .across = tiles_across(target->width)};
  if (!allocate(tiles, target)) {
    return SEMVEC_NO_MEMORY;
  }
  float scale = 1.0f / ((float)CHANNELS * (float)target->width * (float)target->height);
  for (int band = 0; band < tiles_across(target->height); band++) {
    for (int column = 0; column < tiles->across; column++) {
      size_t index = (size_t)band * (size_t)tiles->across + (size_t)column;
      tile_pixels pixels = pixels_of(tiles, band, column);
      read_target(&tiles->targets[index], target, pixels, scale);
      if (tiles->regions) {
        read_regions(&tiles->regions[index], target, pixels);
      }
    }
  }
  return SEMVEC_OK;
}

void target_tiles_free(target_tiles *tiles)
{
  free(tiles->targets);
  free(tiles->regions);
}
