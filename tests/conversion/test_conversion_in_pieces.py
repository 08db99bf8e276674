"""A table that is longer than memory gives the same observations in pieces as at once, with the same cells."""

from __future__ import annotations

import io

import polars as pl
import pytest
from shipped import CATALOGUE

from sdmxmig.conversion.convert import Conversion, convert, convert_pieces
from sdmxmig.conversion.mapping import load
from sdmxmig.conversion.tables import read
from sdmxmig.conversion.tables.text import pieces
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.sdmx.model.data import Dataset, Flow

pytestmark = pytest.mark.sampled(6)

HEAD = """
id = "MAP_TEST"
flow = "DF_TEST"
file = "office.csv"
"""
BLOCK = """
[[block]]
sheet = "*"
anchor = "Place"
header_columns = 2
[block.fixed]
FREQ = "A"
AGE = "_T"
UNIT_MEASURE = "PS"
[block.components.TIME_PERIOD]
from = "column 2"
"""
CARRIED = """
[block.components.REF_AREA]
from = "column 1"
carried = true
"""
SEX = """
[block.components.SEX]
from = "header 1"
codes = { "Men" = "M", "Women" = "F", "All" = "_T" }
"""
LABELS = "Place,Year,Men,Women\nGE,2020,1,2\n,2021,3,4\n,2022,5,6\n,2023,7,8\nMD,2020,9,10\n,2021,11,12\n"
TITLES = "Place,Year,All\nMen,,\nGE,2020,1\nMD,2020,2\nWomen,,\nGE,2020,3\nMD,2020,4\nGE,2021,5\nMD,2021,6\n"
TITLE_KEYS = "sections = true\n[block.fixed]\n"
BY_TITLE = """
[block.components.SEX]
from = "section 1"
codes = { "Men" = "M", "Women" = "F" }
[block.components.REF_AREA]
from = "column 1"
"""


def pieces_of(text: str, mapping: str, flow: Flow, rows: int) -> list[Conversion]:
    declared = load("m.toml", mapping.encode(), {"DF_TEST": flow})
    listed = pieces("office.csv", io.BytesIO(text.encode()), rows=rows)
    return list(convert_pieces(listed, declared, flow, CATALOGUE.rules))


def in_pieces(text: str, mapping: str, flow: Flow, rows: int) -> list[Dataset]:
    return [piece.dataset for piece in pieces_of(text, mapping, flow, rows)]


def at_once(text: str, mapping: str, flow: Flow) -> Conversion:
    declared = load("m.toml", mapping.encode(), {"DF_TEST": flow})
    return convert(read("office.csv", text.encode()), declared, flow, CATALOGUE.rules)


def with_cells(datasets: list[Dataset]) -> list[tuple[str | None, ...]]:
    """Each observation with the cells of its components."""
    found = []
    for dataset in datasets:
        cells = dataset.origins.group_by("observation").agg(pl.struct("component", "row", "column").alias("cells"))
        cells = cells.with_columns(pl.col("cells").map_elements(lambda each: str(sorted(map(str, each))), pl.String))
        found += (
            dataset.observations.with_row_index("observation").join(cells, on="observation").drop("observation").rows()
        )
    return sorted(found, key=str)


UNTIL = LABELS + "Source: office,,,\n,2030,98,99\n"
ENDS = LABELS.replace("MD,2020", "\nMD,2020")
NOTED = "Office of statistics\n" + LABELS + "\n1) Provisional,,,\nPage,7,,\n"
STACKED = "Men,,\nPlace,Year,All\nGE,2020,1\nMD,2020,2\n\nWomen,,\nPlace,Year,All\nGE,2020,3\nMD,2021,4\n"
EXPLAINED = "1) Provisional\n2) By hand\n" + LABELS.replace("7,8", "7 1),8").replace(",5,6", ",5 2),6")
INDENTED = (
    "Place,Year,All\nMen,2019,7\n   GE,2020,1\n   MD,2020,2\nWomen,2019,8\n   GE,2020,3\n   MD,2020,4\n   GE,2021,5\n"
)
SOURCES = "Place,Year,Men,Women\nNote,,register,census\n" + LABELS.partition("\n")[2]
BY_INDENT = """
[block.components.SEX]
from = "section 1"
codes = { "Men" = "M", "Women" = "F" }
[block.components.REF_AREA]
from = "column 1"
"""
LEVELS = (
    "Country and sex,2022\nGeorgia,30\n  Men,10\n    of which refugees,1\n    of which others,2\n  Women,20\n"
    "Sweden,\n Women,7\n Men,5\n  of which refugees,3\nGeorgia,31\n"
)
BY_LEVELS = (
    HEAD
    + """
[[block]]
sheet = "*"
anchor = "Country and sex"
sections = [{ indent = 1 }, { indent = 2 }]
[block.fixed]
FREQ = "A"
AGE = "_T"
UNIT_MEASURE = "PS"
[block.components.TIME_PERIOD]
from = "header 1"
[block.components.REF_AREA]
from = "section 1"
codes = { "Georgia" = "GE", "Sweden" = "SE" }
[block.components.SEX]
from = "section 2"
codes = { "Men" = "M", "Women" = "F" }
empty = "_T"
"""
)
CLOSE = (
    "Place,Year,Men\nGE,2020,1\nMD,2020,2\nPlace,Year,Women\nGE,2020,3\nMD,2021,4\nGE,2021,5\n"
    "Place,Year,Men\nGE,2022,6\nPlace,Year,Women\nMD,2022,7\n"
)
BESIDE = "Place,Year,All\nGE,2020,1\nMD,2020,2,,Women\nGE,2021,3\nMD,2021,4\n"
TOTAL = '[[derived]]\ncomponent = "SEX"\ncode = "_T"\nformula = "M + F"\n'
LABELLED = '[[derived]]\ncomponent = "SEX"\ncode = "_T"\nformula = "M + \'Women\'"\n'
COMPUTED = """[[computed]]
formula = "C2 + C6"
says = { A2 = "GE", A6 = "MD" }
fixed = { FREQ = "A", REF_AREA = "GE", SEX = "_T", AGE = "_T", TIME_PERIOD = "2020", UNIT_MEASURE = "PS" }
"""
PLAIN = HEAD + BLOCK + CARRIED + SEX


def with_keys(*keys: str) -> str:
    """The plain mapping with more keys of the block."""
    return PLAIN.replace("[block.fixed]\n", "\n".join([*keys, "[block.fixed]\n"]), 1)


def columns_of(*names: str) -> str:
    """A block for each of these columns."""
    columns = '[block.values]\ncolumns = ["{}"]\n'
    return HEAD + "".join(BLOCK + CARRIED + SEX + columns.format(name) for name in names)


CASES = {
    "carried labels": (LABELS, PLAIN),
    "titles": (TITLES, HEAD + BLOCK.replace("[block.fixed]\n", TITLE_KEYS) + BY_TITLE),
    "several blocks": (LABELS, columns_of("Men", "Women")),
    "an end": (UNTIL, with_keys('until = "Source*"')),
    "a last cell": (LABELS + "\nNotes,1,2,3\n", with_keys('last = "D7"')),
    "the first empty row": (ENDS, PLAIN),
    "empty rows inside": (ENDS, with_keys("gaps = true")),
    "lines around": (NOTED, PLAIN),
    "again and again": (
        STACKED,
        HEAD
        + BLOCK.replace("[block.fixed]\n", "every = true\n[block.fixed]\n")
        + '[block.components.SEX]\nfrom = "above 1"\ncodes = { "Men" = "M", "Women" = "F" }\n'
        + '[block.components.REF_AREA]\nfrom = "column 1"\n',
    ),
    "needs its notes first": (
        EXPLAINED,
        PLAIN + "[block.footnotes]\nmarks = '\\d\\)'\ncomponent = \"COMMENT_OBS\"\n",
    ),
    "marks below the end": (
        EXPLAINED + "\n\nGE,2030,5 2),6\n",
        PLAIN + "[block.footnotes]\nmarks = '\\d\\)'\ncomponent = \"COMMENT_OBS\"\n",
    ),
    "indents": (
        INDENTED,
        HEAD + BLOCK.replace("[block.fixed]\n", "sections = [{ indent = 1 }]\n[block.fixed]\n") + BY_INDENT,
    ),
    "indents of two levels": (LEVELS, BY_LEVELS),
    "again without a row between": (
        CLOSE,
        HEAD + BLOCK.replace("[block.fixed]\n", "every = true\n[block.fixed]\n") + CARRIED + SEX,
    ),
    "a cell beside the rows": (
        BESIDE,
        HEAD + BLOCK + CARRIED + '[block.components.SEX]\nfrom = "cell E3"\ncodes = { "Women" = "F" }\n',
    ),
    "a row of notes": (SOURCES, PLAIN + '[block.components.COMMENT_OBS]\nfrom = "row Note"\n'),
    "a formula in a row": (LABELS, PLAIN + TOTAL),
    "a formula with a label": (LABELS, PLAIN.replace(', "Women" = "F"', "") + LABELLED),
    "named cells": (LABELS, PLAIN + COMPUTED),
    "rows that are skipped": (LABELS, with_keys('skip_rows = [{ match = "MD", reason = "abroad" }]')),
    "codes that are dropped": (LABELS, PLAIN + '[[drop]]\ncomponent = "SEX"\ncode = "F"\nreason = "not asked for"\n'),
    "a title that must stand there": (NOTED, with_keys('says = "Office of statistics"')),
}

FIRST = {
    "a cell beside the rows": 2,
    "indents of two levels": 1,
    "a title that must stand there": 1,
    "lines around": 1,
    "a row of notes": 1,
    "needs its notes first": 2,
    "marks below the end": 2,
    "again and again": 1,
}
"""How many rows more the first piece needs, so that the blocks begin there."""


@pytest.mark.parametrize("name", CASES)
@pytest.mark.every_day  # else a sample of cases leaves out whole kinds of tables
def test_a_table_in_pieces_of_two_rows_is_the_same_as_at_once(name: str, population_flow: Flow) -> None:
    test_a_table_in_pieces_is_the_same_as_at_once(name, 2, population_flow)


@pytest.mark.parametrize("rows", [1, 3, 100])
@pytest.mark.parametrize("name", CASES)
@pytest.mark.sampled(6)
def test_a_table_in_pieces_is_the_same_as_at_once(name: str, rows: int, population_flow: Flow) -> None:
    text, mapping = CASES[name]
    rows += FIRST.get(name, 0)
    found, whole = pieces_of(text, mapping, population_flow, rows), at_once(text, mapping, population_flow)
    assert with_cells([one.dataset for one in found]) == with_cells([whole.dataset])
    assert found[-1].coverage == whole.coverage
    assert (
        pl.concat([one.unused_cells for one in found])
        .sort("row", "column")
        .equals(whole.unused_cells.sort("row", "column"))
    )
    told = [(finding.rule, finding.place) for each in found for finding in each.findings.items]
    assert told == [(finding.rule, finding.place) for finding in whole.findings.items]
    assert [one.dataset.continues for one in found] == [False, *(True for _ in found[1:])]


def test_values_of_named_cells_come_with_the_last_piece(population_flow: Flow) -> None:
    found = pieces_of(LABELS, PLAIN + COMPUTED, population_flow, 2)
    assert [one.dataset.observations.height for one in found] == [2, 4, 4, 2, 1]
    (value,) = found[-1].dataset.observations.select("SEX", "TIME_PERIOD", "OBS_VALUE").rows()
    assert value == ("_T", "2020", "10")
    assert found[-1].dataset.origins.select("row", "column").rows() == [(2, 3), (6, 3)]


@pytest.mark.parametrize("rows", [2, 3, 100])
def test_a_title_that_says_something_else_is_refused_in_pieces_too(rows: int, population_flow: Flow) -> None:
    mapping = with_keys('says = "Office of statistics"')
    assert pieces_of(NOTED, mapping, population_flow, rows)
    with pytest.raises(DeclarationError, match=r"No cell around the block .* says “Office of statistics”"):
        pieces_of(NOTED.replace("statistics", "statistics (thousands)"), mapping, population_flow, rows)


def years_in(time: str, *keys: str, sex: str = "header 2", anchor: str = 'anchor = "Place"') -> str:
    """A block with the years in a header, a title or a cell, and the sex in another one, or fixed."""
    block = BLOCK.partition("[block.components")[0].replace('anchor = "Place"', anchor)
    block = block.replace("header_columns = 2\n", "".join(f"{key}\n" for key in keys))
    block += f'SEX = "{sex}"\n' * (len(sex) < 3)
    block += f'[block.components.TIME_PERIOD]\nfrom = "{time}"\n[block.components.REF_AREA]\nfrom = "column 1"\n'
    if len(sex) > 2:
        block += f'[block.components.SEX]\nfrom = "{sex}"\ncodes = {{ "Men" = "M", "Women" = "F" }}\n'
    return block


YEARS = "Place,2019,2020\nGE,1,2\nMD,3,4\n"
BY_SEX = "Place,Men,Women\nGE,1,2\nMD,3,4\n"
FAR_BELOW = "Office,,\n" * 120 + YEARS
HEADERS = {
    "years": (YEARS, years_in("header 1", sex="_T")),
    "years below a title": (f"Office,,\nIssue,,\n{YEARS}", years_in("header 1", sex="_T")),
    "years far below": (FAR_BELOW, years_in("header 1", sex="_T", anchor='cell = "A121"')),
    "years above sexes": (
        "T,,,,\nPlace,2019,,2020,\n,Men,Women,Men,Women\nGE,1,2,3,4\nMD,5,6,7,8\n",
        years_in("header 1", "header_rows = 2"),
    ),
    "years below sexes": (
        "T,,,,\nPlace,Men,,Women,\n,2019,2020,2019,2020\nGE,1,2,3,4\nMD,5,6,7,8\n",
        years_in("header 2", "header_rows = 2", sex="header 1"),
    ),
    "an empty row below": (YEARS.replace("GE", ",,\nGE"), years_in("header 1", "gaps = true", sex="_T")),
    "a year above": (f"2019,,\n{BY_SEX}", years_in("above 1", sex="header 1")),
    "a year three rows above": (f"2019,,\nOffice,,\n,,\n{BY_SEX}", years_in("above 3", sex="header 1")),
    "a year in a cell": (f"2019,,\n,,\n{BY_SEX}", years_in("cell A1", sex="header 1")),
    "a year above each block": (
        f"2019,,\n{BY_SEX}\n2020,,\n{BY_SEX}2021,,\n{BY_SEX}",
        years_in("above 1", "every = true", sex="header 1"),
    ),
    "years in the header of each block": (
        f"Men,,\n{YEARS}\nWomen,,\n{YEARS}",
        years_in("header 1", "every = true", sex="above 1"),
    ),
    "blocks below each other": (
        f"{YEARS}\n{YEARS.replace('Place', 'Nation')}",
        years_in("header 1", sex="M") + years_in("header 1", sex="F", anchor='cell = "A5"'),
    ),
    "a header that is a note": (
        YEARS.replace("2019", "2019 (provisional figures)"),
        years_in("header 1", sex="_T").replace('"header 1"', '"header 1"\ntake = "20\\\\d\\\\d"'),
    ),
}


@pytest.mark.parametrize("name", HEADERS)
def test_headers_and_titles_are_kept_at_every_piece_boundary(name: str, population_flow: Flow) -> None:
    text, blocks = HEADERS[name]
    whole = at_once(text, HEAD + blocks, population_flow)
    first = next(number for number, line in enumerate(text.splitlines(), 1) if line.startswith("Place"))
    for rows in range(first, first + 4):
        found = pieces_of(text, HEAD + blocks, population_flow, rows)
        assert with_cells([one.dataset for one in found]) == with_cells([whole.dataset]), rows
        assert found[-1].coverage == whole.coverage, rows
        told = [(finding.rule, finding.place) for each in found for finding in each.findings.items]
        assert told == [(finding.rule, finding.place) for finding in whole.findings.items], rows
    assert [sheet_coverage.unread for sheet_coverage in whole.coverage] == [0]


@pytest.mark.parametrize("rows", [3, 4, 6])
def test_blocks_as_long_as_a_piece_are_not_held_together(rows: int, population_flow: Flow) -> None:
    text = "".join(f"{1900 + number},,\nPlace,Men,Women\nGE,{number},2\n" for number in range(24))
    mapping = HEAD + years_in("above 1", "every = true", sex="header 1")
    found = pieces_of(text, mapping, population_flow, rows)
    assert max(one.dataset.observations.height for one in found) <= 2 * rows
    assert found[-1].coverage == at_once(text, mapping, population_flow).coverage


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_unread_figures_below_an_unmapped_header_are_reported(rows: int, population_flow: Flow) -> None:
    text = f"{YEARS}\n{YEARS.replace('Place', 'Nation')}"
    found = pieces_of(text, HEAD + years_in("header 1", sex="_T"), population_flow, rows)
    (finding,) = (finding for each in found for finding in each.findings.items)
    assert (finding.rule, str(finding.place), found[-1].coverage[0].unread) == ("MIG-0-101", "office.csv › B5", 6)


BELOW = "Place,Year,Men,Women\n" + "GE,2020,1,2\nGE,2021,3 1),4\nGE,2022,5,6\n\n1) Provisional,,,\n"
WIDE = "Place,Year,Men,,Women\nGE,2020,1,,2\nGE,2021,3,x,4\n"
AHEAD = {
    "until": (LABELS, with_keys('until = "Source*"'), "No row of office.csv below its headers says “Source", "until"),
    "an anchor below": (
        "a,b\nc,d\n" + LABELS,
        PLAIN,
        "No cell of office.csv says “Place”",
        "anchor",
    ),
    "a cell below": (
        LABELS,
        HEAD + BLOCK + CARRIED + '[block.components.SEX]\nfrom = "cell A7"\ncodes = { "MD" = "M" }\n',
        "names a cell below the first piece",
        "block[1]",
    ),
    "a formula over rows": (
        TITLES,
        HEAD + BLOCK.replace("[block.fixed]\n", TITLE_KEYS) + BY_TITLE + TOTAL,
        "a formula can only add cells of one row",
        "derived[1].formula",
    ),
    "a label that never comes": (
        LABELS,
        PLAIN + LABELLED.replace("Women", "Girls"),
        "No label that gives SEX says “Girls”",
        "derived[1].formula",
    ),
    "a note below": (
        BELOW,
        PLAIN + "[block.footnotes]\nmarks = '\\d\\)'\ncomponent = \"COMMENT_OBS\"\n",
        "No note above explains the mark in “3 1\\)”",
        "C3",
    ),
    "a column that is filled further down": (
        WIDE,
        PLAIN,
        "reaches further to the right in a later piece",
        "block[1]",
    ),
    "a row of notes further down": (
        LABELS + "Note,,register,census\n",
        PLAIN + '[block.components.COMMENT_OBS]\nfrom = "row Note"\n',
        "has no row “Note”",
        "block[1].components.COMMENT_OBS.from",
    ),
}


@pytest.mark.parametrize("name", AHEAD)
def test_keys_that_need_lookahead_are_refused_at_their_place(name: str, population_flow: Flow) -> None:
    text, mapping, message, key = AHEAD[name]
    with pytest.raises(DeclarationError, match=message) as refused:
        pieces_of(text, mapping, population_flow, 2)
    assert key in str(refused.value.place)
    assert refused.value.hint


def test_unread_figures_are_reported_once_with_their_count(population_flow: Flow) -> None:
    text = LABELS + "\n" + "".join(f"note,{number}\n" for number in range(20))
    found = pieces_of(text, PLAIN, population_flow, 4)
    (finding,) = (finding for each in found for finding in each.findings.items)
    assert (finding.rule, dict(finding.parameters)["count"], str(finding.place)) == (
        "MIG-0-101",
        "20",
        "office.csv › B9",
    )
    assert [one.coverage[0].used for one in found][-1] == 12
    assert sum(one.unused_cells.height for one in found) == 20


def test_a_mark_that_nothing_explains_is_reported_once(population_flow: Flow) -> None:
    text = LABELS.replace("Men,Women", "Men*,Women")
    mapping = PLAIN.replace('from = "header 1"', 'from = "header 1"\nfold = true')
    rules = [finding.rule for each in pieces_of(text, mapping, population_flow, 2) for finding in each.findings.items]
    assert rules == ["MIG-0-108"]


def test_a_text_that_is_read_as_any_other_is_reported_once(population_flow: Flow) -> None:
    mapping = PLAIN.replace(', "Women" = "F"', "").replace(
        "[block.components.SEX]", '[block.components.SEX]\notherwise = "_U"'
    )
    found = [finding for each in pieces_of(LABELS, mapping, population_flow, 2) for finding in each.findings.items]
    assert [(finding.rule, finding.observed) for finding in found] == [("MIG-0-110", "Women")]


def test_a_block_without_rows_is_refused_in_pieces_as_at_once(population_flow: Flow) -> None:
    text = "Office of statistics\nPlace,Year,Men,Women\n"
    for read_it in (at_once, lambda *given: pieces_of(*given, rows=2)):
        with pytest.raises(DeclarationError) as error:
            read_it(text, PLAIN, population_flow)
        assert "has no values beside its 1 header row(s)" in str(error.value)


ASIDE = ",,,,register\n" * 150
FAR_ABOVE = {
    "headers": (f"Place,2019,2020\n{ASIDE}GE,1,2\nMD,3,4\n", years_in("header 1", "{keys}", sex="_T")),
    "a title": (
        f"2019,,\nPlace,Men,Women\n{ASIDE}GE,1,2\nMD,3,4\n",
        years_in("above 1", "{keys}", sex="header 1"),
    ),
    "a cell at the top": (
        f",,2019\n,,\nPlace,Men,Women\n{ASIDE}GE,1,2\nMD,3,4\n",
        years_in("cell C1", "{keys}", sex="header 1"),
    ),
    "headers of each block": (
        f"Men,,\nPlace,2019,2020\n{ASIDE}GE,1,2\n,,\nWomen,,\nPlace,2020,2021\n{ASIDE}GE,5,6\nMD,7,8\n",
        years_in(
            "header 1", "{keys}", "every = true", 'skip_rows = [{ match = "Women", reason = "a title" }]', sex="above 1"
        ),
    ),
}
"""Blocks whose first row stands far below what tells of it, with other lines beside them."""


@pytest.mark.parametrize("rows", [3, 40, 151])
@pytest.mark.parametrize("name", FAR_ABOVE)
@pytest.mark.every_day
def test_cells_far_above_a_block_are_kept_across_pieces(name: str, rows: int, population_flow: Flow) -> None:
    text, block = FAR_ABOVE[name]
    mapping = HEAD + block.replace("{keys}", 'gaps = true\nlast = "C"')
    whole = at_once(text, mapping, population_flow).dataset
    assert whole.observations.height >= 4
    assert with_cells(in_pieces(text, mapping, population_flow, rows)) == with_cells([whole])


@pytest.mark.parametrize("rows", [1, 2, 3, 100])
def test_indented_labels_of_another_column_are_nested_in_pieces(population_flow: Flow, rows: int) -> None:
    text = INDENTED.replace("Place,Year", "Year,Place").splitlines()
    turned = [text[0], *(",".join((line.split(",")[1], line.split(",")[0], line.split(",")[2])) for line in text[1:])]
    block = BLOCK.replace('anchor = "Place"', 'anchor = "Year"').replace('"column 2"', '"column 1"')
    block = block.replace("[block.fixed]\n", "sections = [{ indent = 1, column = 2 }]\n[block.fixed]\n")
    mapping = HEAD + block + BY_INDENT.replace('"column 1"', '"column 2"')
    whole = at_once("\n".join(turned) + "\n", mapping, population_flow).dataset
    parts = in_pieces("\n".join(turned) + "\n", mapping, population_flow, rows)
    assert whole.observations.height == 7
    assert with_cells(parts) == with_cells([whole])


@pytest.mark.parametrize("rows", [3, 4, 5, 50, 1000])
@pytest.mark.parametrize("length", [2, 150])
def test_top_cell_applies_to_every_block_in_pieces(population_flow: Flow, length: int, rows: int) -> None:
    years = "".join(f"GE,{1850 + number},{number}\n" for number in range(length))
    text = f"estimates,,\nMen,,\nPlace,Year,All\n{years}\nWomen,,\nPlace,Year,All\n{years}"
    mapping = CASES["again and again"][1] + '[block.components.COMMENT_OBS]\nfrom = "cell A1"\n'
    whole = at_once(text, mapping, population_flow).dataset
    assert set(whole.observations["COMMENT_OBS"]) == {"estimates"}
    assert with_cells(in_pieces(text, mapping, population_flow, rows)) == with_cells([whole])


def mirrored(text: str) -> str:
    """A table of two columns with its labels on the right."""
    return "".join(f"{figure},{label}\n" for label, _, figure in (line.rpartition(",") for line in text.splitlines()))


RIGHT = BY_LEVELS.replace('anchor = "Country and sex"', 'anchor = "Country and sex"\nlabels = "right"')
BESIDE_YEARS = BY_LEVELS.replace(
    "sections = [{ indent = 1 }, { indent = 2 }]",
    "header_columns = 2\nsections = [{ indent = 1, column = 2 }, { indent = 2, column = 2 }]",
)
SECOND = {
    "labels on the right": (mirrored(LEVELS), RIGHT),
    "labels in the second column": (
        "".join(f"{number},{line}\n" for number, line in enumerate(LEVELS.splitlines())),
        BESIDE_YEARS.replace('anchor = "Country and sex"', 'anchor = "0"'),
    ),
    "second labels, on the right": (
        "".join(f"{line},{number}\n" for number, line in enumerate(mirrored(LEVELS).splitlines())),
        BESIDE_YEARS.replace('anchor = "Country and sex"', 'anchor = "0"\nlabels = "right"'),
    ),
}


@pytest.mark.parametrize("rows", [2, 3, 4])
@pytest.mark.parametrize("name", SECOND)
def test_indents_of_two_levels_go_on_wherever_the_labels_stand(name: str, rows: int, population_flow: Flow) -> None:
    text, mapping = SECOND[name]
    whole = at_once(text, mapping, population_flow).dataset
    assert whole.observations.height == at_once(LEVELS, BY_LEVELS, population_flow).dataset.observations.height
    assert with_cells(in_pieces(text, mapping, population_flow, rows)) == with_cells([whole])


OUTER = "Country and sex,2022\nGeorgia,30\n  Men,10\n    young,1\n    others,2\n  Women,20\n    young,3\n    others,4\n"
INNER_ONLY = (
    HEAD
    + BLOCK.partition("[block.fixed]")[0].replace('"Place"', '"{anchor}"').replace("columns = 2", "columns = {column}")
    + """labels = "{side}"
sections = [{{ indent = 2, column = {column} }}]
skip_rows = [{{ header = {column}, match = "Georgia", reason = "a total" }}]
[block.fixed]
FREQ = "A"
REF_AREA = "GE"
UNIT_MEASURE = "PS"
[block.components.TIME_PERIOD]
from = "header 1"
[block.components.SEX]
from = "section 1"
codes = {{ "Men" = "M", "Women" = "F" }}
[block.components.AGE]
from = "column {column}"
codes = {{ "young" = "Y0T14", "others" = "Y15T64" }}
otherwise = "_T"
"""
)


@pytest.mark.parametrize("rows", [2, 3, 4, 5])
@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("column", [1, 2])
def test_a_level_that_no_component_names_counts_from_piece_to_piece(
    column: int, side: str, rows: int, population_flow: Flow
) -> None:
    text = OUTER if side == "left" else mirrored(OUTER)
    lines = [
        f"{number},{line}" if side == "left" else f"{line},{number}" for number, line in enumerate(text.split("\n"))
    ]
    text = text if column == 1 else "\n".join(lines[:-1]) + "\n"
    anchor = "Country and sex" if column == 1 else "0"
    mapping = INNER_ONLY.format(anchor=anchor, column=column, side=side)
    whole = at_once(text, mapping, population_flow).dataset
    assert set(whole.observations["SEX"]) == {"M", "F"}
    assert with_cells(in_pieces(text, mapping, population_flow, rows)) == with_cells([whole])
