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
  float *image;              /* [height, width, 3], or NULL */
  double *squared_error;     /* per band, where there is a target */
  band_sums *parts;          /* per path and band that its box touches; NULL: no backward pass */
  ramp_sums *ramp_parts;     /* the same, zeroed, where the scene has ramps */
  chord_integral *integrals; /* of chords in bands, zeroed, where there is a backward pass */
} composite_result;

/* Composite a scene. With a place for `parts` the backward pass follows. Returns a status. */
int composite(const semvec_scene *scene, const flat_scene *flat, const run_lists *runs,
              const semvec_objective *objective, int threads, const composite_result *result);

#endif
