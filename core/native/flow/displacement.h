/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Displacements from one frame to another: how well blocks of pixels fit, and a step of Lucas and
 * Kanade's method. core/sequence/flow.py has the whole method.
 */
#ifndef SEMVEC_DISPLACEMENT_H
#define SEMVEC_DISPLACEMENT_H

/* Two frames [height, width] of gray, and half the side of their blocks in pixels: each pixel has a
 * block of 2 * reach + 1 pixels around it. */
typedef struct {
  const float *first, *second;
  int height, width, reach;
} semvec_framepair;

/* Write the mean squared difference of each block of the first frame from where its pixels are
 * displaced to in the second one to `cost` [height, width]. `vectors` [height, width, 2] are the
 * displacements (x, y) in pixels. Returns a status. */
int semvec_block_cost(const semvec_framepair *frames, const float *vectors, float *cost);

/* Change the displacements by one step of Lucas and Kanade's method, which solves for the
 * displacement of each block. texture: mean squared gradient below which a block tells little.
 * longest: of a step, in pixels. `confidence` [height, width] gets values in [0, 1], high where a
 * block has texture in both directions. Returns a status. */
int semvec_displacement_step(const semvec_framepair *frames, float texture, float longest,
                             float *vectors, float *confidence);

#endif
