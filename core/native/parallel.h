/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SEMVEC_PARALLEL_H
#define SEMVEC_PARALLEL_H

/* One piece of work. Pieces of one loop must not write to the same memory. */
typedef void (*semvec_piece)(void *context, int index);

/* Run piece(context, 0) ... piece(context, count - 1) on up to `threads` threads and
 * return when all are done. Threads live only as long as the call, so the library keeps
 * no global state; where a thread can't be had, the caller's own does the work. */
void semvec_parallel_for(int threads, int count, semvec_piece piece, void *context);

#endif
