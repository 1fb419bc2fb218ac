/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Fits closed outlines with cubic Béziers, with as few nodes as the tolerance allows.
 *
 * The outline is a ring of evenly spaced samples. Every other sample may become a node.
 * The fewest cubics that stay within the tolerance are the shortest path from sample 0
 * around to itself (dynamic programming); each trial cubic is Schneider's least-squares
 * fit ("An algorithm for automatically fitting digitized curves", Graphics Gems, 1990).
 * In the end tangents at the nodes are turned a little where that fits better.
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

enum { OK = 0, NO_MEMORY = -1, INVALID = -2 };

/* Tangents to choose from at each sample: of a short and of a long piece of the outline. */
enum { TANGENTS = 2 };

/* Samples from one place for a node to the next. */
enum { NODE_STEP = 2 };

/* Newton steps of a fit; lengths of the outline that may fail before a node gives up. */
enum { FIT_ROUNDS = 4, POLISH_ROUNDS = 6, MISSES = 3, SWEEPS = 2 };

/* Squared error, in tolerances, that further Newton steps don't repair: in the first round,
 * half of it in the second, and so on. */
static const double HOPELESS = 5.0;

/* Handles in chords: between degenerate, and tangled. */
static const double SHORTEST_HANDLE = 0.05, LONGEST_HANDLE = 0.75;

/* Cosine of the most that the tangent may turn along one cubic: 110 degrees. */
static const double SHARPEST_TURN = -0.342;

/* Kinds of corners. A small one is a matter of a few pixels and may be noise. */
enum { NONE = 0, SMALL = 1, LARGE = 2 };

/* What a mean squared error of one tolerance costs, and a node at a small corner, in nodes. */
static const double ERROR_PRICE = 0.5, CORNER_PRICE = 0.2;

/* Cosine and sine of the turns tried on tangents: 4 and 8 degrees, either way. */
enum { TURNS = 4 };
static const double TURN_COSINE[TURNS] = {0.99756, 0.99756, 0.99027, 0.99027};
static const double TURN_SINE[TURNS] = {0.06976, -0.06976, 0.13917, -0.13917};

typedef struct {
  double x, y;
} vector;

/* A ring cut open at sample 0: all arrays have count + 1 entries, the last like the first. */
typedef struct {
  int count;
  const vector *points;
  const vector *arriving; /* [TANGENTS, count + 1], unit, just before each sample */
  const vector *leaving;  /* [TANGENTS, count + 1], unit, just after it */
  const double *weights;  /* 1 / tolerance^2 */
  const uint8_t *corners;
  double *parameters;     /* working memory: where along its cubic each sample lies */
} sampled_ring;

typedef struct {
  vector points[4];
  double mean_error; /* squared, in tolerances */
} cubic;

/* One end of a cubic: a sample and the direction of travel there. */
typedef struct {
  int sample;
  vector direction;
} end;

typedef struct {
  int sample, is_corner;
  vector arriving, leaving;
} node;

static vector add(vector a, vector b)
{
  return (vector){a.x + b.x, a.y + b.y};
}

static vector subtract(vector a, vector b)
{
  return (vector){a.x - b.x, a.y - b.y};
}

static vector scale(vector a, double factor)
{
  return (vector){a.x * factor, a.y * factor};
}

static double dot(vector a, vector b)
{
  return a.x * b.x + a.y * b.y;
}

static double clamp(double value, double low, double high)
{
  return value < low ? low : value > high ? high : value;
}

/* -- one cubic ------------------------------------------------------------------------- */

static vector evaluate(const vector p[4], double t)
{
  double s = 1.0 - t;
  double b0 = s * s * s, b1 = 3.0 * s * s * t, b2 = 3.0 * s * t * t, b3 = t * t * t;
  return (vector){b0 * p[0].x + b1 * p[1].x + b2 * p[2].x + b3 * p[3].x,
                  b0 * p[0].y + b1 * p[1].y + b2 * p[2].y + b3 * p[3].y};
}

/* Set p[1] and p[2] along the tangents, at the distances with the least squared error. */
static void place_handles(const sampled_ring *ring, end first, end last, vector p[4])
{
  vector out = first.direction, in = scale(last.direction, -1.0);
  double a11 = 0.0, a12 = 0.0, a22 = 0.0, b1 = 0.0, b2 = 0.0;
  for (int i = first.sample + 1; i < last.sample; i++) {
    double t = ring->parameters[i], s = 1.0 - t;
    double w1 = 3.0 * s * s * t, w2 = 3.0 * s * t * t;
    vector anchored = add(scale(p[0], s * s * s + w1), scale(p[3], t * t * t + w2));
    vector rest = subtract(ring->points[i], anchored);
    double weight = ring->weights[i];
    a11 += weight * w1 * w1;
    a12 += weight * w1 * w2;
    a22 += weight * w2 * w2;
    b1 += weight * w1 * dot(out, rest);
    b2 += weight * w2 * dot(in, rest);
  }
  a12 *= dot(out, in);
  vector across = subtract(p[3], p[0]);
  double chord = sqrt(dot(across, across)), determinant = a11 * a22 - a12 * a12;
  double reach_out = chord / 3.0, reach_in = chord / 3.0;
  if (determinant > 1e-6 * a11 * a22) {
    reach_out = (b1 * a22 - b2 * a12) / determinant;
    reach_in = (a11 * b2 - a12 * b1) / determinant;
  }
  p[1] = add(p[0], scale(out, clamp(reach_out, SHORTEST_HANDLE * chord, LONGEST_HANDLE * chord)));
  p[2] = add(p[3], scale(in, clamp(reach_in, SHORTEST_HANDLE * chord, LONGEST_HANDLE * chord)));
}

/* One Newton step of each sample's parameter towards the nearest place of the cubic. */
static void improve_parameters(const sampled_ring *ring, end first, end last, const vector p[4])
{
  vector d0 = subtract(p[1], p[0]), d1 = subtract(p[2], p[1]), d2 = subtract(p[3], p[2]);
  vector dd0 = subtract(d1, d0), dd1 = subtract(d2, d1);
  for (int i = first.sample + 1; i < last.sample; i++) {
    double t = ring->parameters[i], s = 1.0 - t;
    vector offset = subtract(evaluate(p, t), ring->points[i]);
    vector slope = {3.0 * (s * s * d0.x + 2.0 * s * t * d1.x + t * t * d2.x),
                    3.0 * (s * s * d0.y + 2.0 * s * t * d1.y + t * t * d2.y)};
    vector bend = {6.0 * (s * dd0.x + t * dd1.x), 6.0 * (s * dd0.y + t * dd1.y)};
    double curvature = dot(slope, slope) + dot(offset, bend);
    if (curvature > 1e-12) {
      ring->parameters[i] = clamp(t - dot(offset, slope) / curvature, 0.0, 1.0);
    }
  }
}

/* The largest squared distance of the samples from the cubic, in tolerances. */
static double largest_error(const sampled_ring *ring, end first, end last, cubic *fit)
{
  double largest = 0.0, sum = 0.0;
  for (int i = first.sample + 1; i < last.sample && largest <= HOPELESS; i++) {
    vector offset = subtract(evaluate(fit->points, ring->parameters[i]), ring->points[i]);
    double error = ring->weights[i] * dot(offset, offset);
    sum += error;
    largest = error > largest ? error : largest;
  }
  fit->mean_error = sum / (last.sample - first.sample);
  return largest;
}

/* Fit one cubic; 0 where it strays beyond the tolerance. It is left as soon as it is within,
 * or, with `polish`, after all rounds. */
static int fit_cubic(const sampled_ring *ring, end first, end last, int polish, cubic *fit)
{
  if (dot(first.direction, last.direction) < SHARPEST_TURN) {
    return 0;
  }
  int rounds = polish ? POLISH_ROUNDS : FIT_ROUNDS;
  for (int i = first.sample + 1; i < last.sample; i++) {
    ring->parameters[i] = (double)(i - first.sample) / (last.sample - first.sample);
  }
  fit->points[0] = ring->points[first.sample];
  fit->points[3] = ring->points[last.sample];
  for (int round = 1;; round++) {
    place_handles(ring, first, last, fit->points);
    double largest = largest_error(ring, first, last, fit);
    if (round == rounds || largest > HOPELESS / round || (largest <= 1.0 && !polish)) {
      return largest <= 1.0;
    }
    improve_parameters(ring, first, last, fit->points);
  }
}

/* A straight cubic, for neighbors that nothing else connects. */
static cubic straight_cubic(vector from, vector to)
{
  vector third = scale(subtract(to, from), 1.0 / 3.0);
  return (cubic){{from, add(from, third), subtract(to, third), to}, 2.0};
}

/* -- the fewest cubics --------------------------------------------------------------------- */

/* A way to arrive at a place for a node: with one of its tangents, by its last cubic. */
typedef struct {
  double cost;
  int previous; /* the way before, as place * TANGENTS + tangent */
  cubic last;
} way;

static void try_cubic(const sampled_ring *ring, const int *places, way *ways, int from, int to, int *fits)
{
  int size = ring->count + 1;
  int start = places[from / TANGENTS], finish = places[to / TANGENTS];
  end first = {start, ring->leaving[(from % TANGENTS) * size + start]};
  end last = {finish, ring->arriving[(to % TANGENTS) * size + finish]};
  if (ways[from].cost + 1.0 >= ways[to].cost) {
    *fits = 1; /* another way is as short */
    return;
  }
  cubic fit;
  int is_next = to / TANGENTS == from / TANGENTS + 1;
  if (!fit_cubic(ring, first, last, 0, &fit)) {
    if (!is_next) {
      return;
    }
    fit = straight_cubic(ring->points[start], ring->points[finish]);
  }
  *fits = 1;
  double price = 1.0 + ERROR_PRICE * fit.mean_error + CORNER_PRICE * (ring->corners[finish] == SMALL);
  double cost = ways[from].cost + price;
  if (cost < ways[to].cost) {
    ways[to] = (way){cost, from, fit};
  }
}

/* Extend the ways that arrive at place `from` by one cubic, as far as cubics fit: to every
 * place nearby, to corners and some others further away. */
static void extend_ways(const sampled_ring *ring, const int *places, int place_count, way *ways, int from)
{
  int misses = 0;
  for (int to = from + 1; to < place_count && misses < MISSES;) {
    int fits = 0;
    for (int pair = 0; pair < TANGENTS * TANGENTS; pair++) {
      try_cubic(ring, places, ways, from * TANGENTS + pair / TANGENTS,
                to * TANGENTS + pair % TANGENTS, &fits);
    }
    misses = fits ? 0 : misses + 1;
    int leap = to + (to - from) / 8;
    to++;
    while (to <= leap && to < place_count - 1 && !ring->corners[places[to]]) {
      to++;
    }
  }
}

/* Samples where a node may lie: every corner, and some between. */
static int choose_places(const sampled_ring *ring, int *places)
{
  int count = 0;
  for (int i = 0; i <= ring->count; i++) {
    if (i % NODE_STEP == 0 || i == ring->count || ring->corners[i]) {
      places[count++] = i;
    }
  }
  return count;
}

/* Write the shortest way around; returns the number of its cubics, one node before each. */
static int shortest_way(const sampled_ring *ring, const int *places, int place_count, way *ways,
                        node *nodes, cubic *cubics)
{
  for (int i = 0; i < place_count * TANGENTS; i++) {
    ways[i] = (way){i == 0 ? 0.0 : INFINITY, 0, {{{0.0, 0.0}}, 0.0}};
  }
  for (int from = 0; from + 1 < place_count; from++) {
    extend_ways(ring, places, place_count, ways, from);
  }
  int count = 0, finish = (place_count - 1) * TANGENTS;
  for (int i = finish; i > 0; i = ways[i].previous) {
    count++;
  }
  for (int i = finish, k = count - 1; i > 0; i = ways[i].previous, k--) {
    int from = ways[i].previous, sample = places[from / TANGENTS];
    int tangent = (from % TANGENTS) * (ring->count + 1) + sample;
    cubics[k] = ways[i].last;
    nodes[k] = (node){sample, ring->corners[sample] != NONE, ring->arriving[tangent],
                      ring->leaving[tangent]};
  }
  return count;
}

/* -- polish -------------------------------------------------------------------------------- */

/* Fit the cubic before or after a node anew. Returns its squared error, summed over the
 * samples, or infinity. */
static double refit(const sampled_ring *ring, const node *nodes, int count, int k, cubic *fit)
{
  node from = nodes[k], to = nodes[(k + 1) % count];
  end first = {from.sample, from.leaving};
  end last = {k + 1 == count ? ring->count : to.sample, to.arriving};
  return fit_cubic(ring, first, last, 1, fit) ? fit->mean_error * (last.sample - first.sample)
                                              : INFINITY;
}

static vector turned(vector direction, int turn)
{
  double c = TURN_COSINE[turn], s = TURN_SINE[turn];
  return (vector){c * direction.x - s * direction.y, s * direction.x + c * direction.y};
}

/* Turn the tangents of node k where the cubics on both sides fit better for it: together,
 * or each on its own at a corner. */
static void turn_tangents(const sampled_ring *ring, node *nodes, int count, int k, cubic *cubics,
                          double *errors)
{
  int before = (k + count - 1) % count;
  for (int trial = 0; trial < 2 * TURNS; trial++) {
    node kept = nodes[k];
    int turn = trial % TURNS, second_side = trial >= TURNS;
    if (second_side && !kept.is_corner) {
      return;
    }
    if (!kept.is_corner || !second_side) {
      nodes[k].arriving = turned(kept.arriving, turn);
    }
    if (!kept.is_corner || second_side) {
      nodes[k].leaving = turned(kept.leaving, turn);
    }
    cubic arriving, leaving;
    double error_before = refit(ring, nodes, count, before, &arriving);
    double error_after = refit(ring, nodes, count, k, &leaving);
    if (error_before + error_after < errors[before] + errors[k]) {
      cubics[before] = arriving;
      cubics[k] = leaving;
      errors[before] = error_before;
      errors[k] = error_after;
    } else {
      nodes[k] = kept;
    }
  }
}

static void polish(const sampled_ring *ring, node *nodes, int count, cubic *cubics, double *errors)
{
  for (int k = 0; k < count; k++) {
    cubic fit;
    errors[k] = refit(ring, nodes, count, k, &fit);
    if (errors[k] < INFINITY) {
      cubics[k] = fit;
    }
  }
  for (int sweep = 0; sweep < SWEEPS && count > 1; sweep++) {
    for (int k = 0; k < count; k++) {
      turn_tangents(ring, nodes, count, k, cubics, errors);
    }
  }
}

/* -- all of it ----------------------------------------------------------------------------- */

/* Fit a ring of `count` evenly spaced samples.
 *
 * points: float64 [count + 1, 2]; arriving, leaving: float64 [2, count + 1, 2], unit
 * tangents; weights: float64 [count + 1], 1 / tolerance^2; corners: uint8 [count + 1],
 * 0 for none, 1 small, 2 large.
 * controls: float64 [3 * count, 2], anchor, handle, handle of each cubic; starts:
 * int32 [count], the sample each cubic starts at; segments: how many cubics there are. */
int semvec_fit_ring(int count, const double *points, const double *arriving,
                    const double *leaving, const double *weights, const uint8_t *corners,
                    double *controls, int32_t *starts, int32_t *segments)
{
  if (count < 2) {
    return INVALID;
  }
  size_t size = (size_t)count + 1;
  int *places = malloc(size * sizeof *places);
  way *ways = malloc(size * TANGENTS * sizeof *ways);
  node *nodes = malloc(size * sizeof *nodes);
  cubic *cubics = malloc(size * sizeof *cubics);
  double *errors = malloc(size * sizeof *errors);
  double *parameters = malloc(size * sizeof *parameters);
  int status = NO_MEMORY;
  if (places && ways && nodes && cubics && errors && parameters) {
    sampled_ring ring = {count, (const vector *)points, (const vector *)arriving,
                 (const vector *)leaving, weights, corners, parameters};
    int place_count = choose_places(&ring, places);
    int number = shortest_way(&ring, places, place_count, ways, nodes, cubics);
    polish(&ring, nodes, number, cubics, errors);
    for (int k = 0; k < number; k++) {
      starts[k] = nodes[k].sample;
      for (int j = 0; j < 3; j++) {
        controls[6 * k + 2 * j] = cubics[k].points[j].x;
        controls[6 * k + 2 * j + 1] = cubics[k].points[j].y;
      }
    }
    *segments = number;
    status = OK;
  }
  free(places);
  free(ways);
  free(nodes);
  free(cubics);
  free(errors);
  free(parameters);
  return status;
}
