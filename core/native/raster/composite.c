/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * "Over" in sRGB, tile by tile. Bands are independent of each other, so they run in parallel, and
 * every sum is taken per band first: the result does not depend on the number of threads.
 *
 * A band goes three times through the stack of its paths. From the top down, it finds what each
 * path covers, tile by tile; what lies beneath a tile that an opaque path fills is left out from
 * there on, where it has no effect. From the bottom up, it paints, and keeps color - backdrop of
 * each path and pixel; inverting "over" instead would lose precision under opaque paths. Then it
 * goes down again with the transmittance T of everything above:
 * d(loss)/d(alpha) = T · g · (color - backdrop).
 */
#include "composite.h"

#include "../parallel.h"
#include "../status.h"
#include "backward.h"
#include "cover.h"
#include "forward.h"

#include <stdlib.h>

/* Sort all paths into the bands that they touch. Returns 0 without memory. */
static int band_lists_create(band_lists *lists, const flat_scene *flat, int path_count, int bands,
                             arena *memory)
{
  lists->starts = arena_take_zeroed(memory, (size_t)bands + 2, sizeof(size_t));
  lists->paths = arena_take(memory, flat->part_count + 1, sizeof(int));
  if (!lists->starts || !lists->paths) {
    return 0;
  }
  size_t *ends = lists->starts + 1; /* the end of each list, which becomes its start at first */
  for (int path = 0; path < path_count; path++) {
    for (int i = 0; i < box_band_count(&flat->boxes[path]); i++) {
      ends[flat->boxes[path].top + i + 1]++;
    }
  }
  for (int band = 0; band < bands; band++) {
    ends[band + 1] += ends[band];
  }
  for (int path = 0; path < path_count; path++) {
    for (int i = 0; i < box_band_count(&flat->boxes[path]); i++) {
      lists->paths[ends[flat->boxes[path].top + i]++] = path;
    }
  }
  return 1;
}

static int band_work_create(band_work *w, const semvec_scene *scene)
{
  int across = tiles_across(scene->width);
  w->hidden = malloc((size_t)across);
  int has_coverage = coverage_work_create(&w->coverage, across);
  return band_create(&w->band, scene) && has_coverage && w->hidden;
}

static void band_work_free(band_work *w)
{
  free(w->differences.tiles);
  free(w->covers);
  free(w->layers);
  free(w->hidden);
  coverage_work_free(&w->coverage);
  band_free(&w->band);
}

/* Make sure that there are `count` workers. Returns 0 without memory. */
static int reserve_workers(band_workers *workers, int count, const semvec_scene *scene)
{
  if (count <= workers->count) {
    return 1;
  }
  band_work *bands = realloc(workers->bands, sizeof(band_work) * (size_t)count);
  if (!bands) {
    return 0;
  }
  workers->bands = bands;
  while (workers->count < count) {
    band_work *added = &bands[workers->count++];
    *added = (band_work){0};
    if (!band_work_create(added, scene)) {
      return 0;
    }
  }
  return 1;
}

void band_workers_free(band_workers *workers)
{
  for (int i = 0; i < workers->count; i++) {
    band_work_free(&workers->bands[i]);
  }
  free(workers->bands);
  *workers = (band_workers){0};
}

/* Returns 0 without memory. */
static int composite_band(band_work *w)
{
  const composite_result *result = w->work->result;
  band_move(&w->band, w->work->input->scene, w->index);
  if (!cover_band(w) || !paint_band(w)) {
    return 0;
  }
  if (result->image) {
    band_store(&w->band, result->image);
  }
  if (result->parts) {
    unpaint_band(w);
  }
  return 1;
}

typedef struct {
  composite_work *work;
  band_work *bands; /* of each worker */
} worker_loop;

/* Composite one band after the other, as long as there are any. */
static void composite_bands(void *context, int worker)
{
  const worker_loop *loop = context;
  composite_work *work = loop->work;
  band_work *w = &loop->bands[worker];
  w->work = work;
  for (;;) {
    w->index = atomic_fetch_add(&work->next, 1);
    if (work->failed || w->index >= work->bands) {
      return;
    }
    if (!composite_band(w)) {
      work->failed = 1;
    }
  }
}

int composite(const composite_input *input, int threads, band_workers *workers, arena *memory,
              const composite_result *result)
{
  const semvec_scene *scene = input->scene;
  const semvec_objective *objective = input->objective;
  composite_work work = {.input = input,
                         .result = result,
                         .bands = band_count(scene),
                         .skips_covered = !result->parts || objective->skips_covered};
  work.finds_removal_costs = input->target && objective->sharpness == 0.0f && !work.skips_covered;
  int count = threads < work.bands ? threads : work.bands;
  if (!reserve_workers(workers, count, scene) ||
      !band_lists_create(&work.lists, input->flat, scene->paths.path_count, work.bands, memory)) {
    return SEMVEC_NO_MEMORY;
  }
  worker_loop loop = {&work, workers->bands};
  semvec_parallel_for(threads, count, composite_bands, &loop);
  return work.failed ? SEMVEC_NO_MEMORY : SEMVEC_OK;
}
