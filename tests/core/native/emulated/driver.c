/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Loads the library named by the argument, calls some of its functions on made-up input, and
 * prints a hash of each result. Run by test_emulated.py, natively and under emulators.
 */
#include "../../../../core/native/raster/rasterizer.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#ifdef _WIN32
#include <windows.h>
static void *load(const char *file, const char *name)
{
  return (void *)GetProcAddress(LoadLibraryA(file), name);
}
#else
#include <dlfcn.h>
static void *load(const char *file, const char *name)
{
  return dlsym(dlopen(file, RTLD_NOW), name);
}
#endif

enum {
  WIDTH = 61,
  HEIGHT = 47,
  PATH_COUNT = 40,
  POINT_COUNT = PATH_COUNT * 12,
  PIXEL_COUNT = WIDTH * HEIGHT
};

typedef int render_function(const semvec_scene *, int, float *);
typedef int differentiate_function(const semvec_scene *, const semvec_objective *, int,
                                   const semvec_gradients *);
typedef int create_function(const semvec_target *, semvec_comparison **);
typedef void free_function(semvec_comparison *);
typedef int components_function(const int32_t *, int, int, int32_t *, int32_t *);
typedef int strokes_function(const float *, int, float, int, int, int, float *);
typedef int smooth_function(const float *, int, int, int, float *);

static uint32_t state = 1;

/* A number in [0, 1), the same on every machine: it has 24 bits, which a float holds exactly. */
static float random_number(void)
{
  state = state * 1664525u + 1013904223u;
  return (float)(state >> 8) / 16777216.0f;
}

/* Print the name, the status, and the FNV-1a hash of the result's bytes. */
static void print_result(const char *name, int status, const void *result, size_t size)
{
  const unsigned char *bytes = result;
  uint64_t hash = 14695981039346656037u;
  for (size_t i = 0; i < size; i++) {
    hash = (hash ^ bytes[i]) * 1099511628211u;
  }
  printf("%s %d %08x%08x\n", name, status, (unsigned)(hash >> 32), (unsigned)hash);
}

/* Curves all over the canvas; every other one is opaque, and some have ramps. */
static semvec_scene random_scene(void)
{
  static point points[POINT_COUNT];
  static float colors[PATH_COUNT * 4], axes[PATH_COUNT * 4], ends[PATH_COUNT * 3], background[3];
  static int starts[PATH_COUNT + 1], paths[PATH_COUNT + 1], kinds[PATH_COUNT];
  for (int i = 0; i < POINT_COUNT; i++) {
    points[i] = (point){random_number() * WIDTH, random_number() * HEIGHT};
  }
  for (int i = 0; i < PATH_COUNT * 4; i++) {
    colors[i] = i % 8 == 7 ? 1.0f : random_number();
    axes[i] = random_number() * WIDTH;
  }
  for (int i = 0; i < PATH_COUNT * 3; i++) {
    ends[i] = random_number();
  }
  for (int i = 0; i < PATH_COUNT; i++) {
    kinds[i] = i % 3;
  }
  for (int i = 0; i <= PATH_COUNT; i++) {
    starts[i] = i * 12;
    paths[i] = i;
  }
  return (semvec_scene){.paths = {points, starts, paths, POINT_COUNT, PATH_COUNT, PATH_COUNT},
                        .ramps = {kinds, axes, ends},
                        .colors = colors,
                        .background = background,
                        .width = WIDTH,
                        .height = HEIGHT};
}

static void try_render(render_function *render, const semvec_scene *scene)
{
  static float image[PIXEL_COUNT * 3];
  int status = render(scene, 2, image);
  print_result("render", status, image, sizeof image);
}

/* The functions of the library that compare a scene with a target. */
typedef struct {
  create_function *create;
  differentiate_function *differentiate;
  free_function *free;
} comparing;

/* All gradients, with everything that the loss may have. */
static void try_differentiate(comparing call, const semvec_scene *scene)
{
  static float target[PIXEL_COUNT * 3], weight[PIXEL_COUNT], strength[PATH_COUNT];
  static int regions[PIXEL_COUNT], path_regions[PATH_COUNT];
  static struct {
    double error;
    point points[POINT_COUNT];
    float colors[PATH_COUNT * 4], axes[PATH_COUNT * 4], ends[PATH_COUNT * 3];
  } found;
  for (int i = 0; i < PIXEL_COUNT * 3; i++) {
    target[i] = random_number();
  }
  for (int i = 0; i < PIXEL_COUNT; i++) {
    weight[i] = random_number();
    regions[i] = i / 9 % 3;
  }
  for (int i = 0; i < PATH_COUNT; i++) {
    path_regions[i] = i % 3;
    strength[i] = random_number();
  }
  semvec_target wanted = {target, weight, regions, WIDTH, HEIGHT};
  semvec_comparison *comparison = NULL;
  int status = call.create(&wanted, &comparison);
  semvec_objective objective = {.comparison = comparison,
                                .path_regions = path_regions,
                                .containment = strength,
                                .sharpness = 0.5f,
                                .skips_covered = 1};
  semvec_gradients gradients = {.squared_error = &found.error,
                                .points = found.points,
                                .colors = found.colors,
                                .ramp_axes = found.axes,
                                .ramp_colors = found.ends};
  for (int step = 0; status == 0 && step < 2; step++) { /* the second one with the same memory */
    status = call.differentiate(scene, &objective, 2, &gradients);
  }
  call.free(comparison);
  print_result("differentiate", status, &found, sizeof found);
}

static void try_components(components_function *components)
{
  static int32_t labels[PIXEL_COUNT], found[PIXEL_COUNT], count;
  for (int i = 0; i < PIXEL_COUNT; i++) {
    labels[i] = random_number() < 0.5f ? 0 : 1;
  }
  int status = components(labels, HEIGHT, WIDTH, found, &count);
  print_result("components", status, found, sizeof found);
}

static void try_strokes(strokes_function *strokes)
{
  static float segments[20 * 8], map[PIXEL_COUNT];
  for (int i = 0; i < 20 * 8; i++) {
    segments[i] = random_number() * 30.0f;
  }
  int status = strokes(segments, 20, 0.5f, HEIGHT, WIDTH, 2, map);
  print_result("strokes", status, map, sizeof map);
}

static void try_smooth(smooth_function *smooth)
{
  static float lab[PIXEL_COUNT * 3], result[PIXEL_COUNT * 3];
  for (int i = 0; i < PIXEL_COUNT * 3; i++) {
    lab[i] = random_number();
  }
  int status = smooth(lab, HEIGHT, WIDTH, 2, result);
  print_result("smooth", status, result, sizeof result);
}

int main(int count, char **arguments)
{
  if (count != 2) {
    return 2;
  }
  semvec_scene scene = random_scene();
  try_render((render_function *)load(arguments[1], "semvec_render"), &scene);
  comparing call = {(create_function *)load(arguments[1], "semvec_comparison_create"),
                    (differentiate_function *)load(arguments[1], "semvec_differentiate"),
                    (free_function *)load(arguments[1], "semvec_comparison_free")};
  try_differentiate(call, &scene);
  try_components((components_function *)load(arguments[1], "semvec_components"));
  try_strokes((strokes_function *)load(arguments[1], "semvec_paint_strokes"));
  try_smooth((smooth_function *)load(arguments[1], "semvec_smooth"));
  return 0;
}
