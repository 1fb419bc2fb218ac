/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strokes.h"

#include "parallel.h"
#include "status.h"

#include <math.h>
#include <stddef.h>

/* Rows of pixels that one thread paints at a time. */
enum { STRIP_ROWS = 16 };

/* Points farther off than this, in pixels, are not painted: floats cannot tell pixels apart
 * there. */
static const float FARTHEST = 1e6f;

typedef struct {
  float x, y, radius, opacity;
} stroke_point;

typedef struct {
  stroke_point start, end;
} stroke_segment;

typedef struct {
  const stroke_segment *segments;
  int segment_count;
  float softness;
  int height, width;
  float *map;
} stroke_painting;

static int is_near(stroke_point p)
{
  float farthest = fmaxf(fmaxf(fabsf(p.x), fabsf(p.y)), fabsf(p.radius));
  return isfinite(p.x + p.y + p.radius + p.opacity) && farthest <= FARTHEST;
}

static int between(float value, int lowest, int highest)
{
  return value <= lowest ? lowest : value >= highest ? highest : (int)value;
}

/* The share of a pixel that is painted at `distance` from the line: a ramp that ends at the
 * radius, one pixel wide where the stroke is hard, and at most the width of the stroke. */
static float painted_share(float distance, float radius, float softness)
{
  float ramp = (radius + 0.5f - distance) / (1.0f + softness * radius);
  float most = 2.0f * radius < 1.0f ? 2.0f * radius : 1.0f;
  float share = ramp < most ? ramp : most;
  return share > 0.0f ? share : 0.0f;
}

/* Paint one row of a segment, from column `left` up to `right`. */
static void paint_row(const stroke_segment *segment, float softness, int y, int left, int right,
                      float *row)
{
  stroke_point start = segment->start, end = segment->end;
  float along_x = end.x - start.x, along_y = end.y - start.y;
  float squared_length = along_x * along_x + along_y * along_y;
  float inverse = squared_length > 1e-12f ? 1.0f / squared_length : 0.0f;
  float offset_y = (float)y + 0.5f - start.y;
  for (int x = left; x < right; x++) {
    float offset_x = (float)x + 0.5f - start.x;
    float t = (offset_x * along_x + offset_y * along_y) * inverse; /* of the nearest point */
    t = t > 0.0f ? t : 0.0f;
    t = t < 1.0f ? t : 1.0f;
    float away_x = offset_x - t * along_x, away_y = offset_y - t * along_y;
    float distance = sqrtf(away_x * away_x + away_y * away_y);
    float radius = start.radius + t * (end.radius - start.radius);
    float opacity = start.opacity + t * (end.opacity - start.opacity);
    float value = opacity * painted_share(distance, radius, softness);
    row[x] = value > row[x] ? value : row[x];
  }
}

/* Paint the rows from `top` up to `bottom` of a segment. */
static void paint_segment(const stroke_painting *painting, const stroke_segment *segment, int top,
                          int bottom)
{
  stroke_point start = segment->start, end = segment->end;
  float reach = fmaxf(start.radius, end.radius) + 0.5f;
  int first = between(fminf(start.y, end.y) - reach, top, bottom);
  int last = between(fmaxf(start.y, end.y) + reach + 1.0f, top, bottom);
  int left = between(fminf(start.x, end.x) - reach, 0, painting->width);
  int right = between(fmaxf(start.x, end.x) + reach + 1.0f, 0, painting->width);
  for (int y = first; y < last; y++) {
    paint_row(segment, painting->softness, y, left, right,
              painting->map + (size_t)y * (size_t)painting->width);
  }
}

static void paint_strip(void *context, int strip)
{
  const stroke_painting *painting = context;
  int top = strip * STRIP_ROWS;
  int bottom = top + STRIP_ROWS < painting->height ? top + STRIP_ROWS : painting->height;
  for (int i = 0; i < painting->segment_count; i++) {
    const stroke_segment *segment = painting->segments + i;
    if (is_near(segment->start) && is_near(segment->end)) {
      paint_segment(painting, segment, top, bottom);
    }
  }
}

int semvec_paint_strokes(const float *segments, int segment_count, float softness, int height,
                         int width, int threads, float *map)
{
  if (segment_count < 0 || height <= 0 || width <= 0 || !(softness >= 0.0f && softness <= 1.0f)) {
    return SEMVEC_INVALID;
  }
  stroke_painting painting = {
      (const stroke_segment *)segments, segment_count, softness, height, width, map,
  };
  int strips = (height + STRIP_ROWS - 1) / STRIP_ROWS;
  semvec_parallel_for(threads, strips, paint_strip, &painting);
  return SEMVEC_OK;
}
