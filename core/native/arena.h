/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Memory that is taken piece by piece and given back all at once, to be taken again: a system asked
 * for it in every step has to clear each page.
 */
#ifndef SEMVEC_ARENA_H
#define SEMVEC_ARENA_H

#include <stddef.h>

typedef struct arena_block arena_block;

/* Begins as {0}. */
typedef struct {
  arena_block *last;
  size_t wanted; /* bytes of the next block, at least */
} arena;

/* Take memory for `count` items of `size` bytes, at a multiple of 16 bytes. Returns NULL without
 * memory. */
void *arena_take(arena *memory, size_t count, size_t size);

/* The same, zeroed. */
void *arena_take_zeroed(arena *memory, size_t count, size_t size);

/* Give all pieces back; the memory is kept for the next ones. */
void arena_clear(arena *memory);

/* The same, and keep nothing. */
void arena_free(arena *memory);

#endif
