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

/* Below this squared distance there is no direction to push in. */
static const float LEAST_SQUARE = 1e-12f;

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
  float weights[4];
  bernstein(t, weights);
  for (int k = 0; k < 4; k++) {
    path->push[s->control[k] - path->base].x += weights[k] * by.x;
    path->push[s->control[k] - path->base].y += weights[k] * by.y;
  }
}

/* A sample of the outline, or the chord that starts there. */
typedef struct {
  int segment, k;
} sample;

/* The distance that two places on the outline should keep, in segments a and b, at these lengths
 * along their rings. */
static float wanted_distance(const outline *path, int a, float arc_a, int b, float arc_b)
{
  if (path->segments[a].ring != path->segments[b].ring) {
    return CLEARANCE;
  }
  float along = fabsf(arc_a - arc_b);
  along = fminf(along, path->ring_lengths[a] - along);
  return fminf(CLEARANCE, CLEARANCE_PER_ARC * along);
}

/* Returns 1 where a sample is an end of a chord. */
static int is_end(const outline *path, sample i, sample j)
{
  return (i.segment == j.segment && (i.k == j.k || i.k == j.k + 1)) ||
         (i.k == 0 && j.k == MOVING_SAMPLES - 1 &&
          path->segments[j.segment].following == i.segment);
}

/* Push sample i and chord j apart. Returns 1 where they were too near. */
static int repel(outline *path, sample i, sample j)
{
  if (is_end(path, i, j)) {
    return 0;
  }
  point start = sample_of(path, j.segment, j.k);
  point chord = subtract(sample_of(path, j.segment, j.k + 1), start);
  point toward = subtract(sample_of(path, i.segment, i.k), start);
  float squared = dot(chord, chord);
  float t = squared > 0.0f ? fminf(fmaxf(dot(toward, chord) / squared, 0.0f), 1.0f) : 0.0f;
  point away = {toward.x - t * chord.x, toward.y - t * chord.y};
  float squared_distance = dot(away, away);
  if (squared_distance >= CLEARANCE * CLEARANCE || squared_distance < LEAST_SQUARE) {
    return 0;
  }
  float distance = sqrtf(squared_distance);
  float arc_i = path->arc[i.segment * MOVING_SAMPLES + i.k];
  float arc_j = path->arc[j.segment * MOVING_SAMPLES + j.k] + t * sqrtf(squared);
  float deficit = wanted_distance(path, i.segment, arc_i, j.segment, arc_j) - distance;
  if (deficit <= 0.0f) {
    return 0;
  }
  float amount = fminf(0.5f * deficit, LARGEST_PUSH) / distance;
  point push = {amount * away.x, amount * away.y};
  push_curve(path, i.segment, (float)i.k / (float)MOVING_SAMPLES, push);
  push_curve(path, j.segment, ((float)j.k + t) / (float)MOVING_SAMPLES, (point){-push.x, -push.y});
  return 1;
}

/* Returns 1 where a point is so far from the box of a segment that none of its chords is within the
 * clearance. The margin allows for rounding. */
static int is_far(const outline *path, point p, int segment)
{
  const float margin = 1.01f * CLEARANCE;
  return p.x > path->high[segment].x + margin || p.x < path->low[segment].x - margin ||
         p.y > path->high[segment].y + margin || p.y < path->low[segment].y - margin;
}

/* The chords of a segment, four at a time. */
typedef struct {
  four_points start, chord;
  lanes squared, length, arc;
} four_chords;

static void read_chords(const outline *path, int segment, four_chords *chords)
{
  int first = segment * (MOVING_SAMPLES + 1), index = segment * MOVING_SAMPLES;
  for (int v = 0; v < MOVING_SAMPLES / LANES; v++, first += LANES, index += LANES) {
    four_points start = read_points(path->x + first, path->y + first, LANES);
    four_points end = read_points(path->x + first + 1, path->y + first + 1, LANES);
    four_points chord = {end.x - start.x, end.y - start.y};
    four_points along = read_points(path->lengths + index, path->arc + index, LANES);
    chords[v] =
        (four_chords){start, chord, chord.x * chord.x + chord.y * chord.y, along.x, along.y};
  }
}

/* A sample of a segment, and its place on the ring that it shares with the chords of another; the
 * ring has no length where they are on different ones. */
typedef struct {
  point at;
  float arc, ring_length;
} ring_sample;

/* Which of four chords are to be pushed off a sample: as in `repel`, but without branches, as few
 * are. The margin allows for a distance that is rounded there. */
static lane_ints are_near(const four_chords *four, ring_sample i)
{
  const float margin = 1.00001f;
  lanes zero = all_lanes(0.0f), one = all_lanes(1.0f);
  lanes x = i.at.x - four->start.x, y = i.at.y - four->start.y;
  lanes t = (x * four->chord.x + y * four->chord.y) / four->squared;
  t = choose(four->squared > 0.0f, least(greatest(t, zero), one), zero);
  x -= t * four->chord.x;
  y -= t * four->chord.y;
  lanes squared_distance = x * x + y * y, wanted = all_lanes(CLEARANCE);
  if (i.ring_length > 0.0f) {
    lanes along = magnitude(i.arc - (four->arc + t * four->length));
    wanted = least(wanted, CLEARANCE_PER_ARC * least(along, i.ring_length - along));
  }
  return (squared_distance < margin * wanted * wanted) & (squared_distance >= LEAST_SQUARE) &
         (wanted > 0.0f);
}

/* Push the samples of segment a and the chords of segment b apart; returns the number of pushes. */
static int repel_segments(outline *path, int a, int b)
{
  int pushes = 0, is_shared = path->segments[a].ring == path->segments[b].ring;
  four_chords chords[MOVING_SAMPLES / LANES];
  read_chords(path, b, chords);
  for (int i = 0; i < MOVING_SAMPLES; i++) {
    ring_sample at = {sample_of(path, a, i), path->arc[a * MOVING_SAMPLES + i],
                      is_shared ? path->ring_lengths[a] : 0.0f};
    if (is_far(path, at.at, b)) {
      continue;
    }
    for (int v = 0; v < MOVING_SAMPLES / LANES; v++) {
      lane_ints near = are_near(&chords[v], at);
      for (int k = 0; any_lane(near) && k < LANES; k++) {
        pushes += near[k] && repel(path, (sample){a, i}, (sample){b, v * LANES + k});
      }
    }
  }
  return pushes;
}

/* Push parts of the outline apart. Returns 1 where any moved, so that the samples are old. */
static int repel_outline(outline *path, point *points)
{
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
  return pushes > 0;
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

/* Revert what crosses. Returns 1 where any point moved, so that the lengths are old. */
static int search_line(outline *path, const step *moved)
{
  for (int round = 0; round < LINE_SEARCH_ROUNDS; round++) {
    if (!outline_find_crossings(path, moved->points)) {
      return round > 0;
    }
    for (int s = 0; s < path->segment_count; s++) {
      for (int k = 0; path->crosses[s] && k < 4; k++) {
        revert_point(moved, path->segments[s].control[k]);
      }
    }
    outline_sample(path, moved->points);
  }
  if (outline_find_crossings(path, moved->points)) {
    revert_path(path, moved);
    outline_sample(path, moved->points);
  }
  return 1;
}

/* -- 4. size ------------------------------------------------------------------------- */

typedef struct {
  float area, thickness; /* px^2; twice the area over the perimeter, px */
} extent;

/* The extent of the outline as it is sampled and measured. */
static extent extent_of(const outline *path)
{
  float area = 0.0f, perimeter = 0.0f;
  point origin = path->segment_count > 0 ? sample_of(path, 0, 0) : (point){0.0f, 0.0f};
  for (int s = 0; s < path->segment_count; s++) {
    for (int k = 0; k < path->density; k++) {
      point p = sample_of(path, s, k), q = sample_of(path, s, k + 1);
      area += 0.5f * cross(subtract(p, origin), subtract(q, origin));
      perimeter += path->lengths[s * path->density + k];
    }
  }
  area = fabsf(area);
  return (extent){area, perimeter > 0.0f ? 2.0f * area / perimeter : 0.0f};
}

/* Revert a path that became too small, or that was too small and became smaller. */
static void keep_size(outline *path, const step *moved, extent least)
{
  extent now = extent_of(path);
  if (now.area >= least.area && now.thickness >= least.thickness) {
    return;
  }
  outline_sample(path, moved->before);
  outline_measure(path);
  extent then = extent_of(path);
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
  point *points = work->moved.points;
  shorten_handles(&path, points);
  outline_sample(&path, points);
  outline_measure(&path);
  int has_moved = repel_outline(&path, points);
  if (has_moved) {
    outline_sample(&path, points);
  }
  has_moved |= search_line(&path, &work->moved);
  if (has_moved) {
    outline_measure(&path);
  }
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
