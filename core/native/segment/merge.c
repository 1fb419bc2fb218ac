/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "merge.h"

#include "../status.h"
#include "graph.h"

#include <float.h>
#include <math.h>
#include <stddef.h>

/* The order and the end of a series of merges. */
typedef struct {
  border_cost cost;
  double minimum_area;
  int target;   /* merge until this many regions are left ... */
  double limit; /* ... and as long as the cost is at most this */
} merging;

/* Borders of a region under the minimum area cost less than all others; the smallest
 * region is merged first, into the neighbor nearest in color. */
static const double PER_MISSING_PIXEL = 1e7;
static const double SMALL_REGION_LIMIT = -0.5e7;

/* Flat regions of one color are merged whatever the target is. */
static const double ONE_COLOR = -DBL_MAX;
static const double SAME_COLOR_SQUARED = 1e-12;

/* The weight of the gradient along a border, relative to the squared color difference. */
static const double GRADIENT_WEIGHT = 0.5;

/* The least variance (Lab / 100, squared) that a region is assumed to have. */
static const double LEAST_VARIANCE = 0.05 * 0.05;

static double squared_color_difference(const region *a, const region *b)
{
  double sum = 0.0;
  for (int c = 0; c < 3; c++) {
    double difference = a->color[c] / a->area - b->color[c] / b->area;
    sum += difference * difference;
  }
  return sum;
}

static double variance(const region *region)
{
  double result = region->square / region->area;
  for (int c = 0; c < 3; c++) {
    double mean = region->color[c] / region->area;
    result -= mean * mean;
  }
  return fmax(result, 0.0);
}

/* The cost of merging regions under the minimum area; 0 for all other borders. */
static double small_region_cost(const segment_graph *graph, const border *border)
{
  const region *a = &graph->regions[border->region[0]];
  const region *b = &graph->regions[border->region[1]];
  double missing = graph->minimum_area - fmin(a->area, b->area);
  return missing > 0.0 ? squared_color_difference(a, b) - PER_MISSING_PIXEL * missing : 0.0;
}

/* Ward's cost, the rise of the squared error when two regions share one color, for
 * borders that follow edges: a strong gradient along the border raises it; a long border
 * and a high variance on its calmer side lower it. */
static double edge_aware_ward_cost(const segment_graph *graph, const border *border)
{
  const region *a = &graph->regions[border->region[0]];
  const region *b = &graph->regions[border->region[1]];
  double color = squared_color_difference(a, b);
  double variance_a = variance(a), variance_b = variance(b);
  if (color + variance_a + variance_b < SAME_COLOR_SQUARED) {
    return ONE_COLOR;
  }
  double small = small_region_cost(graph, border);
  if (small < SMALL_REGION_LIMIT) {
    return small;
  }
  double ward = a->area * b->area / (a->area + b->area);
  double gradient = border->gradient / border->length;
  double unrest = sqrt(fmin(variance_a, variance_b) + LEAST_VARIANCE);
  double fourth_root = sqrt(sqrt(border->length));
  return ward * (color + GRADIENT_WEIGHT * gradient * gradient) / (unrest * fourth_root);
}

static int merge(const semvec_partition *partition, merging rule, int32_t *region_count)
{
  segment_graph graph;
  int status = semvec_graph_build(&graph, partition, rule.cost, rule.minimum_area);
  while (status == SEMVEC_OK && graph.heap_size > 0 &&
         (graph.region_count > rule.target || semvec_graph_lowest_cost(&graph) <= rule.limit)) {
    semvec_graph_merge_cheapest(&graph);
  }
  if (status == SEMVEC_OK) {
    semvec_graph_relabel(&graph, partition);
    *region_count = graph.region_count;
  }
  semvec_graph_free(&graph);
  return status;
}

int semvec_merge_regions(const semvec_partition *partition, int target, int minimum_area,
                         int32_t *region_count)
{
  merging rule = {edge_aware_ward_cost, minimum_area, target, ONE_COLOR};
  return merge(partition, rule, region_count);
}

int semvec_absorb_small_regions(const semvec_partition *partition, int minimum_area,
                                int32_t *region_count)
{
  merging rule = {small_region_cost, minimum_area, INT32_MAX, SMALL_REGION_LIMIT};
  return merge(partition, rule, region_count);
}
