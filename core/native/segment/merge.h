/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Merging the regions of a partition, in place.
 */
#ifndef SEMVEC_MERGE_H
#define SEMVEC_MERGE_H

#include "partition.h"

/* Merge regions by the edge-aware Ward cost until `target` are left. Islands cannot be merged,
 * so more may be left; flat neighbors of one color always are, so it may be fewer. Regions of
 * fewer than minimum_area pixels are merged first. region_count: the number of regions left.
 * Returns a status. */
int semvec_merge_regions(const semvec_partition *partition, int target, int minimum_area,
                         int32_t *region_count);

/* Merge every region of fewer than minimum_area pixels, the smallest first, into the neighbor
 * nearest in color. Small islands remain, because they have no neighbor. Returns a status. */
int semvec_absorb_small_regions(const semvec_partition *partition, int minimum_area,
                                int32_t *region_count);

#endif
