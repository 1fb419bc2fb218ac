/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Vectors of the plane and cubics, in double precision, for fitting outlines.
 */
#ifndef SEMVEC_OUTLINE_VECTOR_H
#define SEMVEC_OUTLINE_VECTOR_H

typedef struct {
  double x, y;
} vector;

static inline vector add(vector a, vector b)
{
  return (vector){a.x + b.x, a.y + b.y};
}

static inline vector subtract(vector a, vector b)
{
  return (vector){a.x - b.x, a.y - b.y};
}

static inline vector scale(vector a, double factor)
{
  return (vector){a.x * factor, a.y * factor};
}

static inline double dot(vector a, vector b)
{
  return a.x * b.x + a.y * b.y;
}

static inline double clamp(double value, double low, double high)
{
  return value < low ? low : value > high ? high : value;
}

/* The point at parameter t of the cubic with these control points. */
static inline vector evaluate(const vector p[4], double t)
{
  double s = 1.0 - t;
  double b0 = s * s * s, b1 = 3.0 * s * s * t, b2 = 3.0 * s * t * t, b3 = t * t * t;
  return (vector){b0 * p[0].x + b1 * p[1].x + b2 * p[2].x + b3 * p[3].x,
                  b0 * p[0].y + b1 * p[1].y + b2 * p[2].y + b3 * p[3].y};
}

#endif
