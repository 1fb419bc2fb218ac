/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Keeps closed cubic paths free of self-crossings, cusps and hair-thin parts while an optimizer
 * moves their control points.
 */
#ifndef SEMVEC_SIMPLICITY_H
#define SEMVEC_SIMPLICITY_H

#include "../paths.h"

/* Correct `points` in place after an optimizer's step from `before->points`: a path that was
 * simple and large enough before the step is so after it.
 * minimum_area: px^2; minimum_thickness: px, twice the area of a path over its perimeter.
 * reverted [point_count]: set to 1 for each point that was moved back, else to 0.
 * Returns a status. */
int semvec_keep_simple(const semvec_paths *before, float minimum_area, float minimum_thickness,
                       int threads, float *points, unsigned char *reverted);

#endif
