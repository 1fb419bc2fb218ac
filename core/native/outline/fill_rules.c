/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fill_rules.h"

#include "../parallel.h"
#include "../status.h"
#include "chord.h"

#include <limits.h>
#include <stdatomic.h>
#include <stdlib.h>

#define FLATNESS 1e-4  /* how far a chord may be from its curve, of the path's size */
#define MOST_CHORDS 64 /* of one curve */
#define MOST_COMPARISONS 40000000
#define MOST_RINGS 20000 /* every one is compared with every other */

/* The straight line between two samples that are not the same place. */
typedef struct {
  place from, to, low, high;
  int next; /* index of the chord after it on its sub-path */
} chord;

/* The chords first to last - 1 of a path are a sub-path. */
typedef struct {
  int first, last;
  place low, high;
} ring;

typedef struct {
  chord *chords;
  ring *rings;
  int *order; /* of chords, by where they begin along x */
  int chord_count, ring_count;
} outline;

static place at(const point *p, int index)
{
  return (place){p[index].x, p[index].y};
}

static void widen(place *low, place *high, place by)
{
  *low = (place){fmin(low->x, by.x), fmin(low->y, by.y)};
  *high = (place){fmax(high->x, by.x), fmax(high->y, by.y)};
}

static double size_of(const point *points, int begin, int end)
{
  place low = {INFINITY, INFINITY}, high = {-INFINITY, -INFINITY};
  for (int i = begin; i < end; i++) {
    widen(&low, &high, at(points, i));
  }
  return fmax(high.x - low.x, high.y - low.y);
}

/* The number of chords of the cubic with these control points, in a path of this size. */
static int chords_of(const place p[4], double size)
{
  double bend = 0.0;
  for (int k = 0; k < 2; k++) {
    bend = fmax(bend, fabs(p[k].x - 2.0 * p[k + 1].x + p[k + 2].x));
    bend = fmax(bend, fabs(p[k].y - 2.0 * p[k + 1].y + p[k + 2].y));
  }
  double count = ceil(sqrt(0.75 * bend / (FLATNESS * size)));
  return count >= 1.0 ? (count < MOST_CHORDS ? (int)count : MOST_CHORDS) : 1;
}

static place sample(const place p[4], double t)
{
  double u = 1.0 - t, a = u * u * u, b = 3.0 * t * u * u, c = 3.0 * t * t * u, d = t * t * t;
  return (place){a * p[0].x + b * p[1].x + c * p[2].x + d * p[3].x,
                 a * p[0].y + b * p[1].y + c * p[2].y + d * p[3].y};
}

/* Close the chords from `first` on to a ring; those of a ring without a length are dropped. */
static void add_ring(outline *found, int first)
{
  chord *chords = found->chords;
  int last = found->chord_count;
  while (last > first + 1 && chords[last - 1].from.x == chords[first].from.x &&
         chords[last - 1].from.y == chords[first].from.y) {
    last--;
  }
  if (last < first + 2) {
    found->chord_count = first;
    return;
  }
  ring *added = &found->rings[found->ring_count++];
  *added = (ring){first, last, {INFINITY, INFINITY}, {-INFINITY, -INFINITY}};
  for (int i = first; i < last; i++) {
    chord *c = &chords[i];
    c->next = i + 1 < last ? i + 1 : first;
    c->to = chords[c->next].from;
    c->low = c->high = c->from;
    widen(&c->low, &c->high, c->to);
    widen(&added->low, &added->high, c->from);
  }
  found->chord_count = last;
}

/* Append the chords of the points begin to end - 1, a sub-path. */
static void add_subpath(outline *found, const point *points, int begin, int end, double size)
{
  int start = found->chord_count;
  for (int first = begin; first < end; first += 3) {
    place p[4] = {at(points, first), at(points, first + 1), at(points, first + 2),
                  at(points, following_anchor(first, begin, end))};
    int count = chords_of(p, size);
    for (int k = 0; k < count; k++) {
      place here = sample(p, (double)k / count);
      const chord *last =
          found->chord_count > start ? &found->chords[found->chord_count - 1] : NULL;
      if (!last || last->from.x != here.x || last->from.y != here.y) {
        found->chords[found->chord_count++] = (chord){.from = here};
      }
    }
  }
  add_ring(found, start);
}

static int in_contact(const chord *chords, int i, int j)
{
  const chord *a = &chords[i], *b = &chords[j];
  if (a->low.y > b->high.y || b->low.y > a->high.y || a->next == j || b->next == i) {
    return 0;
  }
  return side(a->from, a->to, b->from) * side(a->from, a->to, b->to) <= 0 &&
         side(b->from, b->to, a->from) * side(b->from, b->to, a->to) <= 0;
}

/* Sort chord numbers by where the chords begin along x: a heap, as qsort knows no context. */
static void sift(const chord *chords, int *order, int root, int count)
{
  int moved = order[root];
  for (int child = 2 * root + 1; child < count; child = 2 * root + 1) {
    if (child + 1 < count && chords[order[child]].low.x < chords[order[child + 1]].low.x) {
      child++;
    }
    if (chords[moved].low.x >= chords[order[child]].low.x) {
      break;
    }
    order[root] = order[child];
    root = child;
  }
  order[root] = moved;
}

static void sort(const chord *chords, int *order, int count)
{
  for (int i = 0; i < count; i++) {
    order[i] = i;
  }
  for (int root = count / 2 - 1; root >= 0; root--) {
    sift(chords, order, root, count);
  }
  for (int last = count - 1; last > 0; last--) {
    int largest = order[0];
    order[0] = order[last];
    order[last] = largest;
    sift(chords, order, 0, last);
  }
}

/* Returns 0 where no chord meets another one but its neighbors at their ends. */
static int has_contacts(const outline *found)
{
  const chord *chords = found->chords;
  long comparisons = 0;
  for (int i = 0; i < found->chord_count; i++) {
    if (turns_back(chords[i].from, chords[i].to, chords[chords[i].next].to)) {
      return 1;
    }
  }
  sort(chords, found->order, found->chord_count);
  for (int i = 0; i < found->chord_count; i++) {
    int one = found->order[i];
    for (int j = i + 1; j < found->chord_count; j++) {
      int other = found->order[j];
      if (chords[other].low.x > chords[one].high.x) {
        break;
      }
      if (++comparisons > MOST_COMPARISONS || in_contact(chords, one, other)) {
        return 1;
      }
    }
  }
  return 0;
}

/* The winding that a ray from `from` to larger x meets on a ring, but for the chord `own`. */
static int crossed(const outline *found, const ring *across, place from, int own)
{
  int winding = 0;
  for (int i = across->first; i < across->last; i++) {
    const chord *c = &found->chords[i];
    int down = (c->from.y <= from.y) - (c->to.y <= from.y);
    if (down == 0 || i == own) {
      continue;
    }
    double x = c->from.x + (from.y - c->from.y) * (c->to.x - c->from.x) / (c->to.y - c->from.y);
    winding += x > from.x ? down : 0;
  }
  return winding;
}

/* Returns whether the places on both sides of a ring are wound around once at most. */
static int winds_once(const outline *found, const ring *one)
{
  int own = one->first;
  for (int i = one->first; i < one->last; i++) {
    const chord *c = &found->chords[i], *steepest = &found->chords[own];
    own = fabs(c->to.y - c->from.y) > fabs(steepest->to.y - steepest->from.y) ? i : own;
  }
  const chord *c = &found->chords[own];
  place from = {(c->from.x + c->to.x) / 2.0, (c->from.y + c->to.y) / 2.0};
  int beyond = 0;
  for (int r = 0; r < found->ring_count; r++) {
    const ring *other = &found->rings[r];
    if (other->high.x >= from.x && other->low.y <= from.y && other->high.y >= from.y) {
      beyond += crossed(found, other, from, own);
    }
  }
  int before = beyond + (c->from.y <= from.y) - (c->to.y <= from.y);
  return abs(beyond) <= 1 && abs(before) <= 1;
}

static int is_alike(const outline *found)
{
  if (has_contacts(found)) {
    return 0;
  }
  if (found->ring_count > MOST_RINGS) {
    return 0;
  }
  for (int r = 0; r < found->ring_count && found->ring_count > 1; r++) {
    if (!winds_once(found, &found->rings[r])) {
      return 0;
    }
  }
  return 1;
}

typedef struct {
  const semvec_paths *paths;
  unsigned char *alike;
  atomic_int failed;
} fill_work;

static int most_chords(const semvec_paths *paths, int first, int last, double size)
{
  const int *starts = paths->subpath_starts;
  int count = 0;
  for (int s = first; s < last; s++) {
    for (int i = starts[s]; i < starts[s + 1]; i += 3) {
      const point *p = paths->points;
      place cubic[4] = {at(p, i), at(p, i + 1), at(p, i + 2),
                        at(p, following_anchor(i, starts[s], starts[s + 1]))};
      count += chords_of(cubic, size);
    }
  }
  return count;
}

static void look_at_path(void *context, int index)
{
  fill_work *work = context;
  const semvec_paths *paths = work->paths;
  const int *starts = paths->subpath_starts;
  int first = paths->path_starts[index], last = paths->path_starts[index + 1];
  double size = size_of(paths->points, starts[first], starts[last]);
  if (!(size > 0.0) || !isfinite(size) || starts[last] - starts[first] > INT_MAX / MOST_CHORDS) {
    return;
  }
  size_t count = (size_t)most_chords(paths, first, last, size);
  outline found = {malloc(count * sizeof(chord)), malloc((size_t)(last - first) * sizeof(ring)),
                   malloc(count * sizeof(int)), 0, 0};
  if (found.chords && found.rings && found.order) {
    for (int s = first; s < last; s++) {
      add_subpath(&found, paths->points, starts[s], starts[s + 1], size);
    }
    work->alike[index] = found.ring_count > 0 && is_alike(&found);
  } else {
    work->failed = 1;
  }
  free(found.chords);
  free(found.rings);
  free(found.order);
}

int semvec_fill_alike(const semvec_paths *paths, int threads, unsigned char *alike)
{
  if (!semvec_paths_are_valid(paths)) {
    return SEMVEC_INVALID;
  }
  for (int i = 0; i < paths->path_count; i++) {
    alike[i] = 0;
  }
  fill_work work = {paths, alike, 0};
  semvec_parallel_for(threads, paths->path_count, look_at_path, &work);
  return work.failed ? SEMVEC_NO_MEMORY : SEMVEC_OK;
}
