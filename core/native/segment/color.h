/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * sRGB to CIE Lab, in which equal distances look about equally different.
 */
#ifndef SEMVEC_COLOR_H
#define SEMVEC_COLOR_H

#include <stdint.h>

/* Convert `rgb` [pixels, 3], sRGB in [0, 1], to `lab` [3, pixels], CIE Lab / 100.
 *
 * Values out of range are clamped, NaN counts as 0. Pixels where `inside` is 0 become a
 * color far from all others. linear, root [table_size]: the transfer function of sRGB
 * and the cube root of Lab with its linear part near 0, at table_size even steps over [0, 1].
 * Returns a status. */
int semvec_lab(const float *rgb, const uint8_t *inside, int pixels, const float *linear,
               const float *root, int table_size, int threads, float *lab);

#endif
