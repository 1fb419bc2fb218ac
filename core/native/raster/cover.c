/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cover.h"

#include <stdlib.h>
#include <string.h>

static layer layer_of(const composite_work *work, int path, int band_index, size_t cover)
{
  const semvec_scene *scene = work->input->scene;
  const box *b = &work->input->flat->boxes[path];
  float opacity = clipped(scene->colors[4 * path + 3]);
  return (layer){.path = path,
                 .left = b->left,
                 .columns = b->right - b->left,
                 .part = b->first_part + (size_t)(band_index - b->top),
                 .cover = cover,
                 .opacity = opacity,
                 .hides = work->skips_covered && opacity == 1.0f,
                 .cost = containment_cost(scene, work->input->objective, path),
                 .ramp = ramp_of(scene, path)};
}

/* Make sure that there is memory for the layers and covers of the band. Their content is lost.
 * Returns 0 without memory. */
static int reserve_layers(band_work *w, size_t layers)
{
  if (layers > w->layer_capacity) {
    free(w->layers);
    w->layer_capacity = 2 * layers;
    w->layers = malloc(sizeof(layer) * w->layer_capacity);
  }
  return w->layers != NULL || layers == 0;
}

static int reserve_covers(band_work *w, size_t covers)
{
  if (covers > w->cover_capacity) {
    free(w->covers);
    w->cover_capacity = 2 * covers;
    w->covers = malloc(sizeof(tile_cover) * w->cover_capacity);
  }
  return w->covers != NULL || covers == 0;
}

/* Find the layers of the band. Returns 0 without memory. */
static int list_layers(band_work *w)
{
  const composite_work *work = w->work;
  const size_t *starts = work->lists.starts + w->index;
  size_t covers = 0;
  w->layer_count = (int)(starts[1] - starts[0]);
  if (!reserve_layers(w, starts[1] - starts[0])) {
    return 0;
  }
  for (int i = 0; i < w->layer_count; i++) {
    w->layers[i] = layer_of(work, work->lists.paths[starts[0] + (size_t)i], w->index, covers);
    covers += (size_t)w->layers[i].columns;
  }
  return reserve_covers(w, covers);
}

/* Find what a layer covers, and hide what lies beneath. Returns 0 without memory. */
static int cover_layer(band_work *w, layer *l)
{
  const composite_work *work = w->work;
  const composite_input *input = work->input;
  const size_t *starts = input->runs->starts + l->part;
  outline_part part = {
      .corner = {(float)(l->left * TILE_SIZE), (float)w->band.top},
      .columns = l->columns,
      .vertices = input->flat->vertices,
      .runs = input->runs->runs + starts[0],
      .run_count = (int)(starts[1] - starts[0]),
  };
  tile_cover *covers = w->covers + l->cover;
  unsigned char *hidden = w->hidden + l->left;
  l->first_piece = w->coverage.piece_count;
  int has_memory =
      cover_part(&w->coverage, &part, hidden, l->cost > 0.0f, work->result->parts != NULL, covers);
  l->end_pieces = w->coverage.piece_count;
  for (int i = 0; has_memory && l->hides && i < l->columns; i++) {
    hidden[i] |= covers[i].kind == COVER_FULL;
  }
  return has_memory;
}

int cover_band(band_work *w)
{
  if (!list_layers(w)) {
    return 0;
  }
  memset(w->hidden, 0, (size_t)w->band.across);
  w->coverage.windings.count = w->coverage.piece_count = 0;
  for (int i = w->layer_count - 1; i >= 0; i--) {
    if (!cover_layer(w, &w->layers[i])) {
      return 0;
    }
  }
  return 1;
}
