/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Winding numbers of a path, averaged over each pixel of its box.
 */
#ifndef SEMVEC_COVERAGE_H
#define SEMVEC_COVERAGE_H

#include "flatten.h"

/* Fill the path's part of the winding buffer, which must be zero. */
void path_winding(const semvec_scene *scene, const flat_scene *flat, int path);

/* Add the gradients of the path's vertices, given d(loss)/d(winding) in the winding buffer. */
void path_winding_backward(const semvec_scene *scene, const flat_scene *flat, int path,
                           point *vertex_gradient);

#endif
