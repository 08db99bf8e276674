"""Columns of flags beside the figures: counted from each figure or found by their header, filled or empty."""

from __future__ import annotations

import pytest
from small_office import BY_SEX

from sdmxmig.conversion.convert import Conversion, convert
from sdmxmig.conversion.mapping import load
from sdmxmig.conversion.tables import read
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.sdmx.model.data import Flow

MAPPING = (
    BY_SEX
    + """
[block.components.OBS_STATUS]
from = "beside Flag*"
codes = { "p" = "P", "e" = "E" }
"""
)


def converted(mapping: str, table: str, flow: Flow) -> Conversion:
    declared = load("m.toml", mapping.encode(), {"DF_TEST": flow})
    return convert(read("office.csv", table.encode()), declared, flow)


def statuses(mapping: str, table: str, flow: Flow) -> list[tuple[str, ...]]:
    return converted(mapping, table, flow).dataset.observations.select("SEX", "OBS_VALUE", "OBS_STATUS").rows()


def test_several_figures_may_share_the_next_column_of_flags(population_flow: Flow) -> None:
    table = "Year;All;Flag;Men;Women;Flags\n2022;30;;10;20;p\n2023;31;e;11;20;\n"
    assert statuses(MAPPING, table, population_flow) == [
        ("_T", "30", "A"),
        ("M", "10", "P"),
        ("F", "20", "P"),
        ("_T", "31", "E"),
        ("M", "11", "A"),
        ("F", "20", "A"),
    ]


def test_figures_right_of_the_last_flag_column_have_no_flag(population_flow: Flow) -> None:
    assert statuses(MAPPING, "Year;All;Flag;Men\n2022;30;p;10\n", population_flow) == [
        ("_T", "30", "P"),
        ("M", "10", "A"),
    ]


def test_flag_has_its_source_cell(population_flow: Flow) -> None:
    origins = converted(MAPPING, "Year;Men;Women;Flag\n2022;10;20;p\n", population_flow).dataset.origins
    rows = origins.select("observation", "component", "row", "column").rows()
    assert {row for row in rows if row[1] == "OBS_STATUS"} == {(0, "OBS_STATUS", 2, 4), (1, "OBS_STATUS", 2, 4)}


def test_renamed_flag_header_is_reported(population_flow: Flow) -> None:
    with pytest.raises(DeclarationError, match="has no column “Flag\\*”") as caught:
        statuses(MAPPING, "Year;All;Flog;Men\n2022;30;p;10\n", population_flow)
    assert caught.value.place.key == "block[1].components.OBS_STATUS.from"


def test_empty_column_of_flags_does_not_end_the_table(population_flow: Flow) -> None:
    counted = MAPPING.replace("beside Flag*", "beside 1")
    assert statuses(counted, "Year;Men;;Women;\n2022;10;;20;\n", population_flow) == [
        ("M", "10", "A"),
        ("F", "20", "A"),
    ]


MARKS = """
[block.values.marks]
"p" = { OBS_STATUS = "P", COMMENT_OBS = "provisional" }
"e" = { OBS_STATUS = "E", COMMENT_OBS = "estimated" }
"""


@pytest.mark.parametrize(
    ("marked", "status", "comment"),
    [("10p", "P", "provisional"), ("10 p e", "E", "provisional; estimated"), ("10 e p", "P", "estimated; provisional")],
)
def test_last_of_several_marks_sets_the_code(marked: str, status: str, comment: str, population_flow: Flow) -> None:
    found = converted(BY_SEX + MARKS, f"Year;Men\n2022;{marked}\n", population_flow).dataset.observations
    assert found.select("OBS_VALUE", "OBS_STATUS", "COMMENT_OBS").rows() == [("10", status, comment)]
