/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gradient.h"

#include "../parallel.h"
#include "../status.h"

#include <math.h>
#include <stddef.h>

enum { BAND_ROWS = 16 };

typedef struct {
  const float *lab;
  const uint8_t *inside;
  int height, width;
  float *gradient;
} gradient_job;

/* The neighbor, or the pixel itself where the neighbor does not exist or is outside. */
static size_t neighbor_or_self(const gradient_job *job, size_t pixel, int exists, ptrdiff_t step)
{
  return exists && job->inside[pixel + step] ? pixel + step : pixel;
}

/* Central differences are zero at a line one pixel wide, so it gets a basin of its own. The
 * largest of the one-sided differences would lose such lines. */
static float gradient_at(const gradient_job *job, int row, int column)
{
  size_t plane = (size_t)job->height * job->width;
  size_t pixel = (size_t)row * job->width + column;
  size_t left = neighbor_or_self(job, pixel, column > 0, -1);
  size_t right = neighbor_or_self(job, pixel, column + 1 < job->width, 1);
  size_t above = neighbor_or_self(job, pixel, row > 0, -(ptrdiff_t)job->width);
  size_t below = neighbor_or_self(job, pixel, row + 1 < job->height, job->width);
  float square = 0.0f;
  for (int c = 0; c < 3; c++) {
    const float *values = job->lab + c * plane;
    float x = values[right] - values[left], y = values[below] - values[above];
    square += x * x + y * y;
  }
  return 0.5f * sqrtf(square);
}

static void gradient_band(void *context, int band)
{
  const gradient_job *job = context;
  int first_row = band * BAND_ROWS;
  int end_row = first_row + BAND_ROWS < job->height ? first_row + BAND_ROWS : job->height;
  for (int row = first_row; row < end_row; row++) {
    for (int column = 0; column < job->width; column++) {
      size_t pixel = (size_t)row * job->width + column;
      job->gradient[pixel] = job->inside[pixel] ? gradient_at(job, row, column) : 0.0f;
    }
  }
}

int semvec_gradient(const float *lab, const uint8_t *inside, int height, int width, int threads,
                    float *gradient)
{
  if (height <= 0 || width <= 0) {
    return SEMVEC_INVALID;
  }
  gradient_job job = {lab, inside, height, width, gradient};
  semvec_parallel_for(threads, (height + BAND_ROWS - 1) / BAND_ROWS, gradient_band, &job);
  return SEMVEC_OK;
}
