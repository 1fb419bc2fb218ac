/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The pixels of one band, as planes of tiles.
 */
#ifndef SEMVEC_BAND_H
#define SEMVEC_BAND_H

#include "scene.h"
#include "tile.h"

/* Each plane has one tile for each column of tiles. What lies beyond the canvas has error scale 0
 * and gradient 0. */
typedef struct {
  int top, rows, width, across; /* first row and number of rows, of pixels; canvas; tiles */
  tile *color[CHANNELS];
  tile *gradient[CHANNELS]; /* d(loss)/d(color) */
  tile *transmittance;      /* of all paths above the one at hand */
  tile *error_scale;        /* weight / (3·height·width): the error is scale·|image - target|^2 */
} band;

/* Allocate planes for any band of the scene. Returns 0 without memory. */
int band_create(band *b, const semvec_scene *scene);
void band_free(band *b);

/* Make it the band with this index. */
void band_move(band *b, const semvec_scene *scene, int index);

/* Read the band's rows of an image [height, width, 3] into three planes; 0 beyond the canvas. */
void band_load_image(const band *b, tile *const planes[CHANNELS], const float *image);

/* Fill the color planes with the scene's background. */
void band_load_background(const band *b, const semvec_scene *scene);

/* Write the color planes to the band's rows of an image [height, width, 3]. */
void band_store(const band *b, float *image);

#endif
