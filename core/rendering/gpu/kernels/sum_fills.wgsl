// SPDX-License-Identifier: GPL-3.0-or-later
//
// The gradients of fills: the sums of each path's pairs. One workgroup per path; every lane adds
// each 64th pair, then the lanes add up in a tree: a fixed order, so the same bits on every run.
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> boxes: array<Box>;
@group(0) @binding(2) var<storage, read> pair_sums: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> fill_gradients: array<vec4f>;  // SUMS a path

var<workgroup> sums: array<vec4f, 64>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let path = group.x;
  if (boxes[params.path_count].fits == 0u) { return; }
  let first = boxes[path].first_pair;
  for (var part = 0u; part < SUMS; part++) {
    var sum = vec4f(0.0);
    for (var i = lane; i < boxes[path].pair_count; i += 64u) {
      sum += pair_sums[(first + i) * SUMS + part];
    }
    sums[lane] = sum;
    workgroupBarrier();
    for (var half = 32u; half > 0u; half >>= 1u) {
      if (lane < half) { sums[lane] += sums[lane + half]; }
      workgroupBarrier();
    }
    if (lane == 0u) { fill_gradients[SUMS * path + part] = sums[0]; }
    workgroupBarrier();
  }
}
