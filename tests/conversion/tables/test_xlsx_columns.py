"""The fast path and the XML parser give the same cells for any XML."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tries import tries
from xlsx_parts import with_rows

from sdmxmig.conversion.tables import read
from sdmxmig.conversion.tables.xlsx_columns import FastCellReader
from sdmxmig.primitives.errors import InputError
from sdmxmig.sdmx.model.tables import Table

STYLES = {1: "#,##0", 2: "0.0", 3: "yyyy-mm-dd", 4: "hh:mm"}
STRINGS = "<si><t>Total</t></si><si><t/></si><si><t>A &amp; B</t></si><si><t xml:space='preserve'> x</t></si>"

HEADS = ["", ' s="1"', ' s="2"', ' s="3"', ' s="4"', ' s="9"', ' t="n"', ' t="s"', ' s="1" t="s"', ' t="str"']
HEADS += [' t="b"', ' t="e"', ' t="d"', ' t="x"', ' t="s" t="s"', ' cm="1"', " s='1'", ' s="1" a:b="2"', ' r="A1"']
VALUES = ["0", "1", "2", "3", "45292", "45292.75", "0.5", "-3", "1.50", "3688.5999999999999", "1E-7", "1e999", "007"]
VALUES += [
    "",
    "x",
    " 5 ",
    "+5",
    "-0",
    "#N/A",
    "2024-01-31T00:00:00",
    "a &amp; b",
    "&#65;",
    "a_x000A_b",
    "12345678901234567",
]
FORMULAS = ["", "<f>A1+1</f>", '<f t="shared" ref="A1:A2" si="0">A1&gt;2</f>', '<f t="shared" si="0"/>', "<f/>", "<f>"]
BODIES = ["</c>", "<v/></c>", "<is><t>in &lt;text&gt;</t></is></c>", "<v>1</v><v>2</v></c>", "<!-- <c/> --></c>"]
TAGS = [
    '<row r="{}" x:y="1">',
    '<row r="{}">',
    '<row r="{}" spans="1:3" hidden="1">',
    '<row r="{}" x:y="1">',
    "<row>",
    '<row spans="1" r="{}">',
]
BETWEEN = ["", "", "", "\n  ", '<row r="{}"/>', '<row r="{}" hidden="true"></row>', "<!-- -->", "x"]


@st.composite
def cell(draw: st.DrawFn, name: str) -> str:
    """A cell as spreadsheet programs write it, or a little off."""
    usual = draw(st.integers(0, 9)) > 0
    head = draw(st.sampled_from(HEADS[:9] if usual else HEADS))
    named = (
        f' r="{name}"' if draw(st.integers(0, 30)) else draw(st.sampled_from(["", ' r="B7"', ' r="a1"', ' r="A01"']))
    )
    begin = f"<c{named}{head}"
    if draw(st.integers(0, 9)) == 0:
        return begin + draw(st.sampled_from(["/>", "></c>"]))
    if not usual and draw(st.booleans()):
        return begin + ">" + draw(st.sampled_from(BODIES))
    formula = draw(st.sampled_from(FORMULAS)) if draw(st.integers(0, 4)) == 0 else ""
    value = draw(st.sampled_from(VALUES[:4] if 't="s"' in head and usual else VALUES[:10] if usual else VALUES))
    return f"{begin}>{formula}<v>{value}</v></c>"


@st.composite
def rows(draw: st.DrawFn) -> str:
    """Some rows of a sheet."""
    parts = []
    for number in range(1, draw(st.integers(1, 4)) + 1):
        tag = TAGS[1] if draw(st.integers(0, 3)) else draw(st.sampled_from(TAGS))
        cells = [draw(cell(f"{letter}{number * 2}")) for letter in draw(st.sets(st.sampled_from("ABC"))) or "A"]
        between = draw(st.sampled_from(BETWEEN)).format(number * 2 + 1)
        parts += [tag.format(number * 2), *cells, "</row>", between]
    return "".join(parts)


@contextmanager
def without_lanes() -> Iterator[None]:
    """Every piece is read by the parser."""
    with (
        patch.object(FastCellReader, "read", lambda *_: None),
        patch("sdmxmig.conversion.tables.xlsx_columns.read_plain_strings", lambda _: None),
    ):
        yield


def seen(content: bytes) -> tuple[object, ...]:
    try:
        (table,) = read("a.xlsx", content)
    except InputError as error:
        return (error.message,)
    assert isinstance(table, Table)
    return (table.cells.rows(), table.cells.schema, table.hidden_rows, table.hidden_columns, table.merged)


@pytest.fixture(autouse=True)
def short_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Use the fast path for the shortest pieces too."""
    monkeypatch.setattr("sdmxmig.conversion.tables.xlsx_columns.MIN_BYTES", 0)


def both(content: bytes) -> None:
    """The lanes and the parser see the same."""
    fast = seen(content)
    with without_lanes():
        assert fast == seen(content)


@settings(max_examples=tries(30), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows())
@example('<row r="1"><c r="A1"><v>1</v></c></row></row>')
@example('<row r="1"><c r="A1"/><v>1</v></c></row>')
@example('<row r="1"/></row>')
@example('<row r="1"><c r="A1" t="inlineStr"><is><t>a</v></c></row>')
@example('<row r="1"><c r="A1" t="str"><v>a</t></is></c></row>')
@example('<row r="1"><c r="BA"><v>1</v></c></row>')
@example('<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="A2"><v>2</v></c>')
@example('<row r="1048577"><c r="A1048577"><v>1</v></c></row>')
@example('<row r="1"><c r="A1" t="str"><v>]]</v></c><c r="B1" t="str"><v>a\r\nb</v></c></row>')
def test_rows_are_equal_by_fast_reader_and_parser(xml: str) -> None:
    both(with_rows(xml, STRINGS, STYLES))


PLAIN = (
    '<row r="1" spans="1:2"><c r="A1" t="s"><v>0</v></c><c r="B1" s="2"><f>1/3</f><v>0.33333333333333331</v></c></row>'
)


@settings(max_examples=tries(30), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.integers(0, len(PLAIN) - 1), st.sampled_from('<>/"=&A19vcsrt -\0\x01\x02;')),
        min_size=1,
        max_size=3,
    )
)
def test_damaged_rows_are_equal_by_fast_reader_and_parser(changes: list[tuple[int, str]]) -> None:
    xml = list(PLAIN)
    for position, sign in changes:
        xml[position] = sign
    both(with_rows("".join(xml), STRINGS, STYLES))


TEXTS = ["<t>a</t>", "<t xml:space='preserve'> b </t>", '<t xml:space="preserve"> c</t>', "<t/>", "<t>A &amp; B</t>"]
TEXTS += [
    "<t>&#65;</t>",
    "<t>&amp;lt;</t>",
    "<t>a_x000A_b</t>",
    "<t>_xD800_</t>",
    "<t>x]]>y</t>",
    "<t>x</t><t>y</t>",
    "",
]
TEXTS += ["<r><t>rich</t></r>", "<r><rPr><vertAlign val='superscript'/></rPr><t>1)</t></r>", "<t>line\nline</t>"]
TEXTS += ["<!-- </si><si> --><t>z</t>", "<t>a\rb</t>"]


@settings(max_examples=tries(30), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(TEXTS), min_size=1, max_size=4), st.sampled_from(["", "\n", "x"]))
def test_strings_are_equal_by_fast_reader_and_parser(texts: list[str], between: str) -> None:
    strings = between.join(f"<si>{text}</si>" for text in texts)
    cells = "".join(f'<c r="{letter}1" t="s"><v>{at}</v></c>' for at, letter in enumerate("ABCD"[: len(texts)]))
    both(with_rows(f'<row r="1">{cells}</row>', strings))


def test_pieces_and_intermediate_text_keep_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        f'<row r="{row}"><c r="A{row}"><v>{row}</v></c><c r="B{row}" t="s"><v>0</v></c></row>' for row in range(1, 90)
    ]
    rows[40] = '<row><c t="inlineStr"><is><r><t>odd</t></r></is></c></row>'
    rows[41] = '<row><c r="B9"><v>12</v></c></row><!-- <row r="3"> -->'
    content = with_rows("\n".join(rows), STRINGS)
    whole = seen(content)
    monkeypatch.setattr("sdmxmig.conversion.tables.xlsx_columns.PIECE_BYTES", 300)
    monkeypatch.setattr("sdmxmig.io.intake.archives.CHUNK", 100)
    both(content)
    assert seen(content) == whole
    spoilt = content_with(rows, 80, '<row r="81"><c r="A81"><v>1</row>')
    with pytest.raises(InputError) as caught:
        read("a.xlsx", spoilt)
    assert caught.value.place is not None
    assert caught.value.place.line == 81


def content_with(rows: list[str], at: int, row: str) -> bytes:
    """A workbook with one of its rows replaced."""
    return with_rows("\n".join([*rows[:at], row, *rows[at + 1 :]]), STRINGS)
