"""Sheets with several dataflows side by side: columns of another dataflow are never used.

The countries and figures are made up. Each table has both directions with their parts and usually a balance.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from case_tables import cases_from
from console import Console
from markdown_workbooks import workbook
from proposed import WORDS, observations, proposed
from shipped import CATALOGUE

from sdmxmig.conversion.mapping import load
from sdmxmig.conversion.mapping.writing import write
from sdmxmig.conversion.suggestion.table_subjects import ask_about_table_subject
from sdmxmig.conversion.tables import read
from sdmxmig.primitives.errors import DeclarationError

YEARS = ("2019", "2020", "2022")
INTO, OUT_OF = (("370", "200", "170"), ("350", "180", "170"), ("390", "220", "170")), (("150", "80", "70"),) * 3
HEADS = [
    "Year | Immigrants | of which men | of which women | Emigrants | of which men | of which women | Net migration",
    "Year | Immigration | Men | Women | Emigration | Men | Women | Net migration",
    "Année | Immigrés | dont hommes | dont femmes | Émigrés | dont hommes | dont femmes | Solde migratoire",
    "Año | Inmigrantes | Hombres | Mujeres | Emigrantes | Hombres | Mujeres | Saldo migratorio",
    "Год | Прибывшие | в том числе мужчины | женщины | Выбывшие | в том числе мужчины | женщины | Миграционный прирост",
    "السنة | المهاجرون الوافدون | ذكور | إناث | المهاجرون المغادرون | ذكور | إناث | صافي الهجرة",
    "年份 | 迁入 | 其中：男 | 其中：女 | 迁出 | 其中：男 | 其中：女 | 净迁移",
]


def table(heads: str, *, parts_first: bool = False) -> str:
    """The table below these heads, as text; with the parts before their wholes if so."""
    order = (1, 2, 0) if parts_first else (0, 1, 2)
    names = heads.split(" | ")
    groups = ([names[at + first] for at in order] for first in (1, 4))
    title = "Immigration, emigration and net migration"
    lines = [f"| {title} |", f"| {' | '.join((names[0], *(name for group in groups for name in group), names[7]))} |"]
    for year, into, out_of in zip(YEARS, INTO, OUT_OF, strict=True):
        balance = str(int(into[0]) - int(out_of[0]))
        lines.append(f"| {' | '.join((year, *(figures[at] for figures in (into, out_of) for at in order), balance))} |")
    return "## Sheet Flows\n" + "\n".join(lines) + "\n"


def figures(text: str, flow: str) -> list[str]:
    """The figures that the proposal for a dataflow reads, each under its own key."""
    return list(observations(text, proposed(text, flow)).values())


@pytest.mark.parametrize("heads", HEADS)
@pytest.mark.parametrize(("flow", "own"), [("DF_IMM", INTO), ("DF_EMI", OUT_OF)])
def test_each_flow_gets_only_its_own_figures(heads: str, flow: str, own: tuple[tuple[str, ...], ...]) -> None:
    read = figures(table(heads), flow)
    assert read, "nothing is read"
    assert set(read) <= {figure for row in own for figure in row}
    assert len(read) >= len(YEARS) * 2


@pytest.mark.parametrize(("flow", "own"), [("DF_IMM", INTO), ("DF_EMI", OUT_OF)])
def test_parts_before_a_total_belong_to_the_next_heading(flow: str, own: tuple[tuple[str, ...], ...]) -> None:
    text = table(HEADS[1], parts_first=True)
    rows = text.splitlines()
    text = "\n".join((*rows[:2], *(f"{row.rsplit(' | ', 1)[0]} |" for row in rows[2:])))
    assert set(figures(text, flow)) <= {figure for row in own for figure in row}


def test_parts_after_two_headings_belong_to_the_nearer_heading() -> None:
    text = "## Sheet Flows\n| Year | Immigrants | Emigrants | of which men | of which women |\n"
    text += "".join(f"| {year} | 370 | 150 | 80 | 70 |\n" for year in YEARS)
    assert set(figures(text, "DF_IMM")) <= {"370"}


def test_column_is_omitted_only_under_its_header() -> None:
    proposal = proposed(table(HEADS[1]), "DF_IMM")
    assert {skip.column: skip.match for skip in proposal.mapping.blocks[0].skip_columns if skip.column} == {
        "F": "Men",
        "G": "Women",
    }
    with pytest.raises(DeclarationError, match="is not a column"):
        load("t.toml", write(proposal.mapping).replace('column = "F"', 'column = "6"').encode(), CATALOGUE.flows)


MOVES = """## Sheet A

| {title} | |

| Year | Total |
| 2021 | 9811 |
| 2022 | 10133 |
"""
STOCK = """## Sheet B

| {title} | | |

| {head} | 2021 | 2022 |
| Germany | 200 | 262 |
| India | 400 | 493 |
"""
PEOPLE_BESIDE_MOVES = [
    ("Immigration by sex", "Foreign population by citizenship", "Citizenship"),
    ("Immigration by sex", "Foreign citizens, by country", "Citizenship"),
    ("Emigration by sex", "Foreign-born population by country of birth", "Country of birth"),
    ("Residence permits issued", "Foreign population by citizenship", "Citizenship"),
    ("Immigration par sexe", "Population étrangère par nationalité", "Nationalité"),
    ("Immigration par sexe", "Étrangers selon la nationalité", "Nationalité"),
    ("Inmigración por sexo", "Población extranjera por país de nacionalidad, 2021-2022", "Nacionalidad"),
    ("Inmigración por sexo", "Extranjeros por nacionalidad", "Nacionalidad"),
    ("Иммиграция по полу", "Иностранное население по гражданству", "Гражданство"),
    ("Иммиграция по полу", "Иностранные граждане", "Гражданство"),
    ("الهجرة الوافدة حسب الجنس", "السكان الأجانب حسب الجنسية", "الجنسية"),
    ("按性别分的迁入", "外国人口", "国籍"),
    ("Zuwanderung nach Geschlecht", "Ausländische Bevölkerung", "Staatsangehörigkeit"),
]


@pytest.mark.parametrize(("moves", "people", "head"), PEOPLE_BESIDE_MOVES)
def test_people_beside_a_sheet_of_moves_are_asked_about(moves: str, people: str, head: str) -> None:
    text = MOVES.format(title=moves) + "\n" + STOCK.format(title=people, head=head)
    question = ask_about_table_subject(read("t.xlsx", workbook(text)), CATALOGUE.flows, WORDS, CATALOGUE.counted)
    assert not question.flow
    for flow in {option.flow for option in question.options} - {"DF_POP"}:
        assert "B" in {asked.sheet for asked in proposed(text, flow).open if asked.part == "title"}


@pytest.mark.parametrize(("moves", "people", "head"), [PEOPLE_BESIDE_MOVES[at] for at in (0, 4, 6, 8, 10)])
def test_sheets_are_listed_with_the_command_that_maps_each(
    tmp_path: Path, console: Console, moves: str, people: str, head: str
) -> None:
    book = tmp_path / "t.xlsx"
    book.write_bytes(workbook(MOVES.format(title=moves) + "\n" + STOCK.format(title=people, head=head)))
    talk = console.errors("map", book, "--area", "GE", code=1)
    assert "  A: People who moved to the country in a period (DF_IMM)\n" in talk
    assert "  B: People living in the country on a day (DF_POP)\n" in talk
    assert f"sdmxmig map {book} DF_IMM --sheet A\n" in talk


@cases_from("conversion/cases/people_who_moved_raise_no_question.csv")
def test_people_who_moved_raise_no_question(title: str) -> None:
    text = MOVES.format(title="Immigration by sex") + "\n" + STOCK.format(title=title, head="Citizenship")
    assert not [question for question in proposed(text, "DF_IMM").open if question.part == "title"]


@pytest.mark.parametrize("head", ["Województwa", "Region", "Entidad federativa"])
def test_moves_by_region_are_not_read_as_an_account(head: str) -> None:
    rows = "".join(f"| {name} | 300 | 100 | 200 |\n" for name in ("North", "South", "West"))
    text = f"## Sheet A\n| External migration in 2023 | | | |\n| {head} | Immigration | Emigration | Balance |\n{rows}"
    question = ask_about_table_subject(read("t.xlsx", workbook(text)), CATALOGUE.flows, WORDS, CATALOGUE.counted)
    assert question.flow != "DF_ACCOUNT"
    assert {"DF_IMM_TOPIC", "DF_EMI_TOPIC"} <= {option.flow for option in question.options}


@cases_from("conversion/cases/people_who_return_may_be_immigrants.csv")
def test_people_who_return_may_be_immigrants(title: str, country: str) -> None:
    text = f"## Sheet S\n| {title} |\n| {country} | 2021 | 2022 |\n| DE | 10 | 20 |\n| AT | 5 | 6 |\n"
    question = ask_about_table_subject(read("t.xlsx", workbook(text)), CATALOGUE.flows, WORDS, CATALOGUE.counted)
    assert not question.flow
    assert {"DF_IMM", "DF_RETURN"} <= {option.flow for option in question.options}
