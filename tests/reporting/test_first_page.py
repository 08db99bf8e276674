"""The first page of countries of which much, little or everything is known: it never says more than is known."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from shipped import CATALOGUE
from small_country import assessed, dataset

from sdmxmig.model.assessment import Assessment
from sdmxmig.reporting.views import VIEWS
from sdmxmig.reporting.wording import Wording

FLOWS = (
    dataset("DF_POP", {"TIME_PERIOD": "2023", "OBS_VALUE": "1000"}, REF_DATE="D0101"),
    dataset("DF_IMM", {"TIME_PERIOD": "2023", "OBS_VALUE": "30"}),
    dataset("DF_EMI", {"TIME_PERIOD": "2023", "OBS_VALUE": "20"}),
)


def best(scale: str) -> str:
    """The answer with the most points."""
    points_and_codes = [(points, code) for code, points in CATALOGUE.scales[scale].points if points is not None]
    return max(points_and_codes)[1]


@cache
def complete() -> Assessment:
    """A country that answers every question about itself in the best way, and declares every indicator complete."""
    items = [f'[items.{item.id}]\nanswer = "{best(item.scale)}"\n' for item in CATALOGUE.items.values()]
    return assessed(
        "".join([*items, *(f'[indicators.{indicator}.L01]\nanswer = "4"\n' for indicator in CATALOGUE.indicators)])
    )


def page(known: Assessment, name: str = "summary") -> dict[str, Any]:
    return dict(VIEWS[name](known, Wording("en")))


def test_of_a_silent_country_nothing_is_said_but_that_nothing_is_known() -> None:
    shown = page(assessed(""))
    core = [
        indicator for indicator in CATALOGUE.indicators.values() if (indicator.part, indicator.tier) == ("A", "core")
    ]
    assert shown["heading"].startswith(
        f"Whether any of the {len(core)} core migration indicators (Part A) is produced is not known "
        f"({len(core)} of their {len(core)} texts"
    )
    assert shown["missing"] == "No gap is known. 193 of 193 questions about the country have no answer."
    assert shown["coming"].startswith("No action follows yet; first the open questions")
    assert (shown["strengths"], shown["gaps"], shown["steps"]) == ([], [], [])
    assert page(assessed(""), "context")["needs"] == ""  # the heading says it


def test_a_complete_country_is_asked_for_nothing_more() -> None:
    shown = page(complete())
    assert shown["missing"] == "No gap is known. All 193 questions about the country are answered."
    assert shown["coming"] == "No action is needed yet."


def test_gaps_and_steps_of_the_first_page_belong_together() -> None:
    answers = {"A03": "N", "B07": "1", "C01": "2", "C02": "2", "D16": "1", "K04": "P"}
    known = assessed("".join(f'[items.{item}]\nanswer = "{answer}"\n' for item, answer in answers.items()))
    shown = page(known)
    assert len(shown["steps"]) == 3
    assert all(gap.text in step.subject for gap, step in zip(shown["gaps"], shown["steps"], strict=True))


def test_an_indicator_that_lacks_topics_says_so_and_not_less_than_half_of_something() -> None:
    known = assessed('[indicators.IMM_RATE.L01]\nanswer = "3"\n[indicators.IMM_RATE.L02]\nanswer = "SOME"\n')
    assert [(gap.subject, gap.note) for gap in page(known)["gaps"]] == [("IMMIGRATION", "Breakdowns: less than half")]


def test_what_is_asked_of_every_country_stands_before_other_strengths() -> None:
    practice = 'practice.en = "Done."\n'
    known = assessed(
        "".join(f'[items.{item}]\nanswer = "Y"\n{practice}' for item in ("A16", "G13", "A01", "H01", "K01"))
    )
    assert [point.subject for point in page(known)["strengths"]] == ["A01", "H01", "K01"]


@pytest.mark.parametrize("language", ["en", "fr", "ru", "ar", "zh", "es"])
def test_no_count_of_the_policy_areas_hides_what_is_not_known(language: str) -> None:
    table = VIEWS["context"](assessed("", *FLOWS), Wording(language))["purposes"]
    notes = [row.cells[1].note for row in table.rows]  # type: ignore[attr-defined]
    phrase = Wording(language).say("not known: {n}", n="6")
    assert phrase in notes[1]
