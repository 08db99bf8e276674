"""Choose a table reader by content before extension; refuse files that are not tables with a fix."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twins import TWINS

from sdmxmig.conversion.tables import describe_wrong_suffix, read
from sdmxmig.primitives.errors import InputError


def zip_of(*members: str) -> bytes:
    result = io.BytesIO()
    with zipfile.ZipFile(result, "w") as archive:
        for member in members:
            archive.writestr(member, "<a/>")
    return result.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
FOREIGN = {
    "an empty file": ("a.xlsx", b"", "empty", "Save it again"),
    "a file of nothing but zeros": ("a.xlsx", bytes(100), "empty", "Save it again"),
    "a cut old workbook": ("a.xls", OLE + bytes(600), "damaged", "Save As"),
    "a PDF": ("a.xlsx", b"%PDF-1.7\n", "PDF", "workbook"),
    "a text document": ("a.xls", rb"{\rtf1 a}", "RTF", "workbook"),
    "other JSON": ("a.json", b'{"a": [1, 2]}', "neither an SDMX message nor a JSON-stat dataset", "CSV"),
    "cut JSON": ("a.json", b'{"class": "dataset", "id": ["se', "The JSON is not well formed", "Save it again"),
    "a cut list in JSON": ("a.json", b"[1,2", "The JSON is not well formed", "Save it again"),
    "a web archive": ("a.xls", b"MIME-Version: 1.0\r\n", "MHTML", ".xlsx"),
    "some XML": ("a.xls", b"<?xml version='1.0'?><report/>", "XML", "workbook"),
    "an archive": ("a.xlsx", zip_of("readme.txt"), "zip archive", "Unpack"),
    "a Pages document": ("a.pages", zip_of("Index/Document.iwa"), "Apple program", "From Pages or Keynote, first copy"),
    "a Numbers document": ("a.numbers", zip_of("Index/Document.iwa"), "Apple program", "File > Export To > Excel"),
    "a Word document": ("a.xlsx", zip_of("word/document.xml"), "Word document", "workbook"),
    "a cut workbook": ("a.xlsx", zip_of("xl/workbook.xml")[:60], "workbook cannot be opened", "Save As"),
    "noise named as a workbook": ("a.xlsx", b"\x01\x02\x03", "does not match its suffix", "correct the suffix"),
    "a letter named as a workbook": ("a.xlsx", b"x", "file is damaged", "Save As"),
    "the answer of a service named as a workbook": ("a.ods", b'{"error": 404}', "file is damaged", "Save As"),
    "an unknown file": ("a.dat", b"\x01\x02", "cannot read this file", ".csv"),
}


@pytest.mark.parametrize("case", FOREIGN)
def test_file_without_table_is_refused_with_a_remedy(case: str) -> None:
    name, content, message, remedy = FOREIGN[case]
    with pytest.raises(InputError) as caught:
        read(name, content)
    assert message in caught.value.message
    assert remedy in caught.value.hint
    assert caught.value.place.file == name


def test_first_bytes_precede_the_file_name() -> None:
    with pytest.raises(InputError, match="zip archive"):
        read("a.csv", zip_of("readme.txt"))
    assert read("stocks.csv", (TWINS / "stocks.xls").read_bytes())[0].sheet == "Stocks"
    assert read("stocks.xlsx", (TWINS / "stocks.ods").read_bytes())[0].sheet == "Stocks"


@pytest.mark.parametrize(
    ("name", "twin", "kind"),
    [
        ("stocks.xlsx", b"Year;Men\n2022;10\n", "a text file"),
        ("stocks.csv", "stocks.xls", "a file of the kind .xls"),
        ("stocks.xlsx", "stocks.ods", "a file of the kind .ods"),
        ("stocks.csv", b"Year;Men\n2022;10\n", ""),
        ("stocks.txt", b"Year;Men\n2022;10\n", ""),
        ("stocks.xls", "stocks.xls", ""),
    ],
)
def test_file_content_different_from_extension_is_reported(name: str, twin: str | bytes, kind: str) -> None:
    content = twin if isinstance(twin, bytes) else (TWINS / twin).read_bytes()
    told = describe_wrong_suffix(name, content)
    ending = name[name.index(".") :]
    assert told == (f"{name} is {kind} despite its suffix {ending}. It is read by its content." if kind else "")


@pytest.mark.parametrize("name", ["a.xls", "a.xlsx", "a.ods"])
def test_text_named_as_a_workbook_is_read_as_text(name: str) -> None:
    (table,) = read(name, b"Year;Men;Women\n2023;1;2\n2024;3;4\n")
    assert table.rows[3] == {1: "2024", 2: "3", 3: "4"}


@given(st.binary(max_size=200))
def test_any_bytes_are_a_table_or_refused(content: bytes) -> None:
    for name in ("a.csv", "a.xlsx", "a.xls", "a.html", "a"):
        try:
            read(name, content)
        except InputError:
            continue
