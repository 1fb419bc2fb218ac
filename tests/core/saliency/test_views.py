# SPDX-License-Identifier: GPL-3.0-or-later
"""Square views: they see the whole of any picture, and go back to where they were taken."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

torch = pytest.importorskip("torch", reason="the AI engine's packages are not installed here")

from semvec.core.saliency.views import arrange_views  # noqa: E402

SIDE, PATCH = 32, 4
sizes = st.integers(1, 300)


@given(sizes, sizes, st.integers(0, 2))
def test_views_see_everything_and_overlap(height: int, width: int, shift: int) -> None:
    views = arrange_views(height, width, SIDE, shift)
    assert min(views.height, views.width) == SIDE
    assert max(views.height, views.width) <= 4 * SIDE
    expected = (max(1.0, min(4.0, side / min(height, width))) * SIDE for side in (height, width))
    assert (views.height, views.width) == pytest.approx(tuple(expected), abs=0.51)
    seen = np.zeros((views.height + 2 * shift, views.width + 2 * shift), int)
    for top, left in views.corners:
        assert top >= -shift and left >= -shift
        window = seen[top + shift :, left + shift :][:SIDE, :SIDE]
        assert window.shape == (SIDE, SIDE), "reaches too far over the border"
        window += 1
    inside = seen[shift : shift + views.height, shift : shift + views.width]
    assert inside.min() >= 1 and (not shift or inside[SIDE // 2, SIDE // 2] >= 4)


@pytest.mark.parametrize(("height", "width"), [(32, 32), (64, 150), (130, 40), (20, 20), (48, 200)])
def test_what_is_cut_and_joined_lies_where_it_was(height: int, width: int) -> None:
    """Patch means of a smooth picture, put together, are that picture again."""
    y, x = np.mgrid[:height, :width]
    smooth = 0.5 + 0.2 * np.sin(4.0 * x / width) + 0.2 * np.cos(3.0 * y / height)
    image = torch.from_numpy(np.stack([smooth] * 3)).float()
    views = arrange_views(height, width, SIDE, PATCH // 4)
    cut = views.cut(image)
    assert cut.shape == (len(views.corners), 3, SIDE, SIDE)
    maps = torch.nn.functional.avg_pool2d(cut[:, :1], PATCH)[:, 0]
    joined = views.join(maps, height, width).numpy()
    assert joined.shape == (height, width)
    np.testing.assert_allclose(joined, smooth, atol=0.06)
    flat = views.join(torch.ones_like(maps), height, width).numpy()
    np.testing.assert_allclose(flat, 1.0, atol=1e-5)
