/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The differentiable rasterizer: painter's-order compositing of closed cubic paths with
 * exact-area coverage, and the gradients of an image error for every point and color.
 *
 *   flatten.c    cubics -> chords and bounding boxes, and gradients back to the points
 *   coverage.c   chords -> winding per pixel of a box, and gradients back to the chords
 *   composite.c  winding -> image, band by band, and gradients back to winding and colors
 *   ramp.c       the colors of fills that aren't flat, and gradients back to their axes
 *   raster.c     the exported functions, which run these in order
 */
#ifndef SEMVEC_RASTER_H
#define SEMVEC_RASTER_H

#include <math.h>
#include <stddef.h>

enum { SEMVEC_OK = 0, SEMVEC_NO_MEMORY = -1, SEMVEC_INVALID = -2 };

/* Rows of pixels that are composited together: few enough to stay in the cache. Also the side
 * of the blocks that sharpness looks at. */
enum { BAND_ROWS = 8 };

/* Of an image and its gradient: red, green, blue. */
enum { CHANNELS = 3 };

/* A sum may be taken in any order, so that it runs in vectors: one binary, one order. */
#if defined(__clang__)
#  define SUM_IN_ANY_ORDER _Pragma("clang fp reassociate(on)")
#else
#  define SUM_IN_ANY_ORDER
#endif

/* Rows of a winding buffer are padded, so that loops over them run in whole vectors. */
enum { ROW_PADDING = 8 };

typedef struct {
  float x, y;
} point;

/* Fills that aren't flat, packed as in core/drawing.py (Ramps). */
typedef struct {
  const int *kinds;    /* per path; NULL where all are flat */
  const float *axes;   /* start and end */
  const float *colors; /* RGB at the end; at the start it is the path's own */
} ramps;

/* Paths packed as in core/drawing.py (Scene), on a canvas of width x height pixels. */
typedef struct {
  const point *points;
  const float *colors; /* RGBA */
  const int *subpath_starts;
  const int *path_starts;
  int path_count;
  int width, height;
  ramps ramps;
} scene;

/* The pixels of the canvas that a path may touch, and where its winding numbers lie. */
typedef struct {
  int left, top, right, bottom; /* right and bottom are one past the last pixel */
  int stride;                   /* floats from one row of the winding buffer to the next */
  size_t offset;                /* of the first row in the winding buffer */
  size_t first_part;            /* of its band_sums */
} box;

/* What the pixels of one band add to the sums of one path. */
typedef struct {
  double color[4]; /* gradient, RGBA */
  double removal_cost;
} band_sums;

/* The same of a path whose fill isn't flat. */
typedef struct {
  double axis[4], color[CHANNELS]; /* gradients: start and end; color at the end */
} ramp_sums;

/* A flattened scene. Segment s is the cubic that starts at point 3·s. */
typedef struct {
  int segment_count;
  int *chord_counts;   /* per segment */
  int *first_vertices; /* per segment, and one past the end */
  point *vertices;     /* each segment's, without its end: that is the next one's start */
  box *boxes;          /* per path */
  float *winding;      /* per pixel of every box; becomes d(loss)/d(winding) on the way back */
  size_t part_count;   /* of the band_sums of all paths */
} outlines;

/* flatten.c */
point near_point(point p); /* the point, or where it is too far off to be seen a nearer one */
int outlines_create(outlines *result, const scene *input, int threads);
void outlines_free(outlines *result);
void path_flatten_backward(const scene *input, const outlines *flat, int path,
                           const point *vertex_gradient, point *point_gradient);

/* coverage.c */
void path_winding(const scene *input, const outlines *flat, int path);
void path_winding_backward(const scene *input, const outlines *flat, int path,
                           point *vertex_gradient);

/* composite.c */
typedef struct {
  const float *background; /* [height, width, 3], or one color */
  int background_is_image;
  const float *target;     /* [height, width, 3] */
  const float *image_gradient; /* [height, width, 3]: d(loss)/d(image), instead of a target */
  const float *weight;     /* [height, width], or NULL for 1 everywhere */
  float sharpness;         /* how much more errors count that differ within a block */
  const int *regions;      /* [height, width], or NULL: no containment */
  const int *path_regions; /* per path; negative: free to go anywhere */
  const float *containment; /* per path */
} objective;

typedef struct {
  float *image;           /* [height, width, 3], or NULL */
  double *squared_error;  /* per band, where there is a target */
  band_sums *parts;       /* per path and band that its box touches, or NULL: no way back */
  ramp_sums *ramp_parts;  /* the same, set to 0, where there are ramps */
} composite_result;

int composite(const scene *input, const outlines *flat, const objective *goal, int threads,
              const composite_result *result);

static inline int is_finite_point(point p)
{
  return isfinite(p.x) && isfinite(p.y);
}

static inline float clipped(float value)
{
  return value < 0.0f ? 0.0f : value < 1.0f ? value : 1.0f;
}

static inline int band_count(const scene *input)
{
  return (input->height + BAND_ROWS - 1) / BAND_ROWS;
}

/* How many bands a box touches. */
static inline int box_band_count(const box *b)
{
  return b->bottom > b->top ? (b->bottom - 1) / BAND_ROWS - b->top / BAND_ROWS + 1 : 0;
}

#endif
