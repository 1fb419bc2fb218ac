/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The magnitude of the color gradient at each pixel.
 */
#ifndef SEMVEC_GRADIENT_H
#define SEMVEC_GRADIENT_H

#include <stdint.h>

/* Write the magnitude of the color gradient of `lab` [3, height, width], per pixel, to
 * `gradient` [height, width]. Pixels where `inside` is 0 are ignored. Returns a status. */
int semvec_gradient(const float *lab, const uint8_t *inside, int height, int width, int threads,
                    float *gradient);

#endif
