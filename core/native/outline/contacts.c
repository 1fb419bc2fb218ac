/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "contacts.h"

#include "../parallel.h"
#include "../status.h"
#include "chord.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* The straight line between two samples that are not the same place. */
typedef struct {
  place from, to, low, high;
  int segment; /* in the path */
  int subpath; /* of the drawing */
  int next;    /* index of the chord after it on its sub-path */
} chord;

static place sample_of(const semvec_paths *paths, int first, int next, double t)
{
  const point *p = paths->points;
  double u = 1.0 - t, weights[4] = {u * u * u, 3.0 * t * u * u, 3.0 * t * t * u, t * t * t};
  const int control[4] = {first, first + 1, first + 2, next};
  place sum = {p[first].x, p[first].y}; /* relative to it, so that no length stays no length */
  for (int k = 1; k < 4; k++) {
    sum.x += weights[k] * ((double)p[control[k]].x - p[first].x);
    sum.y += weights[k] * ((double)p[control[k]].y - p[first].y);
  }
  return sum;
}

static void close_chord(chord *c, place to)
{
  c->to = to;
  c->low = (place){fmin(c->from.x, to.x), fmin(c->from.y, to.y)};
  c->high = (place){fmax(c->from.x, to.x), fmax(c->from.y, to.y)};
}

/* Append the chords of a sub-path to the `count` in `chords`; returns their new number. */
static int add_subpath(const semvec_paths *paths, int subpath, int base, int samples, chord *chords,
                       int count)
{
  int begin = paths->subpath_starts[subpath], end = paths->subpath_starts[subpath + 1];
  int start = count;
  for (int first = begin; first < end; first += 3) {
    int next = following_anchor(first, begin, end);
    for (int k = 0; k < samples; k++) {
      place here = sample_of(paths, first, next, (double)k / samples);
      place *last = count > start ? &chords[count - 1].from : NULL;
      if (!last || last->x != here.x || last->y != here.y) {
        chords[count++] = (chord){.from = here, .segment = (first - base) / 3, .subpath = subpath};
      }
    }
  }
  if (count > start + 1 && chords[count - 1].from.x == chords[start].from.x &&
      chords[count - 1].from.y == chords[start].from.y) {
    count--;
  }
  for (int i = start; i < count; i++) {
    chords[i].next = i + 1 < count ? i + 1 : start;
    close_chord(&chords[i], chords[chords[i].next].from);
  }
  return count;
}

static int boxes_meet(place low, place high, place other_low, place other_high)
{
  return low.x <= other_high.x && other_low.x <= high.x && low.y <= other_high.y &&
         other_low.y <= high.y;
}

static int are_in_contact(const chord *chords, int i, int j)
{
  const chord *a = &chords[i], *b = &chords[j];
  if (!boxes_meet(a->low, a->high, b->low, b->high)) {
    return 0;
  }
  int of_a = side(a->from, a->to, b->from) * side(a->from, a->to, b->to);
  int of_b = side(b->from, b->to, a->from) * side(b->from, b->to, a->to);
  if (of_a < 0 && of_b < 0) {
    return 1;
  }
  int are_neighbors = a->next == j || b->next == i;
  return of_a <= 0 && of_b <= 0 && a->subpath == b->subpath && !are_neighbors;
}

/* Mark segments a and b where chords of theirs are in contact. Segment s has the chords bounds[s]
 * to bounds[s + 1] - 1, within boxes[2 * s] and boxes[2 * s + 1]. */
static void mark_pair(const chord *chords, const int *bounds, const place *boxes, int a, int b,
                      unsigned char *touching)
{
  for (int i = bounds[a]; i < bounds[a + 1]; i++) {
    if (!boxes_meet(chords[i].low, chords[i].high, boxes[2 * b], boxes[2 * b + 1])) {
      continue;
    }
    for (int j = a == b ? i + 1 : bounds[b]; j < bounds[b + 1]; j++) {
      if (are_in_contact(chords, i, j)) {
        touching[a] = touching[b] = 1;
        return;
      }
    }
  }
}

static void find_bounds(const chord *chords, int count, int segments, int *bounds, place *boxes)
{
  int i = 0;
  for (int s = 0; s < segments; s++) {
    bounds[s] = i;
    place low = {INFINITY, INFINITY}, high = {-INFINITY, -INFINITY};
    for (; i < count && chords[i].segment == s; i++) {
      low = (place){fmin(low.x, chords[i].low.x), fmin(low.y, chords[i].low.y)};
      high = (place){fmax(high.x, chords[i].high.x), fmax(high.y, chords[i].high.y)};
    }
    boxes[2 * s] = low;
    boxes[2 * s + 1] = high;
  }
  bounds[segments] = i;
}

typedef struct {
  const semvec_paths *paths;
  int samples;
  unsigned char *touching;
  atomic_int failed;
} contact_work;

static void mark_contacts(const chord *chords, int count, int segments, int *bounds, place *boxes,
                          unsigned char *touching)
{
  find_bounds(chords, count, segments, bounds, boxes);
  for (int i = 0; i < count; i++) {
    if (turns_back(chords[i].from, chords[i].to, chords[chords[i].next].to)) {
      touching[chords[i].segment] = touching[chords[chords[i].next].segment] = 1;
    }
  }
  for (int a = 0; a < segments; a++) {
    for (int b = a; b < segments; b++) {
      if (boxes_meet(boxes[2 * a], boxes[2 * a + 1], boxes[2 * b], boxes[2 * b + 1])) {
        mark_pair(chords, bounds, boxes, a, b, touching);
      }
    }
  }
}

static void find_path_contacts(void *context, int index)
{
  contact_work *work = context;
  const semvec_paths *paths = work->paths;
  int first = paths->path_starts[index], last = paths->path_starts[index + 1];
  int base = paths->subpath_starts[first];
  int segments = (paths->subpath_starts[last] - base) / 3;
  chord *chords = malloc((size_t)segments * (size_t)work->samples * sizeof(chord) + 1);
  place *boxes = malloc((size_t)segments * 2 * sizeof(place) + 1);
  int *bounds = malloc(((size_t)segments + 1) * sizeof(int));
  if (chords && boxes && bounds) {
    int count = 0;
    for (int subpath = first; subpath < last; subpath++) {
      count = add_subpath(paths, subpath, base, work->samples, chords, count);
    }
    mark_contacts(chords, count, segments, bounds, boxes, work->touching + base / 3);
  } else {
    work->failed = 1;
  }
  free(chords);
  free(boxes);
  free(bounds);
}

int semvec_find_contacts(const semvec_paths *paths, int samples, int threads,
                         unsigned char *touching)
{
  if (!semvec_paths_are_valid(paths) || samples < 1) {
    return SEMVEC_INVALID;
  }
  memset(touching, 0, (size_t)paths->point_count / 3);
  contact_work work = {paths, samples, touching, 0};
  semvec_parallel_for(threads, paths->path_count, find_path_contacts, &work);
  return work.failed ? SEMVEC_NO_MEMORY : SEMVEC_OK;
}
