"""Lets pygal draw, and keeps of it what the pages' policy allows: shapes, texts and classes.

The one stylesheet says how they look. Fills name patterns in the drawing itself, by attribute, since
browsers do not agree where a stylesheet's ``url(#…)`` points to.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pygal
from django.utils.safestring import SafeString, mark_safe
from pygal.etree import etree
from pygal.style import Style

#: Importing pygal puts a finder for its plugins in the way of every later import, one that Python 3.11
#: warns of; we have no plugins.
sys.meta_path[:] = [f for f in sys.meta_path if not isinstance(f, pygal.PluginImportFixer)]

LETTERS = 12
STYLE = Style(label_font_size=LETTERS, major_label_font_size=LETTERS)
#: What pygal brings for its own scripts and styles.
FOREIGN = {"style", "script", "desc", "title"}
TOP, TOP_WITH_MARK = 18, 42  # room for what stands above the bars
SLANT = 5


@dataclass(frozen=True)
class Bar:
    """One bar as it is drawn; ``number`` stands above it."""

    values: tuple[int, ...]
    tick: str
    number: str
    is_cut: bool


@dataclass(frozen=True)
class Text:
    """What a drawing is called, and what those hear who do not see it."""

    name: str
    title: str
    about: str


@dataclass(frozen=True)
class Size:
    """``name`` is the class by which the stylesheet shows one of several drawings."""

    width: int
    height: int
    name: str


@dataclass(frozen=True)
class Drawing:
    """All that a drawing is made from.

    ``ticks`` are places on the axis with what is written there; ``mark`` is said on either side of the line
    in the first gap.
    """

    bars: tuple[Bar, ...]
    looks: tuple[str, ...]
    ticks: tuple[tuple[int, str], ...]
    text: Text
    size: Size
    mark: tuple[str, str] | None


@lru_cache(maxsize=64)
def draw(what: Drawing) -> SafeString:
    """The SVG of a bar chart, to stand within a page; drawn once for the same numbers and words."""
    size = what.size
    chart = pygal.StackedBar(
        classes=("chart", size.name), style=STYLE, width=size.width, height=size.height, js=(),
        margin=0, margin_top=TOP_WITH_MARK if what.mark else TOP, margin_right=2, spacing=6,
        show_legend=False, no_prefix=True, truncate_label=-1,
        range=(what.ticks[0][0], what.ticks[-1][0]),
        y_labels=[{"value": value, "label": label} for value, label in what.ticks],
    )  # fmt: skip
    chart.x_labels = [bar.tick for bar in what.bars]
    for n, look in enumerate(what.looks):
        chart.add(look, [bar.values[n] if bar.values else 0 for bar in what.bars])
    chart.add_xml_filter(lambda root: _ours(root, what))
    drawn: str = etree.tostring(chart.render_tree(), encoding="unicode")
    return mark_safe(drawn)  # noqa: S308 - texts are escaped where the tree is written


def _ours(root: Any, what: Drawing) -> Any:
    _drop_foreign(root)
    name = f"{what.text.name}-{what.size.name}"
    root.attrib.pop("id", None)
    root.set("role", "img")
    root.set("aria-labelledby", f"{name}-title {name}-about")
    for place, (tag, said) in enumerate((("title", what.text.title), ("desc", what.text.about))):
        told = etree.Element(tag, id=f"{name}-{'title' if tag == 'title' else 'about'}")
        told.text = said
        root.insert(place, told)
    plot = _one(root, "plot")
    columns = _columns(plot, what.looks, name)
    for bar, pieces in zip(what.bars, columns, strict=True):
        _tell(plot, bar, pieces)
    if what.mark:
        _mark(plot, columns, [bool(bar.values) for bar in what.bars], what.mark)
    _drop_what_is_not_there(root)
    _define(root, name, what.size)
    return root


def _columns(plot: Any, looks: Sequence[str], name: str) -> list[list[Any]]:
    """The pieces of each bar, from the bottom up, each with its look."""
    pieces: list[list[Any]] = []
    for n, look in enumerate(looks):
        of_series = list(_one(plot, f"serie-{n}").iter("rect"))
        for rect in of_series:
            rect.set("class", f"bar {look}")
            rect.set("fill", f"url(#{name}-{look})")
        pieces.append(of_series)
    return [list(column) for column in zip(*pieces, strict=True)]


def _tell(plot: Any, bar: Bar, pieces: Sequence[Any]) -> None:
    top = pieces[0]
    for piece in pieces:
        if float(piece.get("height")) > 0:
            top = piece
    middle, y = float(top.get("x")) + float(top.get("width")) / 2, float(top.get("y"))
    if bar.number:
        _add_text(plot, middle, y - 5, bar.number, "number")
    if bar.is_cut:
        left, right = float(top.get("x")) - 3, float(top.get("x")) + float(top.get("width")) + 3
        for height in (y + 10, y + 15):
            line = {"x1": left, "y1": height + SLANT, "x2": right, "y2": height - SLANT}
            plot.append(etree.Element("line", {k: f"{v:.1f}" for k, v in line.items()}))
            plot[-1].set("class", "cut")


def _mark(
    plot: Any, columns: Sequence[Sequence[Any]], filled: Sequence[bool], said: tuple[str, str]
) -> None:
    """A line in the middle of the first gap, with what is said on either side of it."""
    gap = columns[filled.index(False)][0]
    x = float(gap.get("x")) + float(gap.get("width")) / 2
    top = 2 - TOP_WITH_MARK
    line = {"x1": f"{x:.1f}", "x2": f"{x:.1f}", "y1": str(top), "class": "mark"}
    background = next(node for node in plot.iter("rect") if node.get("class") == "background")
    plot.append(etree.Element("line", line | {"y2": background.get("height")}))
    before, after = said
    _add_text(plot, x - 6, top + 10, before, "mark before")
    _add_text(plot, x + 6, top + 10, after, "mark")


def _add_text(plot: Any, x: float, y: float, text: str, kind: str) -> None:
    node = etree.Element("text", {"x": f"{x:.1f}", "y": f"{y:.1f}", "class": kind})
    node.text = text
    plot.append(node)


def _define(root: Any, name: str, size: Size) -> None:
    """Patterns and the fade, which the stylesheet colours."""
    [defs] = [node for node in root if node.tag == "defs"]
    fade = _under(defs, "linearGradient", id=f"{name}-lit", gradientUnits="userSpaceOnUse")
    fade.set("x2", str(size.width))
    for offset, tone in (("0", "out"), (".4", "dim"), (".9", "lit")):
        _under(fade, "stop", offset=offset).set("class", tone)
    hatched = _pattern(defs, f"{name}-hatched", "6")
    hatched.set("patternTransform", "rotate(45)")
    _under(hatched, "line", x1="0", y1="0", x2="0", y2="6").set("class", "hatch")
    hollow = _pattern(defs, f"{name}-hollow", "6")
    _under(hollow, "circle", cx="3", cy="3", r="1").set("class", "dot")


def _pattern(defs: Any, name: str, side: str) -> Any:
    pattern = _under(defs, "pattern", id=name, width=side, height=side)
    pattern.set("patternUnits", "userSpaceOnUse")
    _under(pattern, "rect", width=side, height=side).set("class", "ground")
    return pattern


def _under(parent: Any, tag: str, **attributes: str) -> Any:
    node = etree.Element(tag, attributes)
    parent.append(node)
    return node


def _one(root: Any, kind: str) -> Any:
    return next(node for node in root.iter() if kind in node.get("class", "").split())


def _drop_foreign(root: Any) -> None:
    for parent, child in list(_children(root)):
        if not isinstance(child.tag, str) or child.tag in FOREIGN:
            parent.remove(child)
        else:
            child.attrib.pop("style", None)


def _drop_what_is_not_there(root: Any) -> None:
    """Bars without height, texts without a word, lines up from the ticks, layers for the mouse."""
    for parent, child in list(_children(root)):
        kinds = child.get("class", "").split()
        is_empty = (child.tag == "text" and not child.text) or (
            "bar" in kinds and child.tag == "rect" and float(child.get("height")) <= 0
        )
        is_upright = child.tag == "path" and " v" in child.get("d", "") and "axis" not in kinds
        if is_empty or is_upright or "overlay" in " ".join(kinds) or "background" in kinds:
            parent.remove(child)


def _children(root: Any) -> Iterator[tuple[Any, Any]]:
    return ((parent, child) for parent in root.iter() for child in parent)
