/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "loss.h"

/* Write the gradient of the squared error, 2·scale·error. Returns the weighted squared error of the
 * tile. */
static float compare_tile(band_tile *drawn, const target_tile *target)
{
  lanes total = all_lanes(0.0f);
  for (int c = 0; c < CHANNELS; c++) {
    const lanes *color = drawn->color[c].of;
    lanes *gradient = drawn->gradient[c].of;
    for (int i = 0; i < TILE_VECTORS; i++) {
      lanes scale = target->scale.of[i], error = color[i] - target->image[c].of[i];
      gradient[i] = 2.0f * scale * error;
      total += scale * error * error;
    }
  }
  return sum_lanes(total);
}

/* Add the gradient of sharpness·scale·|error - its mean|^2 over a tile, where the gradients
 * are those of the squared error. */
static void sharpen_tile(band_tile *drawn, const target_tile *target, float sharpness)
{
  float weight = target->scale_sum;
  for (int c = 0; c < CHANNELS; c++) {
    lanes *gradient = drawn->gradient[c].of;
    float mean = weight > 0.0f ? sum_tile(&drawn->gradient[c]) / weight : 0.0f;
    for (int i = 0; i < TILE_VECTORS; i++) {
      gradient[i] += sharpness * (gradient[i] - mean * target->scale.of[i]);
    }
  }
}

double band_compare(band *b, const target_tile *targets, float sharpness)
{
  double total = 0.0;
  for (int column = 0; column < b->across; column++) {
    total += (double)compare_tile(&b->tiles[column], &targets[column]);
    if (sharpness > 0.0f) {
      sharpen_tile(&b->tiles[column], &targets[column], sharpness);
    }
  }
  return total;
}

float containment_cost(const semvec_scene *scene, const semvec_objective *objective, int path)
{
  if (!objective->path_regions || objective->path_regions[path] < 0) {
    return 0.0f;
  }
  return objective->containment[path] * 2.0f /
         ((float)CHANNELS * (float)scene->width * (float)scene->height);
}
