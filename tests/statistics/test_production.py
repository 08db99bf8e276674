"""The section on production: period of the figures, population covered, and statistics compiled."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from assessed import georgia

from sdmxmig.reporting.sections.blocks import ReportTable
from sdmxmig.reporting.sections.views import VIEWS
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.statistics.model.assessment import Assessment
from sdmxmig.statistics.model.availability import Availability, AvailableTopic, Breakdown, CommonCode

NAMES = {
    "C_CITIZEN.RU": Text.of(en="Russian Federation"),
    "C_CITIZEN.UA": Text.of(en="Ukraine"),
    "C_CITIZEN.GE": Text.of(en="Georgia"),
    "C_CITIZEN._U": Text.of(en="Unknown"),
    "AGE.Y0T14": Text.of(en="0 to 14 years"),
    "AGE.Y_GE15": Text.of(en="15 years or over"),
}
Codes = dict[tuple[str, ...], int]


def breakdown(flow: str, period: str, by: tuple[str, ...], figures: Codes, **more: Any) -> Breakdown:
    """Figures of one flow and period; `more` are the population, the whole and the source."""
    values = tuple((codes, Decimal(value)) for codes, value in figures.items())
    whole = more.pop("whole", None)
    return Breakdown(
        flow, period, by=by, figures=values, whole=None if whole is None else Decimal(whole), names=NAMES, **more
    )


def citizens(flow: str, period: str, **figures: int) -> Breakdown:
    whole = figures.pop("whole", None)
    return breakdown(flow, period, ("C_CITIZEN",), {(code,): n for code, n in figures.items()}, whole=whole)


def section(*breakdowns: Breakdown, assessment: Assessment | None = None) -> Any:
    return VIEWS["production"](replace(assessment or georgia(), breakdowns=breakdowns), Wording("en"))


def texts(table: ReportTable) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in table.rows]


FOUR = {("NB", "NC"): 700, ("FB", "NC"): 120, ("NB", "FC"): 20, ("FB", "FC"): 160}
STATUS = ("BIRTH_STATUS", "CTZ_STATUS")


def test_four_groups_are_of_the_latest_complete_year() -> None:
    figure = section(
        breakdown("DF_POP", "2020", STATUS, FOUR, whole=1000),
        breakdown("DF_POP", "2021", STATUS, {("NB", "NC"): 7}, whole=1000),
    )["groups"]
    # (120 + 160) / 1000 were born abroad; 120 of these 280 are citizens.
    assert all(fact in figure.title for fact in ("2020", "28.0%", "42.9%"))
    assert "120 (12.0%)" in figure.description
    assert texts(figure.data) == [["2020", "700", "120", "20", "160"]]


def test_outdated_flows_by_country_are_not_charted() -> None:
    old = citizens("DF_IMM", "2003", RU=5, UA=9), citizens("DF_EMI", "2003", RU=5, UA=9)
    assert [section(*old)[name] for name in ("places", "streams", "countries")] == [None, None, ""]
    recent = section(*old, citizens("DF_IMM", "2022", RU=5, UA=9))
    assert recent["places"].title.startswith("Immigration by country of citizenship, 2022")


def test_counts_of_migrants_have_share_and_source_by_year() -> None:
    census = breakdown(
        "DF_POP_TOPIC", "2024", STATUS, {("_T", "NC"): 3672581, ("_T", "FC"): 257000}, whole=3929581, source="A [G2]"
    )
    uncounted = breakdown("DF_POP", "2021", STATUS, {("FB", "_T"): 290})
    yearly = breakdown("DF_POP", "2020", STATUS, {**FOUR, ("FB", "_T"): 280}, whole=1000)
    born_abroad, citizens_of_others = section(census, yearly, uncounted)["migrants"]
    assert [column.label for column in born_abroad.columns] == ["Year", "Foreign-born", "Total population", "Share"]
    assert texts(born_abroad) == [["2020", "280", "1,000", "28.0%"], ["2021", "290", "–", "–"]]
    assert texts(citizens_of_others) == [["2024", "257,000", "3,929,581", "6.5%"]]
    assert citizens_of_others.rows[0].cells[0].sources == ("G2",)


def test_bars_show_other_countries_of_the_latest_full_year() -> None:
    figure = section(
        citizens("DF_IMM", "2022", RU=62304, UA=20716, GE=54405, BY=13361, whole=179778),
        citizens("DF_IMM", "2024", RU=23574, whole=135811),
    )["places"]
    # 2024 names one country only, 2022 four; citizens of Georgia itself are not from elsewhere.
    assert figure.title == "Immigration by country of citizenship, 2022: Russian Federation 34.7%"
    assert "Georgia" not in figure.description
    # (62 304 + 20 716 + 13 361) / 179 778, and 54 405 / 179 778
    assert "53.6%" in figure.notes[0]
    assert "54,405 (30.3%); all others, 28,992 (16.1%)" in figure.notes[1]
    assert texts(figure.data)[-2] == ["Own citizens", "54,405"]
    assert texts(figure.data)[-1] == ["Published total", "179,778"]


def test_residents_by_country_of_birth_precede_flows() -> None:
    stock = replace(citizens("DF_POP", "2020", RU=5, UA=9, whole=1000), by=("C_BIRTH",))
    figure = section(citizens("DF_IMM", "2022", RU=62304, UA=20716), stock)["places"]
    assert figure.title.startswith("Residents by country of birth, 2020")
    assert texts(figure.data)[-1] == ["Total population", "1,000"]


def test_streams_show_both_directions_and_remainders() -> None:
    figure = section(
        citizens("DF_IMM", "2022", RU=62304, UA=20716, GE=54405, _U=10, whole=179778),
        citizens("DF_EMI", "2022", GE=100802, RU=5935, whole=125269),
    )["streams"]
    assert "2022: Russian Federation is the largest" in figure.title
    # 179 778 − 62 304 − 20 716 − 54 405 = 42 353 and 125 269 − 100 802 − 5 935 = 18 532
    assert "all others 42,353" in figure.description
    assert "all others 18,532" in figure.description
    assert texts(figure.data) == [
        ["Russian Federation", "62,304", "5,935"],
        ["Ukraine", "20,716", "–"],
        ["Own citizens", "54,405", "100,802"],
        ["Unknown", "10", "–"],
        ["Published total", "179,778", "125,269"],
    ]


def test_own_citizens_always_form_a_separate_stream() -> None:
    many = {f"A{letter}": 100 + n for n, letter in enumerate("DFGILMORSTUWZ")}
    figure = section(citizens("DF_IMM", "2022", GE=1, **many), citizens("DF_EMI", "2022", RU=5))["streams"]
    into = figure.description.split("Out of it")[0]
    assert "own citizens 1 and all others" in into
    # Eight countries, own citizens and the other five, 100 to 104: ten streams.
    assert "all others 510" in into


def test_each_side_has_at_most_ten_streams() -> None:
    many = {f"A{letter}": 100 + n for n, letter in enumerate("DEFGILMORSTUWZ")}
    figure = section(citizens("DF_IMM", "2022", **many), citizens("DF_EMI", "2022", RU=5))["streams"]
    into = figure.description.split("Out of it")[0]
    # The smallest five of fourteen, 100 to 104, stand together: 510.
    assert into.count(",") + into.count(" and ") == 9
    assert "all others 510" in into


def test_flows_of_different_years_are_not_drawn_as_streams() -> None:
    assert section(citizens("DF_IMM", "2022", RU=5), citizens("DF_EMI", "2021", RU=5))["streams"] is None


AGES = {("F", "Y0T14"): 10, ("M", "Y0T14"): 15, ("F", "Y_GE15"): 40, ("M", "Y_GE15"): 35}
BORN_ABROAD = (("BIRTH_STATUS", "FB"),)


def test_pyramid_requires_both_sexes_in_all_ages() -> None:
    by = ("SEX", "AGE")
    whole = breakdown("DF_POP", "2022", by, AGES)
    figure = section(breakdown("DF_POP", "2022", by, AGES, of=BORN_ABROAD), whole)["pyramid"]
    # 75 of 100 persons are 15 or over; 50 of 100 are women.
    assert "15 years or over, 75.0%" in figure.title
    assert "Women are 50.0%" in figure.description
    assert texts(figure.data)[0] == ["0 to 14 years", "15", "10", "15", "10"]
    holes = {codes: n for codes, n in AGES.items() if codes != ("M", "Y_GE15")}
    assert section(breakdown("DF_POP", "2022", by, holes, of=BORN_ABROAD), whole)["pyramid"] is None


def test_available_data_are_shown_with_declared_compilation() -> None:
    held = (
        Availability(
            "DF_IMM",
            Text.of(en="Immigration"),
            first="2012",
            last="2024",
            values=83,
            topics=(AvailableTopic("SEX", Text.of(en="Sex"), "2024"),),
        ),
        Availability("DF_DEATHS", Text.of(en="Deaths"), first="2024", last="2024", values=1),
        Availability(
            "DF_BORDER",
            Text.of(en="Border crossings"),
            first="2023",
            last="2023",
            values=2,
            common=(CommonCode(Text.of(en="Country of citizenship"), Text.of(en="Russian Federation")),),
        ),
    )
    table = section(assessment=replace(georgia(), holdings=held))["held"]
    assert texts(table) == [
        ["Immigration", "2012–2024", "83", "sex"],
        ["Deaths", "2024", "1", "totals only"],
        ["Border crossings", "2023", "2", "country of citizenship “Russian Federation” only"],
    ]
    assert section()["held"] is None


@pytest.mark.parametrize("language", ["ar", "es", "fr", "ru", "zh"])
def test_every_figure_is_drawn_in_every_language(language: str) -> None:
    shown = replace(
        georgia(),
        breakdowns=(
            breakdown("DF_POP", "2020", STATUS, FOUR, whole=1000),
            breakdown("DF_POP", "2022", ("SEX", "AGE"), AGES, of=BORN_ABROAD),
            citizens("DF_POP", "2022", RU=62304, UA=20716),
            citizens("DF_IMM", "2022", RU=62304, UA=20716, GE=54405),
            citizens("DF_EMI", "2022", GE=100802, RU=5935),
        ),
    )
    view: Any = VIEWS["production"](shown, Wording(language))
    for name in ("groups", "pyramid", "places", "streams"):
        assert "<title" in view[name].svg
        assert view[name].description
