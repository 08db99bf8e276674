"""``sdmxmig map`` on several measures side by side: known words are recognised, others asked about once."""

from __future__ import annotations

import pytest
from case_tables import cases_from
from markdown_workbooks import workbook
from proposed import WORDS, codes, observations, proposed
from shipped import CATALOGUE

from sdmxmig.conversion.convert import convert
from sdmxmig.conversion.suggestion import Proposal
from sdmxmig.conversion.suggestion.measures import find_codes_in_label
from sdmxmig.conversion.tables import read

PROTECTION = CATALOGUE.flows["DF_PROTECTION"]


def wide(*heads: str) -> str:
    """Two countries with a column below each head."""
    row = " | ".join(str(1200 + 7 * at) for at in range(len(heads)))
    other = " | ".join(str(2300 + 13 * at) for at in range(len(heads)))
    return f"\n## Sheet A\n| Citizenship | {' | '.join(heads)} |\n| Syria | {row} |\n| Iraq | {other} |\n"


def values(text: str, proposal: Proposal) -> list[str]:
    """The values that a proposal gives, no two of them with one key."""
    frame = convert(read("t.xlsx", workbook(text)), proposal.mapping, PROTECTION, CATALOGUE.rules).dataset.observations
    assert frame.select(PROTECTION.structure.key).n_unique() == frame.height
    return sorted(frame["OBS_VALUE"].to_list())


def asked(proposal: Proposal) -> dict[str, list[str]]:
    """The labels of the open questions, by part."""
    found: dict[str, list[str]] = {}
    for question in proposal.open:
        found.setdefault(question.part, []).append(question.label)
    return found


@cases_from("conversion/cases/label_gives_counted_item_and_decision.csv")
def test_counted_item_and_decision_are_read_from_the_label(label: str, item: str, action: str, status: str) -> None:
    told, understood = find_codes_in_label(label, PROTECTION, WORDS)
    wanted = {"PROT_ITEM": item, "DECISION_ACTION": action, "PROT_STATUS": status}
    assert understood
    assert {name: set(listed) for name, listed in told.items()} == {n: {code} for n, code in wanted.items() if code}


@cases_from("conversion/cases/a_label_that_says_more_is_not_understood.csv")
def test_label_with_further_words_is_not_recognised(label: str) -> None:
    assert not find_codes_in_label(label, PROTECTION, WORDS)[1]


def test_applications_beside_decisions_raise_no_question() -> None:
    heads = ("Asylum applications", "First-time applicants", "Decisions", "Rejections", "Refugees recognized")
    proposal = proposed(wide(*heads), "DF_PROTECTION", "DE")
    items = ("APPLIED", "APPLIED_FIRST", "DECIDED", "DECIDED", "DECIDED")
    assert codes(proposal, "PROT_ITEM") == dict(zip(heads, items, strict=True))
    assert codes(proposal, "DECISION_ACTION") == dict(zip(heads, ("_T", "_T", "_T", "REJECT", "GRANT"), strict=True))
    assert codes(proposal, "PROT_STATUS")["Refugees recognized"] == "REFUGEE"
    assert not [part for part in asked(proposal) if part.startswith(("line header", "codes PROT", "codes DECI"))]


@pytest.mark.parametrize("label", ["Foo", "Transferred", "Rejections abroad", "Dublin cases", "Abschiebeverbot"])
def test_unexplained_labels_are_asked_about_once(label: str) -> None:
    proposal = proposed(wide("Asylum applications", "Decisions", "Rejections", label), "DF_PROTECTION", "DE")
    assert asked(proposal)["codes PROT_ITEM"] == [label]
    assert label in {skip.match for skip in proposal.mapping.blocks[0].skip_columns}
    assert label not in {*codes(proposal, "DECISION_ACTION"), *codes(proposal, "PROT_STATUS")}


def test_decision_is_asked_only_for_labels_that_count_decisions() -> None:
    text = wide("Asylum applications", "Decisions", "Foo")
    heads = wide("Asylum applications", "Decisions", "Rejections", "Foo")
    decisions = {("A", "codes PROT_ITEM", "Foo"): "DECIDED"}
    assert asked(proposed(heads, "DF_PROTECTION", "DE", decisions))["codes DECISION_ACTION"] == ["Foo"]
    decisions[("A", "codes PROT_ITEM", "Foo")] = "PENDING"
    assert "codes DECISION_ACTION" not in asked(proposed(heads, "DF_PROTECTION", "DE", decisions))
    assert "codes DECISION_ACTION" not in asked(proposed(text, "DF_PROTECTION", "DE"))


def test_labels_without_code_are_asked_about() -> None:
    mixed = ("Decisions on first-time applications", "First-time applications: rejections")
    proposal = proposed(wide("Asylum applications", "Decisions", *mixed), "DF_PROTECTION", "DE")
    assert asked(proposal)["codes PROT_ITEM"] == [*mixed]
    assert set(mixed) <= {skip.match for skip in proposal.mapping.blocks[0].skip_columns}


def test_measures_in_a_long_table_column_are_recognised() -> None:
    rows = "".join(
        f"| {year} | {label} | {figure} |\n"
        for label, start in (("data.Refugees_request", 1574), ("data.Refugees_recognized", 57))
        for year, figure in ((2013, start), (2014, start + 40), (2015, start + 91))
    )
    text = f"\n## Sheet A\n| Year | Category | Value |\n{rows}"
    proposal = proposed(text, "DF_PROTECTION", "KR")
    assert values(text, proposal) == ["148", "1574", "1614", "1665", "57", "97"]
    assert not proposal.open


@pytest.mark.parametrize(
    ("label", "code"),
    [("귀화", "NAT"), ("국적회복", "REINST"), ("Restoration of nationality", "REINST"), ("恢复国籍", "REINST")],
)
def test_modes_of_acquiring_citizenship_are_recognised(label: str, code: str) -> None:
    text = f"\n## Sheet A\n| Year | Mode | Value |\n| 2019 | {label} | 610 |\n| 2019 | Marriage | 510 |\n"
    assert codes(proposed(text, "DF_CITIZENSHIP", "KR"), "CTZ_MODE")[label] == code


@pytest.mark.parametrize(("first", "second"), [("1574", "2896"), ("2013", "1999"), ("1850", "1851"), ("1999", "12")])
def test_figures_like_years_beside_a_year_are_figures(first: str, second: str) -> None:
    text = f"\n## Sheet A\n| Year | Persons |\n| 2013 | {first} |\n| 2014 | {second} |\n| 2015 | 3000 |\n"
    assert list(observations(text, proposed(text, "DF_POP")).values()) == [first, second, "3000"]


def test_years_above_columns_are_kept_as_years() -> None:
    text = "\n## Sheet A\n| Country | 2013 | 2014 |\n| Syria | 1574 | 1575 |\n| Iraq | 3000 | 3001 |\n"
    assert sorted(observations(text, proposed(text, "DF_POP")).values()) == ["1574", "1575", "3000", "3001"]
