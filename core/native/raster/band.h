/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The pixels of one band, tile by tile.
 */
#ifndef SEMVEC_BAND_H
#define SEMVEC_BAND_H

#include "scene.h"
#include "tile.h"

/* What lies beyond the canvas has gradient 0. One tile's channels lie side by side: planes of a
 * width that is a power of two would share the same lines of the processor's cache. */
typedef struct {
  tile color[CHANNELS];
  tile gradient[CHANNELS]; /* d(loss)/d(color) */
  tile transmittance;      /* of all paths above the one at hand */
} band_tile;

typedef struct {
  int top, rows, width, across; /* first row and number of rows, of pixels; canvas; tiles */
  band_tile *tiles;             /* one for each column */
} band;

/* Allocate tiles for any band of the scene. Returns 0 without memory. */
int band_create(band *b, const semvec_scene *scene);
void band_free(band *b);

/* Make it the band with this index. */
void band_move(band *b, const semvec_scene *scene, int index);

/* Read the band's rows of d(loss)/d(image) [height, width, 3]. */
void band_load_gradient(band *b, const float *image_gradient);

/* Fill the colors with the scene's background. */
void band_load_background(band *b, const semvec_scene *scene);

/* Write the colors to the band's rows of an image [height, width, 3]. */
void band_store(const band *b, float *image);

#endif
