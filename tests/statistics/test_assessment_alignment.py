"""Definitions compared: the effect of a country's own definition on figures, or why it is unknown."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from case_tables import as_list, cases_from, optional
from shipped import CATALOGUE
from small_country import assessed, dataset, population, row

from sdmxmig.reporting.sections.consistency import state_growth
from sdmxmig.reporting.sections.standard import view_definitions as view
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.statistics.model.assessment import Assessment
from sdmxmig.statistics.model.availability import Alignment, Bounds
from sdmxmig.statistics.model.evidence import render_statement


def of(assessment: Assessment, item: str) -> Alignment:
    return next(definition for definition in assessment.alignment if definition.item == item)


def test_definitions_are_sorted_by_group() -> None:
    assessment = assessed("")
    groups = list(dict.fromkeys(definition.group for definition in assessment.alignment))
    assert groups == list(CATALOGUE.item_scheme("CL_DEF_GROUP").ids)
    assert [definition.item for definition in assessment.alignment if definition.group == "FOUR_GROUPS"] == ["B14"]


def test_part_and_whole_are_compared_in_latest_common_year() -> None:
    stateless = {"CTZ_STATUS": "FC", "C_CITIZEN": "STLS"}
    stock = population(
        row("2023", "1000"),
        row("2022", "110", CTZ_STATUS="FC"),
        row("2022", "70", **stateless),
        row("2023", "120", CTZ_STATUS="FC"),
        row("2023", "80", **stateless),
        row("2024", "130", CTZ_STATUS="FC"),
        row("2023", "140", BIRTH_STATUS="FB"),
    )
    assessment = assessed('items.B12.answer = "2"', stock)
    (effect,) = of(assessment, "B12").effects
    assert (effect.period, effect.first.value, effect.second.value) == ("2023", 120, 80)
    # 80 − 120 = −40, a third of 120
    assert (effect.difference, effect.share) == (-40, Decimal(-40) / 120)
    assert (effect.first.key, effect.second.key) == (
        "DF_POP CTZ_STATUS=FC 2023",
        "DF_POP CTZ_STATUS=FC C_CITIZEN=STLS 2023",
    )
    assert [str(one) for one in (*effect.first.places, *effect.second.places)] == [
        "tables.xlsx › DF_POP › A4",
        "tables.xlsx › DF_POP › A5",
    ]
    assert render_statement(effect.sentence, assessment.sentences).startswith(
        "2023: 80 of 120 persons are counted under"
    )
    assert str(effect.first.name) == "Foreign citizens"
    # The foreign-born are another population than the foreign citizens, not the same under another definition.
    assert of(assessment, "B11").effects == of(assessment, "B14").effects == ()


def test_totals_under_two_residence_rules_are_compared() -> None:
    found = assessed(
        "", population(row("2023", "1000"), RES_RULE="R12"), population(row("2023", "1050"), RES_RULE="REG")
    )
    effect = of(found, "B03").effects[0]
    assert (effect.kind, effect.first.value, effect.second.value, effect.difference) == ("attribute", 1000, 1050, 50)
    assert effect.first.name == CATALOGUE.item_scheme("CL_RES_RULE")["R12"].name


def permits(*rows: dict[str, str], **attributes: str) -> Dataset:
    """Data of a dataflow of the office with the structure of DF_POP."""
    given = population(*rows, **{"RES_RULE": "PERMIT", **attributes})
    ref = replace(given.flow.dataflow.ref, agency="NSO", id="DF_POP_PERMIT")
    named = replace(given.flow.dataflow, ref=ref, name=Text.of(en="Permit holders"))
    return replace(given, flow=replace(given.flow, dataflow=named))


def test_rules_in_two_dataflows_are_compared() -> None:
    """A series has one rule, so the second rule is in its own dataflow."""
    bounds = {"LOWER_BOUND": "60", "UPPER_BOUND": "71"}
    foreign = {"CTZ_STATUS": "FC"}
    found = assessed(
        "",
        population(row("2022", "60", **foreign), row("2023", "80", **foreign), RES_RULE="R12"),
        permits(row("2023", "64", **foreign, **bounds), row("2024", "66", **foreign)),
    )
    (effect,) = of(found, "B03").effects
    assert (effect.period, effect.first.value, effect.second.value) == ("2023", 64, 80)
    assert (effect.difference, effect.share) == (16, Decimal(16) / 64)
    assert effect.first.bounds == Bounds(Decimal(60), Decimal(71))
    assert str(effect.first.name).endswith("Foreign citizens")
    assert (effect.first.key, effect.second.key) == ("DF_POP_PERMIT CTZ_STATUS=FC 2023", "DF_POP CTZ_STATUS=FC 2023")
    (sentence,) = view(found, Wording("en"))["effects"]  # type: ignore[misc]
    assert sentence.startswith("2023: the same figure is 64 under one rule and 80 under the other.")
    assert sentence.endswith("Foreign citizens: 60 to 71)")


@pytest.mark.parametrize("other", [{"REF_DATE": "D1231"}, {"RES_RULE": "R12"}, {"RES_RULE": "_U"}])
def test_figures_of_another_day_or_equal_rule_are_not_compared(other: dict[str, str]) -> None:
    found = assessed("", population(row("2023", "1000"), RES_RULE="R12"), permits(row("2023", "900"), **other))
    assert not of(found, "B03").effects


def test_three_rules_are_compared_in_pairs() -> None:
    rules = {"R12": "1000", "R6": "1050", "REG": "1100"}
    found = assessed("", *(population(row("2023", value), RES_RULE=rule) for rule, value in rules.items()))
    assert [effect.difference for effect in of(found, "B03").effects] == [50, 100, 50]


def test_flow_in_two_sources_is_compared() -> None:
    flows = [dataset("DF_IMM", row("2023", value, SRC_TYPE=source)) for value, source in (("40", "BOR"), ("25", "REG"))]
    (effect,) = of(assessed("", *flows), "B05").effects
    assert (effect.first.value, effect.second.value) == (40, 25)
    assert [str(place) for place in effect.first.places] == ["tables.xlsx › DF_IMM › A1"]


@cases_from("statistics/cases/census_is_charged_to_no_definition.csv", january=as_list, difference=int)
def test_census_is_linked_to_no_definition(january: list[str], difference: int, period: str, sentence: str) -> None:
    census = dataset("DF_POP_TOPIC", row("2024", "3929581", FREQ="A10", POP_BASE="RES"), REF_DATE="OTH")
    estimates = population(*(row(str(2024 + number), value) for number, value in enumerate(january)))
    assessment = assessed("", census, estimates)
    (effect,) = assessment.counts
    assert (effect.kind, effect.difference, effect.second.period) == ("counts", difference, period)
    assert not any(definition.effects for definition in assessment.alignment)
    heading = state_growth(assessment, Wording("en"))
    assert heading is not None
    assert heading.sentence.startswith(f"The census of 2024 {sentence} the population on 1 January {period}")


def test_break_in_series_is_not_attributed_to_definitions() -> None:
    assessment = assessed("", dataset("DF_IMM", row("2022", "50"), row("2023", "90", OBS_STATUS="B")))
    assert not any(definition.effects for definition in assessment.alignment)


@cases_from("statistics/cases/missing_figures_of_a_deviation_have_a_reason.csv", reason=optional)
def test_missing_figures_of_a_deviation_have_a_reason(said: str, reason: str | None) -> None:
    found = of(assessed(said), "B05")
    assert found.effects == ()
    assert (found.untold.id if found.untold else None) == reason


def test_definition_without_table_pair_requires_tabulation() -> None:
    found = of(assessed('items.B22.answer = "1"'), "B22")
    assert found.untold.id == "untold.no_look"
