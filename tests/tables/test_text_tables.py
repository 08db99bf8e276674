"""Files that are no tables."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdmxmig.errors import InputError
from sdmxmig.tables import read


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
