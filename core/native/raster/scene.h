/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The scene that the rasterizer draws: paths with their fills on a canvas. Mirrored by Scene in
 * core/native/structures.py.
 */
#ifndef SEMVEC_SCENE_H
#define SEMVEC_SCENE_H

#include "../paths.h"

/* Channels of an image and its gradient: red, green, blue. */
enum { CHANNELS = 3 };

/* Kinds of fills, as in core/drawing.py (Ramps). */
enum { RAMP_FLAT = 0, RAMP_LINEAR = 1, RAMP_RADIAL = 2 };

/* Fills with two colors, packed as in core/drawing.py (Ramps). Rows of flat paths are unused. */
typedef struct {
  const int *kinds;    /* [path_count], or NULL where all paths are flat */
  const float *axes;   /* [path_count, 4]: start and end */
  const float *colors; /* [path_count, 3]: RGB at the end; the path's color is that at the start */
} semvec_ramps;

/* Paths in painting order, the first one lowest. */
typedef struct {
  semvec_paths paths;
  semvec_ramps ramps;
  const float *colors;     /* [path_count, 4]: RGBA */
  const float *background; /* [height, width, 3], or [3] for one color */
  int background_is_image;
  int width, height; /* of the canvas, pixels */
} semvec_scene;

/* Returns 1 where a canvas has a size that the rasterizer supports. */
int semvec_canvas_is_valid(int width, int height);

/* Returns 1 where the canvas has a size that the rasterizer supports, all colors are finite and
 * the paths are consistent. Points and axes may have any value. */
int semvec_scene_is_valid(const semvec_scene *scene);

#endif
