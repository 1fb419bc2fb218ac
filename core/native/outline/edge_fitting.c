/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Every sample of the ring may become a node. The cheapest chain of cubics around the ring is
 * found by dynamic programming: a cubic costs 1 and the squared distance of the samples from it.
 * Noise of the samples costs the same for any number of nodes, so it adds none. Each trial cubic
 * is Schneider's least-squares fit ("An algorithm for automatically fitting digitized curves",
 * Graphics Gems, 1990) to a limited number of samples.
 */
#include "edge_fitting.h"

#include "../status.h"
#include "vector.h"

#include <math.h>
#include <stdlib.h>

/* Tangents to choose from at each sample. */
enum { TANGENTS = 2 };

/* Samples of a cubic that are looked at; rounds of fitting; ends that may fail in a row. */
enum { MOST_SAMPLES = 40, ROUNDS = 4, MISSES = 4 };

/* Ends that are tried for a cubic grow by this share of its length. */
enum { LEAP = 10 };

/* Handles in chords. */
static const double SHORTEST_HANDLE = 0.02, LONGEST_HANDLE = 1.2;

/* Cosine of the most that the tangent may turn along one cubic. */
static const double SHARPEST_TURN = -0.5;

/* Squared error in limits beyond which further rounds don't help. */
static const double HOPELESS = 6.0;

/* A semvec_edge with its arrays as vectors. */
typedef struct {
  int count;
  const vector *points, *arriving, *leaving;
  const double *weights, *prices;
  const uint8_t *corners;
} edge;

typedef struct {
  vector points[4];
  double cost;
} cubic;

typedef struct {
  double cost;
  int previous;
  cubic last;
} way;

/* The samples that one cubic is fitted to, and where along it each lies. */
typedef struct {
  int count;
  double stride;
  int index[MOST_SAMPLES];
  double parameters[MOST_SAMPLES];
} trial;

/* The directions of travel at both ends of a cubic, and whether its fit may change them. */
typedef struct {
  vector out, in;
  int is_out_free, is_in_free;
} ends;

static void choose_samples(trial *samples, int first, int last)
{
  int inner = last - first - 1;
  samples->count = inner < MOST_SAMPLES ? inner : MOST_SAMPLES;
  samples->stride = samples->count ? (double)inner / samples->count : 0.0;
  for (int k = 0; k < samples->count; k++) {
    int i = first + 1 + (int)((k + 0.5) * samples->stride);
    samples->index[k] = i;
    samples->parameters[k] = (double)(i - first) / (last - first);
  }
}

/* Whether a handle from an anchor is neither degenerate nor tangled. */
static int is_sound(vector handle, vector across, double chord)
{
  double length = sqrt(dot(handle, handle));
  return length > SHORTEST_HANDLE * chord && length < LONGEST_HANDLE * chord &&
         dot(handle, across) > SHARPEST_TURN * length * chord;
}

/* The normal equations of a fit. A sample at t is off by rest - w1*u - w2*v for the handles
 * u = p[1] - p[0] and v = p[2] - p[3]; a are the sums of w*w, b1 and b2 those of w*rest. */
typedef struct {
  double a11, a12, a22, determinant;
  vector b1, b2;
} equations;

static equations collect(const edge *e, const trial *samples, const vector p[4])
{
  equations sums = {0.0, 0.0, 0.0, 0.0, {0.0, 0.0}, {0.0, 0.0}};
  for (int k = 0; k < samples->count; k++) {
    double t = samples->parameters[k], s = 1.0 - t;
    double w1 = 3.0 * s * s * t, w2 = 3.0 * s * t * t;
    vector anchored = add(scale(p[0], s * s * s + w1), scale(p[3], t * t * t + w2));
    double weight = e->weights[samples->index[k]];
    vector rest = scale(subtract(e->points[samples->index[k]], anchored), weight);
    sums.a11 += weight * w1 * w1;
    sums.a12 += weight * w1 * w2;
    sums.a22 += weight * w2 * w2;
    sums.b1 = add(sums.b1, scale(rest, w1));
    sums.b2 = add(sums.b2, scale(rest, w2));
  }
  sums.determinant = sums.a11 * sums.a22 - sums.a12 * sums.a12;
  return sums;
}

/* Solve for handles that are free at corners and on the tangent elsewhere; 0 where that has no
 * sound solution. */
static int solve_free(const equations *q, const ends *given, vector across, vector *u, vector *v)
{
  vector out = given->out, in = scale(given->in, -1.0);
  if (given->is_out_free && given->is_in_free) {
    *u = scale(subtract(scale(q->b1, q->a22), scale(q->b2, q->a12)), 1.0 / q->determinant);
    *v = scale(subtract(scale(q->b2, q->a11), scale(q->b1, q->a12)), 1.0 / q->determinant);
  } else if (given->is_out_free) {
    double reach = (dot(in, q->b2) * q->a11 - q->a12 * dot(in, q->b1)) / q->determinant;
    *v = scale(in, reach);
    *u = scale(subtract(q->b1, scale(*v, q->a12)), 1.0 / q->a11);
  } else if (given->is_in_free) {
    double reach = (dot(out, q->b1) * q->a22 - q->a12 * dot(out, q->b2)) / q->determinant;
    *u = scale(out, reach);
    *v = scale(subtract(q->b2, scale(*u, q->a12)), 1.0 / q->a22);
  } else {
    return 0;
  }
  double chord = sqrt(dot(across, across));
  return is_sound(*u, across, chord) && is_sound(*v, scale(across, -1.0), chord);
}

/* Solve for handles along the tangents. */
static void solve_bound(const equations *q, const ends *given, vector across, vector *u, vector *v)
{
  vector out = given->out, in = scale(given->in, -1.0);
  double chord = sqrt(dot(across, across)), a12 = q->a12 * dot(out, in);
  double determinant = q->a11 * q->a22 - a12 * a12;
  double reach_out = chord / 3.0, reach_in = chord / 3.0;
  if (determinant > 1e-6 * q->a11 * q->a22) {
    reach_out = (dot(out, q->b1) * q->a22 - a12 * dot(in, q->b2)) / determinant;
    reach_in = (q->a11 * dot(in, q->b2) - a12 * dot(out, q->b1)) / determinant;
  }
  *u = scale(out, clamp(reach_out, SHORTEST_HANDLE * chord, LONGEST_HANDLE * chord));
  *v = scale(in, clamp(reach_in, SHORTEST_HANDLE * chord, LONGEST_HANDLE * chord));
}

/* Set p[1] and p[2] for the least squared error. */
static void place_handles(const edge *e, const trial *samples, const ends *given, vector p[4])
{
  equations sums = collect(e, samples, p);
  vector across = subtract(p[3], p[0]), u, v;
  int is_solvable = sums.determinant > 1e-6 * sums.a11 * sums.a22 && samples->count > 3;
  if (!is_solvable || !solve_free(&sums, given, across, &u, &v)) {
    solve_bound(&sums, given, across, &u, &v);
  }
  p[1] = add(p[0], u);
  p[2] = add(p[3], v);
}

/* One Newton step of each sample's parameter towards the nearest place of the cubic. */
static void improve_parameters(const edge *e, trial *samples, const vector p[4])
{
  vector d0 = subtract(p[1], p[0]), d1 = subtract(p[2], p[1]), d2 = subtract(p[3], p[2]);
  vector dd0 = subtract(d1, d0), dd1 = subtract(d2, d1);
  for (int k = 0; k < samples->count; k++) {
    double t = samples->parameters[k], s = 1.0 - t;
    vector offset = subtract(evaluate(p, t), e->points[samples->index[k]]);
    vector slope = {3.0 * (s * s * d0.x + 2.0 * s * t * d1.x + t * t * d2.x),
                    3.0 * (s * s * d0.y + 2.0 * s * t * d1.y + t * t * d2.y)};
    vector bend = {6.0 * (s * dd0.x + t * dd1.x), 6.0 * (s * dd0.y + t * dd1.y)};
    double curvature = dot(slope, slope) + dot(offset, bend);
    if (curvature > 1e-12) {
      samples->parameters[k] = clamp(t - dot(offset, slope) / curvature, 0.0, 1.0);
    }
  }
}

/* The largest squared distance of the samples from the cubic, in limits; sets its cost. */
static double measure(const edge *e, const trial *samples, cubic *fit)
{
  double largest = 0.0, sum = 0.0;
  for (int k = 0; k < samples->count; k++) {
    int i = samples->index[k];
    vector offset = subtract(evaluate(fit->points, samples->parameters[k]), e->points[i]);
    double error = e->weights[i] * dot(offset, offset);
    sum += e->prices[i] * error;
    largest = error > largest ? error : largest;
  }
  fit->cost = 1.0 + samples->stride * sum;
  return largest;
}

/* Fit one cubic from a sample to another; 0 where it strays beyond the limit. */
static int fit_cubic(const edge *e, int first, int last, const ends *given, cubic *fit)
{
  if (dot(given->out, given->in) < SHARPEST_TURN) {
    return 0;
  }
  trial samples;
  choose_samples(&samples, first, last);
  fit->points[0] = e->points[first];
  fit->points[3] = e->points[last];
  for (int round = 1;; round++) {
    place_handles(e, &samples, given, fit->points);
    double largest = measure(e, &samples, fit);
    if (round == ROUNDS || largest > HOPELESS / round) {
      return largest <= 1.0;
    }
    improve_parameters(e, &samples, fit->points);
  }
}

static cubic straight_cubic(vector from, vector to)
{
  vector third = scale(subtract(to, from), 1.0 / 3.0);
  return (cubic){{from, add(from, third), subtract(to, third), to}, 2.0};
}

static void try_cubic(const edge *e, way *ways, int from, int to, int *fits)
{
  int size = e->count + 1, start = from / TANGENTS, finish = to / TANGENTS;
  if (ways[from].cost + 1.0 >= ways[to].cost) {
    *fits |= ways[to].cost < INFINITY;
    return;
  }
  ends given = {e->leaving[(from % TANGENTS) * size + start],
                e->arriving[(to % TANGENTS) * size + finish], e->corners[start],
                e->corners[finish]};
  cubic fit;
  if (!fit_cubic(e, start, finish, &given, &fit)) {
    if (finish != start + 1) {
      return;
    }
    fit = straight_cubic(e->points[start], e->points[finish]);
  }
  *fits = 1;
  double cost = ways[from].cost + fit.cost;
  if (cost < ways[to].cost) {
    ways[to] = (way){cost, from, fit};
  }
}

/* Extend the ways that arrive at sample `from` by one cubic, as far as cubics fit: to every
 * sample nearby, to corners and some others further away; never past a corner. */
static void extend_ways(const edge *e, way *ways, int from)
{
  int misses = 0;
  for (int to = from + 1; to <= e->count && misses < MISSES;) {
    int fits = 0;
    for (int pair = 0; pair < TANGENTS * TANGENTS; pair++) {
      try_cubic(e, ways, from * TANGENTS + pair / TANGENTS, to * TANGENTS + pair % TANGENTS, &fits);
    }
    misses = fits ? 0 : misses + 1;
    if (e->corners[to]) {
      return;
    }
    int leap = to + (to - from) / LEAP;
    to++;
    while (to <= leap && to < e->count && !e->corners[to]) {
      to++;
    }
  }
}

/* Write the cubics of the cheapest chain; returns their number. */
static int write_cubics(const way *ways, int finish, double *controls)
{
  int number = 0;
  for (int i = finish; i > 0; i = ways[i].previous) {
    number++;
  }
  for (int i = finish, k = number - 1; i > 0; i = ways[i].previous, k--) {
    for (int j = 0; j < 3; j++) {
      controls[6 * k + 2 * j] = ways[i].last.points[j].x;
      controls[6 * k + 2 * j + 1] = ways[i].last.points[j].y;
    }
  }
  return number;
}

int semvec_fit_edge(const semvec_edge *given, double *controls, int32_t *segments)
{
  if (given->count < 1) {
    return SEMVEC_INVALID;
  }
  int end_count = (given->count + 1) * TANGENTS;
  way *ways = malloc((size_t)end_count * sizeof *ways);
  if (ways == NULL) {
    return SEMVEC_NO_MEMORY;
  }
  edge e = {given->count,
            (const vector *)given->points,
            (const vector *)given->arriving,
            (const vector *)given->leaving,
            given->weights,
            given->prices,
            given->corners};
  for (int i = 0; i < end_count; i++) {
    ways[i] = (way){i == 0 ? 0.0 : INFINITY, 0, {{{0.0, 0.0}}, 0.0}};
  }
  for (int from = 0; from < e.count; from++) {
    extend_ways(&e, ways, from);
  }
  *segments = write_cubics(ways, e.count * TANGENTS, controls);
  free(ways);
  return SEMVEC_OK;
}
