/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Keeps closed cubic paths simple (free of self-crossings, cusps and hair-thin parts)
 * while an optimiser moves their control points. After each step, path by path:
 *
 *   1. handles that are too long for their chord, or point backwards, are shortened;
 *   2. parts of the outline that come too near to each other push themselves apart;
 *   3. where chords of the outline still cross, the cubics involved go back to where they
 *      were before the step, in the last resort the whole path;
 *   4. a path that shrank to a speck or a sliver goes back, too.
 *
 * So a path that was simple and large enough before the step is so after it.
 */
#include "parallel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { OK = 0, NO_MEMORY = -1, INVALID = -2 };

/* Points of the outline that stand for one cubic while shapes move. */
enum { MOVING_SAMPLES = 8, LINE_SEARCH_ROUNDS = 3 };

/* A handle may be this long, in chords, plus HANDLE_SLACK pixels. */
static const float HANDLE_REACH = 0.75f, HANDLE_SLACK = 1.0f, HANDLE_DAMPING = 0.7f;

/* Parts of an outline should be this many pixels apart, or this share of the way along the
 * outline from one to the other where that is less: so corners are free, and cusps are not. */
static const float CLEARANCE = 1.0f, CLEARANCE_PER_ARC = 0.6f, LARGEST_PUSH = 0.5f;

typedef struct {
  float x, y;
} point;

typedef struct {
  float of[4];
} weights;

/* One cubic of the path at hand: indices of its control points, and its ring. */
typedef struct {
  int control[4];
  int first_sample; /* of the ring that it belongs to */
  int ring_samples;
} segment;

/* The working memory of one path. */
typedef struct {
  int segment_count, density; /* samples a segment */
  segment *segments;
  point *samples;      /* [segment_count, density] */
  float *arc;          /* length along the ring up to each sample */
  float *ring_length;  /* per sample: of the ring it lies on */
  point *push;         /* per control point of the path */
  unsigned char *crosses; /* per segment */
  point *low, *high;   /* per segment: the box of its samples, its end included */
} outline;

static point subtract(point a, point b)
{
  return (point){a.x - b.x, a.y - b.y};
}

static float dot(point a, point b)
{
  return a.x * b.x + a.y * b.y;
}

static float cross(point a, point b)
{
  return a.x * b.y - a.y * b.x;
}

static float length(point a)
{
  return sqrtf(dot(a, a));
}

static weights bernstein(float t)
{
  float u = 1.0f - t;
  return (weights){{u * u * u, 3.0f * t * u * u, 3.0f * t * t * u, t * t * t}};
}

static point curve_point(const point *points, const segment *s, weights w)
{
  point sum = {0.0f, 0.0f};
  for (int k = 0; k < 4; k++) {
    sum.x += w.of[k] * points[s->control[k]].x;
    sum.y += w.of[k] * points[s->control[k]].y;
  }
  return sum;
}

/* The sample after sample i on its ring. */
static int next_sample(const outline *path, int i)
{
  const segment *s = &path->segments[i / path->density];
  int next = i + 1;
  return next < s->first_sample + s->ring_samples ? next : s->first_sample;
}

static void sample_outline(outline *path, const point *points)
{
  for (int s = 0; s < path->segment_count; s++) {
    for (int k = 0; k < path->density; k++) {
      path->samples[s * path->density + k] =
          curve_point(points, &path->segments[s], bernstein((float)k / (float)path->density));
    }
  }
  for (int s = 0; s < path->segment_count; s++) {
    point low = path->samples[s * path->density], high = low;
    for (int k = 1; k <= path->density; k++) {
      point p = path->samples[k < path->density ? s * path->density + k
                                          : next_sample(path, s * path->density + path->density - 1)];
      low = (point){fminf(low.x, p.x), fminf(low.y, p.y)};
      high = (point){fmaxf(high.x, p.x), fmaxf(high.y, p.y)};
    }
    path->low[s] = low;
    path->high[s] = high;
  }
}

static void measure_arcs(outline *path)
{
  int count = path->segment_count * path->density;
  for (int first = 0; first < count;) {
    int ring = path->segments[first / path->density].ring_samples;
    float sum = 0.0f;
    for (int i = first; i < first + ring; i++) {
      path->arc[i] = sum;
      sum += length(subtract(path->samples[next_sample(path, i)], path->samples[i]));
    }
    for (int i = first; i < first + ring; i++) {
      path->ring_length[i] = sum;
    }
    first += ring;
  }
}

static int boxes_are_near(const outline *path, int a, int b, float distance)
{
  return path->low[a].x <= path->high[b].x + distance &&
         path->low[b].x <= path->high[a].x + distance &&
         path->low[a].y <= path->high[b].y + distance &&
         path->low[b].y <= path->high[a].y + distance;
}

/* -- 1. handles ---------------------------------------------------------------------- */

/* Shorten the handle at `handle` of the anchor at `anchor`; `chord` leads to the other anchor. */
static void tame_handle(point *handle, point anchor, point chord)
{
  float chord_length = length(chord);
  point reach = subtract(*handle, anchor);
  if (chord_length > 1e-6f) {
    point direction = {chord.x / chord_length, chord.y / chord_length};
    float along = dot(reach, direction);
    if (along < 0.0f) {
      reach.x -= HANDLE_DAMPING * along * direction.x;
      reach.y -= HANDLE_DAMPING * along * direction.y;
    }
  }
  float reach_length = length(reach), longest = HANDLE_REACH * chord_length + HANDLE_SLACK;
  if (reach_length > longest) {
    float scale = 1.0f - HANDLE_DAMPING * (reach_length - longest) / reach_length;
    reach = (point){reach.x * scale, reach.y * scale};
  }
  *handle = (point){anchor.x + reach.x, anchor.y + reach.y};
}

static void tame_handles(const outline *path, point *points)
{
  for (int s = 0; s < path->segment_count; s++) {
    const int *control = path->segments[s].control;
    point chord = subtract(points[control[3]], points[control[0]]);
    tame_handle(&points[control[1]], points[control[0]], chord);
    tame_handle(&points[control[2]], points[control[3]], (point){-chord.x, -chord.y});
  }
}

/* -- 2. repulsion --------------------------------------------------------------------- */

static void push_curve(outline *path, int base, int segment_index, float t, point by)
{
  const segment *s = &path->segments[segment_index];
  weights w = bernstein(t);
  for (int k = 0; k < 4; k++) {
    path->push[s->control[k] - base].x += w.of[k] * by.x;
    path->push[s->control[k] - base].y += w.of[k] * by.y;
  }
}

/* How far apart two places of the outline should be. */
static float wanted_distance(const outline *path, int i, float arc_i, int j, float arc_j)
{
  if (path->segments[i / path->density].first_sample != path->segments[j / path->density].first_sample) {
    return CLEARANCE;
  }
  float along = fabsf(arc_i - arc_j);
  along = fminf(along, path->ring_length[i] - along);
  return fminf(CLEARANCE, CLEARANCE_PER_ARC * along);
}

/* Push sample i and the chord that starts at sample j apart. */
static int repel(outline *path, int base, int i, int j)
{
  int next = next_sample(path, j);
  if (i == j || i == next) {
    return 0;
  }
  point start = path->samples[j], chord = subtract(path->samples[next], start);
  point toward = subtract(path->samples[i], start);
  float squared = dot(chord, chord);
  float t = squared > 0.0f ? fminf(fmaxf(dot(toward, chord) / squared, 0.0f), 1.0f) : 0.0f;
  point away = {toward.x - t * chord.x, toward.y - t * chord.y};
  float squared_distance = dot(away, away);
  if (squared_distance >= CLEARANCE * CLEARANCE || squared_distance < 1e-12f) {
    return 0;
  }
  float distance = sqrtf(squared_distance);
  float arc_j = path->arc[j] + t * sqrtf(squared);
  float deficit = wanted_distance(path, i, path->arc[i], j, arc_j) - distance;
  if (deficit <= 0.0f) {
    return 0;
  }
  float amount = fminf(0.5f * deficit, LARGEST_PUSH) / distance;
  point push = {amount * away.x, amount * away.y};
  push_curve(path, base, i / path->density, (float)(i % path->density) / (float)path->density, push);
  push_curve(path, base, j / path->density, ((float)(j % path->density) + t) / (float)path->density,
             (point){-push.x, -push.y});
  return 1;
}

static void repel_outline(outline *path, point *points, int base, int point_count)
{
  sample_outline(path, points);
  measure_arcs(path);
  memset(path->push, 0, sizeof(point) * (size_t)point_count);
  int pushes = 0;
  for (int a = 0; a < path->segment_count; a++) {
    for (int b = 0; b < path->segment_count; b++) {
      if (!boxes_are_near(path, a, b, CLEARANCE)) {
        continue;
      }
      for (int i = a * path->density; i < (a + 1) * path->density; i++) {
        for (int j = b * path->density; j < (b + 1) * path->density; j++) {
          pushes += repel(path, base, i, j);
        }
      }
    }
  }
  for (int i = 0; pushes && i < point_count; i++) {
    float size = length(path->push[i]);
    float scale = size > LARGEST_PUSH ? LARGEST_PUSH / size : 1.0f;
    points[base + i].x += scale * path->push[i].x;
    points[base + i].y += scale * path->push[i].y;
  }
}

/* -- 3. line search ------------------------------------------------------------------- */

static int chords_cross(point a, point b, point c, point d)
{
  point first = subtract(b, a), second = subtract(d, c);
  float c_side = cross(first, subtract(c, a)), d_side = cross(first, subtract(d, a));
  float a_side = cross(second, subtract(a, c)), b_side = cross(second, subtract(b, c));
  return (c_side > 0.0f) != (d_side > 0.0f) && (a_side > 0.0f) != (b_side > 0.0f);
}

static int segments_cross(const outline *path, int a, int b)
{
  if (!boxes_are_near(path, a, b, 0.0f)) {
    return 0;
  }
  for (int i = a * path->density; i < (a + 1) * path->density; i++) {
    int after_i = next_sample(path, i);
    for (int j = b * path->density; j < (b + 1) * path->density; j++) {
      int after_j = next_sample(path, j);
      if (i != j && after_i != j && after_j != i &&
          chords_cross(path->samples[i], path->samples[after_i], path->samples[j],
                       path->samples[after_j])) {
        return 1;
      }
    }
  }
  return 0;
}

/* Marks the segments whose chords cross others; returns how many. */
static int find_crossings(outline *path, const point *points)
{
  sample_outline(path, points);
  memset(path->crosses, 0, (size_t)path->segment_count);
  int count = 0;
  for (int a = 0; a < path->segment_count; a++) {
    for (int b = a; b < path->segment_count; b++) {
      if (segments_cross(path, a, b)) {
        path->crosses[a] = path->crosses[b] = 1;
        count++;
      }
    }
  }
  return count;
}

static void take_back(point *points, const point *before, unsigned char *reverted, int index)
{
  points[index] = before[index];
  reverted[index] = 1;
}

static void search_line(outline *path, point *points, const point *before, int base,
                        int point_count, unsigned char *reverted)
{
  for (int round = 0; round < LINE_SEARCH_ROUNDS; round++) {
    if (!find_crossings(path, points)) {
      return;
    }
    for (int s = 0; s < path->segment_count; s++) {
      for (int k = 0; path->crosses[s] && k < 4; k++) {
        take_back(points, before, reverted, path->segments[s].control[k]);
      }
    }
  }
  if (find_crossings(path, points)) {
    for (int i = 0; i < point_count; i++) {
      take_back(points, before, reverted, base + i);
    }
  }
}

/* -- 4. size ------------------------------------------------------------------------- */

typedef struct {
  float area, thickness; /* px^2; twice the area over the perimeter, px */
} extent;

static extent measure_extent(outline *path, const point *points)
{
  float area = 0.0f, perimeter = 0.0f;
  sample_outline(path, points);
  for (int i = 0; i < path->segment_count * path->density; i++) {
    point p = path->samples[i], q = path->samples[next_sample(path, i)];
    area += 0.5f * cross(subtract(p, path->samples[0]), subtract(q, path->samples[0]));
    perimeter += length(subtract(q, p));
  }
  area = fabsf(area);
  return (extent){area, perimeter > 0.0f ? 2.0f * area / perimeter : 0.0f};
}

/* A path may not get too small; one that is too small already may not get smaller. */
static void keep_size(outline *path, point *points, const point *before, int base,
                      int point_count, extent least, unsigned char *reverted)
{
  extent now = measure_extent(path, points);
  if (now.area >= least.area && now.thickness >= least.thickness) {
    return;
  }
  extent then = measure_extent(path, before);
  if ((now.area < least.area && now.area < then.area) ||
      (now.thickness < least.thickness && now.thickness < then.thickness)) {
    for (int i = 0; i < point_count; i++) {
      take_back(points, before, reverted, base + i);
    }
  }
}

/* -- all of it ------------------------------------------------------------------------- */

typedef struct {
  point *points;
  const point *before;
  const int *subpath_starts;
  const int *path_starts;
  extent least;
  unsigned char *reverted;
  int failed;
} simplicity_work;

static void fill_segments(outline *path, const int *subpath_starts, int first_subpath,
                          int last_subpath)
{
  int s = 0;
  for (int sub = first_subpath; sub < last_subpath; sub++) {
    int begin = subpath_starts[sub], end = subpath_starts[sub + 1];
    int first_sample = s * path->density, ring_samples = (end - begin) / 3 * path->density;
    for (int first = begin; first < end; first += 3, s++) {
      int next = first + 3 < end ? first + 3 : begin;
      path->segments[s] = (segment){{first, first + 1, first + 2, next}, first_sample,
                                    ring_samples};
    }
  }
}

/* All of the working memory is one block; the caller frees `segments`. */
static int allocate_outline(outline *path, int point_count, int density)
{
  size_t count = (size_t)(point_count / 3), samples = count * (size_t)density;
  size_t size = count * (sizeof(segment) + 2 * sizeof(point) + 1) +
                samples * (sizeof(point) + 2 * sizeof(float)) +
                (size_t)point_count * sizeof(point);
  char *memory = malloc(size + 1);
  path->segment_count = (int)count;
  path->density = density;
  path->segments = (segment *)memory;
  if (!memory) {
    return 0;
  }
  memory += count * sizeof(segment);
  path->samples = (point *)memory;
  memory += samples * sizeof(point);
  path->low = (point *)memory;
  memory += count * sizeof(point);
  path->high = (point *)memory;
  memory += count * sizeof(point);
  path->push = (point *)memory;
  memory += (size_t)point_count * sizeof(point);
  path->arc = (float *)memory;
  memory += samples * sizeof(float);
  path->ring_length = (float *)memory;
  memory += samples * sizeof(float);
  path->crosses = (unsigned char *)memory;
  return 1;
}

static void keep_path_simple(void *context, int index)
{
  simplicity_work *work = context;
  int base = work->subpath_starts[work->path_starts[index]];
  int point_count = work->subpath_starts[work->path_starts[index + 1]] - base;
  outline path;
  if (!allocate_outline(&path, point_count, MOVING_SAMPLES)) {
    work->failed = 1;
    return;
  }
  fill_segments(&path, work->subpath_starts, work->path_starts[index],
                work->path_starts[index + 1]);
  tame_handles(&path, work->points);
  repel_outline(&path, work->points, base, point_count);
  search_line(&path, work->points, work->before, base, point_count, work->reverted);
  keep_size(&path, work->points, work->before, base, point_count, work->least, work->reverted);
  free(path.segments);
}

/* Corrects `points` after an optimiser's step from `before`; see the top of this file.
 * minimum_area: px^2; minimum_thickness: px, twice a path's area over its perimeter.
 * reverted: set to 1 for every point that went back to where it was, else to 0. */
int semvec_keep_simple(float *points, const float *before, int point_count,
                       const int *subpath_starts, const int *path_starts, int path_count,
                       float minimum_area, float minimum_thickness, int threads,
                       unsigned char *reverted)
{
  if (point_count < 0 || path_count < 0) {
    return INVALID;
  }
  memset(reverted, 0, (size_t)point_count);
  simplicity_work work = {(point *)points,
                          (const point *)before,
                          subpath_starts,
                          path_starts,
                          {minimum_area, minimum_thickness},
                          reverted,
                          0};
  semvec_parallel_for(threads, path_count, keep_path_simple, &work);
  return work.failed ? NO_MEMORY : OK;
}

typedef struct {
  const point *points;
  const int *subpath_starts;
  const int *path_starts;
  int samples;
  unsigned char *crossing;
  int failed;
} crossing_work;

static void find_path_crossings(void *context, int index)
{
  crossing_work *work = context;
  int base = work->subpath_starts[work->path_starts[index]];
  int point_count = work->subpath_starts[work->path_starts[index + 1]] - base;
  outline path;
  if (!allocate_outline(&path, point_count, work->samples)) {
    work->failed = 1;
    return;
  }
  fill_segments(&path, work->subpath_starts, work->path_starts[index],
                work->path_starts[index + 1]);
  find_crossings(&path, work->points);
  memcpy(work->crossing + base / 3, path.crosses, (size_t)path.segment_count);
  free(path.segments);
}

/* crossing: per segment, 1 where its outline, drawn with `samples` chords a cubic, crosses
 * any of the same path. */
int semvec_find_crossings(const float *points, int point_count, const int *subpath_starts,
                          const int *path_starts, int path_count, int samples, int threads,
                          unsigned char *crossing)
{
  if (point_count < 0 || path_count < 0 || samples < 1) {
    return INVALID;
  }
  crossing_work work = {(const point *)points, subpath_starts, path_starts, samples, crossing, 0};
  semvec_parallel_for(threads, path_count, find_path_crossings, &work);
  return work.failed ? NO_MEMORY : OK;
}
