/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the library exports of the rasterizer; raster.h says how the parts fit together.
 * No global state: calls from several threads do not know of each other.
 */
#include "raster.h"

#include "parallel.h"
#include "ramp.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LARGEST_CANVAS = 32768 };

static int starts_are_valid(const int *starts, int count, int unit, int total)
{
  if (starts[0] != 0 || starts[count] != total) {
    return 0;
  }
  for (int i = 0; i < count; i++) {
    if (starts[i + 1] < starts[i] || starts[i + 1] % unit != 0) {
      return 0;
    }
  }
  return 1;
}

static int all_finite(const float *values, int count)
{
  for (int i = 0; i < count; i++) {
    if (!isfinite(values[i])) {
      return 0;
    }
  }
  return 1;
}

static int ramps_are_valid(const ramps *all, int path_count)
{
  for (int path = 0; all->kinds && path < path_count; path++) {
    int kind = all->kinds[path];
    if (kind != RAMP_FLAT && kind != RAMP_LINEAR && kind != RAMP_RADIAL) {
      return 0;
    }
    if (kind != RAMP_FLAT && !all_finite(all->colors + CHANNELS * path, CHANNELS)) {
      return 0;
    }
  }
  return 1;
}

static int scene_is_valid(const scene *input, int point_count, int subpath_count)
{
  if (input->width < 1 || input->height < 1 || input->width > LARGEST_CANVAS ||
      input->height > LARGEST_CANVAS || input->path_count < 0) {
    return 0;
  }
  return all_finite(input->colors, 4 * input->path_count) &&
         ramps_are_valid(&input->ramps, input->path_count) &&
         starts_are_valid(input->subpath_starts, subpath_count, 3, point_count) &&
         starts_are_valid(input->path_starts, input->path_count, 1, subpath_count);
}

typedef struct {
  const scene *input;
  const outlines *flat;
  point *vertex_gradient;
  point *point_gradient;
} path_work;

static void winding_piece(void *context, int path)
{
  const path_work *work = context;
  path_winding(work->input, work->flat, path);
}

static void backward_piece(void *context, int path)
{
  const path_work *work = context;
  path_winding_backward(work->input, work->flat, path, work->vertex_gradient);
  path_flatten_backward(work->input, work->flat, path, work->vertex_gradient,
                        work->point_gradient);
}

static int forward(const scene *input, outlines *flat, int threads)
{
  int status = outlines_create(flat, input, threads);
  if (status == SEMVEC_OK) {
    path_work work = {input, flat, NULL, NULL};
    semvec_parallel_for(threads, input->path_count, winding_piece, &work);
  }
  return status;
}

static void backward(const scene *input, const outlines *flat, int threads, point *vertex_gradient,
                     point *point_gradient)
{
  path_work work = {input, flat, vertex_gradient, point_gradient};
  semvec_parallel_for(threads, input->path_count, backward_piece, &work);
}

/* Draw a scene. image: [height, width, 3]; background: the same, or one color. The three
 * arrays of ramps are NULL where all paths are flat. */
int semvec_render(const float *points, int point_count, const int *subpath_starts,
                  int subpath_count, const int *path_starts, const float *colors, int path_count,
                  const int *ramp_kinds, const float *ramp_axes, const float *ramp_colors,
                  int width, int height, const float *background, int background_is_image,
                  int threads, float *image)
{
  scene input = {(const point *)points, colors, subpath_starts, path_starts,
                 path_count,            width,  height,
                 {ramp_kinds, ramp_axes, ramp_colors}};
  if (!scene_is_valid(&input, point_count, subpath_count)) {
    return SEMVEC_INVALID;
  }
  outlines flat;
  int status = forward(&input, &flat, threads);
  if (status == SEMVEC_OK) {
    objective goal = {.background = background, .background_is_image = background_is_image};
    composite_result result = {.image = image};
    status = composite(&input, &flat, &goal, threads, &result);
  }
  outlines_free(&flat);
  return status;
}

/* Where the results of a way back go. */
typedef struct {
  float *image;          /* or NULL */
  double *squared_error; /* or NULL */
  float *point_gradient, *color_gradient;
  float *removal_cost;                             /* or NULL */
  float *ramp_axis_gradient, *ramp_color_gradient; /* where there are ramps */
} gradients;

/* The sums of each path over its bands, in their order. removal_cost may be NULL. */
static void sum_bands(const scene *input, const outlines *flat, const band_sums *parts,
                      float *color_gradient, float *removal_cost)
{
  for (int path = 0; path < input->path_count; path++) {
    const band_sums *part = parts + flat->boxes[path].first_part;
    band_sums total = {{0.0}, 0.0};
    for (int i = 0; i < box_band_count(&flat->boxes[path]); i++) {
      for (int c = 0; c < 4; c++) {
        total.color[c] += part[i].color[c];
      }
      total.removal_cost += part[i].removal_cost;
    }
    for (int c = 0; c < 4; c++) {
      color_gradient[4 * path + c] = (float)total.color[c];
    }
    if (removal_cost) {
      removal_cost[path] = (float)total.removal_cost;
    }
  }
}

/* The same of what only ramps have; 0 for flat paths. */
static void sum_ramps(const scene *input, const outlines *flat, const ramp_sums *parts,
                      float *axis_gradient, float *color_gradient)
{
  for (int path = 0; path < input->path_count; path++) {
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
      axis_gradient[4 * path + k] = (float)total.axis[k];
    }
    for (int c = 0; c < CHANNELS; c++) {
      color_gradient[CHANNELS * path + c] = (float)total.color[c];
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

/* Draw a scene and take the loss in `goal` back to its points and colors. */
static int differentiate(const scene *input, int point_count, const objective *goal, int threads,
                         const gradients *wanted)
{
  outlines flat;
  int bands = band_count(input), status = forward(input, &flat, threads);
  size_t vertices = status == SEMVEC_OK ? (size_t)flat.first_vertices[flat.segment_count] : 0;
  point *vertex_gradient = calloc(vertices + 1, sizeof(point));
  double *errors = malloc(sizeof(double) * (size_t)bands);
  band_sums *parts = malloc(sizeof(band_sums) * (flat.part_count + 1));
  int has_ramps = input->ramps.kinds != NULL;
  ramp_sums *ramp_parts = has_ramps ? calloc(flat.part_count + 1, sizeof(ramp_sums)) : NULL;
  if (!vertex_gradient || !errors || !parts || (has_ramps && !ramp_parts)) {
    status = SEMVEC_NO_MEMORY;
  }
  if (status == SEMVEC_OK) {
    composite_result result = {wanted->image, errors, parts, ramp_parts};
    status = composite(input, &flat, goal, threads, &result);
  }
  if (status == SEMVEC_OK) {
    if (wanted->squared_error) {
      *wanted->squared_error = sum_of(errors, bands);
    }
    sum_bands(input, &flat, parts, wanted->color_gradient, wanted->removal_cost);
    if (has_ramps) {
      sum_ramps(input, &flat, ramp_parts, wanted->ramp_axis_gradient,
                wanted->ramp_color_gradient);
    }
    memset(wanted->point_gradient, 0, sizeof(point) * (size_t)point_count);
    backward(input, &flat, threads, vertex_gradient, (point *)wanted->point_gradient);
  }
  free(ramp_parts);
  free(parts);
  free(errors);
  free(vertex_gradient);
  outlines_free(&flat);
  return status;
}

/* Draw a scene, compare it with a target, and find the gradients of
 *   E = sum over pixels of weight · |image - target|^2 / (3·height·width)
 *     + sharpness times the same of image - target less its weighted mean over 8 x 8 pixels
 *     + sum over paths of containment · coverage outside the path's region · 2 / (3·height·width)
 * for points, colors (RGBA) and ramps: their axes (start, end) and colors at the end (RGB), of
 * all paths, or NULL where there are no ramps. squared_error is the first sum alone.
 * removal_cost: how much it would rise if the path were taken away and nothing else moved; NaN
 * where sharpness is not 0. weight and regions may be NULL; a path_region below 0 leaves its
 * path free. */
int semvec_fit_step(const float *points, int point_count, const int *subpath_starts,
                    int subpath_count, const int *path_starts, const float *colors,
                    int path_count, const int *ramp_kinds, const float *ramp_axes,
                    const float *ramp_colors, int width, int height, const float *background,
                    int background_is_image, const float *target, const float *weight,
                    float sharpness, const int *regions, const int *path_regions,
                    const float *containment, int threads, float *image, double *squared_error,
                    float *point_gradient, float *color_gradient, float *removal_cost,
                    float *ramp_axis_gradient, float *ramp_color_gradient)
{
  scene input = {(const point *)points, colors, subpath_starts, path_starts,
                 path_count,            width,  height,
                 {ramp_kinds, ramp_axes, ramp_colors}};
  if (!scene_is_valid(&input, point_count, subpath_count)) {
    return SEMVEC_INVALID;
  }
  objective goal = {background, background_is_image, target,       NULL,       weight,
                    sharpness,  regions,             path_regions, containment};
  gradients wanted = {image,        squared_error,      point_gradient,     color_gradient,
                      removal_cost, ramp_axis_gradient, ramp_color_gradient};
  int status = differentiate(&input, point_count, &goal, threads, &wanted);
  for (int path = 0; sharpness != 0.0f && path < path_count; path++) {
    removal_cost[path] = NAN;
  }
  return status;
}

/* The gradients of any loss for points, colors and ramps, as above, given that for the image:
 * image_gradient, [height, width, 3]. The scene is drawn once more on the way. */
int semvec_render_backward(const float *points, int point_count, const int *subpath_starts,
                           int subpath_count, const int *path_starts, const float *colors,
                           int path_count, const int *ramp_kinds, const float *ramp_axes,
                           const float *ramp_colors, int width, int height,
                           const float *background, int background_is_image,
                           const float *image_gradient, int threads, float *point_gradient,
                           float *color_gradient, float *ramp_axis_gradient,
                           float *ramp_color_gradient)
{
  scene input = {(const point *)points, colors, subpath_starts, path_starts,
                 path_count,            width,  height,
                 {ramp_kinds, ramp_axes, ramp_colors}};
  if (!scene_is_valid(&input, point_count, subpath_count)) {
    return SEMVEC_INVALID;
  }
  objective goal = {.background = background,
                    .background_is_image = background_is_image,
                    .image_gradient = image_gradient};
  gradients wanted = {.point_gradient = point_gradient,
                      .color_gradient = color_gradient,
                      .ramp_axis_gradient = ramp_axis_gradient,
                      .ramp_color_gradient = ramp_color_gradient};
  return differentiate(&input, point_count, &goal, threads, &wanted);
}
