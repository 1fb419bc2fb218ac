/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An exact look at finished outlines: which cubics touch or cross others of the same path.
 *
 * outline_find_crossings, which runs in every step of the refinement, works with floats. Where two
 * sides nearly meet, as they do in outlines that were stopped from crossing, its rounding errors
 * decide. Here samples and products are doubles, and touching counts.
 */
#ifndef SEMVEC_CONTACTS_H
#define SEMVEC_CONTACTS_H

#include "../paths.h"

/* Write 1 to `touching` [point_count / 3] for each segment with a chord that meets another one of
 * its sub-path other than its neighbors, turns straight back, or crosses one of another sub-path,
 * where outlines are drawn with `samples` chords per segment; else 0. Returns a status. */
int semvec_find_contacts(const semvec_paths *paths, int samples, int threads,
                         unsigned char *touching);

#endif
