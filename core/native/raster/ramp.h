/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rows of pixels of paths with a gradient fill. core/drawing.py (Ramp) defines the position t
 * in [0, 1] along a ramp. A pixel has one color, that at its center; the derivatives of t are
 * zero where it is clamped.
 */
#ifndef SEMVEC_RAMP_H
#define SEMVEC_RAMP_H

#include "scene.h"

/* The ramp of one path, with what is derived from its axis. */
typedef struct {
  int kind;
  point start, axis; /* axis: from start to end */
  float scale;       /* radial: 1/|axis|; linear: its square; 0 for an axis without length */
  const float *start_color, *end_color; /* RGB */
  float opacity;
} ramp;

/* A run of pixels in one row. */
typedef struct {
  int left, row, count;
} pixel_run;

/* What the pixels of a run add to the gradients of both colors of a ramp. */
typedef struct {
  float start[CHANNELS], end[CHANNELS];
} ramp_color_sums;

/* Rows that the backward pass of a run reads. */
typedef struct {
  const float *red, *green, *blue; /* d(loss)/d(image) */
  const float *transmittance;
  const float *winding;
} ramp_rows;

/* Returns 1 where the axis of the path's ramp is finite, and for flat paths. */
int ramp_is_finite(const semvec_ramps *ramps, int path);

/* The ramp of a path; the kind alone is set for flat paths. */
ramp ramp_of(const semvec_scene *scene, int path);

/* Write t at each pixel of the run. */
void ramp_positions(const ramp *r, pixel_run run, float *t);

/* Paint one channel of a run: plane += alpha · (color - plane), where color - plane is written
 * to `difference`. */
void ramp_paint_row(const ramp *r, int channel, int count, const float *winding, const float *t,
                    float *plane, float *difference);

/* The gradients of both colors, and d(loss)/d(t) of each pixel in `t_gradient`. */
ramp_color_sums ramp_unpaint_row(const ramp *r, const ramp_rows *rows, int count, const float *t,
                                 float *t_gradient);

/* Add the gradient of the axis (start, end), given d(loss)/d(t) of each pixel of the run. */
void ramp_add_axis_gradient(const ramp *r, pixel_run run, const float *t, const float *t_gradient,
                            double *axis_gradient);

#endif
