// SPDX-License-Identifier: GPL-3.0-or-later
//
// Structures that the kernels share; core/rendering/gpu/layouts.py has the same for the host.
//
// Lengths are pixels. A tile is 16 x 16 pixels. A pair is one path in one tile that the path's box
// touches. Pairs are numbered path by path and, within a path, row by row of tiles:
//
//   pair = first_pair + (ty - tile_top) * (tile_right - tile_left) + (tx - tile_left)
//
// The host prepends `const SUMS`, the number of vec4 sums kept for each pair: 1, or 3 where the
// scene has ramps.

const TILE: i32 = 16;
const PIXELS_PER_TILE: u32 = 256u;

// Bits of Params.flags.
const MOVES_OPACITY: u32 = 1u;
const WRITES_IMAGE: u32 = 2u;
const FINDS_REMOVAL_COST: u32 = 4u;  // in place of the gradients of opacities
const KEEPS_STILL: u32 = 8u;         // the step is not counted
const GOAL_IS_GRADIENT: u32 = 16u;   // `goal` holds d(loss)/d(picture)

struct Params {
  width: u32, height: u32, tiles_x: u32, tiles_y: u32,
  path_count: u32, segment_count: u32, pair_capacity: u32, flags: u32,
  background: vec3f, sharpness: f32,
  error_scale: f32,      // 1 / (3 * height * width)
  gradient_scale: f32,   // 1.5 * height * width: the unit of Adam's gradients is the pixel
  color_rate: f32, axis_rate: f32,
  overrun: f32,          // how far points may leave the canvas
  fairness: f32, smoothness: f32, spike_penalty: f32,
  minimum_area: f32, minimum_thickness: f32, unused_0: f32, unused_1: f32,
};

// Changes from step to step, on the device only.
struct State {
  step: u32,             // steps done
  overflow: u32,         // 1: pairs outgrew their room; nothing moves until the host makes room
  pairs_wanted: u32,     // the largest number of pairs met
  unused_0: u32,
  first_count: f32, second_count: f32,  // Adam's discounted numbers of steps
  speed: f32,            // factor of all learning rates in this step
  unused_1: f32,
};

// One cubic, ready to be cut into `count` chords: vertex i is the polynomial at i / count.
struct Segment {
  a: vec2f, b: vec2f, c: vec2f, d: vec2f,
  start: vec2f, end: vec2f,   // joints with both neighbors
  low: vec2f, high: vec2f,    // box of the vertices
  count: u32, unused: u32,
};

// Sums over the vertices of a cubic of gradient times t^3, t^2, t and 1; both ends apart.
struct SegmentGradient { a: vec2f, b: vec2f, c: vec2f, d: vec2f, start: vec2f, end: vec2f };

// Box of a path on the canvas in pixels and in tiles, and its pairs. One more box after the last
// path holds the number of all pairs as first_pair, and in `fits` 1 if there is room for them.
struct Box {
  left: i32, top: i32, right: i32, bottom: i32,
  tile_left: i32, tile_top: i32, tile_right: i32, tile_bottom: i32,
  first_pair: u32, pair_count: u32,
  fits: u32, unused: u32,
};

struct Fill {
  color: vec4f,                             // of the start, where the fill is a ramp
  axis: vec4f,                              // start and end of the ramp
  end_color: vec3f, kind: u32,              // 0 flat, 1 linear, 2 radial
  first_segment: u32, last_segment: u32,    // the path's cubics
  region: i32, containment: f32,
};

fn vertex_of(segment: Segment, i: u32) -> vec2f {
  if (i == 0u) { return segment.start; }
  if (i == segment.count) { return segment.end; }
  let t = f32(i) * (1.0 / f32(segment.count));
  return ((segment.a * t + segment.b) * t + segment.c) * t + segment.d;
}
