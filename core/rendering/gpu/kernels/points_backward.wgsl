// SPDX-License-Identifier: GPL-3.0-or-later
//
// From the vertices to the control points (core/native/flatten.c), times `gradient_scale`, and the
// pulls of core/refinement/simplicity.py. One thread per cubic writes the gradients of its anchor
// and of its two handles; nothing is scattered, so nothing needs atomics.
//
// The coefficients of the vertices are a = p3 - p0 + 3 (p1 - p2), b = 3 (p0 - 2 p1 + p2),
// c = 3 (p1 - p0) - shift a, d = p0 - shift / 3 b. Transposed, they give the weights below; the
// anchor also ends the cubic before it, as its p3.
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> segments: array<Segment>;
@group(0) @binding(2) var<storage, read> links: array<vec4u>;
@group(0) @binding(3) var<storage, read> segment_gradients: array<SegmentGradient>;
@group(0) @binding(4) var<storage, read> points: array<vec2f>;
@group(0) @binding(5) var<storage, read_write> gradients: array<vec2f>;

struct PolynomialGradient { a: vec2f, b: vec2f, c: vec2f, d: vec2f };

// Half of each joint belongs to the cubic: the start at t = 0, the end at t = 1.
fn polynomial_gradient(s: u32) -> PolynomialGradient {
  let own = segment_gradients[s];
  let half_start = 0.5 * (own.start + segment_gradients[links[s].y].end);
  let half_end = 0.5 * (own.end + segment_gradients[links[s].x].start);
  let shift = 0.5 / f32(segments[s].count * segments[s].count);
  let c = own.c + half_end;
  let d = own.d + half_end + half_start;
  return PolynomialGradient(own.a + half_end - shift * c, own.b + half_end - (shift / 3.0) * d,
                            c, d);
}

fn previous_point(i: u32) -> u32 {
  if (i % 3u == 0u) { return 3u * links[i / 3u].y + 2u; }
  return i - 1u;
}

fn next_point(i: u32) -> u32 {
  if (i % 3u == 2u) { return 3u * links[i / 3u].x; }
  return i + 1u;
}

fn unevenness(i: u32) -> vec2f {
  return points[i] - 0.5 * (points[previous_point(i)] + points[next_point(i)]);
}

fn fairness_gradient(i: u32) -> vec2f {
  return unevenness(i) - 0.5 * (unevenness(previous_point(i)) + unevenness(next_point(i)));
}

// Smoothness and spike penalty: the pull at the anchor of a cubic; both its handles get -1/2 of it.
fn pull_at_anchor(s: u32) -> vec2f {
  let anchor = points[3u * s];
  let arriving = anchor - points[previous_point(3u * s)];
  let leaving = points[3u * s + 1u] - anchor;
  let tangent = (arriving + leaving) / max(length(arriving + leaving), 1e-6);
  let cosine = dot(arriving, leaving) / max(length(arriving) * length(leaving), 1e-6);
  let astray = arriving - dot(arriving, tangent) * tangent;
  return params.smoothness * 2.0 * astray * clamp(2.0 * cosine - 1.0, 0.0, 1.0) +
         params.spike_penalty * 0.5 * (arriving - leaving) * clamp(-0.2 - cosine, 0.0, 1.0);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let s = id.x;
  if (s >= params.segment_count) { return; }
  let g = polynomial_gradient(s);
  let before = polynomial_gradient(links[s].y);
  var at_anchor = vec2f(0.0);
  var at_first = vec2f(0.0);
  var at_second = vec2f(0.0);
  if (params.fairness + params.smoothness + params.spike_penalty > 0.0) {
    let pull = pull_at_anchor(s);
    at_anchor = pull + params.fairness * fairness_gradient(3u * s);
    at_first = -0.5 * pull + params.fairness * fairness_gradient(3u * s + 1u);
    at_second = -0.5 * pull_at_anchor(links[s].x) + params.fairness * fairness_gradient(3u * s + 2u);
  }
  let scale = params.gradient_scale;
  gradients[3u * s] = scale * (g.d - 3.0 * g.c + 3.0 * g.b - g.a + before.a) + at_anchor;
  gradients[3u * s + 1u] = scale * (3.0 * (g.c - 2.0 * g.b + g.a)) + at_first;
  gradients[3u * s + 2u] = scale * (3.0 * (g.b - g.a)) + at_second;
}
