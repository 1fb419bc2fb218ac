/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The chords of each path, sorted into the bands that they touch.
 */
#ifndef SEMVEC_RUNS_H
#define SEMVEC_RUNS_H

#include "flatten.h"

/* Consecutive chords of a sub-path that touch a band. Where a chord touches several bands, it
 * belongs to a run in each, and each has integrals for it (coverage.h). */
typedef struct {
  int first, count;
  size_t first_integral;
} chord_run;

/* The runs of all parts; those of part i are `starts[i]` to `starts[i + 1]` - 1, in the order of
 * the outline. */
typedef struct {
  size_t *starts; /* [part_count + 1] */
  chord_run *runs;
  size_t integral_count;
} run_lists;

/* Sort the chords, into memory of the arena. Returns a status. */
int run_lists_create(run_lists *lists, const semvec_scene *scene, const flat_scene *flat,
                     int threads, arena *memory);

#endif
