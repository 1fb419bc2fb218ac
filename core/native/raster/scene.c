/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "scene.h"

enum { LARGEST_CANVAS = 32768 };

static int all_finite(const float *values, int count)
{
  for (int i = 0; i < count; i++) {
    if (!isfinite(values[i])) {
      return 0;
    }
  }
  return 1;
}

static int colors_are_finite(const semvec_scene *scene)
{
  for (int path = 0; path < scene->paths.path_count; path++) {
    if (!all_finite(scene->colors + 4 * path, 4)) {
      return 0;
    }
  }
  return 1;
}

static int ramps_are_valid(const semvec_ramps *ramps, int path_count)
{
  for (int path = 0; ramps->kinds && path < path_count; path++) {
    int kind = ramps->kinds[path];
    if (kind != RAMP_FLAT && kind != RAMP_LINEAR && kind != RAMP_RADIAL) {
      return 0;
    }
    if (kind != RAMP_FLAT && !all_finite(ramps->colors + CHANNELS * path, CHANNELS)) {
      return 0;
    }
  }
  return 1;
}

int semvec_canvas_is_valid(int width, int height)
{
  return width >= 1 && height >= 1 && width <= LARGEST_CANVAS && height <= LARGEST_CANVAS;
}

int semvec_scene_is_valid(const semvec_scene *scene)
{
  return semvec_canvas_is_valid(scene->width, scene->height) &&
         semvec_paths_are_valid(&scene->paths) && colors_are_finite(scene) &&
         ramps_are_valid(&scene->ramps, scene->paths.path_count);
}
