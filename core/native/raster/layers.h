/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A band as a stack of layers, through which cover.c, forward.c and backward.c go.
 */
#ifndef SEMVEC_LAYERS_H
#define SEMVEC_LAYERS_H

#include "coverage.h"
#include "loss.h"
#include "ramp.h"

#include <stdatomic.h>

/* What the pixels of one band add to the sums of one path. */
typedef struct {
  double color[4]; /* gradient, RGBA */
  double removal_cost;
} band_sums;

/* The same for what only a path with a gradient fill has. */
typedef struct {
  double axis[4], color[CHANNELS]; /* gradients: start and end; color at the end */
} ramp_sums;

typedef struct {
  const semvec_scene *scene;
  const flat_scene *flat;
  const run_lists *runs;
  const semvec_objective *objective;
  const target_tiles *target; /* or NULL */
} composite_input;

typedef struct {
  float *image;              /* [height, width, 3], or NULL */
  double *squared_error;     /* per band, where there is a target */
  band_sums *parts;          /* per path and band that its box touches; NULL: no backward pass */
  ramp_sums *ramp_parts;     /* the same, zeroed, where the scene has ramps */
  chord_integral *integrals; /* of chords in bands, zeroed, where there is a backward pass */
} composite_result;

/* The paths that touch each band: those of band i are paths[starts[i]] to paths[starts[i + 1] - 1],
 * in painting order. */
typedef struct {
  size_t *starts;
  int *paths;
} band_lists;

/* What all workers share. */
typedef struct {
  const composite_input *input;
  const composite_result *result;
  band_lists lists;
  int bands, skips_covered, finds_removal_costs;
  atomic_int next, failed;
} composite_work;

/* One path in a band. */
typedef struct {
  int path, left, columns; /* tiles */
  size_t part;
  size_t cover;                   /* index of the cover of its first tile */
  size_t first_piece, end_pieces; /* its pieces of chords */
  float opacity;
  int hides;  /* whether what lies beneath its full tiles is left out */
  float cost; /* of containment, per pixel outside of its region */
  ramp ramp;
} layer;

/* A worker's memory for one band at a time, which it keeps for the next call. */
typedef struct {
  const composite_work *work;
  int index;
  band band;
  coverage_work coverage;
  layer *layers; /* the paths that touch the band, in painting order */
  int layer_count;
  size_t layer_capacity;
  tile_cover *covers; /* of all layers */
  size_t cover_capacity;
  unsigned char *hidden;  /* per tile of the band: 1 beneath opaque cover */
  tile_stack differences; /* color - backdrop: three tiles for each visible tile of each layer */
} band_work;

static inline tile_place place_of(const band_work *w, int column)
{
  return (tile_place){column * TILE_SIZE, w->band.top};
}

/* The tiles of the target in the band. */
static inline const target_tile *band_targets(const band_work *w)
{
  return w->work->input->target->targets + (size_t)w->index * (size_t)w->band.across;
}

/* Returns 1 where a tile of a layer is seen, so that it is painted. */
static inline int is_visible(const tile_cover *cover)
{
  return cover->kind == COVER_FULL || cover->kind == COVER_EDGE;
}

/* Returns 1 where the way back needs color - backdrop of a visible tile. */
static inline int keeps_difference(const band_work *w, const layer *l, const tile_cover *cover)
{
  return w->work->result->parts && !(l->hides && cover->kind == COVER_FULL);
}

#endif
