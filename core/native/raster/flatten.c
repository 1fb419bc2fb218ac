/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A cubic is cut at uniform parameters into n chords. Vertices on the curve would make every
 * chord cut off area on the same side, so each vertex is moved by -B''/(12 n^2): the area
 * between curve and chords is then zero to leading order. Vertices remain linear in the control
 * points, so the gradient is exact.
 */
#include "flatten.h"

#include "../parallel.h"
#include "../status.h"
#include "ramp.h"

#include <math.h>

/* Fewer chords give the inner control points too little gradient; more add nothing visible. */
enum { MINIMUM_CHORDS = 6, MAXIMUM_CHORDS = 256 };

/* The largest distance by which a vertex may be moved off the curve, in pixels. */
static const float FLATNESS = 0.006f;

typedef struct {
  point p0, p1, p2, p3;
} cubic;

/* The vertices of one segment: ((a·t + b)·t + c)·t + d at t = 0, 1/n, 2/n, ... */
typedef struct {
  point a, b, c, d;
} polynomial;

static cubic cubic_at(const semvec_scene *scene, int first, int begin, int end)
{
  const point *points = scene->paths.points;
  return (cubic){near_point(points[first]), near_point(points[first + 1]),
                 near_point(points[first + 2]),
                 near_point(points[following_anchor(first, begin, end)])};
}

/* The offset -B''(t)/(12 n^2) = -(6·a·t + 2·b)/(12 n^2) is a polynomial as well: it subtracts
 * shift·a from c and shift/3·b from d, with shift = 1/(2 n^2). */
static float shift_of(int chord_count)
{
  return 0.5f / (float)(chord_count * chord_count);
}

static polynomial vertex_polynomial(const cubic *curve, int chord_count)
{
  point p0 = curve->p0, p1 = curve->p1, p2 = curve->p2, p3 = curve->p3;
  float shift = shift_of(chord_count);
  point a = {p3.x - p0.x + 3.0f * (p1.x - p2.x), p3.y - p0.y + 3.0f * (p1.y - p2.y)};
  point b = {3.0f * (p0.x - 2.0f * p1.x + p2.x), 3.0f * (p0.y - 2.0f * p1.y + p2.y)};
  point c = {3.0f * (p1.x - p0.x) - shift * a.x, 3.0f * (p1.y - p0.y) - shift * a.y};
  point d = {p0.x - shift / 3.0f * b.x, p0.y - shift / 3.0f * b.y};
  return (polynomial){a, b, c, d};
}

static point vertex_at(const polynomial *f, float t)
{
  return (point){((f->a.x * t + f->b.x) * t + f->c.x) * t + f->d.x,
                 ((f->a.y * t + f->b.y) * t + f->c.y) * t + f->d.y};
}

/* The number of chords for which no vertex is moved farther than FLATNESS. */
static int chords_needed(const cubic *curve)
{
  float start_x = curve->p0.x - 2.0f * curve->p1.x + curve->p2.x;
  float start_y = curve->p0.y - 2.0f * curve->p1.y + curve->p2.y;
  float end_x = curve->p1.x - 2.0f * curve->p2.x + curve->p3.x;
  float end_y = curve->p1.y - 2.0f * curve->p2.y + curve->p3.y;
  float start = start_x * start_x + start_y * start_y, end = end_x * end_x + end_y * end_y;
  float bend = sqrtf(start > end ? start : end); /* |B''| / 6 */
  float count = ceilf(sqrtf(bend / (2.0f * FLATNESS)));
  return count > MAXIMUM_CHORDS   ? MAXIMUM_CHORDS
         : count > MINIMUM_CHORDS ? (int)count
                                  : MINIMUM_CHORDS;
}

static void count_chords(const semvec_scene *scene, flat_scene *flat)
{
  int vertex = 0;
  for (int sub = 0; sub < scene->paths.path_starts[scene->paths.path_count]; sub++) {
    int begin = scene->paths.subpath_starts[sub], end = scene->paths.subpath_starts[sub + 1];
    for (int first = begin; first < end; first += 3) {
      cubic curve = cubic_at(scene, first, begin, end);
      flat->chord_counts[first / 3] = chords_needed(&curve);
      flat->first_vertices[first / 3] = vertex;
      vertex += flat->chord_counts[first / 3];
    }
    vertex += begin < end; /* the end of the sub-path */
  }
  flat->vertex_count = vertex;
}

/* Two segments move their common vertex differently; the mean of both is used. */
static point middle(point p, point q)
{
  return (point){0.5f * (p.x + q.x), 0.5f * (p.y + q.y)};
}

static void flatten_subpath(const semvec_scene *scene, const flat_scene *flat, int begin, int end)
{
  point end_of_previous = {0.0f, 0.0f};
  for (int first = begin; first < end; first += 3) {
    int count = flat->chord_counts[first / 3];
    point *vertices = flat->vertices + flat->first_vertices[first / 3];
    cubic curve = cubic_at(scene, first, begin, end);
    polynomial f = vertex_polynomial(&curve, count);
    float step = 1.0f / (float)count;
    for (int i = 0; i < count; i++) {
      vertices[i] = vertex_at(&f, (float)i * step);
    }
    if (first > begin) {
      vertices[0] = middle(vertices[0], end_of_previous);
    }
    end_of_previous = vertex_at(&f, 1.0f);
  }
  if (begin < end) {
    point *joint = flat->vertices + flat->first_vertices[begin / 3];
    *joint = middle(*joint, end_of_previous);
    flat->vertices[flat->first_vertices[end / 3 - 1] + flat->chord_counts[end / 3 - 1]] = *joint;
  }
}

static int pixel_floor(float value, int limit)
{
  return value <= 0.0f ? 0 : value >= (float)limit ? limit : (int)value;
}

static int pixel_ceiling(float value, int limit)
{
  return pixel_floor(ceilf(value), limit);
}

/* Returns 1 where all points of a path and its ramp are finite. */
static int is_drawable(const semvec_scene *scene, int path)
{
  int begin = scene->paths.subpath_starts[scene->paths.path_starts[path]];
  int end = scene->paths.subpath_starts[scene->paths.path_starts[path + 1]];
  for (int i = begin; i < end; i++) {
    if (!is_finite_point(scene->paths.points[i])) {
      return 0;
    }
  }
  return ramp_is_finite(&scene->ramps, path);
}

/* The box of a path. It is empty where the path is off the canvas or can't be drawn. */
static box path_box(const semvec_scene *scene, const flat_scene *flat, int path)
{
  const box empty = {0, 0, 0, 0, 0};
  if (!is_drawable(scene, path)) {
    return empty;
  }
  point low = {INFINITY, INFINITY}, high = {-INFINITY, -INFINITY};
  for (int sub = scene->paths.path_starts[path]; sub < scene->paths.path_starts[path + 1]; sub++) {
    vertex_range range = vertices_of(scene, flat, sub);
    for (int i = range.first; i < range.last; i++) {
      point v = flat->vertices[i];
      low = (point){v.x < low.x ? v.x : low.x, v.y < low.y ? v.y : low.y};
      high = (point){v.x > high.x ? v.x : high.x, v.y > high.y ? v.y : high.y};
    }
  }
  int left = pixel_floor(low.x, scene->width), top = pixel_floor(low.y, scene->height);
  int right = pixel_ceiling(high.x, scene->width);
  int bottom = pixel_ceiling(high.y, scene->height);
  if (right <= left || bottom <= top) {
    return empty;
  }
  return (box){left / TILE_SIZE, top / TILE_SIZE, tiles_across(right), tiles_across(bottom), 0};
}

typedef struct {
  const semvec_scene *scene;
  flat_scene *flat;
} flatten_work;

static void flatten_path(void *context, int path)
{
  const flatten_work *work = context;
  const semvec_scene *scene = work->scene;
  for (int sub = scene->paths.path_starts[path]; sub < scene->paths.path_starts[path + 1]; sub++) {
    flatten_subpath(scene, work->flat, scene->paths.subpath_starts[sub],
                    scene->paths.subpath_starts[sub + 1]);
  }
  work->flat->boxes[path] = path_box(scene, work->flat, path);
}

/* Set the places of all boxes in arrays of parts. */
static void place_boxes(const semvec_scene *scene, flat_scene *flat)
{
  flat->part_count = 0;
  for (int path = 0; path < scene->paths.path_count; path++) {
    flat->boxes[path].first_part = flat->part_count;
    flat->part_count += (size_t)box_band_count(&flat->boxes[path]);
  }
}

int flat_scene_create(flat_scene *flat, const semvec_scene *scene, int threads, arena *memory)
{
  int segments = scene->paths.subpath_starts[scene->paths.path_starts[scene->paths.path_count]] / 3;
  *flat = (flat_scene){.segment_count = segments};
  flat->chord_counts = arena_take(memory, (size_t)segments + 1, sizeof(int));
  flat->first_vertices = arena_take(memory, (size_t)segments + 1, sizeof(int));
  flat->boxes = arena_take(memory, (size_t)scene->paths.path_count + 1, sizeof(box));
  if (!flat->chord_counts || !flat->first_vertices || !flat->boxes) {
    return SEMVEC_NO_MEMORY;
  }
  count_chords(scene, flat);
  flat->vertices = arena_take(memory, (size_t)flat->vertex_count + 1, sizeof(point));
  if (!flat->vertices) {
    return SEMVEC_NO_MEMORY;
  }
  flatten_work work = {scene, flat};
  semvec_parallel_for(threads, scene->paths.path_count, flatten_path, &work);
  place_boxes(scene, flat);
  return SEMVEC_OK;
}

static void add(point *sum, float weight, point value)
{
  sum->x += weight * value.x;
  sum->y += weight * value.y;
}

/* The gradient of the coefficients, given those of a segment's vertices. */
static polynomial polynomial_gradient(const point *vertex_gradient, point end_gradient, int count)
{
  /* A vertex at a joint is the mean of two: half of its gradient belongs to this segment. */
  point half_start = middle(vertex_gradient[0], (point){0.0f, 0.0f});
  point half_end = middle(end_gradient, (point){0.0f, 0.0f});
  polynomial sum = {half_end, half_end, half_end, half_end};
  add(&sum.d, 1.0f, half_start);
  float step = 1.0f / (float)count;
  for (int i = 1; i < count; i++) {
    float t = (float)i * step;
    add(&sum.a, t * t * t, vertex_gradient[i]);
    add(&sum.b, t * t, vertex_gradient[i]);
    add(&sum.c, t, vertex_gradient[i]);
    add(&sum.d, 1.0f, vertex_gradient[i]);
  }
  float shift = shift_of(count);
  add(&sum.a, -shift, sum.c);
  add(&sum.b, -shift / 3.0f, sum.d);
  return sum;
}

void path_flatten_backward(const semvec_scene *scene, const flat_scene *flat, int path,
                           point *vertex_gradient, point *point_gradient)
{
  for (int sub = scene->paths.path_starts[path]; sub < scene->paths.path_starts[path + 1]; sub++) {
    int begin = scene->paths.subpath_starts[sub], end = scene->paths.subpath_starts[sub + 1];
    vertex_range range = vertices_of(scene, flat, sub);
    if (begin < end) {
      add(&vertex_gradient[range.first], 1.0f, vertex_gradient[range.last]);
    }
    for (int first = begin; first < end; first += 3) {
      int next = following_anchor(first, begin, end);
      polynomial g = polynomial_gradient(vertex_gradient + flat->first_vertices[first / 3],
                                         vertex_gradient[flat->first_vertices[next / 3]],
                                         flat->chord_counts[first / 3]);
      point *p = &point_gradient[first];
      add(&p[0], 1.0f,
          (point){g.d.x - 3.0f * g.c.x + 3.0f * g.b.x - g.a.x,
                  g.d.y - 3.0f * g.c.y + 3.0f * g.b.y - g.a.y});
      add(&p[1], 3.0f, (point){g.c.x - 2.0f * g.b.x + g.a.x, g.c.y - 2.0f * g.b.y + g.a.y});
      add(&p[2], 3.0f, (point){g.b.x - g.a.x, g.b.y - g.a.y});
      add(&point_gradient[next], 1.0f, g.a);
    }
  }
}
