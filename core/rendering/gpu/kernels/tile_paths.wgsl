// SPDX-License-Identifier: GPL-3.0-or-later
//
// The paths that touch a tile, in painting order, found by all 64 lanes together.
//
// Paths are looked at in chunks of 512, 8 per lane: first the bits of the row of tiles, then the
// horizontal extent. Every lane counts its own, the counts below it say where they go in `list`.

const CHUNK: u32 = 512u;
const PATHS_PER_LANE: u32 = 8u;

var<workgroup> list: array<u32, 512>;
var<workgroup> lane_counts: array<u32, 64>;
var<workgroup> list_size: u32;

// Of the lane's paths of a chunk, those that touch the tile, one bit each.
fn touching(first: u32, tile: vec2i) -> u32 {
  let words = (params.path_count + 31u) / 32u;
  let word = first / 32u;
  var in_row = 0u;
  if (word < words) {
    in_row = (rows[u32(tile.y) * words + word] >> (first % 32u)) & 255u;
  }
  var mask = 0u;
  while (in_row != 0u) {
    let k = firstTrailingBit(in_row);
    in_row &= in_row - 1u;
    if (boxes[first + k].tile_left <= tile.x && tile.x < boxes[first + k].tile_right) {
      mask |= 1u << k;
    }
  }
  return mask;
}

// Fill `list` with the paths of a chunk that touch the tile; returns their number in every lane.
fn find_paths(chunk: u32, tile: vec2i, lane: u32) -> u32 {
  let first = chunk * CHUNK + lane * PATHS_PER_LANE;
  var mask = touching(first, tile);
  lane_counts[lane] = countOneBits(mask);
  workgroupBarrier();
  var index = 0u;
  for (var i = 0u; i < lane; i++) { index += lane_counts[i]; }
  if (lane == 63u) { list_size = index + lane_counts[63]; }
  while (mask != 0u) {
    list[index] = first + firstTrailingBit(mask);
    mask &= mask - 1u;
    index++;
  }
  return workgroupUniformLoad(&list_size);
}

fn pair_of(path: u32, tile: vec2i) -> u32 {
  let across = boxes[path].tile_right - boxes[path].tile_left;
  return boxes[path].first_pair +
         u32((tile.y - boxes[path].tile_top) * across + tile.x - boxes[path].tile_left);
}
