"""Unusual requests: wrong places, wrong names, closed streams. Each gives one message without data loss."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from case_tables import cases_from
from console import Console
from folders import ROOT
from full_disks import needs_full
from other_systems import not_on_windows

from sdmxmig.cli import run
from sdmxmig.io.publishing.folders import publish_folder


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in: a small workspace, a letter, an empty folder and the data of another country."""
    shutil.copytree(ROOT / "templates" / "workspace", tmp_path / "ws")
    (tmp_path / "letter.txt").write_text("Dear colleague,\n", encoding="utf-8")
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@cases_from("cli/cases/a_strange_request_is_one_message_and_changes_nothing.csv")
def test_odd_request_is_refused_without_changing_files(
    command: str, said: str, next_step: str, place: Path, console: Console
) -> None:
    (place / "empty.xlsx").mkdir()
    before = {path: path.read_bytes() if path.is_file() else b"" for path in place.rglob("*")}
    arguments = command.split()
    errors = console.errors(*[*arguments, "two words"] if arguments[-1] == "--new-flow" else arguments)
    assert said in errors
    assert next_step in errors
    assert errors.count("error:") == 1
    assert {path: path.read_bytes() if path.is_file() else b"" for path in place.rglob("*")} == before


def test_every_workspace_in_a_folder_is_named(place: Path, console: Console) -> None:
    shutil.copytree(place / "ws", place / "other")
    assert "other, ws" in console.errors("run")


@pytest.mark.parametrize("command", ["map letter.txt --area GE", "check letter.txt", "run ws"])
def test_locked_file_is_refused_with_a_remedy(
    command: str, place: Path, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked, ordinary = {"letter.txt", *(path.name for path in (place / "ws" / "tables").iterdir())}, Path.open

    def open_file(path: Path, *options: Any, **more: Any) -> Any:
        if path.name in locked:
            raise PermissionError(13, "Permission denied", str(path))
        return ordinary(path, *options, **more)

    monkeypatch.setattr(Path, "open", open_file)
    monkeypatch.setattr(os, "access", lambda path, *_, **__: Path(path).name not in locked)
    assert "close it" in console.errors(*command.split())


def test_form_that_may_be_filled_in_is_not_overwritten(place: Path, console: Console) -> None:
    ask = ["questionnaire", "make", "DF_POP", "--area", "GE", "--years", "2020"]
    for command, file in ((["profile", "form", "--area", "GE"], "profile-GE.xlsx"), (ask, "DF_POP.GE.xlsx")):
        (place / file).write_bytes(b"two weeks of work")
        assert "-o FILE" in console.errors(*command)
        assert (place / file).read_bytes() == b"two weeks of work"


def test_profile_is_written_to_an_existing_or_new_folder(place: Path) -> None:
    for folder in ("empty", "new"):
        assert run(["profile", "read", "ws/profile.toml", "-o", folder]) == 0
        assert (place / folder / "profile.toml").is_file()
    assert run(["profile", "read", "ws/profile.toml", "-o", "mine.toml"]) == 0
    assert (place / "mine.toml").is_file()


def test_data_of_another_dataflow_are_refused_by_name(place: Path, console: Console) -> None:
    assert run(["convert", "ws"]) == 0
    data = "ws/out/data/DF_POP.csv"
    console.readouterr()
    assert "data of DF_ASSESS" in console.errors("profile", "read", data)
    assert run(["questionnaire", "make", "DF_BIRTHS", "--area", "GE", "--years", "2020", "--data", data]) == 2
    assert "data of DF_BIRTHS" in console.readouterr().err
    assert run(["questionnaire", "correct", "--workspace", "ws", "--data", data]) == 0
    assert "no file was written" in console.readouterr().err
    (place / "ws" / "out" / "data" / "left.parquet").write_bytes(b"junk")
    assert "not what sdmxmig wrote" in console.errors("trace", "ws", "--usage")


def test_link_to_a_folder_of_results_is_kept(place: Path) -> None:
    (place / "disk").mkdir()
    (place / "site").symlink_to(place / "disk")
    files, notes = publish_folder(Path("site"), "docs", {"a.csv": b"1"}, maker="a test", option="-o FOLDER")
    assert (files, notes) == ([Path("site/a.csv")], [])
    assert (place / "site").is_symlink()
    assert (place / "disk" / "a.csv").read_bytes() == b"1"
    assert not [path for path in place.iterdir() if path.name.startswith(".")]


@not_on_windows("names are text there")
def test_table_with_undecodable_name_is_refused(place: Path, console: Console) -> None:
    (place / "ws" / "tables" / "population.csv").rename(place / "ws" / "tables" / os.fsdecode(b"pop\xe9.csv"))
    assert "Rename it" in console.errors("convert", "ws")


@not_on_windows("streams differ")
@pytest.mark.parametrize(
    ("streams", "code"),
    [
        (">&-", 0),
        ("2>&-", 0),
        ("| true", 0),
        pytest.param("> /dev/full", 2, marks=needs_full),
        pytest.param("2> /dev/full", 0, marks=needs_full),
    ],
)
def test_streams_that_are_closed_or_full_end_without_a_traceback(streams: str, code: int, place: Path) -> None:
    command = f"{sys.executable} -m sdmxmig show SDMX:CL_SEX {streams}"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(["sh", "-c", command], env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == code
    assert "Traceback" not in ended.stderr
    assert ended.stderr.count("error:") == (code == 2)
