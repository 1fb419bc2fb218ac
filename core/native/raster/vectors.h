/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What loops over rows of pixels share, so that compilers vectorize them.
 */
#ifndef SEMVEC_VECTORS_H
#define SEMVEC_VECTORS_H

/* Permission to add up a sum in any order, so that it runs in vectors. The order is fixed when
 * the library is compiled: one binary always gives the same result. */
#if defined(__clang__)
#define SUM_IN_ANY_ORDER _Pragma("clang fp reassociate(on)")
#else
#define SUM_IN_ANY_ORDER
#endif

/* Rows of buffers have a multiple of this many floats, so that loops run in whole vectors. */
enum { ROW_PADDING = 8 };

static inline float clipped(float value)
{
  return value < 0.0f ? 0.0f : value < 1.0f ? value : 1.0f;
}

#endif
