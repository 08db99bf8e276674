"""``sdmxmig start`` with a folder of tables."""

from __future__ import annotations

import io
import shlex
from pathlib import Path

import pytest

from sdmxmig.cli import run

TABLE = "Immigrants by sex; persons\nYear,Both sexes,Men,Women\n2021,74000,42000,32000\n2022,80000,46000,34000\n"


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "my tables"
    folder.mkdir()
    (folder / "first table.csv").write_text(TABLE)
    (folder / "second.csv").write_text(TABLE)
    return folder


def test_folder_becomes_workspace_and_its_next_command_works(
    source: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(["start", source.name, "new place", "--area", "GE"]) == 0
    said = capfd.readouterr().err
    assert "first table.csv" in said
    assert "second.csv" in said
    command = shlex.split(" ".join(said.split("Next:")[1].split()))
    assert command[:3] == ["sdmxmig", "start", str(Path("new place/tables/first table.csv"))]
    monkeypatch.setattr("sys.stdin", io.StringIO("1\n3\n2\ny\n"))
    assert run(command[1:]) in {0, 1}  # 1: there are findings
    assert Path("new place/mappings/first table.toml").is_file()
    assert list(Path("new place").rglob("findings*"))


def test_unreadable_files_are_named_and_lock_files_are_ignored(source: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (source / "empty.csv").write_bytes(b"")
    (source / "old.xlsx").write_bytes(b"%PDF-1.4")
    (source / "~$first.xlsx").write_bytes(b"x")
    (source / "letter.docx").write_bytes(b"x")
    assert run(["start", source.name, "home", "--area", "Georgia"]) == 0
    said = capfd.readouterr().err
    assert "empty.csv was left out" in said
    assert "old.xlsx was left out" in said
    assert "~$" not in said
    assert sorted(path.name for path in Path("home/tables").iterdir()) == ["first table.csv", "second.csv"]


def test_starting_twice_leaves_the_workspace_and_names_status(source: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["start", source.name, "--area", "GE"]) == 0
    capfd.readouterr()
    assert run(["start", source.name, "--area", "GE"]) == 2
    assert "sdmxmig status my-tables-workspace" in " ".join(capfd.readouterr().err.split())
    assert run(["status", "my-tables-workspace"]) in {0, 1}


@pytest.mark.parametrize("area", ["GX", "Gondwana", "1"])
def test_unknown_country_writes_nothing(source: Path, area: str) -> None:
    assert run(["start", source.name, "home", "--area", area]) == 2
    assert not Path("home").exists()


def test_folder_without_tables_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "none").mkdir()
    assert run(["start", "none", "home", "--area", "GE"]) == 2
    assert not Path("home").exists()
