/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Painted strokes: the strongest of many thick line segments at every pixel.
 */
#ifndef SEMVEC_STROKES_H
#define SEMVEC_STROKES_H

/* Raise each pixel of `map` [height, width] to the value that the segments paint there; see
 * core/saliency/strokes.py.
 *
 * segments [segment_count, 8]: x, y, radius and opacity of the start, then of the end, in pixels;
 * softness in [0, 1]. Returns a status. */
int semvec_paint_strokes(const float *segments, int segment_count, float softness, int height,
                         int width, int threads, float *map);

#endif
