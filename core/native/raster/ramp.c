/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * With u = p - start and d = end - start, where t is not clamped:
 *   linear: t = u·d / |d|², d(t)/d(end) = (u - 2·t·d) / |d|², d(t)/d(start) = -that - d / |d|²
 *   radial: t = |u| / |d|,  d(t)/d(end) = -t·d / |d|²,        d(t)/d(start) = -that - u / |u||d|
 * Along a row only t and u.x change, so three sums are enough for all four coordinates.
 */
#include "ramp.h"

#include "vectors.h"

#include <math.h>

/* An axis shorter than this, in pixels, counts as one without length: t is 1 everywhere. */
static const float SHORTEST = 1e-6f;

static point start_of(const semvec_ramps *ramps, int path)
{
  return (point){ramps->axes[4 * path], ramps->axes[4 * path + 1]};
}

static point end_of(const semvec_ramps *ramps, int path)
{
  return (point){ramps->axes[4 * path + 2], ramps->axes[4 * path + 3]};
}

int ramp_is_finite(const semvec_ramps *ramps, int path)
{
  return !ramps->kinds || ramps->kinds[path] == RAMP_FLAT ||
         (is_finite_point(start_of(ramps, path)) && is_finite_point(end_of(ramps, path)));
}

ramp ramp_of(const semvec_scene *scene, int path)
{
  const semvec_ramps *ramps = &scene->ramps;
  ramp result = {.kind = ramps->kinds ? ramps->kinds[path] : RAMP_FLAT};
  if (result.kind != RAMP_FLAT) {
    result.start = near_point(start_of(ramps, path));
    result.axis = subtract(near_point(end_of(ramps, path)), result.start);
    float size = length(result.axis);
    float inverse = size > SHORTEST ? 1.0f / size : 0.0f;
    result.scale = result.kind == RAMP_LINEAR ? inverse * inverse : inverse;
    result.start_color = scene->colors + 4 * path;
    result.end_color = ramps->colors + CHANNELS * path;
    result.opacity = clipped(scene->colors[4 * path + 3]);
  }
  return result;
}

/* The vector from the start of a ramp to the center of the first pixel of a run. */
static point offset_of(const ramp *r, pixel_run run)
{
  return (point){(float)run.left + 0.5f - r->start.x, (float)run.row + 0.5f - r->start.y};
}

static void constant_positions(int count, float *restrict t)
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

void ramp_positions(const ramp *r, pixel_run run, float *t)
{
  point u = offset_of(r, run);
  if (r->scale == 0.0f) {
    constant_positions(run.count, t);
  } else if (r->kind == RAMP_LINEAR) {
    point step = {r->axis.x * r->scale, r->axis.y * r->scale};
    linear_positions(u, step, run.count, t);
  } else {
    radial_positions(u, r->scale, run.count, t);
  }
}

static float coverage(float winding)
{
  float cover = fabsf(winding);
  return cover < 1.0f ? cover : 1.0f;
}

/* Compilers rely on `restrict` only for parameters, so rows are passed one by one here. */
static void paint(float *restrict plane, float *restrict difference, const float *restrict winding,
                  const float *restrict t, int count, float opacity, float start, float end)
{
  for (int x = 0; x < count; x++) {
    float alpha = opacity * coverage(winding[x]);
    difference[x] = (1.0f - t[x]) * start + t[x] * end - plane[x];
    plane[x] += alpha * difference[x];
  }
}

void ramp_paint_row(const ramp *r, int channel, int count, const float *winding, const float *t,
                    float *plane, float *difference)
{
  paint(plane, difference, winding, t, count, r->opacity, r->start_color[channel],
        r->end_color[channel]);
}

static ramp_color_sums unpaint(const float *restrict red, const float *restrict green,
                               const float *restrict blue, const float *restrict transmittance,
                               const float *restrict winding, const float *restrict t,
                               float *restrict t_gradient, int count, const ramp *r)
{
  SUM_IN_ANY_ORDER
  const float *start = r->start_color, *end = r->end_color;
  float opacity = r->opacity;
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

ramp_color_sums ramp_unpaint_row(const ramp *r, const ramp_rows *rows, int count, const float *t,
                                 float *t_gradient)
{
  return unpaint(rows->red, rows->green, rows->blue, rows->transmittance, rows->winding, t,
                 t_gradient, count, r);
}

/* The gradient of t, which is 0 where t is clamped. */
static float unclamped(float t, float t_gradient)
{
  return t > 0.0f && t < 1.0f ? t_gradient : 0.0f;
}

/* Sums over a row of t_gradient times 1, u.x and t. For radial ramps the first two are divided
 * by t. */
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

void ramp_add_axis_gradient(const ramp *r, pixel_run run, const float *t, const float *t_gradient,
                            double *axis_gradient)
{
  point u = offset_of(r, run), end, rest;
  float scale = r->scale;
  if (r->kind == RAMP_LINEAR) {
    axis_sums sums = linear_sums(t, t_gradient, run.count, u.x);
    end.x = (sums.across - 2.0f * sums.along * r->axis.x) * scale;
    end.y = (sums.plain * u.y - 2.0f * sums.along * r->axis.y) * scale;
    rest = (point){sums.plain * r->axis.x * scale, sums.plain * r->axis.y * scale};
  } else { /* 1/|u| is scale/t */
    axis_sums sums = radial_sums(t, t_gradient, run.count, u.x);
    float square = scale * scale;
    end = (point){-sums.along * r->axis.x * square, -sums.along * r->axis.y * square};
    rest = (point){sums.across * square, sums.plain * u.y * square};
  }
  axis_gradient[0] -= (double)end.x + (double)rest.x;
  axis_gradient[1] -= (double)end.y + (double)rest.y;
  axis_gradient[2] += (double)end.x;
  axis_gradient[3] += (double)end.y;
}
