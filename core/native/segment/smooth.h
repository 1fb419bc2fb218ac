/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Edge-preserving smoothing: a bilateral filter on a sparse grid of neighbors.
 */
#ifndef SEMVEC_SMOOTH_H
#define SEMVEC_SMOOTH_H

/* Smooth `lab` [3, height, width] (CIE Lab / 100) into `smooth`, of the same shape. Returns a
 * status. */
int semvec_smooth(const float *lab, int height, int width, int threads, float *smooth);

#endif
