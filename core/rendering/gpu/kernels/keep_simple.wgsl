// SPDX-License-Identifier: GPL-3.0-or-later
//
// Keeps outlines simple after a step of the optimizer (core/native/simplicity.c). One workgroup
// per path; its lanes take cubics, or pairs of cubics, in turns.
//
//   1. handles that are too long for their chord, or point backwards, are shortened;
//   2. parts of the outline that come too near to each other push themselves apart;
//   3. where chords of the outline still cross, the cubics involved go back to where they were
//      before the step, in the last resort the whole path;
//   4. a path that shrank to a speck or a sliver goes back, too.
//
// Pushes add up as integers in units of 2^-20, so their order does not matter. What a lane wrote
// and another lane reads lies on both sides of a barrier.
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> state: State;
@group(0) @binding(2) var<storage, read> links: array<vec4u>;
@group(0) @binding(3) var<storage, read> fills: array<Fill>;
@group(0) @binding(4) var<storage, read> before: array<vec2f>;
@group(0) @binding(5) var<storage, read_write> points: array<vec2f>;
@group(0) @binding(6) var<storage, read_write> moments: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> work: array<Work>;

const SAMPLES: u32 = 8u;
const ROUNDS: u32 = 3u;
const HANDLE_REACH: f32 = 0.75;
const HANDLE_SLACK: f32 = 1.0;
const HANDLE_DAMPING: f32 = 0.7;
const CLEARANCE: f32 = 1.0;
const CLEARANCE_PER_ARC: f32 = 0.6;
const LARGEST_PUSH: f32 = 0.5;
const PUSH_ONE: f32 = 1048576.0;  // 2^20

struct Extent { area: f32, thickness: f32 };

var<workgroup> crossings: atomic<u32>;
var<workgroup> crossings_seen: u32;
var<workgroup> sums: array<vec2f, 64>;
var<workgroup> extent: Extent;

// The cubics of the path, and the lane that looks at every 64th of them.
struct Lane { first: u32, last: u32, index: u32 };

// -- 1. handles

fn tamed(handle: vec2f, anchor: vec2f, chord: vec2f) -> vec2f {
  let chord_length = length(chord);
  var reach = handle - anchor;
  if (chord_length > 1e-6) {
    let direction = chord / chord_length;
    let along = dot(reach, direction);
    if (along < 0.0) { reach -= HANDLE_DAMPING * along * direction; }
  }
  let reach_length = length(reach);
  let longest = HANDLE_REACH * chord_length + HANDLE_SLACK;
  if (reach_length > longest) {
    reach *= 1.0 - HANDLE_DAMPING * (reach_length - longest) / reach_length;
  }
  return anchor + reach;
}

fn tame_handles(l: Lane) {
  for (var s = l.first + l.index; s < l.last; s += 64u) {
    let start = points[control(s, 0u)];
    let end = points[control(s, 3u)];
    points[3u * s + 1u] = tamed(points[3u * s + 1u], start, end - start);
    points[3u * s + 2u] = tamed(points[3u * s + 2u], end, start - end);
    work[s].reverted = 0u;
  }
  storageBarrier();
}

// -- samples

fn sample_at(s: u32, i: u32) -> vec2f {
  if (i < SAMPLES) { return work[s].samples[i]; }
  return work[links[s].x].samples[0];
}

// Sample the outline as it is, or as it was before the step.
fn sample(l: Lane, is_before: bool) {
  for (var s = l.first + l.index; s < l.last; s += 64u) {
    let p0 = select(points[control(s, 0u)], before[control(s, 0u)], is_before);
    let p1 = select(points[control(s, 1u)], before[control(s, 1u)], is_before);
    let p2 = select(points[control(s, 2u)], before[control(s, 2u)], is_before);
    let p3 = select(points[control(s, 3u)], before[control(s, 3u)], is_before);
    for (var i = 0u; i < SAMPLES; i++) {
      let w = bernstein(f32(i) / f32(SAMPLES));
      work[s].samples[i] = w.x * p0 + w.y * p1 + w.z * p2 + w.w * p3;
    }
  }
  storageBarrier();
  for (var s = l.first + l.index; s < l.last; s += 64u) {
    var low = work[s].samples[0];
    var high = low;
    for (var i = 1u; i <= SAMPLES; i++) {
      low = min(low, sample_at(s, i));
      high = max(high, sample_at(s, i));
    }
    work[s].low = low;
    work[s].high = high;
    atomicStore(&work[s].crosses, 0u);
  }
  storageBarrier();
}

// -- 2. repulsion

// Lengths along each cubic and each ring; no pushes yet.
fn measure(l: Lane) {
  for (var s = l.first + l.index; s < l.last; s += 64u) {
    var arc = 0.0;
    for (var i = 0u; i < SAMPLES; i++) {
      work[s].arcs[i] = arc;
      arc += length(sample_at(s, i + 1u) - sample_at(s, i));
    }
    work[s].length = arc;
    for (var k = 0u; k < 8u; k++) { atomicStore(&work[s].push[k], 0); }
  }
  storageBarrier();
  for (var s = l.first + l.index; s < l.last; s += 64u) {
    // A ring's first cubic is the one that does not come right after its previous one.
    var begin = s;
    while (begin > l.first && links[begin].y + 1u == begin) { begin -= 1u; }
    var arc = 0.0;
    for (var i = begin; i < s; i++) { arc += work[i].length; }
    work[s].start_arc = arc;
    work[s].ring = begin;
    var i = s;
    loop {
      arc += work[i].length;
      i = links[i].x;
      if (i == begin) { break; }
    }
    work[s].ring_length = arc;
  }
  storageBarrier();
}

fn push_point(s: u32, k: u32, by: vec2f) {
  let push = vec2i(round(by * PUSH_ONE));
  atomicAdd(&work[s].push[2u * k], push.x);
  atomicAdd(&work[s].push[2u * k + 1u], push.y);
}

fn push_curve(s: u32, t: f32, by: vec2f) {
  let w = bernstein(t);
  push_point(s, 0u, w.x * by);
  push_point(s, 1u, w.y * by);
  push_point(s, 2u, w.z * by);
  push_point(s, 3u, w.w * by);
}

// How far apart sample i of cubic a and the place at arc_b on cubic b should be: CLEARANCE, or less
// where the way along the outline from one to the other is short.
fn wanted_distance(a: u32, i: u32, b: u32, arc_b: f32) -> f32 {
  if (work[a].ring != work[b].ring) { return CLEARANCE; }
  let along = abs(work[a].start_arc + work[a].arcs[i] - work[b].start_arc - arc_b);
  return min(CLEARANCE, CLEARANCE_PER_ARC * min(along, work[a].ring_length - along));
}

// Push sample i of cubic a and the chord that starts at sample j of cubic b apart.
fn repel(a: u32, i: u32, b: u32, j: u32) {
  let is_end = (a == b && i == j + 1u) || (j + 1u == SAMPLES && i == 0u && links[b].x == a);
  if ((a == b && i == j) || is_end) { return; }
  let start = sample_at(b, j);
  let chord = sample_at(b, j + 1u) - start;
  let toward = sample_at(a, i) - start;
  let squared = dot(chord, chord);
  var t = 0.0;
  if (squared > 0.0) { t = clamp(dot(toward, chord) / squared, 0.0, 1.0); }
  let away = toward - t * chord;
  let squared_distance = dot(away, away);
  if (squared_distance >= CLEARANCE * CLEARANCE || squared_distance < 1e-12) { return; }
  let distance = sqrt(squared_distance);
  let deficit = wanted_distance(a, i, b, work[b].arcs[j] + t * sqrt(squared)) - distance;
  if (deficit <= 0.0) { return; }
  let push = (min(0.5 * deficit, LARGEST_PUSH) / distance) * away;
  push_curve(a, f32(i) / f32(SAMPLES), push);
  push_curve(b, (f32(j) + t) / f32(SAMPLES), -push);
}

// The push of control point k of a cubic; an anchor is also pushed as the end of the cubic before.
fn push_of(s: u32, k: u32) -> vec2f {
  var push = vec2i(atomicLoad(&work[s].push[2u * k]), atomicLoad(&work[s].push[2u * k + 1u]));
  if (k == 0u) {
    let previous = links[s].y;
    push += vec2i(atomicLoad(&work[previous].push[6]), atomicLoad(&work[previous].push[7]));
  }
  return vec2f(push) * (1.0 / PUSH_ONE);
}

fn repel_outline(l: Lane) {
  sample(l, false);
  measure(l);
  let count = l.last - l.first;
  for (var pair = l.index; pair < count * count; pair += 64u) {
    let a = l.first + pair / count;
    let b = l.first + pair % count;
    if (!boxes_are_near(a, b, CLEARANCE)) { continue; }
    for (var i = 0u; i < SAMPLES; i++) {
      for (var j = 0u; j < SAMPLES; j++) { repel(a, i, b, j); }
    }
  }
  storageBarrier();
  for (var s = l.first + l.index; s < l.last; s += 64u) {
    for (var k = 0u; k < 3u; k++) {
      let by = push_of(s, k);
      let size = length(by);
      points[3u * s + k] += select(1.0, LARGEST_PUSH / size, size > LARGEST_PUSH) * by;
    }
  }
  storageBarrier();
}

// -- 3. line search

fn cubics_cross(a: u32, b: u32) -> bool {
  if (!boxes_are_near(a, b, 0.0)) { return false; }
  let low = max(work[a].low, work[b].low);
  let high = min(work[a].high, work[b].high);
  for (var i = 0u; i < SAMPLES; i++) {
    let from_a = sample_at(a, i);
    let to_a = sample_at(a, i + 1u);
    if (!chord_enters(from_a, to_a, low, high)) { continue; }
    for (var j = 0u; j < SAMPLES; j++) {
      if (!are_neighbors(a, i, b, j, SAMPLES) &&
          chords_cross(from_a, to_a, sample_at(b, j), sample_at(b, j + 1u))) {
        return true;
      }
    }
  }
  return false;
}

// Mark the cubics that cross others; returns in every lane whether there are any.
fn find_crossings(l: Lane) -> bool {
  if (l.index == 0u) { atomicStore(&crossings, 0u); }
  sample(l, false);
  workgroupBarrier();
  let count = l.last - l.first;
  for (var pair = l.index; pair < count * count; pair += 64u) {
    let a = l.first + pair / count;
    let b = l.first + pair % count;
    if (b < a || (b == a && goes_straight_on(a))) { continue; }
    if (cubics_cross(a, b)) {
      atomicStore(&work[a].crosses, 1u);
      atomicStore(&work[b].crosses, 1u);
      atomicStore(&crossings, 1u);
    }
  }
  storageBarrier();
  workgroupBarrier();
  if (l.index == 0u) { crossings_seen = atomicLoad(&crossings); }
  return workgroupUniformLoad(&crossings_seen) != 0u;
}

// Whether the anchor (k = 0) or handle k of a cubic belongs to a cubic that crosses another.
fn is_in_crossing(s: u32, k: u32) -> bool {
  return atomicLoad(&work[s].crosses) != 0u ||
         (k == 0u && atomicLoad(&work[links[s].y].crosses) != 0u);
}

fn take_back(l: Lane, is_whole_path: bool) {
  for (var s = l.first + l.index; s < l.last; s += 64u) {
    for (var k = 0u; k < 3u; k++) {
      if (is_whole_path || is_in_crossing(s, k)) {
        points[3u * s + k] = before[3u * s + k];
        work[s].reverted |= 1u << k;
      }
    }
  }
  storageBarrier();
}

// -- 4. size

// Area, and twice the area over the perimeter, of the outline as it is or was; the same in all
// lanes.
fn measure_extent(l: Lane, is_before: bool) -> Extent {
  sample(l, is_before);
  let origin = work[l.first].samples[0];
  var sum = vec2f(0.0);
  for (var s = l.first + l.index; s < l.last; s += 64u) {
    for (var i = 0u; i < SAMPLES; i++) {
      let p = sample_at(s, i);
      let q = sample_at(s, i + 1u);
      sum += vec2f(0.5 * cross_product(p - origin, q - origin), length(q - p));
    }
  }
  sums[l.index] = sum;
  workgroupBarrier();
  for (var half = 32u; half > 0u; half >>= 1u) {
    if (l.index < half) { sums[l.index] += sums[l.index + half]; }
    workgroupBarrier();
  }
  if (l.index == 0u) {
    let area = abs(sums[0].x);
    extent = Extent(area, select(0.0, 2.0 * area / sums[0].y, sums[0].y > 0.0));
  }
  return workgroupUniformLoad(&extent);
}

fn got_too_small(l: Lane) -> bool {
  let now = measure_extent(l, false);
  let then = measure_extent(l, true);
  return (now.area < params.minimum_area && now.area < then.area) ||
         (now.thickness < params.minimum_thickness && now.thickness < then.thickness);
}

// What a point was heading for was not allowed: it loses half of its momentum.
fn damp_reverted(l: Lane) {
  for (var s = l.first + l.index; s < l.last; s += 64u) {
    for (var k = 0u; k < 3u; k++) {
      if ((work[s].reverted & (1u << k)) != 0u) {
        let i = 3u * s + k;
        moments[i] = vec4f(0.5 * moments[i].xy, moments[i].zw);
      }
    }
  }
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) index: u32) {
  if (state.overflow != 0u) { return; }
  let first = fills[group.x].first_segment;
  let last = fills[group.x].last_segment;
  if (first == last) { return; }  // before `l`: a structure with a lane's index is not uniform
  let l = Lane(first, last, index);
  tame_handles(l);
  repel_outline(l);
  for (var round = 0u; round <= ROUNDS; round++) {
    if (!find_crossings(l)) { break; }
    take_back(l, round == ROUNDS);
  }
  if (got_too_small(l)) { take_back(l, true); }
  damp_reverted(l);
}
