"""OpenDocument workbooks: the same cells as in the other formats; repeated cells and hostile files stay small."""

from __future__ import annotations

import io
import time
import zipfile

import pytest
from folders import SHARED

from sdmxmig.conversion.tables import read
from sdmxmig.primitives.errors import InputError
from sdmxmig.sdmx.model.tables import Range, Table

PUBLISHED = SHARED / "tables"
NAMES = {
    "office": "office",
    "table": "table",
    "text": "text",
    "style": "style",
    "draw": "drawing",
    "number": "datastyle",
    "fo": "xsl-fo-compatible",
}
SPREADSHEET = "application/vnd.oasis.opendocument.spreadsheet"
SPACES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for prefix, name in NAMES.items()
)
TEXT = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
SEVEN = '<table:table-cell office:value-type="float" office:value="7"{}><text:p>7</text:p></table:table-cell>'


def document(body: str, styles: str = "") -> str:
    parts = f"<office:automatic-styles>{styles}</office:automatic-styles>"
    parts += f"<office:body><office:spreadsheet>{body}</office:spreadsheet></office:body>"
    return f'<?xml version="1.0"?><office:document {SPACES} office:mimetype="{SPREADSHEET}">{parts}</office:document>'


def packed(content: str, kind: str = SPREADSHEET, **members: str) -> bytes:
    result = io.BytesIO()
    with zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in {"mimetype": kind, "content.xml": content, **members}.items():
            archive.writestr(name.replace("__", "/"), data)
    return result.getvalue()


def sheet(rows: str, before: str = "") -> str:
    return document(f'<table:table table:name="T">{before}{rows}</table:table>')


def only(content: str) -> Table:
    (table,) = read("a.ods", packed(content))
    return table


def row(*cells: str, attributes: str = "") -> str:
    return f"<table:table-row {attributes}>{''.join(cells)}</table:table-row>"


def test_repeated_cells_and_rows_are_expanded() -> None:
    twice = row(SEVEN.format(' table:number-columns-repeated="3"'), attributes='table:number-rows-repeated="2"')
    empty = row("<table:table-cell/>", attributes='table:number-rows-repeated="5"')
    table = only(sheet(twice + empty + row("<table:covered-table-cell/>", TEXT.format("end"))))
    assert table.rows == {1: {1: "7", 2: "7", 3: "7"}, 2: {1: "7", 2: "7", 3: "7"}, 8: {2: "end"}}


def test_empty_sheet_of_full_size_takes_little_time() -> None:
    empty = '<table:table-cell table:number-columns-repeated="16384"/>'
    whole = row(empty, attributes='table:number-rows-repeated="1048575" table:visibility="collapse"')
    started = time.process_time()
    table = only(sheet(row(TEXT.format("Year")) + whole))
    assert table.rows == {1: {1: "Year"}}
    assert table.hidden_rows == frozenset()
    assert time.process_time() - started < 1


@pytest.mark.parametrize("many", ["16384", "1000000000"])
def test_filled_sheet_of_full_size_is_refused_early(many: str) -> None:
    cells = SEVEN.format(f' table:number-columns-repeated="{many}"')
    started = time.process_time()
    with pytest.raises(InputError, match="filled cells"):
        only(sheet(row(cells, attributes='table:number-rows-repeated="1048576"')))
    assert time.process_time() - started < 1


def test_paragraphs_and_raised_parts_of_a_cell_are_parsed() -> None:
    raised = '<style:style style:name="T1"><style:text-properties style:text-position="super 58%"/></style:style>'
    text = (
        "<table:table-cell office:value-type='string'>"
        "<text:p>Stock<text:s text:c='2'/>of\n  <text:span text:style-name='T1'>1, a</text:span></text:p>"
        "<text:p>b<text:tab/>c<text:line-break/>d</text:p>"
        "<draw:frame><text:p>a picture</text:p></draw:frame></table:table-cell>"
    )
    content = document(f'<table:table table:name="T">{row(text)}</table:table>', raised)
    assert only(content).text(1, 1) == "Stock  of ¹, ᵃ\nb\tc\nd"


def test_many_repeated_blanks_are_limited() -> None:
    assert len(only(sheet(row(TEXT.format("a<text:s text:c='999999999'/>b")))).text(1, 1)) < 2000


def test_values_of_all_types_are_parsed() -> None:
    cells = [
        '<table:table-cell office:value-type="percentage" office:value="0.254"/>',
        '<table:table-cell office:value-type="currency" office:value="3688.5999999999999"/>',
        '<table:table-cell office:value-type="date" office:date-value="2024-01-31T00:00:00"/>',
        '<table:table-cell office:value-type="time" office:time-value="PT36H00M00S"/>',
        '<table:table-cell office:value-type="boolean" office:boolean-value="true"/>',
        '<table:table-cell office:value-type="string" office:string-value="01"/>',
    ]
    table = only(sheet(row(*cells)))
    assert table.rows[1] == {1: "0.254", 2: "3688.6", 3: "2024-01-31", 4: "1.5", 5: "TRUE", 6: "01"}
    assert table.cells["kind"].to_list() == ["number", "number", "date", "number", "boolean", "text"]


def test_merged_cells_comments_and_hidden_columns_are_parsed() -> None:
    note = "<office:annotation><text:p>why</text:p><text:p>not</text:p></office:annotation>"
    wide = f'<table:table-cell table:number-columns-spanned="2" table:number-rows-spanned="2">{note}</table:table-cell>'
    columns = (
        '<table:table-column/><table:table-column table:visibility="collapse" table:number-columns-repeated="16383"/>'
    )
    table = only(sheet(row(wide, "<table:covered-table-cell/>", TEXT.format("x")), columns))
    assert table.merged == (Range(1, 1, last_row=2, last_column=2),)
    assert table.notes == {(1, 1): ("why\nnot",)}
    assert table.hidden_columns == {2, 3}


def test_inherited_cell_format_is_used() -> None:
    styles = (
        '<number:number-style style:name="N1"><number:number number:decimal-places="1" number:min-integer-digits="1"/>'
        '</number:number-style><style:style style:name="up" style:family="table-cell" style:data-style-name="N1"/>'
        '<style:style style:name="ce1" style:family="table-cell" style:parent-style-name="up"/>'
    )
    columns = '<table:table-column table:default-cell-style-name="ce1"/>'
    content = document(f'<table:table table:name="T">{columns}{row(SEVEN.format(""))}</table:table>', styles)
    table = only(content)
    assert [table.formats[code] for code in table.cells["format"]] == ["0.0"]


def test_negative_and_zero_sections_of_a_format_are_used() -> None:
    styles = (
        '<number:number-style style:name="P0"><number:number number:decimal-places="0" number:grouping="true"/>'
        '</number:number-style><number:number-style style:name="N1"><number:text>-</number:text>'
        '<number:number number:decimal-places="0" number:grouping="true"/><number:text> persons</number:text>'
        '<style:map style:condition="value()&gt;=0" style:apply-style-name="P0"/></number:number-style>'
        '<style:style style:name="ce1" style:family="table-cell" style:data-style-name="N1"/>'
    )
    cells = row(SEVEN.format(' table:style-name="ce1"'))
    table = only(document(f'<table:table table:name="T">{cells}</table:table>', styles))
    assert table.formats == ('#,##0;-#,##0" persons"',)


def shown_with(number_style: str) -> str:
    """The format of a figure whose cell has this number style, called N1."""
    style = '<style:style style:name="ce1" style:family="table-cell" style:data-style-name="N1"/>'
    cells = row(SEVEN.format(' table:style-name="ce1"'))
    (code,) = only(document(f'<table:table table:name="T">{cells}</table:table>', number_style + style)).formats
    return code


WHOLE = '<number:number number:decimal-places="0" number:min-integer-digits="1"{}>{}</number:number>'


def plain(name: str, inner: str) -> str:
    return f'<number:number-style style:name="{name}">{inner}</number:number-style>'


@pytest.mark.parametrize(
    ("style", "code"),
    [
        (plain("N1", WHOLE.format("", '<number:embedded-text number:position="3"> </number:embedded-text>')), "# ##0"),
        (plain("N1", WHOLE.format("", "") + "<number:text> %</number:text>"), '0" %"'),
        (plain("N1", WHOLE.format("", "") + "<number:text>,</number:text>"), '0","'),
        (
            plain("N1", WHOLE.format("", "") + "<number:text> %</number:text>").replace(
                "number-style", "percentage-style"
            ),
            "0 %",
        ),
        (
            plain("P0", WHOLE.format(' number:grouping="true"', ""))
            + plain(
                "N1",
                WHOLE.format("", "") + '<style:map style:condition="value()&gt;=1000" style:apply-style-name="P0"/>',
            ),
            "[>=1000]#,##0;0",
        ),
        (
            plain("P0", WHOLE.format("", ""))
            + plain("P1", "<number:text>-</number:text>")
            + plain("P2", "")
            + '<number:text-style style:name="N1"><number:text-content/>'
            + "".join(
                f'<style:map style:condition="value(){sign}0" style:apply-style-name="P{at}"/>'
                for at, sign in enumerate(("&gt;", "&lt;", "="))
            )
            + "</number:text-style>",
            "0;-;;@",
        ),
        (
            plain("N1", '<number:fraction number:min-numerator-digits="2" number:min-denominator-digits="2"/>'),
            "# ??/??",
        ),
    ],
    ids=["blank", "per cent", "comma", "percentage", "condition", "four sections", "fraction"],
)
def test_number_styles_become_format_codes(style: str, code: str) -> None:
    assert shown_with(style) == code


CLOCK = '<number:hours/><number:text>:</number:text><number:minutes number:style="long"/>'
HOURS = '<table:table-cell table:style-name="ce1" office:value-type="time" office:time-value="PT36H00M00S"/>'


@pytest.mark.parametrize(
    ("attribute", "text", "kind", "code"),
    [('number:truncate-on-overflow="false"', "1.5", "number", "[h]:mm"), ("", "1900-01-01T12:00:00", "date", "h:mm")],
)
def test_hours_beyond_a_day_are_read_as_in_other_formats(attribute: str, text: str, kind: str, code: str) -> None:
    styles = f'<number:time-style style:name="N1" {attribute}>{CLOCK}</number:time-style>'
    styles += '<style:style style:name="ce1" style:family="table-cell" style:data-style-name="N1"/>'
    table = only(document(f'<table:table table:name="T">{row(HOURS)}</table:table>', styles))
    assert (table.text(1, 1), table.cells["kind"].to_list(), table.formats) == (text, [kind], (code,))
    since = '<table:calculation-settings><table:null-date table:date-value="1904-01-01"/></table:calculation-settings>'
    table = only(document(f'{since}<table:table table:name="T">{row(HOURS)}</table:table>', styles))
    assert table.text(1, 1) == text.replace("1900-01-01", "1904-01-02")


def test_only_significant_blanks_are_kept() -> None:
    cells = row(
        TEXT.format("<text:s text:c='3'/>Men"), TEXT.format("\n  of which\n  women\n"), TEXT.format("<text:s/>")
    )
    assert only(sheet(cells)).rows == {1: {1: "   Men", 2: "of which women", 3: " "}}


def indented(style: str, width: str, parent: str = "Default") -> str:
    margin = f'<style:paragraph-properties fo:margin-left="{width}"/>' if width else ""
    return (
        f'<style:style style:name="{style}" style:family="table-cell" style:parent-style-name="{parent}">{margin}'
        "</style:style>"
    )


@pytest.mark.parametrize(
    ("widths", "steps"),
    [
        (("0.1189in", "0.2374in", "0.3563in"), (1, 2, 3)),
        (("0.353cm", "0.706cm", "1.764cm"), (1, 2, 5)),
        (("0.2374in", "", ""), (2, 2, 0)),
        (("3.53mm", "10pt", "20pt"), (1, 1, 2)),
        (("1pt", "2000pt", "-1cm"), (0, 200, 0)),
    ],
)
def test_width_of_an_indentation_sets_its_depth(widths: tuple[str, ...], steps: tuple[int, ...]) -> None:
    styles = indented("A", widths[0]) + indented("B", widths[1], "A") + indented("C", widths[2])
    cells = [
        TEXT.format(name).replace("<table:table-cell", f'<table:table-cell table:style-name="{name}"', 1)
        for name in "ABC"
    ]
    table = only(document(f'<table:table table:name="T">{row(*cells)}</table:table>', styles))
    codes = ["" if code is None else table.formats[code] for code in table.cells["format"]]
    assert codes == [" " * (3 * step) + "@" if step else "" for step in steps]


def test_boolean_is_read_as_displayed_word() -> None:
    cell = '<table:table-cell table:formula="of:=TRUE()" office:value-type="float" office:value="1"><text:p>{}</text:p>'
    table = only(sheet(row(f"{cell.format('WAHR')}</table:table-cell>", f"{cell.format('1')}</table:table-cell>")))
    assert table.cells.select("text", "kind").rows() == [("TRUE", "boolean"), ("1", "number")]


def test_too_many_styles_are_refused() -> None:
    styles = "".join(f'<style:style style:name="c{at}" style:family="table-cell"/>' for at in range(65_001))
    with pytest.raises(InputError, match="damaged"):
        only(document('<table:table table:name="T"/>', styles))


def test_empty_elements_count_towards_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sdmxmig.conversion.tables.readers.MAX_ELEMENTS", 50)
    with pytest.raises(InputError, match="more than 50 elements"):
        only(document("<office:forms/>" * 50))


def test_cell_far_right_of_many_columns_is_found_fast() -> None:
    columns = "".join(f'<table:table-column table:default-cell-style-name="c{at}"/>' for at in range(16_384))
    wide = '<table:table-cell table:number-columns-repeated="16383"/>' + SEVEN.format("")
    started = time.process_time()
    table = only(sheet(row(wide) * 2_000, columns))
    assert table.cells.height == 2_000
    assert time.process_time() - started < 2


def test_embedded_tables_are_left_out() -> None:
    copy = '<table:table table:name="file:///x#T"><table:table-source/>' + row(SEVEN.format("")) + "</table:table>"
    inner = f'<table:table-cell><table:table table:name="in">{row(SEVEN.format(""))}</table:table></table:table-cell>'
    linked = f"<table:dde-link><table:table>{row(SEVEN.format(''))}</table:table></table:dde-link>"
    own_table = f'<table:table table:name="T">{row(inner, TEXT.format("own"))}</table:table>'
    assert only(document(f"{copy}{own_table}<table:dde-links>{linked}</table:dde-links>")).rows == {1: {2: "own"}}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (packed("<a/>", "application/vnd.oasis.opendocument.text"), "not a workbook"),
        (packed("garbage", **{"META-INF__manifest.xml": "<manifest:encryption-data/>"}), "password"),
        (packed("<office:x"), "not well formed"),
        (packed("<a/>"), "no sheet"),
        (packed('<!DOCTYPE a [<!ENTITY b "c">]>' + sheet("")[21:]), "DOCTYPE"),
        (packed(sheet(row(SEVEN.format(' table:number-columns-repeated="x"')))), "damaged"),
        (packed(sheet("<a>" * 100 + "</a>" * 100)), "nested"),
    ],
)
def test_unreadable_ods_is_refused_with_a_fix(content: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        read("a.ods", content)
    assert caught.value.hint
    assert caught.value.place.file.startswith("a.ods")


@pytest.mark.skipif(not PUBLISHED.is_dir(), reason="the shared tables are not here")
def test_numbers_of_an_office_workbook_are_all_read() -> None:
    tables = read("a.ods", (PUBLISHED / "ods" / "koenigstein_oecd.ods").read_bytes())
    numbers = {table.sheet: len(table.numeric) for table in tables}
    # The manifest counts 21 and 11 texts that look like numbers in Sheet2 and Sheet3 as well.
    assert numbers == {"Sheet1": 158, "Sheet2": 1389, "Sheet3": 616, "Sheet5": 466, "Sheet4": 246, "Sheet6": 317}
    assert tables[3].text(6, 1).startswith("Table A.3. New asylum requests")
