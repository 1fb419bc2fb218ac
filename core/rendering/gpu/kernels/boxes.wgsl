// SPDX-License-Identifier: GPL-3.0-or-later
//
// The box of each path, in pixels and in tiles. One workgroup per path: the lanes take the extent
// of its cubics together by a tree of minima and maxima.
//
// The box is empty off the canvas, and where a coordinate of the path or of its ramp's axis is not
// finite. WGSL may assume that there are no such numbers, so their bits are looked at.
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> points: array<vec2u>;
@group(0) @binding(2) var<storage, read> segments: array<Segment>;
@group(0) @binding(3) var<storage, read> fills: array<Fill>;
@group(0) @binding(4) var<storage, read_write> boxes: array<Box>;

const EXPONENT: u32 = 0x7f800000u;

var<workgroup> lows: array<vec2f, 64>;
var<workgroup> highs: array<vec2f, 64>;
var<workgroup> not_finite: array<u32, 64>;

fn is_not_finite(bits: u32) -> bool { return (bits & EXPONENT) == EXPONENT; }

fn box_of(low: vec2f, high: vec2f) -> Box {
  var box: Box;
  let size = vec2f(f32(params.width), f32(params.height));
  let corner = vec2i(clamp(low, vec2f(0.0), size));
  let end = vec2i(clamp(ceil(high), vec2f(0.0), size));
  if (any(end <= corner)) { return box; }
  box.left = corner.x; box.top = corner.y; box.right = end.x; box.bottom = end.y;
  box.tile_left = corner.x / TILE; box.tile_top = corner.y / TILE;
  box.tile_right = (end.x - 1) / TILE + 1; box.tile_bottom = (end.y - 1) / TILE + 1;
  box.pair_count = u32((box.tile_right - box.tile_left) * (box.tile_bottom - box.tile_top));
  return box;
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let path = group.x;
  var low = vec2f(1e9);
  var high = vec2f(-1e9);
  var wrong = 0u;
  for (var s = fills[path].first_segment + lane; s < fills[path].last_segment; s += 64u) {
    low = min(low, segments[s].low);
    high = max(high, segments[s].high);
    for (var k = 0u; k < 3u; k++) {
      let bits = points[3u * s + k];
      if (is_not_finite(bits.x) || is_not_finite(bits.y)) { wrong = 1u; }
    }
  }
  lows[lane] = low;
  highs[lane] = high;
  not_finite[lane] = wrong;
  workgroupBarrier();
  for (var half = 32u; half > 0u; half >>= 1u) {
    if (lane < half) {
      lows[lane] = min(lows[lane], lows[lane + half]);
      highs[lane] = max(highs[lane], highs[lane + half]);
      not_finite[lane] |= not_finite[lane + half];
    }
    workgroupBarrier();
  }
  if (lane > 0u) { return; }
  let axis = bitcast<vec4u>(fills[path].axis);
  let axis_is_wrong = fills[path].kind != 0u && (is_not_finite(axis.x) || is_not_finite(axis.y) ||
                                                 is_not_finite(axis.z) || is_not_finite(axis.w));
  var box: Box;
  if (not_finite[0] == 0u && !axis_is_wrong) { box = box_of(lows[0], highs[0]); }
  boxes[path] = box;
}
