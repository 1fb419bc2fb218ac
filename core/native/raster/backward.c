/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "backward.h"

#include <string.h>

/* Add the sums over a tile that an opaque path fills. Nothing beneath is seen, so the transmittance
 * is not needed any more. */
static void unpaint_cover(const band_tile *drawn, band_sums *part)
{
  for (int c = 0; c < CHANNELS; c++) {
    lanes sum = all_lanes(0.0f);
    for (int i = 0; i < TILE_VECTORS; i++) {
      sum += drawn->transmittance.of[i] * drawn->gradient[c].of[i];
    }
    part->color[c] += (double)sum_lanes(sum);
  }
}

/* What the way back through a tile of one path needs, beside the band. */
typedef struct {
  float opacity;
  const tile *differences; /* three tiles */
  const tile *outside;     /* the cost of coverage per pixel */
  tile *winding;
} unpainting;

/* Replace winding numbers by their gradients, add the sums over a tile, and update the
 * transmittance for the next path below. */
static void unpaint_tile(band_tile *drawn, const unpainting *u, band_sums *part)
{
  lanes color[CHANNELS] = {{0.0f}}, cover_slope = all_lanes(0.0f);
  for (int i = 0; i < TILE_VECTORS; i++) {
    lanes above = drawn->transmittance.of[i], cover = coverage_of(u->winding->of[i]);
    lanes seen = above * u->opacity * cover, slope = all_lanes(0.0f);
    for (int c = 0; c < CHANNELS; c++) {
      lanes gradient = drawn->gradient[c].of[i];
      color[c] += seen * gradient;
      slope += gradient * u->differences[c].of[i];
    }
    slope *= above;
    cover_slope += cover * slope;
    drawn->transmittance.of[i] = above - seen;
    lanes gradient = choose(cover < 1.0f, u->opacity * slope + u->outside->of[i], all_lanes(0.0f));
    u->winding->of[i] = with_sign_of(u->winding->of[i], gradient);
  }
  for (int c = 0; c < CHANNELS; c++) {
    part->color[c] += (double)sum_lanes(color[c]);
  }
  part->color[3] += (double)sum_lanes(cover_slope);
}

/* The rise of the squared error over a tile if the path were removed; called before unpaint_tile.
 */
static float removal_cost(const band_tile *drawn, const tile *scale, const unpainting *u)
{
  lanes cost = all_lanes(0.0f);
  for (int i = 0; i < TILE_VECTORS; i++) {
    lanes seen = drawn->transmittance.of[i] * u->opacity * coverage_of(u->winding->of[i]);
    lanes slope = all_lanes(0.0f), contrast = slope;
    for (int c = 0; c < CHANNELS; c++) {
      lanes difference = u->differences[c].of[i];
      slope += drawn->gradient[c].of[i] * difference;
      contrast += difference * difference;
    }
    cost += scale->of[i] * seen * seen * contrast - seen * slope;
  }
  return sum_lanes(cost);
}

/* The same where nothing of the path is seen. */
static void unpaint_hidden(const tile *outside, tile *winding)
{
  for (int i = 0; i < TILE_VECTORS; i++) {
    lanes cover = magnitude(winding->of[i]);
    lanes gradient = choose(cover < 1.0f, outside->of[i], all_lanes(0.0f));
    winding->of[i] = with_sign_of(winding->of[i], gradient);
  }
}

/* Fill a tile with the cost of coverage: 0 within the path's own region and beyond the canvas. */
static void load_outside(const band_work *w, const layer *l, int column, tile *outside)
{
  const composite_input *input = w->work->input;
  if (l->cost <= 0.0f) {
    fill_tile(outside, 0.0f);
    return;
  }
  int own = input->objective->path_regions[l->path];
  size_t index = (size_t)w->index * (size_t)w->band.across + (size_t)column;
  const region_tile *regions = &input->target->regions[index];
  for (int i = 0; i < TILE_VECTORS; i++) {
    lane_ints is_outside = (regions->of[i] != own) & (regions->of[i] != NO_REGION);
    outside->of[i] = choose(is_outside, all_lanes(l->cost), all_lanes(0.0f));
  }
}

/* Add the gradients that only a ramp has. That of the color is divided between both colors:
 * `start_gradient` is that of the start. */
static void unpaint_ramp(const band_work *w, const layer *l, int column, const tile *winding,
                         double *start_gradient)
{
  const band_tile *drawn = &w->band.tiles[column];
  ramp_sums *part = &w->work->result->ramp_parts[l->part];
  tile t, t_gradient;
  ramp_positions(&l->ramp, place_of(w, column), &t);
  ramp_tiles tiles = {{&drawn->gradient[0], &drawn->gradient[1], &drawn->gradient[2]},
                      &drawn->transmittance,
                      winding};
  ramp_propagate(&l->ramp, &tiles, &t, start_gradient, part->color, &t_gradient);
  ramp_add_axis_gradient(&l->ramp, place_of(w, column), &t, &t_gradient, part->axis);
}

static void unpaint_visible(band_work *w, const layer *l, int column, const tile_cover *cover,
                            band_sums *part, double *start_gradient)
{
  tile full, outside;
  tile *winding = w->coverage.windings.tiles + cover->winding;
  if (cover->kind == COVER_FULL) {
    fill_tile(&full, 1.0f);
    winding = &full;
  }
  if (l->ramp.kind != RAMP_FLAT) {
    unpaint_ramp(w, l, column, winding, start_gradient);
  }
  if (!keeps_difference(w, l, cover)) {
    unpaint_cover(&w->band.tiles[column], part);
    return;
  }
  load_outside(w, l, column, &outside);
  unpainting u = {l->opacity, tile_stack_pop(&w->differences, CHANNELS), &outside, winding};
  if (w->work->finds_removal_costs) {
    const tile *scale = &band_targets(w)[column].scale;
    part->removal_cost += (double)removal_cost(&w->band.tiles[column], scale, &u);
  }
  unpaint_tile(&w->band.tiles[column], &u, part);
}

static void unpaint_layer(band_work *w, const layer *l)
{
  const composite_work *work = w->work;
  const tile_cover *covers = w->covers + l->cover;
  double start_gradient[CHANNELS] = {0.0};
  band_sums part = {{0.0}, 0.0};
  for (int i = l->columns - 1; i >= 0; i--) { /* the reverse of painting */
    if (is_visible(&covers[i])) {
      unpaint_visible(w, l, l->left + i, &covers[i], &part, start_gradient);
    } else if (covers[i].kind == COVER_HIDDEN_EDGE) {
      tile outside;
      load_outside(w, l, l->left + i, &outside);
      unpaint_hidden(&outside, w->coverage.windings.tiles + covers[i].winding);
    }
  }
  if (l->ramp.kind != RAMP_FLAT) {
    memcpy(part.color, start_gradient, sizeof(start_gradient));
  }
  if (l->hides) {
    part.color[3] = 0.0;
  }
  work->result->parts[l->part] = part;
  if (l->end_pieces > l->first_piece) {
    const run_lists *runs = work->input->runs;
    const chord_run *first = runs->runs + runs->starts[l->part];
    integrate_pieces(&w->coverage, l->first_piece, l->end_pieces, covers,
                     work->result->integrals + first->first_integral);
  }
}

/* Find the gradient of the image. */
static void compare_band(band_work *w)
{
  const composite_input *input = w->work->input;
  if (input->target) {
    w->work->result->squared_error[w->index] =
        band_compare(&w->band, band_targets(w), input->objective->sharpness);
  } else {
    band_load_gradient(&w->band, input->objective->image_gradient);
  }
}

void unpaint_band(band_work *w)
{
  compare_band(w);
  for (int column = 0; column < w->band.across; column++) {
    fill_tile(&w->band.tiles[column].transmittance, 1.0f);
  }
  for (int i = w->layer_count - 1; i >= 0; i--) {
    unpaint_layer(w, &w->layers[i]);
  }
}
