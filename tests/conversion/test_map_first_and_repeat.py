"""Asylum applications with first and repeat ones, in heads and in titles."""

from __future__ import annotations

from case_tables import cases_from
from proposed import proposed

from sdmxmig.conversion.suggestion import Proposal

HEADS = """## Sheet S
| {title} |
| Citizenship | {over} | < | < |
| ^ | {total} | {first} | {repeat} |
| Total | 60 | 50 | 10 |
| Syria | 40 | 33 | 7 |
| Türkiye | 20 | 17 | 3 |
"""


def items(proposal: Proposal) -> list[str]:
    maps = (each for block in proposal.mapping.blocks for each in block.components if each.component == "PROT_ITEM")
    return [code for each in maps for code in dict(each.codes).values()]


def asked(proposal: Proposal) -> list[str]:
    return [question.part for question in proposal.open if question.part.endswith("PROT_ITEM")]


@cases_from("conversion/cases/total_beside_all_its_parts_is_the_code_above_them.csv")
def test_total_beside_all_its_parts_is_the_parent_code(over: str, total: str, first: str, repeat: str) -> None:
    title = "Asylum applications by citizenship, 2022"
    proposal = proposed(HEADS.format(title=title, over=over, total=total, first=first, repeat=repeat), "DF_PROTECTION")
    assert asked(proposal) == []
    assert sorted(items(proposal)) == ["APPLIED", "APPLIED_FIRST", "APPLIED_SUBS"]


def test_total_beside_other_items_is_asked_about() -> None:
    heads = HEADS.format(
        title="Asylum, 2022", over="Asylum", total="Total", first="First applications", repeat="Decisions"
    )
    assert "codes PROT_ITEM" in asked(proposed(heads, "DF_PROTECTION"))
