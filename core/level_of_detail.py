# SPDX-License-Identifier: GPL-3.0-or-later
"""Coarser and finer structural drawings of an image, from what one run has found out.

Kept with a result: the first masks, the mean colour of each, and the merge tree. The mean
colours of unions follow from those, so that the image itself isn't needed any more.
"""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass, replace

import numpy as np

from .clustering.merge_tree import MergeTree
from .clustering.merging import relabel
from .drawing import Drawing
from .errors import MaskError
from .tracing.structural import structural_paths


@dataclass(frozen=True)
class LevelsOfDetail:
    """labels: int32 [H, W], the first masks; colors: float32 [N, 3], their mean sRGB."""

    labels: np.ndarray
    colors: np.ndarray
    tree: MergeTree

    def drawing(self, regions: int, width: float, height: float) -> Drawing:
        """The structural paths at the level of so many regions, on a canvas of this size.

        A count beyond what the tree has gives its finest or coarsest level.
        """
        rows, columns = self.labels.shape
        colors = np.append(self.colors, np.zeros((1, 3), np.float32), axis=0)
        labels = relabel(self.labels, self.tree.level(regions))
        paths = structural_paths(labels, colors[self.labels], threads=0)
        named = [
            replace(path, name=path.name or f"region.{number:03d}", region=-1)
            for number, path in enumerate(paths)
        ]
        return Drawing(columns, rows, named).scaled(width, height)

    def to_bytes(self) -> bytes:
        """All of it, compressed."""
        stream = io.BytesIO()
        np.savez_compressed(
            stream,
            labels=self.labels.astype(np.int32),
            colors=self.colors.astype(np.float32),
            tree=np.array(json.dumps(self.tree.to_dict())),
        )
        return stream.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> LevelsOfDetail:
        """The way back. Raises MaskError where the data are damaged."""
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
                labels, colors = arrays["labels"], arrays["colors"]
                tree = MergeTree.from_dict(json.loads(str(arrays["tree"])))
        except (ValueError, TypeError, KeyError, OSError, EOFError, zipfile.BadZipFile) as error:
            raise _damaged() from error
        fits = labels.dtype == np.int32 and labels.ndim == 2 and labels.size > 0
        fits = fits and colors.dtype == np.float32 and colors.shape == (tree.regions, 3)
        if not fits or labels.min() < -1 or labels.max() >= tree.regions:
            raise _damaged()
        if not np.isfinite(colors).all():
            raise _damaged()
        return cls(labels, colors, tree)


def levels_of_detail(labels: np.ndarray, image: np.ndarray, tree: MergeTree) -> LevelsOfDetail:
    """What is kept of a run. labels: the first masks; image: float [H, W, 3], same size."""
    inside = labels >= 0
    counts = np.maximum(np.bincount(labels[inside], minlength=tree.regions), 1)
    sums = [
        np.bincount(labels[inside], image[..., channel][inside], tree.regions)
        for channel in range(3)
    ]
    colors = np.stack(sums, axis=1) / counts[:, None]
    return LevelsOfDetail(labels.astype(np.int32), colors.astype(np.float32), tree)


def _damaged() -> MaskError:
    return MaskError("The stored levels of detail are damaged.", "Vectorize the image again.")
