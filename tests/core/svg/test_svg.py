# SPDX-License-Identifier: GPL-3.0-or-later
"""SVG: our own files come back exactly, foreign ones as they look, nothing crashes."""

from __future__ import annotations

import contextlib
import itertools
import sys
from xml.etree import ElementTree

import numpy as np
import pytest
from foreign_svg import (
    CIRCLES,
    FOREIGN,
    FRAMES,
    RAMPS,
    SVG,
    XLINK,
    looks_the_same,
    rendered_by_resvg,
)
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lengths import trials
from same_drawing import assert_same

from semvec.core.bezier import circle, polygon, rectangle
from semvec.core.drawing import Drawing, Path, Ramp, pack
from semvec.core.errors import OutputError, SvgError
from semvec.core.rendering.native import render
from semvec.core.svg import from_svg, load_svg, quantized, save_svg, to_svg
from semvec.core.version import VERSION

coordinates = st.floats(width=32, allow_nan=False, allow_infinity=False) | st.floats(
    -600, 600, width=32
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@st.composite
def subpaths(draw) -> np.ndarray:
    count = 3 * draw(st.integers(0, 4))
    values = draw(st.lists(coordinates, min_size=2 * count, max_size=2 * count))
    return np.array(values, np.float32).reshape(-1, 2)


def arrays(values, count: int):
    return st.tuples(*[values] * count).map(lambda drawn: np.array(drawn, np.float32))


ramps = st.builds(
    Ramp,
    st.sampled_from(["linear", "radial"]),
    arrays(coordinates, 2),
    arrays(coordinates, 2),
    arrays(st.floats(-0.5, 1.5), 3),
)


@st.composite
def paths(draw) -> Path:
    return Path(
        subpaths=draw(st.lists(subpaths(), max_size=3)),
        fill=np.array(draw(st.lists(st.floats(-0.5, 1.5), min_size=4, max_size=4)), np.float32),
        kind=draw(st.sampled_from(["structural", "detail"])),
        name=draw(
            st.text(max_size=8)
            | st.sampled_from(["a", "a-ramp", "path-2", "detail", "structural-2"])
        ),
        region=draw(st.integers(-5, 2**31)),
        ramp=draw(st.none() | ramps),
    )


sizes = st.floats(1e-6, 1e6) | st.integers(1, 10000)
drawings = st.builds(
    Drawing, sizes, sizes, st.lists(paths(), max_size=6), st.dictionaries(st.text(), json_values)
)


FAR = Ramp("radial", np.float32([-1.44e15, 0]), np.float32([4, 0]), np.float32([1, 0, 0]))


@given(drawings)
@example(Drawing(1, 100, [Path([circle((0, 0), 1)], np.ones(4), ramp=FAR)]))
@settings(max_examples=150, deadline=None)
def test_our_own_files_come_back_exactly(drawing):
    text = to_svg(drawing)
    back = from_svg(text)
    assert_same(back, quantized(drawing))
    assert_same(quantized(back), back)
    assert to_svg(back) == text


def test_own_files_need_no_other_library(monkeypatch):
    """A Python without them, such as one of Blender, writes and reads our files."""
    for module in ("svgpathtools", "PIL", "tinycss2", "cssselect2"):
        monkeypatch.setitem(sys.modules, module, None)
    drawing = quantized(scene(seed=0, count=20))
    assert_same(from_svg(to_svg(drawing)), drawing)
    with pytest.raises(SvgError, match="svgpathtools"):
        from_svg(f'<svg {SVG} viewBox="0 0 9 9"><path d="M0 0A4 4 0 0 1 8 0z"/></svg>')


@given(st.floats(-2000, 2000, width=32), st.sampled_from([1, 64, 100, 512, 999, 1000, 8192]))
def test_rounding_is_at_most_a_ten_thousandth_of_the_long_side(value, size):
    points = np.full((3, 2), value, np.float32)
    path = Path([points], np.ones(4, np.float32))
    rounded = quantized(Drawing(size, size, [path])).paths[0].subpaths[0]
    assert np.abs(rounded - points).max() <= 0.5e-4 * size + np.spacing(np.float32(2000))


def test_quantization_of_colors_and_512_px_coordinates():
    path = Path([rectangle(0.1234, 0, 10, 10)], np.array([0.5, 0.001, 2.0, -1.0]))
    result = quantized(Drawing(512, 512, [path])).paths[0]
    np.testing.assert_array_equal(result.fill, np.float32([128 / 255, 0, 1, 0]))
    assert result.subpaths[0][0, 0] == np.float32(0.12)


def test_the_file_says_what_the_design_asks_for():
    drawing = Drawing(
        512,
        340,
        [
            Path([rectangle(0, 0, 512, 340)], np.ones(4), "structural", "background", 7),
            Path([circle((9, 9), 5)], np.array([0.2, 0.4, 0.6, 0.5]), "detail", "a dot"),
        ],
        {"budget": 2},
    )
    root = ElementTree.fromstring(to_svg(drawing))
    svg, inkscape = "{http://www.w3.org/2000/svg}", "{http://www.inkscape.org/namespaces/inkscape}"
    assert root.tag == svg + "svg"
    assert root.get("viewBox") == "0 0 512 340"
    assert (root.get("width"), root.get("height")) == ("512", "340")
    layers = root.findall(svg + "g")
    assert [layer.get("id") for layer in layers] == ["structural", "detail"]
    assert [layer.get(inkscape + "groupmode") for layer in layers] == ["layer", "layer"]
    assert [layer.get(inkscape + "label") for layer in layers] == ["Structural", "Detail"]
    background, dot = root.iter(svg + "path")
    assert (background.get("id"), background.get("fill")) == ("background", "#fff")
    assert (dot.get("fill"), dot.get("fill-opacity")) == ("#369", "0.502")
    assert set(background.get("d")) <= set("MCZ0123456789.- ")
    described = root.find(f"{svg}metadata/*")
    assert described.get("version") == VERSION
    assert described.text == '{"budget":2}'


@pytest.mark.parametrize("kinds", ["sd", "sdsd", "dsds", "ddss", "s", "d", ""])
def test_painting_order_is_kept_where_kinds_alternate(kinds):
    names = {"s": "structural", "d": "detail"}
    all_paths = [
        Path([circle((5, 5), i + 1)], np.ones(4), names[kind], f"p{i}")
        for i, kind in enumerate(kinds)
    ]
    text = to_svg(Drawing(10, 10, all_paths))
    runs = [kind for kind, _ in itertools.groupby(kinds)]
    assert text.count("<g ") == len(runs)
    assert len({line for line in text.splitlines() if line.startswith("<g ")}) == len(runs)
    assert [path.name for path in from_svg(text).paths] == [path.name for path in all_paths]
    assert [path.kind for path in from_svg(text).paths] == [path.kind for path in all_paths]


def test_ids_are_distinct():
    same = [Path([circle((5, 5), 3)], np.ones(4), name=name) for name in ["x", "x", "", "path-3"]]
    text = to_svg(Drawing(10, 10, same))
    identifiers = [part.split('"')[0] for part in text.split('<path id="')[1:]]
    assert len(set(identifiers)) == 4


@pytest.mark.parametrize(
    "drawing",
    [
        Drawing(0, 10),
        Drawing(10, float("nan")),
        Drawing(float("inf"), 10),
        Drawing(9, 9, [Path([np.full((3, 2), np.nan)], np.ones(4))]),
        Drawing(9, 9, [Path([np.zeros((4, 2))], np.ones(4))]),
        Drawing(9, 9, [Path([np.zeros((3, 2))], np.full(4, np.nan))]),
        Drawing(9, 9, [], {"a": object()}),
        Drawing(9, 9, [], {"a": float("nan")}),
    ],
)
def test_what_svg_cannot_hold_is_refused(drawing):
    with pytest.raises(OutputError):
        to_svg(drawing)


def test_save_and_load(tmp_path):
    drawing = quantized(scene(seed=3, count=5))
    drawing.paths[0].name = "Füße & <Köpfe>"
    save_svg(drawing, tmp_path / "a.svg")
    assert_same(load_svg(tmp_path / "a.svg"), drawing)
    with pytest.raises(OutputError):
        save_svg(drawing, tmp_path / "missing" / "a.svg")
    for name in ("missing.svg", ""):
        with pytest.raises(SvgError) as caught:
            load_svg(tmp_path / name)
        assert caught.value.hint


# An independent renderer


def scene(seed: int, count: int, width: int = 160, height: int = 120) -> Drawing:
    """Random blobs, some with a hole, over a background."""
    random = np.random.default_rng(seed)
    blobs = [Path([rectangle(0, 0, width, height)], np.append(random.random(3), 1.0))]
    for i in range(count):
        center, radius = random.random(2) * [width, height], random.uniform(3, 40)
        outline = circle(center, radius) + random.normal(0, radius / 8, (12, 2))
        hole = circle(center, radius / 3)[::-1] if i % 3 == 0 else None
        pieces = [outline.astype(np.float32)] + ([] if hole is None else [np.roll(hole, 1, 0)])
        fill = np.append(random.random(3), 1.0 if i % 2 else random.uniform(0.2, 1.0))
        blobs.append(Path(pieces, fill.astype(np.float32), "detail", f"blob {i}"))
    return Drawing(width, height, blobs)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("ramped", [False, True])
def test_an_independent_renderer_sees_what_ours_does(seed, ramped):
    drawing = scene(seed, count=10 * seed + 1)
    if ramped:
        random = np.random.default_rng(seed)
        for path in drawing.paths:
            start, end = random.uniform(-20, 160, (2, 2)).astype(np.float32)
            kind = ("linear", "radial")[random.integers(2)]
            path.ramp = Ramp(kind, start, end, random.random(3).astype(np.float32))
    drawing = quantized(drawing)
    ours = render(pack(drawing.paths), 160, 120)
    theirs = rendered_by_resvg(to_svg(drawing))
    assert np.abs(ours - theirs[..., :3]).mean() <= 2 / 255


@pytest.mark.parametrize("name", FOREIGN)
@pytest.mark.parametrize("frame", FRAMES)
def test_foreign_files_look_the_same(name, frame):
    looks_the_same(f"<svg {SVG} {frame}>{FOREIGN[name]}</svg>", 2)


def test_sizes_of_foreign_files():
    def size(attributes: str) -> tuple[float, float]:
        drawing = from_svg(f"<svg {SVG} {attributes}/>")
        return drawing.width, drawing.height

    assert size('viewBox="0 0 30 20"') == (30, 20)
    assert size('viewBox="0 0 30 20" width="100%" height="100%"') == (30, 20)
    assert size('viewBox="0 0 30 20" width="60"') == (60, 40)
    assert size('viewBox="0 0 30 20" height="60"') == (90, 60)
    assert size('width="1in" height="72pt"') == (96, 96)
    assert size('viewBox="0 0 40 20" width="1em"') == (16, 8)
    assert size('viewBox="0 0 40 20" width="2rem" height="2EM"') == (32, 32)
    assert size('viewBox="none" width="10PX" height="20"') == (10, 20)
    assert size('viewBox="0 0 0 9" width="10" height="20"') == (10, 20)
    for missing in ["", 'width="10"', 'viewBox="0 0 0 9"', 'viewBox="1 2"', 'width="x" height="1"']:
        assert size(missing) == (300, 150)


def test_a_size_that_is_missing_is_that_of_the_shapes():
    """As resvg says it: from the origin to the right and lower end."""
    text = f'<svg {SVG} width="100%"><circle cx="30" cy="20" r="10"/></svg>'
    drawing = from_svg(text)
    assert rendered_by_resvg(text).shape[1::-1] == (drawing.width, drawing.height) == (40, 30)


def test_what_is_left_out_is_listed():
    drawing = from_svg(
        f'<svg {SVG} viewBox="0 0 9 9"><defs><linearGradient id="a"/></defs>'
        '<rect width="5" height="5"/><rect width="5" height="5" fill="none"/>'
        '<rect width="5" height="5" fill="url(#a)"/><rect width="5" height="5" fill="url(#a) red"/>'
        '<text>hello</text><use href="#a"/><use href="#b"/><g clip-path="url(#c)"/></svg>'
    )
    assert len(drawing.paths) == 2
    assert set(drawing.settings["notes"]) == {
        "Left out: 1 x pattern or empty gradient",
        "Left out: 1 x text",
        "Left out: 1 x use",
    }


def test_our_file_edited_elsewhere_keeps_what_it_can():
    """As Inkscape saves it: relative data, styles, a moved layer."""
    text = to_svg(quantized(scene(seed=1, count=3)))
    text = text.replace('id="detail"', 'id="detail" transform="translate(5 0)"')
    text = text.replace('id="path-1"', 'id="path-1" style="fill:#ff0000"')
    drawing = from_svg(text)
    np.testing.assert_array_equal(drawing.paths[0].fill, [1, 0, 0, 1])
    original = quantized(scene(seed=1, count=3))
    np.testing.assert_allclose(
        drawing.paths[1].subpaths[0], original.paths[1].subpaths[0] + [5, 0], atol=1e-4
    )
    assert [path.kind for path in drawing.paths] == [path.kind for path in original.paths]


# Hostile and broken files

ENTITIES = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10 if i else "ha"}">' for i in range(10))
SQUARE = "<rect width='3' height='3' fill='url(#a)'/>"
REFUSED = {
    "empty": "",
    "text": "hello",
    "html": "<html></html>",
    "billion laughs": f"<!DOCTYPE svg [{ENTITIES}]><svg {SVG} width='9' height='9'>&e9;</svg>",
    "long entity": f"<!DOCTYPE svg [<!ENTITY e '{'ha' * 9999}'>]><svg {SVG}>&e;</svg>",
    "deep": f"<svg {SVG} width='9' height='9'>" + "<g>" * 100_000 + "</g>" * 100_000 + "</svg>",
    "too many shapes": f"<svg {SVG}>" + "<path/>" * 50_001 + "</svg>",
    "path data": f"<svg {SVG}><path d='M0 0{'h1' * 2**22}'/></svg>",
    "too many elements": f"<svg {SVG}>" + "<g/>" * 250_000 + "</svg>",
    "surrogate": f"<svg {SVG} width='9' height='9'><text>\ud800</text></svg>",
}
# Of each, one square is drawn whatever is wrong elsewhere; and whether there is a note on it.
FORGIVEN = {
    "cut off": ("<g><path d='M0 0", True),
    "unclosed": ("<g>", True),
    "data": ("<path d='M 1 2 L 3'/>", True),
    "data without a move": ("<path d='L 1 2 3 4'/>", True),
    "doubled move": ("<path d='MM1 2h3v4z'/>", True),
    "far": ("<path d='M0 0L1e300 1L2 2'/>", True),
    "infinite": ("<path d='M0 0L1e999 1L2 2'/>", True),
    "transform": ("<g transform='spin(3)'/>", True),
    "color": ("<g fill='loud'/>", True),
    "length": ("<rect width='3furlong' height='3'/>", False),
    "prefix": ("<use xlink:href='#nothing'/><inkscape:path-effect/>", True),
    "unknown entity": ("<text>&x;</text>", True),
    "reference to itself": ("<g id='i'><use href='#i'/></g><clipPath id='c' clip-path='url(#c)'>"
                            "<path clip-path='url(#c)' d='M0 0h1v1z'/></clipPath>"
                            "<path clip-path='url(#c)' d='M0 0h1v1z'/>", True),
}  # fmt: skip
# Each fills a square with something that is invalid.
INVALID_FILLS = {
    "stop color": "<linearGradient id='a'><stop stop-color='loud'/></linearGradient>",
    "gradient length": "<linearGradient id='a' x1='3furlong'><stop/></linearGradient>",
    "colorful": f"<linearGradient id='a'>{'<stop/>' * 1001}</linearGradient>",
    "gradient transform": "<linearGradient id='a' gradientTransform='spin(3)'><stop/>"
    "</linearGradient>",
    "far gradient": "<linearGradient id='a' x2='1e200'><stop/><stop offset='1'/></linearGradient>",
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_drawing_is_refused_with_a_hint(name):
    with pytest.raises(SvgError) as caught:
        from_svg(REFUSED[name])
    assert caught.value.hint
    assert "\n" not in str(caught.value)
    if name != "surrogate":
        with pytest.raises(SvgError):
            from_svg(REFUSED[name].encode())


@pytest.mark.parametrize("name", FORGIVEN)
def test_all_but_what_is_broken_is_read(name):
    broken, noted = FORGIVEN[name]
    end = "" if name in ("cut off", "unclosed") else "</svg>"
    text = f"<svg {SVG} width='9' height='9'><rect width='5' height='5'/>{broken}{end}"
    drawing = from_svg(text)
    np.testing.assert_allclose(drawing.paths[0].subpaths[0].max(axis=0), [5, 5])
    assert ("notes" in drawing.settings) == noted
    assert from_svg(text.encode()).settings == drawing.settings


@pytest.mark.parametrize("name", INVALID_FILLS)
def test_shapes_with_an_invalid_gradient_are_drawn(name):
    drawing = from_svg(f"<svg {SVG} width='9' height='9'>{INVALID_FILLS[name]}{SQUARE}</svg>")
    np.testing.assert_array_equal(drawing.paths[0].fill, [0, 0, 0, 1])


def test_an_encoding_that_does_not_exist_is_refused_in_bytes():
    text = "<?xml version='1.0' encoding='klingon'?><svg/>"
    with pytest.raises(SvgError):
        from_svg(text.encode())


def test_nothing_outside_the_file_is_opened(tmp_path):
    """A DOCTYPE without entities is fine, and what it points to stays unread."""
    (tmp_path / "x.dtd").write_text('<!ENTITY x "secret">')
    text = (
        f'<!DOCTYPE svg SYSTEM "file://{tmp_path}/x.dtd"><svg {SVG} width="9" height="9">'
        '<path id="&x;" d="M0 0H5V5z"/></svg>'
    )
    with contextlib.suppress(SvgError):
        assert from_svg(text).paths[0].name == ""


def test_too_large(monkeypatch):
    monkeypatch.setattr("semvec.core.svg.markup.MAXIMUM_BYTES", 1000)
    with pytest.raises(SvgError, match="larger than"):
        from_svg(f"<svg {SVG} viewBox='0 0 9 9'>{' ' * 1000}</svg>")


def test_metadata_that_was_damaged_is_ignored():
    text = to_svg(Drawing(9, 9, [Path([circle((4, 4), 3)], np.ones(4))], {"a": 1}))
    for damage in ('{"a":', "[1]", "[" * 100_000):
        drawing = from_svg(text.replace('{"a":1}', damage))
        assert drawing.settings == {}
        assert len(drawing.paths) == 1


def test_long_path_data_that_fails_late():
    """It would never end if the strict form could be matched in several ways."""
    for data in ("M" + "1" * 200_000, "M0 0" + "C1 1 1 1 1 1" * 20_000 + "C1 1Z"):
        drawing = from_svg(f'<svg {SVG} width="9" height="9"><path d="{data}"/></svg>')
        assert drawing.settings["notes"] == ["Could not be read: 1 x path data"]


def read_or_refuse(text: str | bytes) -> None:
    try:
        drawing = from_svg(text)
    except SvgError as error:
        assert error.hint
    else:
        to_svg(drawing)


@given(st.binary(max_size=300) | st.text(max_size=300))
@settings(max_examples=trials(200), deadline=None)
def test_any_input_is_read_or_refused(text):
    read_or_refuse(text)


SEEDS = [
    to_svg(scene(seed=2, count=3)),
    *(
        f'<svg {SVG} {XLINK} viewBox="0 0 90 90" width="50">{shape}</svg>'
        for shape in [*FOREIGN.values(), *RAMPS.values(), *CIRCLES.values()]
    ),
]
fragments = st.sampled_from(
    ["0", "-", "1e9", ".", "e", "M", "m", "Z", "A", "c", "(", ")", "%", '"', "<", ">", "/>", "url(",
     "inherit", "NaN", "1e999", "#a", "href", "stop", ",", " ", "&#0;", "#", "none", "<g>", "\0"]
)  # fmt: skip


@given(st.sampled_from(SEEDS), st.lists(st.tuples(st.floats(0, 1), st.integers(0, 9), fragments)))
@example(f'<svg {SVG} width="9" height="9"><path d="M0 0A0 5 0 1 1 5 5 6 6"/></svg>', [])
@example(f'<svg {SVG} width="9" height="9"><path d="M0 0A1e-200 5 0 1 1 5 5 6 6"/></svg>', [])
@example(f'<svg {SVG} width="1e-300" height="9"><path d="M0 0L 1 1 2 5z"/></svg>', [])
@settings(max_examples=trials(400), deadline=None)
def test_mutated_files_are_read_or_refused(text, changes):
    for place, removed, inserted in changes:
        at = int(place * len(text))
        text = text[:at] + inserted + text[at + removed :]
    read_or_refuse(text)


@given(st.text("MmLlHhVvCcSsQqTtAaZz0123456789.,-+e ", max_size=60))
@settings(max_examples=trials(300), deadline=None)
def test_any_path_data_is_read_or_refused(data):
    read_or_refuse(f'<svg {SVG} viewBox="0 0 9 9"><path d="M1 2{data}" fill-rule="evenodd"/></svg>')


def test_polygon_outline_is_exact():
    corners = np.array([[1, 1], [7, 2], [4, 8]], np.float64)
    drawing = from_svg(
        f'<svg {SVG} width="9" height="9"><polygon points="1 1 7 2 4 8" id="tri"/></svg>'
    )
    np.testing.assert_allclose(drawing.paths[0].subpaths[0], polygon(corners), atol=1e-6)
    assert drawing.paths[0].name == "tri"
