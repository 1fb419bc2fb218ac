// SPDX-License-Identifier: GPL-3.0-or-later
//
// Cubics to polynomials of their vertices (core/native/flatten.c). One thread per cubic.
//
// A cubic is cut at uniform parameters into n chords, n = ceil(sqrt(bend / 0.012)) in [6, 256].
// Every vertex is moved by -B''/(12 n^2), so that the area between curve and chords is zero to the
// leading order; the move is a polynomial as well and is folded into c and d. Two neighbors move
// their common vertex differently and meet halfway, so each thread also looks at both neighbors.
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> points: array<vec2f>;
@group(0) @binding(2) var<storage, read> links: array<vec4u>;  // next, previous cubic; path
@group(0) @binding(3) var<storage, read_write> segments: array<Segment>;

const FARTHEST: f32 = 1e6;       // coordinates beyond this only cost precision
const TWICE_FLATNESS: f32 = 0.012;

struct Cubic { p0: vec2f, p1: vec2f, p2: vec2f, p3: vec2f };
struct Polynomial { a: vec2f, b: vec2f, c: vec2f, d: vec2f };

fn near_point(i: u32) -> vec2f { return clamp(points[i], vec2f(-FARTHEST), vec2f(FARTHEST)); }

fn cubic_of(s: u32) -> Cubic {
  return Cubic(near_point(3u * s), near_point(3u * s + 1u), near_point(3u * s + 2u),
               near_point(3u * links[s].x));
}

fn chords_needed(cubic: Cubic) -> u32 {
  let at_start = cubic.p0 - 2.0 * cubic.p1 + cubic.p2;
  let at_end = cubic.p1 - 2.0 * cubic.p2 + cubic.p3;
  let bend = sqrt(max(dot(at_start, at_start), dot(at_end, at_end)));
  return clamp(u32(min(ceil(sqrt(bend / TWICE_FLATNESS)), 256.0)), 6u, 256u);
}

fn polynomial_of(cubic: Cubic, count: u32) -> Polynomial {
  let shift = 0.5 / f32(count * count);
  let a = cubic.p3 - cubic.p0 + 3.0 * (cubic.p1 - cubic.p2);
  let b = 3.0 * (cubic.p0 - 2.0 * cubic.p1 + cubic.p2);
  return Polynomial(a, b, 3.0 * (cubic.p1 - cubic.p0) - shift * a, cubic.p0 - (shift / 3.0) * b);
}

fn start_of(f: Polynomial) -> vec2f { return f.d; }
fn end_of(f: Polynomial) -> vec2f { return f.a + f.b + f.c + f.d; }

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let s = id.x;
  if (s >= params.segment_count) { return; }
  let own = cubic_of(s);
  let previous = cubic_of(links[s].y);
  let next = cubic_of(links[s].x);
  let count = chords_needed(own);
  let f = polynomial_of(own, count);
  var result: Segment;
  result.a = f.a; result.b = f.b; result.c = f.c; result.d = f.d;
  result.count = count;
  result.start =
      0.5 * (start_of(f) + end_of(polynomial_of(previous, chords_needed(previous))));
  result.end = 0.5 * (end_of(f) + start_of(polynomial_of(next, chords_needed(next))));
  var low = min(result.start, result.end);
  var high = max(result.start, result.end);
  for (var i = 1u; i < count; i++) {
    let vertex = vertex_of(result, i);
    low = min(low, vertex);
    high = max(high, vertex);
  }
  result.low = low;
  result.high = high;
  segments[s] = result;
}
