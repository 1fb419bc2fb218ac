/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An image divided into regions. Mirrored by Partition in core/native/structures.py.
 */
#ifndef SEMVEC_PARTITION_H
#define SEMVEC_PARTITION_H

#include <stdint.h>

typedef struct {
  int32_t *labels;       /* [height, width]: -1 outside, or 0 ... label_count - 1 */
  const float *lab;      /* [3, height, width]: CIE Lab / 100 */
  const float *gradient; /* [height, width]: magnitude of the color gradient, or NULL for 0 */
  int height, width, label_count;
} semvec_partition;

#endif
