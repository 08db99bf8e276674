"""Values derived from labels."""

from __future__ import annotations

import polars as pl
import pytest
from saved_workbooks import text_cells
from small_office import BY_SEX

from sdmxmig.conversion.convert import Conversion, convert
from sdmxmig.conversion.mapping import load
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.primitives.places import format_cell
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.findings import Rule
from sdmxmig.sdmx.model.tables import Table

RULES = {
    id_: Rule(id_, "1", kind="CONVERSION", level=0, severity="warning", name=Text(), message=Text.of(en=id_))
    for id_ in ("MIG-0-101",)
}
MAPPING = (
    BY_SEX
    + """
[block.values]
thousands = " "
"""
)


def table(*lines: str, sheet: str = "") -> Table:
    """A table of texts: a line a row, commas between cells."""
    return Table("office.csv", sheet, cells=text_cells(lines).frame())


def converted(mapping: str, flow: Flow, *tables: Table) -> Conversion:
    return convert(tables, load("m.toml", mapping.encode(), {"DF_TEST": flow}), flow, RULES)


def values(result: Conversion) -> dict[tuple[str, str], str]:
    rows = result.dataset.observations.select("SEX", "TIME_PERIOD", "OBS_VALUE").rows()
    return {(sex, year): value for sex, year, value in rows}


def cells(result: Conversion, sex: str, year: str) -> list[str]:
    """The cells of a value, with their sheets."""
    rows = result.dataset.observations.with_row_index("observation")
    wanted = rows.filter((pl.col("SEX") == sex) & (pl.col("TIME_PERIOD") == year))["observation"]
    origins = result.dataset.origins.filter(pl.col("observation").is_in(wanted.implode()))
    found = origins.filter(pl.col("component") == "OBS_VALUE").select("sheet", "row", "column")
    return [f"{sheet or ''}!{format_cell(row, column)}" for sheet, row, column in found.rows()]


LABELS = """
[[derived]]
component = "SEX"
code = "F"
formula = "'All' - 'Men, soldiers too' - 'Not ''known'''"
"""
ARRIVALS = table("Year,All,Men; soldiers too,Not 'known'", "2022,1 000,400,10", "2023,1 100,410,")


def test_labels_without_code_serve_only_the_formula(population_flow: Flow) -> None:
    mapping = MAPPING + LABELS.replace("Men, soldiers", "Men; soldiers")
    result = converted(mapping, population_flow, ARRIVALS)
    assert values(result) == {
        ("_T", "2022"): "1000",
        ("F", "2022"): "590",
        ("_T", "2023"): "1100",
        ("Men; soldiers too", "2023"): "410",
    }
    assert cells(result, "F", "2022") == ["!B2", "!C2", "!D2"]
    assert set(result.dataset.series["SEX"]) == {"_T", "F", "Men; soldiers too"}


def test_renamed_label_is_reported_with_the_nearest(population_flow: Flow) -> None:
    mapping = MAPPING + LABELS.replace("Men, soldiers", "Men; soldiers")
    renamed = table("Year,All,Men; soldier,Not 'known'", "2022,1 000,400,10")
    with pytest.raises(DeclarationError, match="is “Men; soldiers too”") as caught:
        converted(mapping, population_flow, renamed)
    assert caught.value.place.key == "derived[1].formula"
    assert "Did you mean “Men; soldier”?" in str(caught.value)


def test_label_in_a_formula_means_its_code(population_flow: Flow) -> None:
    mapping = MAPPING + '[[derived]]\ncomponent = "SEX"\ncode = "F"\nformula = "\'All\' - M"\n'
    result = converted(mapping, population_flow, table("Year,All,Men", "2022,10,4"))
    assert values(result) == {("_T", "2022"): "10", ("M", "2022"): "4", ("F", "2022"): "6"}


def test_only_unevaluated_formulas_in_the_block_are_reported(population_flow: Flow) -> None:
    cells = text_cells(["Year,All,Men", "2022,10,", "2023,,4", ",,", "Sum,,"])
    empty = [(2, 3), (3, 2)]
    beside_above_and_below = [(2, 5), (3, 6), (5, 2), (5, 3), (6, 5)]
    for row, column in (*empty, *beside_above_and_below):
        cells.add(row, column, "", formula=True)
    rules = {
        "MIG-0-014": Rule(
            "MIG-0-014", "1", kind="CONVERSION", level=0, severity="warning", name=Text(), message=Text.of(en="{count}")
        )
    }
    mapping = load("m.toml", MAPPING.encode(), {"DF_TEST": population_flow})
    (finding,) = convert([Table("office.csv", "", cells=cells.frame())], mapping, population_flow, rules).findings.items
    assert [place.cell for place in (finding.place, *finding.others) if place] == ["C2", "B3"]
    assert finding.sentence("en") == "2"


SUM = '[[derived]]\ncomponent = "SEX"\ncode = "F"\nformula = "\'Girls\' + \'Ladies\'"\n'


@pytest.mark.parametrize(
    ("girls", "ladies", "total"),
    [("4", "5", ("9", "A")), ("4p", "5", ("9", "P")), ("4", "x", (None, "M")), ("", "5", (None, "O"))],
)
def test_sum_of_labels_has_the_status_of_its_parts(
    population_flow: Flow, girls: str, ladies: str, total: tuple[str | None, str]
) -> None:
    signs = 'missing = { x = { OBS_STATUS = "M" } }\nmarks = { p = { OBS_STATUS = "P" } }\n'
    result = converted(
        MAPPING + signs + SUM, population_flow, table("Year,Girls,Ladies", f"2022,{girls},{ladies}", "2023,1,2")
    )
    rows = result.dataset.observations.select("SEX", "TIME_PERIOD", "OBS_VALUE", "OBS_STATUS").rows()
    assert sorted(rows) == [("F", "2022", *total), ("F", "2023", "3", "A")]
