/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * "Over" in sRGB, tile by tile. Bands are independent of each other, so they run in parallel, and
 * every sum is taken per band first: the result does not depend on the number of threads.
 *
 * A band goes three times through the stack of its paths. From the top down, it finds what each
 * path covers, tile by tile; what lies beneath a tile that an opaque path fills is left out from
 * there on, where it has no effect. From the bottom up, it paints, and keeps color - backdrop of
 * each path and pixel; inverting "over" instead would lose precision under opaque paths. Then it
 * goes down again with the transmittance T of everything above:
 * d(loss)/d(alpha) = T · g · (color - backdrop).
 */
#include "composite.h"

#include "../parallel.h"
#include "../status.h"
#include "ramp.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* The paths that touch each band: those of band i are paths[starts[i]] to paths[starts[i + 1] - 1],
 * in painting order. */
typedef struct {
  size_t *starts;
  int *paths;
} band_lists;

typedef struct {
  const semvec_scene *scene;
  const flat_scene *flat;
  const run_lists *runs;
  const semvec_objective *objective;
  const composite_result *result;
  band_lists lists;
  int bands, skips_covered;
  atomic_int next, failed;
} composite_work;

/* One path in a band. */
typedef struct {
  int path, left, columns; /* tiles */
  size_t part;
  size_t cover;                   /* index of the cover of its first tile */
  size_t first_piece, end_pieces; /* its pieces of chords */
  float opacity;
  int hides;  /* whether what lies beneath its full tiles is left out */
  float cost; /* of containment, per pixel outside of its region */
  ramp ramp;
} layer;

/* A worker's memory for one band at a time. */
typedef struct {
  const composite_work *work;
  band band;
  coverage_work coverage;
  layer *layers; /* the paths that touch the band, in painting order */
  int layer_count;
  tile_cover *covers;     /* of all layers */
  size_t cover_capacity;  /* of `covers` */
  unsigned char *hidden;  /* per tile of the band: 1 beneath opaque cover */
  tile_stack differences; /* color - backdrop: three tiles for each visible tile of each layer */
} band_work;

static tile_place place_of(const band_work *w, int column)
{
  return (tile_place){column * TILE_SIZE, w->band.top};
}

/* -- cover -------------------------------------------------------------------------------- */

static layer layer_of(const composite_work *work, int path, int band_index, size_t cover)
{
  const box *b = &work->flat->boxes[path];
  float opacity = clipped(work->scene->colors[4 * path + 3]);
  return (layer){.path = path,
                 .left = b->left,
                 .columns = b->right - b->left,
                 .part = b->first_part + (size_t)(band_index - b->top),
                 .cover = cover,
                 .opacity = opacity,
                 .hides = work->skips_covered && opacity == 1.0f,
                 .cost = containment_cost(work->scene, work->objective, path),
                 .ramp = ramp_of(work->scene, path)};
}

/* Find the layers of a band, and make room for their covers. Returns 0 without memory. */
static int list_layers(band_work *w, int index)
{
  const composite_work *work = w->work;
  const size_t *starts = work->lists.starts + index;
  size_t covers = 0;
  w->layer_count = (int)(starts[1] - starts[0]);
  for (int i = 0; i < w->layer_count; i++) {
    w->layers[i] = layer_of(work, work->lists.paths[starts[0] + (size_t)i], index, covers);
    covers += (size_t)w->layers[i].columns;
  }
  if (covers > w->cover_capacity) {
    free(w->covers);
    w->cover_capacity = 2 * covers;
    w->covers = malloc(sizeof(tile_cover) * w->cover_capacity);
  }
  return w->covers != NULL || covers == 0;
}

static int cover_layer(band_work *w, layer *l)
{
  const composite_work *work = w->work;
  const size_t *starts = work->runs->starts + l->part;
  outline_part part = {
      .corner = {(float)(l->left * TILE_SIZE), (float)w->band.top},
      .columns = l->columns,
      .vertices = work->flat->vertices,
      .runs = work->runs->runs + starts[0],
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

/* Find what each layer covers, from the top down. Returns 0 without memory. */
static int cover_layers(band_work *w)
{
  memset(w->hidden, 0, (size_t)w->band.across);
  w->coverage.windings.count = w->coverage.piece_count = 0;
  for (int i = w->layer_count - 1; i >= 0; i--) {
    if (!cover_layer(w, &w->layers[i])) {
      return 0;
    }
  }
  return 1;
}

/* -- forward ------------------------------------------------------------------------------ */

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
  tile unused[CHANNELS];
  tile *kept = differences ? differences : unused;
  if (cover->kind != COVER_FULL || l->opacity < 1.0f) {
    tile alpha = alpha_of(w, l, cover);
    for (int c = 0; c < CHANNELS; c++) {
      paint_channel(&w->band.color[c][column], &kept[c], &alpha, &fill->channels[c]);
    }
    return;
  }
  for (int c = 0; c < CHANNELS; c++) {
    if (differences) {
      replace_channel(&w->band.color[c][column], &differences[c], &fill->channels[c]);
    } else {
      w->band.color[c][column] = fill->channels[c];
    }
  }
}

/* Returns 1 where a tile of a layer is seen, so that it is painted. */
static int is_visible(const tile_cover *cover)
{
  return cover->kind == COVER_FULL || cover->kind == COVER_EDGE;
}

/* Returns 1 where the way back needs color - backdrop of a visible tile. */
static int keeps_difference(const band_work *w, const layer *l, const tile_cover *cover)
{
  return w->work->result->parts && !(l->hides && cover->kind == COVER_FULL);
}

/* Returns 0 without memory. */
static int paint_layer(band_work *w, const layer *l)
{
  fill_tiles fill;
  fill_flat(&fill, w->work->scene->colors + 4 * l->path);
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

static int paint_layers(band_work *w)
{
  w->differences.count = 0;
  band_load_background(&w->band, w->work->scene);
  for (int i = 0; i < w->layer_count; i++) {
    if (!paint_layer(w, &w->layers[i])) {
      return 0;
    }
  }
  return 1;
}

/* -- backward ------------------------------------------------------------------------------ */

/* Add the sums over a tile that an opaque path fills. Nothing beneath is seen, so the transmittance
 * is not needed any more. */
static void unpaint_cover(const band *b, int column, band_sums *part)
{
  const tile *transmittance = &b->transmittance[column];
  for (int c = 0; c < CHANNELS; c++) {
    lanes sum = all_lanes(0.0f);
    for (int i = 0; i < TILE_VECTORS; i++) {
      sum += transmittance->of[i] * b->gradient[c][column].of[i];
    }
    part->color[c] += (double)sum_lanes(sum);
  }
}

/* What the way back through a tile of one path needs, beside the band. */
typedef struct {
  float opacity;
  const tile *differences; /* three tiles */
  const tile *outside;     /* the cost of containment per pixel */
  tile *winding;
} unpainting;

/* Replace winding numbers by their gradients, add the sums over a tile, and update the
 * transmittance for the next path below. */
static void unpaint_tile(band *b, int column, const unpainting *u, band_sums *part)
{
  lanes color[CHANNELS] = {{0.0f}}, cover_slope = all_lanes(0.0f);
  for (int i = 0; i < TILE_VECTORS; i++) {
    lanes above = b->transmittance[column].of[i], cover = coverage_of(u->winding->of[i]);
    lanes seen = above * u->opacity * cover, slope = all_lanes(0.0f);
    for (int c = 0; c < CHANNELS; c++) {
      lanes gradient = b->gradient[c][column].of[i];
      color[c] += seen * gradient;
      slope += gradient * u->differences[c].of[i];
    }
    slope *= above;
    cover_slope += cover * slope;
    b->transmittance[column].of[i] = above - seen;
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
static float removal_cost(const band *b, int column, const unpainting *u)
{
  lanes cost = all_lanes(0.0f);
  for (int i = 0; i < TILE_VECTORS; i++) {
    lanes seen = b->transmittance[column].of[i] * u->opacity * coverage_of(u->winding->of[i]);
    lanes slope = all_lanes(0.0f), contrast = slope;
    for (int c = 0; c < CHANNELS; c++) {
      lanes difference = u->differences[c].of[i];
      slope += b->gradient[c][column].of[i] * difference;
      contrast += difference * difference;
    }
    cost += b->error_scale[column].of[i] * seen * seen * contrast - seen * slope;
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

static void load_outside_row(float *restrict outside, const int *restrict regions, int count,
                             int own, float cost)
{
  if (count == TILE_SIZE) { /* a number that compilers know */
    for (int x = 0; x < TILE_SIZE; x++) {
      outside[x] = regions[x] != own ? cost : 0.0f;
    }
  } else {
    for (int x = 0; x < count; x++) {
      outside[x] = regions[x] != own ? cost : 0.0f;
    }
  }
}

/* Fill a tile with the cost of coverage: 0 within the path's own region. */
static void load_outside(const band_work *w, const layer *l, int column, tile *outside)
{
  const semvec_objective *objective = w->work->objective;
  fill_tile(outside, 0.0f);
  if (l->cost > 0.0f) {
    int own = objective->path_regions[l->path], left = column * TILE_SIZE, width = w->band.width;
    for (int row = 0; row < w->band.rows; row++) {
      const int *regions = objective->regions + (size_t)(w->band.top + row) * (size_t)width;
      load_outside_row(outside->pixels + row * TILE_SIZE, regions + left, tile_extent(left, width),
                       own, l->cost);
    }
  }
}

/* Add the gradients that only a ramp has. That of the color is divided between both colors:
 * `start_gradient` is that of the start. */
static void unpaint_ramp(const band_work *w, const layer *l, int column, const tile *winding,
                         double *start_gradient)
{
  const band *b = &w->band;
  ramp_sums *part = &w->work->result->ramp_parts[l->part];
  tile t, t_gradient;
  ramp_positions(&l->ramp, place_of(w, column), &t);
  ramp_tiles tiles = {{&b->gradient[0][column], &b->gradient[1][column], &b->gradient[2][column]},
                      &b->transmittance[column],
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
    unpaint_cover(&w->band, column, part);
    return;
  }
  load_outside(w, l, column, &outside);
  unpainting u = {l->opacity, tile_stack_pop(&w->differences, CHANNELS), &outside, winding};
  if (!w->work->skips_covered) {
    part->removal_cost += (double)removal_cost(&w->band, column, &u);
  }
  unpaint_tile(&w->band, column, &u, part);
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
    const chord_run *first = work->runs->runs + work->runs->starts[l->part];
    integrate_pieces(&w->coverage, l->first_piece, l->end_pieces, covers,
                     work->result->integrals + first->first_integral);
  }
}

static void backward(band_work *w, int index)
{
  band *b = &w->band;
  const semvec_objective *objective = w->work->objective;
  if (objective->image_gradient) {
    band_load_image(b, b->gradient, objective->image_gradient);
    memset(b->error_scale, 0, sizeof(tile) * (size_t)b->across);
  } else {
    w->work->result->squared_error[index] = band_compare(b, w->work->scene, objective);
  }
  for (int column = 0; column < b->across; column++) {
    fill_tile(&b->transmittance[column], 1.0f);
  }
  for (int i = w->layer_count - 1; i >= 0; i--) {
    unpaint_layer(w, &w->layers[i]);
  }
}

/* -- bands ------------------------------------------------------------------------------ */

/* Sort all paths into the bands that they touch. Returns 0 without memory. */
static int band_lists_create(band_lists *lists, const flat_scene *flat, int path_count, int bands)
{
  lists->starts = calloc((size_t)bands + 2, sizeof(size_t));
  lists->paths = malloc(sizeof(int) * (flat->part_count + 1));
  if (!lists->starts || !lists->paths) {
    return 0;
  }
  size_t *ends = lists->starts + 1; /* the end of each list, which becomes its start at first */
  for (int path = 0; path < path_count; path++) {
    for (int i = 0; i < box_band_count(&flat->boxes[path]); i++) {
      ends[flat->boxes[path].top + i + 1]++;
    }
  }
  for (int band = 0; band < bands; band++) {
    ends[band + 1] += ends[band];
  }
  for (int path = 0; path < path_count; path++) {
    for (int i = 0; i < box_band_count(&flat->boxes[path]); i++) {
      lists->paths[ends[flat->boxes[path].top + i]++] = path;
    }
  }
  return 1;
}

static void band_lists_free(band_lists *lists)
{
  free(lists->starts);
  free(lists->paths);
}

static int band_work_create(band_work *w, const composite_work *work)
{
  *w = (band_work){.work = work};
  int across = tiles_across(work->scene->width);
  w->hidden = malloc((size_t)across);
  w->layers = malloc(sizeof(layer) * ((size_t)work->scene->paths.path_count + 1));
  int has_coverage = coverage_work_create(&w->coverage, across);
  return band_create(&w->band, work->scene) && has_coverage && w->hidden && w->layers;
}

static void band_work_free(band_work *w)
{
  free(w->differences.tiles);
  free(w->covers);
  free(w->layers);
  free(w->hidden);
  coverage_work_free(&w->coverage);
  band_free(&w->band);
}

/* Returns 0 without memory. */
static int composite_band(band_work *w, int index)
{
  const composite_work *work = w->work;
  band_move(&w->band, work->scene, index);
  if (!list_layers(w, index) || !cover_layers(w) || !paint_layers(w)) {
    return 0;
  }
  if (work->result->image) {
    band_store(&w->band, work->result->image);
  }
  if (work->result->parts) {
    backward(w, index);
  }
  return 1;
}

/* Composite one band after the other, as long as there are any. */
static void composite_bands(void *context, int worker)
{
  composite_work *work = context;
  band_work w;
  int has_memory = band_work_create(&w, work);
  for (;;) {
    int index = atomic_fetch_add(&work->next, 1);
    if (!has_memory || index >= work->bands) {
      break;
    }
    has_memory = composite_band(&w, index);
  }
  if (!has_memory) {
    work->failed = 1;
  }
  band_work_free(&w);
  (void)worker;
}

int composite(const semvec_scene *scene, const flat_scene *flat, const run_lists *runs,
              const semvec_objective *objective, int threads, const composite_result *result)
{
  composite_work work = {.scene = scene,
                         .flat = flat,
                         .runs = runs,
                         .objective = objective,
                         .result = result,
                         .bands = band_count(scene),
                         .skips_covered = !result->parts || objective->skips_covered};
  if (band_lists_create(&work.lists, flat, scene->paths.path_count, work.bands)) {
    int workers = threads < work.bands ? threads : work.bands;
    semvec_parallel_for(threads, workers, composite_bands, &work);
  } else {
    work.failed = 1;
  }
  band_lists_free(&work.lists);
  return work.failed ? SEMVEC_NO_MEMORY : SEMVEC_OK;
}
