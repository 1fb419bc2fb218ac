/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Points and vectors of the plane, in pixels.
 */
#ifndef SEMVEC_POINT_H
#define SEMVEC_POINT_H

#include <math.h>

/* Coordinates beyond this limit cannot touch a canvas and would only lose precision. */
#define FARTHEST_COORDINATE 1e6f

typedef struct {
  float x, y;
} point;

static inline int is_finite_point(point p)
{
  return isfinite(p.x) && isfinite(p.y);
}

static inline float near_coordinate(float value)
{
  return value < -FARTHEST_COORDINATE  ? -FARTHEST_COORDINATE
         : value > FARTHEST_COORDINATE ? FARTHEST_COORDINATE
                                       : value;
}

/* The point with both coordinates clamped to the limit above. */
static inline point near_point(point p)
{
  return (point){near_coordinate(p.x), near_coordinate(p.y)};
}

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

#endif
