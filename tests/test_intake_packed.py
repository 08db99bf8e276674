"""A message may come packed or through standard input; what is hostile or damaged is refused."""

from __future__ import annotations

import gzip
import io
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdmxmig.errors import InputError
from sdmxmig.intake.packed import read_message, unpacked


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("_", "."), content)
    return out.getvalue()


@given(
    st.binary(min_size=1, max_size=200_000).filter(lambda content: content[:2] != b"\x1f\x8b" and content[:2] != b"PK")
)
def test_packed_content_comes_back_as_it_was(content: bytes) -> None:
    assert unpacked("data.xml.gz", gzip.compress(content)) == ("data.xml", content)
    assert unpacked("data.zip", zipped(data_xml=content)) == ("data.xml", content)
    assert unpacked("data.xml", content) == ("data.xml", content)


def test_a_gzip_file_of_several_members_is_one_content() -> None:
    assert unpacked("a.gz", gzip.compress(b"one ") + gzip.compress(b"two"))[1] == b"one two"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (gzip.compress(b"0" * 200_000_000, compresslevel=9), "unpacks to more than"),
        (gzip.compress(b"a message")[:-9], "ends too early"),
        (gzip.compress(b"a message")[:12] + b"\xff" * 20, "damaged|ends too early"),
        (zipped(a_xml=b"1", b_xml=b"2"), "holds 2 files"),
        (zipped(a_xml=b"0" * 200_000_000), "unpacks to more than"),
    ],
    ids=["a bomb", "cut", "damaged", "two members", "a zip bomb"],
)
def test_what_is_hostile_or_damaged_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        unpacked("packed", content)
    assert caught.value.place is not None


def test_a_packed_file_is_read_by_its_path(tmp_path: Path) -> None:
    (tmp_path / "data.csv.gz").write_bytes(gzip.compress(b"STRUCTURE,"))
    assert read_message(tmp_path / "data.csv.gz") == ("data.csv", b"STRUCTURE,")


def test_a_message_comes_through_standard_input() -> None:
    program = "from sdmxmig.__main__ import main; import sys; sys.argv = ['sdmxmig', 'check', '-']; main()"
    content = b"STRUCTURE,STRUCTURE_ID,ACTION,FREQ,OBS_VALUE\ndataflow,X:DF_X(1.0),I,A,1\n"
    result = subprocess.run(
        [sys.executable, "-c", program], input=gzip.compress(content), capture_output=True, check=False
    )
    assert result.returncode == 0, result.stderr
    assert b"standard input: SDMX-CSV 2.0 data: not checked" in result.stdout
