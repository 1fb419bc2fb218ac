/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The regions of a partition and the borders between them, merged pair by pair, cheapest
 * first. All sums add up under merging, so the pixels are read only once.
 */
#ifndef SEMVEC_SEGMENT_GRAPH_H
#define SEMVEC_SEGMENT_GRAPH_H

#include <stdint.h>

typedef struct {
  double area;     /* pixels */
  double color[3]; /* sum of the pixels' colors */
  double square;   /* sum of the colors' squared lengths */
  int first, last; /* ends of the list of the region's sides, or -1 */
  int parent;      /* the region that took this one in, or itself */
} region;

/* A border has two sides, numbered 2 b and 2 b + 1, one in each of its regions. */
typedef struct {
  int region[2];
  double length;   /* pairs of adjacent pixels across it */
  double gradient; /* sum of the mean gradient of each such pair */
} border;

typedef struct {
  double cost;
  int border;
} priced_border;

typedef struct segment_graph segment_graph;

/* What it costs to take a border away. Borders of equal cost go in their own order. */
typedef double (*border_cost)(const segment_graph *graph, const border *border);

struct segment_graph {
  int region_count; /* still alive */
  int label_count;  /* there were at first */
  region *regions;  /* [label_count] */
  int border_count; /* there were at first */
  border *borders;
  int *next_side; /* [2 * border_count] */
  border_cost cost;
  double minimum_area; /* for the cost functions */
  priced_border *heap; /* cheapest on top */
  int *place;          /* of each border in the heap, or -1 when it is gone */
  int heap_size;
  int *mark; /* [label_count] scratch, all -1 between calls */
};

/* Read the partition `labels` [height, width], -1 or 0 ... label_count - 1, with the
 * colors `lab` [3, height, width]; `gradient` [height, width] may be NULL.
 * Returns 0, -1 (no memory) or -2 (invalid input); free the graph in any case. */
int semvec_graph_build(segment_graph *graph, const int32_t *labels, const float *lab,
                       const float *gradient, int height, int width, int label_count,
                       border_cost cost, double minimum_area);

/* The cost of the cheapest border; infinite where none is left. */
double semvec_graph_lowest_cost(const segment_graph *graph);

/* Unite the two regions at the cheapest border. */
void semvec_graph_merge_cheapest(segment_graph *graph);

/* Put each pixel into the region that its own was merged into; regions are numbered
 * 0, 1, ... in the order in which a reader meets them. */
void semvec_graph_relabel(segment_graph *graph, int32_t *labels, int pixels);

void semvec_graph_free(segment_graph *graph);

#endif
