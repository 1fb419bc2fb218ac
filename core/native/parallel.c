/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "parallel.h"

#include <stdatomic.h>

enum { MAXIMUM_THREADS = 64 };

typedef struct {
  semvec_piece piece;
  void *context;
  int count;
  atomic_int next;
} loop_state;

static void run_pieces(loop_state *loop)
{
  for (;;) {
    int index = atomic_fetch_add(&loop->next, 1);
    if (index >= loop->count) {
      return;
    }
    loop->piece(loop->context, index);
  }
}

#ifdef _WIN32
#include <windows.h>
typedef HANDLE thread_handle;
static DWORD WINAPI thread_main(LPVOID loop)
{
  run_pieces(loop);
  return 0;
}
static int thread_start(thread_handle *thread, loop_state *loop)
{
  *thread = CreateThread(NULL, 0, thread_main, loop, 0, NULL);
  return *thread != NULL;
}
static void thread_join(thread_handle thread)
{
  WaitForSingleObject(thread, INFINITE);
  CloseHandle(thread);
}
#else
#include <pthread.h>
typedef pthread_t thread_handle;
static void *thread_main(void *loop)
{
  run_pieces(loop);
  return NULL;
}
static int thread_start(thread_handle *thread, loop_state *loop)
{
  return pthread_create(thread, NULL, thread_main, loop) == 0;
}
static void thread_join(thread_handle thread)
{
  pthread_join(thread, NULL);
}
#endif

void semvec_parallel_for(int threads, int count, semvec_piece piece, void *context)
{
  loop_state loop = {piece, context, count, 0};
  thread_handle helpers[MAXIMUM_THREADS];
  int wanted = threads < count ? threads : count;
  int started = 0;
  while (started + 1 < wanted && started < MAXIMUM_THREADS &&
         thread_start(&helpers[started], &loop)) {
    started++;
  }
  run_pieces(&loop);
  for (int i = 0; i < started; i++) {
    thread_join(helpers[i]);
  }
}
