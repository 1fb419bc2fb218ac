/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "displacement.h"

#include "../status.h"
#include "box.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>

/* Share of the texture's squared gradient with which a displacement keeps its value. */
static const float DAMPING = 0.1f;

/* Products of gradients and the wanted displacement, whose means over a block make its system of
 * equations. */
enum { XX, YY, XY, XW, YW, PRODUCTS };

/* NaN becomes 0. */
static float limited(float value, float limit)
{
  return value > 0.0f ? (value < limit ? value : limit) : 0.0f;
}

/* The image at pixel indices, interpolated bilinearly and clamped to its edge. */
static float sampled(const float *image, int height, int width, float x, float y)
{
  x = limited(x, (float)(width - 1));
  y = limited(y, (float)(height - 1));
  int left = (int)x, top = (int)y;
  int right = left + 1 < width ? 1 : 0;
  size_t below = top + 1 < height ? (size_t)width : 0;
  float fx = x - (float)left, fy = y - (float)top;
  const float *upper = image + (size_t)top * width + left, *lower = upper + below;
  float above = upper[0] * (1.0f - fx) + upper[right] * fx;
  float beneath = lower[0] * (1.0f - fx) + lower[right] * fx;
  return above * (1.0f - fy) + beneath * fy;
}

/* Write what each pixel's displacement leads to in the second frame. */
static void displace(const semvec_framepair *frames, const float *vectors, float *moved)
{
  int height = frames->height, width = frames->width;
  for (int row = 0; row < height; row++) {
    for (int column = 0; column < width; column++) {
      size_t pixel = (size_t)row * width + column;
      float x = (float)column + vectors[2 * pixel], y = (float)row + vectors[2 * pixel + 1];
      moved[pixel] = sampled(frames->second, height, width, x, y);
    }
  }
}

/* Half the difference of both neighbors' means of two images, the whole one at an edge. */
static float slope(const float *a, const float *b, ptrdiff_t back, ptrdiff_t ahead, int steps)
{
  float difference = 0.5f * (a[ahead] + b[ahead]) - 0.5f * (a[back] + b[back]);
  return steps == 2 ? 0.5f * difference : difference;
}

static void multiply(const semvec_framepair *frames, const float *moved, const float *vectors,
                     float *products)
{
  int height = frames->height, width = frames->width;
  size_t size = (size_t)height * width;
  for (int row = 0; row < height; row++) {
    ptrdiff_t up = row > 0 ? -(ptrdiff_t)width : 0, down = row + 1 < height ? width : 0;
    for (int column = 0; column < width; column++) {
      size_t pixel = (size_t)row * width + column;
      const float *a = moved + pixel, *b = frames->first + pixel;
      int left = column > 0 ? -1 : 0, right = column + 1 < width ? 1 : 0;
      float x = slope(a, b, left, right, right - left);
      float y = slope(a, b, up, down, (up != 0) + (down != 0));
      /* What the displacement of the whole block must explain: its pixels differ in theirs. */
      float wanted = *b - *a + x * vectors[2 * pixel] + y * vectors[2 * pixel + 1];
      products[XX * size + pixel] = x * x;
      products[YY * size + pixel] = y * y;
      products[XY * size + pixel] = x * y;
      products[XW * size + pixel] = x * wanted;
      products[YW * size + pixel] = y * wanted;
    }
  }
}

/* Solve for the displacement of each block, and take a step towards it. */
static void solve(const float *means, size_t size, float texture, float longest, float *vectors,
                  float *confidence)
{
  float damping = DAMPING * texture;
  for (size_t pixel = 0; pixel < size; pixel++) {
    float *vector = vectors + 2 * pixel;
    float xx = means[XX * size + pixel], yy = means[YY * size + pixel];
    float xy = means[XY * size + pixel];
    float xw = means[XW * size + pixel] + damping * vector[0];
    float yw = means[YW * size + pixel] + damping * vector[1];
    float determinant = fmaxf((xx + damping) * (yy + damping) - xy * xy, 1e-20f);
    float x = ((yy + damping) * xw - xy * yw) / determinant - vector[0];
    float y = ((xx + damping) * yw - xy * xw) / determinant - vector[1];
    float length = sqrtf(x * x + y * y);
    float share = length > longest ? longest / length : 1.0f;
    vector[0] += share * x;
    vector[1] += share * y;
    float least = 0.5f * (xx + yy - sqrtf((xx - yy) * (xx - yy) + 4.0f * xy * xy));
    least = fmaxf(least, 0.0f);
    confidence[pixel] = least / (least + texture);
  }
}

static int is_valid(const semvec_framepair *frames)
{
  return frames->height > 0 && frames->width > 0;
}

int semvec_block_cost(const semvec_framepair *frames, const float *vectors, float *cost)
{
  if (!is_valid(frames)) {
    return SEMVEC_INVALID;
  }
  size_t size = (size_t)frames->height * frames->width;
  float *squares = malloc(size * sizeof *squares);
  if (!squares) {
    return SEMVEC_NO_MEMORY;
  }
  displace(frames, vectors, squares);
  for (size_t pixel = 0; pixel < size; pixel++) {
    float difference = squares[pixel] - frames->first[pixel];
    squares[pixel] = difference * difference;
  }
  int status = semvec_box_mean(squares, frames->height, frames->width, frames->reach, cost);
  free(squares);
  return status;
}

int semvec_displacement_step(const semvec_framepair *frames, float texture, float longest,
                             float *vectors, float *confidence)
{
  if (!is_valid(frames) || !(texture > 0.0f)) {
    return SEMVEC_INVALID;
  }
  size_t size = (size_t)frames->height * frames->width;
  float *products = malloc(2 * PRODUCTS * size * sizeof *products);
  if (!products) {
    return SEMVEC_NO_MEMORY;
  }
  float *means = products + PRODUCTS * size, *moved = means;
  displace(frames, vectors, moved);
  multiply(frames, moved, vectors, products);
  int status = SEMVEC_OK;
  for (int i = 0; i < PRODUCTS && status == SEMVEC_OK; i++) {
    const float *values = products + (size_t)i * size;
    status = semvec_box_mean(values, frames->height, frames->width, frames->reach,
                             means + (size_t)i * size);
  }
  if (status == SEMVEC_OK) {
    solve(means, size, texture, longest, vectors, confidence);
  }
  free(products);
  return status;
}
