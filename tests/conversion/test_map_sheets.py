"""``sdmxmig map`` proposes for some sheets of a workbook, and takes answers from a file that people can write."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from case_tables import cases_from, text_from
from console import Console
from markdown_workbooks import workbook

from sdmxmig.cli import run
from sdmxmig.conversion.suggestion.answers import Answers, add_answer, read_answers, write_answers
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.workspace.tasks.drafts import name_draft_file, name_mapping_of_sheets

BOOK = text_from("conversion/cases/map_sheets_book.md")
ABOUT = ("Stock", "fixed RES_RULE", "")


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "book.xlsx"
    path.write_bytes(workbook(BOOK))
    return path


def mapped(book: Path, *words: str, target: str = "mapping.toml") -> dict[str, object]:
    path = book.parent / target
    assert run(["map", str(book), *words, "--area", "GE", "-o", str(path), "--quiet"]) in (0, 1)
    return tomllib.loads(path.read_text())


def sheets_of(mapping: dict[str, object]) -> list[str]:
    blocks = mapping["block"]
    assert isinstance(blocks, list)
    return [block["sheet"] for block in blocks]


def test_only_named_sheets_are_mapped(book: Path) -> None:
    assert sheets_of(mapped(book, "DF_POP", "--sheet", "Stock")) == ["Stock"]


def test_missing_sheet_is_refused_with_the_nearest_name(book: Path, console: Console) -> None:
    assert "Stock" in console.errors("map", book, "DF_POP", "--sheet", "Stocks").replace("Stocks", "")


def test_answers_state_dataflow_sheets_and_values(book: Path) -> None:
    answers = add_answer(Answers("book.xlsx", "DF_POP", sheets=("Stock",)), ABOUT, answer="R12", proposed="_U")
    path = book.parent / name_draft_file(answers).rpartition("/")[2]
    path.write_bytes(write_answers(answers))
    assert path.name == "book-stock.DF_POP.toml"
    mapping = mapped(book, "--read", str(path))
    assert (mapping["flow"], sheets_of(mapping)) == ("DF_POP", ["Stock"])
    assert 'RES_RULE = "R12"' in (book.parent / "mapping.toml").read_text()


def test_answers_are_read_as_they_were_written() -> None:
    answers = Answers("a “b”.xlsx", "DF_POP", sheets=("T 1", 'T "2"'))
    for label in ("Men", 'a "quoted" label', "سطر"):
        answers = add_answer(answers, ("*", "codes SEX", label), answer="M")
    content = write_answers(answers)
    assert write_answers(read_answers("answers.toml", content)) == content
    assert read_answers("answers.toml", content).decisions == answers.decisions
    assert add_answer(answers, ("*", "codes SEX", "Men"), answer="").decisions.keys() == {
        ("*", "codes SEX", 'a "quoted" label'),
        ("*", "codes SEX", "سطر"),
    }


@cases_from("conversion/cases/answer_without_a_question_is_refused.csv")
def test_answer_without_a_question_is_refused(book: Path, answer: str, words: str, console: Console) -> None:
    path = book.parent / "answers.toml"
    path.write_text(f'flow = "DF_POP"\nsheets = ["Stock"]\n[[answer]]\nsheet = "Stock"\n{answer}\n')
    shown = " ".join(console.errors("map", book, "--read", path).split())
    assert words in shown
    assert "answers.toml" in shown


def test_duplicate_answer_is_refused() -> None:
    entry = b'[[answer]]\nsheet = "1"\npart = "fixed SEX"\nanswer = "M"\n'
    with pytest.raises(DeclarationError, match="has two answers"):
        read_answers("answers.toml", b'flow = "DF_POP"\n' + entry + entry)


def test_second_mapping_of_a_workbook_has_its_own_id(book: Path) -> None:
    assert mapped(book, "DF_POP", "--sheet", "Stock", target="stock.toml")["id"] == "MAP_BOOK"
    assert mapped(book, "DF_DEATHS", "--sheet", "Deaths", target="deaths.toml")["id"] == "MAP_BOOK_DEATHS"
    assert mapped(book, "DF_DEATHS", "--sheet", "Deaths", target="deaths.toml")["id"] == "MAP_BOOK_DEATHS"


def test_long_name_is_shortened_and_stays_unique() -> None:
    names = {name_mapping_of_sheets("a.xlsx", [f"{'long ' * 30}{number}"]) for number in range(3)}
    assert len(names) == 3
    assert all(len(name) <= 60 for name in names)


def test_start_maps_sheets_of_different_subjects_one_after_the_other(tmp_path: Path, console: Console) -> None:
    book, home = tmp_path / "book.xlsx", tmp_path / "home"
    book.write_bytes(workbook(text_from("conversion/cases/start_book.md")))
    rule_of_first = "\nR12\nACT\ny\n"
    assert console.run("start", book, home, "--area", "GE", typed=f"{rule_of_first}?\n") in (0, 1)
    asked = console.readouterr().err
    assert "Left for later: Table 2" in asked
    assert "provisional" not in asked
    console.run("start", book, home, typed="\n2\n\n\ny\n")
    console.readouterr()
    assert console.run("convert", home) == 0
    data = {path.stem: path.read_text() for path in (home / "out" / "data").glob("*.csv")}
    assert {"DF_IMM": "41" in data["DF_IMM"], "DF_POP": "410" in data["DF_POP"]} == {"DF_IMM": True, "DF_POP": True}
    assert "already mapped" in console.errors("start", book, home)
