"""Everything that a stage writes appears at once, or not at all."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from sdmxmig.cli import publishing
from sdmxmig.errors import OutputError


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_a_folder_holds_what_was_published_last(tmp_path: Path) -> None:
    publishing.publish(tmp_path / "data", {"a.csv": b"1", "old.csv": b"2"})
    publishing.publish(tmp_path / "data", {"a.csv": b"3", "sub/b.csv": b"4"})
    assert names(tmp_path) == ["data/a.csv", "data/sub/b.csv"]
    assert (tmp_path / "data" / "a.csv").read_bytes() == b"3"


@pytest.mark.parametrize("trouble", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_an_interrupted_write_leaves_the_earlier_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: BaseException
) -> None:
    publishing.publish(tmp_path / "data", {"a.csv": b"1"})
    written = Path.write_bytes

    def fail_at_second(path: Path, content: bytes) -> int:
        if path.name == "b.csv":
            raise trouble
        return written(path, content)

    monkeypatch.setattr(Path, "write_bytes", fail_at_second)
    with pytest.raises((KeyboardInterrupt, OutputError)):
        publishing.publish(tmp_path / "data", {"a.csv": b"2", "b.csv": b"3"})
    assert names(tmp_path) == ["data/a.csv"]
    assert (tmp_path / "data" / "a.csv").read_bytes() == b"1"


def test_an_interrupt_between_the_two_renamings_brings_the_earlier_result_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publishing.publish(tmp_path / "data", {"a.csv": b"1"})
    renamed = Path.replace

    def interrupt(path: Path, target: Path) -> Path:
        if path.name.startswith(".data-") and Path(target).name == "data" and not path.name.endswith("-old"):
            raise KeyboardInterrupt
        return renamed(path, target)

    monkeypatch.setattr(Path, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        publishing.publish(tmp_path / "data", {"a.csv": b"2"})
    assert names(tmp_path) == ["data/a.csv"]
    assert (tmp_path / "data" / "a.csv").read_bytes() == b"1"


def test_a_place_that_is_a_file_is_refused_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file, not a folder")
    with pytest.raises(OutputError) as caught:
        publishing.publish(tmp_path / "out" / "data", {"a.csv": b"1"})
    assert "--out" in caught.value.hint


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="needs a user without all rights")
def test_a_read_only_folder_is_refused_with_a_remedy(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(OutputError, match="cannot be written to"):
            publishing.publish(tmp_path / "data", {"a.csv": b"1"})
    finally:
        tmp_path.chmod(0o700)


def test_one_file_is_whole_or_absent(tmp_path: Path) -> None:
    path = publishing.publish_file(tmp_path / "report.html", b"new")
    assert path.read_bytes() == b"new"
    assert names(tmp_path) == ["report.html"]
    publishing.withdraw(path)
    assert names(tmp_path) == []


@pytest.mark.skipif(sys.platform == "win32", reason="there are no named pipes")
def test_a_pipe_or_device_is_written_to_and_stays_one(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        publishing.publish_file(pipe, b"figures")
        assert os.read(reader, 100) == b"figures"
    finally:
        os.close(reader)
    assert pipe.is_fifo()
    assert names(tmp_path) == []
