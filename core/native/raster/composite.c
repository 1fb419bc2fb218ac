/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * "Over" in sRGB, inside the boxes of the paths. Bands of rows are independent of each other, so
 * they run in parallel, and every sum is taken per band first: the result does not depend on the
 * number of threads.
 *
 * The forward pass keeps color - backdrop of each path and pixel; inverting "over" instead would
 * lose precision under opaque paths. The backward pass goes from the top down with the
 * transmittance T of everything above: d(loss)/d(alpha) = T · g · (color - backdrop).
 */
#include "composite.h"

#include "../parallel.h"
#include "../status.h"
#include "ramp.h"
#include "vectors.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* The paths that touch each band: those of band i are paths[starts[i]] to paths[starts[i + 1] - 1],
 * in painting order. */
typedef struct {
  size_t *starts;
  int *paths;
} band_lists;

typedef struct {
  const semvec_scene *scene;
  const flat_scene *flat;
  const semvec_objective *objective;
  const composite_result *result;
  band_lists lists;
  atomic_int failed;
} composite_work;

/* The rows of one path that lie in a band, and the place of its differences. */
typedef struct {
  int path, first, last;
  size_t difference;
} band_path;

/* One band while it is composited. */
typedef struct {
  const composite_work *work;
  band band;
  band_path *items; /* the paths that touch the band, in painting order */
  int item_count;
  float *difference; /* color - backdrop: three runs for each row of each path */
  float *scratch;    /* two rows */
} band_work;

static float *winding_of_row(const composite_work *work, int path, int row)
{
  const box *bounds = &work->flat->boxes[path];
  return work->flat->winding + bounds->offset +
         (size_t)(row - bounds->top) * (size_t)bounds->stride;
}

/* -- forward ---------------------------------------------------------------------------- */

/* Paint one row of one path: color += alpha · (fill - color), and keep fill - color. */
static void paint_row(float *restrict red, float *restrict green, float *restrict blue,
                      float *restrict difference, const float *restrict winding, int count,
                      const float *restrict fill)
{
  float opacity = clipped(fill[3]), fill_red = fill[0], fill_green = fill[1], fill_blue = fill[2];
  float *restrict green_difference = difference + count;
  float *restrict blue_difference = difference + 2 * count;
  for (int x = 0; x < count; x++) {
    float cover = fabsf(winding[x]);
    float alpha = opacity * (cover < 1.0f ? cover : 1.0f);
    difference[x] = fill_red - red[x];
    green_difference[x] = fill_green - green[x];
    blue_difference[x] = fill_blue - blue[x];
    red[x] += alpha * difference[x];
    green[x] += alpha * green_difference[x];
    blue[x] += alpha * blue_difference[x];
  }
}

static void paint_flat(const band_work *w, const band_path *item)
{
  const band *b = &w->band;
  const box *bounds = &w->work->flat->boxes[item->path];
  float *difference = w->difference + item->difference;
  for (int row = item->first; row < item->last; row++) {
    paint_row(row_of(b->color[0], b, row, bounds->left), row_of(b->color[1], b, row, bounds->left),
              row_of(b->color[2], b, row, bounds->left), difference,
              winding_of_row(w->work, item->path, row), bounds->stride,
              w->work->scene->colors + 4 * item->path);
    difference += CHANNELS * (size_t)bounds->stride;
  }
}

static void paint_ramped(const band_work *w, const band_path *item, const ramp *r)
{
  const band *b = &w->band;
  const box *bounds = &w->work->flat->boxes[item->path];
  float *difference = w->difference + item->difference;
  for (int row = item->first; row < item->last; row++) {
    ramp_positions(r, (pixel_run){bounds->left, row, bounds->stride}, w->scratch);
    for (int c = 0; c < CHANNELS; c++) {
      ramp_paint_row(r, c, bounds->stride, winding_of_row(w->work, item->path, row), w->scratch,
                     row_of(b->color[c], b, row, bounds->left), difference);
      difference += bounds->stride;
    }
  }
}

static void paint(const band_work *w, const band_path *item)
{
  ramp r = ramp_of(w->work->scene, item->path);
  if (r.kind == RAMP_FLAT) {
    paint_flat(w, item);
  } else {
    paint_ramped(w, item, &r);
  }
}

/* -- backward --------------------------------------------------------------------------- */

/* Sums over one row of one path: the terms of its gradients. */
typedef struct {
  float color[CHANNELS], opacity, removal;
} row_sums;

/* Replace the winding numbers of a row by their gradients, and update the transmittance for the
 * next path below. (Rows are passed one by one because compilers rely on `restrict` only for
 * parameters.) */
static row_sums unpaint_row(const float *restrict red, const float *restrict green,
                            const float *restrict blue, const float *restrict difference,
                            const float *restrict error_scale, float *restrict transmittance,
                            float *restrict winding, int count, float opacity)
{
  SUM_IN_ANY_ORDER
  row_sums sums = {{0.0f, 0.0f, 0.0f}, 0.0f, 0.0f};
  const float *restrict red_difference = difference;
  const float *restrict green_difference = difference + count;
  const float *restrict blue_difference = difference + 2 * count;
  for (int x = 0; x < count; x++) {
    float above = transmittance[x], signed_winding = winding[x];
    float cover = fabsf(signed_winding);
    float inside = cover < 1.0f ? 1.0f : 0.0f;
    cover = cover < 1.0f ? cover : 1.0f;
    float seen = above * opacity * cover;
    float slope = above * (red[x] * red_difference[x] + green[x] * green_difference[x] +
                           blue[x] * blue_difference[x]);
    float contrast = red_difference[x] * red_difference[x] +
                     green_difference[x] * green_difference[x] +
                     blue_difference[x] * blue_difference[x];
    sums.color[0] += seen * red[x];
    sums.color[1] += seen * green[x];
    sums.color[2] += seen * blue[x];
    sums.opacity += cover * slope;
    sums.removal += error_scale[x] * seen * seen * contrast - opacity * cover * slope;
    transmittance[x] = above - seen;
    winding[x] = opacity * slope * (signed_winding < 0.0f ? -inside : inside);
  }
  return sums;
}

/* Add the gradient of containment: coverage outside of the path's own region costs. */
static void contain_row(float *restrict gradient, const float *restrict winding,
                        const int *restrict regions, int count, int own, float cost)
{
  for (int x = 0; x < count; x++) {
    float outside = regions[x] != own ? cost : 0.0f;
    float cover = fabsf(winding[x]);
    outside = cover < 1.0f ? outside : 0.0f;
    gradient[x] += winding[x] < 0.0f ? -outside : outside;
  }
}

/* The index of the band among the parts of a path. */
static size_t part_of(const band *b, const box *bounds)
{
  return bounds->first_part + (size_t)(b->top / BAND_ROWS - bounds->top / BAND_ROWS);
}

/* As unpaint_row for one row of a path, with containment where `cost` is not 0. */
static row_sums unpaint_contained(const band_work *w, const band_path *item, int row,
                                  const float *difference, float cost)
{
  const band *b = &w->band;
  const semvec_scene *scene = w->work->scene;
  const semvec_objective *objective = w->work->objective;
  const box *bounds = &w->work->flat->boxes[item->path];
  int left = bounds->left;
  float *winding = winding_of_row(w->work, item->path, row);
  if (cost > 0.0f) {
    memcpy(w->scratch, winding, sizeof(float) * (size_t)bounds->stride);
  }
  row_sums sums =
      unpaint_row(row_of(b->gradient[0], b, row, left), row_of(b->gradient[1], b, row, left),
                  row_of(b->gradient[2], b, row, left), difference,
                  row_of(b->error_scale, b, row, left), row_of(b->transmittance, b, row, left),
                  winding, bounds->stride, clipped(scene->colors[4 * item->path + 3]));
  if (cost > 0.0f) {
    const int *regions = objective->regions + (size_t)row * (size_t)scene->width + left;
    contain_row(winding, w->scratch, regions, bounds->right - left,
                objective->path_regions[item->path], cost);
  }
  return sums;
}

static void unpaint_flat(const band_work *w, const band_path *item)
{
  const box *bounds = &w->work->flat->boxes[item->path];
  const float *difference = w->difference + item->difference;
  float cost = containment_cost(w->work->scene, w->work->objective, item->path);
  band_sums part = {{0.0}, 0.0};
  for (int row = item->first; row < item->last; row++) {
    row_sums sums = unpaint_contained(w, item, row, difference, cost);
    difference += CHANNELS * (size_t)bounds->stride;
    for (int c = 0; c < CHANNELS; c++) {
      part.color[c] += sums.color[c];
    }
    part.color[3] += sums.opacity;
    part.removal_cost += sums.removal;
  }
  w->work->result->parts[part_of(&w->band, bounds)] = part;
}

/* As unpaint_flat for a path with a ramp: the gradient of the color is divided between both
 * colors, and the axis has a gradient, too. */
static void unpaint_ramped(const band_work *w, const band_path *item, const ramp *r)
{
  const band *b = &w->band;
  const box *bounds = &w->work->flat->boxes[item->path];
  int left = bounds->left, count = bounds->stride;
  float *t = w->scratch, *t_gradient = w->scratch + b->stride;
  double start_gradient[CHANNELS] = {0.0};
  ramp_sums part = {{0.0}, {0.0}};
  for (int row = item->first; row < item->last; row++) {
    pixel_run run = {left, row, count};
    ramp_positions(r, run, t);
    ramp_rows rows = {row_of(b->gradient[0], b, row, left), row_of(b->gradient[1], b, row, left),
                      row_of(b->gradient[2], b, row, left), row_of(b->transmittance, b, row, left),
                      winding_of_row(w->work, item->path, row)};
    ramp_color_sums sums = ramp_unpaint_row(r, &rows, count, t, t_gradient);
    for (int c = 0; c < CHANNELS; c++) {
      start_gradient[c] += (double)sums.start[c];
      part.color[c] += (double)sums.end[c];
    }
    ramp_add_axis_gradient(r, run, t, t_gradient, part.axis);
  }
  unpaint_flat(w, item);
  size_t place = part_of(b, bounds);
  w->work->result->ramp_parts[place] = part;
  memcpy(w->work->result->parts[place].color, start_gradient, sizeof(start_gradient));
}

static void backward(band_work *w)
{
  band *b = &w->band;
  const semvec_objective *objective = w->work->objective;
  if (objective->image_gradient) {
    band_load_image(b, b->gradient, objective->image_gradient, w->work->scene->width);
  } else {
    w->work->result->squared_error[b->top / BAND_ROWS] = band_compare(b, w->work->scene, objective);
  }
  for (size_t i = 0; i < (size_t)b->rows * (size_t)b->stride; i++) {
    b->transmittance[i] = 1.0f;
  }
  for (int i = w->item_count - 1; i >= 0; i--) {
    ramp r = ramp_of(w->work->scene, w->items[i].path);
    if (r.kind == RAMP_FLAT) {
      unpaint_flat(w, &w->items[i]);
    } else {
      unpaint_ramped(w, &w->items[i], &r);
    }
  }
}

/* -- bands ------------------------------------------------------------------------------ */

/* Sort all paths into the bands that they touch. Returns 0 without memory. */
static int band_lists_create(band_lists *lists, const flat_scene *flat, int path_count, int bands)
{
  lists->starts = calloc((size_t)bands + 2, sizeof(size_t));
  lists->paths = malloc(sizeof(int) * (flat->part_count + 1));
  if (!lists->starts || !lists->paths) {
    return 0;
  }
  size_t *ends = lists->starts + 1; /* the end of each list, which becomes its start at first */
  for (int path = 0; path < path_count; path++) {
    for (int i = 0; i < box_band_count(&flat->boxes[path]); i++) {
      ends[flat->boxes[path].top / BAND_ROWS + i + 1]++;
    }
  }
  for (int band = 0; band < bands; band++) {
    ends[band + 1] += ends[band];
  }
  for (int path = 0; path < path_count; path++) {
    for (int i = 0; i < box_band_count(&flat->boxes[path]); i++) {
      lists->paths[ends[flat->boxes[path].top / BAND_ROWS + i]++] = path;
    }
  }
  return 1;
}

static void band_lists_free(band_lists *lists)
{
  free(lists->starts);
  free(lists->paths);
}

/* List the rows of each path of the band; returns the number of floats for their differences. */
static size_t list_paths(band_work *w, const int *paths)
{
  const band *b = &w->band;
  size_t size = 0;
  for (int i = 0; i < w->item_count; i++) {
    const box *bounds = &w->work->flat->boxes[paths[i]];
    int first = bounds->top > b->top ? bounds->top : b->top;
    int last = bounds->bottom < b->top + b->rows ? bounds->bottom : b->top + b->rows;
    w->items[i] = (band_path){paths[i], first, last, size};
    size += (size_t)CHANNELS * (size_t)(last - first) * (size_t)bounds->stride;
  }
  return size;
}

static int band_work_create(band_work *w, const composite_work *work, int index)
{
  *w = (band_work){.work = work};
  if (!band_create(&w->band, work->scene, index)) {
    return 0;
  }
  const size_t *starts = work->lists.starts + index;
  w->item_count = (int)(starts[1] - starts[0]);
  w->items = malloc(sizeof(band_path) * ((size_t)w->item_count + 1));
  size_t difference_size = w->items ? list_paths(w, work->lists.paths + starts[0]) : 0;
  w->difference = malloc(sizeof(float) * (difference_size + 1));
  w->scratch = malloc(sizeof(float) * 2 * (size_t)w->band.stride);
  return w->items && w->difference && w->scratch;
}

static void band_work_free(band_work *w)
{
  free(w->scratch);
  free(w->difference);
  free(w->items);
  band_free(&w->band);
}

static void composite_band(void *context, int index)
{
  composite_work *work = context;
  band_work w;
  if (band_work_create(&w, work, index)) {
    band_load_background(&w.band, work->scene);
    for (int i = 0; i < w.item_count; i++) {
      paint(&w, &w.items[i]);
    }
    if (work->result->image) {
      band_store(&w.band, work->result->image, work->scene->width);
    }
    if (work->result->parts) {
      backward(&w);
    }
  } else {
    work->failed = 1;
  }
  band_work_free(&w);
}

int composite(const semvec_scene *scene, const flat_scene *flat, const semvec_objective *objective,
              int threads, const composite_result *result)
{
  int bands = band_count(scene);
  composite_work work = {scene, flat, objective, result, {NULL, NULL}, 0};
  if (band_lists_create(&work.lists, flat, scene->paths.path_count, bands)) {
    semvec_parallel_for(threads, bands, composite_band, &work);
  } else {
    work.failed = 1;
  }
  band_lists_free(&work.lists);
  return work.failed ? SEMVEC_NO_MEMORY : SEMVEC_OK;
}
