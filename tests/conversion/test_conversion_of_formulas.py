"""Values derived from labels or from named cells; moved cells are refused."""

from __future__ import annotations

import polars as pl
import pytest
from small_office import BY_SEX

from sdmxmig.conversion.convert import Conversion, convert
from sdmxmig.conversion.mapping import load
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.primitives.places import cell_name
from sdmxmig.sdmx.frames import CellColumns
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.findings import Rule
from sdmxmig.sdmx.model.tables import Table

RULES = {
    id_: Rule(id_, "1", kind="CONVERSION", level=0, severity="warning", name=Text(), message=Text.of(en=id_))
    for id_ in ("MIG-0-101", "MIG-0-107")
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
    cells = CellColumns()
    for row, line in enumerate(lines, start=1):
        for column, written in enumerate(line.split(","), start=1):
            if written:
                cells.add(row, column, written)
    return Table("office.csv", sheet, cells=cells.frame())


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
    return [f"{sheet or ''}!{cell_name(row, column)}" for sheet, row, column in found.rows()]


LABELS = """
[[derived]]
component = "SEX"
code = "F"
formula = "'All' - 'Men, soldiers too' - 'Not ''known'''"
"""
ARRIVALS = table("Year,All,Men; soldiers too,Not 'known'", "2022,1 000,400,10", "2023,1 100,410,")


def test_labels_without_a_code_are_there_for_the_formula_alone(population_flow: Flow) -> None:
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


def test_a_label_that_was_renamed_is_named_with_the_nearest(population_flow: Flow) -> None:
    mapping = MAPPING + LABELS.replace("Men, soldiers", "Men; soldiers")
    renamed = table("Year,All,Men; soldier,Not 'known'", "2022,1 000,400,10")
    with pytest.raises(DeclarationError, match="says “Men; soldiers too”") as caught:
        converted(mapping, population_flow, renamed)
    assert caught.value.place is not None
    assert caught.value.place.key == "derived[1].formula"
    assert "Did you mean “Men; soldier”?" in str(caught.value)


def test_a_label_with_a_code_stands_for_the_code(population_flow: Flow) -> None:
    mapping = MAPPING + '[[derived]]\ncomponent = "SEX"\ncode = "F"\nformula = "\'All\' - M"\n'
    result = converted(mapping, population_flow, table("Year,All,Men", "2022,10,4"))
    assert values(result) == {("_T", "2022"): "10", ("M", "2022"): "4", ("F", "2022"): "6"}


COMPUTED = """
[[computed]]
formula = "'Table 2'!$B$3 - Other!C3 + 'Table 2'!B4"
says = { "'Table 2'!A3" = "Arrivals*", "Other!C1" = "Transit" }
fixed = { FREQ = "A", REF_AREA = "GE", SEX = "F", AGE = "_T", TIME_PERIOD = "2022", OBS_STATUS = "E" }
"""
FIRST = table("Year,All", "2022,10", sheet="Table 1")
SECOND = table("Table 2", ",Women", "Arrivals 2022,1 200", "Born,30", sheet="Table 2")
OTHER = table("Ports,,Transit", "", ",,200", sheet="Other")
BY_CELLS = MAPPING.replace('sheet = "*"', 'sheet = "Table 1"') + COMPUTED


def test_a_sum_of_cells_is_an_observation_with_all_its_cells(population_flow: Flow) -> None:
    result = converted(BY_CELLS, population_flow, FIRST, SECOND, OTHER)
    assert values(result) == {("_T", "2022"): "10", ("F", "2022"): "1030"}
    assert cells(result, "F", "2022") == ["Table 2!B3", "Other!C3", "Table 2!B4"]
    assert result.dataset.observations["OBS_STATUS"].to_list() == ["A", "E"]
    assert result.findings.items == ()


TWICE = BY_CELLS + COMPUTED.replace("B3 - Other!C3 + 'Table 2'!B4", "B4").replace('SEX = "F"', 'SEX = "M"')


def attributed(first: str, second: str) -> str:
    """Two sums of cells with an attribute more each."""
    head, one, other = TWICE.split('OBS_STATUS = "E"')[0], first, second
    between = TWICE.split('OBS_STATUS = "E"')[1]
    return f'{head}OBS_STATUS = "E", {one}{between}OBS_STATUS = "E", {other} }}'


def test_attributes_of_sums_are_attached_at_their_level(population_flow: Flow) -> None:
    text = attributed('REF_DATE = "D0101", UNIT_MEASURE = "PS"', 'COMMENT_OBS = "by hand"')
    dataset = converted(text, population_flow, FIRST, SECOND, OTHER).dataset
    assert dataset.attributes == {"REF_DATE": "D0101"}
    assert dict(dataset.series.select("SEX", "UNIT_MEASURE").rows()) == {"_T": "PS", "F": "PS", "M": None}
    assert dict(dataset.observations.select("SEX", "COMMENT_OBS").rows()) == {"_T": None, "F": None, "M": "by hand"}


def test_sums_that_give_an_attribute_two_values_are_refused(population_flow: Flow) -> None:
    dates = [f'REF_DATE = "{date}"' for date in ("D0101", "D1231")]
    assert converted(attributed(dates[0], dates[0]), population_flow, FIRST, SECOND, OTHER).dataset.attributes
    with pytest.raises(DeclarationError, match="REF_DATE two values for the same data: D0101 and D1231"):
        converted(attributed(*dates), population_flow, FIRST, SECOND, OTHER)
    units = attributed('UNIT_MEASURE = "PS"', 'UNIT_MEASURE = "PT"').replace('SEX = "M"', 'SEX = "F"')
    with pytest.raises(DeclarationError, match="UNIT_MEASURE two values for the same data: PS and PT"):
        converted(units, population_flow, FIRST, SECOND, OTHER)


def test_cells_that_have_moved_are_refused(population_flow: Flow) -> None:
    moved = table("Table 2", "", ",Women", "Arrivals 2022,1 200", "Born,30", sheet="Table 2")
    with pytest.raises(DeclarationError, match="A3 of the sheet “Table 2”") as caught:
        converted(BY_CELLS, population_flow, FIRST, moved, OTHER)
    assert "It is in A4" in str(caught.value)
    renamed = table("Table 2", ",Women", "Immigrants 2022,1 200", "Born,30", sheet="Table 2")
    with pytest.raises(DeclarationError, match="says “Immigrants 2022”, not “Arrivals\\*”") as caught:
        converted(BY_CELLS, population_flow, FIRST, renamed, OTHER)
    assert caught.value.hint == "Look at the sheet."
    inserted = table("Ports,,,Transit", "", ",,,200", sheet="Other")
    with pytest.raises(DeclarationError, match="C1 of the sheet “Other”"):
        converted(BY_CELLS, population_flow, FIRST, SECOND, inserted)


def test_a_cell_without_a_number_is_a_finding_there(population_flow: Flow) -> None:
    unknown = table("Ports,,Transit", "", ",,..", sheet="Other")
    result = converted(BY_CELLS, population_flow, FIRST, SECOND, unknown)
    assert ("F", "2022") not in values(result)
    (item,) = result.findings.items
    assert (item.rule, item.place and item.place.cell, item.observed) == ("MIG-0-107", "C3", "..")


def test_summed_cells_of_a_mapped_sheet_count_as_used(population_flow: Flow) -> None:
    both = table("Year,All", "2022,10", "", "Arrivals,7", "Born,8", sheet="Table 1")
    text = BY_CELLS.replace("'Table 2'!$B$3 - Other!C3 + 'Table 2'!B4", "B4")
    text = text.replace('"\'Table 2\'!A3" = "Arrivals*", "Other!C1" = "Transit"', 'A4 = "Arrivals"')
    result = converted(text, population_flow, both)
    assert values(result)["F", "2022"] == "7"
    (coverage,) = result.coverage
    assert (coverage.used, coverage.unread) == (2, 1)


SAYS = COMPUTED.partition("says = {")[2].partition("}")[0]
WRONG = {
    "a formula that is none": ("'Table 2'!$B$3 - Other!C3 + 'Table 2'!B4", "B3 * 2", "computed[1].formula", "C14"),
    "a dimension left out": ('AGE = "_T", TIME', "TIME", "computed[1].fixed", "Add it"),
    "a code that is none": ('SEX = "F", AGE', 'SEX = "W", AGE', "computed[1].fixed.SEX", ""),
    "nothing beside the cells": (SAYS, "", "computed[1].says", "A14"),
    "no cell beside them": ('"Other!C1"', '"Other!CC"', "computed[1].says.Other!CC", "C14"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_mistake_is_named_at_its_key(case: str, population_flow: Flow) -> None:
    old, new, key, hint = WRONG[case]
    assert old in BY_CELLS
    with pytest.raises(DeclarationError) as caught:
        load("m.toml", BY_CELLS.replace(old, new).encode(), {"DF_TEST": population_flow})
    assert caught.value.place is not None
    assert caught.value.place.key == key
    assert hint in str(caught.value)


def test_a_sheet_that_is_not_there_is_named(population_flow: Flow) -> None:
    with pytest.raises(DeclarationError, match="There is no sheet “Other”"):
        converted(BY_CELLS, population_flow, FIRST, SECOND)


def test_only_formulas_inside_the_block_without_a_result_are_reported(population_flow: Flow) -> None:
    cells = CellColumns()
    for row, line in enumerate(["Year,All,Men", "2022,10,", "2023,,4", ",,", "Sum,,"], start=1):
        for column, written in enumerate(line.split(","), start=1):
            if written:
                cells.add(row, column, written)
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
