"""A file named by a user is written whole and durably, or not at all; other files are not changed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from folders import ROOT
from other_systems import not_on_windows

from sdmxmig.io.publishing import files
from sdmxmig.io.publishing.files import publish_file, stage_file
from sdmxmig.primitives.errors import OutputError

ON_UNIX = not_on_windows("Windows has other files")


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())


@pytest.mark.parametrize("trouble", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_interrupted_write_leaves_the_earlier_file(tmp_path: Path, trouble: BaseException) -> None:
    path = publish_file(tmp_path / "a.csv", b"1")

    def interrupted() -> None:
        with stage_file(path, "-o FILE") as file:
            file.write(b"2")
            raise trouble

    with pytest.raises((KeyboardInterrupt, OutputError)):
        interrupted()
    assert (path.read_bytes(), names(tmp_path)) == (b"1", ["a.csv"])


def test_bytes_are_synced_before_the_file_gets_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[list[str]] = []
    monkeypatch.setattr(files.os, "fsync", lambda _: synced.append(names(tmp_path)))
    publish_file(tmp_path / "a.csv", b"1")
    (first, second) = synced  # the file, then its folder
    assert "a.csv" not in first
    assert second == ["a.csv"]


@ON_UNIX
def test_only_files_of_killed_commands_are_removed(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    program = "import os, sys\nfrom pathlib import Path\nfrom sdmxmig.io.publishing.files import stage_file\n"
    program += "with stage_file(Path(sys.argv[1]), '') as file:\n    file.write(b'half')\n    file.flush()\n"
    program += "    os._exit(9)"
    ended = subprocess.run([sys.executable, "-c", program, path], cwd=ROOT, check=False)
    assert ended.returncode == 9
    assert len(names(tmp_path)) == 1
    with stage_file(path, "-o FILE") as file:
        file.write(b"other")
        publish_file(path, b"whole")
        assert len(names(tmp_path)) == 2, "what the killed one left is gone, what is being written is there"
    assert (path.read_bytes(), names(tmp_path)) == (b"other", ["a.csv"])


@ON_UNIX
def test_pipe_or_device_is_written_without_being_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        publish_file(pipe, b"figures")
        assert os.read(reader, 100) == b"figures"
    finally:
        os.close(reader)
    assert pipe.is_fifo()
    assert names(tmp_path) == ["pipe"]


@ON_UNIX
def test_links_and_permissions_are_kept(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    target = tmp_path / "disk" / "a.csv"
    target.write_bytes(b"1")
    target.chmod(0o600)
    (tmp_path / "a.csv").symlink_to(target)
    publish_file(tmp_path / "a.csv", b"2")
    assert (tmp_path / "a.csv").is_symlink()
    assert (target.read_bytes(), target.stat().st_mode & 0o777) == (b"2", 0o600)


@ON_UNIX
def test_longest_file_name_of_the_system_is_accepted(tmp_path: Path) -> None:
    assert publish_file(tmp_path / ("x" * 255), b"1").read_bytes() == b"1"
