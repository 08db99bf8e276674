"""A table that is longer than memory gives the same observations in pieces as at once, with the same cells."""

from __future__ import annotations

import io

import polars as pl
import pytest

from sdmxmig.conversion import convert, convert_pieces
from sdmxmig.errors import DeclarationError
from sdmxmig.mapping import load
from sdmxmig.model.data import Dataset, Flow
from sdmxmig.tables import read
from sdmxmig.tables.text import pieces

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


def in_pieces(text: str, mapping: str, flow: Flow, rows: int) -> list[Dataset]:
    declared = load("m.toml", mapping.encode(), {"DF_TEST": flow})
    found = convert_pieces(pieces("office.csv", io.BytesIO(text.encode()), rows=rows), declared, flow)
    return [dataset for dataset, _ in found]


def at_once(text: str, mapping: str, flow: Flow) -> Dataset:
    declared = load("m.toml", mapping.encode(), {"DF_TEST": flow})
    return convert(read("office.csv", text.encode()), declared, flow).dataset


def with_cells(datasets: list[Dataset]) -> list[tuple[str | None, ...]]:
    """Each observation with the cells of its components."""
    found = []
    for one in datasets:
        cells = one.origins.group_by("observation").agg(pl.struct("component", "row", "column").alias("cells"))
        cells = cells.with_columns(pl.col("cells").map_elements(lambda each: str(sorted(map(str, each))), pl.String))
        found += one.observations.with_row_index("observation").join(cells, on="observation").drop("observation").rows()
    return sorted(found, key=str)


@pytest.mark.parametrize("rows", [2, 3, 5])
@pytest.mark.parametrize(
    ("text", "mapping"),
    [
        (LABELS, HEAD + BLOCK + CARRIED + SEX),
        (TITLES, HEAD + BLOCK.replace("[block.fixed]\n", TITLE_KEYS) + BY_TITLE),
    ],
    ids=["carried labels", "titles"],
)
def test_titles_and_carried_labels_count_for_the_pieces_below(
    text: str, mapping: str, rows: int, population_flow: Flow
) -> None:
    found = in_pieces(text, mapping, population_flow, rows)
    assert len(found) > 1
    assert with_cells(found) == with_cells([at_once(text, mapping, population_flow)])


def test_several_blocks_that_read_other_columns_of_the_same_rows(population_flow: Flow) -> None:
    columns = '[block.values]\ncolumns = ["{}"]\n'
    men, women = (BLOCK + CARRIED + SEX + columns.format(name) for name in ("Men", "Women"))
    found = in_pieces(LABELS, HEAD + men + women, population_flow, 3)
    assert with_cells(found) == with_cells([at_once(LABELS, HEAD + men + women, population_flow)])
    assert [one.continues for one in found] == [False, True, True]


@pytest.mark.parametrize(
    "mapping",
    [
        HEAD + BLOCK.replace("[block.fixed]", 'until = "MD"\n[block.fixed]') + CARRIED + SEX,
        HEAD + BLOCK + CARRIED + SEX + BLOCK.replace('"Place"', '"Year"') + CARRIED + SEX,
        HEAD + BLOCK + CARRIED + '[block.components.SEX]\nfrom = "cell A7"\ncodes = { "MD" = "M" }\n',
    ],
    ids=["until", "blocks that begin elsewhere", "a cell below the first piece"],
)
def test_what_must_be_seen_ahead_is_refused(mapping: str, population_flow: Flow) -> None:
    with pytest.raises(DeclarationError, match="cannot read a table in pieces"):
        in_pieces(LABELS, mapping, population_flow, 2)
