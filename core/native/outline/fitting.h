/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Fits a closed outline with cubic Béziers, with as few nodes as the tolerance allows.
 */
#ifndef SEMVEC_FITTING_H
#define SEMVEC_FITTING_H

#include <stdint.h>

/* A ring of evenly spaced samples, cut open at sample 0: all arrays have count + 1 entries, of
 * which the last equals the first. Mirrored by Ring in core/native/structures.py. */
typedef struct {
  const double *points;   /* [count + 1, 2] */
  const double *arriving; /* [2, count + 1, 2]: unit tangents just before each sample */
  const double *leaving;  /* [2, count + 1, 2]: unit tangents just after it */
  const double *weights;  /* [count + 1]: 1 / tolerance^2 */
  const uint8_t *corners; /* [count + 1]: 0 none, 1 small, 2 large */
  int count;
} semvec_ring;

/* Fit a ring. controls [3 * count, 2]: anchor, handle, handle of each cubic; starts [count]: the
 * sample at which each cubic starts; segments: the number of cubics. Returns a status. */
int semvec_fit_ring(const semvec_ring *ring, double *controls, int32_t *starts, int32_t *segments);

#endif
