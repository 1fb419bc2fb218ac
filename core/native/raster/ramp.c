/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * With u = p - start and d = end - start, where t is not clamped:
 *   linear: t = u·d / |d|², d(t)/d(end) = (u - 2·t·d) / |d|², d(t)/d(start) = -that - d / |d|²
 *   radial: t = |u| / |d|,  d(t)/d(end) = -t·d / |d|²,        d(t)/d(start) = -that - u / |u||d|
 * Along a row only t and u.x change, so three sums are enough for all four coordinates.
 */
#include "ramp.h"

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

/* The vector from the start of a ramp to the center of the first pixel of a tile. */
static point offset_of(const ramp *r, tile_place place)
{
  return (point){(float)place.left + 0.5f - r->start.x, (float)place.top + 0.5f - r->start.y};
}

/* Numbers of the columns of the vectors of a row. */
static const lanes COLUMNS[ROW_VECTORS] = {{0.0f, 1.0f, 2.0f, 3.0f}, {4.0f, 5.0f, 6.0f, 7.0f}};

/* The horizontal offset of the pixels of vector i of a tile, and the vertical one. */
static lanes across_of(point offset, int i)
{
  return offset.x + COLUMNS[i % ROW_VECTORS];
}

static float above_of(point offset, int i)
{
  return offset.y + (float)(i / ROW_VECTORS);
}

static lanes square_root(lanes values)
{
  return (lanes){sqrtf(values[0]), sqrtf(values[1]), sqrtf(values[2]), sqrtf(values[3])};
}

void ramp_positions(const ramp *r, tile_place place, tile *t)
{
  point u = offset_of(r, place);
  point step = {r->axis.x * r->scale, r->axis.y * r->scale};
  for (int i = 0; i < TILE_VECTORS; i++) {
    lanes across = across_of(u, i);
    float above = above_of(u, i);
    if (r->scale == 0.0f) {
      t->of[i] = all_lanes(1.0f);
    } else if (r->kind == RAMP_LINEAR) {
      t->of[i] = clipped_lanes(across * step.x + above * step.y);
    } else {
      t->of[i] = clipped_lanes(square_root(across * across + above * above) * r->scale);
    }
  }
}

void ramp_fill(const ramp *r, int channel, const tile *t, tile *fill)
{
  for (int i = 0; i < TILE_VECTORS; i++) {
    fill->of[i] = (1.0f - t->of[i]) * r->start_color[channel] + t->of[i] * r->end_color[channel];
  }
}

void ramp_propagate(const ramp *r, const ramp_tiles *tiles, const tile *t, double *start_gradient,
                    double *end_gradient, tile *t_gradient)
{
  lanes start[CHANNELS] = {{0.0f}}, end[CHANNELS] = {{0.0f}};
  for (int i = 0; i < TILE_VECTORS; i++) {
    lanes seen = tiles->transmittance->of[i] * r->opacity * coverage_of(tiles->winding->of[i]);
    lanes at_end = seen * t->of[i], at_start = seen - at_end, slope = all_lanes(0.0f);
    for (int c = 0; c < CHANNELS; c++) {
      lanes gradient = tiles->gradient[c]->of[i];
      start[c] += at_start * gradient;
      end[c] += at_end * gradient;
      slope += gradient * (r->end_color[c] - r->start_color[c]);
    }
    t_gradient->of[i] = seen * slope;
  }
  for (int c = 0; c < CHANNELS; c++) {
    start_gradient[c] += (double)sum_lanes(start[c]);
    end_gradient[c] += (double)sum_lanes(end[c]);
  }
}

/* The gradient of t, which is 0 where t is clamped. */
static lanes unclamped(lanes t, lanes t_gradient)
{
  return choose((t > 0.0f) & (t < 1.0f), t_gradient, all_lanes(0.0f));
}

/* Sums over a tile of t_gradient times 1, both offsets and t. For radial ramps the first three
 * are divided by t. */
typedef struct {
  float plain, across, above, along;
} axis_sums;

static axis_sums sum_axis(const ramp *r, point offset, const tile *t, const tile *t_gradient)
{
  lanes plain = all_lanes(0.0f), across = plain, above = plain, along = plain;
  for (int i = 0; i < TILE_VECTORS; i++) {
    lanes gradient = unclamped(t->of[i], t_gradient->of[i]), share = gradient;
    if (r->kind == RAMP_RADIAL) {
      share = choose(t->of[i] > 0.0f, gradient / t->of[i], all_lanes(0.0f));
    }
    plain += share;
    across += share * across_of(offset, i);
    above += share * above_of(offset, i);
    along += gradient * t->of[i];
  }
  return (axis_sums){sum_lanes(plain), sum_lanes(across), sum_lanes(above), sum_lanes(along)};
}

void ramp_add_axis_gradient(const ramp *r, tile_place place, const tile *t, const tile *t_gradient,
                            double *axis_gradient)
{
  axis_sums sums = sum_axis(r, offset_of(r, place), t, t_gradient);
  point end, rest;
  float scale = r->scale;
  if (r->kind == RAMP_LINEAR) {
    end.x = (sums.across - 2.0f * sums.along * r->axis.x) * scale;
    end.y = (sums.above - 2.0f * sums.along * r->axis.y) * scale;
    rest = (point){sums.plain * r->axis.x * scale, sums.plain * r->axis.y * scale};
  } else { /* 1/|u| is scale/t */
    float square = scale * scale;
    end = (point){-sums.along * r->axis.x * square, -sums.along * r->axis.y * square};
    rest = (point){sums.across * square, sums.above * square};
  }
  axis_gradient[0] -= (double)end.x + (double)rest.x;
  axis_gradient[1] -= (double)end.y + (double)rest.y;
  axis_gradient[2] += (double)end.x;
  axis_gradient[3] += (double)end.y;
}
