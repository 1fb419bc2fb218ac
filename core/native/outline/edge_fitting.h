/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Fits a closed edge that was located at sub-pixel precision with cubic Béziers.
 */
#ifndef SEMVEC_EDGE_FITTING_H
#define SEMVEC_EDGE_FITTING_H

#include <stdint.h>

/* A ring of evenly spaced samples, cut open at sample 0: all arrays have count + 1 entries, of
 * which the last equals the first. Of an open line, the first and the last are corners; it has
 * two samples at least. Mirrored by Edge in core/native/structures.py. */
typedef struct {
  const double *points;   /* [count + 1, 2] */
  const double *arriving; /* [2, count + 1, 2]: unit tangents just before each sample */
  const double *leaving;  /* [2, count + 1, 2]: unit tangents just after it */
  const double *weights;  /* [count + 1]: 1 / limit^2, the limit being the largest distance */
  const double *prices;   /* [count + 1]: cost of a distance of the limit, in cubics */
  const uint8_t *corners; /* [count + 1]: samples that become nodes; tangents are free there */
  int count;
} semvec_edge;

/* Fit an edge. controls [3 * count, 2]: anchor, handle, handle of each cubic; segments: the
 * number of cubics. Returns a status. */
int semvec_fit_edge(const semvec_edge *edge, double *controls, int32_t *segments);

#endif
