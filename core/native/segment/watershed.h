/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Watershed by flooding: every regional minimum of the gradient becomes a basin, and basins meet
 * where the gradient is steepest.
 */
#ifndef SEMVEC_WATERSHED_H
#define SEMVEC_WATERSHED_H

#include <stdint.h>

/* Divide the pixels where `inside` is set into basins 0, 1, ... of `gradient` [height, width].
 *
 * lab [3, height, width]: colors, for the pixels between basins.
 * minimum_basins: with fewer regional minima than this, basins start on a grid as well, so
 * that there are at least as many of them, or as many as pixels.
 * labels [height, width]: -1 outside; basins: the number of basins. Returns a status. */
int semvec_watershed(const float *gradient, const float *lab, const uint8_t *inside, int height,
                     int width, int minimum_basins, int32_t *labels, int32_t *basins);

#endif
