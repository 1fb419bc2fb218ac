/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Fills that go from a path's own color to another one: rows of pixels of such paths.
 * core/drawing.py (Ramp) says how far along, t in [0, 1], a place is. A pixel has one color,
 * that of its center; the derivatives of t are zero where it is clamped.
 */
#ifndef SEMVEC_RAMP_H
#define SEMVEC_RAMP_H

#include "raster.h"

enum { RAMP_FLAT = 0, RAMP_LINEAR = 1, RAMP_RADIAL = 2 };

/* One path's ramp, ready to be evaluated. */
typedef struct {
  int kind;
  point start, way; /* way: from start to end */
  float scale;      /* radial: 1/|way|, linear: its square; 0 where there is no way to go */
} ramp;

/* What the pixels of one row add to the gradients of both colors of a path. */
typedef struct {
  float start[CHANNELS], end[CHANNELS];
} ramp_color_sums;

/* Whether nothing in a path's ramp forbids to draw it; so it is for flat paths. */
int ramp_is_finite(const ramps *all, int path);

ramp ramp_of(const ramps *all, int path);

/* t of the pixels of a row, from column `left` on. */
void ramp_positions(const ramp *r, int left, int row, int count, float *t);

/* Paint one channel of a row: plane += alpha · (color - plane), and keep color - plane. */
void ramp_paint_row(float *plane, float *difference, const float *winding, const float *t,
                    int count, float opacity, float start, float end);

/* The way back of a row, to both colors (RGB) and to t. red, green, blue: d(loss)/d(image). */
ramp_color_sums ramp_unpaint_row(const float *red, const float *green, const float *blue,
                                 const float *transmittance, const float *winding,
                                 const float *t, float *t_gradient, int count, float opacity,
                                 const float *start, const float *end);

/* Add to axis_gradient (start, end) what the row's gradients of t come to. */
void ramp_add_axis_gradient(const ramp *r, int left, int row, int count, const float *t,
                            const float *t_gradient, double *axis_gradient);

#endif
