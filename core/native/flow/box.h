/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Means over squares of pixels.
 */
#ifndef SEMVEC_BOX_H
#define SEMVEC_BOX_H

/* Write the means of `values` [height, width] over squares of 2 * reach + 1 pixels to `means`,
 * of the same shape; the edges of the picture are repeated. Returns a status. */
int semvec_box_mean(const float *values, int height, int width, int reach, float *means);

#endif
