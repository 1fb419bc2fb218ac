/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Cubics as chords, with bounding boxes of the paths and room for their winding numbers.
 */
#ifndef SEMVEC_FLATTEN_H
#define SEMVEC_FLATTEN_H

#include "scene.h"

#include <stddef.h>

/* Rows of pixels that are composited together: few enough to stay in the cache. */
enum { BAND_ROWS = 8 };

/* The pixels of the canvas that a path may touch, and the place of its winding numbers. */
typedef struct {
  int left, top, right, bottom; /* right and bottom are one past the last pixel */
  int stride;                   /* floats from one row of the winding buffer to the next */
  size_t offset;                /* of the first row in the winding buffer */
  size_t first_part;            /* index of the path's first band in arrays of parts */
} box;

/* A flattened scene. Segment s is the cubic that starts at point 3·s. */
typedef struct {
  int segment_count;
  int *chord_counts;   /* per segment */
  int *first_vertices; /* per segment, and one past the end */
  point *vertices;     /* per segment, without its end, which is the start of the next one */
  box *boxes;          /* per path */
  float *winding;      /* per pixel of each box; the backward pass stores its gradient here */
  size_t part_count;   /* sum over all paths of the bands that their boxes touch */
} flat_scene;

/* Flatten all paths and allocate a winding buffer of zeros. Returns a status; call
 * flat_scene_free in any case. */
int flat_scene_create(flat_scene *flat, const semvec_scene *scene, int threads);
void flat_scene_free(flat_scene *flat);

/* Add the gradients of a path's vertices to those of its control points. */
void path_flatten_backward(const semvec_scene *scene, const flat_scene *flat, int path,
                           const point *vertex_gradient, point *point_gradient);

static inline int band_count(const semvec_scene *scene)
{
  return (scene->height + BAND_ROWS - 1) / BAND_ROWS;
}

/* The number of bands that a box touches. */
static inline int box_band_count(const box *b)
{
  return b->bottom > b->top ? (b->bottom - 1) / BAND_ROWS - b->top / BAND_ROWS + 1 : 0;
}

#endif
