"""Foreign bytes: accepted content, and refusals."""

from __future__ import annotations

import io
import os
import stat
import struct
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tries import tries

from sdmxmig.io.intake.archives import Archive
from sdmxmig.io.intake.files import read_bytes, read_stream
from sdmxmig.io.intake.xml import parse_xml, stream_xml
from sdmxmig.primitives.errors import InputError


def zipped(*members: tuple[str, bytes]) -> bytes:
    result = io.BytesIO()
    with zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return result.getvalue()


def test_all_bytes_of_a_file_are_loaded(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"Year\r\n2022")
    assert read_bytes(tmp_path / "a.csv") == b"Year\r\n2022"


def test_nearest_name_is_suggested_for_missing_file(tmp_path: Path) -> None:
    (tmp_path / "population.xlsx").write_bytes(b"x")
    with pytest.raises(InputError) as caught:
        read_bytes(tmp_path / "populaton.xlsx")
    assert "Did you mean population.xlsx?" in str(caught.value)
    (tmp_path / "tables.csv").write_bytes(b"x")
    with pytest.raises(InputError) as caught:
        read_bytes(tmp_path / "tabls")  # a folder, rather than a file
    assert "Check the name and the folder." in str(caught.value)


def test_broken_link_is_not_reported_as_missing_file(tmp_path: Path) -> None:
    (tmp_path / "loop.csv").symlink_to("loop.csv")
    (tmp_path / "lost.csv").symlink_to("nowhere.csv")
    for name in ("loop.csv", "lost.csv"):
        with pytest.raises(InputError, match="This link does not lead to a file"):
            read_bytes(tmp_path / name)


def test_folders_empty_large_and_unreadable_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "large").write_bytes(b"12345")
    with pytest.raises(InputError, match="folder"):
        read_bytes(tmp_path)
    with pytest.raises(InputError, match="empty"):
        read_bytes(tmp_path / "empty")
    with pytest.raises(InputError, match="larger"):
        read_bytes(tmp_path / "large", limit=4)
    with pytest.raises(InputError):
        read_bytes(tmp_path / "no folder" / "a.csv")
    with pytest.raises(InputError):
        read_bytes("nul\0byte")
    if Path(os.devnull).exists() and not Path(os.devnull).is_file():
        with pytest.raises(InputError, match="ordinary"):
            read_bytes(os.devnull)


def test_members_of_an_archive_are_read_by_name() -> None:
    archive = Archive(zipped(("b/c.xml", b"<c/>"), ("a.txt", b"a")), "x.zip")
    assert archive.members == ("a.txt", "b/c.xml")
    assert archive.read("b/c.xml") == b"<c/>"
    with pytest.raises(InputError, match="lacks"):
        archive.read("nothing")


@pytest.mark.parametrize(
    "name", ["../a", "/a", "//a/b", "\\\\a\\b", "a/../../b", "C:\\a", "..\\a", "a:b", "a\nb", "a\x7f"]
)
def test_names_that_lead_outside_are_refused(name: str) -> None:
    with pytest.raises(InputError, match="outside"):
        Archive(zipped((name, b"")), "x.zip")


def test_archive_name_with_null_character_is_refused() -> None:
    with pytest.raises(InputError, match="outside"):
        Archive(zipped(("a.xml", b"")).replace(b"a.xml", b"a\0/.."), "x.zip")


@pytest.mark.parametrize("name", ["CON", "a/nul.txt", "Com1.tar.gz", "LPT²", "aux .xml", "conin$"])
def test_names_of_devices_are_refused(name: str) -> None:
    with pytest.raises(InputError, match="has the name of one"):
        Archive(zipped((name, b"")), "x.zip")


def test_names_that_resemble_devices_are_accepted() -> None:
    names = ("console.xml", "com10.txt", "a.con", "nulls/aux_1")
    assert Archive(zipped(*((name, b"") for name in names)), "x.zip").members == tuple(sorted(names))


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFSOCK])
def test_links_and_devices_are_refused(kind: int) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        entry = zipfile.ZipInfo("a")
        entry.create_system, entry.external_attr = 3, (kind | 0o777) << 16
        archive.writestr(entry, b"/etc/passwd")
    with pytest.raises(InputError, match="a link or device"):
        Archive(packed.getvalue(), "x.zip")


def test_archives_with_duplicates_or_passwords_are_refused() -> None:
    with pytest.raises(InputError, match="two members"):
        Archive(zipped(("\u00e9.xml", b"1"), ("e\u0301.xml", b"2")), "x.zip")
    with pytest.raises(InputError, match="two members"):
        Archive(zipped(("A.xml", b"1"), ("a.XML", b"2")), "x.zip")
    with pytest.raises(InputError, match="20001 members"):
        Archive(zipped(*((f"{number}", b"") for number in range(20_001))), "x.zip")
    content = bytearray(zipped(("a", b"a")))
    content[6] |= 1
    content[content.rindex(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(InputError, match="password"):
        Archive(bytes(content), "x.zip")


@pytest.mark.sampled(3)
def test_decompression_bomb_is_stopped_before_filling_memory() -> None:
    bomb = zipped(("a.xml", bytes(200 << 20)))
    archive = Archive(bomb, "x.zip")
    tracemalloc.start()
    started = time.process_time()
    with pytest.raises(InputError, match="100 times"):
        archive.read("a.xml")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 32 << 20
    assert time.process_time() - started < 2


def test_false_size_in_the_directory_is_detected() -> None:
    content = bytearray(zipped(("a.xml", bytes(5 << 20))))
    at = content.rindex(b"PK\x01\x02") + 24
    content[at : at + 4] = struct.pack("<I", 10)
    with pytest.raises(InputError):
        Archive(bytes(content), "x.zip").read("a.xml")


def test_malformed_xml_is_refused_with_line_and_column() -> None:
    with pytest.raises(InputError) as caught:
        parse_xml(b"<a>\n<b></a>", "a.xml")
    assert str(caught.value.place).startswith("a.xml:2:")
    assert caught.value.hint


def test_xml_is_streamed_without_namespaces_and_comments() -> None:
    class Log:
        def __init__(self) -> None:
            self.said: list[object] = []

        def start(self, tag: str, attributes: dict[str, str]) -> None:
            self.said.append((tag, attributes))

        def end(self, tag: str, text: str) -> None:
            self.said.append((tag, text))

    log = Log()
    content = b'<a xmlns="urn:x" xmlns:y="urn:y" y:b="1"><!-- no --><c>t&amp;</c></a>'
    stream_xml(read_stream(io.BytesIO(content), chunk=3), "a.xml", log)
    assert log.said == [("a", {"b": "1"}), ("c", {}), ("c", "t&"), ("a", "")]


def refusal(read: Callable[[], object]) -> InputError | None:
    """How a reader refuses, None if it reads; anything but an `InputError` is a crash."""
    try:
        read()
    except InputError as error:
        return error
    return None


SEED = zipped(("a.xml", b"<a><b>text</b></a>"), ("b.txt", b"b" * 300))


@settings(max_examples=tries(300))
@given(st.lists(st.tuples(st.integers(0, len(SEED) - 1), st.integers(0, 255)), min_size=1, max_size=6))
def test_damaged_archive_is_accepted_or_refused_without_crash(changes: list[tuple[int, int]]) -> None:
    content = bytearray(SEED)
    for position, value in changes:
        content[position] = value

    def read() -> None:
        archive = Archive(bytes(content), "x.zip")
        for member in archive.members:
            archive.read(member)

    error = refusal(read)
    assert error is None or (error.place and error.hint)


@settings(max_examples=tries(300))
@given(st.binary(max_size=60))
def test_any_bytes_are_read_as_xml_or_refused(content: bytes) -> None:
    for document in (content, b"<a>" + content + b"</a>"):
        error = refusal(lambda document=document: parse_xml(document, "a.xml"))
        assert error is None or (error.place and error.hint)


def test_document_above_10_megabytes_is_accepted() -> None:
    content = b"<a>" + (b"<b>" + b"x" * 900_000 + b"</b>") * 13 + b"</a>"
    assert len(parse_xml(content, "large.xml")) == 13
