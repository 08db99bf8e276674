"""An answer that the data contradict is shown as one to confirm: nowhere a gap."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from small_country import assessed, dataset

from sdmxmig.reporting.sections.answers import open_questions
from sdmxmig.reporting.sections.region.availability import build_rating_cell
from sdmxmig.reporting.sections.views import VIEWS
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.statistics.comparison import list_common_gaps
from sdmxmig.statistics.model.assessment import Assessment
from sdmxmig.statistics.model.region import Country

EN = Wording("en")
TO_CONFIRM = "contradicted by the data, to confirm"
ANSWERS = """
items.C01.answer = "1"
items.C02.answer = "0"
items.B05.answer = "3"
items.B05.practice.en = "As the population."
indicators.IMM_RATE.L01.answer = "1"
indicators.EMI_RATE.L01.answer = "1"
"""


@pytest.fixture(scope="module")
def contradicted() -> Assessment:
    """The data show residents by birth, another rule of immigration and the rate of immigration."""
    years = [{"TIME_PERIOD": year, "OBS_VALUE": "1000"} for year in ("2022", "2023", "2024")]
    return assessed(
        ANSWERS,
        dataset("DF_POP", *years, years[2] | {"BIRTH_STATUS": "FB", "OBS_VALUE": "80"}, REF_DATE="D0101"),
        dataset("DF_IMM", *(year | {"OBS_VALUE": "40"} for year in years[:2]), RES_RULE="OTH"),
    )


def cells(value: Any) -> Iterator[str]:
    for row in value.rows:
        yield " | ".join(cell.text for cell in row.cells)


def test_contradicted_answers_are_listed_and_other_gaps_remain(contradicted: Assessment) -> None:
    assert {(each.subject, each.item) for each in contradicted.contradictions} == {
        ("_Z", "C01"),
        ("_Z", "B05"),
        ("IMM_RATE", "L01"),
    }
    assert {subject for gap in contradicted.gaps for subject in gap.subjects} == {"C02", "EMI_RATE"}
    assert {subject for action in contradicted.roadmap.actions for subject in action.closes} == {"C02", "EMI_RATE"}


def test_gaps_section_counts_contradicted_answers_apart(contradicted: Assessment) -> None:
    shown = VIEWS["gaps"](contradicted, EN)
    assert "2" in shown["heading"]
    assert "The data contradict 3 answers." in shown["unknown"]


def test_tables_mark_contradicted_answers_as_to_be_confirmed(contradicted: Assessment) -> None:
    matrix = next(tier["matrix"] for tier in VIEWS["indicators"](contradicted, EN)["tiers"] if tier["matrix"])
    assert sum(TO_CONFIRM in line for line in cells(matrix)) == 1


def test_study_marks_contradicted_answers_as_to_be_confirmed(contradicted: Assessment) -> None:
    results = {
        name: next(r for r in contradicted.indicators if r.indicator.id == name) for name in ("IMM_RATE", "EMI_RATE")
    }
    country = Country(contradicted)
    shown = {name: build_rating_cell({"GE": result}, EN, country).text for name, result in results.items()}
    assert shown == {"IMM_RATE": TO_CONFIRM, "EMI_RATE": "A source exists, not compiled"}

    gaps = {gap.subject: gap for gap in list_common_gaps((country, Country(replace(assessed(ANSWERS), area="MD"))))}
    assert (gaps["IMMIGRATION"].areas, gaps["IMMIGRATION"].unknown) == (("MD",), ("GE",))
    assert (gaps["EMIGRATION"].areas, gaps["EMIGRATION"].unknown) == (("GE", "MD"), ())


def test_office_is_asked_to_confirm_each_contradiction(contradicted: Assessment) -> None:
    asked = [item for heading, item, _ in open_questions(contradicted, EN) if heading == "Contradictions"]
    assert asked == ["C01", "B05", "IMM_RATE L01"]
