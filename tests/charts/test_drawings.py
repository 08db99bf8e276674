"""Every chart is an SVG that speaks for itself: title, description, own ids, and the same bytes each time."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise

import pytest
from lxml import etree

from sdmxmig.charts import CHARTS, Labels
from sdmxmig.charts.flows import FlowYear, ends
from sdmxmig.charts.population import PopulationYear
from sdmxmig.charts.waterfall import Step, rows

WORDS = {
    "axis": "Persons",
    "immigration": "Immigration",
    "emigration": "Emigration",
    "net": "Net migration",
    "missing": "not known",
    "break": "break",
}
FLOWS = [
    FlowYear("2014", Decimal(82161), Decimal(88704), Decimal(-6543)),
    FlowYear("2015", None, None, None),
    FlowYear("2016", Decimal(90228), Decimal(98288), Decimal(-8060), is_break=True),
]
STEPS = [
    Step("Population at start", "start", Decimal(3736400), "3,736,400"),
    Step("Live births", "change", Decimal(40214), "+40,214"),
    Step("Deaths", "change", Decimal(-42756), "−42,756"),
    Step("End by account", "total", Decimal(3733858), "3,733,858"),
    Step("Residual", "residual", Decimal(-58), "−58"),
    Step("Published end", "total", Decimal(3733800), "3,733,800"),
]
DATA: dict[str, object] = {
    "flows": FLOWS,
    "waterfall": STEPS,
    "population": [
        PopulationYear("2014", Decimal("4490.5"), "4,490.5"),
        PopulationYear("2015", None, "", is_break=True),
    ],
}


def labels(figure: str = "figure-1", **more: str) -> Labels:
    return Labels(figure, more.pop("title", "A title"), more.pop("description", "What it shows"), WORDS, **more)  # type: ignore[arg-type]


def draw(name: str, **more: str) -> str:
    chart: Callable[..., str] = CHARTS[name]
    return chart(DATA[name], labels(**more))


def test_every_chart_has_a_case_here() -> None:
    assert set(CHARTS) == set(DATA)


@pytest.mark.parametrize("name", sorted(DATA))
def test_a_chart_is_an_svg_with_title_and_description_first(name: str) -> None:
    root = etree.fromstring(draw(name, title="Tom & <Ann>").encode())
    title, description = root[0], root[1]
    assert (title.tag, title.text) == ("{http://www.w3.org/2000/svg}title", "Tom & <Ann>")
    assert (description.tag, description.text) == ("{http://www.w3.org/2000/svg}desc", "What it shows")
    assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
    assert root.get("role") == "img"


@pytest.mark.parametrize("name", sorted(DATA))
def test_the_same_chart_is_the_same_text(name: str) -> None:
    assert draw(name) == draw(name)


@pytest.mark.parametrize("name", sorted(DATA))
def test_two_charts_on_a_page_share_no_id(name: str) -> None:
    def ids(drawn: str) -> set[str]:
        return set(re.findall(r'\bid="([^"]+)"', drawn))

    first, second = draw(name), draw(name).replace("figure-1", "figure-2")
    assert ids(first) == {each.replace("figure-2", "figure-1") for each in ids(second)}
    assert all(each.startswith("figure-1-") for each in ids(first))


@pytest.mark.parametrize("name", sorted(DATA))
def test_a_chart_has_a_white_ground_and_loads_nothing(name: str) -> None:
    drawn = draw(name)
    assert 'fill="#ffffff"' in drawn
    assert "<image" not in drawn
    assert "<style" not in drawn
    assert "style=" not in drawn


@pytest.mark.parametrize("name", sorted(DATA))
def test_gaps_and_breaks_are_written_out(name: str) -> None:
    drawn = draw(name)
    if name != "waterfall":
        assert "not known" in drawn
        assert ">break<" in drawn


def test_a_chart_without_a_description_is_refused() -> None:
    with pytest.raises(ValueError, match="no description"):
        draw("flows", description=" ")


def test_a_language_from_right_to_left_turns_the_axis() -> None:
    left_to_right, mirrored = draw("flows"), draw("flows", direction="rtl")

    def place(drawn: str, year: str) -> float:
        found = re.search(rf'translate\(([\d.]+),[\d.]+\)"[^>]*>{year}<', drawn)
        assert found
        return float(found.group(1))

    assert place(left_to_right, "2014") < place(left_to_right, "2016")
    assert place(mirrored, "2014") > place(mirrored, "2016")


def test_steps_begin_where_the_one_before_ended() -> None:
    assert [(row["begin"], row["end"]) for row in rows(STEPS)] == [
        (0.0, 0.0),
        (0.0, 40214.0),
        (40214.0, -2542.0),
        (0.0, -2542.0),
        (-2542.0, -2600.0),
        (0.0, -2600.0),
    ]


def test_words_at_the_end_of_the_series_do_not_touch() -> None:
    near = [FlowYear("2024", Decimal(1000), Decimal(1000), Decimal(0)), FlowYear("2023", Decimal(90000), None, None)]
    heights = [float(str(end["y"])) for end in ends(near, labels())]
    assert heights == sorted(heights, reverse=True)
    assert min(upper - lower for upper, lower in pairwise(heights)) > 5000
