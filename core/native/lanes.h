/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Four floats that are computed at once. Compilers have such vectors for every processor; left to
 * themselves, they vectorize a sum only where its order may vary, and then the order depends on
 * the processor.
 */
#ifndef SEMVEC_LANES_H
#define SEMVEC_LANES_H

#include <string.h>

enum { LANES = 4 };

typedef float lanes __attribute__((vector_size(16)));
typedef int lane_ints __attribute__((vector_size(16))); /* conditions are -1 where true, else 0 */

static inline float clipped(float value)
{
  return value < 0.0f ? 0.0f : value < 1.0f ? value : 1.0f;
}

static inline lanes all_lanes(float value)
{
  return (lanes){value, value, value, value};
}

/* `first` where the condition is true, else `second`. */
static inline lanes choose(lane_ints condition, lanes first, lanes second)
{
  return (lanes)((condition & (lane_ints)first) | (~condition & (lane_ints)second));
}

static inline lane_ints choose_ints(lane_ints condition, lane_ints first, lane_ints second)
{
  return (condition & first) | (~condition & second);
}

static inline lanes least(lanes a, lanes b)
{
  return choose(a < b, a, b);
}

static inline lanes greatest(lanes a, lanes b)
{
  return choose(a > b, a, b);
}

/* The integers nearest to 0. */
static inline lane_ints truncated(lanes value)
{
  return __builtin_convertvector(value, lane_ints);
}

static inline lanes to_floats(lane_ints value)
{
  return __builtin_convertvector(value, lanes);
}

static inline lanes clipped_lanes(lanes value)
{
  return choose(value < 0.0f, all_lanes(0.0f), least(value, all_lanes(1.0f)));
}

static inline lanes magnitude(lanes value)
{
  return (lanes)((lane_ints)value & 0x7fffffff);
}

/* `value`, negated where `signed_value` is negative. */
static inline lanes with_sign_of(lanes signed_value, lanes value)
{
  return choose(signed_value < 0.0f, -value, value);
}

/* Returns 1 where any of four conditions is true. */
static inline int any_lane(lane_ints conditions)
{
  long long halves[2];
  memcpy(halves, &conditions, sizeof(halves));
  return (halves[0] | halves[1]) != 0;
}

/* Points of four things. */
typedef struct {
  lanes x, y;
} four_points;

/* Read `count` points, at most four; the others are 0. */
static inline four_points read_points(const float *x, const float *y, int count)
{
  four_points read = {all_lanes(0.0f), all_lanes(0.0f)};
  if (count >= LANES) { /* a number that compilers know */
    memcpy(&read.x, x, sizeof(lanes));
    memcpy(&read.y, y, sizeof(lanes));
  } else {
    memcpy(&read.x, x, sizeof(float) * (size_t)count);
    memcpy(&read.y, y, sizeof(float) * (size_t)count);
  }
  return read;
}

static inline void store_lanes(float *target, lanes value)
{
  memcpy(target, &value, sizeof(value));
}

static inline void store_ints(int *target, lane_ints value)
{
  memcpy(target, &value, sizeof(value));
}

static inline float sum_lanes(lanes value)
{
  return (value[0] + value[2]) + (value[1] + value[3]);
}

#endif
