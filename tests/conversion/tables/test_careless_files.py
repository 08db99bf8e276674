"""Files given by mistake: the message names their kind and the next step."""

from __future__ import annotations

import io
import zipfile

import pytest
from case_tables import cases_from

from sdmxmig.conversion.tables import read
from sdmxmig.primitives.errors import InputError

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("old.xls", OLE + bytes(600)),
        ("older.xls", b"\x09\x04\x06\x00\x00\x00\x10\x00" + bytes(100)),
        ("stocks.xls", bytes(range(1, 256)) * 4),
        ("stocks.xlsx", bytes(range(1, 256)) * 4),
        ("stocks.xlsb", b"PK\x03\x04" + bytes(200)),
        ("stocks.ods", bytes(range(1, 256)) * 4),
    ],
)
def test_unreadable_workbook_hint_is_save_as_xlsx(name: str, content: bytes) -> None:
    with pytest.raises(InputError) as caught:
        read(name, content)
    assert "Save As" in caught.value.hint
    assert ".xlsx" in caught.value.hint


def test_hint_for_a_binary_workbook_names_xlsx() -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("xl/workbook.bin", b"\x83\x01\x00")
    with pytest.raises(InputError, match=r"binary workbook \(\.xlsb\)") as caught:
        read("stocks.xlsb", content.getvalue())
    assert ".xlsx" in caught.value.hint


@pytest.mark.parametrize("name", ["stocks.xls", "stocks.xml"])
def test_hint_for_xml_of_excel_2003_names_xlsx(name: str) -> None:
    content = b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"></Workbook>'
    with pytest.raises(InputError, match="Excel 2003 in XML") as caught:
        read(name, content)
    assert ".xlsx" in caught.value.hint


def test_hint_for_a_parquet_file_names_csv() -> None:
    with pytest.raises(InputError, match="Parquet") as caught:
        read("stocks.parquet", b"PAR1" + bytes(20))
    assert "CSV" in caught.value.hint


@cases_from("conversion/tables/cases/a_lock_file_names_its_document_name_document.csv")
@pytest.mark.parametrize("content", [b"", b",user,host,26.11.2026 10:00,file:///home", b"\x04user" + bytes(160)])
def test_lock_file_names_its_document(name: str, document: str, content: bytes) -> None:
    with pytest.raises(InputError, match="lock file") as caught:
        read(name, content)
    assert caught.value.hint.endswith(document)
