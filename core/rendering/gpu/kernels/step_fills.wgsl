// SPDX-License-Identifier: GPL-3.0-or-later
//
// Adam for colors and ramps (core/adam.py). One thread per path.
//
// Both moments are discounted sums, m <- 0.9 m + g and v <- 0.999 v + g^2, beside the discounted
// numbers of steps: x <- x - rate * speed * (m / first_count) / (sqrt(v / second_count) + 1e-8).
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> state: State;
@group(0) @binding(2) var<storage, read> fill_gradients: array<vec4f>;  // SUMS a path
@group(0) @binding(3) var<storage, read_write> fills: array<Fill>;
@group(0) @binding(4) var<storage, read_write> moments: array<vec4f>;   // SUMS of m, SUMS of v

// What Adam adds to part `part` of a fill, for a rate of 1.
fn change(path: u32, part: u32, gradient: vec4f) -> vec4f {
  let place = 2u * SUMS * path + part;
  let g = gradient * params.gradient_scale;
  let first = moments[place] * 0.9 + g;
  let second = moments[place + SUMS] * 0.999 + g * g;
  moments[place] = first;
  moments[place + SUMS] = second;
  let size = sqrt(second * (1.0 / state.second_count)) + 1e-8;
  return -(state.speed / state.first_count) * (first / size);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let path = id.x;
  if (path >= params.path_count || state.overflow != 0u) { return; }
  var g = fill_gradients[SUMS * path];
  if ((params.flags & MOVES_OPACITY) == 0u) { g.a = 0.0; }
  let color = fills[path].color + params.color_rate * change(path, 0u, g);
  fills[path].color = clamp(color, vec4f(0.0), vec4f(1.0));
  if (SUMS > 1u && fills[path].kind != 0u) {
    let end = params.color_rate * change(path, 1u, fill_gradients[SUMS * path + 1u]).rgb;
    fills[path].end_color = clamp(fills[path].end_color + end, vec3f(0.0), vec3f(1.0));
    fills[path].axis += params.axis_rate * change(path, 2u, fill_gradients[SUMS * path + 2u]);
  }
}
