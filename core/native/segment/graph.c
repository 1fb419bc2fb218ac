/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "graph.h"

#include "../status.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { NONE = -1 };

/* -- the heap: borders by cost, with the place of each border ----------------------------- */

static int is_cheaper(priced_border a, priced_border b)
{
  return a.cost < b.cost || (a.cost == b.cost && a.border < b.border);
}

static void put(segment_graph *graph, int place, priced_border entry)
{
  graph->heap[place] = entry;
  graph->place[entry.border] = place;
}

static void sift_up(segment_graph *graph, int place)
{
  priced_border entry = graph->heap[place];
  while (place > 0 && is_cheaper(entry, graph->heap[(place - 1) / 2])) {
    put(graph, place, graph->heap[(place - 1) / 2]);
    place = (place - 1) / 2;
  }
  put(graph, place, entry);
}

static void sift_down(segment_graph *graph, int place)
{
  priced_border entry = graph->heap[place];
  for (;;) {
    int child = 2 * place + 1;
    if (child + 1 < graph->heap_size && is_cheaper(graph->heap[child + 1], graph->heap[child])) {
      child++;
    }
    if (child >= graph->heap_size || !is_cheaper(graph->heap[child], entry)) {
      break;
    }
    put(graph, place, graph->heap[child]);
    place = child;
  }
  put(graph, place, entry);
}

static void restore_order(segment_graph *graph, int border)
{
  sift_up(graph, graph->place[border]);
  sift_down(graph, graph->place[border]);
}

static void add_to_heap(segment_graph *graph, int border)
{
  double cost = graph->cost(graph, &graph->borders[border]);
  put(graph, graph->heap_size, (priced_border){cost, border});
  sift_up(graph, graph->heap_size++);
}

static void take_from_heap(segment_graph *graph, int border)
{
  int place = graph->place[border];
  priced_border last = graph->heap[--graph->heap_size];
  graph->place[border] = NONE;
  if (last.border != border) {
    put(graph, place, last);
    restore_order(graph, last.border);
  }
}

/* -- reading the partition ----------------------------------------------------------------- */

/* Pairs of adjacent pixels in different regions, sorted by the smaller of both labels. */
typedef struct {
  const semvec_partition *partition;
  int *first;       /* [label_count + 1]: first entry of each label in the arrays below */
  int *other;       /* the larger label of each pair */
  float *gradients; /* the mean gradient of each pair */
} pixel_pairs;

static int sum_up_pixels(segment_graph *graph, const semvec_partition *partition)
{
  size_t pixels = (size_t)partition->height * (size_t)partition->width;
  for (size_t pixel = 0; pixel < pixels; pixel++) {
    int label = partition->labels[pixel];
    if (label < NONE || label >= graph->label_count) {
      return SEMVEC_INVALID;
    }
    if (label == NONE) {
      continue;
    }
    region *region = &graph->regions[label];
    region->area += 1.0;
    for (int c = 0; c < 3; c++) {
      double value = partition->lab[c * pixels + pixel];
      region->color[c] += value;
      region->square += value * value;
    }
  }
  return SEMVEC_OK;
}

static void count_pair(pixel_pairs *pairs, int pixel, int neighbor)
{
  int a = pairs->partition->labels[pixel], b = pairs->partition->labels[neighbor];
  if (a != b && a != NONE && b != NONE) {
    pairs->first[a < b ? a : b]++;
  }
}

/* Store a pair at the last free entry of its label, so that `first` is correct at the end. */
static void store_pair(pixel_pairs *pairs, int pixel, int neighbor)
{
  int a = pairs->partition->labels[pixel], b = pairs->partition->labels[neighbor];
  if (a != b && a != NONE && b != NONE) {
    int entry = --pairs->first[a < b ? a : b];
    const float *gradient = pairs->partition->gradient;
    pairs->other[entry] = a < b ? b : a;
    pairs->gradients[entry] =
        gradient == NULL ? 0.0f : 0.5f * (gradient[pixel] + gradient[neighbor]);
  }
}

static void for_each_pair(pixel_pairs *pairs, void (*visit)(pixel_pairs *, int, int))
{
  int height = pairs->partition->height, width = pairs->partition->width;
  for (int row = 0; row < height; row++) {
    for (int column = 0; column < width; column++) {
      int pixel = row * width + column;
      if (column + 1 < width) {
        visit(pairs, pixel, pixel + 1);
      }
      if (row + 1 < height) {
        visit(pairs, pixel, pixel + width);
      }
    }
  }
}

static int collect_pairs(pixel_pairs *pairs)
{
  int label_count = pairs->partition->label_count;
  pairs->first = calloc((size_t)label_count + 1, sizeof(int));
  if (pairs->first == NULL) {
    return SEMVEC_NO_MEMORY;
  }
  for_each_pair(pairs, count_pair);
  for (int label = 0; label < label_count; label++) {
    pairs->first[label + 1] += pairs->first[label];
  }
  size_t count = (size_t)pairs->first[label_count] + 1; /* never an empty array */
  pairs->other = malloc(count * sizeof(int));
  pairs->gradients = malloc(count * sizeof(float));
  if (pairs->other == NULL || pairs->gradients == NULL) {
    return SEMVEC_NO_MEMORY;
  }
  for_each_pair(pairs, store_pair);
  return SEMVEC_OK;
}

/* One border for each pair of adjacent regions, with the sums over its pixel pairs. */
static void join_pairs(segment_graph *graph, const pixel_pairs *pairs)
{
  for (int label = 0; label < graph->label_count; label++) {
    int first_border = graph->border_count;
    for (int entry = pairs->first[label]; entry < pairs->first[label + 1]; entry++) {
      int other = pairs->other[entry];
      if (graph->mark[other] < first_border) {
        graph->mark[other] = graph->border_count;
        graph->borders[graph->border_count++] = (border){{label, other}, 0.0, 0.0};
      }
      border *border = &graph->borders[graph->mark[other]];
      border->length += 1.0;
      border->gradient += pairs->gradients[entry];
    }
  }
  for (int label = 0; label < graph->label_count; label++) {
    graph->mark[label] = NONE;
  }
}

static int build_borders(segment_graph *graph, pixel_pairs *pairs)
{
  if (collect_pairs(pairs) != SEMVEC_OK) {
    return SEMVEC_NO_MEMORY;
  }
  size_t most = (size_t)pairs->first[graph->label_count] + 1;
  graph->borders = malloc(most * sizeof(border));
  if (graph->borders == NULL) {
    return SEMVEC_NO_MEMORY;
  }
  join_pairs(graph, pairs);
  return SEMVEC_OK;
}

static void list_sides(segment_graph *graph)
{
  for (int side = 0; side < 2 * graph->border_count; side++) {
    region *region = &graph->regions[graph->borders[side / 2].region[side % 2]];
    graph->next_side[side] = region->first;
    region->first = side;
    region->last = region->last == NONE ? side : region->last;
  }
}

static int fill_heap(segment_graph *graph)
{
  size_t count = (size_t)graph->border_count + 1;
  graph->next_side = malloc(2 * count * sizeof(int));
  graph->heap = malloc(count * sizeof(priced_border));
  graph->place = malloc(count * sizeof(int));
  if (graph->next_side == NULL || graph->heap == NULL || graph->place == NULL) {
    return SEMVEC_NO_MEMORY;
  }
  list_sides(graph);
  for (int border = 0; border < graph->border_count; border++) {
    add_to_heap(graph, border);
  }
  return SEMVEC_OK;
}

static int add_regions(segment_graph *graph, int label_count)
{
  graph->label_count = graph->region_count = label_count;
  graph->regions = calloc((size_t)label_count + 1, sizeof(region));
  graph->mark = malloc(((size_t)label_count + 1) * sizeof(int));
  if (graph->regions == NULL || graph->mark == NULL) {
    return SEMVEC_NO_MEMORY;
  }
  for (int label = 0; label < label_count; label++) {
    region *region = &graph->regions[label];
    region->first = region->last = graph->mark[label] = NONE;
    region->parent = label;
  }
  return SEMVEC_OK;
}

static int is_valid(const semvec_partition *partition)
{
  return partition->height > 0 && partition->width > 0 && partition->label_count >= 0 &&
         partition->height <= INT32_MAX / 4 / partition->width;
}

int semvec_graph_build(segment_graph *graph, const semvec_partition *partition, border_cost cost,
                       double minimum_area)
{
  memset(graph, 0, sizeof(*graph));
  graph->cost = cost;
  graph->minimum_area = minimum_area;
  if (!is_valid(partition)) {
    return SEMVEC_INVALID;
  }
  int status = add_regions(graph, partition->label_count);
  if (status == SEMVEC_OK) {
    status = sum_up_pixels(graph, partition);
  }
  if (status != SEMVEC_OK) {
    return status;
  }
  pixel_pairs pairs = {partition, NULL, NULL, NULL};
  status = build_borders(graph, &pairs);
  free(pairs.gradients);
  free(pairs.other);
  free(pairs.first);
  return status == SEMVEC_OK ? fill_heap(graph) : status;
}

/* -- merging ------------------------------------------------------------------------------- */

double semvec_graph_lowest_cost(const segment_graph *graph)
{
  return graph->heap_size > 0 ? graph->heap[0].cost : INFINITY;
}

static void add_sums(region *survivor, const region *taken)
{
  survivor->area += taken->area;
  survivor->square += taken->square;
  for (int c = 0; c < 3; c++) {
    survivor->color[c] += taken->color[c];
  }
}

/* The borders of `taken` become borders of the survivor. */
static void hand_over_sides(segment_graph *graph, int survivor, int taken)
{
  region *from = &graph->regions[taken], *to = &graph->regions[survivor];
  for (int side = from->first; side != NONE; side = graph->next_side[side]) {
    graph->borders[side / 2].region[side % 2] = survivor;
  }
  if (from->first == NONE) {
    return;
  }
  if (to->first == NONE) {
    to->first = from->first;
  } else {
    graph->next_side[to->last] = from->first;
  }
  to->last = from->last;
}

/* Unite two borders with the same neighbor. Returns 1 where `border` remains. */
static int keep_one_border(segment_graph *graph, int border, int neighbor)
{
  int kept = graph->mark[neighbor];
  if (kept == NONE) {
    graph->mark[neighbor] = border;
    return 1;
  }
  graph->borders[kept].length += graph->borders[border].length;
  graph->borders[kept].gradient += graph->borders[border].gradient;
  take_from_heap(graph, border);
  return 0;
}

/* Remove the sides of borders that were removed, so that each neighbor is listed once. */
static void tidy_sides(segment_graph *graph, int survivor)
{
  region *region = &graph->regions[survivor];
  int *link = &region->first;
  region->last = NONE;
  while (*link != NONE) {
    int side = *link, border = side / 2;
    int neighbor = graph->borders[border].region[1 - side % 2];
    if (graph->place[border] != NONE && keep_one_border(graph, border, neighbor)) {
      region->last = side;
      link = &graph->next_side[side];
    } else {
      *link = graph->next_side[side];
    }
  }
}

static void refresh_costs(segment_graph *graph, int survivor)
{
  for (int side = graph->regions[survivor].first; side != NONE; side = graph->next_side[side]) {
    int border = side / 2;
    graph->mark[graph->borders[border].region[1 - side % 2]] = NONE;
    graph->heap[graph->place[border]].cost = graph->cost(graph, &graph->borders[border]);
    restore_order(graph, border);
  }
}

void semvec_graph_merge_cheapest(segment_graph *graph)
{
  int border = graph->heap[0].border;
  int a = graph->borders[border].region[0], b = graph->borders[border].region[1];
  int survivor = graph->regions[a].area >= graph->regions[b].area ? a : b;
  int taken = survivor == a ? b : a;
  take_from_heap(graph, border);
  add_sums(&graph->regions[survivor], &graph->regions[taken]);
  graph->regions[taken].parent = survivor;
  graph->region_count--;
  hand_over_sides(graph, survivor, taken);
  tidy_sides(graph, survivor);
  refresh_costs(graph, survivor);
}

static int survivor_of(segment_graph *graph, int label)
{
  while (graph->regions[label].parent != label) {
    int parent = graph->regions[label].parent;
    graph->regions[label].parent = graph->regions[parent].parent; /* shorten the chain */
    label = parent;
  }
  return label;
}

void semvec_graph_relabel(segment_graph *graph, const semvec_partition *partition)
{
  int32_t *labels = partition->labels;
  int pixels = partition->height * partition->width;
  int *number = graph->mark, next = 0;
  for (int pixel = 0; pixel < pixels; pixel++) {
    if (labels[pixel] == NONE) {
      continue;
    }
    int survivor = survivor_of(graph, labels[pixel]);
    if (number[survivor] == NONE) {
      number[survivor] = next++;
    }
    labels[pixel] = number[survivor];
  }
  for (int label = 0; label < graph->label_count; label++) {
    number[label] = NONE;
  }
}

void semvec_graph_free(segment_graph *graph)
{
  free(graph->regions);
  free(graph->borders);
  free(graph->next_side);
  free(graph->heap);
  free(graph->place);
  free(graph->mark);
  memset(graph, 0, sizeof(*graph));
}
