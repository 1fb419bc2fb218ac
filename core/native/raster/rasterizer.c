/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rasterizer.h"

#include "../parallel.h"
#include "../status.h"
#include "composite.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* -- memory ----------------------------------------------------------------------------- */

/* Memory that is kept from call to call, for canvases of one width. Begins as {0}. */
typedef struct {
  arena arena;
  band_workers workers;
} workspace;

static void workspace_free(workspace *space)
{
  band_workers_free(&space->workers);
  arena_free(&space->arena);
}

struct semvec_comparison {
  target_tiles target;
  workspace space;
};

int semvec_comparison_create(const semvec_target *target, semvec_comparison **comparison)
{
  if (!target->image || !semvec_canvas_is_valid(target->width, target->height)) {
    return SEMVEC_INVALID;
  }
  *comparison = calloc(1, sizeof(semvec_comparison));
  if (!*comparison) {
    return SEMVEC_NO_MEMORY;
  }
  int status = target_tiles_create(&(*comparison)->target, target);
  if (status != SEMVEC_OK) {
    semvec_comparison_free(*comparison);
    *comparison = NULL;
  }
  return status;
}

void semvec_comparison_free(semvec_comparison *comparison)
{
  if (comparison) {
    target_tiles_free(&comparison->target);
    workspace_free(&comparison->space);
    free(comparison);
  }
}

/* -- a scene as chords ------------------------------------------------------------------ */

/* A scene as chords, in all and by band. */
typedef struct {
  flat_scene flat;
  run_lists runs;
} chord_scene;

/* Returns a status. */
static int chord_scene_create(chord_scene *chords, const semvec_scene *scene, int threads,
                              arena *memory)
{
  *chords = (chord_scene){0};
  int status = flat_scene_create(&chords->flat, scene, threads, memory);
  if (status == SEMVEC_OK) {
    status = run_lists_create(&chords->runs, scene, &chords->flat, threads, memory);
  }
  return status;
}

/* -- sums over bands -------------------------------------------------------------------- */

/* The sums of each path over its bands, in the order of the bands. */
static void sum_bands(const semvec_scene *scene, const flat_scene *flat, const band_sums *parts,
                      const semvec_gradients *gradients)
{
  for (int path = 0; path < scene->paths.path_count; path++) {
    const band_sums *part = parts + flat->boxes[path].first_part;
    band_sums total = {{0.0}, 0.0};
    for (int i = 0; i < box_band_count(&flat->boxes[path]); i++) {
      for (int c = 0; c < 4; c++) {
        total.color[c] += part[i].color[c];
      }
      total.removal_cost += part[i].removal_cost;
    }
    for (int c = 0; c < 4; c++) {
      gradients->colors[4 * path + c] = (float)total.color[c];
    }
    if (gradients->removal_cost) {
      gradients->removal_cost[path] = (float)total.removal_cost;
    }
  }
}

/* The same for the gradients of ramps. */
static void sum_ramps(const semvec_scene *scene, const flat_scene *flat, const ramp_sums *parts,
                      const semvec_gradients *gradients)
{
  for (int path = 0; path < scene->paths.path_count; path++) {
    const ramp_sums *part = parts + flat->boxes[path].first_part;
    ramp_sums total = {{0.0}, {0.0}};
    for (int i = 0; i < box_band_count(&flat->boxes[path]); i++) {
      for (int k = 0; k < 4; k++) {
        total.axis[k] += part[i].axis[k];
      }
      for (int c = 0; c < CHANNELS; c++) {
        total.color[c] += part[i].color[c];
      }
    }
    for (int k = 0; k < 4; k++) {
      gradients->ramp_axes[4 * path + k] = (float)total.axis[k];
    }
    for (int c = 0; c < CHANNELS; c++) {
      gradients->ramp_colors[CHANNELS * path + c] = (float)total.color[c];
    }
  }
}

static double sum_of(const double *values, int count)
{
  double sum = 0.0;
  for (int i = 0; i < count; i++) {
    sum += values[i];
  }
  return sum;
}

/* -- the backward pass ------------------------------------------------------------------ */

/* Working memory of a backward pass. */
typedef struct {
  chord_scene chords;
  point *vertex_gradient;
  double *errors; /* per band */
  band_sums *parts;
  ramp_sums *ramp_parts;     /* NULL where all paths are flat */
  chord_integral *integrals; /* of chords in bands */
} differentiation;

/* Returns a status. */
static int differentiation_create(differentiation *d, const semvec_scene *scene, int threads,
                                  arena *memory)
{
  *d = (differentiation){0};
  int status = chord_scene_create(&d->chords, scene, threads, memory);
  if (status != SEMVEC_OK) {
    return status;
  }
  const flat_scene *flat = &d->chords.flat;
  int has_ramps = scene->ramps.kinds != NULL;
  size_t parts = flat->part_count + 1, integrals = d->chords.runs.integral_count + 1;
  d->vertex_gradient = arena_take_zeroed(memory, (size_t)flat->vertex_count + 1, sizeof(point));
  d->errors = arena_take_zeroed(memory, (size_t)band_count(scene), sizeof(double));
  d->parts = arena_take(memory, parts, sizeof(band_sums));
  d->ramp_parts = has_ramps ? arena_take_zeroed(memory, parts, sizeof(ramp_sums)) : NULL;
  d->integrals = arena_take_zeroed(memory, integrals, sizeof(chord_integral));
  int complete =
      d->vertex_gradient && d->errors && d->parts && d->integrals && (d->ramp_parts || !has_ramps);
  return complete ? SEMVEC_OK : SEMVEC_NO_MEMORY;
}

typedef struct {
  const semvec_scene *scene;
  differentiation *d;
  point *point_gradient;
} backward_work;

/* The gradients of a path's points, from those of its chords in all bands. */
static void backward_path(void *context, int path)
{
  const backward_work *work = context;
  differentiation *d = work->d;
  const flat_scene *flat = &d->chords.flat;
  const run_lists *lists = &d->chords.runs;
  const box *b = &flat->boxes[path];
  if (box_band_count(b) == 0) {
    return;
  }
  size_t end = lists->starts[b->first_part + (size_t)box_band_count(b)];
  for (size_t i = lists->starts[b->first_part]; i < end; i++) {
    add_run_gradient(flat->vertices, &lists->runs[i], d->integrals, d->vertex_gradient);
  }
  path_flatten_backward(work->scene, flat, path, d->vertex_gradient, work->point_gradient);
}

static void differentiate(differentiation *d, const semvec_scene *scene, int threads,
                          const semvec_gradients *gradients)
{
  sum_bands(scene, &d->chords.flat, d->parts, gradients);
  if (d->ramp_parts) {
    sum_ramps(scene, &d->chords.flat, d->ramp_parts, gradients);
  }
  if (gradients->squared_error) {
    *gradients->squared_error = sum_of(d->errors, band_count(scene));
  }
  memset(gradients->points, 0, sizeof(point) * (size_t)scene->paths.point_count);
  backward_work work = {scene, d, gradients->points};
  semvec_parallel_for(threads, scene->paths.path_count, backward_path, &work);
}

static int objective_is_valid(const semvec_objective *objective, const semvec_scene *scene)
{
  const semvec_comparison *comparison = objective->comparison;
  int has_size = comparison && comparison->target.width == scene->width &&
                 comparison->target.height == scene->height;
  int has_regions = comparison && comparison->target.regions && objective->containment;
  return (has_size || (!comparison && objective->image_gradient)) &&
         (has_regions || !objective->path_regions);
}

/* Run both passes with the memory of a workspace. Returns a status. */
static int differentiate_in(workspace *space, const composite_input *input, int threads,
                            const semvec_gradients *gradients)
{
  const semvec_scene *scene = input->scene;
  differentiation d;
  arena_clear(&space->arena);
  int status = differentiation_create(&d, scene, threads, &space->arena);
  if (status == SEMVEC_OK) {
    composite_result result = {gradients->image, d.errors, d.parts, d.ramp_parts, d.integrals};
    composite_input flattened = *input;
    flattened.flat = &d.chords.flat;
    flattened.runs = &d.chords.runs;
    status = composite(&flattened, threads, &space->workers, &space->arena, &result);
  }
  if (status == SEMVEC_OK) {
    differentiate(&d, scene, threads, gradients);
  } else {
    workspace_free(space);
  }
  return status;
}

int semvec_differentiate(const semvec_scene *scene, const semvec_objective *objective, int threads,
                         const semvec_gradients *gradients)
{
  if (!semvec_scene_is_valid(scene) || !objective_is_valid(objective, scene)) {
    return SEMVEC_INVALID;
  }
  semvec_comparison *comparison = objective->comparison;
  workspace own = {0};
  composite_input input = {
      .scene = scene, .objective = objective, .target = comparison ? &comparison->target : NULL};
  int status = differentiate_in(comparison ? &comparison->space : &own, &input, threads, gradients);
  for (int path = 0; gradients->removal_cost && path < scene->paths.path_count; path++) {
    if (!comparison || objective->sharpness != 0.0f || objective->skips_covered) {
      gradients->removal_cost[path] = NAN;
    }
  }
  workspace_free(&own);
  return status;
}

/* -- drawing ---------------------------------------------------------------------------- */

int semvec_render(const semvec_scene *scene, int threads, float *image)
{
  if (!semvec_scene_is_valid(scene)) {
    return SEMVEC_INVALID;
  }
  chord_scene chords;
  workspace space = {0};
  int status = chord_scene_create(&chords, scene, threads, &space.arena);
  if (status == SEMVEC_OK) {
    semvec_objective nothing = {0};
    composite_input input = {
        .scene = scene, .flat = &chords.flat, .runs = &chords.runs, .objective = &nothing};
    composite_result result = {.image = image};
    status = composite(&input, threads, &space.workers, &space.arena, &result);
  }
  workspace_free(&space);
  return status;
}
