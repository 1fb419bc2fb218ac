/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The 4-connected components of a label image.
 */
#ifndef SEMVEC_COMPONENTS_H
#define SEMVEC_COMPONENTS_H

#include <stdint.h>

/* Number the 4-connected components of equal labels 0, 1, ... in the order of their first pixels,
 * row by row. Negative labels are outside and become -1.
 *
 * labels, components [height, width]; count: the number of components. Returns a status. */
int semvec_components(const int32_t *labels, int height, int width, int32_t *components,
                      int32_t *count);

#endif
