/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Painter's-order compositing of a flattened scene, and its backward pass.
 */
#ifndef SEMVEC_COMPOSITE_H
#define SEMVEC_COMPOSITE_H

#include "layers.h"

/* Workers with memory for a band each, which they keep from call to call, for canvases of one
 * width. Begins as {0}. */
typedef struct {
  band_work *bands;
  int count;
} band_workers;

/* Composite a scene. With a place for `parts` the backward pass follows. Returns a status; after a
 * failure the workers are of no use any more. */
int composite(const composite_input *input, int threads, band_workers *workers, arena *memory,
              const composite_result *result);

void band_workers_free(band_workers *workers);

#endif
