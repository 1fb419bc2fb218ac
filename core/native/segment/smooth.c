/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Each pass uses the 3 x 3 neighbors at a wider distance than the pass before, as in
 * the edge-avoiding wavelets of Dammertz et al., "Edge-Avoiding A-Trous Wavelet
 * Transform" (2010). Three passes of 8 neighbors replace a bilateral filter
 * with 81. A neighbor's weight falls to exactly 0 at a color distance (Tukey's biweight),
 * so no exponential is needed.
 */
#include "smooth.h"

#include "../parallel.h"
#include "../status.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { BAND_ROWS = 16, BLOCK = 128 };

/* Distances of the neighbors in the passes, in pixels. */
static const int DISTANCES[3] = {1, 2, 3};

/* Colors further apart than this (Lab / 100) do not mix. */
static const float FARTHEST_COLOR = 0.147f;

typedef struct {
  const float *from; /* [3, height, width] */
  float *to;
  int height, width, distance;
} smoothing_pass;

/* Weighted sums over the neighbors of up to BLOCK pixels of one row. */
typedef struct {
  int first, end; /* columns */
  float difference[3][BLOCK], weight[BLOCK];
} block_sums;

/* Add the neighbors at the offset (right, down), where they are on the image. */
static void add_neighbor(const smoothing_pass *pass, int row, int right, int down, float weight,
                         block_sums *sums)
{
  if (row + down < 0 || row + down >= pass->height) {
    return;
  }
  const float per_square = 1.0f / (FARTHEST_COLOR * FARTHEST_COLOR);
  int first = sums->first > -right ? sums->first : -right;
  int end = sums->end < pass->width - right ? sums->end : pass->width - right;
  size_t plane = (size_t)pass->height * pass->width;
  ptrdiff_t to_neighbor = (ptrdiff_t)down * pass->width + right;
  const float *own = pass->from + (size_t)row * pass->width;
  for (int x = first; x < end; x++) {
    const float *pixel = own + x, *neighbor = pixel + to_neighbor;
    float d0 = neighbor[0] - pixel[0];
    float d1 = neighbor[plane] - pixel[plane];
    float d2 = neighbor[2 * plane] - pixel[2 * plane];
    float closeness = 1.0f - (d0 * d0 + d1 * d1 + d2 * d2) * per_square;
    closeness = closeness > 0.0f ? closeness : 0.0f;
    float w = weight * closeness * closeness;
    int i = x - sums->first;
    sums->difference[0][i] += w * d0;
    sums->difference[1][i] += w * d1;
    sums->difference[2][i] += w * d2;
    sums->weight[i] += w;
  }
}

static void smooth_block(const smoothing_pass *pass, int row, int first, int end)
{
  block_sums sums;
  memset(&sums, 0, sizeof(sums));
  sums.first = first;
  sums.end = end;
  for (int down = -1; down <= 1; down++) {
    for (int right = -1; right <= 1; right++) {
      float weight = down == 0 || right == 0 ? 0.5f : 0.25f;
      if (down != 0 || right != 0) {
        add_neighbor(pass, row, right * pass->distance, down * pass->distance, weight, &sums);
      }
    }
  }
  size_t plane = (size_t)pass->height * pass->width;
  for (int c = 0; c < 3; c++) {
    size_t start = c * plane + (size_t)row * pass->width + first;
    for (int i = 0; i < end - first; i++) { /* the pixel itself has weight 1 */
      pass->to[start + i] = pass->from[start + i] + sums.difference[c][i] / (1.0f + sums.weight[i]);
    }
  }
}

static void smooth_band(void *context, int band)
{
  const smoothing_pass *pass = context;
  int first_row = band * BAND_ROWS;
  int end_row = first_row + BAND_ROWS < pass->height ? first_row + BAND_ROWS : pass->height;
  for (int row = first_row; row < end_row; row++) {
    for (int first = 0; first < pass->width; first += BLOCK) {
      smooth_block(pass, row, first, first + BLOCK < pass->width ? first + BLOCK : pass->width);
    }
  }
}

int semvec_smooth(const float *lab, int height, int width, int threads, float *smooth)
{
  if (height <= 0 || width <= 0) {
    return SEMVEC_INVALID;
  }
  size_t size = 3 * (size_t)height * width * sizeof(float);
  float *between = malloc(size);
  if (between == NULL) {
    return SEMVEC_NO_MEMORY;
  }
  int bands = (height + BAND_ROWS - 1) / BAND_ROWS;
  smoothing_pass passes[3] = {
      {lab, smooth, height, width, DISTANCES[0]},
      {smooth, between, height, width, DISTANCES[1]},
      {between, smooth, height, width, DISTANCES[2]},
  };
  for (int i = 0; i < 3; i++) {
    semvec_parallel_for(threads, bands, smooth_band, &passes[i]);
  }
  free(between);
  return SEMVEC_OK;
}
