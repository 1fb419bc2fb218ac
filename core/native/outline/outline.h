/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The outline of one path as samples along its cubics, with which self-crossings and parts that
 * are too near to each other are found quickly.
 */
#ifndef SEMVEC_OUTLINE_H
#define SEMVEC_OUTLINE_H

#include "../paths.h"

/* One cubic of the path: indices of its control points, and its ring (its sub-path). */
typedef struct {
  int control[4];
  int ring;      /* the first segment of its ring */
  int following; /* the segment after it on its ring */
} segment;

/* The outline of a path, with working memory. */
typedef struct {
  int base, point_count;      /* its control points among those of all paths */
  int segment_count, density; /* density: chords per segment */
  segment *segments;
  float *weights;      /* [density, 4]: the Bernstein polynomials at the samples */
  float *x, *y;        /* [segment_count, density + 1]: samples, the end of each segment included */
  float *lengths;      /* [segment_count, density]: of the chords */
  float *arc;          /* [segment_count, density]: length along the ring up to the chord */
  float *ring_lengths; /* per segment: length of its ring */
  point *low, *high;   /* per segment: the box of its samples */
  point *push;         /* per control point */
  unsigned char *crosses; /* per segment */
} outline;

/* Make the outline of path `index`. Returns 0 without memory; otherwise call outline_free. */
int outline_create(outline *path, const semvec_paths *paths, int index, int density);
void outline_free(outline *path);

/* Fill `x`, `y`, `low` and `high` for these control points (of all paths). */
void outline_sample(outline *path, const point *points);

/* Fill `lengths`, `arc` and `ring_lengths` from the samples. */
void outline_measure(outline *path);

/* Mark, in `crosses`, the segments whose chords cross any other; the samples are those of these
 * control points. Returns the number of pairs of segments that cross. */
int outline_find_crossings(outline *path, const point *points);

/* Write 1 to `crossing` [point_count / 3] for each segment that crosses a segment of the same
 * path, where outlines are drawn with `samples` chords per segment, else 0. Returns a status. */
int semvec_find_crossings(const semvec_paths *paths, int samples, int threads,
                          unsigned char *crossing);

/* Write the Bernstein polynomials of degree three. */
static inline void bernstein(float t, float weights[4])
{
  float u = 1.0f - t;
  weights[0] = u * u * u;
  weights[1] = 3.0f * t * u * u;
  weights[2] = 3.0f * t * t * u;
  weights[3] = t * t * t;
}

/* Sample k of a segment; there are density + 1. */
static inline point sample_of(const outline *path, int segment_index, int k)
{
  int place = segment_index * (path->density + 1) + k;
  return (point){path->x[place], path->y[place]};
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
