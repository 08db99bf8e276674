"""Mapping features beyond a rectangle: derive, drop, look up, convert in pieces; damage is reported."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
import pytest
from saved_workbooks import text_cells
from small_office import BY_SEX

from sdmxmig.conversion.convert import Conversion, convert
from sdmxmig.conversion.mapping import load
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.primitives.places import format_cell, parse_cell
from sdmxmig.sdmx.frames import CellColumns
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.findings import Rule
from sdmxmig.sdmx.model.tables import Table

RULES = {
    id_: Rule(id_, "1", kind="CONVERSION", level=0, severity="warning", name=Text(), message=Text.of(en=id_))
    for id_ in ("MIG-0-012", "MIG-0-101", "MIG-0-102", "MIG-0-104", "MIG-0-105")
}
MAPPING = BY_SEX


def table(text: str, start: int = 1, notes: Mapping[tuple[int, int], tuple[str, ...]] | None = None) -> Table:
    """A table of texts: a line a row, commas between cells."""
    cells = text_cells(text.strip("\n").split("\n"), start=start)
    return Table("office.csv", "", cells=cells.frame(), notes=notes or {})


def converted(
    text: str, mapping: str, flow: Flow, notes: Mapping[tuple[int, int], tuple[str, ...]] | None = None
) -> Conversion:
    return convert([table(text, notes=notes)], load("m.toml", mapping.encode(), {"DF_TEST": flow}), flow, RULES)


def values(result: Conversion) -> dict[tuple[str, str], str]:
    return {
        (sex, year): value
        for sex, year, value in result.dataset.observations.select("SEX", "TIME_PERIOD", "OBS_VALUE").rows()
    }


def value_cells(result: Conversion, sex: str, year: str) -> list[str]:
    rows = result.dataset.observations.with_row_index("observation")
    wanted = rows.filter((pl.col("SEX") == sex) & (pl.col("TIME_PERIOD") == year))["observation"]
    found = result.dataset.origins.filter(
        pl.col("observation").is_in(wanted.implode()) & (pl.col("component") == "OBS_VALUE")
    )
    return [format_cell(row, column) for row, column in found.select("row", "column").rows()]


DERIVED = """
[[derived]]
component = "SEX"
code = "F"
formula = "_T - M"
set = { OBS_STATUS = "E" }
"""
FIGURES = "Year,All,Men\n2022,10.50,4\n2023,12,\n2024,20,9\n"


def test_derived_value_keeps_its_digits_and_all_its_cells(population_flow: Flow) -> None:
    result = converted(FIGURES, MAPPING + DERIVED, population_flow)
    assert {key: value for key, value in values(result).items() if key[0] == "F"} == {
        ("F", "2022"): "6.50",
        ("F", "2024"): "11",
    }
    assert value_cells(result, "F", "2022") == ["B2", "C2"]
    assert value_cells(result, "M", "2022") == ["C2"]
    status = result.dataset.observations.filter(pl.col("SEX") == "F")["OBS_STATUS"]
    assert status.to_list() == ["E", "E"]
    assert result.dataset.series.select("SEX", "UNIT_MEASURE").rows() == [("_T", "PS"), ("M", "PS"), ("F", "PS")]


def test_read_value_is_kept_beside_its_formula(population_flow: Flow) -> None:
    figures = "Year,All,Men,Women\n2022,10,4,6\n2023,12,5,8\n"
    kept = converted(figures, MAPPING + DERIVED, population_flow)
    assert (values(kept)["F", "2023"], kept.findings.items) == ("8", ())


def test_dropped_totals_count_as_skipped_with_their_reason(population_flow: Flow) -> None:
    drop = '[[drop]]\ncomponent = "SEX"\ncode = "_T"\nreason = "recomputed by the receiver"\n'
    result = converted(FIGURES, MAPPING + drop, population_flow)
    assert set(result.dataset.observations["SEX"]) == {"M"}
    assert (result.coverage[0].used, result.coverage[0].skipped) == (2, (("recomputed by the receiver", 3),))
    assert result.unused_cells.select("row", "column", "fate").rows() == [
        (2, 2, "skipped"),
        (3, 2, "skipped"),
        (4, 2, "skipped"),
    ]


def test_comments_on_value_cells_become_an_attribute(population_flow: Flow) -> None:
    mapping = MAPPING + '[block.values]\ncomments = "COMMENT_OBS"\n'
    result = converted(FIGURES, mapping, population_flow, notes={(2, 3): ("Census\nyear",), (1, 1): ("A header",)})
    assert result.dataset.observations["COMMENT_OBS"].to_list() == [None, "Census year", None, None, None]


def test_thousands_that_look_like_decimals_are_named(population_flow: Flow) -> None:
    figures = "Year,All,Men\n2022,1.234,4.000\n2023,12.345,5.500\n"
    (item,) = converted(figures, MAPPING, population_flow).findings.items
    assert (item.rule, item.observations, item.observed) == ("MIG-0-104", 4, "1.234")
    assert item.build_parameters("en")["keys"] == 'thousands = ".", decimal = ","'
    assert converted(figures.replace("4.000", "4.5"), MAPPING, population_flow).findings.items == ()


def test_every_value_is_at_the_crossing_of_its_labels(population_flow: Flow) -> None:
    result = converted(FIGURES, MAPPING, population_flow)
    lines = FIGURES.split("\n")
    for (sex, year), value in values(result).items():
        row, column = parse_cell(value_cells(result, sex, year)[0])
        assert lines[row - 1].split(",")[column - 1] == value
        assert lines[row - 1].split(",")[0] == year


def test_difference_of_stored_and_displayed_number_is_reported(population_flow: Flow) -> None:
    cells = CellColumns()
    for row, (year, value) in enumerate((("Year", "Men"), ("2022", "4.56"), ("2023", "0.125"), ("2024", "7")), 1):
        cells.add(row, 1, year)
        cells.add(row, 2, value, kind="text" if row == 1 else "number", code=None if row == 1 else int(row == 3))
    sheet = Table("office.csv", "", cells=cells.frame(), formats=("0.0", "0%"))
    for as_shown, expected in ((False, ["4.56", "0.125", "7"]), (True, ["4.6", "13", "7.0"])):
        text = MAPPING + f"[block.values]\nas_shown = {str(as_shown).lower()}\n"
        result = convert([sheet], load("m.toml", text.encode(), {"DF_TEST": population_flow}), population_flow, RULES)
        assert result.dataset.observations["OBS_VALUE"].to_list() == expected
        (item,) = result.findings.items
        assert (item.rule, item.observations, item.observed) == ("MIG-0-105", 1, "4.56")


def test_columns_without_meaning_do_not_split_observations(population_flow: Flow) -> None:
    mapping = MAPPING.replace('AGE = "_T"', 'AGE = "_T"\nSEX = "_T"')
    mapping = mapping[: mapping.index("[block.components.SEX]")]
    result = converted("Year,a,b\n2022,1,1\n2023,2,3\n", mapping, population_flow)
    rows = result.dataset.observations.select("TIME_PERIOD", "OBS_VALUE").rows()
    assert rows == [("2022", "1"), ("2023", "2"), ("2023", "3")]


def test_ignored_cells_within_a_block_are_left_out(population_flow: Flow) -> None:
    ignore = '[[ignore]]\nsheet = "*"\ncells = "C:C"\nreason = "checks"\n'
    result = converted(
        "Year,All,Check\n2022,10,10\n2023,12,12\n",
        MAPPING.replace("[[block]]", f"{ignore}[[block]]", 1),
        population_flow,
    )
    assert values(result) == {("_T", "2022"): "10", ("_T", "2023"): "12"}
    assert (result.coverage[0].used, result.coverage[0].skipped, result.coverage[0].unread) == (2, (("checks", 2),), 0)


STACKED = """
Year,All,Men,,Year,All
2021,1,2,3,2024,4
2022,5,6,7,2025,8
Year,All,Men,,
2023,9,10,11,
"""
MIRRORED = "\n".join(",".join(reversed(f"{line},,,,,,".split(",")[:6])) for line in STACKED.strip().split("\n"))
FIRST_TWO = {"2021": "1", "2022": "5"}
LAST_CELLS = [
    ("", False, FIRST_TWO | {"2023": "9", "2024": "4", "2025": "8"}),
    ("F", False, FIRST_TWO | {"2023": "9", "2024": "4", "2025": "8"}),
    ("B", False, FIRST_TWO | {"2023": "9"}),
    ("D", False, FIRST_TWO | {"2023": "9"}),
    ("F3", False, FIRST_TWO | {"2024": "4", "2025": "8"}),
    ("F2", False, {"2021": "1", "2024": "4"}),
    ("B5", False, FIRST_TWO | {"2023": "9"}),
    ("A", True, FIRST_TWO | {"2023": "9", "2024": "4", "2025": "8"}),
    ("C", True, FIRST_TWO | {"2023": "9"}),
    ("A3", True, FIRST_TWO | {"2024": "4", "2025": "8"}),
]


@pytest.mark.parametrize(("last", "is_mirrored", "expected"), LAST_CELLS)
def test_repeated_blocks_end_at_their_last_cell(
    last: str, is_mirrored: bool, expected: dict[str, str], population_flow: Flow
) -> None:
    keys = f'every = true\nlast = "{last}"\n' + 'labels = "right"\n' * is_mirrored
    mapping = MAPPING.replace("[block.fixed]", f"{keys}[block.fixed]", 1)
    found = values(converted(MIRRORED if is_mirrored else STACKED, mapping, population_flow))
    assert {year: value for (sex, year), value in found.items() if sex == "_T"} == expected


@pytest.mark.parametrize(("figures", "last", "labels"), [("Year,All", "A", "left"), ("All,Year", "B", "right")])
@pytest.mark.parametrize("every", ["false", "true"])
def test_block_that_ends_at_its_labels_has_no_values(
    figures: str, last: str, labels: str, every: str, population_flow: Flow
) -> None:
    keys = f'every = {every}\nlast = "{last}"\nlabels = "{labels}"\n'
    mapping = MAPPING.replace("[block.fixed]", f"{keys}[block.fixed]", 1)
    with pytest.raises(DeclarationError, match="has no values beside its 1 header"):
        converted(f"{figures}\n2021,2022\n", mapping, population_flow)


def test_undeclared_mark_on_a_known_label_is_reported(population_flow: Flow) -> None:
    mapping = MAPPING.replace('"All" = "_T", "Men" = "M"', '"All" = "_T", "Men" = "M", "Boys*" = "M"')
    mapping = mapping.replace('from = "header 1"', 'from = "header 1"\nfold = true')
    figures = "Year,All,Men*,Boys*\n2022,10,4,1\n\n* Without conscripts.\n"
    rules = {
        **RULES,
        "MIG-0-108": Rule(
            "MIG-0-108", "1", kind="CONVERSION", level=0, severity="warning", name=Text(), message=Text.of(en="x")
        ),
    }
    declared = load("m.toml", mapping.encode(), {"DF_TEST": population_flow})
    result = convert([table(figures)], declared, population_flow, rules)
    assert [
        (finding.rule, finding.place and finding.place.cell, finding.observed) for finding in result.findings.items
    ] == [("MIG-0-108", "C1", "*")]
    explained = mapping + '[block.values]\nmarks = { "*" = { COMMENT_OBS = "Without conscripts." } }\n'
    declared = load("m.toml", explained.encode(), {"DF_TEST": population_flow})
    assert convert([table(figures)], declared, population_flow, rules).findings.items == ()
