/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The pixels of one band of rows, as planes of floats.
 */
#ifndef SEMVEC_BAND_H
#define SEMVEC_BAND_H

#include "scene.h"

#include <stddef.h>

/* Each plane has `rows` rows of `stride` floats: the width of the canvas and some padding. */
typedef struct {
  int top, rows, stride;
  float *color[CHANNELS];
  float *gradient[CHANNELS]; /* d(loss)/d(color) */
  float *transmittance;      /* of all paths above the one at hand */
  float *error_scale;        /* weight / (3·height·width): the error is scale·|image - target|^2 */
} band;

/* Allocate the planes of a band, zeroed. Returns 0 without memory. */
int band_create(band *b, const semvec_scene *scene, int index);
void band_free(band *b);

/* Read the band's rows of an image [height, width, 3] into three planes. */
void band_load_image(const band *b, float *const planes[CHANNELS], const float *image, int width);

/* Fill the color planes with the scene's background. */
void band_load_background(const band *b, const semvec_scene *scene);

/* Write the color planes to the band's rows of an image [height, width, 3]. */
void band_store(const band *b, float *image, int width);

/* The address of the pixel (row, column) of the canvas in a plane. */
static inline float *row_of(float *plane, const band *b, int row, int column)
{
  return plane + (size_t)(row - b->top) * (size_t)b->stride + column;
}

#endif
