"""A disk or file that fails during a command is reported by path, and the other files are still reported."""

from __future__ import annotations

import errno
import gzip
import io
import os
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import made
import pytest
from console import Console
from folders import write_files
from full_disks import needs_full

from sdmxmig.cli import run
from sdmxmig.io.intake import incoming
from sdmxmig.sdmx.formats import FORMATS, data_bytes, structure_bytes

DATA = ["sdmx-ml-2.1", "sdmx-ml-2.1-generic", "sdmx-ml-3.0", "sdmx-json-2.0", "sdmx-csv-1.0", "sdmx-csv-2.0"]
BROKEN, FULL = os.strerror(errno.EIO), os.strerror(errno.ENOSPC)
Make = Callable[[bytes, Callable[[bytes], BinaryIO]], list[str]]


class Failing(io.BytesIO):
    """A file whose disk fails after a number of bytes."""

    def __init__(self, content: bytes, after: int) -> None:
        super().__init__(content)
        self.after = after

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell() >= self.after:
            raise OSError(errno.EIO, BROKEN)
        most = self.after - self.tell()
        return super().read(most if size is None or size < 0 else min(size, most))

    read1 = read


class FailingLater(io.BytesIO):
    """A file whose disk fails on the second reading."""

    wound = 0

    def seek(self, place: int, whence: int = 0, /) -> int:
        self.wound += 1
        return super().seek(place, whence)

    def read(self, size: int | None = -1, /) -> bytes:
        if self.wound > 1:
            raise OSError(errno.EIO, BROKEN)
        return super().read(size)

    read1 = read


class Full(tempfile.SpooledTemporaryFile[bytes]):
    """A temporary file on a disk without room."""

    def write(self, _: object, /) -> int:
        raise OSError(errno.ENOSPC, FULL)


def written(name: str) -> bytes:
    """A message about a structure that is not shipped."""
    if name == "structure":
        content = structure_bytes(FORMATS["sdmx-ml-3.0"], made.ARTEFACTS, made.HEADER)
    else:
        dataset = replace(made.SMALL, action="I")
        content = data_bytes(FORMATS[name], [dataset], made.HEADER)
    return content.replace(b"DF_POP", b"DF_OWN").replace(b"DSD_STOCK", b"DSD_OWN")


@pytest.fixture
def failing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Makes three files of one content, the second of which is opened in another way; gives their paths."""

    def make(content: bytes, open_bad: Callable[[bytes], BinaryIO]) -> list[str]:
        paths = [tmp_path / name / "data" for name in ("one", "two", "three")]
        write_files(tmp_path, {f"{name}/data": content for name in ("one", "two", "three")})
        ordinary = incoming.open_file

        def open_file(path: Path) -> BinaryIO:
            monkeypatch.setattr(tempfile, "SpooledTemporaryFile", own)
            return open_bad(content) if Path(path) == paths[1] else ordinary(path)

        monkeypatch.setattr(incoming, "open_file", open_file)
        return [str(path) for path in paths]

    own = tempfile.SpooledTemporaryFile
    return make


@pytest.fixture(scope="module")
def structures(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("structures") / "structures.xml"
    path.write_bytes(written("structure"))
    return str(path)


def is_told(paths: list[str], capsys: pytest.CaptureFixture[str], reason: str) -> None:
    out, err = capsys.readouterr()
    assert "Traceback" not in out + err
    verdicts = [line for line in out.splitlines() if line.startswith((f"{paths[0]}: ", f"{paths[2]}: "))]
    assert [line.rpartition(": ")[2] for line in verdicts] == ["valid", "valid"], out + err
    assert paths[1] in out + err
    assert reason in out + err


@pytest.mark.parametrize("share", [0.0, 0.5, 0.999], ids=["at once", "in the middle", "at the end"])
@pytest.mark.parametrize("name", [*DATA, "structure"])
@pytest.mark.sampled(4)
def test_file_failing_during_reading_does_not_hide_others(
    name: str, share: float, failing: Make, structures: str, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = failing(written(name), lambda content: Failing(content, int(len(content) * share)))
    assert run(["check", *paths, "--structure", structures]) in (1, 2)
    is_told(paths, capsys, BROKEN)


@pytest.mark.parametrize("name", [*DATA, "structure"])
def test_file_failing_on_second_read_does_not_hide_others(
    name: str, failing: Make, structures: str, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = failing(written(name), FailingLater)
    assert run(["check", *paths, "--structure", structures]) in (1, 2)
    is_told(paths, capsys, BROKEN)


@pytest.mark.parametrize("name", [*DATA, "structure"])
def test_full_disk_for_one_message_does_not_hide_others(
    name: str, failing: Make, structures: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(content: bytes) -> BinaryIO:
        monkeypatch.setattr(tempfile, "SpooledTemporaryFile", Full)
        return io.BytesIO(gzip.compress(content))

    paths = failing(written(name), full)
    assert run(["check", *paths, "--structure", structures]) == 2
    is_told(paths, capsys, FULL)


@pytest.mark.parametrize("name", [*DATA, "structure"])
def test_message_failing_during_reading_is_not_transformed(
    name: str, failing: Make, structures: str, console: Console, tmp_path: Path
) -> None:
    paths = failing(written(name), lambda content: Failing(content, len(content) * 2 // 3))
    out = tmp_path / "out.xml"
    err = console.errors("transform", paths[1], "--to", "sdmx-ml-3.1", "-o", out, "--structure", structures)
    assert paths[1] in err
    assert BROKEN in err
    assert "Traceback" not in err
    assert not out.exists()


@pytest.mark.parametrize("name", [*DATA, "structure"])
def test_full_temporary_disk_is_reported_for_the_message(
    name: str, failing: Make, structures: str, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(content: bytes) -> BinaryIO:
        monkeypatch.setattr(tempfile, "SpooledTemporaryFile", Full)
        return io.BytesIO(content)

    paths = failing(written(name), full)
    out = Path(paths[0]).with_name("out.xml")
    err = console.errors("transform", paths[1], "--to", "sdmx-ml-3.1", "-o", out, "--structure", structures)
    assert paths[1] in err
    assert FULL in err
    assert not out.exists()


@needs_full
@pytest.mark.parametrize("target", ["sdmx-ml-3.1", "sdmx-csv-2.0", "sdmx-json-2.0"])
def test_result_on_a_full_disk_is_reported(target: str, tmp_path: Path, structures: str, console: Console) -> None:
    source = tmp_path / "data.xml"
    source.write_bytes(written("sdmx-ml-2.1"))
    err = console.errors("transform", source, "--to", target, "-o", "/dev/full", "--structure", structures)
    assert "/dev/full" in err
    assert FULL in err
    assert "Traceback" not in err
