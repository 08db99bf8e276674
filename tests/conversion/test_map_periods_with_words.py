"""Headers of a period and words, as PxWeb exports them: “2011 Men”, “2011 Women”, “2012 Men”, “2012 Women”."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest
from markdown_workbooks import workbook
from proposed import asked, asked_labels, codes, observations, proposed, tried
from shipped import CATALOGUE

from sdmxmig.cli import run
from sdmxmig.conversion.convert import convert
from sdmxmig.conversion.mapping import load
from sdmxmig.conversion.suggestion import Decisions
from sdmxmig.conversion.suggestion.review_workbook import COLOURS
from sdmxmig.conversion.tables import read

YEARS = ("2019", "2020", "2021")
COUNTRIES = (("France", 1), ("Italy", 100), ("Total", 101))


def grid(periods: Sequence[str], words: Sequence[str], form: str = "{period} {word}") -> tuple[str, ...]:
    return tuple(form.format(period=period, word=word) for period in periods for word in words)


def table(*headers: Sequence[str], title: str = "Immigrants") -> str:
    """Countries below these rows of headers; the figure in the first column of France is 1, in the second 2."""
    heads = "".join(
        f"| {'Citizenship' if row == 0 else '^'} | {' | '.join(labels)} |\n" for row, labels in enumerate(headers)
    )
    width = len(headers[0])
    rows = "".join(
        f"| {name} | {' | '.join(str(number * column) for column in range(1, width + 1))} |\n"
        for name, number in COUNTRIES
    )
    return f"## Sheet S\n| {title} |\n\n{heads}{rows}"


MEN, AGES = ("Men", "Women"), ("0-14", "15-64", "65+")


@pytest.mark.parametrize(
    ("periods", "words", "form"),
    [
        (YEARS, MEN, "{period} {word}"),
        (YEARS, MEN, "{word} {period}"),
        (YEARS, MEN, "{period}, {word}"),
        (YEARS, MEN, "{period}: {word}"),
        (YEARS, ("Total", "Men", "Women"), "{period} {word}"),
        (YEARS, ("Total", "of which women"), "{period} {word}"),
        (YEARS, ("muškarci", "žene"), "{period}. {word}"),
        (YEARS, AGES, "{period} {word}"),
        (YEARS, ("0-14 years", "15-64 years", "65 years and over"), "{period} {word}"),
        (("2020M01", "2020M02"), ("Total", "Males"), "{period} {word}"),
        (("2023Q1", "2023Q2"), ("Males", "Females"), "{word} {period}"),
        (("2023K1", "2023K2"), ("Mænd", "Kvinder"), "{period} {word}"),
        (("2023H1", "2023H2"), MEN, "{period} {word}"),
    ],
)
@pytest.mark.sampled(4)
def test_grid_of_periods_and_words_is_parsed(periods: Sequence[str], words: Sequence[str], form: str) -> None:
    glued = table(grid(periods, words, form))
    proposal = proposed(glued, "DF_IMM")
    assert asked_labels(proposal) == []
    apart = table(grid(periods, words, "{period}"), grid(periods, words, "{word}"))
    values = observations(glued, proposal)
    assert values == observations(apart, proposed(apart, "DF_IMM"))
    assert len(values) == len(periods) * len(words) * len(COUNTRIES)


def test_meaningful_word_beside_a_period_is_separate() -> None:
    """“Aktivni - Skupaj” is a total for those who read it without its first word: the labour force of both sexes."""
    words = ("Aktivni - Skupaj", "Zaposleni", "Brezposelni", "Neaktivni - Skupaj")
    proposal = proposed(table(grid(YEARS, words), title="Emigrants by activity status"), "DF_EMI_TOPIC")
    assert codes(proposal, "LF_STATUS") == dict(zip(words, ("LF", "EMP", "UNE", "OLF"), strict=True))
    assert not [question for question in asked_labels(proposal) if "header" in question or question in words]


def test_counted_item_beside_a_year_is_not_part_of_the_period() -> None:
    words = ("Employment", "Seasonal work", "Family")
    proposal = proposed(table(grid(YEARS, words), title="Immigrants by reason"), "DF_IMM_TOPIC")
    reasons = [
        component_map.codes
        for component_map in proposal.mapping.blocks[0].components
        if component_map.component == "REASON"
    ]
    assert reasons == [(("Employment", "EMP"), ("Seasonal work", "EMP"), ("Family", "FAM"))]


def test_words_may_precede_periods() -> None:
    text = table([f"{year} {word}" for word in MEN for year in YEARS])
    proposal = proposed(text, "DF_IMM")
    assert asked_labels(proposal) == []
    assert observations(text, proposal)["2019", "F", "_T", "_T", "IT"] == "400"


def test_row_labels_with_year_and_sex_are_split() -> None:
    rows = "".join(f"| {label} | {at} | {10 * at} |\n" for at, label in enumerate(grid(YEARS, MEN), start=1))
    text = f"## Sheet S\n| Immigrants by citizenship |\n\n| Year and sex | France | Italy |\n{rows}"
    proposal = proposed(text, "DF_IMM")
    assert asked_labels(proposal) == []
    assert observations(text, proposal)["2020", "F", "_T", "_T", "IT"] == "40"


def test_mapping_reads_the_columns_of_next_year() -> None:
    mapping = proposed(table(grid(YEARS, MEN)), "DF_IMM").mapping
    later = read("t.xlsx", workbook(table(grid((*YEARS, "2022"), MEN))))
    conversion = convert(later, mapping, CATALOGUE.flows["DF_IMM"], CATALOGUE.rules)
    found = {
        (row["TIME_PERIOD"], row["SEX"]): row["OBS_VALUE"]
        for row in conversion.dataset.observations.iter_rows(named=True)
        if row["C_CITIZEN"] == "FR"
    }
    assert found["2022", "M"] == "7"
    assert found["2022", "F"] == "8"
    assert len(found) == 8


@pytest.mark.parametrize("label", ["2022p Men", "2022 revised Men", "2021-22 Men", "2022 2023 Men", "2022 T1 Men"])
def test_new_labels_of_next_year_get_no_code(label: str) -> None:
    """Checking refuses what is no code, so that nobody takes such a figure for one of men."""
    mapping = proposed(table(grid(YEARS, MEN)), "DF_IMM").mapping
    later = read("t.xlsx", workbook(table((*grid(YEARS, MEN), label))))
    conversion = convert(later, mapping, CATALOGUE.flows["DF_IMM"], CATALOGUE.rules)
    (sex,) = {
        row["SEX"]
        for row in conversion.dataset.observations.iter_rows(named=True)
        if (row["C_CITIZEN"], row["OBS_VALUE"]) == ("FR", "7")
    }
    assert sex not in (CATALOGUE.flows["DF_IMM"].codelist("SEX") or ())


def test_unknown_word_beside_years_is_asked_about_once() -> None:
    text = table(grid(YEARS, ("Men", "Women", "Zzyxw")))
    proposal = proposed(text, "DF_IMM")
    assert asked_labels(proposal) == ["line header 1 words behind", "Zzyxw"]
    left: Decisions = {("S", "line header 1 words behind", ""): "SEX", ("S", "codes SEX", "Zzyxw"): "leave out"}
    settled = proposed(text, "DF_IMM", decisions=left)
    assert asked_labels(settled) == []
    assert len(settled.mapping.blocks[0].skip_columns) == 1
    assert observations(text, settled) == observations(text, proposal)
    assert "3" not in observations(text, settled).values()
    coded: Decisions = {("S", "line header 1 words behind", ""): "SEX", ("S", "codes SEX", "Zzyxw"): "_T"}
    assert observations(text, proposed(text, "DF_IMM", decisions=coded))["2021", "_T", "_T", "_T", "FR"] == "9"


def test_review_workbook_lists_omitted_columns_and_keeps_answers(tmp_path: Path) -> None:
    source, review, target = tmp_path / "t.xlsx", tmp_path / "review.xlsx", tmp_path / "t.toml"
    source.write_bytes(workbook(table(grid(YEARS, ("Men", "Women", "Zzyxw")))))
    command = ["map", str(source), "DF_IMM", "--area", "GE"]
    run([*command, "--review", str(review)])
    book = openpyxl.load_workbook(review)
    fills = {cell.value: cell.fill.fgColor.rgb for cell in book["S"][3]}
    assert {text for text, colour in fills.items() if colour == COLOURS["left out"][0]} == set(grid(YEARS, ("Zzyxw",)))
    sheet, answers = book["Questions"], {"Zzyxw": "_T", "line header 1 words behind": "SEX"}
    for row in range(2, sheet.max_row + 1):
        part, label = sheet.cell(row, 9).value, sheet.cell(row, 2).value
        sheet.cell(row, 7).value = answers.get(label or part)
    book.save(review)
    run([*command, "--read", str(review), "-o", str(target)])
    (block,) = load("t.toml", target.read_bytes(), CATALOGUE.flows).blocks
    assert [component_map.codes for component_map in block.components if component_map.component == "SEX"] == [
        (("Men", "M"), ("Women", "F"), ("Zzyxw", "_T"))
    ]
    assert block.skip_columns == ()


def test_period_may_be_left_out() -> None:
    text = table(grid(YEARS, MEN))
    out: Decisions = {("S", "codes TIME_PERIOD", "2020"): "leave out"}
    values = observations(text, proposed(text, "DF_IMM", decisions=out))
    assert {key[0] for key in values} == {"2019", "2021"}


def test_answer_can_select_a_single_word_beside_years() -> None:
    text = table(grid(YEARS, ("Abcd", "Efgh")))
    proposal = proposed(text, "DF_IMM")
    (line,) = [question for question in proposal.open if question.part.startswith("line ")]
    assert observations(text, proposal) == {}
    only: Decisions = {("S", line.part, line.label): "only Efgh"}
    values = observations(text, proposed(text, "DF_IMM", decisions=only))
    assert values["2020", "_T", "_T", "_T", "FR"] == "4"
    assert len(values) == len(YEARS) * len(COUNTRIES)


@pytest.mark.parametrize(
    "labels",
    [
        grid(YEARS, ("Men", "Women"))[:-1],
        grid(YEARS, ("Abcd", "Efgh")),
        grid(YEARS, ("Refugees", "Students")),
        grid(YEARS, ("Target", "Men")),
        grid(YEARS, ("Men", "change from previous year")),
        grid(YEARS, ("cumulative", "monthly")),
        grid(YEARS, ("p", "r")),
        grid(("2019", "2020"), ("I", "II")),
        grid(("2019", "2020"), ("T1", "T2")),
        grid(YEARS, ("01", "02", "03")),
        grid(("2019-20", "2020-21"), MEN),
        grid(("2010/11", "2011/12"), MEN),
        grid(("2019 2020", "2020 2021"), MEN),
        grid(("2013", "2014"), ("E.C. Men", "E.C. Women")),
        grid(("2020 January", "2020 February"), MEN),
        grid(YEARS, ("Men, T1", "Women, T1"), "{word}, {period}"),
        grid(YEARS, ("Men FY", "Women FY"), "{word} {period}"),
        grid(YEARS, ("Men born", "Women born"), "{word} {period}"),
        grid(YEARS, ("Men since", "Women since"), "{word} {period}"),
        grid(YEARS, ("onwards Men", "onwards Women")),
        grid(YEARS, ("Men 1.1.", "Women 1.1."), "{word} {period}"),
        ("2019 2020", "2020 2021"),
        tuple(f"{year} departures" for year in YEARS),
    ],
)
@pytest.mark.sampled(4)
def test_other_labels_are_asked_about(labels: Sequence[str]) -> None:
    questions = asked(tried(table(labels), "DF_IMM", "GE"))
    assert questions != []
    assert "add up" not in {offer.code for question in questions for offer in question.others}


@pytest.mark.parametrize(
    ("labels", "periods"),
    [
        (grid(("2019", "2020"), ("January", "February")), {"2019-01", "2019-02", "2020-01", "2020-02"}),
        (grid(("2019", "2020"), ("1. half", "2. half")), {"2019-S1", "2019-S2", "2020-S1", "2020-S2"}),
        (tuple(f"{year} immigrants" for year in YEARS), {*YEARS}),
        (("2019", "2020", "2021 (provisional)"), {*YEARS}),
    ],
)
def test_periods_without_words_are_parsed_unchanged(labels: Sequence[str], periods: set[str]) -> None:
    text = table(labels)
    assert {key[0] for key in observations(text, proposed(text, "DF_IMM"))} == periods


def test_months_in_another_line_keep_labels_whole() -> None:
    rows = "".join(f"| {month} | 1 | 2 | 3 | 4 |\n" for month in ("January", "February", "March"))
    heads = " | ".join(grid(("2019", "2020"), MEN))
    proposal = proposed(f"## Sheet S\n| Immigrants |\n\n| Month | {heads} |\n{rows}", "DF_IMM")
    assert asked_labels(proposal) != []
