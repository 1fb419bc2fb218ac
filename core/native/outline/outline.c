/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outline.h"

#include "../lanes.h"
#include "../parallel.h"
#include "../status.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* -- memory ----------------------------------------------------------------------------- */

/* Allocate all working memory as one block, which begins at `segments`. */
static int allocate(outline *path)
{
  size_t count = (size_t)path->segment_count, density = (size_t)path->density;
  size_t samples = count * (density + 1), points = (size_t)path->point_count;
  size_t floats = 4 * density + 2 * samples + 2 * count * density + count;
  path->segments = malloc(count * (sizeof(segment) + 2 * sizeof(point) + 1) +
                          points * sizeof(point) + floats * sizeof(float));
  if (!path->segments) {
    return 0;
  }
  path->low = (point *)(path->segments + count);
  path->high = path->low + count;
  path->push = path->high + count;
  path->weights = (float *)(path->push + points);
  path->x = path->weights + 4 * density;
  path->y = path->x + samples;
  path->lengths = path->y + samples;
  path->arc = path->lengths + count * density;
  path->ring_lengths = path->arc + count * density;
  path->crosses = (unsigned char *)(path->ring_lengths + count);
  return 1;
}

static void fill_segments(outline *path, const semvec_paths *paths, int index)
{
  int s = 0;
  for (int sub = paths->path_starts[index]; sub < paths->path_starts[index + 1]; sub++) {
    int begin = paths->subpath_starts[sub], end = paths->subpath_starts[sub + 1], ring = s;
    for (int first = begin; first < end; first += 3, s++) {
      int next = following_anchor(first, begin, end);
      path->segments[s] =
          (segment){{first, first + 1, first + 2, next}, ring, next == begin ? ring : s + 1};
    }
  }
}

int outline_create(outline *path, const semvec_paths *paths, int index, int density)
{
  path->base = paths->subpath_starts[paths->path_starts[index]];
  path->point_count = paths->subpath_starts[paths->path_starts[index + 1]] - path->base;
  path->segment_count = path->point_count / 3;
  path->density = density;
  if (!allocate(path)) {
    return 0;
  }
  fill_segments(path, paths, index);
  for (int k = 0; k < density; k++) {
    bernstein((float)k / (float)density, path->weights + 4 * k);
  }
  return 1;
}

void outline_free(outline *path)
{
  free(path->segments);
}

/* -- samples ---------------------------------------------------------------------------- */

static point curve_point(const point control[4], const float weights[4])
{
  point sum = {0.0f, 0.0f};
  for (int k = 0; k < 4; k++) {
    sum.x += weights[k] * control[k].x;
    sum.y += weights[k] * control[k].y;
  }
  return sum;
}

static void sample_segment(outline *path, int s, const point *points)
{
  const int *indices = path->segments[s].control;
  point control[4] = {points[indices[0]], points[indices[1]], points[indices[2]],
                      points[indices[3]]};
  int first = s * (path->density + 1);
  for (int k = 0; k < path->density; k++) {
    point sample = curve_point(control, path->weights + 4 * k);
    path->x[first + k] = sample.x;
    path->y[first + k] = sample.y;
  }
}

static void find_box(outline *path, int s)
{
  point low = {INFINITY, INFINITY}, high = {-INFINITY, -INFINITY};
  for (int k = 0; k <= path->density; k++) {
    point p = sample_of(path, s, k);
    low = (point){p.x < low.x ? p.x : low.x, p.y < low.y ? p.y : low.y};
    high = (point){p.x > high.x ? p.x : high.x, p.y > high.y ? p.y : high.y};
  }
  path->low[s] = low;
  path->high[s] = high;
}

void outline_sample(outline *path, const point *points)
{
  for (int s = 0; s < path->segment_count; s++) {
    sample_segment(path, s, points);
  }
  for (int s = 0; s < path->segment_count; s++) {
    point end = sample_of(path, path->segments[s].following, 0);
    int last = s * (path->density + 1) + path->density;
    path->x[last] = end.x;
    path->y[last] = end.y;
    find_box(path, s);
  }
}

void outline_measure(outline *path)
{
  for (int s = 0; s < path->segment_count; s++) {
    const float *x = path->x + s * (path->density + 1), *y = path->y + s * (path->density + 1);
    for (int k = 0; k < path->density; k++) {
      path->lengths[s * path->density + k] = length((point){x[k + 1] - x[k], y[k + 1] - y[k]});
    }
  }
  float sum = 0.0f;
  for (int s = 0; s < path->segment_count; s++) {
    sum = path->segments[s].ring == s ? 0.0f : sum;
    for (int i = s * path->density; i < (s + 1) * path->density; i++) {
      path->arc[i] = sum;
      sum += path->lengths[i];
    }
    path->ring_lengths[path->segments[s].ring] = sum;
  }
  for (int s = 0; s < path->segment_count; s++) {
    path->ring_lengths[s] = path->ring_lengths[path->segments[s].ring];
  }
}

/* -- crossings --------------------------------------------------------------------------- */

/* Which of the chords from c to d the chord from a to b crosses, four at a time. */
static lane_ints chords_cross(point a, point b, four_points c, four_points d)
{
  point first = subtract(b, a);
  lanes second_x = d.x - c.x, second_y = d.y - c.y;
  lanes c_side = first.x * (c.y - a.y) - first.y * (c.x - a.x);
  lanes d_side = first.x * (d.y - a.y) - first.y * (d.x - a.x);
  lanes a_side = second_x * (a.y - c.y) - second_y * (a.x - c.x);
  lanes b_side = second_x * (b.y - c.y) - second_y * (b.x - c.x);
  return ((c_side > 0.0f) ^ (d_side > 0.0f)) & ((a_side > 0.0f) ^ (b_side > 0.0f));
}

/* Returns 1 where the box of a chord overlaps a box. */
static int chord_enters(point from, point to, point low, point high)
{
  return fminf(from.x, to.x) <= high.x && fmaxf(from.x, to.x) >= low.x &&
         fminf(from.y, to.y) <= high.y && fmaxf(from.y, to.y) >= low.y;
}

/* Returns 1 where chord i of segment a is chord j of segment b, or shares an end with it. */
static int chords_touch(const outline *path, int a, int i, int b, int j)
{
  int last = path->density - 1;
  return (a == b && i - j <= 1 && j - i <= 1) ||
         (i == last && j == 0 && path->segments[a].following == b) ||
         (j == last && i == 0 && path->segments[b].following == a);
}

/* Returns 1 where chord i of segment a crosses one of segment b that doesn't touch it. */
static int chord_crosses(const outline *path, int a, int i, int b)
{
  point from = sample_of(path, a, i), to = sample_of(path, a, i + 1);
  const float *x = path->x + b * (path->density + 1), *y = path->y + b * (path->density + 1);
  for (int j = 0; j < path->density; j += LANES) {
    int count = path->density - j < LANES ? path->density - j : LANES;
    four_points start = read_points(x + j, y + j, count);
    four_points end = read_points(x + j + 1, y + j + 1, count);
    lane_ints crosses = chords_cross(from, to, start, end);
    for (int k = 0; any_lane(crosses) && k < count; k++) {
      if (crosses[k] && !chords_touch(path, a, i, b, j + k)) {
        return 1;
      }
    }
  }
  return 0;
}

/* Chords meet only where the boxes of both cubics overlap, which excludes most chords of
 * neighboring cubics. */
static int segments_cross(const outline *path, int a, int b)
{
  if (!boxes_are_near(path, a, b, 0.0f)) {
    return 0;
  }
  point low = {fmaxf(path->low[a].x, path->low[b].x), fmaxf(path->low[a].y, path->low[b].y)};
  point high = {fminf(path->high[a].x, path->high[b].x), fminf(path->high[a].y, path->high[b].y)};
  for (int i = 0; i < path->density; i++) {
    if (chord_enters(sample_of(path, a, i), sample_of(path, a, i + 1), low, high) &&
        chord_crosses(path, a, i, b)) {
      return 1;
    }
  }
  return 0;
}

/* Returns 1 where a cubic always advances in the direction of its chord and thus cannot meet
 * itself. */
static int advances(const point *points, const segment *s)
{
  point start = points[s->control[0]], end = points[s->control[3]];
  point chord = subtract(end, start);
  point first = subtract(points[s->control[1]], start);
  point middle = subtract(points[s->control[2]], points[s->control[1]]);
  point last = subtract(end, points[s->control[2]]);
  return dot(first, chord) > 0.0f && dot(middle, chord) > 0.0f && dot(last, chord) > 0.0f;
}

int outline_find_crossings(outline *path, const point *points)
{
  memset(path->crosses, 0, (size_t)path->segment_count);
  int count = 0;
  for (int a = 0; a < path->segment_count; a++) {
    for (int b = advances(points, &path->segments[a]) ? a + 1 : a; b < path->segment_count; b++) {
      if (segments_cross(path, a, b)) {
        path->crosses[a] = path->crosses[b] = 1;
        count++;
      }
    }
  }
  return count;
}

typedef struct {
  const semvec_paths *paths;
  int samples;
  unsigned char *crossing;
  atomic_int failed;
} crossing_work;

static void find_path_crossings(void *context, int index)
{
  crossing_work *work = context;
  outline path;
  if (!outline_create(&path, work->paths, index, work->samples)) {
    work->failed = 1;
    return;
  }
  outline_sample(&path, work->paths->points);
  outline_find_crossings(&path, work->paths->points);
  memcpy(work->crossing + path.base / 3, path.crosses, (size_t)path.segment_count);
  outline_free(&path);
}

int semvec_find_crossings(const semvec_paths *paths, int samples, int threads,
                          unsigned char *crossing)
{
  if (!semvec_paths_are_valid(paths) || samples < 1) {
    return SEMVEC_INVALID;
  }
  crossing_work work = {paths, samples, crossing, 0};
  semvec_parallel_for(threads, paths->path_count, find_path_crossings, &work);
  return work.failed ? SEMVEC_NO_MEMORY : SEMVEC_OK;
}
