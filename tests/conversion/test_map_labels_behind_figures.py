"""``sdmxmig map`` on long tables with labels behind their figures, and on tables without heads below their titles."""

from __future__ import annotations

import pytest
from case_tables import cases_from, listed
from markdown_workbooks import workbook
from shipped import CATALOGUE, words

from sdmxmig.conversion.tables import read
from sdmxmig.workspace.proposals import TriedProposal, propose

WORDS = words()


def tried(text: str, flow: str = "DF_IMM", name: str = "t.csv") -> TriedProposal:
    return propose(read(name, text.encode()), flow, CATALOGUE, WORDS, area="KE")


def rows_asked(trial: TriedProposal) -> bool:
    return any(question.part == "rows" for question in trial.open)


def behind(
    head: str, labels: tuple[str, str], *, names: tuple[str, ...] = ("Uganda", "Somalia", "India", "Chad")
) -> str:
    rows = [
        f"{name},{100 * at + 7 * less},{label}" for at, name in enumerate(names, 3) for less, label in enumerate(labels)
    ]
    return "\n".join([f"Country of citizenship,immigrants,{head}", *rows]) + "\n"


@cases_from("conversion/cases/column_behind_the_figures_separates_rows.csv", labels=listed)
def test_column_behind_the_figures_separates_rows(head: str, labels: tuple[str, str]) -> None:
    trial = tried(behind(head, labels))
    assert not rows_asked(trial)
    assert not [skip.reason for block in trial.proposal.mapping.blocks for skip in block.skip_rows]


@cases_from("conversion/cases/rows_not_distinguished_by_mapped_labels_are_asked_about.csv", labels=listed)
def test_rows_not_distinguished_by_mapped_labels_are_asked_about(head: str, labels: tuple[str, str]) -> None:
    assert rows_asked(tried(behind(head, labels)))


@cases_from("conversion/cases/table_without_headers_below_its_title_is_found.csv")
def test_table_without_headers_below_its_title_is_found(title: str) -> None:
    rows = "".join(f'{year},"{year % 100 * 371:,}"\n' for year in range(2003, 2015))
    trial = tried(f'"{title}",\n,\n{rows}')
    assert [question.label for question in trial.open if question.part == "sheet"] == []
    (block,) = trial.proposal.mapping.blocks
    assert (block.cell, block.header_rows, block.anchors) == ("A3", 0, ())


@cases_from("conversion/cases/letters_beside_years_name_no_country.csv")
def test_letters_beside_years_are_not_read_as_countries(title: str, named: str) -> None:
    trial = tried(f'"{title}",\n,\nYear,Persons\n2003,410\n2004,520\n2005,630\n')
    others = {
        candidate.code
        for question in trial.open
        if question.part.startswith("fixed C_")
        for candidate in question.others
        if candidate.code != "_T"
    }
    assert others == ({named} if named else set())


@pytest.mark.parametrize("head", ["Sex + gender", "Geschlecht + Sexe", "a + b + c"])
def test_rows_below_an_unusable_header_are_asked_about(head: str) -> None:
    assert rows_asked(tried(behind(head, ("Male", "Female"))))


@pytest.mark.parametrize("gap", ["", "\n"])
def test_labels_in_another_language_after_figures_are_parsed(gap: str) -> None:
    labels = (("Uganda", "أوغندا"), ("Somalia", "الصومال"), ("India", "الهند"))
    rows = "".join(f"| {name} | {at} | {10 * at} | {arabic} |\n" for at, (name, arabic) in enumerate(labels, 3))
    text = f"## Sheet T\n| Immigrants by citizenship |\n| Citizenship | '2022 | '2023 | الجنسية |\n{gap}{rows}"
    trial = propose(read("t.xlsx", workbook(text)), "DF_IMM", CATALOGUE, WORDS, area="KE")
    assert trial.conversion.dataset.observations["OBS_VALUE"].to_list() == ["3", "30", "4", "40", "5", "50"]
