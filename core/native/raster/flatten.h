/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Cubics as chords, with bounding boxes of the paths.
 */
#ifndef SEMVEC_FLATTEN_H
#define SEMVEC_FLATTEN_H

#include "../arena.h"
#include "scene.h"
#include "tile.h"

/* The tiles of the canvas that a path may touch. */
typedef struct {
  int left, top, right, bottom; /* columns and rows of tiles; right and bottom are one past them */
  size_t first_part;            /* index of the path's first band in arrays of parts */
} box;

/* A flattened scene. Segment s is the cubic that starts at point 3·s. */
typedef struct {
  int segment_count;
  int *chord_counts;   /* per segment */
  int *first_vertices; /* per segment; the end of each sub-path is a vertex of its own */
  int vertex_count;
  point *vertices;   /* chord v goes from vertex v to the next; a sub-path ends where it starts */
  box *boxes;        /* per path */
  size_t part_count; /* sum over all paths of the bands that their boxes touch */
} flat_scene;

/* Flatten all paths, into memory of the arena. Returns a status. */
int flat_scene_create(flat_scene *flat, const semvec_scene *scene, int threads, arena *memory);

/* Add the gradients of a path's vertices to those of its control points. That of the end of a
 * sub-path is added to its start. */
void path_flatten_backward(const semvec_scene *scene, const flat_scene *flat, int path,
                           point *vertex_gradient, point *point_gradient);

/* The vertices of a sub-path: `first` to `last`, where its outline ends. */
typedef struct {
  int first, last;
} vertex_range;

static inline vertex_range vertices_of(const semvec_scene *scene, const flat_scene *flat, int sub)
{
  int begin = scene->paths.subpath_starts[sub] / 3, end = scene->paths.subpath_starts[sub + 1] / 3;
  if (begin == end) {
    return (vertex_range){0, 0};
  }
  int last = flat->first_vertices[end - 1] + flat->chord_counts[end - 1];
  return (vertex_range){flat->first_vertices[begin], last};
}

static inline int band_count(const semvec_scene *scene)
{
  return tiles_across(scene->height);
}

/* The number of bands that a box touches. */
static inline int box_band_count(const box *b)
{
  return b->bottom - b->top;
}

#endif
