/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Outlines of a mask along the cracks between its pixels.
 */
#ifndef SEMVEC_CONTOURS_H
#define SEMVEC_CONTOURS_H

#include <stdint.h>

/* Write all outlines of `pixels` [height, width], one after the other, as the vertices of
 * their cracks (a crack is the side between an inside and an outside pixel).
 *
 * vertices [capacity, 2]: x and y, counter-clockwise on screen around the inside;
 * capacity: the number of cracks; starts [capacity / 4 + 1]: first vertex of each outline, then
 * the end; outlines: the number of outlines. Returns a status. */
int semvec_follow_outlines(const uint8_t *pixels, int height, int width, int capacity,
                           int32_t *vertices, int32_t *starts, int32_t *outlines);

#endif
