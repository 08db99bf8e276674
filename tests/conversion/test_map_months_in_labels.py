"""A row for a part of a year is answered with the months that its label names, and each status has an example."""

from __future__ import annotations

from pathlib import Path

import pytest
from shipped import CATALOGUE
from test_map_titles import WORDS, propose, read, workbook

from sdmxmig.cli import run
from sdmxmig.conversion.recognition.times import parse_month_span
from sdmxmig.workspace.proposals import TriedProposal

pytestmark = pytest.mark.sampled(4)
TABLE = "## Sheet S\n| Immigration by sex |\n| Year | Male | Female |\n{}| {} | 340 | 360 |\n"


def tried(last: str, answer: str = "", years: range = range(2021, 2023)) -> TriedProposal:
    rows = "".join(f"| {year} | {year % 100}0 | {year % 100}1 |\n" for year in years)
    decisions = {("*", "codes TIME_PERIOD", last): answer} if answer else {}
    text = workbook(TABLE.format(rows, last))
    return propose(read("t.xlsx", text), "DF_IMM", CATALOGUE, WORDS, area="SE", decisions=decisions)


SPANS = {
    "2023 (January-June)": "2023-S1",
    "July to December 2023": "2023-S2",
    "2023 (янв.–март)": "2023-Q1",
    "2023 (enero-septiembre)": "2023-01-01/P9M",
    "2023, I–III kwartał": "2023-01-01/P9M",
    "1–3 кв. 2023": "2023-01-01/P9M",
    "Q1–Q3 2023": "2023-01-01/P9M",
    "1. až 3. čtvrtletí 2023": "2023-01-01/P9M",
    "2023 (يناير - يونيو)": "2023-S1",
    "2023年1—6月": "2023-S1",
    "2023 June": "",
    "2023": "",
    "2022-2023": "",
    "June - January 2023": "",
}


@pytest.mark.parametrize(("label", "period"), SPANS.items(), ids=SPANS)
def test_first_and_last_month_of_a_label_are_its_period(label: str, period: str) -> None:
    assert parse_month_span(label, WORDS.vocabulary) == period


@pytest.mark.parametrize(
    ("label", "period", "freq"),
    [("2023 (January-June)", "2023-S1", "S"), ("2023 (January-September)", "2023-01-01/P9M", "_U")],
)
def test_part_of_a_year_is_proposed_and_its_answer_is_used(label: str, period: str, freq: str) -> None:
    (question,) = [each for each in tried(label).open if each.part == "codes TIME_PERIOD"]
    assert question.chosen.code == period
    trial = tried(label, period)
    assert not [each for each in trial.open if each.part == "codes TIME_PERIOD"]
    assert dict(trial.examples[-1].key)["FREQ"] == freq
    assert dict(trial.examples[0].key)["FREQ"] == "A"


def test_part_of_a_year_can_be_left_out() -> None:
    trial = tried("2023 (January-June)", "leave out")
    assert {dict(each.key)["TIME_PERIOD"] for each in trial.examples} == {"2021", "2022"}


def test_examples_have_a_figure_of_each_status() -> None:
    sentences = " ".join(each.sentence for each in tried("2023p", years=range(1980, 2023)).examples)
    assert "Provisional value" in sentences


def test_unreadable_file_is_refused_before_a_question(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "notes.bin").write_bytes(b"\0\1\2 no table")
    assert run(["start", str(tmp_path / "notes.bin"), str(tmp_path / "home")]) != 0
    shown = capsys.readouterr().err
    assert "cannot read this file as a table" in shown
    assert "Reporting country" not in shown


def test_pattern_without_a_match_names_a_near_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("births.csv", "Tables 2023.csv"):
        (tmp_path / name).write_text("Year,Total\n2021,3\n", encoding="utf-8")
    assert run(["start", str(tmp_path / "tab*.csv"), str(tmp_path / "home"), "--area", "SE"]) != 0
    assert "Tables 2023.csv" in capsys.readouterr().err
