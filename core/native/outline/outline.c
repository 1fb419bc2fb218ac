/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outline.h"

#include "../parallel.h"
#include "../status.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* -- memory ----------------------------------------------------------------------------- */

/* Allocate all working memory as one block, which begins at `segments`. */
static int allocate(outline *path)
{
  size_t count = (size_t)path->segment_count, samples = count * (size_t)path->density;
  size_t points = (size_t)path->point_count;
  size_t size = count * (sizeof(segment) + 2 * sizeof(point) + 1) +
                samples * (2 * sizeof(point) + 2 * sizeof(float) + sizeof(int)) +
                points * sizeof(point);
  path->segments = malloc(size + 1);
  if (!path->segments) {
    return 0;
  }
  path->samples = (point *)(path->segments + count);
  path->chords = path->samples + samples;
  path->low = path->chords + samples;
  path->high = path->low + count;
  path->push = path->high + count;
  path->arc = (float *)(path->push + points);
  path->ring_length = path->arc + samples;
  path->next = (int *)(path->ring_length + samples);
  path->crosses = (unsigned char *)(path->next + samples);
  return 1;
}

static void fill_next(outline *path)
{
  int count = path->segment_count * path->density;
  for (int first = 0; first < count;) {
    int ring = path->segments[first / path->density].ring_samples;
    for (int i = first; i < first + ring; i++) {
      path->next[i] = i + 1 < first + ring ? i + 1 : first;
    }
    first += ring;
  }
}

static void fill_segments(outline *path, const semvec_paths *paths, int index)
{
  int s = 0;
  for (int sub = paths->path_starts[index]; sub < paths->path_starts[index + 1]; sub++) {
    int begin = paths->subpath_starts[sub], end = paths->subpath_starts[sub + 1];
    int first_sample = s * path->density, ring_samples = (end - begin) / 3 * path->density;
    for (int first = begin; first < end; first += 3, s++) {
      int next = following_anchor(first, begin, end);
      path->segments[s] =
          (segment){{first, first + 1, first + 2, next}, first_sample, ring_samples};
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
  fill_next(path);
  return 1;
}

void outline_free(outline *path)
{
  free(path->segments);
}

/* -- samples ---------------------------------------------------------------------------- */

static point curve_point(const point *points, const segment *s, weights w)
{
  point sum = {0.0f, 0.0f};
  for (int k = 0; k < 4; k++) {
    sum.x += w.of[k] * points[s->control[k]].x;
    sum.y += w.of[k] * points[s->control[k]].y;
  }
  return sum;
}

static void find_box(outline *path, int s)
{
  int first = s * path->density, last = first + path->density - 1;
  point low = path->samples[first], high = low;
  for (int i = first; i <= last; i++) {
    point p = path->samples[path->next[i]];
    low = (point){fminf(low.x, p.x), fminf(low.y, p.y)};
    high = (point){fmaxf(high.x, p.x), fmaxf(high.y, p.y)};
  }
  path->low[s] = low;
  path->high[s] = high;
}

void outline_sample(outline *path, const point *points)
{
  for (int s = 0; s < path->segment_count; s++) {
    for (int k = 0; k < path->density; k++) {
      path->samples[s * path->density + k] =
          curve_point(points, &path->segments[s], bernstein((float)k / (float)path->density));
    }
  }
  for (int i = 0; i < path->segment_count * path->density; i++) {
    path->chords[i] = subtract(path->samples[path->next[i]], path->samples[i]);
  }
  for (int s = 0; s < path->segment_count; s++) {
    find_box(path, s);
  }
}

void outline_measure(outline *path)
{
  int count = path->segment_count * path->density;
  for (int first = 0; first < count;) {
    int ring = path->segments[first / path->density].ring_samples;
    float sum = 0.0f;
    for (int i = first; i < first + ring; i++) {
      path->arc[i] = sum;
      sum += length(path->chords[i]);
    }
    for (int i = first; i < first + ring; i++) {
      path->ring_length[i] = sum;
    }
    first += ring;
  }
}

/* -- crossings --------------------------------------------------------------------------- */

static int chords_cross(point a, point b, point c, point d)
{
  point first = subtract(b, a), second = subtract(d, c);
  float c_side = cross(first, subtract(c, a)), d_side = cross(first, subtract(d, a));
  float a_side = cross(second, subtract(a, c)), b_side = cross(second, subtract(b, c));
  return (c_side > 0.0f) != (d_side > 0.0f) && (a_side > 0.0f) != (b_side > 0.0f);
}

/* Returns 1 where the box of a chord overlaps a box. */
static int chord_enters(point from, point to, point low, point high)
{
  return fminf(from.x, to.x) <= high.x && fmaxf(from.x, to.x) >= low.x &&
         fminf(from.y, to.y) <= high.y && fmaxf(from.y, to.y) >= low.y;
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
  for (int i = a * path->density; i < (a + 1) * path->density; i++) {
    int after_i = path->next[i];
    point from = path->samples[i], to = path->samples[after_i];
    if (!chord_enters(from, to, low, high)) {
      continue;
    }
    for (int j = b * path->density; j < (b + 1) * path->density; j++) {
      int after_j = path->next[j];
      if (i != j && after_i != j && after_j != i &&
          chords_cross(from, to, path->samples[j], path->samples[after_j])) {
        return 1;
      }
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
  outline_sample(path, points);
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
