/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Winding numbers of one path in one band, averaged over each pixel. Tiles that the outline
 * doesn't touch have the same winding number everywhere and take no memory.
 */
#ifndef SEMVEC_COVERAGE_H
#define SEMVEC_COVERAGE_H

#include "runs.h"

/* What a path covers of a tile: nothing that is needed; all of it; what the winding numbers say;
 * or the same, but beneath opaque cover. */
enum { COVER_NONE, COVER_FULL, COVER_EDGE, COVER_HIDDEN_EDGE };

typedef struct {
  int kind;
  size_t winding; /* of edges: index of the tile of winding numbers */
} tile_cover;

/* The part of a chord that lies within one pixel, for the way back. */
typedef struct {
  int integral;         /* index of its chord's integrals among those of the part */
  int place;            /* TILE_PIXELS times the column of its tile in the part, plus its pixel */
  float length, moment; /* integrals of 1 and of t over the chord's parameter t */
} piece;

/* Integrals of G and of G·t over the parameter t of a chord; G is d(loss)/d(winding). */
typedef struct {
  float plain, by_parameter;
} chord_integral;

/* One path in one band. */
typedef struct {
  point corner; /* of the part, upper left, in pixels of the canvas */
  int columns;  /* of tiles */
  const point *vertices;
  const chord_run *runs;
  int run_count;
} outline_part;

/* Working memory: tiles of winding numbers, pieces of chords, and cells that are zero between
 * calls. */
typedef struct {
  tile_stack windings;
  piece *pieces;
  size_t piece_count, piece_capacity;
  float *cells; /* TILE_SIZE rows of `stride` floats */
  int stride, across;
  unsigned char *touched; /* per column of tiles */
  unsigned char *keeps;   /* per column of tiles of a part: 1 where pieces are kept */
} coverage_work;

/* Returns 0 without memory; call coverage_work_free in any case. `across`: tiles of the canvas. */
int coverage_work_create(coverage_work *work, int across);
void coverage_work_free(coverage_work *work);

/* Write the cover of each tile of a part, and append its winding numbers and pieces.
 *
 * hidden: per tile, 1 beneath opaque cover. keeps_hidden: whether the edges there are needed, too.
 * keeps_pieces: whether there is a way back. Returns 0 without memory. */
int cover_part(coverage_work *work, const outline_part *part, const unsigned char *hidden,
               int keeps_hidden, int keeps_pieces, tile_cover *covers);

/* Add the pieces `first` to `end` - 1, which belong to one part, to the part's integrals, where G
 * has replaced the winding numbers. */
void integrate_pieces(const coverage_work *work, size_t first, size_t end, const tile_cover *covers,
                      chord_integral *integrals);

/* Add the gradients of the vertices at the ends of all chords of a run. */
void add_run_gradient(const point *vertices, const chord_run *run, const chord_integral *integrals,
                      point *vertex_gradient);

#endif
