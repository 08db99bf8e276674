"""Next year's table with last year's mapping: unchanged decisions are carried over, changed ones are asked again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from case_tables import cases_from, text_from, truth
from console import Console
from proposed import WORDS
from shipped import CATALOGUE

import sdmxmig
from sdmxmig.cli import run
from sdmxmig.conversion.convert import convert
from sdmxmig.conversion.mapping import load
from sdmxmig.conversion.suggestion import Question
from sdmxmig.conversion.suggestion.answers import Answers, add_answer, list_choices
from sdmxmig.conversion.suggestion.earlier_mapping import build_pattern, find_last_mappings
from sdmxmig.conversion.tables import read
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.sdmx.model.data import TableMapping
from sdmxmig.sdmx.model.tables import Table, TextFormat
from sdmxmig.workspace.proposals import TriedProposal, propose, propose_like
from sdmxmig.workspace.tasks.drafts import MappingWork, render_mapping
from sdmxmig.workspace.tasks.proposing import Material

COUNTRIES = ("Germany", "Canada", "France", "Norway")
GIVEN = {"fixed RES_RULE": "R12"}


def tables(title: str, years: Sequence[object], rows: Sequence[str] = COUNTRIES, note: str = "") -> Sequence[Table]:
    figures = [[str(100 * row + 7 * column) for column in range(len(years))] for row in range(1, len(rows) + 1)]
    lines = [[title], [], ["Country of citizenship", *map(str, years)]]
    lines += [[row] if ";" in row else [row, *listed] for row, listed in zip(rows, figures, strict=True)]
    lines += [[], note.split("|")] if note else []
    return read("table.csv", "\n".join(";".join(line) for line in lines).encode())


def answer(question: Question, flow: str = "DF_IMM") -> str:
    return GIVEN.get(question.part) or next(iter(list_choices(question, CATALOGUE.flows[flow])), "leave out")


def last_years(last: Sequence[Table], flow: str) -> TableMapping:
    """The mapping of a table of which every question is answered."""
    answers = Answers("table.csv", flow)
    while True:
        tried = propose(last, flow, CATALOGUE, WORDS, area="KE", decisions=answers.decisions)
        if not tried.open:
            break
        asked = tried.open[0]
        about = asked.sheet, asked.part, asked.label
        assert about not in answers.decisions
        answers = add_answer(answers, about, answer=answer(asked, flow), proposed=asked.chosen.code)
    material = Material(tables=last, written=TextFormat(), catalogue=CATALOGUE, recogniser=WORDS)
    return load("last.toml", render_mapping(MappingWork(answers, tried), material, None).encode(), CATALOGUE.flows)


def this_years(last: Sequence[Table], now: Sequence[Table], flow: str = "DF_IMM") -> TriedProposal:
    return propose_like(last_years(last, flow), now, Answers("table.csv", flow), CATALOGUE, WORDS)[0]


@pytest.mark.parametrize(
    "title",
    [
        "Immigration and emigration",
        "Immigration et émigration",
        "Inmigración y emigración",
        "Einwanderung und Auswanderung",
    ],
)
def test_mapping_of_another_dataflow_sets_no_direction(title: str) -> None:
    last = tables(f"{title}, 2021-2022", (2021, 2022))
    tried, carried = propose_like(last_years(last, "DF_IMM"), last, Answers("table.csv", "DF_EMI"), CATALOGUE, WORDS)
    fixed = dict(tried.proposal.mapping.blocks[0].fixed)
    assert (fixed["DIRECTION"], fixed["RES_RULE"]) == ("E", "R12")
    assert carried.count


def test_statements_on_years_follow_notes_of_this_year() -> None:
    last = tables("Immigrants, 2020–2023", range(2020, 2024), note="New method since 2022. 2023: provisional")
    now = tables("Immigrants, 2021–2024", range(2021, 2025), note="New method since 2023. 2024: provisional")
    tried = this_years(last, now)
    assert (tried.open, tried.notes) == ((), ())
    assert [dict((*note.where, *note.attributes)) for note in tried.proposal.mapping.blocks[0].notes] == [
        {"TIME_PERIOD": "2023", "OBS_STATUS": "B"},
        {"TIME_PERIOD": "2024", "OBS_STATUS": "P"},
    ]


UNCHANGED = {
    "a range of years": (
        ("Immigrants, 2020–2022", (2020, 2021, 2022)),
        ("Immigrants, 2020–2023", (2020, 2021, 2022, 2023)),
    ),
    "a moved range": (("Immigrants, 2020-2022", (2020, 2021, 2022)), ("Immigrants, 2021-2023", (2021, 2022, 2023))),
    "years of two years": (
        ("Immigrants, 2020/21–2021/22", ("2020/21", "2021/22")),
        ("Immigrants, 2020/21–2022/23", ("2020/21", "2021/22", "2022/23")),
    ),
    "a word that was answered": (
        ("Regularised immigrants, 2021-2022", (2021, 2022)),
        ("Regularised immigrants, 2021-2023", (2021, 2022, 2023)),
    ),
    "a column that was left out": (
        ("Immigrants", (2021, 2022, "Change 2021-2022")),
        ("Immigrants", (2022, 2023, "Change 2022-2023")),
    ),
    "digits of another script": (
        ("المهاجرون الوافدون حسب بلد الجنسية ٢٠٢١–٢٠٢٢", (2021, 2022)),
        ("المهاجرون الوافدون حسب بلد الجنسية ٢٠٢١–٢٠٢٣", (2021, 2022, 2023)),
    ),
    "Chinese": (("2021-2022年入境移民", (2021, 2022)), ("2021-2023年入境移民", (2021, 2022, 2023))),
    "Russian": (
        ("Число прибывших в 2021–2022 гг.", (2021, 2022)),
        ("Число прибывших в 2021–2023 гг.", (2021, 2022, 2023)),
    ),
    "a part of the country": (
        ("Immigrants in the municipality of Nakuru, 2021-2022", (2021, 2022)),
        ("Immigrants in the municipality of Nakuru, 2021-2023", (2021, 2022, 2023)),
    ),
    "a number of the table": (("Table 3.1. Immigrants", (2021, 2022)), ("Table 4.2. Immigrants", (2022, 2023))),
}


def test_python_and_command_carry_over_equal_answers(tmp_path: Path) -> None:
    (title, years), (new_title, new_years) = UNCHANGED["a range of years"]
    last = tables(title, years)
    answers, asked = Answers("table.csv", "DF_IMM"), propose(last, "DF_IMM", CATALOGUE, WORDS, area="KE").open
    for question in asked:
        about = question.sheet, question.part, question.label
        answers = add_answer(answers, about, answer=answer(question), proposed=question.chosen.code)
    tried = propose(last, "DF_IMM", CATALOGUE, WORDS, area="KE", decisions=answers.decisions)
    material = Material(tables=last, written=TextFormat(), catalogue=CATALOGUE, recogniser=WORDS)
    (tmp_path / "last.toml").write_text(render_mapping(MappingWork(answers, tried), material, None), encoding="utf-8")
    rows = [f"Country of citizenship;{';'.join(map(str, new_years))}", *(f"{name};1;2;3;4" for name in COUNTRIES)]
    (tmp_path / "table.csv").write_text("\n".join([new_title, "", *rows]), encoding="utf-8")
    proposal = sdmxmig.propose(tmp_path / "table.csv", like=tmp_path / "last.toml")
    assert list(proposal.tried.open) == []


@pytest.mark.parametrize("case", UNCHANGED)
def test_table_with_only_new_years_raises_no_question(case: str) -> None:
    (title, years), (new_title, new_years) = UNCHANGED[case]
    tried = this_years(tables(title, years), tables(new_title, new_years))
    assert [question.part for question in tried.open] == []
    fixed = dict(tried.proposal.mapping.blocks[0].fixed)
    assert fixed["RES_RULE"] == "R12"


@pytest.mark.parametrize(
    "heads",
    [("Jan", "Feb", "Mar"), ("Q1", "Q2", "Q3"), ("I kwartał", "II kwartał", "III kwartał"), ("Jan", "Feb", "Total")],
    ids=" ".join,
)
def test_months_follow_the_year_of_the_title(heads: Sequence[str]) -> None:
    tried = this_years(tables("Immigrants in 2023", heads), tables("Immigrants in 2024", heads))
    periods = [code for block in tried.proposal.mapping.blocks for line in block.components for _, code in line.codes]
    assert [code for code in periods if code.startswith("2023")] == []
    assert {code[:4] for code in periods if code[:1] == "2"} == {"2024"}


def test_summed_labels_are_summed_again() -> None:
    rows = (*COUNTRIES, "Unknown", "Not stated")
    later = this_years(tables("Immigrants", (2021, 2022), rows), tables("Immigrants", (2021, 2022, 2023), rows))
    assert [question.part for question in later.open] == []
    unknown = later.conversion.dataset.observations.filter(C_CITIZEN="_U").select("TIME_PERIOD", "OBS_VALUE")
    assert unknown.rows() == [("2021", "1100"), ("2022", "1114"), ("2023", "1128")]


def test_answers_on_rows_and_notes_apply_to_shifted_years() -> None:
    rows = (*COUNTRIES, "Schmurgeland", "Partners (2022 agreement)")
    later = (*COUNTRIES, "Schmurgeland", "Partners (2023 agreement)", "Syria")
    last = tables("Immigrants", (2021, "2022*"), rows, note="* Provisional data for 2022")
    now = tables("Immigrants", (2022, "2023*"), later, note="* Provisional data for 2023")
    tried = this_years(last, now)
    assert [question.part for question in tried.open] == []
    notes = [(noted.where, noted.attributes) for noted in tried.proposal.mapping.blocks[0].notes]
    assert notes == [((("TIME_PERIOD", "2023"),), (("OBS_STATUS", "P"),))]


@cases_from("conversion/cases/mark_is_asked_again_if_its_note_changed.csv", is_asked=truth)
def test_mark_is_asked_again_if_its_note_changed(note: str, later: str, is_asked: bool) -> None:
    rows = (*COUNTRIES, "Chad;11*;12*")
    last = tables("Immigrants, 2021-2022", (2021, 2022), rows, note)
    assert dict(last_years(last, "DF_IMM").blocks[0].values.marks) == {"*": (("OBS_STATUS", "A"),)}
    tried = this_years(last, tables("Immigrants, 2022-2023", (2022, 2023), rows, later))
    assert ("the mark “*”" in {question.label for question in tried.open}) == is_asked


@cases_from("conversion/cases/first_day_of_years_is_asked_again_if_its_note_changed.csv", is_asked=truth)
def test_first_day_of_years_is_asked_again_if_its_note_changed(note: str, later: str, is_asked: bool) -> None:
    last = tables("Immigrants", ("2020/21", "2021/22"), note=note)
    now = tables("Immigrants", ("2021/22", "2022/23"), note=later)
    asked = {question.label for question in this_years(last, now).open if question.part == "codes TIME_PERIOD"}
    assert asked == ({"2021/22"} if is_asked else set())


NOTES = {
    "en": ("The fiscal year runs from 1 July to 30 June", "Permits of dependants included"),
    "fr": ("L’exercice budgétaire va du 1er juillet au 30 juin", "Y compris les permis des familles"),
    "es": ("El año fiscal va del 1 de julio al 30 de junio", "Se incluyen los permisos de familiares"),
    "pt": ("O ano fiscal vai de 1 de julho a 30 de junho", "Inclui autorizações de familiares"),
    "ru": ("Финансовый год с 1 июля по 30 июня", "Включены разрешения членов семей"),
    "de": ("Das Haushaltsjahr läuft vom 1. Juli bis 30. Juni", "Bewilligungen von Angehörigen enthalten"),
}


@pytest.mark.parametrize("language", NOTES)
def test_last_mapping_supplies_the_first_day_of_years(language: str) -> None:
    year, more = NOTES[language]
    last = tables("Immigrants by country", ("2021/22", "2022/23"), note=f"{year}.")
    mapping = last_years(last, "DF_IMM")
    now = tables("Immigrants by country", ("2022/23", "2023/24"), note=f"{year}. {more}.")
    assert find_last_mappings([replace(table, file="later.csv") for table in now], [mapping]) == {"DF_IMM": mapping}
    assert "codes TIME_PERIOD" not in {question.part for question in this_years(last, now).open}


def test_table_with_another_title_has_no_last_mapping() -> None:
    mapping = last_years(tables("Immigrants by country", (2021, 2022), note="Source: Ministry."), "DF_IMM")
    now = tables("Emigrants by country", (2022, 2023), note="Source: Ministry.")
    assert find_last_mappings([replace(table, file="later.csv") for table in now], [mapping]) == {}


@cases_from("conversion/cases/a_changed_title_is_asked_about.csv")
def test_changed_title_is_asked_about(title: str, new_title: str, part: str) -> None:
    tried = this_years(
        tables(f"{title}, 2021-2022", (2021, 2022)), tables(f"{new_title}, 2021-2023", (2021, 2022, 2023))
    )
    questions = {question.part: question for question in tried.open}
    assert part in questions
    assert questions.keys() <= {part, *(["title"] if part == "fixed RES_RULE" else [])}


@cases_from("conversion/cases/mapping_refuses_a_table_whose_note_no_longer_states_its_rule.csv")
def test_mapping_refuses_table_without_its_required_note(note: str, later: str) -> None:
    last = tables("Immigrants", (2021, 2022), note=note)
    mapping = last_years(last, "DF_IMM")
    source = "Source: Office of 2024. "
    for again in (note, source + note):
        convert(tables("Immigrants", (2022, 2023), note=again), mapping, CATALOGUE.flow("DF_IMM"), CATALOGUE.rules)
    now = tables("Immigrants", (2022, 2023), note=source + later)
    with pytest.raises(DeclarationError, match="No cell around the block"):
        convert(now, mapping, CATALOGUE.flow("DF_IMM"), CATALOGUE.rules)
    tried, _ = propose_like(mapping, now, Answers("table.csv", "DF_IMM"), CATALOGUE, WORDS)
    assert "fixed RES_RULE" in {question.part for question in tried.open}


def test_changed_reference_date_of_several_years_is_asked() -> None:
    last = tables("Foreign citizens by country of citizenship, 1 January 2021 and 2022", (2021, 2022))
    now = tables("Foreign citizens by country of citizenship, 31 December 2022 and 2023", (2022, 2023))
    questions = {question.part: question for question in this_years(last, now, "DF_POP").open}
    assert questions["fixed REF_DATE"].chosen.code == "D1231"


def test_sheets_with_differing_values_raise_no_question() -> None:
    (men,) = tables("Immigration by citizenship, men", (2021, 2022))
    (women,) = tables("Immigration by citizenship, women", (2021, 2022))
    both = [replace(men, sheet="Men"), replace(women, sheet="Women")]
    assert [question.part for question in this_years(both, both).open] == []


def test_definition_in_a_note_precedes_other_tables() -> None:
    other = last_years(tables("Emigrants", (2021, 2022), note="Actual stay of at least 12 months."), "DF_EMI")
    now = tables("Immigrants", (2021, 2022), note="People who intend to stay for 12 months or more.")
    tried = propose(now, "DF_IMM", CATALOGUE, WORDS, area="KE", mappings=[other])
    (question,) = [question for question in tried.open if question.part == "fixed DUR_BASIS"]
    assert question.chosen.code == "INT"
    silent = propose(tables("Immigrants", (2021, 2022)), "DF_IMM", CATALOGUE, WORDS, area="KE", mappings=[other])
    assert dict(silent.proposal.mapping.blocks[0].fixed)["DUR_BASIS"] == "_U"


def test_value_of_last_year_is_offered_once() -> None:
    last = tables("Immigrants", (2021, 2022), note="Arrivals for at least one year.")
    questions = this_years(last, tables("Immigrants", (2022, 2023))).open
    codes = [other.code for question in questions for other in question.others if question.part == "fixed RES_RULE"]
    assert codes[0] == "R12"
    assert len(codes) == len(set(codes))


def test_changed_unit_names_the_value_of_last_year() -> None:
    tried = this_years(tables("Immigrants (thousand)", (2021, 2022)), tables("Immigrants", (2022, 2023)))
    question = tried.open[0]
    assert question.chosen.reason.startswith("last year's mapping has Thousands (3)")
    assert question.others[0].code == "3"


def test_answered_changed_value_is_not_asked_about_again() -> None:
    earlier = last_years(tables("Immigrants (thousand)", (2021, 2022)), "DF_IMM")
    now = tables("Immigrants", (2022, 2023))
    about = propose_like(earlier, now, Answers("table.csv", "DF_IMM"), CATALOGUE, WORDS)[0].open[0]
    decisions = {(about.sheet, about.part, about.label): "3"}
    answers = Answers("table.csv", "DF_IMM", decisions=decisions)
    tried, _ = propose_like(earlier, now, answers, CATALOGUE, WORDS)
    assert not tried.open
    assert dict(tried.proposal.mapping.blocks[0].fixed)["UNIT_MULT"] == "3"


@cases_from("conversion/cases/a_pattern_of_a_title_allows_other_years_only.csv", is_same=truth)
def test_title_pattern_allows_only_other_years(title: str, later: str, *, is_same: bool) -> None:
    assert (build_pattern(title, dated=False) == build_pattern(later, dated=False)) == is_same


def test_map_reports_and_keeps_carried_over_answers(tmp_path: Path, console: Console) -> None:
    first = tmp_path / "2022.toml"
    rows = "Uganda;10;11\nEthiopia;20;21\n"
    for year, like in ((2022, None), (2023, first), (2024, tmp_path / "2023.toml")):
        table, target = tmp_path / f"{year}.csv", tmp_path / f"{year}.toml"
        table.write_text(f"Regularised immigrants\nCitizenship;{year - 1};{year}\n{rows}", encoding="utf-8")
        if like is None:
            answers = tmp_path / "answers.toml"
            answers.write_text(ANSWERS, encoding="utf-8")
            assert run(["map", str(table), "--area", "KE", "--read", str(answers), "-o", str(target)]) == 0
        else:
            assert f"carried over from {like}" in console.errors("map", table, "--like", like, "-o", target, code=0)


ANSWERS = text_from("conversion/cases/map_like_answers.toml")


@pytest.mark.parametrize("code", ["N", "C"])
def test_mark_of_another_attribute_is_not_carried_over(tmp_path: Path, code: str) -> None:
    """`N` is a code of CONF_STATUS and, with another meaning, of OBS_STATUS; `C` of CONF_STATUS only."""
    (tmp_path / "table.csv").write_text("Immigrants by sex; persons\nYear,Men,Women\n2023,74c,32\n2024,45,35\n")
    given = [str(tmp_path / "table.csv"), "DF_IMM", "--area", "GE"]
    last = tmp_path / "last.toml"
    run(["map", *given, "-o", str(last)])
    text = last.read_text().split("[block.values]", maxsplit=1)[0]
    last.write_text(f'{text}[block.values]\nmarks = {{ c = {{ CONF_STATUS = "{code}" }} }}\n')
    assert run(["map", *given, "--like", str(last), "-o", str(tmp_path / "next.toml")]) == 1
    assert f'"{code}"' not in (tmp_path / "next.toml").read_text().partition("[block.values]")[2]


@pytest.mark.parametrize(
    ("title", "is_asked"), [("Immigrants, {}", False), ("Immigrants ({} data of the yearbook)", True)]
)
def test_title_that_dated_earlier_figures_dates_new_ones(title: str, *, is_asked: bool) -> None:
    last = tables(title.format(2022), ["Persons"])
    year = "2023" if not is_asked else "2023, revised yearbook"
    now = [replace(table, file="table_2024.csv") for table in tables(title.format(year), ["Persons"])]
    proposal = this_years(last, now)
    assert ("fixed TIME_PERIOD" in {question.part for question in proposal.open}) == is_asked
    assert is_asked or dict(proposal.proposal.mapping.blocks[0].fixed)["TIME_PERIOD"] == "2023"


@pytest.mark.parametrize("note", ["Preliminary figures", "Données provisoires", "Előzetes adatok"])
def test_status_of_one_year_is_asked_about_again(note: str) -> None:
    last, now = (tables("Immigrants by citizenship", years, note=f"{note}.") for years in ((2022, 2023), (2023, 2024)))
    assert dict(last_years(last, "DF_IMM").blocks[0].fixed)["OBS_STATUS"] == "P"
    assert "fixed OBS_STATUS" in {question.part for question in this_years(last, now).open}
