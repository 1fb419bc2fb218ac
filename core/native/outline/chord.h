/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Places of outlines and the chords between them, in double precision.
 */
#ifndef SEMVEC_OUTLINE_CHORD_H
#define SEMVEC_OUTLINE_CHORD_H

typedef struct {
  double x, y;
} place;

/* The side of the line through a and b on which c lies: 1, -1, or 0 on it. */
static inline int side(place a, place b, place c)
{
  double area = (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
  return (area > 0.0) - (area < 0.0);
}

/* Returns whether the chord from b to c goes back along the one from a to b. */
static inline int turns_back(place a, place b, place c)
{
  double along = (b.x - a.x) * (c.x - b.x) + (b.y - a.y) * (c.y - b.y);
  return side(a, b, c) == 0 && along < 0.0;
}

#endif
