"""Text tables, and files that are no tables."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdmxmig.errors import InputError
from sdmxmig.tables import read


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_the_sign_between_the_fields_is_found(sign: str, mark: bytes) -> None:
    text = f"Année{sign}Hommes{sign}Femmes\r\n2022{sign}1793{sign}\r\n"
    (table,) = read("a.csv", mark + text.encode())
    assert table.rows == {1: {1: "Année", 2: "Hommes", 3: "Femmes"}, 2: {1: "2022", 2: "1793"}}
    assert str(table.place(2, 2)) == "a.csv › B2"


def test_quoted_fields_and_decimal_commas() -> None:
    (table,) = read("a.csv", b'Year;Value\n2022;"1 793,8"\n2023;"a;b"\n')
    assert table.rows[2][2] == "1 793,8"
    assert table.rows[3][2] == "a;b"


def test_another_encoding_names_line_and_byte_and_guesses() -> None:
    with pytest.raises(InputError) as caught:
        read("a.csv", b"Year,Pays\n2022,Cor\xe9e\n")
    assert str(caught.value.place) == "a.csv:2:9"
    assert "0xe9" in caught.value.message
    assert "“2022,Corée”" in caught.value.hint
    with pytest.raises(InputError, match="UTF-16"):
        read("a.csv", "Year,Pays".encode("utf-16"))


def test_an_open_quotation_mark_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        read("a.csv", b'Year,Value\n2022,"1\n')
    assert "quotation mark" in caught.value.hint


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
    "an old workbook": ("a.xls", OLE + bytes(600), ".xls", "Save it as .xlsx"),
    "a locked workbook": ("a.xlsx", OLE + "EncryptedPackage".encode("utf-16-le"), "password", "without a password"),
    "a PDF": ("a.xlsx", b"%PDF-1.7\n", "PDF", "workbook"),
    "a web page named as a workbook": ("a.xls", b"<html><table>", "HTML", ".xlsx"),
    "an OpenDocument file": ("a.ods", zip_of("mimetype", "content.xml"), "OpenDocument", ".xlsx"),
    "a binary workbook": ("a.xlsb", zip_of("xl/workbook.bin"), "binary", ".xlsx"),
    "an archive": ("a.xlsx", zip_of("readme.txt"), "zip archive", "Unpack"),
    "a cut workbook": ("a.xlsx", zip_of("xl/workbook.xml")[:60], "workbook cannot be opened", "Save it again"),
    "a text named as a workbook": ("a.xlsx", b"Year,Value\n", "not a workbook", "suffix"),
    "an unknown file": ("a.dat", b"\x01\x02", "no table", ".csv"),
}


@pytest.mark.parametrize("case", FOREIGN)
def test_what_is_no_table_is_refused_with_a_remedy(case: str) -> None:
    name, content, message, remedy = FOREIGN[case]
    with pytest.raises(InputError) as caught:
        read(name, content)
    assert message in caught.value.message
    assert remedy in caught.value.hint
    assert caught.value.place is not None
    assert caught.value.place.file == name


def test_the_first_bytes_count_more_than_the_name() -> None:
    with pytest.raises(InputError, match="zip archive"):
        read("a.csv", zip_of("readme.txt"))


@given(st.binary(max_size=200))
def test_any_bytes_are_a_table_or_refused(content: bytes) -> None:
    for name in ("a.csv", "a.xlsx", "a"):
        try:
            read(name, content)
        except InputError:
            continue
