"""A title that states the thousands separator states no unit, and a total without one group is not the total."""

from __future__ import annotations

from case_tables import cases_from
from proposed import proposed

from sdmxmig.conversion.suggestion import Proposal


def of(title: str, flow: str, *, below: str = "", note: str = "") -> Proposal:
    rows = "".join(f"| {country} | {at}00 | {at}10 |\n" for at, country in enumerate(("Uganda", "India"), start=1))
    under = f"| {below} |\n" if below else ""
    text = f"## Sheet S\n| {title} |\n{under}| Country of citizenship | 2019 | 2020 |\n{rows}"
    return proposed(text + (f"\n| {note} |\n" if note else ""), flow, "KE")


def asked(proposal: Proposal, part: str = "title") -> str:
    return " ".join(question.chosen.reason for question in proposal.open if question.part == part)


def test_unit_and_group_beside_signs_are_recognised() -> None:
    proposal = of("Population in thousands (thousands separator: space)", "DF_POP", below="Refugees; decimal comma")
    assert dict(proposal.mapping.blocks[0].fixed)["UNIT_MULT"] == "3"
    assert "“Refugees”: do all figures cover this group only?" in asked(proposal)


@cases_from("conversion/cases/a_group_that_is_left_out_is_not_asked_about_as_the_only_one.csv")
def test_excluded_group_is_asked_about_as_excluded(note: str) -> None:
    reasons = asked(of("Immigrants by country of citizenship", "DF_IMM", note=note))
    asks = ("leave this group out?", "leave out people", "change who or what")
    assert any(each in reasons for each in asks)
    assert "cover this group only" not in reasons


def test_table_without_foreigners_offers_citizens() -> None:
    proposal = of("Immigrants by country of citizenship", "DF_IMM", note="Foreigners excluded.")
    asked_status = next(question for question in proposal.open if question.part == "fixed CTZ_STATUS")
    assert "NC" in {candidate.code for candidate in asked_status.others}
