"""The encoding stated in a mapping decides ambiguous bytes, and is refused if the bytes contradict it."""

from __future__ import annotations

import pytest

from sdmxmig.conversion.tables import read
from sdmxmig.primitives.errors import InputError
from sdmxmig.sdmx.model.tables import TextFormat

OPEN = "Jahr;Größe\n2022;1\n".encode("cp1252")


def first_line(content: bytes, encoding: str, delimiter: str = "") -> list[str]:
    (table,) = read("a.csv", content, TextFormat(encoding, delimiter))
    assert dict(table.detected)["encoding found by"] == "the mapping"
    return list(table.rows[1].values())


def test_letters_are_decoded_with_the_stated_encoding() -> None:
    assert first_line(OPEN, "windows-1252") == ["Jahr", "Größe"]
    assert first_line("Год;Всего\n".encode("koi8-r"), "KOI8-R") == ["Год", "Всего"]
    assert first_line("Год;Всего\n".encode("utf-16"), "utf-16") == ["Год", "Всего"]
    assert first_line("Год;Всего\n".encode("utf-16-be"), "utf-16-be") == ["Год", "Всего"]


def test_byte_order_mark_is_not_read_as_text() -> None:
    assert first_line(b"\xef\xbb\xbfYear;Men\n", "utf-8") == ["Year", "Men"]


def test_short_text_is_decoded_with_the_stated_encoding() -> None:
    content = "Año;Ñ\n2022;1\n".encode("cp437")
    with pytest.raises(InputError, match="encoding"):
        read("a.csv", content)
    assert first_line(content, "ibm437") == ["Año", "Ñ"]


def test_stated_delimiter_overrides_detection() -> None:
    assert first_line(b"a;b|c;d\n1;2|3;4\n", "utf-8", "|") == ["a;b", "c;d"]


@pytest.mark.parametrize(
    ("content", "encoding", "message"),
    [
        (b"\xef\xbb\xbfYear\n1\n", "windows-1252", "begins with the mark of UTF-8"),
        (OPEN, "utf-8", "UTF-8 text except for the byte"),
        (b"a;\x81\xff\n", "shift_jis", "is not shift_jis text throughout"),
    ],
)
def test_bytes_that_contradict_are_named(content: bytes, encoding: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read("a.csv", content, TextFormat(encoding))
