"""Messages can be compressed or come through standard input; hostile or damaged ones are refused."""

from __future__ import annotations

import gzip
import io
import os
import subprocess
import sys
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from console import Console
from folders import TESTS
from hypothesis import given
from hypothesis import strategies as st

from sdmxmig.cli import run
from sdmxmig.cli.terminal import UNCHECKED
from sdmxmig.io.intake.incoming import STREAM_LIMIT, Deadline, Incoming, open_message, read_message
from sdmxmig.primitives.errors import InputError

MIB = 1 << 20


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("_", "."), content)
    return out.getvalue()


class Pipe(io.RawIOBase):
    """An open file that cannot be wound back, and gives a few bytes at a time."""

    def __init__(self, content: bytes, size: int = 7) -> None:
        self._content, self._size = io.BytesIO(content), size

    def read(self, size: int = -1) -> bytes:
        return self._content.read(self._size)

    def seekable(self) -> bool:
        return False


@given(
    st.binary(min_size=1, max_size=200_000).filter(
        lambda content: not content.startswith((b"\x1f\x8b", b"PK", b"\xd0\xcf\x11\xe0"))
    )
)
def test_compressed_content_is_unpacked_unchanged(content: bytes) -> None:
    packed = {"data.xml.gz": gzip.compress(content), "data.zip": zipped(data_xml=content), "data.xml": content}
    for name, given_bytes in packed.items():
        assert read_message(io.BytesIO(given_bytes), name) == ("data.xml", content)


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lambda content: zipped(a_xml=content)])
def test_compressed_message_is_read_from_a_pipe(pack: object) -> None:
    content = os.urandom(5_000)
    assert read_message(Pipe(pack(content)), "a.xml")[1] == content  # type: ignore[operator, arg-type]


def test_gzip_file_of_several_members_is_read_as_one() -> None:
    assert read_message(io.BytesIO(gzip.compress(b"one ") + gzip.compress(b"two")), "a.gz")[1] == b"one two"
    assert read_message(io.BytesIO(gzip.compress(b"one") + bytes(1024)), "a.gz")[1] == b"one", "filled up with zeros"


@pytest.mark.parametrize("pack", [gzip.compress, lambda zeros: zipped(a_xml=zeros)], ids=["gzip", "zip"])
def test_decompression_bomb_is_refused(pack: Callable[[bytes], bytes]) -> None:
    with pytest.raises(InputError, match="unpacks to more than 300 times") as caught:
        read_message(io.BytesIO(pack(b"0" * 200_000_000)), "packed")
    assert caught.value.place is not None
    assert caught.value.hint


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (gzip.compress(b"a message")[:-9], "ends too early"),
        (gzip.compress(b"a message")[:-1], "ends too early"),
        (gzip.compress(b"a message")[:12] + b"\xff" * 20, "damaged|ends too early"),
        (gzip.compress(b"a message") + b"and more", "damaged"),
        (gzip.compress(b"a message")[:-8] + b"12345678", "damaged"),
        (zipped(a_xml=b"1", b_xml=b"2"), "contains 2 files"),
        (zipped(a_xml=b"a message")[:-30], "damaged"),
        (gzip.compress(b""), "empty"),
        (zipped(a_xml=b""), "empty"),
        (b"", "empty"),
    ],
    ids=[
        "cut",
        "cut in its last byte",
        "damaged",
        "with something behind",
        "wrong sum",
        "two members",
        "a cut zip",
        "packed nothing",
        "zipped nothing",
        "nothing",
    ],
)
def test_hostile_or_damaged_content_is_refused(content: bytes, expected: str) -> None:
    with pytest.raises(InputError, match=expected) as caught:
        read_message(io.BytesIO(content), "packed")
    assert caught.value.place is not None
    assert caught.value.hint


def refusal(content: bytes) -> InputError | None:
    """The refusal of a message, None if accepted; anything but an `InputError` is a crash."""
    try:
        read_message(io.BytesIO(content), "packed")
    except InputError as error:
        return error
    return None


@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=4), st.booleans())
def test_damaged_compressed_files_are_unpacked_or_refused(changes: list[tuple[int, int]], gz: bool) -> None:
    text = b"STRUCTURE,STRUCTURE_ID,ACTION" * 20
    content = bytearray(gzip.compress(text) if gz else zipped(a_csv=text))
    for position, value in changes:
        content[position % len(content)] = value
    error = refusal(bytes(content))
    assert error is None or (error.place and error.hint)


def test_zip_with_endless_directory_is_refused_early() -> None:
    content = bytearray(zipped(a_xml=b"a"))
    entry = bytes(content[content.rindex(b"PK\x01\x02") : content.rindex(b"PK\x05\x06")])
    start, many = content.rindex(b"PK\x01\x02"), 200_000
    end = bytearray(content[content.rindex(b"PK\x05\x06") :])
    end[12:16] = (len(entry) * many).to_bytes(4, "little")
    hostile = bytes(content[:start]) + entry * many + bytes(end)
    tracemalloc.start()
    with pytest.raises(InputError, match="damaged"):
        read_message(io.BytesIO(hostile), "a.zip")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 16 * MIB


@pytest.mark.sampled(3)
def test_large_message_needs_little_memory() -> None:
    row = b"dataflow,SDMXMIG:DF_POP(1.0),I,%d,1\n"
    text = b"".join(row % number for number in range(1_500_000))
    packed = {"a.csv.gz": gzip.compress(text, 1), "a.zip": zipped(a_csv=text), "a.csv": text}
    for name, content in packed.items():
        tracemalloc.start()
        with open_message(io.BytesIO(content), name) as (file_name, stream):
            assert file_name == "a.csv"
            read = sum(len(piece) for piece in iter(lambda stream=stream: stream.read(MIB), b""))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert read == len(text)
        assert peak < 8 * MIB


def test_only_requested_pieces_are_loaded() -> None:
    taken = []

    def pieces() -> Iterator[bytes]:
        for number in range(10):
            taken.append(number)
            yield bytes([number]) * 10

    message = Incoming(pieces(), "a")
    assert message.read(15) == bytes([0] * 10 + [1] * 5)
    assert taken == [0, 1]


@given(st.lists(st.binary(max_size=9), max_size=6), st.lists(st.tuples(st.booleans(), st.integers(0, 12)), max_size=8))
def test_peeked_bytes_are_returned_by_reading(pieces: list[bytes], steps: list[tuple[bool, int]]) -> None:
    whole, message, position = b"".join(pieces), Incoming([piece for piece in pieces if piece], "a"), 0
    for looks, size in steps:
        expected = whole[position : position + size]
        if looks:
            with message.looking_ahead():
                assert message.read(size) == expected
        else:
            assert message.read(size) == expected
            position += len(expected)
    assert message.read() == whole[position:]


def drained(content: bytes, name: str, limit: int = STREAM_LIMIT, deadline: Deadline | None = None) -> None:
    with open_message(io.BytesIO(content), name, limit=limit, deadline=deadline) as (_, stream):
        while stream.read(MIB):
            pass


def test_message_beyond_the_size_limit_is_refused() -> None:
    drained(gzip.compress(os.urandom(2 * MIB)), "a.gz", limit=2 * MIB)
    with pytest.raises(InputError, match="larger than 2 MiB"):
        drained(gzip.compress(os.urandom(2 * MIB + 1)), "a.gz", limit=2 * MIB)


def test_message_that_takes_too_long_is_refused_with_remedy() -> None:
    time = iter(range(0, 1_000, 50))
    with pytest.raises(InputError, match="ignored after 2 minutes") as caught:
        drained(bytes(9 * MIB), "a.csv", deadline=Deadline(120, clock=lambda: next(time)))
    assert str(caught.value.place) == "a.csv"
    assert "Split" in caught.value.hint
    assert next(time) == 200, "it was refused at the first look after the end"


def test_compressed_file_without_content_times_out() -> None:
    """A gzip file may begin with a name of any length, from which nothing comes."""
    time = iter(range(10_000))
    packed = bytes([0x1F, 0x8B, 8, 8, 0, 0, 0, 0, 0, 3]) + b"n" * 200 * MIB
    with pytest.raises(InputError, match="ignored after 100 seconds"):
        drained(packed, "a.gz", deadline=Deadline(100, clock=lambda: next(time)))


def test_compressed_file_is_read_by_path(tmp_path: Path) -> None:
    (tmp_path / "data.csv.gz").write_bytes(gzip.compress(b"STRUCTURE,"))
    assert read_message(tmp_path / "data.csv.gz") == ("data.csv", b"STRUCTURE,")


def test_nearest_name_is_suggested_for_missing_file(tmp_path: Path) -> None:
    (tmp_path / "data.csv.gz").write_bytes(gzip.compress(b"STRUCTURE,"))
    with pytest.raises(InputError, match=r"Did you mean data\.csv\.gz"), open_message(tmp_path / "dat.csv.gz"):
        pass


@pytest.mark.sampled(3)
def test_message_is_read_from_standard_input() -> None:
    program = "from sdmxmig.__main__ import main; import sys; sys.argv = ['sdmxmig', 'check', '-']; main()"
    content = b"STRUCTURE,STRUCTURE_ID,ACTION,FREQ,OBS_VALUE\ndataflow,X:DF_X(1.0),I,A,1\n"
    result = subprocess.run(
        [sys.executable, "-c", program], input=gzip.compress(content), capture_output=True, check=False
    )
    assert result.returncode == UNCHECKED, result.stderr  # there is no structure to check it by
    assert b"standard input: SDMX-CSV 2.0 or 2.1 data, 1 observation: not all checked" in result.stdout


WORKBOOKS = TESTS / "conversion" / "workbooks" / "twins"


@pytest.mark.parametrize("suffix", ["xlsx", "xls", "ods"])
def test_workbook_in_place_of_message_is_reported(suffix: str) -> None:
    with pytest.raises(InputError, match="This is a workbook, not an SDMX message") as caught:
        read_message(WORKBOOKS / f"all_kinds.{suffix}")
    assert "sdmxmig convert" in caught.value.hint


def word_document() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("word/document.xml", "<document/>")
        archive.writestr("[Content_Types].xml", "<Types/>")
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "named"),
    [(b"%PDF-1.7\n", "a PDF document"), (b"\x89PNG\r\n", "a picture"), (word_document(), "a Word document")],
)
def test_other_document_is_named_in_the_refusal(content: bytes, named: str, tmp_path: Path, console: Console) -> None:
    file = tmp_path / "message"
    file.write_bytes(content)
    assert run(["check", str(file)]) == 2
    assert f"This is {named}, not an SDMX message" in "".join(console.readouterr())
