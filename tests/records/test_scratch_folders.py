"""Temporary files of records are removed by the command, or by the next one after a kill."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from folders import ROOT

from sdmxmig.cli import run
from sdmxmig.workspace.tasks.record_files import PREFIX, open_scratch_folder

KEY = "9f2c4be07d61a8e35c17aa01"
WAITING = """
import sys, time
from sdmxmig.workspace.tasks import linking
from sdmxmig.cli import run
def wait(*_):
    print("at work", flush=True)
    time.sleep(120)
linking.link_prepared = wait
run(sys.argv[1:])
"""
"""`link` that stops where records are compared, and waits there."""
IDENTITIES = "record,given_name,family_name\n1,Ana,Sol\n2,Ben,Luz\n"


def at_work(folder: Path) -> subprocess.Popen[str]:
    """A linkage that is at work, with a folder of records in `folder`."""
    words = ["link", "--identities", f"a={folder / 'a.csv'}", "-o", str(folder / "of-another")]
    environment = {**os.environ, "TMPDIR": str(folder), "TEMP": str(folder), "SDMXMIG_SECRET_LINKAGE": KEY}
    child = subprocess.Popen(
        [sys.executable, "-c", WAITING, *words], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout.readline() == "at work\n"
    return child


def test_next_command_removes_files_of_a_killed_linkage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("SDMXMIG_SECRET_LINKAGE", KEY)
    (tmp_path / "a.csv").write_text(IDENTITIES, encoding="utf-8")
    (tmp_path / f"{PREFIX}of-nobody").mkdir()
    with at_work(tmp_path) as child:
        try:
            (mine,) = (path.parent for path in tmp_path.glob(f"{PREFIX}*/owner"))
            if sys.platform != "win32":
                assert mine.stat().st_mode & 0o777 == 0o700, "others may not look into it"
            (mine / "names.parquet").write_bytes(b"Ana Sol")
            words = ["link", "--identities", f"a={tmp_path / 'a.csv'}", "-o", str(tmp_path / "out")]
            assert run(words) == 0
            assert (mine / "names.parquet").exists(), "a command that is at work keeps its folder"
        finally:
            child.kill()
    assert (mine / "names.parquet").exists(), "nobody could clear away"
    assert run(words) == 0
    assert not mine.exists()
    assert (tmp_path / f"{PREFIX}of-nobody").is_dir(), "a folder that no command made"


def test_symbolic_link_in_place_of_folder_is_not_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "owner").write_bytes(b"")
    (tmp_path / "tmp" / f"{PREFIX}x").symlink_to(tmp_path / "theirs", target_is_directory=True)
    with open_scratch_folder() as folder:
        assert folder.is_dir()
    assert not folder.exists()
    assert (tmp_path / "theirs" / "owner").exists()
