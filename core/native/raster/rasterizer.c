/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rasterizer.h"

#include "../parallel.h"
#include "../status.h"
#include "composite.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* -- a scene as chords ------------------------------------------------------------------ */

/* A scene as chords, in all and by band. */
typedef struct {
  flat_scene flat;
  run_lists runs;
} chord_scene;

/* Returns a status; call chord_scene_free in any case. */
static int chord_scene_create(chord_scene *chords, const semvec_scene *scene, int threads)
{
  *chords = (chord_scene){0};
  int status = flat_scene_create(&chords->flat, scene, threads);
  if (status == SEMVEC_OK) {
    status = run_lists_create(&chords->runs, scene, &chords->flat, threads);
  }
  return status;
}

static void chord_scene_free(chord_scene *chords)
{
  run_lists_free(&chords->runs);
  flat_scene_free(&chords->flat);
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

static int differentiation_create(differentiation *d, const semvec_scene *scene, int threads)
{
  *d = (differentiation){0};
  int status = chord_scene_create(&d->chords, scene, threads);
  if (status != SEMVEC_OK) {
    return status;
  }
  const flat_scene *flat = &d->chords.flat;
  int has_ramps = scene->ramps.kinds != NULL;
  d->vertex_gradient = calloc((size_t)flat->vertex_count + 1, sizeof(point));
  d->errors = calloc((size_t)band_count(scene), sizeof(double));
  d->parts = malloc(sizeof(band_sums) * (flat->part_count + 1));
  d->ramp_parts = has_ramps ? calloc(flat->part_count + 1, sizeof(ramp_sums)) : NULL;
  d->integrals = calloc(d->chords.runs.integral_count + 1, sizeof(chord_integral));
  int complete =
      d->vertex_gradient && d->errors && d->parts && d->integrals && (d->ramp_parts || !has_ramps);
  return complete ? SEMVEC_OK : SEMVEC_NO_MEMORY;
}

static void differentiation_free(differentiation *d)
{
  free(d->integrals);
  free(d->ramp_parts);
  free(d->parts);
  free(d->errors);
  free(d->vertex_gradient);
  chord_scene_free(&d->chords);
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

static int objective_is_valid(const semvec_objective *objective)
{
  return (objective->target != NULL) != (objective->image_gradient != NULL) &&
         (!objective->regions || (objective->path_regions && objective->containment));
}

int semvec_differentiate(const semvec_scene *scene, const semvec_objective *objective, int threads,
                         const semvec_gradients *gradients)
{
  if (!semvec_scene_is_valid(scene) || !objective_is_valid(objective)) {
    return SEMVEC_INVALID;
  }
  differentiation d;
  int status = differentiation_create(&d, scene, threads);
  if (status == SEMVEC_OK) {
    composite_result result = {gradients->image, d.errors, d.parts, d.ramp_parts, d.integrals};
    status = composite(scene, &d.chords.flat, &d.chords.runs, objective, threads, &result);
  }
  if (status == SEMVEC_OK) {
    differentiate(&d, scene, threads, gradients);
    for (int path = 0; gradients->removal_cost && path < scene->paths.path_count; path++) {
      if (objective->sharpness != 0.0f || objective->skips_covered) {
        gradients->removal_cost[path] = NAN;
      }
    }
  }
  differentiation_free(&d);
  return status;
}

/* -- drawing ---------------------------------------------------------------------------- */

int semvec_render(const semvec_scene *scene, int threads, float *image)
{
  if (!semvec_scene_is_valid(scene)) {
    return SEMVEC_INVALID;
  }
  chord_scene chords;
  int status = chord_scene_create(&chords, scene, threads);
  if (status == SEMVEC_OK) {
    composite_result result = {.image = image};
    status = composite(scene, &chords.flat, &chords.runs, &(semvec_objective){0}, threads, &result);
  }
  chord_scene_free(&chords);
  return status;
}
