/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "forward.h"

/* The colors of a path in one tile, which are set once for a flat path. */
typedef struct {
  tile channels[CHANNELS];
} fill_tiles;

static void fill_flat(fill_tiles *fill, const float *color)
{
  for (int c = 0; c < CHANNELS; c++) {
    fill_tile(&fill->channels[c], color[c]);
  }
}

static void fill_ramp(fill_tiles *fill, const ramp *r, tile_place place)
{
  tile t;
  ramp_positions(r, place, &t);
  for (int c = 0; c < CHANNELS; c++) {
    ramp_fill(r, c, &t, &fill->channels[c]);
  }
}

/* Paint one channel of a tile: color += alpha · (fill - color), and keep fill - color. */
static void paint_channel(tile *color, tile *difference, const tile *alpha, const tile *fill)
{
  for (int i = 0; i < TILE_VECTORS; i++) {
    difference->of[i] = fill->of[i] - color->of[i];
    color->of[i] += alpha->of[i] * difference->of[i];
  }
}

/* The same where alpha is 1. */
static void replace_channel(tile *color, tile *difference, const tile *fill)
{
  for (int i = 0; i < TILE_VECTORS; i++) {
    difference->of[i] = fill->of[i] - color->of[i];
    color->of[i] = fill->of[i];
  }
}

/* The alpha of each pixel of a tile. */
static tile alpha_of(const band_work *w, const layer *l, const tile_cover *cover)
{
  tile alpha;
  const tile *winding = w->coverage.windings.tiles + cover->winding;
  for (int i = 0; i < TILE_VECTORS; i++) {
    lanes covered = cover->kind == COVER_FULL ? all_lanes(1.0f) : coverage_of(winding->of[i]);
    alpha.of[i] = l->opacity * covered;
  }
  return alpha;
}

/* Paint a tile, and keep fill - color where there is a place for that: three tiles. */
static void paint_tile(band_work *w, const layer *l, int column, const tile_cover *cover,
                       const fill_tiles *fill, tile *differences)
{
  tile unused[CHANNELS], *color = w->band.tiles[column].color;
  tile *kept = differences ? differences : unused;
  if (cover->kind != COVER_FULL || l->opacity < 1.0f) {
    tile alpha = alpha_of(w, l, cover);
    for (int c = 0; c < CHANNELS; c++) {
      paint_channel(&color[c], &kept[c], &alpha, &fill->channels[c]);
    }
    return;
  }
  for (int c = 0; c < CHANNELS; c++) {
    if (differences) {
      replace_channel(&color[c], &differences[c], &fill->channels[c]);
    } else {
      color[c] = fill->channels[c];
    }
  }
}

/* Returns 0 without memory. */
static int paint_layer(band_work *w, const layer *l)
{
  fill_tiles fill;
  fill_flat(&fill, w->work->input->scene->colors + 4 * l->path);
  for (int i = 0; i < l->columns; i++) {
    const tile_cover *cover = &w->covers[l->cover + (size_t)i];
    if (!is_visible(cover)) {
      continue;
    }
    tile *differences = NULL;
    if (keeps_difference(w, l, cover)) {
      differences = tile_stack_push(&w->differences, CHANNELS);
      if (!differences) {
        return 0;
      }
    }
    if (l->ramp.kind != RAMP_FLAT) {
      fill_ramp(&fill, &l->ramp, place_of(w, l->left + i));
    }
    paint_tile(w, l, l->left + i, cover, &fill, differences);
  }
  return 1;
}

int paint_band(band_work *w)
{
  w->differences.count = 0;
  band_load_background(&w->band, w->work->input->scene);
  for (int i = 0; i < w->layer_count; i++) {
    if (!paint_layer(w, &w->layers[i])) {
      return 0;
    }
  }
  return 1;
}
