/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Exact-area coverage by signed-area accumulation (the method of font-rs): each chord is cut into
 * pieces that lie within one pixel. A piece adds its signed height at its cell, divided between
 * that cell and the next by its mean position. A running sum along the row then gives the winding
 * number averaged over each pixel.
 *
 * Backward: moving a piece sideways changes the winding number of the pixel that contains it and
 * of no other, so the gradient is a sum of G = d(loss)/d(winding) over the pieces. (Suffix sums
 * along the row are equivalent, but lose precision.)
 */
#include "coverage.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int coverage_work_create(coverage_work *work, int across)
{
  /* A chord at the right edge adds to the column after it; the last row of cells is unused. */
  int stride = across * TILE_SIZE + TILE_SIZE;
  *work = (coverage_work){.across = across, .stride = stride};
  work->cells = calloc((size_t)(TILE_SIZE + 1) * (size_t)stride, sizeof(float));
  work->touched = calloc((size_t)across + 1, 1);
  work->keeps = calloc((size_t)across + 1, 1);
  return work->cells && work->touched && work->keeps;
}

void coverage_work_free(coverage_work *work)
{
  free(work->windings.tiles);
  free(work->pieces);
  free(work->cells);
  free(work->touched);
  free(work->keeps);
}

static float at_least(float value, float limit)
{
  return value > limit ? value : limit;
}

static float at_most(float value, float limit)
{
  return value < limit ? value : limit;
}

/* -- chords to pieces -------------------------------------------------------------------- */

/* A chord of a part, relative to its corner, and the place of its pieces. */
typedef struct {
  coverage_work *work;
  point start, end;
  float width;  /* of the part, pixels */
  int integral; /* index among those of the part */
} chord;

/* A point of a chord: its column and its parameter. */
typedef struct {
  float x, t;
} chord_point;

static chord_point point_at_row(const chord *c, float y)
{
  float t = (y - c->start.y) / (c->end.y - c->start.y);
  return (chord_point){c->start.x + t * (c->end.x - c->start.x), t};
}

/* Add a piece within one pixel, given its height, its length in t and its middle. */
static void add_piece(const chord *c, int row, int column, float height, float length,
                      chord_point middle)
{
  coverage_work *work = c->work;
  float *cell = work->cells + row * work->stride + column;
  float offset = middle.x - (float)column, right = height * offset;
  cell[0] += height - right;
  cell[1] += right;
  int tile_column = column >> TILE_SHIFT;
  int place = tile_column * TILE_PIXELS + row * TILE_SIZE + (column & (TILE_SIZE - 1));
  work->touched[tile_column] = 1;
  work->pieces[work->piece_count] = (piece){c->integral, place, length, length * middle.t};
  work->piece_count += (size_t)(work->keeps[tile_column] & (length > 0.0f));
}

/* Add what lies within one row, from `left` to `right` over several pixels, or beyond the part. */
static void add_long_run(const chord *c, int row, float height, chord_point left, chord_point right)
{
  float span = right.x - left.x, rise = right.t - left.t;
  float from = at_least(left.x, 0.0f), limit = at_most(right.x, c->width);
  float *cells = c->work->cells + (size_t)row * (size_t)c->work->stride;
  if (left.x < 0.0f) { /* what lies to the left counts for the whole row */
    cells[0] += right.x > 0.0f ? height * (-left.x / span) : height;
  }
  for (int column = (int)from; from < limit; column++) {
    float to = at_most(limit, (float)(column + 1)), share = (to - from) / span;
    float middle = 0.5f * (from + to);
    chord_point at = {middle, left.t + (middle - left.x) / span * rise};
    add_piece(c, row, column, height * share, fabsf(rise) * share, at);
    from = to;
  }
}

/* Add what lies within one row: from a to b, with a signed height. */
static void add_run(const chord *c, int row, float height, chord_point a, chord_point b)
{
  chord_point left = a.x < b.x ? a : b, right = a.x < b.x ? b : a;
  if (left.x >= c->width) {
    return;
  }
  if (left.x >= 0.0f && right.x < c->width && (int)left.x == (int)right.x) {
    chord_point middle = {0.5f * (a.x + b.x), 0.5f * (a.t + b.t)};
    add_piece(c, row, (int)left.x, height, fabsf(b.t - a.t), middle);
  } else {
    add_long_run(c, row, height, left, right);
  }
}

static void add_chord(const chord *c)
{
  point p = c->start, q = c->end;
  float top = at_most(p.y, q.y), bottom = at_least(p.y, q.y);
  if (top >= 0.0f && bottom < (float)TILE_SIZE && (int)top == (int)bottom) {
    add_run(c, (int)top, q.y - p.y, (chord_point){p.x, 0.0f}, (chord_point){q.x, 1.0f});
    return;
  }
  float sign = q.y > p.y ? 1.0f : -1.0f;
  float from = at_least(top, 0.0f), limit = at_most(bottom, (float)TILE_SIZE);
  chord_point a = point_at_row(c, from);
  for (int row = (int)from; from < limit; row++) {
    float to = at_most(limit, (float)(row + 1));
    chord_point b = point_at_row(c, to);
    add_run(c, row, sign * (to - from), a, b);
    from = to;
    a = b;
  }
}

/* -- four short chords at once ------------------------------------------------------------ */

/* Most chords are shorter than a pixel, and the borders of pixels that they cross are as good as
 * random. So each of them is cut into three pieces, some of which have no length: processors lose
 * more time by guessing wrong. */
enum { SHORT_PIECES = 3 };

/* The pixels in which points of four chords lie. */
typedef struct {
  lane_ints column, row;
} four_pixels;

/* Pieces of four chords, one of each. */
typedef struct {
  int cells[LANES], tile_columns[LANES], places[LANES];
  float left[LANES], right[LANES]; /* what they add to their cell and the one after it */
  float length[LANES], moment[LANES];
} four_pieces;

static four_pixels pixels_of(four_points p)
{
  /* Numbers are truncated towards 0: rows just above the band are made positive. */
  return (four_pixels){truncated(p.x), truncated(p.y + (float)TILE_SIZE) - TILE_SIZE};
}

static lane_ints are_near(lane_ints a, lane_ints b)
{
  return (a - b <= 1) & (b - a <= 1);
}

/* The parameters at which a coordinate passes from a pixel to its neighbor; 1 where both are the
 * same. */
static lanes passages(lanes start, lanes end, lane_ints first, lane_ints last)
{
  lanes border = to_floats(choose_ints(first > last, first, last));
  return choose(first == last, all_lanes(1.0f), (border - start) / (end - start));
}

/* Pieces from one parameter to another. Those without length and those in other bands go to
 * cell `unused` and to an unused column. */
static void cut_pieces(const coverage_work *work, four_points start, four_points step,
                       four_pixels at, lanes from, lanes to, int unused, four_pieces *pieces)
{
  lanes length = to - from, middle = 0.5f * (from + to), height = length * step.y;
  lanes right = height * (start.x + middle * step.x - to_floats(at.column));
  lane_ints counts = (length > 0.0f) & (at.row >= 0) & (at.row < TILE_SIZE);
  lane_ints tile_columns = at.column >> TILE_SHIFT, none = {0};
  lane_ints row = choose_ints(counts, at.row, none); /* others may be too large to multiply */
  lane_ints pixels = row * TILE_SIZE + (at.column & (TILE_SIZE - 1));
  store_ints(pieces->cells, choose_ints(counts, row * work->stride + at.column, none + unused));
  store_ints(pieces->tile_columns, choose_ints(counts, tile_columns, none + work->across));
  store_ints(pieces->places, tile_columns * TILE_PIXELS + pixels);
  store_lanes(pieces->left, height - right);
  store_lanes(pieces->right, right);
  store_lanes(pieces->length, length);
  store_lanes(pieces->moment, length * middle);
}

/* Where pieces go; a copy of pointers of coverage_work, which no store through them changes. */
typedef struct {
  float *cells;
  piece *next;
  unsigned char *touched;
  const unsigned char *keeps;
} piece_target;

static inline void add_short_piece(piece_target *to, const four_pieces *pieces, int i, int integral)
{
  float *cell = to->cells + pieces->cells[i];
  cell[0] += pieces->left[i];
  cell[1] += pieces->right[i];
  int tile_column = pieces->tile_columns[i];
  to->touched[tile_column] = 1;
  *to->next = (piece){integral, pieces->places[i], pieces->length[i], pieces->moment[i]};
  to->next += to->keeps[tile_column];
}

static void add_short_chord(coverage_work *work, const four_pieces pieces[SHORT_PIECES], int i,
                            int integral)
{
  piece_target to = {work->cells, work->pieces + work->piece_count, work->touched, work->keeps};
  for (int k = 0; k < SHORT_PIECES; k++) {
    add_short_piece(&to, &pieces[k], i, integral);
  }
  work->piece_count = (size_t)(to.next - work->pieces);
}

/* Add the first `count` of four chords, given the first. */
static void add_four_chords(const chord *first, four_points p, four_points q, int count)
{
  coverage_work *work = first->work;
  float width = first->width;
  int unused = TILE_SIZE * work->stride;
  four_points step = {q.x - p.x, q.y - p.y};
  four_pixels start = pixels_of(p), end = pixels_of(q), middle;
  lanes across = passages(p.x, q.x, start.column, end.column);
  lanes down = passages(p.y, q.y, start.row, end.row);
  lanes sooner = least(across, down), later = greatest(across, down);
  middle.column = choose_ints(across < down, end.column, start.column);
  middle.row = choose_ints(across < down, start.row, end.row);
  four_pieces pieces[SHORT_PIECES];
  cut_pieces(work, p, step, start, all_lanes(0.0f), sooner, unused, &pieces[0]);
  cut_pieces(work, p, step, middle, sooner, later, unused + 2, &pieces[1]);
  cut_pieces(work, p, step, end, later, all_lanes(1.0f), unused + 4, &pieces[2]);
  lane_ints are_short = (p.x >= 0.0f) & (p.x < width) & (q.x >= 0.0f) & (q.x < width) &
                        are_near(start.column, end.column) & are_near(start.row, end.row);
  for (int i = 0; i < count; i++) {
    int integral = first->integral + i;
    if (are_short[i]) {
      add_short_chord(work, pieces, i, integral);
    } else {
      chord c = {work, {p.x[i], p.y[i]}, {q.x[i], q.y[i]}, width, integral};
      add_chord(&c);
    }
  }
}

/* -- pieces to winding numbers ------------------------------------------------------------ */

/* Turn the cells of a column of tiles into winding numbers; the cells become 0. `carry` has the
 * sums of all cells to the left, per row. */
static void sum_cells(coverage_work *work, int column, float *carry, tile *winding)
{
  for (int row = 0; row < TILE_SIZE; row++) {
    float *cells = work->cells + (size_t)row * (size_t)work->stride + column * TILE_SIZE;
    float sum = carry[row];
    for (int i = 0; i < TILE_SIZE; i++) {
      sum += cells[i];
      winding->pixels[row * TILE_SIZE + i] = sum;
      cells[i] = 0.0f;
    }
    carry[row] = sum;
  }
}

/* The same for tiles that no piece touches. Only their first cells may have something, from
 * pieces to their left. Without rounding errors, winding numbers are integers there. */
static void carry_on(coverage_work *work, int column, float *carry)
{
  for (int row = 0; row < TILE_SIZE; row++) {
    float *cell = work->cells + (size_t)row * (size_t)work->stride + column * TILE_SIZE;
    carry[row] = floorf(carry[row] + *cell + 0.5f);
    *cell = 0.0f;
  }
}

static int cover_tiles(coverage_work *work, int columns, const unsigned char *hidden,
                       int keeps_hidden, tile_cover *covers)
{
  float carry[TILE_SIZE] = {0.0f};
  tile unused;
  int was_touched = 1;
  for (int i = 0; i < columns; i++) {
    int is_kept = !hidden[i] || keeps_hidden;
    covers[i] = (tile_cover){COVER_NONE, work->windings.count};
    if (work->touched[i]) {
      tile *winding = is_kept ? tile_stack_push(&work->windings, 1) : &unused;
      if (!winding) {
        return 0;
      }
      sum_cells(work, i, carry, winding);
      if (is_kept) {
        covers[i].kind = hidden[i] ? COVER_HIDDEN_EDGE : COVER_EDGE;
      }
    } else {
      if (was_touched) {
        carry_on(work, i, carry);
      }
      if (carry[0] != 0.0f && !hidden[i]) {
        covers[i].kind = COVER_FULL;
      }
    }
    was_touched = work->touched[i];
    work->touched[i] = 0;
  }
  carry_on(work, columns, carry);
  return 1;
}

static int reserve_pieces(coverage_work *work, size_t count)
{
  if (work->piece_count + count > work->piece_capacity) {
    size_t capacity = 2 * (work->piece_count + count) + 1024;
    piece *pieces = realloc(work->pieces, sizeof(piece) * capacity);
    if (!pieces) {
      return 0;
    }
    work->pieces = pieces;
    work->piece_capacity = capacity;
  }
  return 1;
}

/* Read `count` chords, at most four, relative to a corner; the last one is repeated. */
static void read_chords(const point *vertices, int count, point corner, four_points *p,
                        four_points *q)
{
  for (int i = 0; i < LANES; i++) {
    const point *start = vertices + (i < count ? i : count - 1);
    p->x[i] = start[0].x - corner.x;
    p->y[i] = start[0].y - corner.y;
    q->x[i] = start[1].x - corner.x;
    q->y[i] = start[1].y - corner.y;
  }
}

/* Returns 0 without memory. */
static int add_chords(coverage_work *work, const outline_part *part, const chord_run *run)
{
  /* A chord has no more pieces than it may cross borders of pixels. */
  size_t most_pieces = (size_t)(part->columns * TILE_SIZE + 2 * TILE_SIZE + 4);
  chord first = {.work = work, .width = (float)(part->columns * TILE_SIZE)};
  for (int i = 0; i < run->count; i += LANES) {
    four_points p, q;
    int count = run->count - i < LANES ? run->count - i : LANES;
    if (!reserve_pieces(work, LANES * most_pieces)) {
      return 0;
    }
    read_chords(part->vertices + run->first + i, count, part->corner, &p, &q);
    first.integral = (int)(run->first_integral - part->runs->first_integral) + i;
    add_four_chords(&first, p, q, count);
  }
  return 1;
}

int cover_part(coverage_work *work, const outline_part *part, const unsigned char *hidden,
               int keeps_hidden, int keeps_pieces, tile_cover *covers)
{
  for (int i = 0; i < part->columns; i++) {
    work->keeps[i] = keeps_pieces && (!hidden[i] || keeps_hidden);
  }
  for (int i = 0; i < part->run_count; i++) {
    if (!add_chords(work, part, &part->runs[i])) {
      return 0;
    }
  }
  return cover_tiles(work, part->columns, hidden, keeps_hidden, covers);
}

/* -- backward ----------------------------------------------------------------------------- */

void integrate_pieces(const coverage_work *work, size_t first, size_t end, const tile_cover *covers,
                      chord_integral *integrals)
{
  for (const piece *p = work->pieces + first; p < work->pieces + end; p++) {
    size_t winding = covers[p->place >> (2 * TILE_SHIFT)].winding;
    float gradient = work->windings.tiles[winding].pixels[p->place & (TILE_PIXELS - 1)];
    integrals[p->integral].plain += gradient * p->length;
    integrals[p->integral].by_parameter += gradient * p->moment;
  }
}

void add_run_gradient(const point *vertices, const chord_run *run, const chord_integral *integrals,
                      point *vertex_gradient)
{
  const chord_integral *sum = integrals + run->first_integral;
  const point *v = vertices + run->first;
  point *gradient = vertex_gradient + run->first;
  for (int i = 0; i < run->count; i++) {
    point normal = {-(v[i + 1].y - v[i].y), v[i + 1].x - v[i].x};
    float at_end = sum[i].by_parameter, at_start = sum[i].plain - sum[i].by_parameter;
    gradient[i].x += at_start * normal.x;
    gradient[i].y += at_start * normal.y;
    gradient[i + 1].x += at_end * normal.x;
    gradient[i + 1].y += at_end * normal.y;
  }
}
