/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * With u = p - start and d = end - start, where t isn't clamped:
 *   linear: t = u·d / |d|², d(t)/d(end) = (u - 2·t·d) / |d|², d(t)/d(start) = -that - d / |d|²
 *   radial: t = |u| / |d|,  d(t)/d(end) = -t·d / |d|²,        d(t)/d(start) = -that - u / |u||d|
 * Along a row only t and u.x change: three sums are enough for all four coordinates.
 */
#include "ramp.h"

#include <math.h>

/* A shorter way, in pixels, is none: t is 1 everywhere. */
static const float SHORTEST = 1e-6f;

static point start_of(const ramps *all, int path)
{
  return (point){all->axes[4 * path], all->axes[4 * path + 1]};
}

static point end_of(const ramps *all, int path)
{
  return (point){all->axes[4 * path + 2], all->axes[4 * path + 3]};
}

int ramp_is_finite(const ramps *all, int path)
{
  return !all->kinds || all->kinds[path] == RAMP_FLAT ||
         (is_finite_point(start_of(all, path)) && is_finite_point(end_of(all, path)));
}

ramp ramp_of(const ramps *all, int path)
{
  ramp result = {.kind = all->kinds ? all->kinds[path] : RAMP_FLAT};
  if (result.kind != RAMP_FLAT) {
    point end = near_point(end_of(all, path));
    result.start = near_point(start_of(all, path));
    result.way = (point){end.x - result.start.x, end.y - result.start.y};
    float length = sqrtf(result.way.x * result.way.x + result.way.y * result.way.y);
    float inverse = length > SHORTEST ? 1.0f / length : 0.0f;
    result.scale = result.kind == RAMP_LINEAR ? inverse * inverse : inverse;
  }
  return result;
}

/* From the start of a ramp to the center of a pixel. */
static point offset_of(const ramp *r, int column, int row)
{
  return (point){(float)column + 0.5f - r->start.x, (float)row + 0.5f - r->start.y};
}

static void no_positions(int count, float *restrict t)
{
  for (int i = 0; i < count; i++) {
    t[i] = 1.0f;
  }
}

static void linear_positions(point u, point step, int count, float *restrict t)
{
  float above = u.y * step.y;
  for (int i = 0; i < count; i++) {
    t[i] = clipped((u.x + (float)i) * step.x + above);
  }
}

static void radial_positions(point u, float scale, int count, float *restrict t)
{
  float above = u.y * u.y;
  for (int i = 0; i < count; i++) {
    float across = u.x + (float)i;
    t[i] = clipped(sqrtf(across * across + above) * scale);
  }
}

void ramp_positions(const ramp *r, int left, int row, int count, float *t)
{
  point u = offset_of(r, left, row);
  if (r->scale == 0.0f) {
    no_positions(count, t);
  }
  else if (r->kind == RAMP_LINEAR) {
    point step = {r->way.x * r->scale, r->way.y * r->scale};
    linear_positions(u, step, count, t);
  }
  else {
    radial_positions(u, r->scale, count, t);
  }
}

static float coverage(float winding)
{
  float cover = fabsf(winding);
  return cover < 1.0f ? cover : 1.0f;
}

void ramp_paint_row(float *restrict plane, float *restrict difference,
                    const float *restrict winding, const float *restrict t, int count,
                    float opacity, float start, float end)
{
  for (int x = 0; x < count; x++) {
    float alpha = opacity * coverage(winding[x]);
    difference[x] = (1.0f - t[x]) * start + t[x] * end - plane[x];
    plane[x] += alpha * difference[x];
  }
}

ramp_color_sums ramp_unpaint_row(const float *restrict red, const float *restrict green,
                                 const float *restrict blue,
                                 const float *restrict transmittance,
                                 const float *restrict winding, const float *restrict t,
                                 float *restrict t_gradient, int count, float opacity,
                                 const float *start, const float *end)
{
  SUM_IN_ANY_ORDER
  float red_rise = end[0] - start[0], green_rise = end[1] - start[1], blue_rise = end[2] - start[2];
  ramp_color_sums sums = {{0.0f}, {0.0f}};
  for (int x = 0; x < count; x++) {
    float seen = transmittance[x] * opacity * coverage(winding[x]);
    float at_end = seen * t[x], at_start = seen - at_end;
    sums.start[0] += at_start * red[x];
    sums.start[1] += at_start * green[x];
    sums.start[2] += at_start * blue[x];
    sums.end[0] += at_end * red[x];
    sums.end[1] += at_end * green[x];
    sums.end[2] += at_end * blue[x];
    t_gradient[x] = seen * (red[x] * red_rise + green[x] * green_rise + blue[x] * blue_rise);
  }
  return sums;
}

/* The gradient of t where it isn't clamped. */
static float unclamped(float t, float t_gradient)
{
  return t > 0.0f && t < 1.0f ? t_gradient : 0.0f;
}

/* Sums over a row of t_gradient times 1, times u.x and times t; radial: the first two over t. */
typedef struct {
  float plain, across, along;
} axis_sums;

static axis_sums linear_sums(const float *restrict t, const float *restrict t_gradient, int count,
                             float first)
{
  SUM_IN_ANY_ORDER
  float plain = 0.0f, across = 0.0f, along = 0.0f;
  for (int i = 0; i < count; i++) {
    float gradient = unclamped(t[i], t_gradient[i]);
    plain += gradient;
    across += gradient * (first + (float)i);
    along += gradient * t[i];
  }
  return (axis_sums){plain, across, along};
}

static axis_sums radial_sums(const float *restrict t, const float *restrict t_gradient, int count,
                             float first)
{
  SUM_IN_ANY_ORDER
  float plain = 0.0f, across = 0.0f, along = 0.0f;
  for (int i = 0; i < count; i++) {
    float gradient = unclamped(t[i], t_gradient[i]);
    float share = t[i] > 0.0f ? gradient / t[i] : 0.0f;
    plain += share;
    across += share * (first + (float)i);
    along += gradient * t[i];
  }
  return (axis_sums){plain, across, along};
}

void ramp_add_axis_gradient(const ramp *r, int left, int row, int count, const float *t,
                            const float *t_gradient, double *axis_gradient)
{
  point u = offset_of(r, left, row), end, rest;
  float scale = r->scale;
  if (r->kind == RAMP_LINEAR) {
    axis_sums sums = linear_sums(t, t_gradient, count, u.x);
    end.x = (sums.across - 2.0f * sums.along * r->way.x) * scale;
    end.y = (sums.plain * u.y - 2.0f * sums.along * r->way.y) * scale;
    rest = (point){sums.plain * r->way.x * scale, sums.plain * r->way.y * scale};
  }
  else { /* 1/|u| is scale/t */
    axis_sums sums = radial_sums(t, t_gradient, count, u.x);
    float square = scale * scale;
    end = (point){-sums.along * r->way.x * square, -sums.along * r->way.y * square};
    rest = (point){sums.across * square, sums.plain * u.y * square};
  }
  axis_gradient[0] -= (double)end.x + (double)rest.x;
  axis_gradient[1] -= (double)end.y + (double)rest.y;
  axis_gradient[2] += (double)end.x;
  axis_gradient[3] += (double)end.y;
}
