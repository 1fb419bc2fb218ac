/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The distance of each pixel of a mask to the mask's edge.
 */
#ifndef SEMVEC_DISTANCE_H
#define SEMVEC_DISTANCE_H

#include <stdint.h>

/* Write the distance of each pixel of a mask to the nearest pixel outside of it, from center to
 * center, less the half pixel to the edge; 0 outside of the mask. What is outside of the image does
 * not count: where nothing else is outside, the distance is height + width - 0.5. The time is
 * linear in the number of pixels (Meijster, Roerdink and Hesselink, "A general algorithm for
 * computing distance transforms in linear time", 2000).
 *
 * mask, distances [height, width]; mask: not 0 inside. Returns a status. */
int semvec_distances(const uint8_t *mask, int height, int width, float *distances);

#endif
