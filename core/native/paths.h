/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Closed cubic paths, packed as in core/drawing.py (Scene). Mirrored by Paths in
 * core/native/structures.py.
 */
#ifndef SEMVEC_PATHS_H
#define SEMVEC_PATHS_H

#include "point.h"

/* Path p has the sub-paths path_starts[p] to path_starts[p + 1] - 1; sub-path s has the points
 * subpath_starts[s] to subpath_starts[s + 1] - 1: anchor, handle, handle, anchor, ... */
typedef struct {
  const point *points;       /* [point_count] */
  const int *subpath_starts; /* [subpath_count + 1] */
  const int *path_starts;    /* [path_count + 1] */
  int point_count, subpath_count, path_count;
} semvec_paths;

/* Returns 1 where both arrays of starts rise from 0 to their ends and every sub-path has whole
 * segments, so that all indices stay inside the arrays. */
int semvec_paths_are_valid(const semvec_paths *paths);

/* Index of the anchor at which the segment that starts at point `first` ends; the sub-path is
 * made of the points begin to end - 1. */
static inline int following_anchor(int first, int begin, int end)
{
  return first + 3 < end ? first + 3 : begin;
}

#endif
