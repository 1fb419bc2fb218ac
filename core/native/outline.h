/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The outline of one path as points along its cubics, by which to see quickly where it
 * comes near to itself or crosses itself.
 */
#ifndef SEMVEC_OUTLINE_H
#define SEMVEC_OUTLINE_H

#include <math.h>

enum { OUTLINE_OK = 0, OUTLINE_NO_MEMORY = -1, OUTLINE_INVALID = -2 };

typedef struct {
  float x, y;
} point;

typedef struct {
  float of[4];
} weights;

/* One cubic of the path: indices of its control points, and its ring. */
typedef struct {
  int control[4];
  int first_sample; /* of the ring that it belongs to */
  int ring_samples;
} segment;

/* A path's outline and the working memory that comes with it. */
typedef struct {
  int base, point_count;      /* its control points among those of all paths */
  int segment_count, density; /* samples a segment */
  segment *segments;
  point *samples;         /* [segment_count, density] */
  point *low, *high;      /* per segment: the box of its samples, its end included */
  float *arc;             /* per sample: length along the ring up to it */
  float *ring_length;     /* per sample: of the ring it lies on */
  point *push;            /* per control point */
  unsigned char *crosses; /* per segment */
} outline;

/* The outline of path `index`, paths packed as in core/drawing.py (Scene). Returns 0 where
 * there is no memory. */
int outline_create(outline *path, const int *subpath_starts, const int *path_starts, int index,
                   int density);
void outline_free(outline *path);

/* Fill samples and boxes. */
void outline_sample(outline *path, const point *points);

/* Fill lengths along the samples. */
void outline_measure(outline *path);

/* Sample, and mark the segments whose chords cross others; returns how many pairs do. */
int outline_find_crossings(outline *path, const point *points);

static inline point subtract(point a, point b)
{
  return (point){a.x - b.x, a.y - b.y};
}

static inline float dot(point a, point b)
{
  return a.x * b.x + a.y * b.y;
}

static inline float cross(point a, point b)
{
  return a.x * b.y - a.y * b.x;
}

static inline float length(point a)
{
  return sqrtf(dot(a, a));
}

/* Bernstein's polynomials of degree three. */
static inline weights bernstein(float t)
{
  float u = 1.0f - t;
  return (weights){{u * u * u, 3.0f * t * u * u, 3.0f * t * t * u, t * t * t}};
}

/* The sample after sample i on its ring. */
static inline int next_sample(const outline *path, int i)
{
  const segment *s = &path->segments[i / path->density];
  int next = i + 1;
  return next < s->first_sample + s->ring_samples ? next : s->first_sample;
}

static inline int boxes_are_near(const outline *path, int a, int b, float distance)
{
  return path->low[a].x <= path->high[b].x + distance &&
         path->low[b].x <= path->high[a].x + distance &&
         path->low[a].y <= path->high[b].y + distance &&
         path->low[b].y <= path->high[a].y + distance;
}

#endif
