/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * After each step of the optimizer, for each path:
 *
 *   1. handles that are too long for their chord, or point backwards, are shortened;
 *   2. parts of the outline that are too near to each other are pushed apart;
 *   3. where chords of the outline still cross, the cubics involved return to their state before
 *      the step; if that does not help, the whole path does;
 *   4. a path that became too small or too thin returns to its state before the step, too.
 *
 * So a path that was simple and large enough before the step is so after it.
 */
#include "simplicity.h"

#include "../lanes.h"
#include "../parallel.h"
#include "../status.h"
#include "outline.h"

#include <stdatomic.h>
#include <string.h>

/* Samples per cubic, and the number of attempts to undo crossings cubic by cubic. */
enum { MOVING_SAMPLES = 8, LINE_SEARCH_ROUNDS = 3 };

/* The largest length of a handle is HANDLE_REACH chords plus HANDLE_SLACK pixels; an excess is
 * reduced by the share HANDLE_DAMPING. */
static const float HANDLE_REACH = 0.75f, HANDLE_SLACK = 1.0f, HANDLE_DAMPING = 0.7f;

/* The distance that parts of an outline should keep: CLEARANCE pixels, or CLEARANCE_PER_ARC times
 * the length of the outline between them where that is less. This allows corners, but no cusps. */
static const float CLEARANCE = 1.0f, CLEARANCE_PER_ARC = 0.6f, LARGEST_PUSH = 0.5f;

/* An optimizer's step: all control points after it and before it. */
typedef struct {
  point *points;
  const point *before;
  unsigned char *reverted; /* per point: 1 where it was moved back */
} step;

/* -- 1. handles ---------------------------------------------------------------------- */

/* Shorten the handle of an anchor; `chord` is the vector from it to the other anchor. */
static void shorten_handle(point *handle, point anchor, point chord)
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

static void shorten_handles(const outline *path, point *points)
{
  for (int s = 0; s < path->segment_count; s++) {
    const int *control = path->segments[s].control;
    point chord = subtract(points[control[3]], points[control[0]]);
    shorten_handle(&points[control[1]], points[control[0]], chord);
    shorten_handle(&points[control[2]], points[control[3]], (point){-chord.x, -chord.y});
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

/* The distance that two samples of the outline should keep. */
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

/* Push sample i and the chord that starts at sample j apart. Returns 1 where they were too near. */
static int repel(outline *path, int i, int j)
{
  if (i == j || i == path->next[j]) {
    return 0;
  }
  point chord = path->chords[j], toward = subtract(path->samples[i], path->samples[j]);
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

/* Returns 1 where a sample is so far from the box of segment b that none of its chords is within
 * the clearance. The margin allows for rounding. */
static int is_far(const outline *path, int sample, int b)
{
  const float margin = 1.01f * CLEARANCE;
  point p = path->samples[sample];
  return p.x > path->high[b].x + margin || p.x < path->low[b].x - margin ||
         p.y > path->high[b].y + margin || p.y < path->low[b].y - margin;
}

/* The chords of a segment, four at a time. */
typedef struct {
  lanes start_x, start_y, x, y, squared;
} four_chords;

static void read_chords(const outline *path, int segment_index, four_chords *chords)
{
  int first = segment_index * MOVING_SAMPLES;
  for (int j = 0; j < MOVING_SAMPLES; j++) {
    four_chords *four = &chords[j / LANES];
    four->start_x[j % LANES] = path->samples[first + j].x;
    four->start_y[j % LANES] = path->samples[first + j].y;
    four->x[j % LANES] = path->chords[first + j].x;
    four->y[j % LANES] = path->chords[first + j].y;
  }
  for (int v = 0; v < MOVING_SAMPLES / LANES; v++) {
    chords[v].squared = chords[v].x * chords[v].x + chords[v].y * chords[v].y;
  }
}

/* Which of four chords are nearer to a point than the clearance: as in `repel`, but without
 * branches, as few are. */
static lane_ints are_near(const four_chords *four, point p)
{
  lanes zero = all_lanes(0.0f), one = all_lanes(1.0f);
  lanes x = p.x - four->start_x, y = p.y - four->start_y;
  lanes t = (x * four->x + y * four->y) / four->squared;
  t = choose(four->squared > 0.0f, least(greatest(t, zero), one), zero);
  x -= t * four->x;
  y -= t * four->y;
  return x * x + y * y < CLEARANCE * CLEARANCE;
}

/* Push the samples of segment a and the chords of segment b apart; returns the number of pushes. */
static int repel_segments(outline *path, int a, int b)
{
  int pushes = 0;
  four_chords chords[MOVING_SAMPLES / LANES];
  read_chords(path, b, chords);
  for (int i = a * MOVING_SAMPLES; i < (a + 1) * MOVING_SAMPLES; i++) {
    if (is_far(path, i, b)) {
      continue;
    }
    for (int v = 0; v < MOVING_SAMPLES / LANES; v++) {
      lane_ints near = are_near(&chords[v], path->samples[i]);
      for (int k = 0; k < LANES; k++) {
        pushes += near[k] && repel(path, i, b * MOVING_SAMPLES + v * LANES + k);
      }
    }
  }
  return pushes;
}

static void repel_outline(outline *path, point *points)
{
  outline_sample(path, points);
  outline_measure(path);
  memset(path->push, 0, sizeof(point) * (size_t)path->point_count);
  int pushes = 0;
  for (int a = 0; a < path->segment_count; a++) {
    for (int b = 0; b < path->segment_count; b++) {
      if (boxes_are_near(path, a, b, CLEARANCE)) {
        pushes += repel_segments(path, a, b);
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

static void revert_point(const step *moved, int index)
{
  moved->points[index] = moved->before[index];
  moved->reverted[index] = 1;
}

static void revert_path(const outline *path, const step *moved)
{
  for (int i = path->base; i < path->base + path->point_count; i++) {
    revert_point(moved, i);
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
        revert_point(moved, path->segments[s].control[k]);
      }
    }
  }
  if (outline_find_crossings(path, moved->points)) {
    revert_path(path, moved);
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
    point p = path->samples[i], q = path->samples[path->next[i]];
    area += 0.5f * cross(subtract(p, path->samples[0]), subtract(q, path->samples[0]));
    perimeter += length(subtract(q, p));
  }
  area = fabsf(area);
  return (extent){area, perimeter > 0.0f ? 2.0f * area / perimeter : 0.0f};
}

/* Revert a path that became too small, or that was too small and became smaller. */
static void keep_size(outline *path, const step *moved, extent least)
{
  extent now = measure_extent(path, moved->points);
  if (now.area >= least.area && now.thickness >= least.thickness) {
    return;
  }
  extent then = measure_extent(path, moved->before);
  if ((now.area < least.area && now.area < then.area) ||
      (now.thickness < least.thickness && now.thickness < then.thickness)) {
    revert_path(path, moved);
  }
}

/* -- all steps -------------------------------------------------------------------------- */

typedef struct {
  const semvec_paths *paths;
  step moved;
  extent least;
  atomic_int failed;
} simplicity_work;

static void keep_path_simple(void *context, int index)
{
  simplicity_work *work = context;
  outline path;
  if (!outline_create(&path, work->paths, index, MOVING_SAMPLES)) {
    work->failed = 1;
    return;
  }
  shorten_handles(&path, work->moved.points);
  repel_outline(&path, work->moved.points);
  search_line(&path, &work->moved);
  keep_size(&path, &work->moved, work->least);
  outline_free(&path);
}

int semvec_keep_simple(const semvec_paths *before, float minimum_area, float minimum_thickness,
                       int threads, float *points, unsigned char *reverted)
{
  if (!semvec_paths_are_valid(before)) {
    return SEMVEC_INVALID;
  }
  memset(reverted, 0, (size_t)before->point_count);
  simplicity_work work = {
      before, {(point *)points, before->points, reverted}, {minimum_area, minimum_thickness}, 0};
  semvec_parallel_for(threads, before->path_count, keep_path_simple, &work);
  return work.failed ? SEMVEC_NO_MEMORY : SEMVEC_OK;
}
