/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Painter's-order compositing, "over" in sRGB, inside the boxes of the paths, and its way
 * back. Bands of rows are independent of each other, so they run in parallel, and every sum
 * is taken per band first: the result does not depend on the number of threads.
 *
 * Forward keeps color - backdrop of each path and pixel; inverting "over" instead would
 * lose precision under opaque paths. Backward walks from the top down with the
 * transmittance T of everything above: d(loss)/d(alpha) = T · g · (color - backdrop).
 */
#include "parallel.h"
#include "ramp.h"
#include "raster.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_COLUMNS = BAND_ROWS };

/* Planes of one band: rows of `stride` floats. */
typedef struct {
  int top, rows, stride;
  float *color[CHANNELS];
  float *gradient[CHANNELS]; /* d(loss)/d(color) */
  float *transmittance;
  float *error_scale; /* weight / (3·height·width): the error is scale·|image - target|^2 */
  float *difference;  /* color - backdrop, three runs for each row of each path */
} band;

typedef struct {
  const scene *input;
  const outlines *flat;
  const objective *goal;
  const composite_result *result;
  atomic_int failed;
} composite_work;

/* The rows of one path that lie in a band, and where it keeps its differences. */
typedef struct {
  int path, first, last;
  size_t difference;
} band_path;

static float *row_of(float *plane, const band *b, int row, int column)
{
  return plane + (size_t)(row - b->top) * (size_t)b->stride + column;
}

static float *winding_of_row(const composite_work *work, int path, int row)
{
  const box *bounds = &work->flat->boxes[path];
  return work->flat->winding + bounds->offset +
         (size_t)(row - bounds->top) * (size_t)bounds->stride;
}

static void load_row(float *restrict red, float *restrict green, float *restrict blue,
                     const float *restrict source, int count)
{
  for (int x = 0; x < count; x++) {
    red[x] = source[CHANNELS * x];
    green[x] = source[CHANNELS * x + 1];
    blue[x] = source[CHANNELS * x + 2];
  }
}

static void fill_row(float *restrict red, float *restrict green, float *restrict blue,
                     const float *restrict color, int count)
{
  for (int x = 0; x < count; x++) {
    red[x] = color[0];
    green[x] = color[1];
    blue[x] = color[2];
  }
}

/* Read the band's rows of an image, or one color, into planes. */
static void load_planes(const band *b, float *const planes[CHANNELS], const float *source,
                        int is_image, int width)
{
  for (int row = b->top; row < b->top + b->rows; row++) {
    float *red = row_of(planes[0], b, row, 0), *green = row_of(planes[1], b, row, 0),
          *blue = row_of(planes[2], b, row, 0);
    if (is_image) {
      load_row(red, green, blue, source + (size_t)row * (size_t)width * CHANNELS, width);
    }
    else {
      fill_row(red, green, blue, source, width);
    }
  }
}

static void store_image(const band *b, const scene *input, float *image)
{
  for (int row = b->top; row < b->top + b->rows; row++) {
    float *restrict target = image + (size_t)row * (size_t)input->width * CHANNELS;
    const float *restrict red = row_of(b->color[0], b, row, 0);
    const float *restrict green = row_of(b->color[1], b, row, 0);
    const float *restrict blue = row_of(b->color[2], b, row, 0);
    for (int x = 0; x < input->width; x++) {
      target[CHANNELS * x] = red[x];
      target[CHANNELS * x + 1] = green[x];
      target[CHANNELS * x + 2] = blue[x];
    }
  }
}

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

static void paint(band *b, const composite_work *work, const band_path *item)
{
  const box *bounds = &work->flat->boxes[item->path];
  size_t run = (size_t)bounds->stride;
  const float *winding =
      work->flat->winding + bounds->offset + (size_t)(item->first - bounds->top) * run;
  float *difference = b->difference + item->difference;
  for (int row = item->first; row < item->last; row++) {
    paint_row(row_of(b->color[0], b, row, bounds->left), row_of(b->color[1], b, row, bounds->left),
              row_of(b->color[2], b, row, bounds->left), difference, winding, bounds->stride,
              work->input->colors + 4 * item->path);
    winding += run;
    difference += CHANNELS * run;
  }
}

/* The same as `paint` for a path with a ramp. scratch: a row of t. */
static void paint_ramped(band *b, const composite_work *work, const band_path *item, ramp r,
                         float *scratch)
{
  const box *bounds = &work->flat->boxes[item->path];
  const float *start = work->input->colors + 4 * item->path;
  const float *end = work->input->ramps.colors + CHANNELS * item->path;
  float *difference = b->difference + item->difference;
  for (int row = item->first; row < item->last; row++) {
    ramp_positions(&r, bounds->left, row, bounds->stride, scratch);
    for (int c = 0; c < CHANNELS; c++) {
      ramp_paint_row(row_of(b->color[c], b, row, bounds->left), difference,
                     winding_of_row(work, item->path, row), scratch, bounds->stride,
                     clipped(start[3]), start[c], end[c]);
      difference += bounds->stride;
    }
  }
}

/* Errors and their gradient for one row of pixels; returns the weighted squared error. */
static float compare_row(band *b, int row, const float *restrict target, int count)
{
  SUM_IN_ANY_ORDER
  const float *restrict scale = row_of(b->error_scale, b, row, 0);
  const float *restrict red = row_of(b->color[0], b, row, 0);
  const float *restrict green = row_of(b->color[1], b, row, 0);
  const float *restrict blue = row_of(b->color[2], b, row, 0);
  float *restrict red_gradient = row_of(b->gradient[0], b, row, 0);
  float *restrict green_gradient = row_of(b->gradient[1], b, row, 0);
  float *restrict blue_gradient = row_of(b->gradient[2], b, row, 0);
  float total = 0.0f;
  for (int x = 0; x < count; x++) {
    float red_error = red[x] - target[CHANNELS * x];
    float green_error = green[x] - target[CHANNELS * x + 1];
    float blue_error = blue[x] - target[CHANNELS * x + 2];
    red_gradient[x] = 2.0f * scale[x] * red_error;
    green_gradient[x] = 2.0f * scale[x] * green_error;
    blue_gradient[x] = 2.0f * scale[x] * blue_error;
    total += scale[x] *
             (red_error * red_error + green_error * green_error + blue_error * blue_error);
  }
  return total;
}

/* Add the gradient of sharpness · scale·|error - its mean|^2 over a block of columns of the
 * band, to that of the squared error: 2·scale·error. */
static void sharpen_block(band *b, int left, int right, float sharpness)
{
  SUM_IN_ANY_ORDER
  for (int c = 0; c < CHANNELS; c++) {
    float sum = 0.0f, weight = 0.0f;
    for (int row = b->top; row < b->top + b->rows; row++) {
      const float *restrict scale = row_of(b->error_scale, b, row, 0);
      const float *restrict gradient = row_of(b->gradient[c], b, row, 0);
      for (int x = left; x < right; x++) {
        sum += gradient[x];
        weight += 2.0f * scale[x];
      }
    }
    float mean = weight > 0.0f ? sum / weight : 0.0f;
    for (int row = b->top; row < b->top + b->rows; row++) {
      const float *restrict scale = row_of(b->error_scale, b, row, 0);
      float *restrict gradient = row_of(b->gradient[c], b, row, 0);
      for (int x = left; x < right; x++) {
        gradient[x] += sharpness * (gradient[x] - 2.0f * scale[x] * mean);
      }
    }
  }
}

/* The squared error of the band, and the gradient of the loss for every pixel's color. */
static double compare(band *b, const scene *input, const objective *goal)
{
  double total = 0.0;
  float scale = 1.0f / ((float)CHANNELS * (float)input->width * (float)input->height);
  for (int row = b->top; row < b->top + b->rows; row++) {
    size_t pixel = (size_t)row * (size_t)input->width;
    float *row_scale = row_of(b->error_scale, b, row, 0);
    for (int x = 0; x < input->width; x++) {
      row_scale[x] = goal->weight ? scale * goal->weight[pixel + (size_t)x] : scale;
    }
    total += (double)compare_row(b, row, goal->target + pixel * CHANNELS, input->width);
  }
  for (int left = 0; goal->sharpness > 0.0f && left < input->width; left += BLOCK_COLUMNS) {
    int right = left + BLOCK_COLUMNS < input->width ? left + BLOCK_COLUMNS : input->width;
    sharpen_block(b, left, right, goal->sharpness);
  }
  return total;
}

/* Sums over one row of one path, all of the terms of its gradients. */
typedef struct {
  float color[CHANNELS], opacity, removal;
} row_sums;

/* Turns the row's winding into d(loss)/d(winding) and lets the light through to the next. (The
 * pointers are parameters because compilers believe `restrict` of nothing else.) */
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

/* The containment term: coverage outside of the path's own region costs. */
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

/* Which part of the sums of a path the band is. */
static size_t part_of(const band *b, const box *bounds)
{
  return bounds->first_part + (size_t)(b->top / BAND_ROWS - bounds->top / BAND_ROWS);
}

static void unpaint(band *b, const composite_work *work, const band_path *item, float *scratch)
{
  const scene *input = work->input;
  const objective *goal = work->goal;
  const box *bounds = &work->flat->boxes[item->path];
  size_t run = (size_t)bounds->stride;
  int left = bounds->left;
  const float *difference = b->difference + item->difference;
  float opacity = clipped(input->colors[4 * item->path + 3]);
  int contained = goal->regions && goal->path_regions[item->path] >= 0;
  float cost = contained ? goal->containment[item->path] * 2.0f /
                               ((float)CHANNELS * (float)input->width * (float)input->height)
                         : 0.0f;
  band_sums part = {{0.0}, 0.0};
  for (int row = item->first; row < item->last; row++) {
    float *winding = winding_of_row(work, item->path, row);
    if (cost > 0.0f) {
      memcpy(scratch, winding, sizeof(float) * run);
    }
    row_sums sums = unpaint_row(
        row_of(b->gradient[0], b, row, left), row_of(b->gradient[1], b, row, left),
        row_of(b->gradient[2], b, row, left), difference, row_of(b->error_scale, b, row, left),
        row_of(b->transmittance, b, row, left), winding, bounds->stride, opacity);
    difference += CHANNELS * run;
    if (cost > 0.0f) {
      const int *regions = goal->regions + (size_t)row * (size_t)input->width + left;
      contain_row(winding, scratch, regions, bounds->right - left,
                  goal->path_regions[item->path], cost);
    }
    for (int c = 0; c < CHANNELS; c++) {
      part.color[c] += sums.color[c];
    }
    part.color[3] += sums.opacity;
    part.removal_cost += sums.removal;
  }
  work->result->parts[part_of(b, bounds)] = part;
}

/* What unpaint finds for one color, shared out between the two of a ramp; and the gradient of
 * its axis. scratch: two rows, of t and its gradient. */
static void unpaint_ramped(band *b, const composite_work *work, const band_path *item, ramp r,
                           float *scratch)
{
  const box *bounds = &work->flat->boxes[item->path];
  const float *start = work->input->colors + 4 * item->path;
  const float *end = work->input->ramps.colors + CHANNELS * item->path;
  int left = bounds->left, count = bounds->stride;
  float *t = scratch, *t_gradient = scratch + b->stride;
  double start_gradient[CHANNELS] = {0.0};
  ramp_sums part = {{0.0}, {0.0}};
  for (int row = item->first; row < item->last; row++) {
    ramp_positions(&r, left, row, count, t);
    ramp_color_sums sums = ramp_unpaint_row(
        row_of(b->gradient[0], b, row, left), row_of(b->gradient[1], b, row, left),
        row_of(b->gradient[2], b, row, left), row_of(b->transmittance, b, row, left),
        winding_of_row(work, item->path, row), t, t_gradient, count, clipped(start[3]), start,
        end);
    for (int c = 0; c < CHANNELS; c++) {
      start_gradient[c] += (double)sums.start[c];
      part.color[c] += (double)sums.end[c];
    }
    ramp_add_axis_gradient(&r, left, row, count, t, t_gradient, part.axis);
  }
  unpaint(b, work, item, scratch);
  size_t place = part_of(b, bounds);
  work->result->ramp_parts[place] = part;
  memcpy(work->result->parts[place].color, start_gradient, sizeof(start_gradient));
}

/* The paths that touch the band, in painting order; returns how many. */
static int paths_of_band(const composite_work *work, const band *b, band_path *items,
                         size_t *difference_size)
{
  int count = 0;
  *difference_size = 0;
  for (int path = 0; path < work->input->path_count; path++) {
    const box *bounds = &work->flat->boxes[path];
    int first = bounds->top > b->top ? bounds->top : b->top;
    int last = bounds->bottom < b->top + b->rows ? bounds->bottom : b->top + b->rows;
    if (first < last) {
      items[count++] = (band_path){path, first, last, *difference_size};
      *difference_size += (size_t)CHANNELS * (size_t)(last - first) * (size_t)bounds->stride;
    }
  }
  return count;
}

/* All planes of a band in one allocation, set to zero; the caller frees color[0]. */
static int allocate_planes(band *b, int width)
{
  b->stride = width + 2 * ROW_PADDING;
  size_t plane = (size_t)b->rows * (size_t)b->stride;
  float *memory = calloc(plane * (2 * CHANNELS + 2), sizeof(float));
  if (!memory) {
    return 0;
  }
  for (int c = 0; c < CHANNELS; c++) {
    b->color[c] = memory + plane * (size_t)c;
    b->gradient[c] = memory + plane * (size_t)(CHANNELS + c);
  }
  b->transmittance = memory + plane * 2 * CHANNELS;
  b->error_scale = memory + plane * (2 * CHANNELS + 1);
  return 1;
}

static void composite_backward(band *b, const composite_work *work, const band_path *items,
                               int count, float *scratch)
{
  const objective *goal = work->goal;
  if (goal->image_gradient) {
    load_planes(b, b->gradient, goal->image_gradient, 1, work->input->width);
  }
  else {
    work->result->squared_error[b->top / BAND_ROWS] = compare(b, work->input, goal);
  }
  for (size_t i = 0; i < (size_t)b->rows * (size_t)b->stride; i++) {
    b->transmittance[i] = 1.0f;
  }
  for (int i = count - 1; i >= 0; i--) {
    ramp r = ramp_of(&work->input->ramps, items[i].path);
    if (r.kind == RAMP_FLAT) {
      unpaint(b, work, &items[i], scratch);
    }
    else {
      unpaint_ramped(b, work, &items[i], r, scratch);
    }
  }
}

static void composite_band(void *context, int index)
{
  composite_work *work = context;
  const scene *input = work->input;
  band b = {.top = index * BAND_ROWS};
  b.rows = input->height - b.top < BAND_ROWS ? input->height - b.top : BAND_ROWS;
  size_t difference_size = 0;
  band_path *items = malloc(sizeof(band_path) * (size_t)(input->path_count + 1));
  int count = items ? paths_of_band(work, &b, items, &difference_size) : 0;
  b.difference = malloc(sizeof(float) * (difference_size + 1));
  float *scratch = malloc(sizeof(float) * 2 * (size_t)(input->width + 2 * ROW_PADDING));
  if (items && b.difference && scratch && allocate_planes(&b, input->width)) {
    load_planes(&b, b.color, work->goal->background, work->goal->background_is_image,
                input->width);
    for (int i = 0; i < count; i++) {
      ramp r = ramp_of(&input->ramps, items[i].path);
      if (r.kind == RAMP_FLAT) {
        paint(&b, work, &items[i]);
      }
      else {
        paint_ramped(&b, work, &items[i], r, scratch);
      }
    }
    if (work->result->image) {
      store_image(&b, input, work->result->image);
    }
    if (work->result->parts) {
      composite_backward(&b, work, items, count, scratch);
    }
    free(b.color[0]);
  }
  else {
    work->failed = 1;
  }
  free(scratch);
  free(b.difference);
  free(items);
}

int composite(const scene *input, const outlines *flat, const objective *goal, int threads,
              const composite_result *result)
{
  composite_work work = {input, flat, goal, result, 0};
  semvec_parallel_for(threads, band_count(input), composite_band, &work);
  return work.failed ? SEMVEC_NO_MEMORY : SEMVEC_OK;
}
