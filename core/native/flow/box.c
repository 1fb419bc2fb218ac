/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "box.h"

#include "../status.h"

#include <stddef.h>
#include <stdlib.h>

/* Beyond this, sums of an index and the reach would not be integers. */
enum { LARGEST_REACH = 1 << 20 };

static int clamped(int index, int size)
{
  return index < 0 ? 0 : index < size ? index : size - 1;
}

static void add_row(const float *row, int width, double *sums)
{
  for (int column = 0; column < width; column++) {
    sums[column] += row[column];
  }
}

/* Move the squares of all columns down by one row. */
static void exchange_rows(const float *entering, const float *leaving, int width, double *sums)
{
  for (int column = 0; column < width; column++) {
    sums[column] += (double)entering[column] - (double)leaving[column];
  }
}

/* `sums` are those of each column over the rows of the square. */
static void row_means(const double *sums, int width, int reach, float *means)
{
  double share = 1.0 / ((2.0 * reach + 1.0) * (2.0 * reach + 1.0)), sum = 0.0;
  for (int column = -reach; column <= reach; column++) {
    sum += sums[clamped(column, width)];
  }
  for (int column = 0; column < width; column++) {
    means[column] = (float)(sum * share);
    sum += sums[clamped(column + reach + 1, width)] - sums[clamped(column - reach, width)];
  }
}

int semvec_box_mean(const float *values, int height, int width, int reach, float *means)
{
  if (height <= 0 || width <= 0 || reach < 0 || reach > LARGEST_REACH) {
    return SEMVEC_INVALID;
  }
  double *sums = calloc((size_t)width, sizeof *sums);
  if (!sums) {
    return SEMVEC_NO_MEMORY;
  }
  for (int row = -reach; row <= reach; row++) {
    add_row(values + (size_t)clamped(row, height) * width, width, sums);
  }
  for (int row = 0; row < height; row++) {
    row_means(sums, width, reach, means + (size_t)row * width);
    const float *entering = values + (size_t)clamped(row + reach + 1, height) * width;
    const float *leaving = values + (size_t)clamped(row - reach, height) * width;
    exchange_rows(entering, leaving, width, sums);
  }
  free(sums);
  return SEMVEC_OK;
}
