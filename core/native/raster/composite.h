/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Painter's-order compositing of a flattened scene, and its backward pass.
 */
#ifndef SEMVEC_COMPOSITE_H
#define SEMVEC_COMPOSITE_H

#include "coverage.h"
#include "loss.h"

/* What the pixels of one band add to the sums of one path. */
typedef struct {
  double color[4]; /* gradient, RGBA */
  double removal_cost;
} band_sums;

/* The same for what only a path with a gradient fill has. */
typedef struct {
  double axis[4], color[CHANNELS]; /* gradients: start and end; color at the end */
} ramp_sums;

typedef struct {
  const semvec_scene *scene;
  const flat_scene *flat;
  const run_lists *runs;
  const semvec_objective *objective;
  const target_tiles *target; /* or NULL */
} composite_input;

typedef struct {
  float *image;              /* [height, width, 3], or NULL */
  double *squared_error;     /* per band, where there is a target */
  band_sums *parts;          /* per path and band that its box touches; NULL: no backward pass */
  ramp_sums *ramp_parts;     /* the same, zeroed, where the scene has ramps */
  chord_integral *integrals; /* of chords in bands, zeroed, where there is a backward pass */
} composite_result;

typedef struct band_work band_work;

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
