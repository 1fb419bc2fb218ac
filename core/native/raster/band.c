/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "band.h"

#include "flatten.h"
#include "vectors.h"

#include <stdlib.h>

int band_create(band *b, const semvec_scene *scene, int index)
{
  b->top = index * BAND_ROWS;
  b->rows = scene->height - b->top < BAND_ROWS ? scene->height - b->top : BAND_ROWS;
  b->stride = scene->width + 2 * ROW_PADDING;
  size_t plane = (size_t)b->rows * (size_t)b->stride;
  float *memory = calloc(plane * (2 * CHANNELS + 2), sizeof(float));
  if (!memory) {
    return 0;
  }
  for (int c = 0; c < CHANNELS; c++) {
    b->color[c] = memory + plane * (size_t)c;
    b->gradient[c] = memory + plane * (size_t)(CHANNELS + c);
  }
  b->transmittance = memory + plane * 2 * CHANNELS;
  b->error_scale = memory + plane * (2 * CHANNELS + 1);
  return 1;
}

void band_free(band *b)
{
  free(b->color[0]);
}

static void load_row(float *restrict red, float *restrict green, float *restrict blue,
                     const float *restrict source, int count)
{
  for (int x = 0; x < count; x++) {
    red[x] = source[CHANNELS * x];
    green[x] = source[CHANNELS * x + 1];
    blue[x] = source[CHANNELS * x + 2];
  }
}

static void fill_row(float *restrict red, float *restrict green, float *restrict blue,
                     const float *restrict color, int count)
{
  for (int x = 0; x < count; x++) {
    red[x] = color[0];
    green[x] = color[1];
    blue[x] = color[2];
  }
}

void band_load_image(const band *b, float *const planes[CHANNELS], const float *image, int width)
{
  for (int row = b->top; row < b->top + b->rows; row++) {
    load_row(row_of(planes[0], b, row, 0), row_of(planes[1], b, row, 0),
             row_of(planes[2], b, row, 0), image + (size_t)row * (size_t)width * CHANNELS, width);
  }
}

void band_load_background(const band *b, const semvec_scene *scene)
{
  if (scene->background_is_image) {
    band_load_image(b, b->color, scene->background, scene->width);
    return;
  }
  for (int row = b->top; row < b->top + b->rows; row++) {
    fill_row(row_of(b->color[0], b, row, 0), row_of(b->color[1], b, row, 0),
             row_of(b->color[2], b, row, 0), scene->background, scene->width);
  }
}

static void store_row(float *restrict target, const float *restrict red,
                      const float *restrict green, const float *restrict blue, int count)
{
  for (int x = 0; x < count; x++) {
    target[CHANNELS * x] = red[x];
    target[CHANNELS * x + 1] = green[x];
    target[CHANNELS * x + 2] = blue[x];
  }
}

void band_store(const band *b, float *image, int width)
{
  for (int row = b->top; row < b->top + b->rows; row++) {
    store_row(image + (size_t)row * (size_t)width * CHANNELS, row_of(b->color[0], b, row, 0),
              row_of(b->color[1], b, row, 0), row_of(b->color[2], b, row, 0), width);
  }
}
