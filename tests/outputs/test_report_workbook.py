"""The workbook of the report holds every table of the HTML, with numbers as numbers and nothing that could run."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from assessed import ATTACK, georgia
from lxml import html

from sdmxmig.reporting import compose, write
from sdmxmig.text import NOTICE

LANGUAGES = ("en", "fr", "ar")


@pytest.fixture(scope="module", params=LANGUAGES)
def both(request: pytest.FixtureRequest) -> tuple[Any, Any]:
    page = compose(georgia(), language=request.param)
    return html.document_fromstring(page.html), openpyxl.load_workbook(BytesIO(write(page, "xlsx")))


def digits(text: object) -> str:
    return re.sub(r"\D", "", str(text))


def test_every_table_has_its_sheet_with_caption_and_notice(both: tuple[Any, Any]) -> None:
    page, workbook = both
    captions = [" ".join(caption.text_content().split()) for caption in page.xpath("//caption")]
    cover, contents, *sheets = workbook.worksheets
    assert captions
    assert [sheet["A1"].value for sheet in sheets] == captions
    assert [cell.value for (cell,) in contents["A4:A" + str(3 + len(captions))]] == captions
    assert [cell.hyperlink.location for (cell,) in contents["A4:A" + str(3 + len(captions))]] == [
        f"'{sheet.title}'!A1" for sheet in sheets
    ]
    assert cover["A1"].value == page.xpath("//title")[0].text
    assert len({sheet["A2"].value for sheet in workbook.worksheets}) == 1


def test_every_sheet_is_printed_one_page_wide(both: tuple[Any, Any]) -> None:
    _, workbook = both
    assert workbook.worksheets[3:]
    for sheet in workbook.worksheets:
        assert (sheet.title, sheet.sheet_properties.pageSetUpPr.fitToPage) == (sheet.title, True)
        assert (sheet.page_setup.fitToHeight, sheet.page_setup.orientation) == (0, "landscape")


def test_sentences_of_the_cover_and_the_contents_are_printed_whole(both: tuple[Any, Any]) -> None:
    _, workbook = both
    for sheet in workbook.worksheets[:2]:
        texts = [cell for row in sheet.iter_rows(min_row=4) for cell in row if len(str(cell.value or "")) > 90]
        assert texts
        for cell in texts:
            lines = -(-len(cell.value) // 90)
            assert cell.alignment.wrap_text, cell.coordinate
            assert (sheet.row_dimensions[cell.row].height or 15) >= 15 * lines, cell.coordinate


def test_numbers_are_numbers_and_the_same_as_in_the_page(both: tuple[Any, Any]) -> None:
    page, workbook = both
    numbers = 0
    for table, sheet in zip(page.xpath("//table"), workbook.worksheets[2:], strict=True):
        for number, row in enumerate(table.xpath(".//tr"), start=4):
            for column, element in enumerate(row, start=1):
                value = sheet.cell(number, column).value
                if isinstance(value, int | float):
                    written = "".join(element.xpath("./text()"))
                    shown = value * 100 if "%" in written else value
                    assert digits(f"{shown:f}").strip("0") == digits(written).strip("0")
                    assert (value < 0) == ("−" in written)
                    numbers += 1
    assert numbers > 20


def test_no_cell_is_a_formula_and_no_text_is_lost() -> None:
    workbook = openpyxl.load_workbook(BytesIO(write(compose(georgia()), "xlsx")))
    cells = [cell for sheet in workbook.worksheets for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert any(ATTACK in str(cell.value) for cell in cells)
    assert workbook.worksheets[0]["A2"].value == NOTICE


def test_the_same_report_is_the_same_bytes_and_arabic_runs_from_the_right() -> None:
    page = compose(georgia(), language="ar")
    assert write(page, "xlsx") == write(page, "xlsx")
    workbook = openpyxl.load_workbook(BytesIO(write(page, "xlsx")))
    assert all(sheet.sheet_view.rightToLeft for sheet in workbook.worksheets)
    assert workbook.properties.created == workbook.properties.modified, "no clock is in it"
