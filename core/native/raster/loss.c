/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "loss.h"

#include "flatten.h"
#include "vectors.h"

/* Sharpness compares within blocks of as many rows as a band has. */
enum { BLOCK_COLUMNS = BAND_ROWS };

/* Errors and their gradient for one row of pixels; returns the weighted squared error. */
static float compare_row(band *b, int row, const float *restrict target, int count)
{
  SUM_IN_ANY_ORDER
  const float *restrict scale = row_of(b->error_scale, b, row, 0);
  const float *restrict red = row_of(b->color[0], b, row, 0);
  const float *restrict green = row_of(b->color[1], b, row, 0);
  const float *restrict blue = row_of(b->color[2], b, row, 0);
  float *restrict red_gradient = row_of(b->gradient[0], b, row, 0);
  float *restrict green_gradient = row_of(b->gradient[1], b, row, 0);
  float *restrict blue_gradient = row_of(b->gradient[2], b, row, 0);
  float total = 0.0f;
  for (int x = 0; x < count; x++) {
    float red_error = red[x] - target[CHANNELS * x];
    float green_error = green[x] - target[CHANNELS * x + 1];
    float blue_error = blue[x] - target[CHANNELS * x + 2];
    red_gradient[x] = 2.0f * scale[x] * red_error;
    green_gradient[x] = 2.0f * scale[x] * green_error;
    blue_gradient[x] = 2.0f * scale[x] * blue_error;
    total +=
        scale[x] * (red_error * red_error + green_error * green_error + blue_error * blue_error);
  }
  return total;
}

/* Add the gradient of sharpness·scale·|error - its mean|^2 over a block of columns of the
 * band, where the gradient planes hold that of the squared error, 2·scale·error. */
static void sharpen_block(band *b, int left, int right, float sharpness)
{
  SUM_IN_ANY_ORDER
  for (int c = 0; c < CHANNELS; c++) {
    float sum = 0.0f, weight = 0.0f;
    for (int row = b->top; row < b->top + b->rows; row++) {
      const float *restrict scale = row_of(b->error_scale, b, row, 0);
      const float *restrict gradient = row_of(b->gradient[c], b, row, 0);
      for (int x = left; x < right; x++) {
        sum += gradient[x];
        weight += 2.0f * scale[x];
      }
    }
    float mean = weight > 0.0f ? sum / weight : 0.0f;
    for (int row = b->top; row < b->top + b->rows; row++) {
      const float *restrict scale = row_of(b->error_scale, b, row, 0);
      float *restrict gradient = row_of(b->gradient[c], b, row, 0);
      for (int x = left; x < right; x++) {
        gradient[x] += sharpness * (gradient[x] - 2.0f * scale[x] * mean);
      }
    }
  }
}

double band_compare(band *b, const semvec_scene *scene, const semvec_objective *objective)
{
  double total = 0.0;
  int width = scene->width;
  float scale = 1.0f / ((float)CHANNELS * (float)width * (float)scene->height);
  for (int row = b->top; row < b->top + b->rows; row++) {
    size_t pixel = (size_t)row * (size_t)width;
    float *row_scale = row_of(b->error_scale, b, row, 0);
    for (int x = 0; x < width; x++) {
      row_scale[x] = objective->weight ? scale * objective->weight[pixel + (size_t)x] : scale;
    }
    total += (double)compare_row(b, row, objective->target + pixel * CHANNELS, width);
  }
  for (int left = 0; objective->sharpness > 0.0f && left < width; left += BLOCK_COLUMNS) {
    int right = left + BLOCK_COLUMNS < width ? left + BLOCK_COLUMNS : width;
    sharpen_block(b, left, right, objective->sharpness);
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
