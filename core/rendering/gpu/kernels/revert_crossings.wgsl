// SPDX-License-Identifier: GPL-3.0-or-later
//
// A close look at whether outlines cross themselves, with 40 chords a cubic where keep_simple.wgsl
// has 8 (semvec_find_crossings in core/native/outline.c). One workgroup per path.
//
// A path that crosses itself goes back to `simple_points`, where it was at the last close look, and
// its points forget where they were heading. The others become the new `simple_points`.
@group(0) @binding(0) var<storage, read> state: State;
@group(0) @binding(1) var<storage, read> links: array<vec4u>;
@group(0) @binding(2) var<storage, read> fills: array<Fill>;
@group(0) @binding(3) var<storage, read_write> points: array<vec2f>;
@group(0) @binding(4) var<storage, read_write> moments: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> work: array<Work>;
@group(0) @binding(6) var<storage, read_write> simple_points: array<vec2f>;

const SAMPLES: u32 = 40u;

var<workgroup> crossings: atomic<u32>;
var<workgroup> crossings_seen: u32;

fn sample_at(s: u32, i: u32) -> vec2f {
  if (i < SAMPLES) { return curve_at(s, f32(i) / f32(SAMPLES)); }
  return points[control(s, 3u)];
}

fn find_box(s: u32) {
  var low = sample_at(s, 0u);
  var high = low;
  for (var i = 1u; i <= SAMPLES; i++) {
    let sample = sample_at(s, i);
    low = min(low, sample);
    high = max(high, sample);
  }
  work[s].low = low;
  work[s].high = high;
}

fn cubics_cross(a: u32, b: u32) -> bool {
  if (!boxes_are_near(a, b, 0.0)) { return false; }
  let low = max(work[a].low, work[b].low);
  let high = min(work[a].high, work[b].high);
  var to_a = sample_at(a, 0u);
  for (var i = 0u; i < SAMPLES; i++) {
    let from_a = to_a;
    to_a = sample_at(a, i + 1u);
    if (!chord_enters(from_a, to_a, low, high)) { continue; }
    var to_b = sample_at(b, 0u);
    for (var j = 0u; j < SAMPLES; j++) {
      let from_b = to_b;
      to_b = sample_at(b, j + 1u);
      if (!are_neighbors(a, i, b, j, SAMPLES) && chords_cross(from_a, to_a, from_b, to_b)) {
        return true;
      }
    }
  }
  return false;
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  if (state.overflow != 0u) { return; }
  let first = fills[group.x].first_segment;
  let last = fills[group.x].last_segment;
  if (lane == 0u) { atomicStore(&crossings, 0u); }
  for (var s = first + lane; s < last; s += 64u) { find_box(s); }
  storageBarrier();
  workgroupBarrier();
  let count = last - first;
  for (var pair = lane; pair < count * count; pair += 64u) {
    let a = first + pair / count;
    let b = first + pair % count;
    if (b < a || (b == a && goes_straight_on(a))) { continue; }
    if (cubics_cross(a, b)) { atomicStore(&crossings, 1u); }
  }
  workgroupBarrier();
  if (lane == 0u) { crossings_seen = atomicLoad(&crossings); }
  let is_crossing = workgroupUniformLoad(&crossings_seen) != 0u;
  for (var i = 3u * first + lane; i < 3u * last; i += 64u) {
    if (is_crossing) {
      points[i] = simple_points[i];
      moments[i] = vec4f(vec2f(0.0), moments[i].zw);
    }
    simple_points[i] = points[i];
  }
}
