// SPDX-License-Identifier: GPL-3.0-or-later
//
// What kernels that look at whole outlines share (core/native/outline.c): control points of cubics,
// boxes, and whether two chords cross.

// What such kernels keep for each cubic.
struct Work {
  samples: array<vec2f, 8>,
  arcs: array<f32, 8>,            // length along the cubic up to the sample
  low: vec2f, high: vec2f,        // box of the samples, the next cubic's first among them
  length: f32, start_arc: f32,    // of the cubic; of its ring up to the cubic
  ring_length: f32, ring: u32,    // of the whole ring; the ring's first cubic
  push: array<atomic<i32>, 8>,    // of its anchor, both handles and the next anchor
  crosses: atomic<u32>,
  reverted: u32,                  // a bit for its anchor and for each of its handles
};

// Control point k of a cubic; the fourth is the anchor of the next one.
fn control(s: u32, k: u32) -> u32 {
  if (k == 3u) { return 3u * links[s].x; }
  return 3u * s + k;
}

fn bernstein(t: f32) -> vec4f {
  let u = 1.0 - t;
  return vec4f(u * u * u, 3.0 * t * u * u, 3.0 * t * t * u, t * t * t);
}

fn curve_at(s: u32, t: f32) -> vec2f {
  let w = bernstein(t);
  return w.x * points[control(s, 0u)] + w.y * points[control(s, 1u)] +
         w.z * points[control(s, 2u)] + w.w * points[control(s, 3u)];
}

fn boxes_are_near(a: u32, b: u32, distance: f32) -> bool {
  return all(work[a].low <= work[b].high + distance) && all(work[b].low <= work[a].high + distance);
}

fn cross_product(a: vec2f, b: vec2f) -> f32 { return a.x * b.y - a.y * b.x; }

fn chords_cross(a: vec2f, b: vec2f, c: vec2f, d: vec2f) -> bool {
  let first = b - a;
  let second = d - c;
  return (cross_product(first, c - a) > 0.0) != (cross_product(first, d - a) > 0.0) &&
         (cross_product(second, a - c) > 0.0) != (cross_product(second, b - c) > 0.0);
}

// Whether chord j of cubic b is chord i of cubic a or comes right before or after it, for `count`
// chords a cubic.
fn are_neighbors(a: u32, i: u32, b: u32, j: u32, count: u32) -> bool {
  if (a == b && (i == j || i + 1u == j || j + 1u == i)) { return true; }
  return (i + 1u == count && j == 0u && links[a].x == b) ||
         (j + 1u == count && i == 0u && links[b].x == a);
}

// Whether a chord comes into the box from low to high.
fn chord_enters(from_: vec2f, to: vec2f, low: vec2f, high: vec2f) -> bool {
  return all(min(from_, to) <= high) && all(max(from_, to) >= low);
}

// Whether a cubic always goes on in the direction of its chord, so that it cannot meet itself.
fn goes_straight_on(s: u32) -> bool {
  let p0 = points[control(s, 0u)];
  let p1 = points[control(s, 1u)];
  let p2 = points[control(s, 2u)];
  let p3 = points[control(s, 3u)];
  return dot(p1 - p0, p3 - p0) > 0.0 && dot(p2 - p1, p3 - p0) > 0.0 && dot(p3 - p2, p3 - p0) > 0.0;
}
