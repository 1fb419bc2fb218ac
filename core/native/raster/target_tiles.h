/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What drawings are compared with, read from rows of pixels into tiles once for many steps.
 * Mirrored by Target in core/native/structures.py.
 */
#ifndef SEMVEC_TARGET_TILES_H
#define SEMVEC_TARGET_TILES_H

#include "scene.h"
#include "tile.h"

typedef struct {
  const float *image;  /* [height, width, 3] */
  const float *weight; /* [height, width], or NULL for 1 everywhere */
  const int *regions;  /* [height, width], or NULL for no containment */
  int width, height;   /* of the canvas, pixels */
} semvec_target;

/* A region that there isn't: that of pixels beyond the canvas. */
enum { NO_REGION = -0x7fffffff - 1 };

typedef union {
  lane_ints of[TILE_VECTORS];
  int pixels[TILE_PIXELS];
} region_tile;

/* One tile of the target. */
typedef struct {
  tile image[CHANNELS];
  tile scale; /* weight / (3·height·width): the error is scale·|drawing - image|^2. Beyond the
                 canvas it is 0. */
  float scale_sum;
} target_tile;

typedef struct {
  int width, height, across; /* of the canvas, pixels; tiles in a band */
  target_tile *targets;      /* band by band */
  region_tile *regions;      /* the same, or NULL */
} target_tiles;

/* Returns a status; call target_tiles_free in any case. */
int target_tiles_create(target_tiles *tiles, const semvec_target *target);
void target_tiles_free(target_tiles *tiles);

#endif
