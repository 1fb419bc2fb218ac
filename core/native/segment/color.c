/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "color.h"

#include "../parallel.h"
#include "../status.h"

#include <stddef.h>

enum { PIXELS_PER_PIECE = 16384 };

/* The value of outside pixels: so far from every color that nothing mixes with them. */
static const float OUTSIDE = 1000.0f;

/* Linear sRGB to XYZ, each row divided by the white point's value (D65). */
static const float XYZ_FROM_RGB[3][3] = {
    {0.4339499f, 0.3762098f, 0.1898403f},
    {0.2126729f, 0.7151521f, 0.0721750f},
    {0.0177566f, 0.1094680f, 0.8727754f},
};

typedef struct {
  const float *rgb;
  const uint8_t *inside;
  int pixels;
  /* Both curves are tables over [0, 1]: exp and cbrt differ between C libraries, and the same
   * image must give the same masks everywhere. */
  const float *linear, *root;
  int table_size;
  float *lab;
} conversion;

static float look_up(const float *table, int size, float value)
{
  float position = (value > 0.0f ? value < 1.0f ? value : 1.0f : 0.0f) * (float)(size - 1);
  int index = (int)position;
  index = index < size - 2 ? index : size - 2;
  return table[index] + (position - (float)index) * (table[index + 1] - table[index]);
}

static void convert_pixel(const conversion *job, int pixel)
{
  float linear[3], root[3];
  for (int c = 0; c < 3; c++) {
    linear[c] = look_up(job->linear, job->table_size, job->rgb[3 * (size_t)pixel + c]);
  }
  for (int c = 0; c < 3; c++) {
    const float *row = XYZ_FROM_RGB[c];
    float xyz = row[0] * linear[0] + row[1] * linear[1] + row[2] * linear[2];
    root[c] = look_up(job->root, job->table_size, xyz);
  }
  float *lab = job->lab + pixel;
  size_t plane = (size_t)job->pixels;
  int inside = job->inside[pixel];
  lab[0] = inside ? 1.16f * root[1] - 0.16f : OUTSIDE;
  lab[plane] = inside ? 5.0f * (root[0] - root[1]) : OUTSIDE;
  lab[2 * plane] = inside ? 2.0f * (root[1] - root[2]) : OUTSIDE;
}

static void convert_piece(void *context, int index)
{
  const conversion *job = context;
  int first = index * PIXELS_PER_PIECE;
  int end = job->pixels - first < PIXELS_PER_PIECE ? job->pixels : first + PIXELS_PER_PIECE;
  for (int pixel = first; pixel < end; pixel++) {
    convert_pixel(job, pixel);
  }
}

int semvec_lab(const float *rgb, const uint8_t *inside, int pixels, const float *linear,
               const float *root, int table_size, int threads, float *lab)
{
  if (pixels < 0 || table_size < 2) {
    return SEMVEC_INVALID;
  }
  conversion job = {rgb, inside, pixels, linear, root, table_size, lab};
  int pieces = pixels / PIXELS_PER_PIECE + (pixels % PIXELS_PER_PIECE != 0);
  semvec_parallel_for(threads, pieces, convert_piece, &job);
  return SEMVEC_OK;
}
