# SPDX-License-Identifier: GPL-3.0-or-later
"""Random SVG documents of filled and stroked shapes, within what resvg knows as well.

Parts of a document are drawn by Hypothesis, so that a failure shrinks to the shapes, rules and
transforms that cause it.
"""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

SIZE = 120  # pixels
COLORS = ("#e33", "rgb(20,120,220)", "#0a0", "hsl(40,90%,50%)", "#222", "teal", "rgba(160,0,160,1)")
NAMES = ("path", "rect", "circle", "ellipse", "polygon")
CLASSES = ("a", "b", "c")

coordinates = st.integers(0, SIZE).map(str)
sizes = st.integers(8, SIZE // 2).map(str)
colors = st.sampled_from(COLORS)


@st.composite
def transforms(draw: DrawFn) -> str:
    """A list of one to three transform functions that keep shapes near the canvas."""
    functions = {
        "translate({})": st.integers(-30, 30).map(str),
        "translate({} 5)": st.integers(-30, 30).map(str),
        "rotate({})": st.integers(-90, 90).map(str),
        "rotate({},60,60)": st.integers(-180, 180).map(str),
        "scale({})": st.sampled_from([".5", "1.2", "-1 1", ".8,1.1"]),
        "skewX({})": st.integers(-30, 30).map(str),
        "skewY({})": st.integers(-30, 30).map(str),
        "matrix(1 {} 0 1 4 2)": st.sampled_from([".2", "-.3", "0"]),
    }
    chosen = draw(st.lists(st.sampled_from(sorted(functions)), min_size=1, max_size=3))
    return draw(st.sampled_from([" ", ",", ""])).join(
        name.format(draw(functions[name])) for name in chosen
    )


@st.composite
def path_data(draw: DrawFn) -> str:
    """Sub-paths of all commands, which cross themselves and each other as they like."""
    counts = {"L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "T": 2}
    pieces = []
    for _ in range(draw(st.integers(1, 2))):
        pieces.append(f"M{draw(coordinates)} {draw(coordinates)}")
        for letter in draw(st.lists(st.sampled_from("LHVCSQTA"), min_size=2, max_size=4)):
            if letter == "A":
                flags = f"{draw(st.integers(0, 1))}{draw(st.integers(0, 1))}"
                turn = draw(st.integers(0, 180))
                end = f"{draw(coordinates)} {draw(coordinates)}"
                pieces.append(f"A{draw(sizes)} {draw(sizes)} {turn} {flags}{end}")
            else:
                pieces.append(letter + " ".join(draw(coordinates) for _ in range(counts[letter])))
        pieces.append(draw(st.sampled_from(["", "Z"])))
    return "".join(pieces)


@st.composite
def attributes(draw: DrawFn, effects: bool = True) -> str:
    """Classes, an id, presentation attributes, a style and a transform, or none of them."""
    written = []
    if draw(st.booleans()):
        written.append(f'class="{" ".join(draw(st.lists(st.sampled_from(CLASSES), max_size=2)))}"')
    declared = {
        "fill": st.one_of(
            colors,
            st.sampled_from(
                ["none", "inherit", "currentColor", "url(#line)", "url(#circle)", "url(#no) #0a0"]
            ),
        ),
        "stroke": st.one_of(colors, st.just("none")),
        "stroke-dasharray": st.sampled_from(["none", "9", "9 4", "12 3 2"]),
        "stroke-width": st.integers(1, 12).map(str),
        "stroke-linejoin": st.sampled_from(["miter", "round", "bevel"]),
        "stroke-linecap": st.sampled_from(["butt", "round", "square"]),
        "fill-rule": st.sampled_from(["nonzero", "evenodd"]),
        "color": colors,
    }
    names = draw(st.lists(st.sampled_from(sorted(declared)), unique=True, max_size=3))
    written += [f'{name}="{draw(declared[name])}"' for name in names]
    if draw(st.booleans()):
        names = draw(st.lists(st.sampled_from(sorted(declared)), min_size=1, max_size=2))
        values = ";".join(f"{name}:{draw(declared[name])}" for name in names)
        written.append(f'style="{values}"')
    if draw(st.booleans()):
        written.append(f'transform="{draw(transforms())}"')
    if effects:
        written.append(draw(st.sampled_from(["", "", 'clip-path="url(#clip)"', 'opacity=".5"'])))
    return " ".join(written)


@st.composite
def shapes(draw: DrawFn, effects: bool = True) -> str:
    """An element that is drawn."""
    name = draw(st.sampled_from(NAMES))
    x, y, one, other = draw(coordinates), draw(coordinates), draw(sizes), draw(sizes)
    geometry = {
        "rect": f'x="{x}" y="{y}" width="{one}" height="{other}" rx="{int(one) // 4}"',
        "circle": f'cx="{x}" cy="{y}" r="{one}"',
        "ellipse": f'cx="{x}" cy="{y}" rx="{one}" ry="{other}"',
        "polygon": f'points="{x},{y} {one},{other} {y},{one}"',
        "path": "",
    }[name]
    if name == "path":
        geometry = f'd="{draw(path_data())}"'
    return f"<{name} {geometry} {draw(attributes(effects))}/>"


def groups(children: SearchStrategy[str]) -> SearchStrategy[str]:
    """A group of elements."""
    contents = st.lists(children, min_size=1, max_size=3).map("".join)
    return st.builds("<g {}>{}</g>".format, attributes(), contents)


def viewports(children: SearchStrategy[str]) -> SearchStrategy[str]:
    """A nested drawing with a view box of its own."""
    place = '<svg x="{}" y="{}" width="{}" height="{}" viewBox="0 0 {} {}" overflow="{}">{}</svg>'
    overflow = st.sampled_from(["hidden", "visible", "scroll"])
    return st.builds(
        place.format, coordinates, coordinates, sizes, sizes, sizes, sizes, overflow, children
    )


uses = st.builds(
    '<use href="#{}" x="{}" y="{}" {}/>'.format,
    st.sampled_from(["shape", "group", "symbol", "nothing"]), coordinates, coordinates,
    attributes(),
)  # fmt: skip


@st.composite
def definitions(draw: DrawFn) -> str:
    """Elements that others refer to."""
    shape, other, clip = draw(shapes()), draw(shapes()), draw(shapes(effects=False))
    return (
        f'<g id="shape">{shape}</g><g id="group" {draw(attributes())}>{shape}{other}</g>'
        f'<symbol id="symbol" viewBox="0 0 60 90">{other}</symbol>'
        f'<clipPath id="clip">{clip}</clipPath>'
        '<linearGradient id="line"><stop stop-color="#f80"/><stop offset="1" stop-color="#04f"/>'
        '</linearGradient><radialGradient id="circle" gradientUnits="userSpaceOnUse" cx="60"'
        ' cy="60" r="50"><stop stop-color="#fe8"/><stop offset="1" stop-color="#a04"/>'
        "</radialGradient>"
    )


@st.composite
def style_sheets(draw: DrawFn) -> str:
    """Rules of selectors that name elements, classes, children, descendants and attributes."""
    simple = st.sampled_from([*NAMES, "g", "*", ".a", ".b", ".c", "g.a", "rect.b", "[class]"])
    selectors = st.one_of(
        simple,
        st.builds("{} {}".format, simple, simple),
        st.builds("{}>{}".format, simple, simple),
        st.builds("{},{}".format, simple, simple),
        simple.map("{}:first-child".format),
    )
    values = {"fill": colors, "stroke": colors, "stroke-width": st.sampled_from(["2", "6px"])}
    rules = []
    for selector in draw(st.lists(selectors, max_size=4)):
        name = draw(st.sampled_from(sorted(values)))
        important = draw(st.sampled_from(["", "", " !important"]))
        rules.append(f"{selector}{{{name}:{draw(values[name])}{important}}}")
    return "".join(rules)


@st.composite
def documents(draw: DrawFn) -> str:
    """A whole file."""
    leaves = st.one_of(shapes(), shapes(), uses)
    trees = st.recursive(leaves, lambda inner: st.one_of(groups(inner), viewports(inner)),
                         max_leaves=4)  # fmt: skip
    body = draw(st.lists(trees, min_size=1, max_size=3))
    sheet = draw(style_sheets()).replace(">", "&gt;")
    box = draw(st.sampled_from(["0 0 120 120", "-10 5 160 120", "0 0 90 150"]))
    aspect = draw(
        st.sampled_from(["", 'preserveAspectRatio="none"', 'preserveAspectRatio="xMinYMax slice"'])
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{SIZE}" height="{SIZE}" viewBox="{box}" '
        f"{aspect}><style>{sheet}</style><defs>{draw(definitions())}</defs>{''.join(body)}</svg>"
    )
