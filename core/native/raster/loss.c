/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "loss.h"

#include <string.h>

/* Copy one row of a tile; a whole row has a length that compilers know. */
static void copy_row(float *target, const float *source, int count)
{
  if (count == TILE_SIZE) {
    memcpy(target, source, sizeof(float) * TILE_SIZE);
  } else {
    memcpy(target, source, sizeof(float) * (size_t)count);
  }
}

/* Fill a tile with the scales of the error per pixel, 0 beyond the canvas. */
static void load_scales(tile *scales, const band *b, int column, const float *weight, float scale)
{
  const float ones[TILE_SIZE] = {1.0f, 1.0f, 1.0f, 1.0f, 1.0f, 1.0f, 1.0f, 1.0f};
  int left = column * TILE_SIZE, count = tile_extent(left, b->width);
  memset(scales, 0, sizeof(tile));
  for (int row = 0; row < b->rows; row++) {
    size_t pixel = (size_t)(b->top + row) * (size_t)b->width + (size_t)left;
    copy_row(scales->pixels + row * TILE_SIZE, weight ? weight + pixel : ones, count);
  }
  for (int i = 0; i < TILE_VECTORS; i++) {
    scales->of[i] *= scale;
  }
}

/* Replace the target in the gradient planes by the gradient of the squared error, 2·scale·error.
 * Returns the weighted squared error of the tile. */
static float compare_tile(band *b, int column)
{
  const lanes *scale = b->error_scale[column].of;
  lanes total = all_lanes(0.0f);
  for (int c = 0; c < CHANNELS; c++) {
    const lanes *color = b->color[c][column].of;
    lanes *gradient = b->gradient[c][column].of;
    for (int i = 0; i < TILE_VECTORS; i++) {
      lanes error = color[i] - gradient[i];
      gradient[i] = 2.0f * scale[i] * error;
      total += scale[i] * error * error;
    }
  }
  return sum_lanes(total);
}

/* Add the gradient of sharpness·scale·|error - its mean|^2 over a tile, where the gradient planes
 * hold that of the squared error. */
static void sharpen_tile(band *b, int column, float sharpness)
{
  const lanes *scale = b->error_scale[column].of;
  float weight = sum_tile(&b->error_scale[column]);
  for (int c = 0; c < CHANNELS; c++) {
    lanes *gradient = b->gradient[c][column].of;
    float mean = weight > 0.0f ? sum_tile(&b->gradient[c][column]) / weight : 0.0f;
    for (int i = 0; i < TILE_VECTORS; i++) {
      gradient[i] += sharpness * (gradient[i] - mean * scale[i]);
    }
  }
}

double band_compare(band *b, const semvec_scene *scene, const semvec_objective *objective)
{
  double total = 0.0;
  float scale = 1.0f / ((float)CHANNELS * (float)scene->width * (float)scene->height);
  band_load_image(b, b->gradient, objective->target);
  for (int column = 0; column < b->across; column++) {
    load_scales(&b->error_scale[column], b, column, objective->weight, scale);
    total += (double)compare_tile(b, column);
    if (objective->sharpness > 0.0f) {
      sharpen_tile(b, column, objective->sharpness);
    }
  }
  return total;
}

float containment_cost(const semvec_scene *scene, const semvec_objective *objective, int path)
{
  if (!objective->regions || objective->path_regions[path] < 0) {
    return 0.0f;
  }
  return objective->containment[path] * 2.0f /
         ((float)CHANNELS * (float)scene->width * (float)scene->height);
}
