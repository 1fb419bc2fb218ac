// SPDX-License-Identifier: GPL-3.0-or-later
//
// Which paths touch each row of tiles, one bit per path. One thread writes the 32 paths of a word.
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> boxes: array<Box>;
@group(0) @binding(2) var<storage, read_write> rows: array<u32>;  // [tiles_y, words]

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let words = (params.path_count + 31u) / 32u;
  if (id.x >= words) { return; }
  let row = i32(id.y);
  var mask = 0u;
  for (var k = 0u; k < 32u && id.x * 32u + k < params.path_count; k++) {
    let path = id.x * 32u + k;
    if (boxes[path].tile_top <= row && row < boxes[path].tile_bottom) { mask |= 1u << k; }
  }
  rows[id.y * words + id.x] = mask;
}
