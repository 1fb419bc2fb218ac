/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The way back through a band, from the top down.
 */
#ifndef SEMVEC_BACKWARD_H
#define SEMVEC_BACKWARD_H

#include "layers.h"

/* Compare the band with the target, and write the sums of the gradients of each layer. */
void unpaint_band(band_work *w);

#endif
