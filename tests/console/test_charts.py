"""Charts: nothing that the pages' policy forbids, readable without colour, the same numbers in the table."""

from __future__ import annotations

import re
from datetime import date
from xml.etree import ElementTree

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from fadeout.console.charts import months, scale
from fadeout.console.charts.bars import GAP, Chart, Column, Look, Mark, Series, bar_chart

SVG = "{http://www.w3.org/2000/svg}"
SERIES = [Series("due now", Look.HATCHED), Series("falls due")]
MARK = Mark("9,000 due", "Today, cutoff 3 March", "9,000", "3 March")
MONTHS = [Column(f"Month {n}", (0, 100 * n), tick=f"M{n}") for n in range(1, 25)]


def charted(columns: list[Column], **more: object) -> Chart:
    known: dict[str, object] = {
        "name": "trial",
        "title": "What <falls> due",
        "about": "Much & more.",
        "head": "Month",
        "unit": "Contacts",
    }
    return bar_chart(columns, SERIES, **known | more)  # type: ignore[arg-type]


def drawn(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)  # noqa: S314 - our own


def bars(svg: str, look: str) -> list[float]:
    """The heights of the bars of a look."""
    found = drawn(svg).iter(f"{SVG}rect")
    return [float(r.get("height", "")) for r in found if r.get("class") == f"bar {look}"]


def texts(svg: str, kind: str) -> list[str | None]:
    return [t.text for t in drawn(svg).iter(f"{SVG}text") if kind in (t.get("class") or "").split()]


@pytest.fixture
def chart() -> Chart:
    return charted([Column("Due now", (9_000, 0)), GAP, *MONTHS], ceiling=3_000, mark=MARK)


@pytest.mark.parametrize("size", ["wide", "narrow"])
def test_nothing_is_in_it_that_the_policy_of_pages_forbids(chart: Chart, size: str) -> None:
    svg = getattr(chart, size)
    assert 'class="chart' in svg
    kinds = {node.tag.removeprefix(SVG) for node in drawn(svg).iter()}
    assert "rect" in kinds
    assert kinds <= {
        "svg", "title", "desc", "defs", "linearGradient", "stop", "pattern",
        "g", "path", "text", "rect", "line", "circle",
    }  # fmt: skip
    attributes = {name for node in drawn(svg).iter() for name in node.attrib}
    assert "class" in attributes
    assert not {name for name in attributes if name.startswith("on") or "href" in name}
    assert "style" not in attributes
    assert "<!--" not in svg
    assert "pygal" not in svg.lower()


def test_it_says_what_it_is_to_those_who_do_not_see_it(chart: Chart) -> None:
    for svg in (chart.wide, chart.narrow):
        root = drawn(svg)
        assert root.get("role") == "img"
        by_id = {n.get("id"): n.text for n in root.iter() if n.get("id")}
        said = [by_id[name] for name in root.get("aria-labelledby", "").split()]
        assert said == ["What <falls> due", "Much & more."]
    ids = re.findall(r' id="([^"]+)"', chart.wide + chart.narrow)
    assert len(ids) == len(set(ids)) == 10


def test_bars_are_told_apart_by_pattern_and_are_as_high_as_their_numbers(chart: Chart) -> None:
    heights = bars(chart.wide, "lit")
    assert len(heights) == 24
    assert heights[-1] == pytest.approx(24 * heights[0])
    [cut] = bars(chart.wide, "hatched")
    assert cut == pytest.approx(30 * heights[0])  # at its ceiling
    fills = {r.get("fill") for r in drawn(chart.wide).iter(f"{SVG}rect") if r.get("fill")}
    patterns = {f"url(#{node.get('id')})" for node in drawn(chart.wide).iter() if node.get("id")}
    assert len(fills) == 2
    assert fills < patterns


def test_a_bar_that_is_cut_off_shows_it_and_its_number_stands_elsewhere(chart: Chart) -> None:
    cuts = [n for n in drawn(chart.wide).iter(f"{SVG}line") if n.get("class") == "cut"]
    assert len(cuts) == 2
    assert texts(chart.wide, "mark") == ["9,000 due", "Today, cutoff 3 March"]
    assert texts(chart.narrow, "mark") == ["9,000", "3 March"]
    assert "3,000" not in texts(chart.wide, "number")


def test_numbers_stand_above_all_bars_or_above_none() -> None:
    few = charted(MONTHS[:6])
    assert texts(few.wide, "number") == [f"{100 * n}" for n in range(1, 7)]
    many = charted([Column("x", (0, 1_234_567))] * 24)
    assert texts(many.wide, "number") == []
    assert len(bars(many.wide, "lit")) == 24


def test_the_table_holds_every_number(chart: Chart) -> None:
    page = render_to_string("charts/chart.html", {"chart": chart, "caption": "So it is."})
    assert page.count("<svg") == 2
    for text in ("<caption>What &lt;falls&gt; due</caption>", "So it is.", "due now"):
        assert text in page
    rows = re.findall(r'<th scope="row">(.*?)</th><td class="number">(.*?)</td></tr>', page)
    assert rows == [
        ("Due now", "9,000"),
        *((f"Month {n}", f"{100 * n:,}") for n in range(1, 25)),
        ("All", "39,000"),
    ]


def test_where_bars_are_piled_each_part_has_a_column() -> None:
    piled = charted([Column("2025", (3, 4)), Column("2026", (0, 5))])
    page = render_to_string("charts/chart.html", {"chart": piled})
    assert page.count('scope="col"') == 4
    cells = re.findall(r'<td class="number">(.*?)</td>', page)
    assert cells == ["3", "4", "7", "0", "5", "5", "3", "9", "12"]
    [lower], upper = bars(piled.wide, "hatched"), bars(piled.wide, "lit")
    assert lower / 3 == pytest.approx(upper[0] / 4) == pytest.approx(upper[1] / 5)


@pytest.mark.parametrize(
    "columns",
    [
        [Column("one", (0, 0))],
        [Column("one", (0, 1))],
        [Column("one", (10**12, 0)), GAP, *MONTHS],
        [GAP, Column("one", (0, 0))],
    ],
)
def test_odd_ones_are_drawn_too(columns: list[Column]) -> None:
    chart = charted(columns)
    seen = sum(1 for column in columns for value in column.values if value)
    assert len(bars(chart.wide, "lit") + bars(chart.wide, "hatched")) == seen
    assert chart.total == sum(column.total for column in columns)


def test_numbers_are_written_as_the_language_does(chart: Chart) -> None:
    with translation.override("de"):
        german = charted([Column("x", (0, 4_000))])
        page = render_to_string("charts/chart.html", {"chart": german})
    assert "4.000" in texts(german.wide, "number")
    assert '<td class="number">4.000</td>' in page


def test_the_axis_has_round_numbers() -> None:
    assert scale.ticks(0) == [0, 1]
    assert scale.ticks(1) == [0, 1]
    assert scale.ticks(7) == [0, 2, 4, 6, 8]
    assert scale.ticks(26_000) == [0, 10_000, 20_000, 30_000]
    for largest in (1, 2, 3, 9, 10, 11, 99, 12_345, 10**9):
        found = scale.ticks(largest)
        assert found[-1] >= largest
        assert 2 <= len(found) <= 6


def test_months_end_where_the_calendar_does() -> None:
    assert len(months.counts({}, date(2026, 1, 31))) == 25
    assert months.counts({"9999-12": 3}, date(9999, 11, 30)) == [
        (date(9999, 11, 1), 0),
        (date(9999, 12, 1), 3),
    ]
