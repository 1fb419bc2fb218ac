/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What each layer of a band covers, from the top down.
 */
#ifndef SEMVEC_COVER_H
#define SEMVEC_COVER_H

#include "layers.h"

/* Find the layers of the band, the cover of each of their tiles, and their pieces of chords.
 * Returns 0 without memory. */
int cover_band(band_work *w);

#endif
