/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "band.h"

#include <stdlib.h>
#include <string.h>

int band_create(band *b, const semvec_scene *scene)
{
  b->width = scene->width;
  b->across = tiles_across(scene->width);
  b->tiles = malloc(sizeof(band_tile) * (size_t)b->across);
  return b->tiles != NULL;
}

void band_free(band *b)
{
  free(b->tiles);
}

void band_move(band *b, const semvec_scene *scene, int index)
{
  b->top = index * TILE_SIZE;
  b->rows = tile_extent(b->top, scene->height);
}

/* Read one row of a tile. */
static void load_row(float *restrict red, float *restrict green, float *restrict blue,
                     const float *restrict source, int count)
{
  for (int x = 0; x < count; x++) {
    red[x] = source[CHANNELS * x];
    green[x] = source[CHANNELS * x + 1];
    blue[x] = source[CHANNELS * x + 2];
  }
}

/* Read a tile of an image [height, width, 3] into three; 0 beyond the canvas. */
static void load_tile(const band *b, int column, const float *image, tile channels[CHANNELS])
{
  int count = tile_extent(column * TILE_SIZE, b->width);
  float *red = channels[0].pixels, *green = channels[1].pixels, *blue = channels[2].pixels;
  if (count < TILE_SIZE || b->rows < TILE_SIZE) {
    memset(channels, 0, sizeof(tile) * CHANNELS);
  }
  for (int row = 0; row < b->rows; row++) {
    size_t pixel = (size_t)(b->top + row) * (size_t)b->width + (size_t)(column * TILE_SIZE);
    int place = row * TILE_SIZE;
    const float *source = image + CHANNELS * pixel;
    if (count == TILE_SIZE) { /* a number that compilers know */
      load_row(red + place, green + place, blue + place, source, TILE_SIZE);
    } else {
      load_row(red + place, green + place, blue + place, source, count);
    }
  }
}

void band_load_gradient(band *b, const float *image_gradient)
{
  for (int column = 0; column < b->across; column++) {
    load_tile(b, column, image_gradient, b->tiles[column].gradient);
  }
}

void band_load_background(band *b, const semvec_scene *scene)
{
  for (int column = 0; column < b->across; column++) {
    tile *color = b->tiles[column].color;
    if (scene->background_is_image) {
      load_tile(b, column, scene->background, color);
      continue;
    }
    for (int c = 0; c < CHANNELS; c++) {
      fill_tile(&color[c], scene->background[c]);
    }
  }
}

/* Write one row of a tile. */
static void store_row(float *restrict target, const float *restrict red,
                      const float *restrict green, const float *restrict blue, int count)
{
  for (int x = 0; x < count; x++) {
    target[CHANNELS * x] = red[x];
    target[CHANNELS * x + 1] = green[x];
    target[CHANNELS * x + 2] = blue[x];
  }
}

void band_store(const band *b, float *image)
{
  for (int column = 0; column < b->across; column++) {
    int count = tile_extent(column * TILE_SIZE, b->width);
    const tile *color = b->tiles[column].color;
    for (int row = 0; row < b->rows; row++) {
      size_t pixel = (size_t)(b->top + row) * (size_t)b->width + (size_t)(column * TILE_SIZE);
      int place = row * TILE_SIZE;
      store_row(image + CHANNELS * pixel, color[0].pixels + place, color[1].pixels + place,
                color[2].pixels + place, count);
    }
  }
}
