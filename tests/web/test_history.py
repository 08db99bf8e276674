"""Every change of a workspace is remembered, and every one can be taken back without losing the later ones."""

from __future__ import annotations

import csv
import io
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import pytest
from console import Console
from small_validation import bare_workspace

from sdmxmig.cli import run
from sdmxmig.io.publishing.files import stage_file
from sdmxmig.workspace.tasks.history import (
    HISTORY,
    INTENT,
    KEPT,
    Step,
    hash_own_files,
    read_history,
    record_changes,
    settle,
)

AT = "2026-01-31T12:00:00+00:00"
NOTES = "mappings/notes.toml"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    folder = bare_workspace(tmp_path)
    settle(folder, AT)
    return folder


def change(folder: Path, content: str, name: str = NOTES, made_from: dict[str, str] | None = None) -> None:
    with record_changes(folder, Step(what="write", command=f"write {name}", at=AT), made_from):
        (folder / name).write_text(content)


def test_step_records_the_command_and_file_versions(place: Path) -> None:
    before = hash_own_files(place)
    change(place, "a = 1\n")
    step = read_history(place)[-1]
    assert (step.number, step.what, step.command, step.at) == (2, "write", f"write {NOTES}", AT)
    assert (dict(step.before), dict(step.after)) == ({}, {NOTES: hash_own_files(place)[NOTES]})
    assert NOTES not in before


def test_change_by_another_program_is_recorded_separately(place: Path) -> None:
    (place / NOTES).write_text("a = 1\n")
    change(place, "b = 1\n", "mappings/more.toml")
    assert [(step.what, step.files) for step in read_history(place)[1:]] == [
        ("outside", (NOTES,)),
        ("write", ("mappings/more.toml",)),
    ]


def test_interrupted_change_is_recorded_by_the_next_change(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("sdmxmig.workspace.tasks.history.write_step", killed)
        with pytest.raises(KeyboardInterrupt):
            change(place, "a = 1\n")
    settle(place, AT)
    assert [(step.what, step.files) for step in read_history(place)[1:]] == [("write", (NOTES,))]
    settle(place, AT)
    assert len(read_history(place)) == 2


def test_only_files_left_by_killed_changes_are_removed(place: Path) -> None:
    (place / KEPT).mkdir(exist_ok=True)
    intent = Step(what="write", command="write it", at=AT)
    (place / KEPT / INTENT).write_text(json.dumps(asdict(intent)))
    left = [folder / ".sdmxmig-537c586b6996-8zdy7zvd" for folder in (place, place / "tables", place / KEPT)]
    for path in left:
        path.write_text("half")
    with stage_file(place / "tables" / "new.csv", "-o FILE") as file:
        file.write(b"half")
        settle(place, AT)
        assert not any(path.exists() for path in left)
        file.write(b" and half")
    assert (place / "tables" / "new.csv").read_text() == "half and half"


def test_incomplete_last_line_is_removed(place: Path) -> None:
    change(place, "a = 1\n")
    with (place / HISTORY).open("ab") as file:
        file.write(b'{"number": 3, "wh')
    change(place, "a = 2\n")
    assert [step.number for step in read_history(place)] == [1, 2, 3]


def test_concurrent_changes_are_recorded_in_sequence(place: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: change(place, "a = 1\n", f"mappings/{n}.toml"), range(24)))
    steps = read_history(place)
    assert [step.number for step in steps] == list(range(1, 26))
    assert {step.files for step in steps[1:]} == {(f"mappings/{n}.toml",) for n in range(24)}


def test_history_command_lists_and_undoes_steps(place: Path, console: Console) -> None:
    change(place, "a = 1\n")
    assert "write" in console.output("history", place)
    assert run(["history", str(place), "--undo", "2"]) == 0
    assert not (place / NOTES).exists()
    assert read_history(place)[-1].command == f"sdmxmig history {place} --undo 2"
    assert "There is no step 99" in console.errors("history", place, "--undo", "99")


def test_json_and_csv_listings_keep_typed_text(place: Path, console: Console) -> None:
    command = "sdmxmig write 'first\u2028second'"
    with record_changes(place, Step(what="write", command=command, at=AT, by="=1+1")):
        (place / NOTES).write_text("a = 1\n")
    assert json.loads(console.output("history", place, "--format", "json"))[1]["command"] == command
    rows = list(csv.DictReader(io.StringIO(console.output("history", place, "--format", "csv"))))
    assert [row["command"] for row in rows if row["number"] == "2"] == ["sdmxmig write 'first<U+2028>second'"]
    assert {row["by"] for row in rows} == {"", "'=1+1"}
