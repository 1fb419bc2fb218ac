# SPDX-License-Identifier: GPL-3.0-or-later
"""The cascade: which declarations of CSS and of attributes hold for an element.

Parsing is tinycss2's and matching is cssselect2's. A declaration with an invalid value doesn't
count, so that an earlier or inherited one does (CSS Syntax 3, chapter 9).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element

from ..errors import SvgError
from .properties import CSS_ONLY, PRESENTATION, SHORTHANDS, is_valid

Declarations = Mapping[str, str]

_NOTHING: Declarations = {}

# How often selectors may be tried against elements: beyond, style sheets are ignored.
_MOST_TRIALS = 3_000_000
_MOST_NESTED = 16
MAXIMUM_SHEET = 600_000  # characters, without embedded fonts and indentation

_DATA = re.compile(r"""url\(\s*+["']?+data:[^)]*+\)?+""", re.IGNORECASE)  # no picture is drawn
_SPACES = re.compile(r"\s{2,}+")

# A style attribute that needs no tokenizer: names, colons, values and semicolons only.
_SIMPLE = re.compile(r"[\w\s:;#.,%+\-]*", re.ASCII)


class _Declaration(NamedTuple):
    name: str
    value: str
    important: bool


class Cascade:
    """The style sheets of a document, matched against its elements.

    ignored: what could not be read, by kind.
    """

    def __init__(self, root: Element, width: float, height: float, ignored: Counter[str]) -> None:
        """Read all style sheets. width, height: the viewport of media queries, pixels.

        Raises SvgError where reading them would take too long.
        """
        self._ignored = ignored
        self._matched: dict[Element, list[_Declaration]] = {}
        self._styles: dict[str, list[_Declaration]] = {}
        self._declared: dict[Element, Declarations] = {}
        sheets = [
            "".join(style.itertext())
            for style in root.iter("style")
            if style.get("type", "").strip().lower() in ("", "text/css")
            and matches_media(style.get("media", ""), width, height)
        ]
        sheet = _SPACES.sub(" ", _DATA.sub("url()", "\n".join(sheets)))
        if len(sheet) > MAXIMUM_SHEET:
            raise SvgError(
                f"The style sheets are longer than {MAXIMUM_SHEET // 1000} kB.",
                "Export the file with presentation attributes, or simplify it.",
            )
        if sheet.strip():
            self._match(root, sheet, width, height)

    def declared(self, element: Element) -> Declarations:
        """Return the properties that are declared for an element, with valid values."""
        if element not in self._declared:
            self._declared[element] = self._cascaded(element) or _NOTHING
        return self._declared[element]

    def _cascaded(self, element: Element) -> dict[str, str]:
        values = {
            name: value
            for name, value in element.attrib.items()
            if name in PRESENTATION and self._check(name, value, False)
        }
        declarations = self._matched.get(element, [])
        style = element.get("style")
        if style:
            if style not in self._styles:
                self._styles[style] = self._read(style)
            declarations = declarations + self._styles[style]
        for important in (False, True):
            for name, value, is_important in declarations:
                if is_important == important and self._check(name, value, True):
                    values[name] = value
        return values

    def _read(self, block: Any) -> list[_Declaration]:
        """Return the declarations of a style attribute or of a rule's block."""
        try:
            return list(_declarations(block))
        except RecursionError:
            self._ignored["style that is nested too deeply"] += 1
            return []

    def _check(self, name: str, value: str, css: bool) -> bool:
        valid = is_valid(name, value, css)
        if not valid and name not in CSS_ONLY:
            self._ignored["color" if "color" in name or name in ("fill", "stroke") else name] += 1
        return valid

    def _match(self, root: Element, sheet: str, width: float, height: float) -> None:
        """Find the declarations of style sheets for all elements."""
        import cssselect2

        matcher = cssselect2.Matcher()
        for prelude, declarations in self._rules(sheet, width, height):
            try:
                for selector in cssselect2.compile_selector_list(prelude):
                    if selector.pseudo_element is None:
                        matcher.add_selector(selector, declarations)
            except (cssselect2.SelectorError, RecursionError, SyntaxError, MemoryError):
                self._ignored["selector"] += 1
        if _trials(matcher, root) > _MOST_TRIALS:
            self._ignored["style sheet that is too complex"] += 1
            return
        for wrapper in cssselect2.ElementWrapper.from_xml_root(root).iter_subtree():
            found = [
                declaration
                for _specificity, _order, _pseudo, declarations in matcher.match(wrapper)
                for declaration in declarations
            ]
            if found:
                self._matched[wrapper.etree_element] = found

    def _rules(
        self, sheet: str, width: float, height: float
    ) -> Iterator[tuple[list[Any], list[_Declaration]]]:
        """Yield the selectors and declarations of all style rules that apply to a screen."""
        import tinycss2

        pending = [(tinycss2.parse_stylesheet(sheet, skip_comments=True, skip_whitespace=True), 0)]
        while pending:
            rules, depth = pending.pop()
            for number, rule in enumerate(rules):
                if rule.type == "qualified-rule":
                    yield rule.prelude, self._read(rule.content)
                elif rule.type == "at-rule" and rule.content is not None and depth < _MOST_NESTED:
                    if _applies(rule, width, height):
                        # What follows comes later, to keep the order of the sheet.
                        pending.append((rules[number + 1 :], depth))
                        inner = tinycss2.parse_rule_list(
                            rule.content, skip_comments=True, skip_whitespace=True
                        )
                        pending.append((inner, depth + 1))
                        break
                elif rule.type == "error":
                    self._ignored["rule of a style sheet"] += 1


def _trials(matcher: Any, root: Element) -> float:
    """Estimate how often selectors will be tried, from how many elements each may concern."""
    names, classes, ids = Counter[str](), Counter[str](), Counter[str]()
    siblings = 1
    for element in root.iter():
        names[element.tag.lower()] += 1
        ids[element.get("id", "")] += 1
        classes.update(element.get("class", "").split())
        siblings = max(siblings, len(element))
    total = names.total()
    buckets = [
        *((ids[name], entries) for name, entries in matcher.id_selectors.items()),
        *((classes[name], entries) for name, entries in matcher.class_selectors.items()),
        *((names[name], entries) for name, entries in matcher.lower_local_name_selectors.items()),
        *((total, entries) for entries in matcher.namespace_selectors.values()),
        (total, matcher.other_selectors),
    ]
    return sum(count * sum(_cost(entry[0], siblings) for entry in each) for count, each in buckets)


def _cost(test: Any, siblings: int) -> float:
    """Estimate the steps of one compiled selector from the loops in its code."""
    names = _names_in(test.__code__)
    loops = names.count("iter_ancestors") + names.count("ancestors")
    wide = sum(names.count(n) for n in ("iter_previous_siblings", "previous_siblings"))
    wide += sum(names.count(n) for n in ("iter_subtree", "iter_children", "etree_siblings"))
    return float(4.0 ** min(loops, 20) * siblings ** min(wide, 3))


def _names_in(code: Any) -> list[str]:
    """Return the attribute names that code and the code nested in it use."""
    nested = [name for each in code.co_consts if hasattr(each, "co_names") for name in
              _names_in(each)]  # fmt: skip
    return [*code.co_names, *nested]


def _applies(rule: Any, width: float, height: float) -> bool:
    """Return whether a rule with a block of rules applies."""
    import tinycss2

    if rule.lower_at_keyword == "media":
        return matches_media(tinycss2.serialize(rule.prelude), width, height)
    if rule.lower_at_keyword == "supports":
        return not tinycss2.serialize(rule.prelude).strip().lower().startswith("not")
    return bool(rule.lower_at_keyword == "layer")


def _declarations(style: Any) -> Iterator[_Declaration]:
    """Yield the declarations of a block, a text or tokens."""
    if isinstance(style, str) and _SIMPLE.fullmatch(style):
        for piece in style.split(";"):
            name, colon, value = piece.partition(":")
            if colon:
                yield from _declaration(name.strip(), value.strip(), False)
        return
    import tinycss2

    for item in tinycss2.parse_blocks_contents(style, skip_comments=True, skip_whitespace=True):
        if item.type == "declaration":
            value = tinycss2.serialize(item.value).strip()
            yield from _declaration(item.name, value, item.important)


def _declaration(name: str, value: str, important: bool) -> Iterator[_Declaration]:
    name = name if name.startswith("--") else name.lower()
    if name.startswith("--") or name in PRESENTATION or name in CSS_ONLY:
        yield _Declaration(name, value, important)
    for longhand in SHORTHANDS.get(name, ()):
        yield _Declaration(longhand, value, important)


def matches_media(text: str, width: float, height: float) -> bool:
    """Return whether a list of media queries matches a light screen of this size, pixels."""
    queries = text.lower().split(",")
    return not text.strip() or any(_matches_query(query, width, height) for query in queries)


def _matches_query(query: str, width: float, height: float) -> bool:
    words = re.findall(r"\([^()]*\)|[\w-]+", query)
    negated = words[:1] == ["not"]
    tests = [word for word in words[negated:] if word not in ("only", "and")]
    matches = bool(tests) and all(_matches_feature(test, width, height) for test in tests)
    return matches != negated


def _matches_feature(test: str, width: float, height: float) -> bool:
    from .lengths import length

    if not test.startswith("("):
        return test in ("all", "screen")
    name, _, value = (part.strip() for part in test[1:-1].partition(":"))
    side = {"width": width, "height": height}.get(name.removeprefix("min-").removeprefix("max-"))
    bound = length(value, 0.0)
    if side is not None and bound is not None:
        return side >= bound if name[:4] == "min-" else side <= bound if name[:4] == "max-" else (
            side == bound
        )  # fmt: skip
    light = {"prefers-color-scheme": "light", "prefers-reduced-motion": "no-preference",
             "prefers-contrast": "no-preference", "forced-colors": "none", "scripting": "none",
             "color": "", "color-gamut": "srgb",
             "orientation": "landscape" if width > height else "portrait"}  # fmt: skip
    return light.get(name) == value
