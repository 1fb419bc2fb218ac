// SPDX-License-Identifier: GPL-3.0-or-later
//
// Adam for control points (core/adam.py; formula in step_fills.wgsl), which may leave the canvas by
// `overrun` only. One thread per point. Where a point was before the step stays in `before`.
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> state: State;
@group(0) @binding(2) var<storage, read> gradients: array<vec2f>;
@group(0) @binding(3) var<storage, read> rates: array<f32>;
@group(0) @binding(4) var<storage, read_write> points: array<vec2f>;
@group(0) @binding(5) var<storage, read_write> moments: array<vec4f>;  // m, v
@group(0) @binding(6) var<storage, read_write> before: array<vec2f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x;
  if (i >= 3u * params.segment_count || state.overflow != 0u) { return; }
  let g = gradients[i];
  let first = moments[i].xy * 0.9 + g;
  let second = moments[i].zw * 0.999 + g * g;
  moments[i] = vec4f(first, second);
  let size = sqrt(second * (1.0 / state.second_count)) + 1e-8;
  before[i] = points[i];
  let moved = points[i] - (rates[i] * state.speed / state.first_count) * (first / size);
  let limit = vec2f(f32(params.width), f32(params.height)) + params.overrun;
  points[i] = clamp(moved, vec2f(-params.overrun), limit);
}
