/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Gradients that keep outlines from turning saw-toothed on pixel noise.
 */
#ifndef SEMVEC_PENALTIES_H
#define SEMVEC_PENALTIES_H

#include "../paths.h"

/* Add to `gradient` [point_count] those of three penalties times their weights.
 *
 * fairness: of the squared change, from point to point, of the offset of each control point from
 * the middle between its neighbors. 0 where the control polygon bends evenly.
 * smoothness: both handles u (arriving) and v (leaving) of an anchor share the tangent u + v; each
 * is moved to it, the less the more the outline turns, and not from 60 degrees on.
 * spikes: anchors where the outline turns by more than 100 degrees are moved between their handles,
 * the more the sharper.
 * Returns a status. */
int semvec_add_penalties(const semvec_paths *paths, float fairness, float smoothness, float spikes,
                         float *gradient);

#endif
