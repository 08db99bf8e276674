"""``map`` and ``convert`` report formulas without saved results and values that are not numbers."""

from __future__ import annotations

from pathlib import Path

import pytest
import saved_workbooks
from case_tables import cases_from, pairs
from console import Console
from folders import write_files
from proposed import WORDS
from saved_workbooks import book_of
from shipped import CATALOGUE

from sdmxmig.cli import run
from sdmxmig.conversion.mapping.writing import write
from sdmxmig.conversion.suggestion import Question
from sdmxmig.conversion.tables import read
from sdmxmig.workspace.proposals import propose

ROWS = [["Immigrants by citizenship"], ["Citizenship", 2019, 2020], ["Uganda", 10, 11], ["Chad", 20, 21]]
TOTAL = ["Total", 30, 32]


def saved(changes: dict[str, str], *more: list[object]) -> bytes:
    """A workbook as a program saves it that does not calculate."""
    book = book_of((*ROWS, *more))
    for cell, text in changes.items():
        book.worksheets[0][cell] = text
    return saved_workbooks.saved(book)


def asked(content: bytes) -> list[Question]:
    tried = propose(read("t.xlsx", content), "DF_IMM", CATALOGUE, WORDS, area="KE")
    return [question for question in tried.open if question.part == "formulas"]


def workspace(folder: Path, content: bytes) -> Path:
    """A workspace with a table and the mapping that is proposed for it."""
    country = '[country]\narea = "KE"\nname.en = "Kenya"\noffice.en = "Office"\nlanguage = "en"\n'
    message = '[message]\nsender = "KE1"\nreceiver = "UNSD"\ntest = true\n'
    mapping = write(propose(read("t.xlsx", content), "DF_IMM", CATALOGUE, WORDS, area="KE").proposal.mapping)
    return write_files(
        folder, {"country.toml": country + message, "tables/t.xlsx": content, "mappings/m.toml": mapping}
    )


@cases_from("conversion/cases/formulas_without_results_are_asked_about.csv", changes=pairs)
def test_formulas_without_results_are_asked_about(changes: dict[str, str], count: str) -> None:
    (question,) = asked(saved(changes, TOTAL))
    assert count in question.chosen.reason
    assert "save it" in question.chosen.reason


@pytest.mark.parametrize("changes", [{}, {"A1": "=1"}, {"H20": "=1+1"}, {"A5": "Sum"}])
def test_other_cells_raise_no_question(changes: dict[str, str]) -> None:
    assert asked(saved(changes, TOTAL)) == []


def test_workbook_of_only_formulas_is_refused_with_reason(tmp_path: Path, console: Console) -> None:
    (tmp_path / "t.xlsx").write_bytes(saved(dict.fromkeys(("B3", "B4", "C3", "C4"), "=1")))
    assert run(["map", str(tmp_path / "t.xlsx"), "DF_IMM", "--area", "KE"]) == 2
    assert "4 cells contain formulas without a saved result" in console.readouterr().err


@cases_from("conversion/cases/convert_reports_cells_that_are_not_numbers.csv", changes=pairs)
def test_convert_reports_cells_that_are_not_numbers(
    tmp_path: Path, console: Console, changes: dict[str, str], message: str
) -> None:
    folder = workspace(tmp_path / "ke", saved(changes, TOTAL))
    assert message in console.errors("convert", folder, code=1)


@pytest.mark.parametrize("changes", [{}, {"B3": ".."}, {"B3": "10 p"}, {"C4": "21 "}])
def test_numbers_and_known_signs_pass(tmp_path: Path, changes: dict[str, str]) -> None:
    assert run(["convert", str(workspace(tmp_path / "ke", saved(changes, TOTAL)))]) == 0
