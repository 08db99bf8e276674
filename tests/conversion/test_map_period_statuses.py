"""``sdmxmig map`` on words beside a year: they become a status or a question."""

from __future__ import annotations

from pathlib import Path

import pytest
from case_tables import as_set, cases_from, listed
from markdown_workbooks import workbook
from proposed import ALWAYS, WORDS, tables
from shipped import CATALOGUE

from sdmxmig.cli import run
from sdmxmig.conversion.convert import convert
from sdmxmig.conversion.mapping import load
from sdmxmig.conversion.mapping.writing import write
from sdmxmig.conversion.suggestion import Decisions
from sdmxmig.conversion.suggestion.earlier_mapping import extract_decisions
from sdmxmig.conversion.tables import read
from sdmxmig.sdmx.model.data import TableMapping
from sdmxmig.workspace.proposals import TriedProposal, propose

pytestmark = [pytest.mark.sampled(6)]


def tried(text: str, decisions: Decisions | None = None) -> TriedProposal:
    return propose(read("t.xlsx", workbook(text)), "DF_POP", CATALOGUE, WORDS, area="KE", decisions=decisions)


def asked(trial: TriedProposal) -> list[tuple[str, str]]:
    return [(question.part, question.label) for question in trial.open if question.part not in ALWAYS]


def read_back(text: str, mapping: TableMapping, by: str = "OBS_STATUS") -> dict[tuple[str, str], str]:
    """The status of each figure by its period and country or sex, as the mapping file gives it."""
    flow = CATALOGUE.flows["DF_POP"]
    written = load("t.toml", write(mapping).encode(), CATALOGUE.flows)
    frame = convert(read("t.xlsx", workbook(text)), written, flow, CATALOGUE.rules).dataset.observations
    other = "SEX" if frame["SEX"].n_unique() > 1 else "C_CITIZEN"
    columns = frame.select("TIME_PERIOD", other, *([by] if by in frame.columns else ["OBS_STATUS"]))
    return {row[:2]: row[2] for row in columns.iter_rows()}


def by_year(text: str, mapping: TableMapping, by: str = "OBS_STATUS") -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for (period, _), status in read_back(text, mapping, by).items():
        found.setdefault(period, set()).add(status)
    return found


def over_columns(*years: str, note: str = "") -> str:
    """A table with these labels of years over its columns."""
    figures = [[str(10 * row + at) for at in range(len(years))] for row in (1, 2, 3)]
    rows = [
        ["Nationality", *years],
        *([name, *row] for name, row in zip(("Uganda", "India", "Chad"), figures, strict=True)),
    ]
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    below = f"\n| {note} |{' |' * len(years)}\n" if note else ""
    return "\n".join(["## Sheet T", f"| Population by nationality |{' |' * len(years)}", "", *lines, below])


def beside_rows(*years: str) -> str:
    """A table with these labels of years beside its rows."""
    rows = [f"| {year} | {10 + at} | {20 + at} |" for at, year in enumerate(years)]
    return "\n".join(["## Sheet T", "| Population by sex | | |", "", "| Year | Male | Female |", *rows, ""])


PROVISIONAL = [
    "Provisional 2023",
    "2023 preliminary data",
    "2023 - provisional",
    "2023_prov",
    "Not final 2023",
    "Données provisoires 2023",
    "2023 предварительные данные",
    "2023年初步数据",
    "2023 بيانات أولية",
    "2023 (vorläufige Ergebnisse)",
    "Sơ bộ<br>Prel. 2023",
    "2023년 잠정",
]
OTHERS = [
    ("Estimate 2023", "E"),
    ("Estimación 2023", "E"),
    ("估计 2023", "E"),
    ("Projection 2023", "F"),
    ("Break in series 2023", "B"),
]


@pytest.mark.parametrize(("label", "status"), [*((one, "P") for one in PROVISIONAL), *OTHERS])
@pytest.mark.parametrize("table", [over_columns, beside_rows])
@pytest.mark.sampled(6)
def test_status_beside_a_year_applies_only_to_that_year(label: str, status: str, table: object) -> None:
    text = table("2021", "2022", label)  # type: ignore[operator]
    trial = tried(text)
    assert asked(trial) == []
    assert by_year(text, trial.proposal.mapping) == {"2021": {"A"}, "2022": {"A"}, "2023": {status}}


@pytest.mark.parametrize(
    ("labels", "notes"),
    [
        (("令和元年", "令和2年※", "令和3年", "令和4年（速報）"), "※ 令和2年から集計方法を変更した。"),
        (("2019年", "2020年※", "2021年", "2022年p"), "※ 集計方法を変更した。 |||||\n| p 速報値"),
        (("2019년", "2020년1)", "2021년", "2022년p)"), "1) 집계 방법 변경 |||||\n| p) 잠정치"),
        (("2019", "2020*", "2021", "2022p"), "* Method changed in 2020. |||||\n| p Provisional."),
        (("2019", "2020¹⁾", "2021", "2022²⁾"), "1) изменена методика учета |||||\n| 2) предварительные данные"),
        (("2019", "2020*", "2021", "2022"), "* Voorlopige cijfers voor 2022; in 2020 is de methode gewijzigd."),
    ],
)
def test_note_on_a_mark_changes_only_marked_years(labels: tuple[str, ...], notes: str) -> None:
    text = over_columns(*labels, note=notes)
    for decisions in ({}, {("*", "fixed OBS_STATUS", ""): "A"}):
        statuses = by_year(text, tried(text, decisions).proposal.mapping)
        assert statuses == {"2019": {"A"}, "2020": {"B"}, "2021": {"A"}, "2022": {"P"}}


def test_revised_method_is_not_read_as_a_revised_figure() -> None:
    trial = tried(over_columns("2019", "2020*", "2021", note="* revised method"))
    assert [(question.label, question.chosen.code) for question in trial.open if question.part == "values"] == [
        ("the mark “*”", "")
    ]


@cases_from("conversion/cases/a_letter_or_sign_before_a_year_is_asked_about_once.csv")
def test_letter_or_sign_before_a_year_is_asked_about_once(label: str, mark: str, proposed: str) -> None:
    text = over_columns("2021", "2022", label)
    trial = tried(text)
    assert asked(trial) == [("values", f"the mark “{mark}”")]
    assert by_year(text, trial.proposal.mapping) == {"2021": {"A"}, "2022": {"A"}, "2023": {proposed}}


@pytest.mark.parametrize("label", ["*2023", "2023 after rebasing", "(e) 2023"])
def test_answered_status_of_a_year_is_used(label: str) -> None:
    text = over_columns("2021", "2022", label)
    ((part, mark),) = asked(tried(text))
    trial = tried(text, {("T", part, mark): "P"})
    assert asked(trial) == []
    assert by_year(text, trial.proposal.mapping) == {"2021": {"A"}, "2022": {"A"}, "2023": {"P"}}


def test_note_explains_a_sign_before_a_year() -> None:
    text = over_columns("2021", "2022", "*2023", note="* Preliminary figures")
    trial = tried(text)
    assert by_year(text, trial.proposal.mapping)["2023"] == {"P"}
    assert "values" not in [part for part, _ in asked(trial)]


@pytest.mark.parametrize("label", ["Revised 2021", "2021 (revised data)", "Révisé 2021", "Revidiert 2021"])
def test_revised_figures_are_a_stage_of_revision(label: str) -> None:
    text = over_columns(label, "2022", "2023")
    trial = tried(text)
    assert asked(trial) == []
    assert by_year(text, trial.proposal.mapping) == {"2021": {"A"}, "2022": {"A"}, "2023": {"A"}}
    assert by_year(text, trial.proposal.mapping, "REV_STAGE")["2021"] == {"REV"}
    assert by_year(text, trial.proposal.mapping, "REV_STAGE")["2022"] != {"REV"}


def test_status_directly_after_a_year_applies_to_its_values() -> None:
    text = over_columns("2021 revised", "2022", "2023")
    assert by_year(text, tried(text).proposal.mapping) == {"2021": {"R"}, "2022": {"A"}, "2023": {"A"}}


@pytest.mark.parametrize("label", ["2023 provisional", "Provisional 2023", "2023p", "Revised 2023"])
def test_dataflow_without_status_asks_once_about_statuses(label: str) -> None:
    tables = read("t.xlsx", workbook(over_columns("2021", "2022", label)))
    trial = propose(tables, "MIGR_POP1CTZ", CATALOGUE, WORDS, area="KE")
    assert len([question for question in trial.open if question.part == "values"]) == 1
    (block,) = trial.proposal.mapping.blocks
    assert block.values.marks == ()


def test_revised_and_provisional_years_are_distinguished() -> None:
    text = over_columns("Revised 2021", "2022", "Provisional 2023")
    mapping = tried(text).proposal.mapping
    assert by_year(text, mapping) == {"2021": {"A"}, "2022": {"A"}, "2023": {"P"}}
    assert by_year(text, mapping, "REV_STAGE") == {"2021": {"REV"}, "2022": {None}, "2023": {"PREL"}}


@cases_from("conversion/cases/other_words_beside_years_are_neither_read_nor_asked_about.csv", labels=listed)
def test_other_words_beside_years_are_ignored(labels: tuple[str, ...]) -> None:
    text = over_columns(*labels)
    trial = tried(text)
    assert "values" not in [part for part, _ in asked(trial)]
    assert set().union(*by_year(text, trial.proposal.mapping).values()) == {"A"}


def test_status_words_in_a_note_do_not_set_the_status_of_years() -> None:
    text = over_columns("2022", "2023", note="Revised definition of residence since 2012")
    assert set().union(*by_year(text, tried(text).proposal.mapping).values()) == {"A"}


def test_changed_status_word_in_next_edition_is_found() -> None:
    mapping = tried(over_columns("2021", "2022", "Provisional 2023")).proposal.mapping
    assert by_year(over_columns("2022", "2023", "Provisional 2024"), mapping)["2024"] == {"P"}
    assert by_year(over_columns("2022", "2023", "Unheard 2024"), mapping)["Unheard 2024"] == {"Unheard"}


@cases_from("conversion/cases/a_mapping_says_the_same_of_the_table_that_it_was_made_for.csv", labels=listed)
def test_mapping_reproduces_the_status_of_its_table(labels: tuple[str, str, str]) -> None:
    text = over_columns(*labels)
    marks = [question.label for question in tried(text).open if question.part == "values"]
    mapping = tried(text, {("T", "values", mark): "P" for mark in marks}).proposal.mapping
    again = tried(text, extract_decisions(mapping, read("t.xlsx", workbook(text))))
    assert asked(again) == []
    assert read_back(text, again.proposal.mapping) == read_back(text, mapping)
    assert read_back(text, again.proposal.mapping, "REV_STAGE") == read_back(text, mapping, "REV_STAGE")


@pytest.mark.parametrize(
    ("last", "period"),
    [("Q3 2023 (prov.)", "2023-Q3"), ("2023 Q3 provisional", "2023-Q3"), ("Provisional 2023-09", "2023-09")],
)
def test_status_of_quarters_and_months_is_parsed(last: str, period: str) -> None:
    first = ("Q1 2023", "Q2 2023") if "Q" in period else ("2023-07", "2023-08")
    text = over_columns(*first, last)
    statuses = by_year(text, tried(text).proposal.mapping)
    assert statuses.pop(period) == {"P"}
    assert set().union(*statuses.values()) == {"A"}


def test_map_command_writes_the_status_of_years(tmp_path: Path) -> None:
    file, out = tmp_path / "t.xlsx", tmp_path / "t.toml"
    file.write_bytes(workbook(over_columns("2021", "2022", "Données provisoires 2023")))
    assert (
        run(["map", str(file), "DF_POP", "--area", "KE", "-o", str(out)]) == 1
    )  # what no table says is still to be confirmed
    mapping = load("t.toml", out.read_bytes(), CATALOGUE.flows)
    assert by_year(over_columns("2021", "2022", "Données provisoires 2023"), mapping)["2023"] == {"P"}


@cases_from("conversion/cases/a_mark_behind_any_period_is_what_its_note_says.csv", years=listed, provisional=as_set)
def test_mark_after_any_period_means_what_its_note_states(years: tuple[str, ...], provisional: set[str]) -> None:
    text = over_columns(*years, note="* Preliminary figures")
    proposal = tried(text).proposal
    statuses = by_year(text, proposal.mapping)
    assert {year for year, codes in statuses.items() if codes == {"P"}} == provisional


@cases_from("conversion/cases/year_words_are_no_marks_and_stays_no_exclusions.csv")
def test_words_for_year_are_not_read_as_marks(word: str, note: str) -> None:
    rows = f"| 2021 {word} | 10 |\n| 2022 {word} | 11 |\n| 2023 {word} | 12 |\n| 2024* | 13 |\n"
    text = f"## Sheet A\n| Immigration |\n| Year | Total |\n{rows}\n| * Provisional. |\n| {note} |\n"
    tried = propose(read("t.xlsx", workbook(text)), "DF_IMM", CATALOGUE, WORDS, area="GE")
    labels = [question.label for question in tried.open if question.part in ("values", "title")]
    assert not [label for label in labels if word in label or label.startswith("menos")]


def test_table_remains_answerable_if_all_years_are_unclear() -> None:
    heads = "| สัญชาติ | 2565 | 2566 | Nationality |\n| | (2022) | (2023) | |\n"
    rows = "| เมียนมา | 112 | 113 | Myanmar |\n| กัมพูชา | 222 | 223 | Cambodia |\n| จีน | 332 | 333 | China |\n"
    trial = tried(f"## Sheet S\n| Population by nationality |\n\n{heads}{rows}")
    assert trial.proposal.mapping.blocks
    assert ("codes TIME_PERIOD", "2565") in [(each.part, each.label) for each in trial.open]


@pytest.mark.parametrize(
    "note", ["Sinais convencionais: Po - Valor provisório", "Conventional signs: Po - Provisional"]
)
def test_legends_with_a_name_explain_marks_of_years(note: str) -> None:
    table = f"## Sheet S\n| Population |\n| Age | 2021 | 2022 Po |\n| 0-14 | 10 | 12 |\n| 15+ | 30 | 31 |\n| {note} |\n"
    questions = propose(tables(table), "DF_POP", CATALOGUE, WORDS, area="PT").open
    assert not [question.label for question in questions if "Po" in question.label]


@pytest.mark.parametrize(
    ("years", "note", "status"),
    [
        (("2021", "2022", "2023.1)"), "1) Privremeni podaci", {"2023": "P"}),
        (("2023K3", "2023K4", "2024K1*"), "* Tallene er foreløbige", {"2024-Q1": "P"}),
        (("2021Q1", "2021Q2", "2021Q3 p"), "p = provisional", {"2021-Q3": "P"}),
        (("I kw. 2023", "II kw. 2023", "III kw. 2023 a"), "a Dane wstępne", {"2023-Q3": "P"}),
        (("1 кв. 2023", "2 кв. 2023", "3 кв. 2023¹"), "¹ Предварительные данные", {"2023-Q3": "P"}),
        (("2021", "2022", "2023*)"), "*) Date provizorii.", {"2023": "P"}),
        (("2021", "2022", "2023 †)"), "†) Provisional data", {"2023": "P"}),
        (("2021/a", "2022", "2023"), "a/ Cifras preliminares", {"2021": "P"}),
        (("2021", "P2022", "E2023"), "P: provisional; E: estimated", {"2022": "P", "2023": "E"}),
    ],
)
def test_explained_mark_applies_only_to_its_period(years: tuple[str, ...], note: str, status: dict[str, str]) -> None:
    text = over_columns(*years, note=note)
    trial = tried(text)
    assert asked(trial) == []
    statuses = by_year(text, trial.proposal.mapping)
    assert len(statuses) == len(years)
    assert {period: codes for period, codes in statuses.items() if codes != {"A"}} == {
        period: {code} for period, code in status.items()
    }


@pytest.mark.parametrize("note", ["1) Without asylum seekers", "1) See the methodological notes"])
def test_mark_note_without_status_is_offered_as_comment(note: str) -> None:
    assert ("note COMMENT_OBS", "TIME_PERIOD=2023") in asked(tried(over_columns("2021", "2022", "2023.1)", note=note)))
