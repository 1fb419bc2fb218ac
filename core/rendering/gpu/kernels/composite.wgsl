// SPDX-License-Identifier: GPL-3.0-or-later
//
// Painting, comparing with the target, and the way back to windings and fills
// (core/native/composite.c). One workgroup per tile; a lane has four pixels of a row in the four
// components of a vector.
//
// Forward from the top path down, with T, the transmittance of all above: the picture is the sum
// of T * alpha * color, alpha = opacity * min(|winding|, 1), and T is kept for every pair.
// Backward from the lowest path up, with the picture below it: for g = d(loss)/d(picture),
//
//   d(loss)/d(alpha) = T * g . (color - picture below)
//
// So nothing is divided by 1 - alpha, which is 0 under opaque paths, and the picture below needs
// no memory. Sums over the 256 pixels of a pair are taken through workgroup memory in a fixed
// order, four pairs at a time.
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> boxes: array<Box>;
@group(0) @binding(2) var<storage, read> fills: array<Fill>;
@group(0) @binding(3) var<storage, read> rows: array<u32>;
@group(0) @binding(4) var<storage, read_write> winding: array<vec4f>;  // then d(loss)/d(winding)
@group(0) @binding(5) var<storage, read_write> transmittance: array<vec4f>;
@group(0) @binding(6) var<storage, read> goal: array<vec4f>;           // target RGB and weight
@group(0) @binding(7) var<storage, read_write> image: array<vec4f>;    // RGB, and region as bits
@group(0) @binding(8) var<storage, read_write> pair_sums: array<vec4f>; // SUMS a pair; 1 a tile

const BATCH: u32 = 4u;         // pairs whose sums are taken together
const LANES: u32 = 64u;
const PART: u32 = 256u;        // BATCH * LANES

// Of four pairs: gradients of RGBA, and with ramps of the end color and of the axis.
var<workgroup> sums: array<vec4f, 256u * SUMS>;  // [SUMS, BATCH, LANES]

// The lane's pixels: their centers, and what they should be.
struct Goal { color: Pixels, scale: vec4f, region: vec4i };
struct PixelGoal { color: vec4f, region: i32 };  // color and weight, weight 0 off the canvas

fn cover_of(winding: vec4f) -> vec4f { return min(abs(winding), vec4f(1.0)); }

fn opacity_of(path: u32) -> f32 { return clamp(fills[path].color.a, 0.0, 1.0); }

// -- forward

// Paint all paths over the background, and keep T of every pair.
fn paint(tile: vec2i, x: vec4f, y: f32, chunks: u32, lane: u32) -> Pixels {
  var above = vec4f(1.0);
  var picture = Pixels(vec4f(0.0), vec4f(0.0), vec4f(0.0));
  for (var chunk = chunks; chunk > 0u; chunk--) {
    let size = find_paths(chunk - 1u, tile, lane);
    for (var i = size; i > 0u; i--) {
      let path = list[i - 1u];
      let place = pair_of(path, tile) * LANES + lane;
      transmittance[place] = above;
      let seen = above * opacity_of(path) * cover_of(winding[place]);
      let color = fill_colors(path, ramp_position(path, x, y));
      picture.red += seen * color.red;
      picture.green += seen * color.green;
      picture.blue += seen * color.blue;
      above -= seen;
    }
    workgroupBarrier();
  }
  picture.red += above * params.background.r;
  picture.green += above * params.background.g;
  picture.blue += above * params.background.b;
  return picture;
}

// Write one of the lane's pixels if the picture is wanted, and read what it should be. `pick` has a
// 1 for the pixel's component: some compilers refuse indices into vectors.
fn exchange(column: u32, row: u32, picture: Pixels, pick: vec4f) -> PixelGoal {
  if (column >= params.width || row >= params.height) { return PixelGoal(vec4f(0.0), -1); }
  let pixel = row * params.width + column;
  let region = image[pixel].w;
  if ((params.flags & WRITES_IMAGE) != 0u) {
    image[pixel] = vec4f(dot(picture.red, pick), dot(picture.green, pick),
                         dot(picture.blue, pick), region);
  }
  return PixelGoal(goal[pixel], bitcast<i32>(region));
}

fn goal_of(column: u32, row: u32, picture: Pixels) -> Goal {
  let p = exchange(column, row, picture, vec4f(1.0, 0.0, 0.0, 0.0));
  let q = exchange(column + 1u, row, picture, vec4f(0.0, 1.0, 0.0, 0.0));
  let r = exchange(column + 2u, row, picture, vec4f(0.0, 0.0, 1.0, 0.0));
  let s = exchange(column + 3u, row, picture, vec4f(0.0, 0.0, 0.0, 1.0));
  return Goal(Pixels(vec4f(p.color.r, q.color.r, r.color.r, s.color.r),
                     vec4f(p.color.g, q.color.g, r.color.g, s.color.g),
                     vec4f(p.color.b, q.color.b, r.color.b, s.color.b)),
              params.error_scale * vec4f(p.color.a, q.color.a, r.color.a, s.color.a),
              vec4i(p.region, q.region, r.region, s.region));
}

// -- comparison

// The tile's error, scale * |picture - target|^2, goes after the sums of all pairs.
fn store_error(group: vec3u, error: f32, lane: u32) {
  sums[lane] = vec4f(error, 0.0, 0.0, 0.0);
  workgroupBarrier();
  if (lane == 0u) {
    var sum = 0.0;
    for (var i = 0u; i < LANES; i++) { sum += sums[i].x; }
    pair_sums[params.pair_capacity * SUMS + group.y * params.tiles_x + group.x] =
        vec4f(sum, 0.0, 0.0, 0.0);
  }
  workgroupBarrier();
}

// d(loss)/d(picture), 2 * scale * error. With sharpness, what an error differs from the weighted
// mean of its block of 8 x 8 pixels counts once more.
fn sharpened(g: Pixels, scale: vec4f, lane: u32) -> Pixels {
  sums[lane] = vec4f(total(g.red), total(g.green), total(g.blue), 2.0 * total(scale));
  workgroupBarrier();
  let first = (lane / 32u) * 32u + (lane % 4u) / 2u * 2u;
  var block = vec4f(0.0);
  for (var row = 0u; row < 8u; row++) {
    block += sums[first + row * 4u] + sums[first + row * 4u + 1u];
  }
  workgroupBarrier();
  let mean = select(vec3f(0.0), block.rgb / block.w, block.w > 0.0);
  return Pixels(g.red + params.sharpness * (g.red - 2.0 * scale * mean.r),
                g.green + params.sharpness * (g.green - 2.0 * scale * mean.g),
                g.blue + params.sharpness * (g.blue - 2.0 * scale * mean.b));
}

// -- backward

// Write the sums of up to BATCH pairs, list[base], ...: a lane adds four values, then every
// sixteenth lane sixteen of these.
fn store_sums(base: u32, size: u32, tile: vec2i, lane: u32) {
  workgroupBarrier();
  let first = (lane / 16u) * LANES + lane % 16u;
  for (var part = 0u; part < SUMS; part++) {
    let i = part * PART + first;
    let sum = (sums[i] + sums[i + 16u]) + (sums[i + 32u] + sums[i + 48u]);
    workgroupBarrier();
    sums[i] = sum;
  }
  workgroupBarrier();
  if (lane % 16u == 0u && base + lane / 16u < size) {
    let pair = pair_of(list[base + lane / 16u], tile);
    for (var part = 0u; part < SUMS; part++) {
      var sum = vec4f(0.0);
      for (var i = 0u; i < 16u; i++) { sum += sums[part * PART + first + i]; }
      pair_sums[pair * SUMS + part] = sum;
    }
  }
  workgroupBarrier();
}

// d(containment)/d(cover): coverage outside of the path's own region costs.
fn containment_slope(path: u32, regions: vec4i) -> vec4f {
  if (fills[path].containment <= 0.0) { return vec4f(0.0); }
  let cost = fills[path].containment * 2.0 * params.error_scale;
  return select(vec4f(0.0), vec4f(cost), regions != vec4i(fills[path].region));
}

// One path's way back: its windings become gradients, its sums go to row `j` of workgroup memory,
// and it is painted over the picture below.
fn unpaint(path: u32, j: u32, tile: vec2i, x: vec4f, y: f32, g: Pixels, target_: Goal,
           below: Pixels, lane: u32) -> Pixels {
  let place = pair_of(path, tile) * LANES + lane;
  let lit = transmittance[place];
  let w = winding[place];
  let cover = cover_of(w);
  let sign_inside = select(vec4f(0.0), select(vec4f(1.0), vec4f(-1.0), w < vec4f(0.0)),
                           abs(w) < vec4f(1.0));
  let opacity = opacity_of(path);
  let alpha = opacity * cover;
  let seen = lit * alpha;
  let is_ramp = fills[path].kind != 0u;
  var t = vec4f(0.0);
  if (is_ramp) { t = ramp_position(path, x, y); }
  let color = fill_colors(path, t);
  let d = Pixels(color.red - below.red, color.green - below.green, color.blue - below.blue);
  let slope = lit * (g.red * d.red + g.green * d.green + g.blue * d.blue);
  winding[place] = sign_inside * (opacity * slope + containment_slope(path, target_.region));
  var fourth = total(cover * slope);
  if ((params.flags & FINDS_REMOVAL_COST) != 0u) {
    let contrast = d.red * d.red + d.green * d.green + d.blue * d.blue;
    fourth = total(target_.scale * seen * seen * contrast - alpha * slope);
  }
  sums[j * LANES + lane] = vec4f(color_sum(g, seen * (1.0 - t)), fourth);
  if (SUMS > 1u) {
    // Flat paths write zeros: memory that no lane wrote may hold anything.
    var of_end = vec4f(0.0);
    var of_axis = vec4f(0.0);
    if (is_ramp) {
      of_end = vec4f(color_sum(g, seen * t), 0.0);
      of_axis = axis_sum(path, g, seen, t, x, y);
    }
    sums[PART + j * LANES + lane] = of_end;
    sums[2u * PART + j * LANES + lane] = of_axis;
  }
  return Pixels(below.red + alpha * d.red, below.green + alpha * d.green,
                below.blue + alpha * d.blue);
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  if (boxes[params.path_count].fits == 0u) { return; }
  let tile = vec2i(group.xy);
  let column = group.x * 16u + (lane % 4u) * 4u;
  let row = group.y * 16u + lane / 4u;
  let x = vec4f(f32(column)) + vec4f(0.5, 1.5, 2.5, 3.5);
  let y = f32(row) + 0.5;
  let chunks = (params.path_count + CHUNK - 1u) / CHUNK;

  let picture = paint(tile, x, y, chunks, lane);
  let wanted = goal_of(column, row, picture);
  let error = Pixels(picture.red - wanted.color.red, picture.green - wanted.color.green,
                     picture.blue - wanted.color.blue);
  let squares = error.red * error.red + error.green * error.green + error.blue * error.blue;
  store_error(group, total(wanted.scale * squares), lane);
  let twice = 2.0 * wanted.scale;
  var g = Pixels(twice * error.red, twice * error.green, twice * error.blue);
  if (params.sharpness > 0.0) { g = sharpened(g, wanted.scale, lane); }
  if ((params.flags & GOAL_IS_GRADIENT) != 0u) { g = wanted.color; }

  var below = Pixels(vec4f(params.background.r), vec4f(params.background.g),
                     vec4f(params.background.b));
  for (var chunk = 0u; chunk < chunks; chunk++) {
    let size = find_paths(chunk, tile, lane);
    for (var base = 0u; base < size; base += BATCH) {
      for (var j = 0u; j < min(BATCH, size - base); j++) {
        below = unpaint(list[base + j], j, tile, x, y, g, wanted, below, lane);
      }
      store_sums(base, size, tile, lane);
    }
    workgroupBarrier();
  }
}
