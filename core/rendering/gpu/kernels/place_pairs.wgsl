// SPDX-License-Identifier: GPL-3.0-or-later
//
// Where the pairs of each path lie: a prefix sum over their numbers, by one workgroup. Each lane
// sums up a run of paths, then the sums of the lanes below are added in 8 doubling steps.
//
// If the pairs outgrow their room, `overflow` is set and nothing moves any more until the host has
// made room. Otherwise the step is counted: Adam's counts are the discounted numbers of steps,
// c <- beta * c + 1.
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> boxes: array<Box>;
@group(0) @binding(2) var<storage, read_write> state: State;
@group(0) @binding(3) var<storage, read> speeds: array<f32>;  // of each step

const LANES: u32 = 256u;

var<workgroup> sums: array<u32, 256>;

fn count_step() {
  state.speed = speeds[min(state.step, arrayLength(&speeds) - 1u)];
  state.step += 1u;
  state.first_count = state.first_count * 0.9 + 1.0;
  state.second_count = state.second_count * 0.999 + 1.0;
}

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) lane: u32) {
  let run = (params.path_count + LANES - 1u) / LANES;
  let first = min(lane * run, params.path_count);
  let last = min(first + run, params.path_count);
  var sum = 0u;
  for (var path = first; path < last; path++) { sum += boxes[path].pair_count; }
  sums[lane] = sum;
  workgroupBarrier();
  for (var reach = 1u; reach < LANES; reach <<= 1u) {
    var below = 0u;
    if (lane >= reach) { below = sums[lane - reach]; }
    workgroupBarrier();
    sums[lane] += below;
    workgroupBarrier();
  }
  var pair = sums[lane] - sum;
  for (var path = first; path < last; path++) {
    boxes[path].first_pair = pair;
    pair += boxes[path].pair_count;
  }
  if (lane > 0u) { return; }
  let total = sums[LANES - 1u];
  if (total > params.pair_capacity) { state.overflow = 1u; }
  state.pairs_wanted = max(state.pairs_wanted, total);
  var end: Box;
  if (state.overflow == 0u) {
    end.fits = 1u;
    end.first_pair = total;
    if ((params.flags & KEEPS_STILL) == 0u) { count_step(); }
  }
  boxes[params.path_count] = end;
}
