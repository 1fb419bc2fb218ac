/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Calls every function of the native library with random and hostile input; test_sanitizers.py
 * compiles it with sanitizers, which end the program at the first error.
 *
 *   fuzz FIRST LAST: one round of calls for each seed from FIRST to LAST - 1.
 *
 * All arrays are allocated with exactly the documented sizes, so that a single value read or
 * written beyond an end is found.
 */
#include "flow/box.h"
#include "flow/displacement.h"
#include "outline/contacts.h"
#include "outline/contours.h"
#include "outline/fill_rules.h"
#include "outline/fitting.h"
#include "outline/outline.h"
#include "outline/penalties.h"
#include "outline/simplicity.h"
#include "raster/rasterizer.h"
#include "segment/color.h"
#include "segment/components.h"
#include "segment/distance.h"
#include "segment/gradient.h"
#include "segment/merge.h"
#include "segment/smooth.h"
#include "segment/watershed.h"
#include "status.h"
#include "strokes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state;

/* -- random values ---------------------------------------------------------------------- */

static uint32_t random_bits(void)
{
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (uint32_t)(state >> 16);
}

/* An integer in [low, high]. */
static int between(int low, int high)
{
  return low + (int)(random_bits() % (uint32_t)(high - low + 1));
}

static int chance(int percent)
{
  return between(1, 100) <= percent;
}

static float hostile_float(void)
{
  const float values[] = {0.0f,   -0.0f,  1.0f,    NAN,  INFINITY, -INFINITY, 1e30f,
                          -3e38f, 1e-45f, -1e-38f, 1e6f, -1e6f,    7.5f,      64.0f};
  return values[between(0, (int)(sizeof values / sizeof *values) - 1)];
}

/* A value in [low, high], or `hostile` percent of the time any value. */
static float value(float low, float high, int hostile)
{
  return chance(hostile) ? hostile_float()
                         : low + (high - low) * (float)(random_bits() % 65536) / 65535.0f;
}

/* -- arrays of exact sizes; the round frees them all at its end --------------------------- */

enum { MOST_ARRAYS = 128 };
static void *arrays[MOST_ARRAYS];
static int array_count;

static void *array(size_t count, size_t size)
{
  void *memory = malloc(count * size);
  if (!memory || array_count == MOST_ARRAYS) {
    fprintf(stderr, "out of memory\n");
    exit(2);
  }
  arrays[array_count++] = memory;
  return memory;
}

static void free_arrays(void)
{
  while (array_count > 0) {
    free(arrays[--array_count]);
  }
}

static float *floats(size_t count, float low, float high, int hostile)
{
  float *result = array(count, sizeof(float));
  for (size_t i = 0; i < count; i++) {
    result[i] = value(low, high, hostile);
  }
  return result;
}

static double *doubles(size_t count, float low, float high, int hostile)
{
  double *result = array(count, sizeof(double));
  for (size_t i = 0; i < count; i++) {
    result[i] = (double)value(low, high, hostile);
  }
  return result;
}

static int *integers(size_t count, int low, int high)
{
  int *result = array(count, sizeof(int));
  for (size_t i = 0; i < count; i++) {
    result[i] = between(low, high);
  }
  return result;
}

static uint8_t *bytes(size_t count, int low, int high)
{
  uint8_t *result = array(count, 1);
  for (size_t i = 0; i < count; i++) {
    result[i] = (uint8_t)between(low, high);
  }
  return result;
}

/* -- scenes ------------------------------------------------------------------------------- */

static void check_status(int status, const char *name)
{
  if (status != SEMVEC_OK && status != SEMVEC_INVALID) {
    fprintf(stderr, "%s returned %d\n", name, status);
    exit(3);
  }
}

/* Starts that rise from 0 in steps of up to `longest` units; sometimes one of them is wrong. */
static int *starts(int count, int unit, int longest, int *total)
{
  int *result = array((size_t)count + 1, sizeof(int));
  result[0] = 0;
  for (int i = 0; i < count; i++) {
    result[i + 1] = result[i] + unit * between(0, longest);
  }
  *total = result[count];
  if (chance(4)) {
    result[between(0, count)] += chance(50) ? between(-9, 9) : between(-1000000000, 1000000000);
  }
  return result;
}

static semvec_paths random_paths(int hostile)
{
  semvec_paths paths = {.path_count = between(0, chance(20) ? 40 : 6)};
  paths.path_starts = starts(paths.path_count, 1, 3, &paths.subpath_count);
  paths.subpath_starts = starts(paths.subpath_count, 3, 7, &paths.point_count);
  float low = chance(20) ? -2000.0f : -10.0f, high = chance(20) ? 2000.0f : 80.0f;
  paths.points = (const point *)floats(2 * (size_t)paths.point_count, low, high, hostile);
  return paths;
}

static semvec_scene random_scene(void)
{
  int hostile = chance(30) ? 10 : 0;
  semvec_scene scene = {.paths = random_paths(hostile)};
  size_t count = (size_t)scene.paths.path_count;
  scene.width = chance(2) ? between(-1, 0) : between(1, 70);
  scene.height = chance(2) ? between(-1, 0) : between(1, 70);
  int hostile_colors = chance(5) ? 3 : 0;
  scene.colors = floats(4 * count, -0.5f, 1.5f, hostile_colors);
  if (chance(40)) {
    scene.ramps.kinds = integers(count, 0, chance(3) ? 3 : 2);
    scene.ramps.axes = floats(4 * count, -10.0f, 80.0f, hostile);
    scene.ramps.colors = floats(3 * count, 0.0f, 1.0f, hostile_colors);
  }
  size_t pixels = scene.width > 0 && scene.height > 0 ? (size_t)(scene.width * scene.height) : 0;
  scene.background_is_image = chance(50);
  scene.background = floats(scene.background_is_image ? 3 * pixels : 3, 0.0f, 1.0f, 0);
  return scene;
}

/* May be NULL, where the canvas is not valid. */
static semvec_comparison *random_comparison(const semvec_scene *scene, size_t pixels, int hostile)
{
  semvec_comparison *comparison = NULL;
  semvec_target target = {.image = floats(3 * pixels, 0.0f, 1.0f, hostile),
                          .weight = chance(50) ? floats(pixels, 0.0f, 2.0f, hostile) : NULL,
                          .regions = chance(60) ? integers(pixels, -1, 4) : NULL,
                          .width = scene->width,
                          .height = scene->height};
  check_status(semvec_comparison_create(&target, &comparison), "semvec_comparison_create");
  return comparison;
}

static semvec_objective random_objective(const semvec_scene *scene, size_t pixels)
{
  int hostile = chance(10) ? 5 : 0;
  size_t count = (size_t)scene->paths.path_count;
  semvec_objective objective = {.sharpness = chance(40) ? value(0.0f, 4.0f, 5) : 0.0f,
                                .skips_covered = chance(50)};
  if (chance(70)) {
    objective.comparison = random_comparison(scene, pixels, hostile);
  }
  if (!objective.comparison || chance(3)) {
    objective.image_gradient = floats(3 * pixels, -1.0f, 1.0f, hostile);
  }
  if (chance(50)) {
    objective.path_regions = integers(count, -1, 4);
    objective.containment = floats(count, 0.0f, 9.0f, hostile);
  }
  return objective;
}

static void fuzz_rasterizer(void)
{
  semvec_scene scene = random_scene();
  size_t pixels = scene.width > 0 && scene.height > 0 ? (size_t)(scene.width * scene.height) : 0;
  size_t count = (size_t)scene.paths.path_count;
  float *image = floats(3 * pixels, 0.0f, 0.0f, 0);
  check_status(semvec_render(&scene, between(1, 3), image), "semvec_render");
  semvec_objective objective = random_objective(&scene, pixels);
  int has_target = objective.comparison != NULL;
  semvec_gradients gradients = {
      .image = chance(70) ? image : NULL,
      .squared_error = has_target ? doubles(1, 0.0f, 0.0f, 0) : NULL,
      .points = (point *)floats(2 * (size_t)scene.paths.point_count, 0.0f, 0.0f, 0),
      .colors = floats(4 * count, 0.0f, 0.0f, 0),
      .removal_cost = chance(70) ? floats(count, 0.0f, 0.0f, 0) : NULL,
      .ramp_axes = floats(4 * count, 0.0f, 0.0f, 0),
      .ramp_colors = floats(3 * count, 0.0f, 0.0f, 0)};
  for (int step = between(1, 3); step > 0; step--) { /* with the same memory */
    check_status(semvec_differentiate(&scene, &objective, between(1, 3), &gradients),
                 "semvec_differentiate");
  }
  semvec_comparison_free(objective.comparison);
}

/* -- outlines ----------------------------------------------------------------------------- */

static void fuzz_outlines(void)
{
  semvec_paths paths = random_paths(chance(30) ? 10 : 0);
  size_t points = (size_t)paths.point_count;
  uint8_t *crossing = bytes(points / 3, 0, 1);
  check_status(semvec_find_crossings(&paths, between(0, 12), between(1, 3), crossing),
               "semvec_find_crossings");
  uint8_t *touching = bytes(points / 3, 0, 1);
  check_status(semvec_find_contacts(&paths, between(0, 12), between(1, 3), touching),
               "semvec_find_contacts");
  uint8_t *alike = bytes((size_t)paths.path_count, 0, 1);
  check_status(semvec_fill_alike(&paths, between(1, 3), alike), "semvec_fill_alike");
  float *moved = floats(2 * points, -10.0f, 80.0f, chance(30) ? 5 : 0);
  uint8_t *reverted = bytes(points, 0, 1);
  check_status(semvec_add_penalties(&paths, value(0.0f, 1.0f, 5), value(0.0f, 1.0f, 5),
                                    value(0.0f, 1.0f, 5), floats(2 * points, 0.0f, 1.0f, 5)),
               "semvec_add_penalties");
  float area = value(0.0f, 20.0f, 5), thickness = value(0.0f, 3.0f, 5);
  check_status(semvec_keep_simple(&paths, area, thickness, between(1, 3), moved, reverted),
               "semvec_keep_simple");
}

static void fuzz_fitting(void)
{
  int count = between(0, 60), hostile = chance(30) ? 10 : 0;
  size_t size = (size_t)count + 1;
  semvec_ring ring = {.count = count,
                      .points = doubles(2 * size, -10.0f, 80.0f, hostile),
                      .arriving = doubles(4 * size, -1.0f, 1.0f, hostile),
                      .leaving = doubles(4 * size, -1.0f, 1.0f, hostile),
                      .weights = doubles(size, 0.01f, 10.0f, hostile),
                      .corners = bytes(size, 0, chance(10) ? 255 : 2)};
  double *controls = doubles(6 * (size_t)count, 0.0f, 0.0f, 0);
  int32_t *first = integers((size_t)count, 0, 0), segments = 0;
  check_status(semvec_fit_ring(&ring, controls, first, &segments), "semvec_fit_ring");
}

static int count_cracks(const uint8_t *mask, int height, int width)
{
  int count = 0;
  for (int y = 0; y < height; y++) {
    for (int x = 0; x < width; x++) {
      int inside = mask[y * width + x] != 0;
      count += inside && (x == 0 || !mask[y * width + x - 1]);
      count += inside && (x + 1 == width || !mask[y * width + x + 1]);
      count += inside && (y == 0 || !mask[(y - 1) * width + x]);
      count += inside && (y + 1 == height || !mask[(y + 1) * width + x]);
    }
  }
  return count;
}

static void fuzz_contours(void)
{
  int height = between(1, 24), width = between(1, 24), outlines = 0;
  uint8_t *mask = bytes((size_t)(height * width), 0, between(1, 4));
  int capacity = count_cracks(mask, height, width);
  capacity = chance(10) ? capacity / 2 : capacity;
  int32_t *vertices = integers(2 * (size_t)capacity, 0, 0);
  int32_t *first = integers((size_t)capacity / 4 + 1, 0, 0);
  check_status(semvec_follow_outlines(mask, height, width, capacity, vertices, first, &outlines),
               "semvec_follow_outlines");
}

/* -- segments ----------------------------------------------------------------------------- */

enum { TABLE_SIZE = 33 };

static void fuzz_partition(int height, int width, float *lab, float *gradient)
{
  size_t pixels = (size_t)(height * width);
  int label_count = between(1, 30), regions = 0;
  int32_t *labels = integers(pixels, -1, label_count - (chance(5) ? 0 : 1));
  semvec_partition partition = {labels, lab,   chance(80) ? gradient : NULL,
                                height, width, label_count};
  if (chance(50)) {
    int target = between(-1, 9), minimum_area = between(0, 20);
    check_status(semvec_merge_regions(&partition, target, minimum_area, &regions),
                 "semvec_merge_regions");
  } else {
    check_status(semvec_absorb_small_regions(&partition, between(0, 40), &regions),
                 "semvec_absorb_small_regions");
  }
  int32_t *components = integers(pixels, 0, 0);
  check_status(semvec_components(labels, height, width, components, &regions), "semvec_components");
}

static void fuzz_segments(void)
{
  int height = between(1, 40), width = between(1, 150), basins = 0, hostile = chance(20) ? 5 : 0;
  size_t pixels = (size_t)(height * width);
  float *lab = floats(3 * pixels, -1.0f, 1.0f, hostile);
  uint8_t *inside = bytes(pixels, chance(70) ? 1 : 0, 1);
  float *rgb = floats(3 * pixels, -0.2f, 1.2f, hostile);
  float *table = floats(TABLE_SIZE, 0.0f, 1.0f, 0);
  check_status(semvec_lab(rgb, inside, (int)pixels, table, table, TABLE_SIZE, between(1, 3),
                          floats(3 * pixels, 0.0f, 0.0f, 0)),
               "semvec_lab");
  float *smooth = floats(3 * pixels, 0.0f, 0.0f, 0);
  check_status(semvec_smooth(lab, height, width, between(1, 3), smooth), "semvec_smooth");
  float *gradient = floats(pixels, 0.0f, 0.0f, 0);
  check_status(semvec_gradient(smooth, inside, height, width, between(1, 3), gradient),
               "semvec_gradient");
  int32_t *labels = integers(pixels, 0, 0);
  check_status(
      semvec_watershed(gradient, smooth, inside, height, width, between(0, 50), labels, &basins),
      "semvec_watershed");
  fuzz_partition(height, width, smooth, gradient);
  check_status(semvec_distances(inside, height, width, gradient), "semvec_distances");
}

static void fuzz_strokes(void)
{
  int height = between(1, 60), width = between(1, 60), count = between(0, 12);
  float *segments = floats(8 * (size_t)count, -20.0f, 80.0f, chance(30) ? 10 : 0);
  float *map = floats((size_t)(height * width), 0.0f, 1.0f, 0);
  float softness = value(0.0f, 1.0f, 5);
  check_status(semvec_paint_strokes(segments, count, softness, height, width, between(1, 3), map),
               "semvec_paint_strokes");
}

static void fuzz_flow(void)
{
  int height = between(1, 40), width = between(1, 60), hostile = chance(30) ? 10 : 0;
  size_t pixels = (size_t)(height * width);
  semvec_framepair frames = {floats(pixels, 0.0f, 1.0f, hostile),
                             floats(pixels, 0.0f, 1.0f, hostile), height, width, between(0, 70)};
  float *means = floats(pixels, 0.0f, 0.0f, 0);
  check_status(semvec_box_mean(frames.first, height, width, frames.reach, means),
               "semvec_box_mean");
  float *vectors = floats(2 * pixels, -80.0f, 80.0f, hostile);
  check_status(semvec_block_cost(&frames, vectors, means), "semvec_block_cost");
  check_status(semvec_displacement_step(&frames, value(1e-6f, 1e-3f, 0), 0.75f, vectors, means),
               "semvec_displacement_step");
}

int main(int argument_count, char **arguments)
{
  void (*const rounds[])(void) = {fuzz_rasterizer, fuzz_outlines, fuzz_fitting, fuzz_contours,
                                  fuzz_segments,   fuzz_strokes,  fuzz_flow};
  if (argument_count != 3) {
    return 2;
  }
  for (long seed = atol(arguments[1]); seed < atol(arguments[2]); seed++) {
    state = (uint64_t)(seed + 1) * 0x9E3779B97F4A7C15u;
    fprintf(stderr, "\rseed %ld", seed);
    for (size_t i = 0; i < sizeof rounds / sizeof *rounds; i++) {
      rounds[i]();
      free_arrays();
    }
  }
  return 0;
}
