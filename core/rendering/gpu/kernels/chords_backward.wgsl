// SPDX-License-Identifier: GPL-3.0-or-later
//
// From d(loss)/d(winding) along the chords to the vertices of cubics (core/native/coverage.c).
// Eight lanes per cubic, which add up in order.
//
// Moving a piece of a chord sideways changes the winding of the pixel it lies in only. With G the
// gradient of that pixel's winding, P the integral of G over a chord's parameter t in [0, 1], Q
// that of G * t, and n = (p.y - q.y, q.x - p.x), vertex p gets (P - Q) * n and vertex q gets Q * n.
// The vertices of a cubic are a polynomial of its coefficients: sums of the gradients times t^3,
// t^2, t and 1 are all that the way to the control points needs.
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> segments: array<Segment>;
@group(0) @binding(2) var<storage, read> links: array<vec4u>;
@group(0) @binding(3) var<storage, read> boxes: array<Box>;
@group(0) @binding(4) var<storage, read> winding_gradients: array<f32>;
@group(0) @binding(5) var<storage, read_write> segment_gradients: array<SegmentGradient>;

var<workgroup> lanes: array<SegmentGradient, 64>;

// G of a pixel, counted from the corner of the path's box.
fn gradient_at(box: Box, row: i32, column: i32) -> f32 {
  let x = column + box.left;
  let y = row + box.top;
  let across = box.tile_right - box.tile_left;
  let pair = box.first_pair + u32((y / TILE - box.tile_top) * across + x / TILE - box.tile_left);
  return winding_gradients[pair * PIXELS_PER_TILE + u32((y % TILE) * TILE + x % TILE)];
}

// (P, Q) of the part of a chord from t = start to end, which lies within one row.
fn integrate_row(box: Box, row: i32, p: vec2f, step: vec2f, start: f32, end: f32) -> vec2f {
  let columns = box.right - box.left;
  let left = min(p.x + start * step.x, p.x + end * step.x);
  let right = max(p.x + start * step.x, p.x + end * step.x);
  if (right < 0.0 || left >= f32(columns)) { return vec2f(0.0); }
  let first = i32(max(left, 0.0));
  let last = min(i32(right), columns - 1);
  if (first == last && left >= 0.0 && right <= f32(columns)) {
    let piece = gradient_at(box, row, first) * (end - start);
    return vec2f(piece, piece * 0.5 * (start + end));
  }
  var sum = vec2f(0.0);
  let per_column = 1.0 / step.x;
  for (var column = first; column <= last; column++) {
    let t = (f32(column) - p.x) * per_column;
    let u = (f32(column + 1) - p.x) * per_column;
    let enter = max(min(t, u), start);
    let leave = min(max(t, u), end);
    if (leave > enter) {
      let piece = gradient_at(box, row, column) * (leave - enter);
      sum += vec2f(piece, piece * 0.5 * (enter + leave));
    }
  }
  return sum;
}

// (P, Q) of a chord from p to q.
fn integrate_chord(box: Box, p: vec2f, q: vec2f) -> vec2f {
  let rows = box.bottom - box.top;
  let step = q - p;
  let top = max(min(p.y, q.y), 0.0);
  let bottom = min(max(p.y, q.y), f32(rows));
  if (top > bottom || top >= f32(rows)) { return vec2f(0.0); }
  let first = i32(top);
  let last = min(i32(bottom), rows - 1);
  if (first == last && min(p.y, q.y) >= 0.0 && max(p.y, q.y) <= f32(rows)) {
    return integrate_row(box, first, p, step, 0.0, 1.0);
  }
  var sum = vec2f(0.0);
  let per_row = 1.0 / step.y;
  for (var row = first; row <= last; row++) {
    let t = (f32(row) - p.y) * per_row;
    let u = (f32(row + 1) - p.y) * per_row;
    let enter = max(min(t, u), 0.0);
    let leave = min(max(t, u), 1.0);
    if (leave > enter) { sum += integrate_row(box, row, p, step, enter, leave); }
  }
  return sum;
}

fn with_vertex(sum: SegmentGradient, t: f32, gradient: vec2f) -> SegmentGradient {
  return SegmentGradient(sum.a + t * t * t * gradient, sum.b + t * t * gradient,
                         sum.c + t * gradient, sum.d + gradient, sum.start, sum.end);
}

// What every eighth chord of a cubic adds.
fn sum_of_chords(segment: Segment, box: Box, lane: u32) -> SegmentGradient {
  var sum: SegmentGradient;
  let corner = vec2f(f32(box.left), f32(box.top));
  let per_chord = 1.0 / f32(segment.count);
  for (var i = lane % 8u; i < segment.count; i += 8u) {
    let p = vertex_of(segment, i) - corner;
    let q = vertex_of(segment, i + 1u) - corner;
    let integral = integrate_chord(box, p, q);
    let normal = vec2f(p.y - q.y, q.x - p.x);
    let at_start = (integral.x - integral.y) * normal;
    let at_end = integral.y * normal;
    if (i == 0u) {
      sum.start += at_start;
    } else {
      sum = with_vertex(sum, f32(i) * per_chord, at_start);
    }
    if (i + 1u == segment.count) {
      sum.end += at_end;
    } else {
      sum = with_vertex(sum, f32(i + 1u) * per_chord, at_end);
    }
  }
  return sum;
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let s = group.x * 8u + lane / 8u;
  var sum: SegmentGradient;
  if (s < params.segment_count && boxes[params.path_count].fits == 1u) {
    let box = boxes[links[s].z];
    if (box.right > box.left) { sum = sum_of_chords(segments[s], box, lane); }
  }
  lanes[lane] = sum;
  workgroupBarrier();
  if (lane % 8u != 0u || s >= params.segment_count) { return; }
  for (var i = lane + 1u; i < lane + 8u; i++) {
    sum.a += lanes[i].a; sum.b += lanes[i].b; sum.c += lanes[i].c; sum.d += lanes[i].d;
    sum.start += lanes[i].start; sum.end += lanes[i].end;
  }
  segment_gradients[s] = sum;
}
