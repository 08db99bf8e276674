"""Labels in two languages in two columns: one column explains unknown words of the other."""

from __future__ import annotations

import pytest
from case_tables import cases_from, listed
from proposed import asked_labels, codes, proposed

from sdmxmig.conversion.suggestion import Proposal

KNOWN = (("Keňa", "Kenya"), ("Uganda", "Uganda"), ("Ghana", "Ghana"), ("Čad", "Chad"), ("Nigérie", "Nigeria"))


def in_two_columns(*pairs: tuple[str, str], title: str = "Population by citizenship, 2020") -> Proposal:
    rows = "".join(
        f"| {left} | {100 + at if right else ''} | {200 + 2 * at if right else ''} | {right} |\n"
        for at, (left, right) in enumerate([*pairs, *KNOWN])
    )
    head = "| Státní občanství | muži | ženy | Citizenship |\n"
    return proposed(f"## Sheet S\n| {title} |\n{head}{rows}", "DF_POP", "SI")


@cases_from("conversion/cases/a_label_means_what_its_counterpart_means.csv", pair=listed)
def test_label_takes_the_meaning_of_its_counterpart(pair: tuple[str, str], component: str, code: str) -> None:
    proposal = in_two_columns(pair)
    assert code in [codes(proposal, component).get(text) for text in pair]
    assert {*asked_labels(proposal)} <= ({"fixed CTZ_STATUS"} if code == "_T" else set())


@pytest.mark.parametrize("head", ["Nationality / Region", "Country", "Nationality", ""])
def test_column_in_another_language_is_not_another_country(head: str) -> None:
    rows = "".join(f"| {left} | {right} | {100 + at} | {50 + at} |\n" for at, (left, right) in enumerate(KNOWN))
    top = "## Sheet S\n| Foreign residents by citizenship, 2020 |\n"
    text = f"{top}| Státní občanství | {head} | muži | ženy |\n{rows}"
    proposal = proposed(text, "DF_POP", "SI")
    assert len(codes(proposal, "C_CITIZEN")) == len(KNOWN)
    assert not codes(proposal, "C_BIRTH")
    assert asked_labels(proposal) == []


def test_row_without_figures_needs_no_counterpart() -> None:
    proposal = in_two_columns(("Celkem", "Total"), ("v tom:", ""))
    assert asked_labels(proposal) == ["fixed CTZ_STATUS"]


@cases_from("conversion/cases/label_uncertain_in_both_scripts_is_asked_about.csv", pair=listed)
def test_label_uncertain_in_both_scripts_is_asked_about(pair: tuple[str, str], label: str) -> None:
    assert {label, pair[0]} & set(asked_labels(in_two_columns(pair)))


def test_columns_without_agreement_are_independent() -> None:
    rows = "".join(f"| Q{at} ville | {100 + at} | {200 + at} | {name} |\n" for at, (_, name) in enumerate(KNOWN))
    head = "| Consulate | Men | Women | Country |\n"
    proposal = proposed(f"## Sheet S\n| Population by citizenship, 2020 |\n{head}{rows}", "DF_POP", "SI")
    assert all(not text.startswith("Q") for text in codes(proposal, "C_CITIZEN"))


LATIN = ("Total", "Bulgaria", "Russia", "Italy", "China", "Japan", "India", "Kenya")


def beside(
    labels: tuple[str, ...], head: str, left: tuple[str, ...] = LATIN, left_head: str = "Nationality"
) -> Proposal:
    figures = [100 * len(left)] + [100 + at for at in range(1, len(left))]
    rows = "".join(
        f"| {one} | {at} | {2 * at} | {label} |\n" for one, at, label in zip(left, figures, labels, strict=True)
    )
    return proposed(
        f"## Sheet S\n| Population by citizenship |\n| {left_head} | 2019 | 2020 | {head} |\n{rows}", "DF_POP", "SI"
    )


def is_asked(proposal: Proposal) -> bool:
    """Whether the column on the right is asked about, or any of its labels."""
    listed = [question for question in proposal.open if question.part.startswith(("line column", "codes"))]
    return bool(listed)


@cases_from("conversion/cases/partly_filled_column_in_another_script_raises_no_question.csv", labels=listed)
def test_partly_filled_translated_column_raises_no_question(head: str, labels: tuple[str, ...]) -> None:
    assert not is_asked(beside(labels, head))


@cases_from("conversion/cases/a_column_that_may_say_something_else_is_asked_about.csv", labels=listed)
def test_column_with_possibly_different_meaning_is_asked_about(head: str, labels: tuple[str, ...]) -> None:
    assert is_asked(beside(labels, head))


@pytest.mark.parametrize("total", ["Total / Totaal", "Total / Isamba", "All countries"])
@pytest.mark.parametrize(("label", "code"), [("China / Sjina", "CN"), ("United Kingdom / Verenigde Koninkryk", "GB")])
def test_bilingual_list_resolves_partly_unknown_labels(total: str, label: str, code: str) -> None:
    labels = (total, "Germany / Duitsland", "Norway / Noorweë", label)
    rows = "".join(f"| {text} | {at} |\n" for at, text in enumerate(labels, 70))
    proposal = proposed(f"## Sheet S\n| Population by citizenship, 2020 |\n| Land | 2020 |\n{rows}", "DF_POP", "KE")
    assert codes(proposal, "C_CITIZEN")[label] == code
    assert not {*asked_labels(proposal)} & {*labels}


@pytest.mark.parametrize("label", ["China / Taiwan", "Norway / Noorweë"])
def test_partly_unknown_monolingual_label_is_asked_about(label: str) -> None:
    rows = "".join(f"| {text} | {at} |\n" for at, text in enumerate(("Total", "Germany", "Kenya", label), 70))
    proposal = proposed(f"## Sheet S\n| Population by citizenship, 2020 |\n| Land | 2020 |\n{rows}", "DF_POP", "KE")
    assert label in asked_labels(proposal)
