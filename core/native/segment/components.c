/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "components.h"

#include "../status.h"

#include <stdlib.h>

typedef struct {
  const int32_t *labels;
  int height, width;
  int32_t *components;
  int *waiting; /* pixels of the component whose neighbors were not visited yet */
  int waiting_count;
} component_search;

static void add_pixel(component_search *search, int pixel, int32_t component)
{
  search->components[pixel] = component;
  search->waiting[search->waiting_count++] = pixel;
}

static void add_if_same(component_search *search, int pixel, int neighbor)
{
  if (search->components[neighbor] < 0 && search->labels[neighbor] == search->labels[pixel]) {
    add_pixel(search, neighbor, search->components[pixel]);
  }
}

static void fill_component(component_search *search, int start, int32_t component)
{
  int width = search->width;
  add_pixel(search, start, component);
  while (search->waiting_count > 0) {
    int pixel = search->waiting[--search->waiting_count];
    int column = pixel % width, row = pixel / width;
    if (row > 0) {
      add_if_same(search, pixel, pixel - width);
    }
    if (column > 0) {
      add_if_same(search, pixel, pixel - 1);
    }
    if (column + 1 < width) {
      add_if_same(search, pixel, pixel + 1);
    }
    if (row + 1 < search->height) {
      add_if_same(search, pixel, pixel + width);
    }
  }
}

int semvec_components(const int32_t *labels, int height, int width, int32_t *components,
                      int32_t *count)
{
  *count = 0;
  if (height <= 0 || width <= 0 || height > INT32_MAX / width) {
    return SEMVEC_INVALID;
  }
  int pixels = height * width;
  int *waiting = malloc((size_t)pixels * sizeof(int));
  if (waiting == NULL) {
    return SEMVEC_NO_MEMORY;
  }
  component_search search = {labels, height, width, components, waiting, 0};
  for (int pixel = 0; pixel < pixels; pixel++) {
    components[pixel] = -1;
  }
  for (int pixel = 0; pixel < pixels; pixel++) {
    if (labels[pixel] >= 0 && components[pixel] < 0) {
      fill_component(&search, pixel, (*count)++);
    }
  }
  free(waiting);
  return SEMVEC_OK;
}
