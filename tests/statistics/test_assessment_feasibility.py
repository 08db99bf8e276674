"""Feasibility computed from the inventory of sources, beside what the office declares."""

from __future__ import annotations

import pytest
from case_tables import cases_from, listed, text_from
from small_country import assessed

from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.statistics.calculations.evidence import parse_bracketed_ids
from sdmxmig.statistics.model.assessment import Assessment
from sdmxmig.statistics.model.evidence import render_statement
from sdmxmig.statistics.model.indicator_results import Feasibility

CENSUS = """
items.H01.answer = "Y"
inventory.H01.S05.practice.en = "Sex and age. [SEX, AGE]"
inventory.H01.S06.answer = "4"
inventory.H01.S11.answer = "Y"
"""
BORDER = text_from("statistics/cases/assessment_feasibility_border.toml")
OTHERS = "".join(f'items.{one}.answer = "N"\n' for one in ("H02", "H07", "H13"))
READY = CENSUS + BORDER + OTHERS
"""Of the sources that could carry the flows, the border records are the only one."""


def of(assessment: Assessment, indicator: str) -> Feasibility:
    return next(one.feasibility for one in assessment.indicators if one.indicator.id == indicator)


def computed(answers: str, indicator: str = "IMM_RATE") -> tuple[str, str, str]:
    found = of(assessed(answers), indicator)
    return found.computed, found.least, found.most


def test_complete_sources_make_indicator_feasible_in_a_year() -> None:
    assert computed(READY) == ("F3", "F3", "F3")


@cases_from("statistics/cases/a_source_that_lacks_something_needs_one_to_three_years.csv")
def test_incomplete_source_takes_one_to_three_years(good: str, bad: str) -> None:
    assert computed(READY.replace(good, bad)) == ("F2", "F2", "F2")


def test_new_source_is_required_without_any_source() -> None:
    assert computed(CENSUS + OTHERS + 'items.H06.answer = "N"') == ("F1", "F1", "F1")


def test_unknown_source_keeps_feasibility_open() -> None:
    assert computed(CENSUS + BORDER.replace('H06.S11.answer = "Y"', 'H06.S11.answer = "N"')) == ("", "F2", "F3")


@cases_from("statistics/cases/unknown_answer_leaves_feasibility_open.csv")
def test_unknown_answer_leaves_feasibility_open(without: str, least: str, most: str) -> None:
    assert computed(READY.replace(without, "")) == ("", least, most)


def test_described_source_is_reported_as_not_rated() -> None:
    named = 'inventory.H06.S05.practice.en = "Citizenship. [C_CITIZEN]"\n' + 'items.H06.practice.en = "Border police."'
    assert of(assessed(named), "IRR_CROSS").reasons == ()
    assessment = assessed(READY.replace('H06.S06.answer = "3"', 'H06.S06.practice.en = "Most crossings."'))
    reasons = [render_statement(reason, assessment.sentences) for reason in of(assessment, "IMM_RATE").reasons]
    assert reasons[-1] == "Border records, Coverage: not rated."


def test_unknown_coverage_does_not_count_as_low() -> None:
    assert computed(READY.replace('H06.S06.answer = "3"', 'H06.S06.answer = "0"')) == ("", "F2", "F3")


def test_empty_profile_has_no_computed_feasibility() -> None:
    assessment = assessed("")
    assert of(assessment, "IMM_RATE") == Feasibility(
        carriers=of(assessment, "IMM_RATE").carriers, inputs=of(assessment, "IMM_RATE").inputs
    )
    assert {answer for _, answer in of(assessment, "IMM_RATE").inputs} == {"?"}


def test_published_indicator_counts_as_feasible() -> None:
    assert computed('indicators.IMM_RATE.L01.answer = "3"') == ("F4", "F4", "F4")
    assert computed(READY + 'indicators.IMM_RATE.L01.answer = "NA"') == ("", "", "")


def test_country_of_birth_implies_birth_status() -> None:
    flows = READY.replace(", C_BIRTH", "").replace(", C_RESIDENCE", "")
    assert computed(flows, "NET_RATE") == ("F3", "F3", "F3")


def test_sector_statistics_are_rated_by_their_source_sheet() -> None:
    survey = 'items.G14.answer = "Y"\n'
    assert computed(survey, "UNEMPLOYMENT_RATE") == ("", "F2", "F3")
    sheet = 'inventory.H11.S11.answer = "Y"\ninventory.H11.S14.answer = "A"\n'
    assert computed(survey + sheet, "UNEMPLOYMENT_RATE") == ("F3", "F3", "F3")
    assert computed('items.G02.answer = "N"\nitems.G14.answer = "N"', "UNEMPLOYMENT_RATE") == ("F2", "F2", "F2")
    census = 'items.G13.answer = "Y"\ninventory.H01.S11.answer = "Y"\ninventory.H01.S14.answer = "C"\n'
    assert computed(census, "SAFE_WATER")[1] == "F2"


def test_decisive_obstacle_limits_feasibility() -> None:
    law = READY + 'indicators.IMM_RATE.L06_LEGAL.answer = "2"'
    assessment = assessed(law)
    assert (of(assessment, "IMM_RATE").computed, of(assessment, "IMM_RATE").drivers) == ("F1", (("LEGAL", "2"),))
    assert "Obstacle: law: “Decisive obstacle”." in [
        render_statement(reason, assessment.sentences) for reason in of(assessment, "IMM_RATE").reasons
    ]
    assert computed(READY + 'indicators.IMM_RATE.L06_COST.answer = "2"')[0] == "F2"
    assert computed(READY + 'indicators.IMM_RATE.L06_COST.answer = "1"')[0] == "F3"


@pytest.mark.parametrize(("declared", "difference"), [("F3", 0), ("F4", 1), ("F1", -2), ("FX", None), ("", None)])
def test_difference_between_office_and_sources_is_reported(declared: str, difference: int | None) -> None:
    said = f'indicators.IMM_RATE.L06.answer = "{declared}"' if declared else ""
    assert of(assessed(READY + said), "IMM_RATE").difference == difference


def test_reasons_name_the_source_and_the_question() -> None:
    assessment = assessed(READY.replace('H06.S08.answer = "Y"', 'H06.S08.answer = "N"'))
    reasons = [render_statement(reason, assessment.sentences) for reason in of(assessment, "IMM_RATE").reasons]
    assert reasons == ["Population census: everything needed is available.", "Border records, Entry and exit: “No”."]


@pytest.mark.parametrize("more", [", …", " …", ", ..."])
def test_variables_of_an_unfinished_list_are_listed(more: str) -> None:
    listed = READY.replace("[SEX, AGE]", f"[SEX{more}]").replace(", C_BIRTH, C_CITIZEN, C_RESIDENCE]", f"{more}]")
    assessment = assessed(listed)
    reasons = [render_statement(reason, assessment.sentences) for reason in of(assessment, "NET_RATE").reasons]
    assert reasons == [
        "Population census: not listed among its variables: Age.",
        "Border records: not listed among its variables: Country of citizenship.",
    ]


def test_every_answer_used_is_listed_as_input() -> None:
    inputs = dict(of(assessed(READY), "IMM_RATE").inputs)
    assert inputs["H06"] == inputs["H06.S08"] == inputs["H01.S11"] == "Y"
    assert inputs["H06.S05"] == "SEX AGE C_BIRTH C_CITIZEN C_RESIDENCE"
    assert inputs["IMM_RATE.L01"] == "?"


def test_named_indicators_precede_those_with_most_obstacles() -> None:
    said = """
    indicators.EMI_RATE.L06_SOURCE.answer = "2"
    indicators.EMI_RATE.L06_COST.answer = "1"
    indicators.NET_RATE.L06_COST.answer = "1"
    indicators.IMM_RATE.L06_COST.answer = "0"
    indicators.TMP_INFLOW.L07.answer = "Y"
    """
    challenges = assessed(said).challenges
    assert [
        (challenge.indicator, challenge.is_named, challenge.decisive, challenge.some, challenge.asked)
        for challenge in challenges
    ] == [("TMP_INFLOW", True, 0, 0, 0), ("EMI_RATE", False, 1, 1, 2), ("NET_RATE", False, 0, 1, 1)]


@cases_from("statistics/cases/variables_are_named_in_brackets_at_the_end_of_an_answer.csv", ids=listed)
def test_variables_are_read_from_brackets_at_answer_end(said: str, ids: tuple[str, ...]) -> None:
    assert parse_bracketed_ids(Text.of(en=said)) == ids
