/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which paths fill the same area under the non-zero and the even-odd rule.
 */
#ifndef SEMVEC_FILL_RULES_H
#define SEMVEC_FILL_RULES_H

#include "../paths.h"

/* Write 1 to `alike` [path_count] for each path whose outline neither crosses nor touches itself
 * and winds around every place once at most, so that both rules agree; else 0, also where that
 * would take too long to tell. Curves are compared as chords that are off by 1e-4 of the path's
 * size at most. Returns a status. */
int semvec_fill_alike(const semvec_paths *paths, int threads, unsigned char *alike);

#endif
