/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Loops on several threads.
 */
#ifndef SEMVEC_PARALLEL_H
#define SEMVEC_PARALLEL_H

/* The body of a loop. Two iterations of one loop must not write to the same memory. */
typedef void (*semvec_piece)(void *context, int index);

/* Run piece(context, 0) ... piece(context, count - 1) on up to `threads` threads, and return
 * when all are done. Threads end with the call, so the library has no global state; where the
 * system refuses a thread, the calling one does the work. */
void semvec_parallel_for(int threads, int count, semvec_piece piece, void *context);

#endif
