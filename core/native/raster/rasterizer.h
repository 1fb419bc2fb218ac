/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The differentiable rasterizer: painter's-order compositing of closed cubic paths with
 * exact-area coverage, and the gradients of a loss of the image for points, colors and ramps.
 *
 *   scene.c      the input and its validity
 *   flatten.c    cubics -> chords and bounding boxes, and gradients back to the points
 *   runs.c       the chords of each path, sorted into bands
 *   tile.c       squares of 8 x 8 pixels
 *   target_tiles.c  the target in tiles
 *   coverage.c   chords -> winding per tile of a path, and gradients back to the chords
 *   band.c       planes of the tiles of a few rows
 *   ramp.c       the colors of gradient fills, and gradients back to their axes
 *   loss.c       the loss of the image and its gradient
 *   composite.c  winding -> image and back, band by band:
 *     cover.c      chords of all paths of a band -> winding
 *     forward.c    winding and fills -> colors
 *     backward.c   gradients of colors -> those of winding and fills
 *   rasterizer.c the exported functions, which run these in order
 *
 * There is no global state, so calls from several threads are independent.
 */
#ifndef SEMVEC_RASTERIZER_H
#define SEMVEC_RASTERIZER_H

#include "loss.h"

/* Places for the results of a backward pass. Mirrored by Gradients in
 * core/native/structures.py. */
typedef struct {
  float *image;          /* [height, width, 3], or NULL */
  double *squared_error; /* [1]: the first term of the loss; or NULL */
  point *points;         /* [point_count] */
  float *colors;         /* [path_count, 4] */
  float *removal_cost;   /* [path_count], or NULL */
  float *ramp_axes;      /* [path_count, 4], where the scene has ramps */
  float *ramp_colors;    /* [path_count, 3], where the scene has ramps */
} semvec_gradients;

/* Read a target into tiles, and make it a place for memory that steps use again. Steps with one
 * comparison must not overlap. Returns a status; semvec_comparison_free takes NULL as well. */
int semvec_comparison_create(const semvec_target *target, semvec_comparison **comparison);
void semvec_comparison_free(semvec_comparison *comparison);

/* Draw a scene into `image` [height, width, 3], on up to `threads` threads. Returns a status. */
int semvec_render(const semvec_scene *scene, int threads, float *image);

/* Draw a scene and find the gradients of the loss for its points, colors and ramps; those of
 * flat paths' ramps are 0. The result does not depend on `threads`. removal_cost: the rise of
 * the squared error if the path were removed and nothing else moved; NaN where the objective
 * has no target, has sharpness or skips what is covered. Returns a status. */
int semvec_differentiate(const semvec_scene *scene, const semvec_objective *objective, int threads,
                         const semvec_gradients *gradients);

#endif
