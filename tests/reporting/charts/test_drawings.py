"""Every chart is an SVG that speaks for itself: title, description, own ids, and the same bytes each time."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from lxml import etree

from sdmxmig.reporting.charts import EDGE_COLOUR, ChartLabels, line_charts, streams, timetable
from sdmxmig.reporting.charts.bars import AgeClass, EstimateBar, StatusGroup, draw_estimates, draw_groups, draw_pyramid
from sdmxmig.reporting.charts.line_charts import SeriesLine, SeriesPlot, SeriesPoint
from sdmxmig.reporting.charts.streams import Stream
from sdmxmig.reporting.charts.theme import SHIPPED_THEME, Theme, build_theme
from sdmxmig.reporting.charts.timetable import Timetable, TimetableRow
from sdmxmig.reporting.charts.years import FlowYear, PopulationYear, draw_flow_years, draw_population_years

WORDS = {
    "level": "register = 100",
    "provisional": "provisional",
    "axis": "Persons",
    "immigration": "Immigration",
    "emigration": "Emigration",
    "net": "Net migration",
    "missing": "not stated",
    "break": "break",
    "l4": "yes or fully",
    "unknown": "not stated",
    "origins": "Immigrants",
    "na": "not applicable",
    "men": "Men",
    "women": "Women",
    "shown": "Foreign-born",
    "all": "Total population",
    "proposed": "proposed months",
    "decided": "dates set by the country",
    "destinations": "Emigrants",
}
FLOWS = [
    FlowYear("2014", Decimal(82161), emigration=Decimal(88704), net=Decimal(-6543)),
    FlowYear("2015", None, emigration=None, net=None),
    FlowYear("2016", Decimal(90228), emigration=Decimal(98288), net=Decimal(-8060), is_break=True),
]
MARKS = ((-100000.0, "−100,000"), (0.0, "0"), (100000.0, "100,000"))
INTERVALS = [
    EstimateBar("Foreign citizens", 0.87, low=0.77, high=0.99, written="87.3 (76.8 to 99.0)"),
    EstimateBar("Citizens", 1.02, low=None, high=None, written="102.4"),
]
GROUPS = [
    StatusGroup("NB_NC", "Native-born citizens", value=Decimal(8314314), written="8,314,314 (78.5%)"),
    StatusGroup("FB_FC", "Foreign-born foreign citizens", value=Decimal(758655), written="758,655 (7.2%)"),
]
PYRAMID = (
    (
        AgeClass("0–14", 0.1, women=0.09, all_men=0.09, all_women=0.085),
        AgeClass("15–64", 0.3, women=0.32),
        AgeClass("65+", 0.08, women=0.11),
    ),
    ((0.1, "10%"), (0.2, "20%")),
)
STREAMS = (
    "Georgia",
    (Stream("Russian Federation", 62304, written="62,304"), Stream("all others", 117474, written="117,474")),
    (Stream("Georgia", 100802, written="100,802"),),
)
TIMETABLE = Timetable(
    (
        TimetableRow(1, "Sign an agreement with the border authority", first=1, last=9, written="1–9"),
        TimetableRow(
            2,
            "Receive entries and exits by person and match them",
            first=10,
            last=27,
            written="10–27",
            after=(1,),
            is_decided=True,
        ),
    ),
    ("2024", "2025", "2026"),
)
COURSES = [
    SeriesPlot(
        (
            SeriesLine(
                "Georgia", (SeriesPoint(2022, 14.7), SeriesPoint(2023, -10.6), SeriesPoint(2024, 3.9, is_final=False))
            ),
            SeriesLine(
                "Sweden", (SeriesPoint(2021, 4.1), SeriesPoint(2023, 2.0), SeriesPoint(2024, 2.8, is_break=True))
            ),
        ),
        ((-20.0, "−20"), (0.0, "0"), (20.0, "+20")),
    )
]
DRAWINGS: dict[str, Callable[..., str]] = {
    "courses": line_charts.draw,
    "timetable": timetable.draw,
    "groups": draw_groups,
    "intervals": draw_estimates,
    "pyramid": draw_pyramid,
    "streams": streams.draw,
    "flows": draw_flow_years,
    "population": draw_population_years,
}
DATA: dict[str, tuple[object, ...]] = {
    "courses": (COURSES,),
    "timetable": (TIMETABLE,),
    "groups": (GROUPS,),
    "intervals": (INTERVALS,),
    "pyramid": PYRAMID,
    "streams": STREAMS,
    "flows": (FLOWS, MARKS),
    "population": (
        [
            PopulationYear("2014", Decimal("4490.5")),
            PopulationYear("2015", None),
            PopulationYear("2016", Decimal("4500.5"), census=Decimal("4600.5"), census_label="census of 2016"),
        ],
        ((0.0, "0"), (5000.0, "5,000")),
    ),
}


def labels(figure: str = "figure-1", **more: str) -> ChartLabels:
    return ChartLabels(
        figure, more.pop("title", "A title"), description=more.pop("description", "What it shows"), words=WORDS, **more
    )  # type: ignore[arg-type]


def chart(name: str) -> Callable[..., str]:
    return DRAWINGS[name]


def draw(name: str, **more: str) -> str:
    return chart(name)(*DATA[name], labels(**more))


@pytest.mark.parametrize(
    ("flows", "words"),
    [
        ((Decimal(1), None, Decimal(1)), 1),
        ((None, Decimal(1), Decimal(1)), 1),
        ((None, None, Decimal(1)), 0),
        ((None, None, Decimal(-1)), 0),
        ((None, None, None), 1),
        ((Decimal(1), Decimal(1), Decimal(0)), 0),
    ],
    ids=["no emigration", "no immigration", "only a gain", "only a loss", "nothing", "both"],
)
def test_missing_bar_is_labelled(flows: tuple[Decimal | None, ...], words: int) -> None:
    immigration, emigration, net = flows
    years = [*FLOWS[2:], FlowYear("2017", immigration, emigration=emigration, net=net)]
    assert chart("flows")(years, MARKS, labels()).count(">not stated<") == words


def test_census_is_drawn_as_a_labelled_dot_above_yearly_figures() -> None:
    circles = etree.fromstring(draw("population").encode()).iter("{http://www.w3.org/2000/svg}circle")
    (*line, census) = [(circle.get("fill"), float(circle.get("cy", ""))) for circle in circles]
    assert "census of 2016" in said(draw("population"))
    assert census[0] == labels().theme.accent
    assert all(census[1] < y for _, y in line)


@pytest.mark.parametrize("name", sorted(DATA))
def test_chart_svg_begins_with_title_and_description(name: str) -> None:
    root = etree.fromstring(draw(name, title="Tom & <Ann>").encode())
    title, description = root[0], root[1]
    assert (title.tag, title.text) == ("{http://www.w3.org/2000/svg}title", "Tom & <Ann>")
    assert (description.tag, description.text) == ("{http://www.w3.org/2000/svg}desc", "What it shows")
    assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
    assert root.get("role") == "img"


@pytest.mark.parametrize("name", sorted(DATA))
def test_charts_on_a_page_have_distinct_ids(name: str) -> None:
    def ids(drawn: str) -> set[str]:
        return set(re.findall(r'\bid="([^"]+)"', drawn))

    first, second = draw(name), draw(name).replace("figure-1", "figure-2")
    assert ids(first) == {each.replace("figure-2", "figure-1") for each in ids(second)}
    assert all(each.startswith("figure-1-") for each in ids(first))


@pytest.mark.parametrize("name", sorted(DATA))
def test_chart_has_white_background_and_loads_no_resource(name: str) -> None:
    drawn = draw(name)
    assert 'fill="#ffffff"' in drawn
    assert "<image" not in drawn
    assert "<style" not in drawn
    assert "style=" not in drawn


TIMELINES = ("flows", "population")


@pytest.mark.parametrize("name", TIMELINES)
def test_gaps_and_breaks_are_described_in_words(name: str) -> None:
    drawn = draw(name)
    assert "not stated" in drawn
    assert (">break<" in drawn) == (name == "flows")


def test_right_to_left_language_reverses_the_axis() -> None:
    left_to_right, mirrored = draw("flows"), draw("flows", direction="rtl")

    assert place_of(left_to_right, "2014")[0] < place_of(left_to_right, "2016")[0]
    assert place_of(mirrored, "2014")[0] > place_of(mirrored, "2016")[0]


def said(drawn: str) -> list[str]:
    """The words of a drawing in their order, without the marks of direction."""
    root = etree.fromstring(drawn.encode())
    found = ("".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text"))
    return [words.strip("\u2067\u2069") for words in found]


def place_of(drawn: str, words: str) -> tuple[float, str]:
    """The horizontal position of words, and which of their ends it is."""
    for text in etree.fromstring(drawn.encode()).iter("{http://www.w3.org/2000/svg}text"):
        if words in "".join(text.itertext()):
            return float(text.get("x", "0")), text.get("text-anchor", "")
    raise AssertionError(words)


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_break_is_marked_between_its_years(direction: str) -> None:
    years = [
        FlowYear(str(year), Decimal(9), emigration=Decimal(5), net=Decimal(4), is_break=year == 2016)
        for year in range(2014, 2018)
    ]
    drawn = chart("flows")(years, ((-5.0, "−5"), (10.0, "10")), labels(direction=direction))
    before, after = (place_of(drawn, year)[0] for year in ("2015", "2016"))
    mark = re.search(r'<line x1="([\d.]+)"[^>]*stroke-dasharray', drawn)
    assert mark
    assert min(before, after) < float(mark[1]) < max(before, after)


def test_line_does_not_cross_a_break() -> None:
    """Points before and after a break are not comparable, so no line joins them."""
    years = [FlowYear(str(year), Decimal(9), emigration=Decimal(5), net=Decimal(4)) for year in range(2014, 2018)]

    def strokes(broken: int) -> int:
        shown = [replace(year, is_break=year.period == str(broken)) for year in years]
        # The line of net migration is drawn twice: a white one below the dark one.
        return chart("flows")(shown, ((-5.0, "−5"), (10.0, "10")), labels()).count('stroke-width="2.2"')

    assert strokes(0) == 1
    assert strokes(2016) == 2


def test_bars_begin_at_zero_and_match_their_numbers() -> None:
    drawn = draw("groups")
    bars = re.findall(r'<rect x="([\d.]+)"[^>]* width="([\d.]+)"[^>]* fill="(#5b7c99|#d55e00)"', drawn)
    (first, long, _), (second, short, _) = bars
    assert first == second
    assert float(short) / float(long) == pytest.approx(758655 / 8314314, abs=0.001)


@pytest.mark.parametrize(
    ("name", "words"),
    [("groups", "8,314,314"), ("streams", "Immigrants")],
)
def test_drawing_and_its_labels_are_mirrored(name: str, words: str) -> None:
    left, side = place_of(draw(name), words)
    right, other = place_of(draw(name, direction="rtl"), words)
    assert left + right == pytest.approx(570)
    assert (side, other) == ("start", "end")


def test_streams_are_as_wide_as_their_numbers() -> None:
    bands = re.findall(r"M[\d.]+ ([\d.]+)C[^V]+V([\d.]+)C[^Z]+ ([\d.]+)Z", draw("streams"))
    widths = [float(end) - float(begin) for begin, _, end in bands]
    assert widths[1] / widths[0] == pytest.approx(117474 / 62304, abs=0.01)
    assert widths[2] / widths[0] == pytest.approx(100802 / 62304, abs=0.01)


def test_lines_show_gaps_breaks_and_provisional_values() -> None:
    drawing = draw("courses")
    # Georgia: 2022 to 2023 to 2024. Sweden: nothing, since 2022 is missing and its figures break before 2024.
    assert drawing.count('stroke-width="2"') == 2
    assert drawing.count('r="3.8"') == 2  # one figure, and the ring that is explained
    assert {"Georgia", "Sweden", "2021", "2024", "−20", "0", "+20", "provisional"} <= set(said(drawing))


def contrast(one: str, other: str) -> float:
    """The contrast of two colours as WCAG 2.2 defines it."""

    def luminance(colour: str) -> float:
        parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


THEMES = [
    SHIPPED_THEME,
    *(build_theme({"accent": accent}) for accent in ("#7a1f5c", "#000000", "#00632b", "#b00000", "#3a0ca3")),
]
"""The shipped colours, and those that follow from other accents: dark, black, and each of the colours of light."""


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.accent)
@pytest.mark.parametrize("level", sorted(SHIPPED_THEME.levels))
def test_symbol_has_enough_contrast_with_its_background(level: str, theme: Theme) -> None:
    assert contrast(*theme.levels[level]) >= 4.5


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.accent)
def test_drawn_colours_have_enough_contrast_with_paper(theme: Theme) -> None:
    for colour in (theme.accent, theme.light, theme.secondary, EDGE_COLOUR):
        assert contrast(colour, "#ffffff") >= 3


@pytest.mark.parametrize("name", sorted(DATA))
def test_office_colours_replace_all_default_colours(name: str) -> None:
    chosen = {"accent": "#7a1f5c", "ink": "#222222", "secondary": "#555555"}
    own = build_theme(chosen)

    drawn = chart(name)(*DATA[name], replace(labels(), theme=own))

    used = set(re.findall(r"#[0-9a-f]{6}", drawn))
    shipped = {
        SHIPPED_THEME.ink,
        SHIPPED_THEME.secondary,
        SHIPPED_THEME.accent,
        SHIPPED_THEME.light,
        SHIPPED_THEME.pale,
        *SHIPPED_THEME.ramp,
    }
    assert not used & shipped
    assert used & {*chosen.values(), own.light, own.pale, *own.ramp}
