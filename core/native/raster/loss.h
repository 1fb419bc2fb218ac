/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The loss of an image against a target, and its gradient. With E the sum over all pixels,
 *   loss = E(weight·|image - target|^2) / (3·height·width)
 *        + sharpness·E(weight·|image - target - its weighted mean over 8 x 8 pixels|^2)
 *          / (3·height·width)
 *        + containment·(coverage outside of the path's region)·2 / (3·height·width),
 *          summed over all paths.
 * The last term is added where coverage is known, in backward.c. Mirrored by Objective in
 * core/native/structures.py.
 */
#ifndef SEMVEC_LOSS_H
#define SEMVEC_LOSS_H

#include "band.h"
#include "target_tiles.h"

/* A target, and memory that its steps use again (rasterizer.c). */
typedef struct semvec_comparison semvec_comparison;

/* Either a target to compare with, or the gradient of any other loss. */
typedef struct {
  semvec_comparison *comparison; /* or NULL */
  const float *image_gradient;   /* [height, width, 3]: d(loss)/d(image), where that is NULL */
  const int *path_regions;       /* [path_count], or NULL for no containment; the paths with a
                                    negative one are free */
  const float *containment;      /* [path_count] */
  float sharpness;
  int skips_covered; /* 1: what lies beneath opaque cover isn't drawn. There are no removal costs,
                        and the gradients of the opacities of opaque paths are 0. */
} semvec_objective;

/* The first term of the loss over the pixels of a band, given the target's tiles there. Fills the
 * band's gradients with the gradient of the first two terms. Blocks are tiles. */
double band_compare(band *b, const target_tile *targets, float sharpness);

/* The gradient of a path's containment per pixel of coverage outside, or 0 for a free path. */
float containment_cost(const semvec_scene *scene, const semvec_objective *objective, int path);

#endif
