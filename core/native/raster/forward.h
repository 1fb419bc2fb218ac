/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Painting of a band, from the bottom up.
 */
#ifndef SEMVEC_FORWARD_H
#define SEMVEC_FORWARD_H

#include "layers.h"

/* Paint all layers over the background, and keep color - backdrop where the way back needs it.
 * Returns 0 without memory. */
int paint_band(band_work *w);

#endif
