"""A long sheet is proposed from a sample of its rows and converted in full."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pytest
from shipped import CATALOGUE, words

from sdmxmig.conversion.convert import Conversion, convert
from sdmxmig.conversion.recognition import Recogniser
from sdmxmig.conversion.suggestion import FlowKnowledge, Proposal, suggest
from sdmxmig.conversion.suggestion.sampling import MAX_WHOLE_CELLS, read_samples, sample_table
from sdmxmig.conversion.tables import read
from sdmxmig.quality.validation import validate
from sdmxmig.sdmx.model.tables import AUTODETECT, Table

WORDS: Recogniser = words()
HEAD = "Year,Sex,Age,Country of citizenship,Immigrants"
AGES = [f"{age}-{age + 4}" for age in range(0, 85, 5)]
COUNTRIES = ["Armenia", "France", "Germany", "Italy", "Norway", "Poland", "Türkiye", "Ukraine"]


def rows() -> Iterator[str]:
    """The rows of a register of 54 years: 14,688 in all."""
    for year in range(1970, 2024):
        for sex in ("Men", "Women"):
            for country in COUNTRIES:
                yield from (f"{year},{sex},{age},{country},{(year * 7 + at * 13) % 900}" for at, age in enumerate(AGES))


def sheet(*, planted: dict[int, str] | None = None, end: str = "") -> Table:
    """The register as a sheet, with other texts in some of its rows (the head is row 1), and texts below it."""
    lines = [HEAD, *rows()]
    for row, text in (planted or {}).items():
        lines[row - 1] = text
    return read("register.csv", ("\n".join(lines) + "\n" + end).encode())[0]


@cache
def plain() -> tuple[Table, Proposal]:
    """The register as it is, and its proposal."""
    table = sheet()
    return table, proposed(table)


def proposed(table: Table) -> Proposal:
    return suggest([table], FlowKnowledge(CATALOGUE.flow("DF_IMM"), WORDS), "GE")


def converted(table: Table, proposal: Proposal) -> Conversion:
    return convert([table], proposal.mapping, CATALOGUE.flow("DF_IMM"), CATALOGUE.rules)


def test_sample_is_small_and_keeps_row_numbers() -> None:
    table, _ = plain()
    assert table.cells.height > MAX_WHOLE_CELLS
    sampled = sample_table(table)
    assert sampled.cells.height < MAX_WHOLE_CELLS / 10
    last = sampled.last_row
    assert sampled.row_number(last) == table.last_row
    assert sampled.rows[last] == table.rows[table.last_row]
    assert str(sampled.place(last, 1)) == str(table.place(table.last_row, 1))


def test_file_read_in_parts_gives_the_mapping_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    table, proposal = plain()
    monkeypatch.setattr("sdmxmig.conversion.suggestion.sampling.MAX_WHOLE_CELLS", 5_000)
    monkeypatch.setattr("sdmxmig.conversion.tables.text.BLOCK_FIELDS", 20_000)
    (sampled,) = read_samples("register.csv", "\n".join([HEAD, *rows()]).encode(), AUTODETECT)
    assert proposed(sampled).mapping == proposal.mapping
    observations = converted(sampled, proposal).dataset.observations
    assert 0 < observations.height == len(sampled.sampled) - 1 < table.last_row / 5
    assert observations.join(
        converted(*plain()).dataset.observations, on=observations.columns, how="anti", nulls_equal=True
    ).is_empty()


def test_short_sheet_is_not_sampled() -> None:
    table = read("t.csv", f"{HEAD}\n2020,Men,0-4,France,5\n".encode())[0]
    assert sample_table(table) is table


def test_all_rows_of_the_sheet_are_converted() -> None:
    conversion = converted(*plain())
    assert conversion.dataset.observations.height == 54 * 2 * 17 * 8
    assert conversion.unused_cells.is_empty()


@pytest.mark.parametrize("row", [5_000, 14_000])
def test_country_that_occurs_once_is_in_the_mapping(row: int) -> None:
    table = sheet(planted={row: "2020,Men,15-19,Fiji,7"})
    components = {each.component: dict(each.codes) for each in proposed(table).mapping.blocks[0].components}
    assert components["C_CITIZEN"]["Fiji"] == "FJ"


def test_unknown_label_that_occurs_once_is_asked() -> None:
    table = sheet(planted={9_000: "2020,Men,15-19,Atlantis and others,7"})
    assert any("Atlantis and others" in question.label for question in proposed(table).open)


def test_label_not_in_the_mapping_is_an_error_at_its_cell() -> None:
    conversion = converted(sheet(planted={9_000: "2020,Men,15-19,Atlantis,7"}), plain()[1])
    errors = [each for each in validate(conversion.dataset, CATALOGUE).items if each.severity == "error"]
    assert [error.place.cell for error in errors if error.place] == ["D9000"]


def test_sign_in_the_last_rows_is_asked() -> None:
    table = sheet(planted={14_500: "2020,Men,15-19,France,(x)"})
    assert any("(x)" in question.label for question in proposed(table).open)


def test_unit_in_the_last_rows_is_asked_or_reported() -> None:
    table = sheet(planted={14_600: "Thousands,,,,"})
    proposal = proposed(table)
    conversion = converted(table, proposal)
    texts = [f"{question.label} {question.chosen.reason}" for question in proposal.open]
    texts += [str(finding) for finding in conversion.findings.items]
    assert any("Thousands" in text or "A14600" in text for text in texts)


def test_footnote_at_the_end_is_asked() -> None:
    proposal = proposed(sheet(end="\nNote: Figures are in thousands of persons.\n"))
    with_note = {(question.part, question.label) for question in proposal.open}
    without = {(question.part, question.label) for question in plain()[1].open}
    fixed = dict(proposal.mapping.blocks[0].fixed)
    assert with_note - without or fixed["UNIT_MULT"] == "3"


def test_second_table_far_below_is_a_block_of_its_own() -> None:
    end = f"\n\nTable 2\n{HEAD}\n2020,Men,0-4,France,5\n2020,Men,5-9,France,6\n"
    table = sheet(end=end)
    proposal = proposed(table)
    assert [(region.top, region.last) for region in proposal.regions] == [(1, 14_689), (14_693, 14_695)]
    assert [block.cell for block in proposal.mapping.blocks] == ["A1", "A14693"]
    assert converted(table, proposal).dataset.observations.height == 14_688 + 2


def test_heads_of_other_figures_far_below_are_asked() -> None:
    end = f"\n\n{HEAD.replace('Immigrants', 'Emigrants')}\n2020,Men,0-4,France,5\n2020,Men,5-9,France,6\n"
    asked = {question.label for question in proposed(sheet(end=end)).open}
    assert {"Year", "Sex", "Age", "Country of citizenship"} <= asked


def test_columns_of_single_years_of_age_have_ages_as_heads() -> None:
    ages = [str(age) for age in range(80)]
    lines = [",".join(["Year", "Country of citizenship", "All ages", *ages, "80+"])]
    lines += [",".join(["2020", country, "3240", *map(str, range(81))]) for country in COUNTRIES]
    table = read("ages.csv", ("Immigrants to Georgia\n\n" + "\n".join(lines) + "\n").encode())[0]
    observations = converted(table, proposed(table)).dataset.observations
    assert observations.height == len(COUNTRIES) * 82
    assert {"_T", "Y0", "Y79"} <= set(observations["AGE"])
