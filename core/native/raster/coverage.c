/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Exact-area coverage by signed-area accumulation (the method of font-rs): each chord adds,
 * to every row of pixels it crosses, its signed height at the cell it lies in, divided
 * between that cell and the next by its mean position. A running sum along the row then
 * gives the winding number averaged over each pixel.
 *
 * Backward: moving a piece of a chord sideways changes the winding number of the pixel that
 * contains it and of no other, so the gradient is a sum of G = d(loss)/d(winding) over the
 * pieces. (Suffix sums along the row are equivalent, but lose precision.)
 */
#include "coverage.h"

#include <math.h>
#include <string.h>

typedef struct {
  float width, height; /* of the box, pixels */
  int columns, rows, stride;
  float *winding;
} raster_box;

static raster_box raster_box_of(const flat_scene *flat, int path)
{
  box b = flat->boxes[path];
  int columns = b.right - b.left, rows = b.bottom - b.top;
  return (raster_box){(float)columns, (float)rows, columns,
                      rows,           b.stride,    flat->winding + b.offset};
}

static float at_least(float value, float limit)
{
  return value > limit ? value : limit;
}

static float at_most(float value, float limit)
{
  return value < limit ? value : limit;
}

static void add_to_cell(float *row, int cell, float height, float middle)
{
  float offset = middle - (float)cell;
  row[cell] += height * (1.0f - offset);
  row[cell + 1] += height * offset;
}

/* Add a piece of a chord that lies within one row, from x = a to x = b >= a. */
static void add_to_row(float *row, float width, float a, float b, float height)
{
  if (a >= width) {
    return;
  }
  if (b <= 0.0f) {
    row[0] += height;
    return;
  }
  if (a < 0.0f) {
    float outside = height * (-a / (b - a));
    row[0] += outside;
    height -= outside;
    a = 0.0f;
  }
  if (b > width) {
    height *= (width - a) / (b - a);
    b = width;
  }
  int first = (int)a, last = (int)b;
  if (first == last) {
    add_to_cell(row, first, height, 0.5f * (a + b));
    return;
  }
  float per_pixel = height / (b - a);
  for (int cell = first; cell <= last; cell++) {
    float from = at_least(a, (float)cell), to = at_most(b, (float)(cell + 1));
    add_to_cell(row, cell, per_pixel * (to - from), 0.5f * (from + to));
  }
}

static void add_chord(const raster_box *target, point p, point q)
{
  if (p.y == q.y) {
    return;
  }
  float sign = q.y > p.y ? 1.0f : -1.0f;
  point upper = sign > 0 ? p : q, lower = sign > 0 ? q : p;
  float top = at_least(upper.y, 0.0f), bottom = at_most(lower.y, target->height);
  if (top >= bottom) {
    return;
  }
  float slope = (lower.x - upper.x) / (lower.y - upper.y);
  float x = upper.x + (top - upper.y) * slope;
  for (int row = (int)top; row < target->rows && (float)row < bottom; row++) {
    float from = at_least(top, (float)row), to = at_most(bottom, (float)(row + 1));
    float next_x = to < lower.y ? upper.x + (to - upper.y) * slope : lower.x;
    add_to_row(target->winding + (size_t)row * (size_t)target->stride, target->width,
               at_most(x, next_x), at_least(x, next_x), sign * (to - from));
    x = next_x;
  }
}

/* Rows whose running sums are taken side by side: one row alone waits for each addition. */
enum { ROWS_AT_ONCE = 4 };

/* Running sums along ROWS_AT_ONCE rows, which start `stride` floats apart. */
static void sum_four_rows(float *row, size_t stride, int columns)
{
  float *second = row + stride, *third = second + stride, *fourth = third + stride;
  float sums[ROWS_AT_ONCE] = {0.0f};
  for (int column = 0; column < columns; column++) {
    row[column] = sums[0] += row[column];
    second[column] = sums[1] += second[column];
    third[column] = sums[2] += third[column];
    fourth[column] = sums[3] += fourth[column];
  }
}

static void sum_row(float *row, int columns)
{
  float sum = 0.0f;
  for (int column = 0; column < columns; column++) {
    row[column] = sum += row[column];
  }
}

/* Turn the entries of all rows into running sums; the padding becomes 0. */
static void sum_rows(const raster_box *target)
{
  size_t stride = (size_t)target->stride;
  int row = 0;
  for (; row + ROWS_AT_ONCE <= target->rows; row += ROWS_AT_ONCE) {
    sum_four_rows(target->winding + (size_t)row * stride, stride, target->columns);
  }
  for (; row < target->rows; row++) {
    sum_row(target->winding + (size_t)row * stride, target->columns);
  }
  for (row = 0; row < target->rows; row++) {
    float *padding = target->winding + (size_t)row * stride + target->columns;
    memset(padding, 0, sizeof(float) * (stride - (size_t)target->columns));
  }
}

static point in_box(point p, const box *b)
{
  return (point){p.x - (float)b->left, p.y - (float)b->top};
}

/* Set the range of a sub-path's vertices: `first` to `last` - 1. */
static void ring_of(const semvec_scene *scene, const flat_scene *flat, int sub, int *first,
                    int *last)
{
  *first = flat->first_vertices[scene->paths.subpath_starts[sub] / 3];
  *last = flat->first_vertices[scene->paths.subpath_starts[sub + 1] / 3];
}

void path_winding(const semvec_scene *scene, const flat_scene *flat, int path)
{
  const box *b = &flat->boxes[path];
  raster_box target = raster_box_of(flat, path);
  if (target.rows == 0) {
    return;
  }
  for (int sub = scene->paths.path_starts[path]; sub < scene->paths.path_starts[path + 1]; sub++) {
    int first, last;
    ring_of(scene, flat, sub, &first, &last);
    for (int i = first; i < last; i++) {
      int next = i + 1 < last ? i + 1 : first;
      add_chord(&target, in_box(flat->vertices[i], b), in_box(flat->vertices[next], b));
    }
  }
  sum_rows(&target);
}

/* Integrals of G and of G·t over the parameter t of a chord. */
typedef struct {
  float plain, by_parameter;
} chord_integral;

static void add_piece(chord_integral *sum, float gradient, float from, float to)
{
  float length = to - from;
  sum->plain += gradient * length;
  sum->by_parameter += gradient * length * 0.5f * (from + to);
}

/* Integrate over t in [from, to], a part of a chord that lies within one row. */
static void integrate_row(chord_integral *sum, const float *row, int columns, point p, point step,
                          float from, float to)
{
  float a = p.x + from * step.x, b = p.x + to * step.x;
  float left = at_most(a, b), right = at_least(a, b);
  if (right < 0.0f || left >= (float)columns) {
    return;
  }
  int first = left > 0.0f ? (int)left : 0;
  int last = right < (float)columns ? (int)right : columns - 1;
  if (first == last && left >= 0.0f && right <= (float)columns) {
    add_piece(sum, row[first], from, to);
    return;
  }
  float per_pixel = 1.0f / step.x;
  for (int cell = first; cell <= last; cell++) {
    float t = ((float)cell - p.x) * per_pixel, u = ((float)(cell + 1) - p.x) * per_pixel;
    float enter = at_least(at_most(t, u), from), leave = at_most(at_least(t, u), to);
    if (leave > enter) {
      add_piece(sum, row[cell], enter, leave);
    }
  }
}

static chord_integral integrate_chord(const raster_box *source, point p, point q)
{
  chord_integral sum = {0.0f, 0.0f};
  point step = {q.x - p.x, q.y - p.y};
  float top = at_least(at_most(p.y, q.y), 0.0f);
  float bottom = at_most(at_least(p.y, q.y), source->height);
  if (top > bottom || top >= source->height) {
    return sum;
  }
  int first = (int)top, last = (int)bottom < source->rows ? (int)bottom : source->rows - 1;
  if (first == last && p.y >= 0.0f && q.y >= 0.0f && at_least(p.y, q.y) <= source->height) {
    const float *row = source->winding + (size_t)first * (size_t)source->stride;
    integrate_row(&sum, row, source->columns, p, step, 0.0f, 1.0f);
    return sum;
  }
  float per_row = 1.0f / step.y;
  for (int row = first; row <= last; row++) {
    float t = ((float)row - p.y) * per_row, u = ((float)(row + 1) - p.y) * per_row;
    float from = at_least(at_most(t, u), 0.0f), to = at_most(at_least(t, u), 1.0f);
    if (to > from) {
      const float *winding = source->winding + (size_t)row * (size_t)source->stride;
      integrate_row(&sum, winding, source->columns, p, step, from, to);
    }
  }
  return sum;
}

void path_winding_backward(const semvec_scene *scene, const flat_scene *flat, int path,
                           point *vertex_gradient)
{
  const box *b = &flat->boxes[path];
  raster_box source = raster_box_of(flat, path);
  if (source.rows == 0) {
    return;
  }
  for (int sub = scene->paths.path_starts[path]; sub < scene->paths.path_starts[path + 1]; sub++) {
    int first, last;
    ring_of(scene, flat, sub, &first, &last);
    for (int i = first; i < last; i++) {
      int next = i + 1 < last ? i + 1 : first;
      point p = in_box(flat->vertices[i], b), q = in_box(flat->vertices[next], b);
      chord_integral sum = integrate_chord(&source, p, q);
      point normal = {-(q.y - p.y), q.x - p.x};
      float at_end = sum.by_parameter, at_start = sum.plain - sum.by_parameter;
      vertex_gradient[i].x += at_start * normal.x;
      vertex_gradient[i].y += at_start * normal.y;
      vertex_gradient[next].x += at_end * normal.x;
      vertex_gradient[next].y += at_end * normal.y;
    }
  }
}
