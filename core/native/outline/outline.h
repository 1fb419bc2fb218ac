/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The outline of one path as samples along its cubics, with which self-crossings and parts that
 * are too near to each other are found quickly.
 */
#ifndef SEMVEC_OUTLINE_H
#define SEMVEC_OUTLINE_H

#include "../paths.h"

typedef struct {
  float of[4];
} weights;

/* One cubic of the path: indices of its control points, and its ring (its sub-path). */
typedef struct {
  int control[4];
  int first_sample; /* of the ring */
  int ring_samples;
} segment;

/* The outline of a path, with working memory. */
typedef struct {
  int base, point_count;      /* its control points among those of all paths */
  int segment_count, density; /* density: samples per segment */
  segment *segments;
  int *next;              /* per sample: index of the one after it on its ring */
  point *samples;         /* [segment_count, density] */
  point *chords;          /* per sample: vector to the one after it */
  point *low, *high;      /* per segment: the box of its samples, its end included */
  float *arc;             /* per sample: length along the ring from its first sample */
  float *ring_length;     /* per sample: length of its ring */
  point *push;            /* per control point */
  unsigned char *crosses; /* per segment */
} outline;

/* Make the outline of path `index`. Returns 0 without memory; otherwise call outline_free. */
int outline_create(outline *path, const semvec_paths *paths, int index, int density);
void outline_free(outline *path);

/* Fill `samples`, `chords`, `low` and `high` for these control points (of all paths). */
void outline_sample(outline *path, const point *points);

/* Fill `arc` and `ring_length` from the samples. */
void outline_measure(outline *path);

/* Sample the outline and mark, in `crosses`, the segments whose chords cross any other. Returns
 * the number of pairs of segments that cross. */
int outline_find_crossings(outline *path, const point *points);

/* Write 1 to `crossing` [point_count / 3] for each segment that crosses a segment of the same
 * path, where outlines are drawn with `samples` chords per segment, else 0. Returns a status. */
int semvec_find_crossings(const semvec_paths *paths, int samples, int threads,
                          unsigned char *crossing);

/* The Bernstein polynomials of degree three. */
static inline weights bernstein(float t)
{
  float u = 1.0f - t;
  return (weights){{u * u * u, 3.0f * t * u * u, 3.0f * t * t * u, t * t * t}};
}

/* Returns 1 where the boxes of two segments are at most `distance` apart along both axes. */
static inline int boxes_are_near(const outline *path, int a, int b, float distance)
{
  return path->low[a].x <= path->high[b].x + distance &&
         path->low[b].x <= path->high[a].x + distance &&
         path->low[a].y <= path->high[b].y + distance &&
         path->low[b].y <= path->high[a].y + distance;
}

#endif
