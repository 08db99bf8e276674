"""The own people in a list of countries, such as “Native-born”, are one part of the total, as each country is."""

from __future__ import annotations

import pytest
from case_tables import cases_from
from markdown_workbooks import workbook
from proposed import proposed
from shipped import CATALOGUE

from sdmxmig.conversion.convert import convert
from sdmxmig.conversion.suggestion import Proposal
from sdmxmig.conversion.tables import read
from sdmxmig.quality.validation import validate

BIRTH, CITIZENSHIP = "country of birth", "country of citizenship"
OF = {BIRTH: ("C_BIRTH", "BIRTH_STATUS", "MIG-1-129"), CITIZENSHIP: ("C_CITIZEN", "CTZ_STATUS", "MIG-1-128")}
OTHERS = ("Spain", "Morocco", "Other foreign countries", "Unknown")


def table(labels: tuple[str, ...], by: str = BIRTH, *, total: int = 1000) -> str:
    """Make a table of two years by country whose parts add up to the total."""
    figures = [str(100 + at) for at in range(len(labels) - 1)]
    first = str(1000 - sum(map(int, figures)))
    rows = "".join(f"| {year} | {total} | {first} | {' | '.join(figures)} |\n" for year in (2020, 2021))
    return (
        f"## Sheet A\n| Population by {by}, 1 January |{' |' * (len(labels) + 1)}\n"
        f"| Year | Total | {' | '.join(labels)} |\n{rows}"
    )


def codes(proposal: Proposal, component: str) -> dict[str, str]:
    """The codes of the labels that give a component; empty if none does."""
    listed = [part for block in proposal.mapping.blocks for part in block.components if part.component == component]
    return dict(listed[0].codes) if listed else {}


def wrong_sums(text: str, proposal: Proposal, rule: str) -> list[str]:
    """The totals that a rule finds not to be their sum in what the proposal gives, and that it was put to the test."""
    flow = CATALOGUE.flows[proposal.mapping.flow]
    converted = convert(read("t.xlsx", workbook(text)), proposal.mapping, flow, CATALOGUE.rules)
    report = validate(converted.dataset, CATALOGUE)
    return [finding.rule for finding in report.items if finding.rule == rule]


@cases_from("conversion/cases/the_own_people_beside_countries_are_of_the_country_that_reports.csv")
def test_own_people_beside_countries_are_of_the_reporter(by: str, label: str) -> None:
    country, status, rule = OF[by]
    text = table((label, *OTHERS), by)
    proposal = proposed(text, "DF_POP", "NO")
    assert codes(proposal, country)[label] == "NO"
    assert not codes(proposal, status)
    assert not [question for question in proposal.open if question.label == label]
    assert wrong_sums(text, proposal, rule) == []


def test_wrong_total_beside_own_people_is_found() -> None:
    text = table(("Native-born", *OTHERS), total=1100)
    assert wrong_sums(text, proposed(text, "DF_POP", "NO"), "MIG-1-129") == ["MIG-1-129"] * 2


def test_natives_beside_all_foreign_born_remain_a_group() -> None:
    labels = ("Native-born", "Foreign-born", "Spain", "Morocco")
    assert codes(proposed(table(labels), "DF_POP", "NO"), "BIRTH_STATUS") == {"Native-born": "NB", "Foreign-born": "FB"}


def test_natives_without_other_countries_remain_a_group() -> None:
    proposal = proposed(table(("Native-born", "Foreign-born", "Unknown")), "DF_POP", "NO")
    assert codes(proposal, "BIRTH_STATUS")["Native-born"] == "NB"


def test_country_listed_by_name_is_not_used_for_natives() -> None:
    proposal = proposed(table(("Native-born", "Norway", *OTHERS)), "DF_POP", "NO")
    assert codes(proposal, "C_BIRTH")["Native-born"] == "_T"


def test_unknown_reporting_country_is_asked_for() -> None:
    proposal = proposed(table(("Native-born", *OTHERS)), "DF_POP", "")
    assert "Native-born" not in codes(proposal, "C_BIRTH")
    assert [question.part for question in proposal.open if question.label == "Native-born"] == ["codes C_BIRTH"]


def test_answered_reporter_is_the_country_of_natives() -> None:
    decisions = {("*", "fixed REF_AREA", ""): "NO"}
    proposal = proposed(table(("Native-born", *OTHERS)), "DF_POP", "", decisions)
    assert codes(proposal, "C_BIRTH")["Native-born"] == "NO"


@pytest.mark.parametrize(
    ("total", "own"), [("Norway, total", "Norway"), ("Total Norway", "Norway"), ("Norway", "Native-born")]
)
def test_everybody_in_the_country_is_not_silently_its_own_people(total: str, own: str) -> None:
    rows = f"| {total} | 1600 |\n| {own} | 1000 |\n| Sweden | 400 |\n| Poland | 200 |\n"
    proposal = proposed(
        f"## Sheet A\n| Population by {BIRTH}, 1 January 2023 | |\n| {BIRTH} | Persons |\n{rows}", "DF_POP", "NO"
    )
    (question,) = (question for question in proposal.open if question.label == total)
    assert {"NO", "_T"} <= {other.code for other in question.others}
    assert total not in codes(proposal, "C_BIRTH")
