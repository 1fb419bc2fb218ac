/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Return values of the exported functions; core/native/library.py turns them into errors.
 */
#ifndef SEMVEC_STATUS_H
#define SEMVEC_STATUS_H

enum { SEMVEC_OK = 0, SEMVEC_NO_MEMORY = -1, SEMVEC_INVALID = -2 };

#endif
