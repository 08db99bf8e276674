"""Labels that hold for the rows below them, marks that repeat a label, counts with a minus, years among months."""

from __future__ import annotations

from pathlib import Path

import pytest
from case_tables import cases_from, listed, truth
from console import Console
from markdown_workbooks import workbook
from openpyxl import load_workbook
from proposed import observations, proposed

from sdmxmig.cli import run
from sdmxmig.conversion.suggestion import Proposal

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def sheet(*rows: str, title: str = "Immigrants") -> str:
    return f"\n## Sheet A\n| {title} |\n" + "".join(f"| {' | '.join(row.split('/'))} |\n" for row in rows)


def carried(proposal: Proposal) -> set[str]:
    return {component_map.component for component_map in proposal.mapping.blocks[0].components if component_map.carried}


@cases_from("conversion/cases/a_label_holds_for_the_gaps_below_it.csv", rows=listed)
def test_label_applies_to_the_gaps_below(head: str, rows: tuple[str, ...], component: str) -> None:
    text = sheet(f"{head}/2019/2020", *(f"{row}/{10 + at}/{20 + at}" for at, row in enumerate(rows)))
    assert component in carried(proposed(text, "DF_IMM", "KE"))


@cases_from("conversion/cases/other_gaps_stay_empty.csv", rows=listed)
def test_other_gaps_stay_empty(head: str, rows: tuple[str, ...]) -> None:
    text = sheet(f"{head}/2019/2020", *(f"{row}/{10 + at}/{20 + at}" for at, row in enumerate(rows)))
    assert not carried(proposed(text, "DF_IMM", "KE"))


@pytest.mark.parametrize("mark", ['"', "″", "〃", "do.", "ditto", "idem"])
def test_ditto_mark_is_reported(mark: str) -> None:
    rows = ("Uganda/Male/10/11", f"{mark}/Female/12/13", "Chad/Male/20/21", f"{mark}/Female/22/23")
    proposal = proposed(sheet("Citizenship/Sex/2019/2020", *rows), "DF_IMM", "KE")
    (question,) = [question for question in proposal.open if question.label == mark]
    assert "write that label into the cells" in question.chosen.reason


@cases_from("conversion/cases/figures_below_zero_are_asked_about.csv", rows=listed, is_asked=truth)
def test_figures_below_zero_are_asked_about(rows: tuple[str, ...], *, is_asked: bool) -> None:
    text = sheet("Citizenship/2019/2020", *rows, title="Emigrants")
    questions = [question for question in proposed(text, "DF_EMI", "KE").open if question.label == "negative figures"]
    assert [[candidate.code for candidate in question.others] for question in questions] == (
        [["minus", "plus"]] if is_asked else []
    )


@pytest.mark.parametrize(("answer", "value"), [("minus", "10"), ("plus", "-10")])
def test_answer_changes_the_sign_of_negative_figures(answer: str, value: str) -> None:
    text = sheet("Citizenship/2019/2020", "Uganda/-10/-11", "Total/-10/-11", title="Emigrants")
    proposal = proposed(text, "DF_EMI", "KE", {("A", "values", "negative figures"): answer})
    assert observations(text, proposal)["2019", "_T", "_T", "_T", "UG"] == value


@pytest.mark.parametrize("label", ["Year", "Total", "Jahr", "Año", "Année", "Год"])
def test_year_below_its_months_is_their_sum(label: str) -> None:
    rows = [f"{month}/{1000 + at}/{2000 + at}" for at, month in enumerate(MONTHS)]
    text = sheet("Month/2021/2022", *rows, f"{label}/{12 * 1000 + 66}/{12 * 2000 + 66}")
    values = observations(text, proposed(text, "DF_IMM", "KE"))
    assert (values["2021", "_T", "_T", "_T", "_T"], values["2022-12", "_T", "_T", "_T", "_T"]) == ("12066", "2011")
    assert len(values) == 26


def review(folder: Path, text: str, label: str, answer: str) -> int:
    """The exit code of ``map --read`` where a review answers one line so."""
    file, asked = folder / "t.xlsx", folder / "review.xlsx"
    file.write_bytes(workbook(text))
    command = ["map", str(file), "DF_IMM", "--area", "KE"]
    run([*command, "--review", str(asked)])
    book = load_workbook(asked)
    for row in book["Questions"].iter_rows():
        if row[1].value == label:
            row[6].value = answer
    book.save(asked)
    return run([*command, "--read", str(asked)])


MARKED = sheet("Citizenship/2019/2020", "Uganda/'1234*/11", "Total/1300/12")


@pytest.mark.parametrize("answer", ["leave out", "as it is", "Z9", "provisional"])
def test_wrong_answer_about_a_mark_is_refused_with_its_cell(tmp_path: Path, console: Console, answer: str) -> None:
    assert review(tmp_path, MARKED, "the mark “*”", answer) == 2
    message = console.readouterr().err
    assert f"“{answer}” is not a code of OBS_STATUS. Only such a code can explain the mark “*”" in message
    assert "Questions › G" in message


@pytest.mark.parametrize("answer", ["P", "E", "A"])
def test_valid_status_of_a_mark_is_accepted(tmp_path: Path, answer: str) -> None:
    assert review(tmp_path, MARKED, "the mark “*”", answer) == 1  # what every table is asked is open still


@pytest.mark.parametrize("sign", ["<5", "‹5", "≤ 4"])
def test_note_explains_bound_in_place_of_a_figure(sign: str) -> None:
    note = f"{sign} Aantallen kleiner dan 5 worden niet getoond."
    text = sheet("Nationaliteit/2022/2023", f"Oeganda/{sign}/20", "Totaal/10/20", title="Immigranten")
    proposal = proposed(f"{text}\n| {note} | | |\n", "DF_IMM", "NL")
    questions = {question.label or question.part: question for question in proposal.open}
    asked = questions[f"the sign “{sign}”"]
    assert (asked.chosen.code, note in asked.chosen.reason) == ("Q", True)
    assert "fixed AGE" not in questions
