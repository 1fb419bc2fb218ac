/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The regions of a partition and the borders between them, merged pair by pair, cheapest
 * first. All sums are additive under merging, so the pixels are read only once.
 */
#ifndef SEMVEC_GRAPH_H
#define SEMVEC_GRAPH_H

#include "partition.h"

typedef struct {
  double area;     /* pixels */
  double color[3]; /* sum of the pixels' colors */
  double square;   /* sum of the colors' squared lengths */
  int first, last; /* ends of the list of the region's sides, or -1 */
  int parent;      /* the region that this one was merged into, or itself */
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

/* The cost of merging across a border. Borders of equal cost are merged in the order of their
 * numbers. */
typedef double (*border_cost)(const segment_graph *graph, const border *border);

struct segment_graph {
  int region_count; /* regions left */
  int label_count;  /* regions at the start */
  region *regions;  /* [label_count] */
  int border_count; /* borders at the start */
  border *borders;
  int *next_side; /* [2 * border_count] */
  border_cost cost;
  double minimum_area; /* for the cost functions */
  priced_border *heap; /* cheapest on top */
  int *place;          /* of each border in the heap, or -1 when it was removed */
  int heap_size;
  int *mark; /* [label_count]: scratch, all -1 between calls */
};

/* Build the graph of a partition. Returns a status; free the graph in any case. */
int semvec_graph_build(segment_graph *graph, const semvec_partition *partition, border_cost cost,
                       double minimum_area);

/* The cost of the cheapest border; infinite where none is left. */
double semvec_graph_lowest_cost(const segment_graph *graph);

/* Merge the two regions at the cheapest border. */
void semvec_graph_merge_cheapest(segment_graph *graph);

/* Replace each pixel's label by the region that its own was merged into; regions are numbered
 * 0, 1, ... in the order of their first pixels, row by row. */
void semvec_graph_relabel(segment_graph *graph, const semvec_partition *partition);

void semvec_graph_free(segment_graph *graph);

#endif
