# SPDX-License-Identifier: GPL-3.0-or-later
"""Reader for .npz archives that may be damaged."""

from __future__ import annotations

import math
import zipfile
from pathlib import Path
from typing import IO, Any

import numpy as np


class DamagedArrays(ValueError):
    """A file is not a complete .npz archive of plain arrays."""


def read_arrays(file: Path | IO[bytes]) -> dict[str, np.ndarray]:
    """Return all arrays of a .npz archive by name.

    Pickled objects are refused, and so are arrays whose header promises more bytes than the
    archive holds: memory is reserved only for what is there. Raises DamagedArrays, OSError.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            return {
                member.filename.removesuffix(".npy"): _array(archive, member)
                for member in archive.infolist()
            }
    except OSError:
        raise
    except Exception as error:  # zipfile, zlib and numpy raise nearly anything on damaged files
        raise DamagedArrays(f"{type(error).__name__}: {error}") from error


def _array(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Any:
    """Return one array, after a check of its size. Raises ValueError, and what numpy raises."""
    with archive.open(member) as stream:
        version = np.lib.format.read_magic(stream)
        read = np.lib.format.read_array_header_1_0
        shape, _, dtype = (read if version == (1, 0) else np.lib.format.read_array_header_2_0)(
            stream
        )
        promised = math.prod(shape) * dtype.itemsize
        if min(shape, default=0) < 0 or promised > member.file_size:
            raise ValueError("The array is larger than its file.")
    with archive.open(member) as stream:
        return np.lib.format.read_array(stream, allow_pickle=False)
