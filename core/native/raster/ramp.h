/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tiles of paths with a gradient fill. core/drawing.py (Ramp) defines the position t
 * in [0, 1] along a ramp. A pixel has one color, that at its center; the derivatives of t are
 * zero where it is clamped.
 */
#ifndef SEMVEC_RAMP_H
#define SEMVEC_RAMP_H

#include "scene.h"
#include "tile.h"

/* The ramp of one path, with what is derived from its axis. */
typedef struct {
  int kind;
  point start, axis; /* axis: from start to end */
  float scale;       /* radial: 1/|axis|; linear: its square; 0 for an axis without length */
  const float *start_color, *end_color; /* RGB */
  float opacity;
} ramp;

/* The first pixel of a tile on the canvas. */
typedef struct {
  int left, top;
} tile_place;

/* Tiles that the backward pass reads. */
typedef struct {
  const tile *gradient[CHANNELS]; /* d(loss)/d(image) */
  const tile *transmittance;
  const tile *winding;
} ramp_tiles;

/* Returns 1 where the axis of the path's ramp is finite, and for flat paths. */
int ramp_is_finite(const semvec_ramps *ramps, int path);

/* The ramp of a path; the kind alone is set for flat paths. */
ramp ramp_of(const semvec_scene *scene, int path);

/* Write t at each pixel of the tile. */
void ramp_positions(const ramp *r, tile_place place, tile *t);

/* Write one channel of the color at each pixel. */
void ramp_fill(const ramp *r, int channel, const tile *t, tile *fill);

/* Add the gradients of both colors [3], and write d(loss)/d(t) of each pixel. */
void ramp_propagate(const ramp *r, const ramp_tiles *tiles, const tile *t, double *start_gradient,
                    double *end_gradient, tile *t_gradient);

/* Add the gradient of the axis (start, end), given d(loss)/d(t) of each pixel. */
void ramp_add_axis_gradient(const ramp *r, tile_place place, const tile *t, const tile *t_gradient,
                            double *axis_gradient);

#endif
