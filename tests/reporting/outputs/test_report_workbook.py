"""The workbook of the report has every table of the HTML, numbers as numbers, and no active content."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from assessed import ATTACK, georgia
from assessed_examples import example
from lxml import html

from sdmxmig.primitives.text import ILLUSTRATION_NOTICE
from sdmxmig.reporting.sections import compose, write
from sdmxmig.sdmx.model.artefacts import Text

LANGUAGES = ("en", "fr", "ar")
OF_WORKBOOK = ".//table[not(@id='data-decade' or @id='table-account-recent')]"
OWN_SECTION = """<div><table id="own-{n}"><caption>Own {n}</caption>
<thead><tr><th>Year</th><th>Persons</th></tr></thead>
<tbody><tr><th>2024</th><td class="number"><data value="1234">1,234</data></td></tr></tbody></table></div>
<p class="note">Source: {n}.</p>
"""


@pytest.fixture(scope="module", params=LANGUAGES)
def both(request: pytest.FixtureRequest) -> tuple[Any, Any]:
    page = compose(georgia(), language=request.param)
    return html.document_fromstring(page.html), openpyxl.load_workbook(BytesIO(write(page, "xlsx")))


def captions(page: Any) -> list[str]:
    """The captions of all tables except the data of the chart on page one, which the report repeats."""
    return [
        " ".join(caption.text_content().split())
        for caption in page.xpath("//caption[not(parent::*[@id='data-decade' or @id='table-account-recent'])]")
    ]


def placed(workbook: Any) -> list[tuple[Any, str]]:
    """The tables of a workbook in their order: the sheet and position of each."""
    return [(sheet, table.ref) for sheet in workbook.worksheets for table in sheet.tables.values()]


def test_sheet_contains_captioned_tables_of_its_section(both: tuple[Any, Any]) -> None:
    page, workbook = both
    assert len(workbook.sheetnames) <= 20
    assert all(len(name) <= 31 for name in workbook.sheetnames)
    labels = [label.text_content().split(" · ")[1].strip() for label in page.xpath("//section/p[@class='label']")]
    assert [name for name in workbook.sheetnames[1:] if name not in labels and not name.endswith("…")] == []
    assert len({sheet["A2"].value for sheet in workbook.worksheets}) == 1
    assert workbook.worksheets[0]["A1"].value == page.xpath("//title")[0].text
    above = [sheet.cell(sheet[ref][0][0].row - 1, 1).value for sheet, ref in placed(workbook)]
    assert above == captions(page)
    heads = [[cell.value for cell in sheet[ref][0]] for sheet, ref in placed(workbook)]
    assert all(len({head.casefold() for head in row}) == len(row) for row in heads), "each head is another one"
    assert not any("\n" in head for row in heads for head in row)


@pytest.mark.parametrize("name", ["georgia", "norway"])
def test_every_heading_of_the_first_sheet_has_its_text(name: str) -> None:
    page = compose(example(name))
    (summary,) = html.document_fromstring(page.html).xpath("(//main/section)[1]")
    lines = [row[0].value for row in openpyxl.load_workbook(BytesIO(write(page, "xlsx"))).worksheets[0].iter_rows()]
    for heading in (" ".join(each.text_content().split()) for each in summary.xpath(".//h3")):
        following = lines[lines.index(heading) + 1]
        assert following in {" ".join(each.text_content().split()) for each in summary.xpath(".//p | .//li")}, heading


def test_surplus_sections_share_sheets_without_loss(tmp_path: Path) -> None:
    (tmp_path / "report").mkdir()
    for number in range(10, 40):
        own = OWN_SECTION.format(n=number)
        (tmp_path / "report" / f"{number}-own{number}.html.j2").write_text(own, encoding="utf-8")
    page = compose(georgia(), templates=[tmp_path])
    tree, workbook = html.document_fromstring(page.html), openpyxl.load_workbook(BytesIO(write(page, "xlsx")))
    assert len(tree.xpath(f"//section[{OF_WORKBOOK}]")) > 30
    assert len(workbook.sheetnames) == 20
    assert all(name == " ".join(name.split()) and len(name) <= 31 for name in workbook.sheetnames)
    assert [sheet.cell(sheet[ref][0][0].row - 1, 1).value for sheet, ref in placed(workbook)] == captions(tree)
    below = {}
    for sheet, ref in placed(workbook):
        first = sheet[ref][0][0].row
        below[sheet.cell(first - 1, 1).value] = sheet.cell(first + len(sheet[ref]), 1).value
        if str(sheet.cell(first - 1, 1).value).startswith("Own "):
            assert [cell.value for cell in sheet[ref][1][:2]] == [2024, 1234]
    assert [below[f"Own {number}"] for number in range(10, 40)] == [f"Source: {number}." for number in range(10, 40)]
    headings = {cell.value for sheet in workbook.worksheets for (cell,) in sheet.iter_rows(max_col=1)}
    assert {" ".join(head.text_content().split()) for head in tree.xpath(f"//section[{OF_WORKBOOK}]/h2")} <= headings
    links = [cell for (cell,) in workbook.worksheets[0].iter_rows(max_col=1) if cell.hyperlink]
    for link in links:
        name, _, place = link.hyperlink.location.rpartition("!")
        assert workbook[name.strip("'")][place].value == link.value


def test_long_notes_and_sources_are_wrapped(both: tuple[Any, Any]) -> None:
    _, workbook = both
    below = [cell for sheet in workbook for row in sheet.iter_rows(4) for cell in row]
    long = [cell for cell in below if len(str(cell.value)) > 90]
    assert long
    assert not [cell for cell in long if not cell.alignment.wrap_text]
    assert not [
        cell for cell in long if cell.parent.row_dimensions[cell.row].height < 15 * (len(cell.value) // 150 + 1)
    ]


def test_cover_links_to_every_table(both: tuple[Any, Any]) -> None:
    page, workbook = both
    links = [cell for (cell,) in workbook.worksheets[0].iter_rows(max_col=1) if cell.hyperlink]
    assert [cell.value for cell in links] == captions(page)
    for link in links:
        name, _, place = link.hyperlink.location.rpartition("!")
        assert workbook[name.strip("'")][place].value == link.value


def test_absent_numbers_leave_their_cells_empty(both: tuple[Any, Any]) -> None:
    page, workbook = both
    tables = page.xpath("//caption[not(parent::*[@id='data-decade' or @id='table-account-recent'])]/..")
    empty = [
        sheet[ref][row][column].value
        for table, (sheet, ref) in zip(tables, placed(workbook), strict=True)
        for row, cells in enumerate(table.iter("tr"))
        for column, cell in enumerate(cells)
        if "number" in cell.get("class", "") and cell.xpath(".//*[contains(@class, 'absent')]")
    ]
    assert empty
    assert set(empty) == {None}
    texts = [
        cell.value for sheet in workbook for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)
    ]
    assert [text for text in texts if text.endswith("; –")] == []


def test_numbers_are_stored_exactly_in_any_notation(both: tuple[Any, Any]) -> None:
    page, workbook = both
    tables = page.xpath(OF_WORKBOOK)
    numbers = [
        (cell.text_content(), float(cell.find("data").get("value")), sheet[ref][row][column].value)
        for table, (sheet, ref) in zip(tables, placed(workbook), strict=True)
        for row, cells in enumerate(table.iter("tr"))
        for column, cell in enumerate(cells)
        if cell.find("data") is not None and not cell.text
    ]
    assert [written for written, exact, value in numbers if value != pytest.approx(exact, rel=1e-14)] == []
    assert any(exact < 0 for _, exact, _ in numbers)
    assert any(round(exact, 1) != exact for _, exact, _ in numbers)


def test_texts_are_kept_and_never_stored_as_formulas() -> None:
    workbook = openpyxl.load_workbook(BytesIO(write(compose(georgia()), "xlsx")))
    cells = [cell for sheet in workbook.worksheets for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert any(ATTACK in str(cell.value) for cell in cells)
    assert workbook.worksheets[0]["A2"].value == ILLUSTRATION_NOTICE


def test_equal_reports_have_identical_bytes() -> None:
    page = compose(georgia(), language="ar")
    assert write(page, "xlsx") == write(page, "xlsx")
    workbook = openpyxl.load_workbook(BytesIO(write(page, "xlsx")))
    assert all(sheet.sheet_view.rightToLeft for sheet in workbook.worksheets)
    assert workbook.properties.created == workbook.properties.modified, "no clock is in it"


def test_remarks_on_numbers_are_added_to_those_of_the_table() -> None:
    page = compose(example("chile"), language="en")
    workbook = openpyxl.load_workbook(BytesIO(write(page, "xlsx")))
    heads = [[cell.value for cell in sheet[ref][0]] for sheet, ref in placed(workbook)]
    assert not [head for row in heads for head in row if "Remarks (2)" in head]
    cells = [cell for sheet in workbook.worksheets for row in sheet for cell in row if "[CL36]" in str(cell.value)]
    assert any("18,480,432" in cell.value and cell.column_letter == "C" for cell in cells)


def test_numeric_remark_joins_reason_of_missing_figure() -> None:
    known = example("chile")
    breakdowns = [
        replace(one, comments=tuple((codes, Text.of(en="2002")) for codes, _ in one.comments))
        for one in known.breakdowns
    ]
    page = compose(replace(known, breakdowns=tuple(breakdowns)), language="en")
    workbook = openpyxl.load_workbook(BytesIO(write(page, "xlsx")))
    assert [cell for sheet in workbook.worksheets for row in sheet for cell in row if "2002\n" in str(cell.value)]
