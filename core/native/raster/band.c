/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "band.h"

#include <stdlib.h>
#include <string.h>

int band_create(band *b, const semvec_scene *scene)
{
  b->width = scene->width;
  b->across = tiles_across(scene->width);
  size_t plane = (size_t)b->across;
  tile *memory = malloc(sizeof(tile) * plane * (2 * CHANNELS + 2));
  for (int c = 0; memory && c < CHANNELS; c++) {
    b->color[c] = memory + plane * (size_t)c;
    b->gradient[c] = memory + plane * (size_t)(CHANNELS + c);
  }
  b->transmittance = memory ? memory + plane * 2 * CHANNELS : NULL;
  b->error_scale = memory ? memory + plane * (2 * CHANNELS + 1) : NULL;
  return memory != NULL;
}

void band_free(band *b)
{
  free(b->color[0]);
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

static void load_tile(const band *b, int column, tile *const planes[CHANNELS], const float *image)
{
  int count = tile_extent(column * TILE_SIZE, b->width);
  float *red = planes[0][column].pixels, *green = planes[1][column].pixels;
  float *blue = planes[2][column].pixels;
  if (count < TILE_SIZE || b->rows < TILE_SIZE) {
    for (int c = 0; c < CHANNELS; c++) {
      memset(&planes[c][column], 0, sizeof(tile));
    }
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

void band_load_image(const band *b, tile *const planes[CHANNELS], const float *image)
{
  for (int column = 0; column < b->across; column++) {
    load_tile(b, column, planes, image);
  }
}

void band_load_background(const band *b, const semvec_scene *scene)
{
  if (scene->background_is_image) {
    band_load_image(b, b->color, scene->background);
    return;
  }
  for (int c = 0; c < CHANNELS; c++) {
    for (int column = 0; column < b->across; column++) {
      fill_tile(&b->color[c][column], scene->background[c]);
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
    for (int row = 0; row < b->rows; row++) {
      size_t pixel = (size_t)(b->top + row) * (size_t)b->width + (size_t)(column * TILE_SIZE);
      int place = row * TILE_SIZE;
      store_row(image + CHANNELS * pixel, b->color[0][column].pixels + place,
                b->color[1][column].pixels + place, b->color[2][column].pixels + place, count);
    }
  }
}
