/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "penalties.h"

#include "../status.h"

/* The cosine from which on two handles are not moved to one tangent is CORNER_COSINE; that from
 * which on an anchor is a spike is SPIKE_COSINE. Lengths of less than SHORTEST count as that. */
static const float CORNER_COSINE = 0.5f, SPIKE_COSINE = -0.2f, SHORTEST = 1e-6f;

/* The control points of one sub-path, and their gradients. */
typedef struct {
  const point *points;
  point *gradient;
  int count;
} ring;

static int previous_of(const ring *r, int i)
{
  return i > 0 ? i - 1 : r->count - 1;
}

static int next_of(const ring *r, int i)
{
  return i + 1 < r->count ? i + 1 : 0;
}

static void add(point *sum, float weight, point value)
{
  sum->x += weight * value.x;
  sum->y += weight * value.y;
}

static float share(float value)
{
  return value < 0.0f ? 0.0f : value < 1.0f ? value : 1.0f;
}

/* The offset of a point from the middle between two others. */
static point offset(point before, point at, point after)
{
  return (point){at.x - 0.5f * (before.x + after.x), at.y - 0.5f * (before.y + after.y)};
}

static point unevenness(const ring *r, int i)
{
  return offset(r->points[previous_of(r, i)], r->points[i], r->points[next_of(r, i)]);
}

static void add_fairness(const ring *r, float weight)
{
  point before = unevenness(r, r->count - 1), at = unevenness(r, 0);
  for (int i = 0; i < r->count; i++) {
    point after = unevenness(r, next_of(r, i));
    add(&r->gradient[i], weight, offset(before, at, after));
    before = at;
    at = after;
  }
}

static float cosine(point first, point second)
{
  float lengths = length(first) * length(second);
  return dot(first, second) / (lengths > SHORTEST ? lengths : SHORTEST);
}

static void add_smoothness(point gradients[3], float weight, point arriving, point leaving)
{
  point sum = {arriving.x + leaving.x, arriving.y + leaving.y};
  float size = length(sum) > SHORTEST ? length(sum) : SHORTEST;
  point tangent = {sum.x / size, sum.y / size};
  float along = dot(arriving, tangent);
  float turn = share(cosine(arriving, leaving) / (1.0f - CORNER_COSINE) - 1.0f);
  point pull = {(arriving.x - along * tangent.x) * turn, (arriving.y - along * tangent.y) * turn};
  add(&gradients[0], weight, (point){-pull.x, -pull.y});
  add(&gradients[1], weight, (point){2.0f * pull.x, 2.0f * pull.y});
  add(&gradients[2], weight, (point){-pull.x, -pull.y});
}

static void add_spike(point gradients[3], float weight, point arriving, point leaving)
{
  float turn = share(SPIKE_COSINE - cosine(arriving, leaving));
  point pull = {0.5f * (arriving.x - leaving.x) * turn, 0.5f * (arriving.y - leaving.y) * turn};
  add(&gradients[0], weight, (point){-0.5f * pull.x, -0.5f * pull.y});
  add(&gradients[1], weight, pull);
  add(&gradients[2], weight, (point){-0.5f * pull.x, -0.5f * pull.y});
}

/* Add the penalties of an anchor and of the handles before and after it. */
static void add_at_anchor(const ring *r, int anchor, float smoothness, float spikes)
{
  int places[3] = {previous_of(r, anchor), anchor, anchor + 1};
  point at = r->points[anchor], gradients[3];
  for (int k = 0; k < 3; k++) {
    gradients[k] = r->gradient[places[k]];
  }
  point arriving = subtract(at, r->points[places[0]]), leaving = subtract(r->points[places[2]], at);
  add_smoothness(gradients, smoothness, arriving, leaving);
  add_spike(gradients, spikes, arriving, leaving);
  for (int k = 0; k < 3; k++) {
    r->gradient[places[k]] = gradients[k];
  }
}

int semvec_add_penalties(const semvec_paths *paths, float fairness, float smoothness, float spikes,
                         float *gradient)
{
  if (!semvec_paths_are_valid(paths)) {
    return SEMVEC_INVALID;
  }
  for (int sub = 0; sub < paths->subpath_count; sub++) {
    int begin = paths->subpath_starts[sub], count = paths->subpath_starts[sub + 1] - begin;
    ring r = {paths->points + begin, (point *)gradient + begin, count};
    if (count > 0) {
      add_fairness(&r, fairness);
    }
    for (int anchor = 0; anchor < count; anchor += 3) {
      add_at_anchor(&r, anchor, smoothness, spikes);
    }
  }
  return SEMVEC_OK;
}
