/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Every other sample of the ring may become a node. The fewest cubics within the tolerance are
 * the shortest path from sample 0 around to itself (dynamic programming); each trial cubic is
 * Schneider's least-squares fit ("An algorithm for automatically fitting digitized curves",
 * Graphics Gems, 1990). At the end tangents at the nodes are turned a little where that reduces
 * the error.
 */
#include "fitting.h"

#include "../status.h"
#include "vector.h"

#include <math.h>
#include <stdlib.h>

/* Candidate tangents at each sample: one measured over a short and one over a long piece of the
 * outline. */
enum { TANGENTS = 2 };

/* Samples from one candidate node to the next. */
enum { NODE_STEP = 2 };

/* Newton steps of a fit and of its polish; failed lengths after which the search from a node
 * ends; rounds of turning tangents. */
enum { FIT_ROUNDS = 4, POLISH_ROUNDS = 6, MISSES = 3, SWEEPS = 2 };

/* Squared error, in tolerances, beyond which further Newton steps are pointless in the first
 * round; half of it in the second round, and so on. */
static const double HOPELESS = 5.0;

/* Limits of the length of handles, in chords: shorter ones degenerate, longer ones tangle. */
static const double SHORTEST_HANDLE = 0.05, LONGEST_HANDLE = 0.75;

/* Cosine of the largest turn of the tangent along one cubic: 110 degrees. */
static const double SHARPEST_TURN = -0.342;

/* Kinds of corners. A small one spans a few pixels and may be noise. */
enum { NONE = 0, SMALL = 1, LARGE = 2 };

/* The cost, in nodes, of a mean squared error of one tolerance and of a node at a small corner. */
static const double ERROR_PRICE = 0.5, CORNER_PRICE = 0.2;

/* Cosine and sine of the turns tried on tangents: 4 and 8 degrees in both directions. */
enum { TURNS = 4 };
static const double TURN_COSINE[TURNS] = {0.99756, 0.99756, 0.99027, 0.99027};
static const double TURN_SINE[TURNS] = {0.06976, -0.06976, 0.13917, -0.13917};

/* A semvec_ring with its arrays as vectors, and working memory. */
typedef struct {
  int count;
  const vector *points;
  const vector *arriving; /* [TANGENTS, count + 1], unit, just before each sample */
  const vector *leaving;  /* [TANGENTS, count + 1], unit, just after it */
  const double *weights;  /* 1 / tolerance^2 */
  const uint8_t *corners;
  double *parameters; /* of each sample along its cubic */
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

/* -- one cubic ------------------------------------------------------------------------- */

/* Place p[1] and p[2] along the tangents at the distances with the least squared error. */
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

/* Move each sample's parameter by one Newton step towards the nearest point of the cubic. */
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

/* Fit one cubic. Returns 0 where it exceeds the tolerance. The fit ends as soon as it is within
 * the tolerance or, with `polish`, after all rounds. */
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

/* A straight cubic, for neighboring nodes that no other cubic connects. */
static cubic straight_cubic(vector from, vector to)
{
  vector third = scale(subtract(to, from), 1.0 / 3.0);
  return (cubic){{from, add(from, third), subtract(to, third), to}, 2.0};
}

/* -- the fewest cubics --------------------------------------------------------------------- */

/* The cheapest chain of cubics that arrives at a candidate node with one of its tangents. */
typedef struct {
  double cost;
  int previous; /* index of the chain without the last cubic: place * TANGENTS + tangent */
  cubic last;
} chain;

/* Extend chain `from` to chain `to` by one cubic, where that is cheaper. Sets *fits to 1 where the
 * place can be reached. */
static void try_cubic(const sampled_ring *ring, const int *places, chain *chains, int from, int to,
                      int *fits)
{
  int size = ring->count + 1;
  int start = places[from / TANGENTS], finish = places[to / TANGENTS];
  end first = {start, ring->leaving[(from % TANGENTS) * size + start]};
  end last = {finish, ring->arriving[(to % TANGENTS) * size + finish]};
  if (chains[from].cost + 1.0 >= chains[to].cost) {
    *fits = 1; /* another chain is as cheap */
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
  double price =
      1.0 + ERROR_PRICE * fit.mean_error + CORNER_PRICE * (ring->corners[finish] == SMALL);
  double cost = chains[from].cost + price;
  if (cost < chains[to].cost) {
    chains[to] = (chain){cost, from, fit};
  }
}

/* Extend the chains that arrive at place `from` by one cubic, as far as cubics fit: to every
 * place nearby, to all corners and to some of the places further away. */
static void extend_chains(const sampled_ring *ring, const int *places, int place_count,
                          chain *chains, int from)
{
  int misses = 0;
  for (int to = from + 1; to < place_count && misses < MISSES;) {
    int fits = 0;
    for (int pair = 0; pair < TANGENTS * TANGENTS; pair++) {
      try_cubic(ring, places, chains, from * TANGENTS + pair / TANGENTS,
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

/* List the samples that may become nodes: all corners, and some samples between them. */
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

/* Write the cheapest chain around the ring. Returns the number of its cubics; node k is before
 * cubic k. */
static int shortest_chain(const sampled_ring *ring, const int *places, int place_count,
                          chain *chains, node *nodes, cubic *cubics)
{
  for (int i = 0; i < place_count * TANGENTS; i++) {
    chains[i] = (chain){i == 0 ? 0.0 : INFINITY, 0, {{{0.0, 0.0}}, 0.0}};
  }
  for (int from = 0; from + 1 < place_count; from++) {
    extend_chains(ring, places, place_count, chains, from);
  }
  int count = 0, finish = (place_count - 1) * TANGENTS;
  for (int i = finish; i > 0; i = chains[i].previous) {
    count++;
  }
  for (int i = finish, k = count - 1; i > 0; i = chains[i].previous, k--) {
    int from = chains[i].previous, sample = places[from / TANGENTS];
    int tangent = (from % TANGENTS) * (ring->count + 1) + sample;
    cubics[k] = chains[i].last;
    nodes[k] = (node){sample, ring->corners[sample] != NONE, ring->arriving[tangent],
                      ring->leaving[tangent]};
  }
  return count;
}

/* -- polish -------------------------------------------------------------------------------- */

/* Fit cubic k, which starts at node k, again. Returns its squared error, summed over the samples,
 * or infinity where it exceeds the tolerance. */
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

/* Turn the tangents of node k where that reduces the error of the cubics on both sides: together,
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

/* -- all steps ----------------------------------------------------------------------------- */

/* Working memory of a fit. */
typedef struct {
  int *places;
  chain *chains;
  node *nodes;
  cubic *cubics;
  double *errors, *parameters;
} fit_memory;

static int fit_memory_create(fit_memory *memory, int count)
{
  size_t size = (size_t)count + 1;
  memory->places = malloc(size * sizeof *memory->places);
  memory->chains = malloc(size * TANGENTS * sizeof *memory->chains);
  memory->nodes = malloc(size * sizeof *memory->nodes);
  memory->cubics = malloc(size * sizeof *memory->cubics);
  memory->errors = malloc(size * sizeof *memory->errors);
  memory->parameters = malloc(size * sizeof *memory->parameters);
  return memory->places && memory->chains && memory->nodes && memory->cubics && memory->errors &&
         memory->parameters;
}

static void fit_memory_free(fit_memory *memory)
{
  free(memory->places);
  free(memory->chains);
  free(memory->nodes);
  free(memory->cubics);
  free(memory->errors);
  free(memory->parameters);
}

static void store(const fit_memory *memory, int number, double *controls, int32_t *starts)
{
  for (int k = 0; k < number; k++) {
    starts[k] = memory->nodes[k].sample;
    for (int j = 0; j < 3; j++) {
      controls[6 * k + 2 * j] = memory->cubics[k].points[j].x;
      controls[6 * k + 2 * j + 1] = memory->cubics[k].points[j].y;
    }
  }
}

int semvec_fit_ring(const semvec_ring *ring, double *controls, int32_t *starts, int32_t *segments)
{
  if (ring->count < 2) {
    return SEMVEC_INVALID;
  }
  fit_memory memory;
  int status = SEMVEC_NO_MEMORY;
  if (fit_memory_create(&memory, ring->count)) {
    sampled_ring samples = {ring->count,
                            (const vector *)ring->points,
                            (const vector *)ring->arriving,
                            (const vector *)ring->leaving,
                            ring->weights,
                            ring->corners,
                            memory.parameters};
    int place_count = choose_places(&samples, memory.places);
    *segments = shortest_chain(&samples, memory.places, place_count, memory.chains, memory.nodes,
                               memory.cubics);
    polish(&samples, memory.nodes, *segments, memory.cubics, memory.errors);
    store(&memory, *segments, controls, starts);
    status = SEMVEC_OK;
  }
  fit_memory_free(&memory);
  return status;
}
