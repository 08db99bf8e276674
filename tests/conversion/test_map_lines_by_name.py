"""The header or title gives the component of lines with few known labels; the other labels are asked about."""

from __future__ import annotations

import pytest
from case_tables import cases_from
from proposed import proposed

from sdmxmig.conversion.suggestion import Proposal


def by_columns(title: str, *heads: str, flow: str = "DF_PERMIT") -> Proposal:
    rows = "".join(
        f"| {country} | {' | '.join(str(100 + 7 * at + 3 * column) for column in range(len(heads)))} |\n"
        for at, country in enumerate(("Ghana", "Chad", "Uganda", "Nigeria"))
    )
    return proposed(f"## Sheet S\n| {title} |\n| Citizenship | {' | '.join(heads)} |\n{rows}", flow, "KE")


def by_rows(head: str, *labels: str, flow: str = "DF_POP") -> Proposal:
    rows = "".join(f"| {label} | {100 + 7 * at} | {50 + 3 * at} |\n" for at, label in enumerate(labels))
    return proposed(f"## Sheet S\n| Population, 2020 |\n| {head} | Men | Women |\n{rows}", flow, "KE")


def asked(proposal: Proposal) -> list[tuple[str, str]]:
    listed = [question for question in proposal.open if question.part.startswith(("line", "codes"))]
    return [(question.part, question.label or question.chosen.code) for question in listed]


@cases_from("conversion/cases/a_head_that_names_a_dimension_is_enough.csv")
def test_header_that_names_a_dimension_suffices(head: str, component: str) -> None:
    proposal = by_rows(head, "Zorblax", "Zorblaxia", "Zorbla", "Total")
    assert asked(proposal) == [(f"codes {component}", one) for one in ("Zorblax", "Zorblaxia", "Zorbla")]


@pytest.mark.parametrize("head", ["Group", "Area", "Zorblax", "Persons", ""])
def test_head_naming_no_component_is_asked_about(head: str) -> None:
    (question,) = asked(by_rows(head, "Zorblax", "Zorblaxia", "Zorbla", "Total"))
    assert question[0].startswith("line")


def test_title_sets_the_component_of_partly_known_labels() -> None:
    proposal = by_columns(
        "First permits by citizenship and reason, 2020", "Total", "Family", "Zorblax", "Zorblaxia", "Zorbla"
    )
    assert asked(proposal) == [("codes REASON", one) for one in ("Zorblax", "Zorblaxia", "Zorbla")]


def test_component_without_title_is_proposed_and_asked_about() -> None:
    proposal = by_columns("First permits by citizenship, 2020", "Total", "Family", "Zorblax", "Zorblaxia", "Zorbla")
    line, *rest = asked(proposal)
    assert line == ("line header 1", "REASON")
    assert rest == [("codes REASON", one) for one in ("Zorblax", "Zorblaxia", "Zorbla")]


@pytest.mark.parametrize(
    "heads",
    [("Total", "Zorblax", "Zorblaxia"), ("Total", "Other", "Zorblax", "Zorblaxia", "Zorbla"), ("Zorblax", "Zorblaxia")],
)
def test_title_does_not_decide_component_of_unknown_labels(heads: tuple[str, ...]) -> None:
    ((part, label),) = asked(by_columns("First permits by citizenship and reason, 2020", *heads))
    assert (part, label.split(",")[0]) == ("line header 1", heads[0])


@pytest.mark.parametrize(("rows", "is_asked"), [("A", True), ("A | Uganda", False)])
def test_code_column_that_separates_rows_is_asked_about(rows: str, is_asked: bool) -> None:
    names = " | Citizenship" if "|" in rows else ""
    second = rows.replace("A", "B").replace("Uganda", "Chad")
    text = f"## Sheet S\n| Immigration |\n| Code{names} | 2021 | 2022 |\n| {rows} | 1 | 2 |\n| {second} | 3 | 4 |\n"
    assert any(question.part.startswith("line ") for question in proposed(text, "DF_IMM").open) == is_asked
