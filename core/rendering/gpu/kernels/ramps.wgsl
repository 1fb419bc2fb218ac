// SPDX-License-Identifier: GPL-3.0-or-later
//
// Colors of fills at four pixels of a row, and the gradients of ramps (core/native/ramp.c).
//
// With u = p - start and d = end - start, where t is not clamped:
//   linear: t = u.d / |d|^2,  dt/d(end) = (u - 2 t d) / |d|^2,  dt/d(start) = -that - d / |d|^2
//   radial: t = |u| / |d|,    dt/d(end) = -t d / |d|^2,         dt/d(start) = -that - u / (|u| |d|)
// An axis shorter than SHORTEST has t = 1 everywhere and no gradient.

const SHORTEST: f32 = 1e-6;
const FARTHEST_AXIS: f32 = 1e6;

// Four pixels of a row, one component each.
struct Pixels { red: vec4f, green: vec4f, blue: vec4f };

fn total(v: vec4f) -> f32 { return (v.x + v.y) + (v.z + v.w); }

fn axis_start(path: u32) -> vec2f {
  return clamp(fills[path].axis.xy, vec2f(-FARTHEST_AXIS), vec2f(FARTHEST_AXIS));
}

// From the start of the axis to its end.
fn axis_vector(path: u32) -> vec2f {
  return clamp(fills[path].axis.zw, vec2f(-FARTHEST_AXIS), vec2f(FARTHEST_AXIS)) - axis_start(path);
}

// t of the pixels with centers (x, y).
fn ramp_position(path: u32, x: vec4f, y: f32) -> vec4f {
  let d = axis_vector(path);
  let size = length(d);
  if (size <= SHORTEST) { return vec4f(1.0); }
  let u = x - axis_start(path).x;
  let v = y - axis_start(path).y;
  if (fills[path].kind == 1u) {
    return clamp((u * d.x + v * d.y) / (size * size), vec4f(0.0), vec4f(1.0));
  }
  return clamp(sqrt(u * u + v * v) / size, vec4f(0.0), vec4f(1.0));
}

fn fill_colors(path: u32, t: vec4f) -> Pixels {
  let start = fills[path].color.rgb;
  if (fills[path].kind == 0u) {
    return Pixels(vec4f(start.r), vec4f(start.g), vec4f(start.b));
  }
  let end = fills[path].end_color;
  let rest = 1.0 - t;
  return Pixels(rest * start.r + t * end.r, rest * start.g + t * end.g,
                rest * start.b + t * end.b);
}

// What the lane's pixels add to the gradient of a color that they show with these shares.
fn color_sum(g: Pixels, share: vec4f) -> vec3f {
  return vec3f(total(share * g.red), total(share * g.green), total(share * g.blue));
}

// What the lane's pixels add to the gradient of the axis. `seen` is the share of the picture that
// the path has in each pixel.
fn axis_sum(path: u32, g: Pixels, seen: vec4f, t: vec4f, x: vec4f, y: f32) -> vec4f {
  let d = axis_vector(path);
  let size = length(d);
  if (size <= SHORTEST) { return vec4f(0.0); }
  let rise = fills[path].end_color - fills[path].color.rgb;
  let is_inside = (t > vec4f(0.0)) & (t < vec4f(1.0));
  let t_gradient =
      select(vec4f(0.0), seen * (g.red * rise.r + g.green * rise.g + g.blue * rise.b), is_inside);
  let per_square = 1.0 / (size * size);
  let u = x - axis_start(path).x;
  let v = y - axis_start(path).y;
  let along = total(t_gradient * t);
  var end: vec2f;
  var rest: vec2f;
  if (fills[path].kind == 1u) {
    let plain = total(t_gradient);
    end = (vec2f(total(t_gradient * u), plain * v) - 2.0 * along * d) * per_square;
    rest = plain * d * per_square;
  } else {
    let over_t = select(vec4f(0.0), t_gradient / t, t > vec4f(0.0));
    end = -along * d * per_square;
    rest = vec2f(total(over_t * u), total(over_t) * v) * per_square;
  }
  return vec4f(-end - rest, end);
}
