/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Keeps closed cubic paths simple (free of self-crossings, cusps and hair-thin parts)
 * while an optimizer moves their control points. After each step, path by path:
 *
 *   1. handles that are too long for their chord, or point backwards, are shortened;
 *   2. parts of the outline that come too near to each other push themselves apart;
 *   3. where chords of the outline still cross, the cubics involved go back to where they
 *      were before the step, in the last resort the whole path;
 *   4. a path that shrank to a speck or a sliver goes back, too.
 *
 * So a path that was simple and large enough before the step is so after it.
 */
#include "outline.h"
#include "parallel.h"

#include <string.h>

/* Points of the outline that stand for one cubic while shapes move. */
enum { MOVING_SAMPLES = 8, LINE_SEARCH_ROUNDS = 3 };

/* A handle may be this long, in chords, plus HANDLE_SLACK pixels. */
static const float HANDLE_REACH = 0.75f, HANDLE_SLACK = 1.0f, HANDLE_DAMPING = 0.7f;

/* Parts of an outline should be this many pixels apart, or this share of the way along the
 * outline from one to the other where that is less: so corners are free, and cusps are not. */
static const float CLEARANCE = 1.0f, CLEARANCE_PER_ARC = 0.6f, LARGEST_PUSH = 0.5f;

/* An optimizer's step: all control points as they are now, and as they were before it. */
typedef struct {
  point *points;
  const point *before;
  unsigned char *reverted; /* per point: whether it went back */
} step;

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

static void push_curve(outline *path, int segment_index, float t, point by)
{
  const segment *s = &path->segments[segment_index];
  weights w = bernstein(t);
  for (int k = 0; k < 4; k++) {
    path->push[s->control[k] - path->base].x += w.of[k] * by.x;
    path->push[s->control[k] - path->base].y += w.of[k] * by.y;
  }
}

/* How far apart two places of the outline should be. */
static float wanted_distance(const outline *path, int i, float arc_i, int j, float arc_j)
{
  const segment *at_i = &path->segments[i / path->density];
  const segment *at_j = &path->segments[j / path->density];
  if (at_i->first_sample != at_j->first_sample) {
    return CLEARANCE;
  }
  float along = fabsf(arc_i - arc_j);
  along = fminf(along, path->ring_length[i] - along);
  return fminf(CLEARANCE, CLEARANCE_PER_ARC * along);
}

/* Push sample i and the chord that starts at sample j apart. */
static int repel(outline *path, int i, int j)
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
  float density = (float)path->density;
  float at_i = (float)(i % path->density) / density;
  float at_j = ((float)(j % path->density) + t) / density;
  push_curve(path, i / path->density, at_i, push);
  push_curve(path, j / path->density, at_j, (point){-push.x, -push.y});
  return 1;
}

static void repel_outline(outline *path, point *points)
{
  outline_sample(path, points);
  outline_measure(path);
  memset(path->push, 0, sizeof(point) * (size_t)path->point_count);
  int pushes = 0;
  for (int a = 0; a < path->segment_count; a++) {
    for (int b = 0; b < path->segment_count; b++) {
      if (!boxes_are_near(path, a, b, CLEARANCE)) {
        continue;
      }
      for (int i = a * path->density; i < (a + 1) * path->density; i++) {
        for (int j = b * path->density; j < (b + 1) * path->density; j++) {
          pushes += repel(path, i, j);
        }
      }
    }
  }
  for (int i = 0; pushes && i < path->point_count; i++) {
    float size = length(path->push[i]);
    float scale = size > LARGEST_PUSH ? LARGEST_PUSH / size : 1.0f;
    points[path->base + i].x += scale * path->push[i].x;
    points[path->base + i].y += scale * path->push[i].y;
  }
}

/* -- 3. line search ------------------------------------------------------------------- */

static void take_back(const step *moved, int index)
{
  moved->points[index] = moved->before[index];
  moved->reverted[index] = 1;
}

static void take_path_back(const outline *path, const step *moved)
{
  for (int i = path->base; i < path->base + path->point_count; i++) {
    take_back(moved, i);
  }
}

static void search_line(outline *path, const step *moved)
{
  for (int round = 0; round < LINE_SEARCH_ROUNDS; round++) {
    if (!outline_find_crossings(path, moved->points)) {
      return;
    }
    for (int s = 0; s < path->segment_count; s++) {
      for (int k = 0; path->crosses[s] && k < 4; k++) {
        take_back(moved, path->segments[s].control[k]);
      }
    }
  }
  if (outline_find_crossings(path, moved->points)) {
    take_path_back(path, moved);
  }
}

/* -- 4. size ------------------------------------------------------------------------- */

typedef struct {
  float area, thickness; /* px^2; twice the area over the perimeter, px */
} extent;

static extent measure_extent(outline *path, const point *points)
{
  float area = 0.0f, perimeter = 0.0f;
  outline_sample(path, points);
  for (int i = 0; i < path->segment_count * path->density; i++) {
    point p = path->samples[i], q = path->samples[next_sample(path, i)];
    area += 0.5f * cross(subtract(p, path->samples[0]), subtract(q, path->samples[0]));
    perimeter += length(subtract(q, p));
  }
  area = fabsf(area);
  return (extent){area, perimeter > 0.0f ? 2.0f * area / perimeter : 0.0f};
}

/* A path may not get too small; one that is too small already may not get smaller. */
static void keep_size(outline *path, const step *moved, extent least)
{
  extent now = measure_extent(path, moved->points);
  if (now.area >= least.area && now.thickness >= least.thickness) {
    return;
  }
  extent then = measure_extent(path, moved->before);
  if ((now.area < least.area && now.area < then.area) ||
      (now.thickness < least.thickness && now.thickness < then.thickness)) {
    take_path_back(path, moved);
  }
}

/* -- all of it ------------------------------------------------------------------------- */

typedef struct {
  step moved;
  const int *subpath_starts;
  const int *path_starts;
  extent least;
  int failed;
} simplicity_work;

static void keep_path_simple(void *context, int index)
{
  simplicity_work *work = context;
  outline path;
  if (!outline_create(&path, work->subpath_starts, work->path_starts, index, MOVING_SAMPLES)) {
    work->failed = 1;
    return;
  }
  tame_handles(&path, work->moved.points);
  repel_outline(&path, work->moved.points);
  search_line(&path, &work->moved);
  keep_size(&path, &work->moved, work->least);
  outline_free(&path);
}

/* Corrects `points` after an optimizer's step from `before`; see the top of this file.
 * minimum_area: px^2; minimum_thickness: px, twice a path's area over its perimeter.
 * reverted: set to 1 for every point that went back to where it was, else to 0. */
int semvec_keep_simple(float *points, const float *before, int point_count,
                       const int *subpath_starts, const int *path_starts, int path_count,
                       float minimum_area, float minimum_thickness, int threads,
                       unsigned char *reverted)
{
  if (point_count < 0 || path_count < 0) {
    return OUTLINE_INVALID;
  }
  memset(reverted, 0, (size_t)point_count);
  simplicity_work work = {{(point *)points, (const point *)before, reverted},
                          subpath_starts,
                          path_starts,
                          {minimum_area, minimum_thickness},
                          0};
  semvec_parallel_for(threads, path_count, keep_path_simple, &work);
  return work.failed ? OUTLINE_NO_MEMORY : OUTLINE_OK;
}
