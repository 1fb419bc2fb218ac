/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "paths.h"

static int starts_are_valid(const int *starts, int count, int unit, int total)
{
  if (starts[0] != 0 || starts[count] != total) {
    return 0;
  }
  for (int i = 0; i < count; i++) {
    if (starts[i + 1] < starts[i] || starts[i + 1] % unit != 0) {
      return 0;
    }
  }
  return 1;
}

int semvec_paths_are_valid(const semvec_paths *paths)
{
  return paths->point_count >= 0 && paths->subpath_count >= 0 && paths->path_count >= 0 &&
         starts_are_valid(paths->subpath_starts, paths->subpath_count, 3, paths->point_count) &&
         starts_are_valid(paths->path_starts, paths->path_count, 1, paths->subpath_count);
}
