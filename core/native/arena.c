/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "arena.h"

#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 16 };

/* Followed by its bytes. */
struct arena_block {
  _Alignas(ALIGNMENT) arena_block *previous;
  size_t capacity, used;
};

/* AddressSanitizer finds an access beyond a piece only where the piece ends its block. */
#if defined(__SANITIZE_ADDRESS__)
#define SHARES_BLOCKS 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SHARES_BLOCKS 0
#endif
#endif
#ifndef SHARES_BLOCKS
#define SHARES_BLOCKS 1
#endif

/* Returns 0 without memory. */
static int add_block(arena *memory, size_t size)
{
  size_t capacity = SHARES_BLOCKS && memory->wanted > size ? memory->wanted : size;
  arena_block *block = malloc(sizeof(arena_block) + capacity);
  if (!block) {
    return 0;
  }
  *block = (arena_block){memory->last, capacity, 0};
  memory->last = block;
  memory->wanted = 2 * capacity;
  return 1;
}

void *arena_take(arena *memory, size_t count, size_t size)
{
  size_t unit = SHARES_BLOCKS ? ALIGNMENT : 1;
  size_t bytes = (count * size + unit - 1) / unit * unit;
  const arena_block *last = memory->last;
  if ((!SHARES_BLOCKS || !last || last->capacity - last->used < bytes) &&
      !add_block(memory, bytes)) {
    return NULL;
  }
  arena_block *block = memory->last;
  block->used += bytes;
  return (char *)(block + 1) + block->used - bytes;
}

void *arena_take_zeroed(arena *memory, size_t count, size_t size)
{
  void *piece = arena_take(memory, count, size);
  return piece ? memset(piece, 0, count * size) : NULL;
}

void arena_clear(arena *memory)
{
  if (SHARES_BLOCKS && memory->last && !memory->last->previous) {
    memory->last->used = 0;
    return;
  }
  size_t capacity = 0;
  for (const arena_block *block = memory->last; block; block = block->previous) {
    capacity += block->capacity;
  }
  arena_free(memory);
  memory->wanted = capacity; /* one block, the next time */
}

void arena_free(arena *memory)
{
  while (memory->last) {
    arena_block *block = memory->last;
    memory->last = block->previous;
    free(block);
  }
  memory->wanted = 0;
}
