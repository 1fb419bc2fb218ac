/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Merging the regions of a partition: which two neighbors are one region soonest. */
#include "segment_graph.h"

#include <float.h>
#include <math.h>
#include <stddef.h>

/* What one merging is to do. */
typedef struct {
  border_cost cost;
  double minimum_area;
  int target;   /* merge until this many regions are left, ... */
  double limit; /* ... and on, while it costs no more than this */
} merging;

/* Borders of a region under the minimum area cost less than all others; the smallest
 * region goes first, into the neighbor nearest in color. */
static const double PER_MISSING_PIXEL = 1e7;
static const double SMALL_REGION_LIMIT = -0.5e7;

/* Flat regions of one color are one region, whatever the target. */
static const double ONE_COLOR = -DBL_MAX;
static const double SAME_COLOR_SQUARED = 1e-12;

/* How much the gradient along a border counts beside the squared color difference. */
static const double GRADIENT_WEIGHT = 0.5;

/* Variance (Lab / 100, squared) that even a flat region is taken to have. */
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

/* The cost for getting rid of regions under the minimum area; 0 for all other borders. */
static double small_region_cost(const segment_graph *graph, const border *border)
{
  const region *a = &graph->regions[border->region[0]];
  const region *b = &graph->regions[border->region[1]];
  double missing = graph->minimum_area - fmin(a->area, b->area);
  return missing > 0.0 ? squared_color_difference(a, b) - PER_MISSING_PIXEL * missing : 0.0;
}

/* Ward's cost, the rise of the squared error when two regions share one color, for
 * borders that follow edges: a strong gradient along the border raises it, a long border
 * and an unquiet picture on its calmer side lower it. */
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

static int merge(int32_t *labels, const float *lab, const float *gradient, int height, int width,
                 int label_count, merging rule, int32_t *region_count)
{
  segment_graph graph;
  int code = semvec_graph_build(&graph, labels, lab, gradient, height, width, label_count,
                                rule.cost, rule.minimum_area);
  while (code == 0 && graph.heap_size > 0 &&
         (graph.region_count > rule.target || semvec_graph_lowest_cost(&graph) <= rule.limit)) {
    semvec_graph_merge_cheapest(&graph);
  }
  if (code == 0) {
    semvec_graph_relabel(&graph, labels, height * width);
    *region_count = graph.region_count;
  }
  semvec_graph_free(&graph);
  return code;
}

/* Merge the partition `labels` int32 [height, width] in place down to `target` regions by
 * the edge-aware Ward cost. Islands can't be merged, so more may be left; flat
 * neighbors of one color always are, so it may be fewer. Regions under minimum_area
 * pixels are merged first.
 *
 * lab: CIE Lab / 100 [3, height, width]; gradient: its magnitude [height, width]. */
int semvec_merge_regions(int32_t *labels, const float *lab, const float *gradient, int height,
                         int width, int label_count, int target, int minimum_area,
                         int32_t *region_count)
{
  merging rule = {edge_aware_ward_cost, minimum_area, target, ONE_COLOR};
  return merge(labels, lab, gradient, height, width, label_count, rule, region_count);
}

/* Merge every region of `labels` under minimum_area pixels, the smallest first, into the
 * neighbor nearest in color, in place. Small islands stay: they have no neighbor. */
int semvec_absorb_small_regions(int32_t *labels, const float *lab, int height, int width,
                                int label_count, int minimum_area, int32_t *region_count)
{
  merging rule = {small_region_cost, minimum_area, INT32_MAX, SMALL_REGION_LIMIT};
  return merge(labels, lab, NULL, height, width, label_count, rule, region_count);
}
