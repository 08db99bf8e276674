"""Row labels nested by indentation: blanks in the text, or the format of the cell."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from case_tables import text_from
from openpyxl import Workbook
from openpyxl.styles import Alignment
from saved_workbooks import saved

from sdmxmig.conversion.convert import convert
from sdmxmig.conversion.mapping import load
from sdmxmig.conversion.tables import read
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.tables import Table

MAPPING = text_from("conversion/cases/conversion_of_indents_mapping.toml")
ROWS = (
    (0, "Georgia", "30"),
    (2, "Men", "10"),
    (4, "of which refugees", "1"),
    (2, "Women", "20"),
    (0, "Sweden", ""),
    (1, "Men", "5"),
)
EXPECTED = [
    ("GE", "_T", "30", "whole"),
    ("GE", "M", "10", "part"),
    ("GE", "M", "1", "of which refugees"),
    ("GE", "F", "20", "part"),
    ("SE", "M", "5", "part"),
]


def observations(tables: tuple[Table, ...], flow: Flow) -> list[tuple[str, ...]]:
    mapping = load("m.toml", MAPPING.encode(), {"DF_TEST": flow})
    found = convert(tables, mapping, flow).dataset.observations
    return found.select("REF_AREA", "SEX", "OBS_VALUE", "COMMENT_OBS").rows()


def test_leading_blanks_define_the_parent_of_a_label(population_flow: Flow) -> None:
    lines = [f"{' ' * depth}{label};{value}" for depth, label, value in ROWS]
    text = "\n".join(["Country and sex;2022", *lines, ""])
    assert observations(read("office.csv", text.encode()), population_flow) == EXPECTED


@pytest.mark.parametrize("regular", [True, False], ids=["fast lane", "parser"])
def test_cell_indentation_counts_like_blanks(regular: bool, population_flow: Flow, tmp_path: Path) -> None:
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.append(["Country and sex", "2022"])
    for depth, label, value in ROWS:
        sheet.append([label, float(value) if value else None])
        sheet.cell(sheet.max_row, 1).alignment = Alignment(indent=depth)
    content = saved(workbook)
    if not regular:
        content = irregular(content)
    assert observations(read("office.xlsx", content), population_flow) == EXPECTED


def irregular(content: bytes) -> bytes:
    """The same workbook with an element that only the parser takes."""
    import zipfile

    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(result, "w") as target:
        for name in source.namelist():
            part = source.read(name)
            if name.startswith("xl/worksheets/sheet"):
                part = part.replace(b"<sheetData>", b"<sheetData><!-- -->").replace(b"</row>", b"<!-- --></row>")
            target.writestr(name, part)
    return result.getvalue()


def test_source_with_both_depth_and_text_is_refused(population_flow: Flow) -> None:
    text = MAPPING.replace("{ indent = 1 }", '{ indent = 1, match = "G*" }')
    with pytest.raises(DeclarationError, match="a depth or a text") as caught:
        load("m.toml", text.encode(), {"DF_TEST": population_flow})
    assert caught.value.place.key == "block[1].sections[1].indent"
