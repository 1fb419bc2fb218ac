/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runs.h"

#include "../parallel.h"
#include "../status.h"

typedef struct {
  const semvec_scene *scene;
  const flat_scene *flat;
  run_lists *lists;
  size_t *places; /* per part: first the number of its runs, then the place of the next one */
} run_work;

/* The band in which a vertex lies; those above the canvas count as band -1. */
static int band_of(point vertex, int bands)
{
  float band = vertex.y / TILE_SIZE;
  return band < 0.0f ? -1 : band < (float)bands ? (int)band : bands;
}

/* Count a run of the chords `first` to `end` - 1, or list it where there is memory for that. */
static void visit_run(const run_work *work, const box *b, int band, int first, int end)
{
  if (band < b->top || band >= b->bottom) {
    return;
  }
  size_t place = work->places[b->first_part + (size_t)(band - b->top)]++;
  if (work->lists->runs) {
    work->lists->runs[place] = (chord_run){first, end - first, 0};
  }
}

/* A chord from one band to another ends the run in the first, is a run of its own in all bands in
 * between, and begins the run in the last. */
static void visit_ring(const run_work *work, const box *b, vertex_range range)
{
  const point *vertices = work->flat->vertices;
  int bands = band_count(work->scene), first = range.first;
  int band = band_of(vertices[first], bands);
  for (int i = range.first; i < range.last; i++) {
    int next = band_of(vertices[i + 1], bands);
    if (next == band) {
      continue;
    }
    visit_run(work, b, band, first, i + 1);
    int step = next > band ? 1 : -1;
    for (band += step; band != next; band += step) {
      visit_run(work, b, band, i, i + 1);
    }
    first = i;
  }
  visit_run(work, b, band, first, range.last);
}

static void visit_path(void *context, int path)
{
  const run_work *work = context;
  const int *starts = work->scene->paths.path_starts;
  const box *b = &work->flat->boxes[path];
  for (int sub = starts[path]; box_band_count(b) > 0 && sub < starts[path + 1]; sub++) {
    vertex_range range = vertices_of(work->scene, work->flat, sub);
    if (range.first < range.last) {
      visit_ring(work, b, range);
    }
  }
}

/* Turn counts into places. Returns the number of runs. */
static size_t place_runs(run_work *work)
{
  size_t *starts = work->lists->starts, total = 0;
  for (size_t part = 0; part < work->flat->part_count; part++) {
    starts[part] = total;
    total += work->places[part];
    work->places[part] = starts[part];
  }
  starts[work->flat->part_count] = total;
  return total;
}

static void place_integrals(run_lists *lists, size_t run_count)
{
  lists->integral_count = 0;
  for (size_t i = 0; i < run_count; i++) {
    lists->runs[i].first_integral = lists->integral_count;
    lists->integral_count += (size_t)lists->runs[i].count;
  }
}

int run_lists_create(run_lists *lists, const semvec_scene *scene, const flat_scene *flat,
                     int threads, arena *memory)
{
  *lists = (run_lists){arena_take(memory, flat->part_count + 1, sizeof(size_t)), NULL, 0};
  run_work work = {scene, flat, lists,
                   arena_take_zeroed(memory, flat->part_count + 1, sizeof(size_t))};
  if (!lists->starts || !work.places) {
    return SEMVEC_NO_MEMORY;
  }
  semvec_parallel_for(threads, scene->paths.path_count, visit_path, &work);
  chord_run *runs = arena_take(memory, place_runs(&work) + 1, sizeof(chord_run));
  if (!runs) {
    return SEMVEC_NO_MEMORY;
  }
  lists->runs = runs;
  semvec_parallel_for(threads, scene->paths.path_count, visit_path, &work);
  place_integrals(lists, lists->starts[flat->part_count]);
  return SEMVEC_OK;
}
