# SPDX-License-Identifier: GPL-3.0-or-later
"""Coarser and finer structural drawings of an image, from the data of one run.

Kept with a result: the initial masks, the mean color of each, with gradients also its change
across the mask, and the merge tree. The image itself is not needed: residuals of per-mask
least-squares planes are orthogonal to any plane over a union of masks, so a union's plane follows
from its masks' planes. A radial ramp over many masks follows nearly.
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, replace

import numpy as np

from ..clustering.merge_tree import MergeTree
from ..clustering.merging import relabel
from ..drawing import Drawing
from ..errors import MaskError
from ..refinement.ramps import with_ramps
from ..system.arrays import DamagedArrays, read_arrays
from ..tracing.structural import structural_paths


@dataclass(frozen=True)
class LevelsOfDetail:
    """labels: int32 [H, W], the first masks; colors: float32 [N, 3], their mean sRGB.

    slopes: float32 [N, 2, 3], the change of a mask's color a pixel along x and y; None where
    drawings have flat fills.
    """

    labels: np.ndarray
    colors: np.ndarray
    tree: MergeTree
    slopes: np.ndarray | None = None

    def drawing(self, regions: int, width: float, height: float) -> Drawing:
        """Return the structural paths at the level of so many regions, on a canvas of this size.

        A count beyond what the tree has gives its finest or coarsest level.
        """
        rows, columns = self.labels.shape
        labels = relabel(self.labels, self.tree.level(regions))
        image = self._image()
        paths = structural_paths(labels, image, threads=0)
        if self.slopes is not None:
            paths = with_ramps(paths, image, (labels >= 0).astype(np.float32))
        named = [
            replace(path, name=path.name or f"region.{number:03d}", region=-1)
            for number, path in enumerate(paths)
        ]
        return Drawing(columns, rows, named).scaled(width, height)

    def _image(self) -> np.ndarray:
        """Return the image that the masks describe: float32 [H, W, 3], black outside of them."""
        colors = np.append(self.colors, np.zeros((1, 3), np.float32), axis=0)
        image = colors[self.labels]
        if self.slopes is not None:
            slopes = np.append(self.slopes, np.zeros((1, 2, 3), np.float32), axis=0)
            offsets = _offsets(self.labels, self.tree.regions)
            image += np.einsum("yxd,yxdc->yxc", offsets, slopes[self.labels])
        return image

    def to_bytes(self) -> bytes:
        """Return all data, compressed."""
        stream = io.BytesIO()
        slopes = {} if self.slopes is None else {"slopes": self.slopes.astype(np.float32)}
        np.savez_compressed(
            stream,
            **slopes,
            labels=self.labels.astype(np.int32),
            colors=self.colors.astype(np.float32),
            tree=np.array(json.dumps(self.tree.to_dict())),
        )
        return stream.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> LevelsOfDetail:
        """Read what `to_bytes` wrote. Raises MaskError where the data are damaged."""
        try:
            arrays = read_arrays(io.BytesIO(data))
            labels, colors, slopes = arrays["labels"], arrays["colors"], arrays.get("slopes")
            tree = MergeTree.from_dict(json.loads(str(arrays["tree"])))
        except (DamagedArrays, ValueError, KeyError, OSError, RecursionError) as error:
            raise _damaged() from error
        fits = labels.dtype == np.int32 and labels.ndim == 2 and labels.size > 0
        fits = fits and labels.min() >= -1 and labels.max() < tree.regions
        fits = fits and _valid(colors, (tree.regions, 3))
        if not fits or not (slopes is None or _valid(slopes, (tree.regions, 2, 3))):
            raise _damaged()
        return cls(labels, colors, tree, slopes)


def levels_of_detail(
    labels: np.ndarray, image: np.ndarray, tree: MergeTree, gradients: bool = False
) -> LevelsOfDetail:
    """Return the levels of detail of a run.

    labels: int32 [H, W], the initial partition; image: float [H, W, 3].
    """
    colors = _means(labels, image, tree.regions)
    slopes = _slopes(labels, image, tree.regions).astype(np.float32) if gradients else None
    return LevelsOfDetail(labels.astype(np.int32), colors.astype(np.float32), tree, slopes)


def _slopes(labels: np.ndarray, image: np.ndarray, masks: int) -> np.ndarray:
    """Return the slopes of each mask's least-squares plane, 0 where it has no extent: [N, 2, 3]."""
    offsets = _offsets(labels, masks)
    spread = _means(labels, offsets[..., :, None] * offsets[..., None, :], masks)
    trend = _means(labels, offsets[..., :, None] * image[..., None, :], masks)
    return np.linalg.pinv(spread, rcond=1e-6, hermitian=True) @ trend


def _offsets(labels: np.ndarray, masks: int) -> np.ndarray:
    """Return the offset of each pixel from the middle of its mask: float [H, W, 2], x and y."""
    rows, columns = np.indices(labels.shape, np.float64)
    offsets = np.stack([columns, rows], axis=-1)
    middles = np.append(_means(labels, offsets, masks), np.zeros((1, 2)), axis=0)
    return offsets - middles[labels]


def _means(labels: np.ndarray, values: np.ndarray, masks: int) -> np.ndarray:
    """Return the means of values [H, W, ...] over each mask: float64 [N, ...]; 0 without pixels."""
    inside = labels >= 0
    counts = np.maximum(np.bincount(labels[inside], minlength=masks), 1)
    columns = values[inside].reshape(-1, np.prod(values.shape[2:], dtype=int)).T
    sums = [np.bincount(labels[inside], column, masks) for column in columns]
    return (np.stack(sums, axis=1) / counts[:, None]).reshape(masks, *values.shape[2:])


def _valid(values: np.ndarray, shape: tuple[int, ...]) -> bool:
    right = values.dtype == np.float32 and values.shape == shape
    return right and bool(np.isfinite(values).all())


def _damaged() -> MaskError:
    return MaskError("The stored levels of detail are damaged.", "Vectorize the image again.")
