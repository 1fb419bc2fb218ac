// SPDX-License-Identifier: GPL-3.0-or-later
//
// The winding number of each pixel of a pair, averaged exactly over the pixel
// (core/native/coverage.c). One workgroup per pair: eight lanes per cubic, then four pixels per
// lane.
//
// A piece of a chord of signed height h, whose middle lies at x in column c, adds h to the winding
// of everything right of it, and h * (1 - (x - c)) to column c itself. So a cell gets
// h - h * (x - c), its right neighbor h * (x - c), and a running sum along the row gives the
// winding. Pieces left of the tile add to column 0.
//
// WGSL has no atomic addition of floats: cells are integers in units of 2^-22. Integers add up to
// the same in any order, so the result has the same bits on every run; and the second term is
// `whole` less the first, so no height is lost by rounding.
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> segments: array<Segment>;
@group(0) @binding(2) var<storage, read> fills: array<Fill>;
@group(0) @binding(3) var<storage, read> boxes: array<Box>;
@group(0) @binding(4) var<storage, read_write> winding: array<vec4f>;  // [pairs, 16 rows, 4]

const COLUMNS: i32 = 18;       // 16, and what a chord on the right edge spills
const CELLS: u32 = 288u;
const ONE: f32 = 4194304.0;    // 2^22

var<workgroup> cells: array<atomic<i32>, 288>;
var<workgroup> lane_sums: array<i32, 64>;

// The last path whose first pair is not above `pair`.
fn path_of_pair(pair: u32) -> u32 {
  var low = 0u;
  var high = params.path_count;
  while (high - low > 1u) {
    let middle = (low + high) / 2u;
    if (boxes[middle].first_pair <= pair) { low = middle; } else { high = middle; }
  }
  return low;
}

fn add_to_cell(row: i32, column: i32, height: f32, middle: f32) {
  let whole = i32(round(height * ONE));
  let right = i32(round(height * (middle - f32(column)) * ONE));
  atomicAdd(&cells[row * COLUMNS + column], whole - right);
  atomicAdd(&cells[row * COLUMNS + column + 1], right);
}

// A piece of a chord that lies within one row, from x = from_x to to_x >= from_x.
fn add_to_row(row: i32, from_x: f32, to_x: f32, full_height: f32) {
  let width = f32(TILE);
  var start_x = from_x;
  var end_x = to_x;
  var height = full_height;
  if (start_x >= width) { return; }
  if (end_x <= 0.0) {
    atomicAdd(&cells[row * COLUMNS], i32(round(height * ONE)));
    return;
  }
  if (start_x < 0.0) {
    let outside = height * (-start_x / (end_x - start_x));
    atomicAdd(&cells[row * COLUMNS], i32(round(outside * ONE)));
    height -= outside;
    start_x = 0.0;
  }
  if (end_x > width) {
    height *= (width - start_x) / (end_x - start_x);
    end_x = width;
  }
  let first = i32(start_x);
  let last = i32(end_x);
  if (first == last) {
    add_to_cell(row, first, height, 0.5 * (start_x + end_x));
    return;
  }
  let per_pixel = height / (end_x - start_x);
  for (var column = first; column <= last; column++) {
    let enter = max(start_x, f32(column));
    let leave = min(end_x, f32(column + 1));
    add_to_cell(row, column, per_pixel * (leave - enter), 0.5 * (enter + leave));
  }
}

// A chord from p to q, in pixels from the tile's corner.
fn add_chord(p: vec2f, q: vec2f) {
  if (p.y == q.y) { return; }
  let goes_down = q.y > p.y;
  let upper = select(q, p, goes_down);
  let lower = select(p, q, goes_down);
  let top = max(upper.y, 0.0);
  let bottom = min(lower.y, f32(TILE));
  if (top >= bottom) { return; }
  let slope = (lower.x - upper.x) / (lower.y - upper.y);
  var x = upper.x + (top - upper.y) * slope;
  for (var row = i32(top); row < TILE && f32(row) < bottom; row++) {
    let enter = max(top, f32(row));
    let leave = min(bottom, f32(row + 1));
    var next_x = lower.x;
    if (leave < lower.y) { next_x = upper.x + (leave - upper.y) * slope; }
    let height = select(enter - leave, leave - enter, goes_down);
    add_to_row(row, min(x, next_x), max(x, next_x), height);
    x = next_x;
  }
}

fn add_outline(path: u32, corner: vec2f, lane: u32) {
  let far = corner + vec2f(f32(TILE));
  for (var s = fills[path].first_segment + lane / 8u; s < fills[path].last_segment; s += 8u) {
    let low = segments[s].low;
    let high = segments[s].high;
    if (high.y > corner.y && low.y < far.y && low.x < far.x) {
      let segment = segments[s];
      for (var i = lane % 8u; i < segment.count; i += 8u) {
        add_chord(vertex_of(segment, i) - corner, vertex_of(segment, i + 1u) - corner);
      }
    }
  }
}

// The running sum of four cells of a row, from the row's start.
fn running_sum(lane: u32) -> vec4i {
  let first = i32(lane / 4u) * COLUMNS + i32(lane % 4u) * 4;
  var sum: vec4i;
  sum.x = atomicLoad(&cells[first]);
  sum.y = sum.x + atomicLoad(&cells[first + 1]);
  sum.z = sum.y + atomicLoad(&cells[first + 2]);
  sum.w = sum.z + atomicLoad(&cells[first + 3]);
  lane_sums[lane] = sum.w;
  workgroupBarrier();
  var left = 0;
  for (var i = lane & ~3u; i < lane; i++) { left += lane_sums[i]; }
  return sum + vec4i(left);
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) lane: u32) {
  let pairs = boxes[params.path_count].first_pair;
  for (var pair = group.x; pair < pairs; pair += groups.x) {
    for (var i = lane; i < CELLS; i += 64u) { atomicStore(&cells[i], 0); }
    workgroupBarrier();
    let path = path_of_pair(pair);
    let index = i32(pair - boxes[path].first_pair);
    let across = boxes[path].tile_right - boxes[path].tile_left;
    let tile = vec2i(boxes[path].tile_left + index % across, boxes[path].tile_top + index / across);
    add_outline(path, vec2f(tile * TILE), lane);
    workgroupBarrier();
    winding[pair * 64u + lane] = vec4f(running_sum(lane)) * (1.0 / ONE);
    workgroupBarrier();
  }
}
