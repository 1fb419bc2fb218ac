/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rasterizer.h"

#include "../parallel.h"
#include "../status.h"
#include "composite.h"
#include "coverage.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* -- loops over paths ------------------------------------------------------------------- */

typedef struct {
  const semvec_scene *scene;
  const flat_scene *flat;
  point *vertex_gradient;
  point *point_gradient;
} path_work;

static void winding_piece(void *context, int path)
{
  const path_work *work = context;
  path_winding(work->scene, work->flat, path);
}

static void backward_piece(void *context, int path)
{
  const path_work *work = context;
  path_winding_backward(work->scene, work->flat, path, work->vertex_gradient);
  path_flatten_backward(work->scene, work->flat, path, work->vertex_gradient, work->point_gradient);
}

static int forward(const semvec_scene *scene, flat_scene *flat, int threads)
{
  int status = flat_scene_create(flat, scene, threads);
  if (status == SEMVEC_OK) {
    path_work work = {scene, flat, NULL, NULL};
    semvec_parallel_for(threads, scene->paths.path_count, winding_piece, &work);
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
  flat_scene flat;
  point *vertex_gradient;
  double *errors; /* per band */
  band_sums *parts;
  ramp_sums *ramp_parts; /* NULL where all paths are flat */
} differentiation;

static int differentiation_create(differentiation *d, const semvec_scene *scene, int threads)
{
  *d = (differentiation){0};
  int status = forward(scene, &d->flat, threads);
  if (status != SEMVEC_OK) {
    return status;
  }
  size_t vertices = (size_t)d->flat.first_vertices[d->flat.segment_count];
  int has_ramps = scene->ramps.kinds != NULL;
  d->vertex_gradient = calloc(vertices + 1, sizeof(point));
  d->errors = calloc((size_t)band_count(scene), sizeof(double));
  d->parts = malloc(sizeof(band_sums) * (d->flat.part_count + 1));
  d->ramp_parts = has_ramps ? calloc(d->flat.part_count + 1, sizeof(ramp_sums)) : NULL;
  int complete = d->vertex_gradient && d->errors && d->parts && (d->ramp_parts || !has_ramps);
  return complete ? SEMVEC_OK : SEMVEC_NO_MEMORY;
}

static void differentiation_free(differentiation *d)
{
  free(d->ramp_parts);
  free(d->parts);
  free(d->errors);
  free(d->vertex_gradient);
  flat_scene_free(&d->flat);
}

static void differentiate(differentiation *d, const semvec_scene *scene, int threads,
                          const semvec_gradients *gradients)
{
  sum_bands(scene, &d->flat, d->parts, gradients);
  if (d->ramp_parts) {
    sum_ramps(scene, &d->flat, d->ramp_parts, gradients);
  }
  if (gradients->squared_error) {
    *gradients->squared_error = sum_of(d->errors, band_count(scene));
  }
  memset(gradients->points, 0, sizeof(point) * (size_t)scene->paths.point_count);
  path_work work = {scene, &d->flat, d->vertex_gradient, gradients->points};
  semvec_parallel_for(threads, scene->paths.path_count, backward_piece, &work);
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
    composite_result result = {gradients->image, d.errors, d.parts, d.ramp_parts};
    status = composite(scene, &d.flat, objective, threads, &result);
  }
  if (status == SEMVEC_OK) {
    differentiate(&d, scene, threads, gradients);
    for (int path = 0; gradients->removal_cost && path < scene->paths.path_count; path++) {
      if (objective->sharpness != 0.0f) {
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
  flat_scene flat;
  int status = forward(scene, &flat, threads);
  if (status == SEMVEC_OK) {
    composite_result result = {.image = image};
    status = composite(scene, &flat, &(semvec_objective){0}, threads, &result);
  }
  flat_scene_free(&flat);
  return status;
}
