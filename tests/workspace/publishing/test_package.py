"""A sealed submission equals the validated data byte for byte, in every format."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from case_tables import cases_from
from console import Console
from folders import ROOT, write_files

from sdmxmig.cli import run

NOW = "2026-01-31T12:00:00+00:00"
Edit = Callable[[Path], object]


def replaced(name: str, old: str, new: str) -> Edit:
    """Replace a text in a file of the workspace, once."""

    def edit(workspace: Path) -> None:
        path = workspace / name
        text = path.read_text(encoding="utf-8")
        assert old in text, (name, old)
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return edit


def added(name: str, content: bytes = b"\n") -> Edit:
    """Write behind a file, or a new one."""

    def edit(workspace: Path) -> None:
        path = workspace / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.write(content)

    return edit


def removed(name: str) -> Edit:
    return lambda workspace: (workspace / name).unlink()


def copied(name: str, new: str) -> Edit:
    return lambda workspace: shutil.copy(workspace / name, workspace / new)


def shortened(workspace: Path) -> None:
    """Findings from which somebody has taken what the rules said."""
    path = workspace / "out/findings/findings.jsonl"
    run, *_ = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(run)


def converted_again(workspace: Path) -> None:
    assert run(["convert", str(workspace), "--now", "2026-02-01T12:00:00"]) == 0


DATA = "out/data/DF_POP"
CHANGED: dict[str, tuple[Edit, str, str]] = {
    "a figure in CSV": (replaced(f"{DATA}.csv", "3729.6", "3792.6"), "DF_POP.csv", "validate"),
    "a figure in SDMX-ML 3.0": (replaced(f"{DATA}.sdmx-ml-3.0.xml", "3729.6", "3792.6"), "ml-3.0.xml", "validate"),
    "a line feed behind the data": (added(f"{DATA}.csv"), "DF_POP.csv", "validate"),
    "the record of cells": (copied("out/data/left.parquet", f"{DATA}.origins.parquet"), "origins", "validate"),
    "the data are gone": (removed(f"{DATA}.csv"), "DF_POP.csv", "validate"),
    "a dataset came later": (copied(f"{DATA}.csv", "out/data/DF_IMM.csv"), "DF_IMM.csv", "Move it away"),
    "a form came later": (copied(f"{DATA}.sdmx-ml-3.0.xml", "out/data/DF_EMI.sdmx-ml-3.0.xml"), "DF_EMI", "Move it"),
    "the findings were shortened": (shortened, "findings.jsonl", "validate"),
    "the record of the findings is gone": (removed("out/findings/made.json"), "findings", "move that one away"),
    "the record of the data is gone": (removed("out/data/made.json"), "data", "move that one away"),
    "a figure of the table": (replaced("tables/population.csv", "3729.6", "3792.6"), "population.csv", "convert"),
    "a table came": (added("tables/new.csv", b"Year,Men\n2020,1\n"), "tables/new.csv is new", "convert"),
    "the mapping": (added("mappings/population.toml", b"# looked at\n"), "mappings/population.toml", "convert"),
    "the sender": (replaced("country.toml", '"GE1"', '"GE2"'), "country.toml", "convert"),
    "converted again": (converted_again, "DF_POP.", "validate"),
}


@pytest.mark.parametrize("case", CHANGED)
@pytest.mark.sampled(4)
def test_workspace_changed_since_validation_is_not_sealed(case: str, sealed: Path, console: Console) -> None:
    edit, named, remedy = CHANGED[case]
    before = sorted((sealed / "out" / "submission").iterdir())
    edit(sealed)
    console.readouterr()
    messages = console.errors("package", sealed, "--now", "2026-03-01T12:00:00")
    assert named in messages
    assert remedy in messages
    assert messages.count("error:") == 1
    assert sorted((sealed / "out" / "submission").iterdir()) == before


def touched(workspace: Path) -> None:
    for path in workspace.rglob("*"):
        os.utime(path, (1, 1))


HARMLESS: dict[str, Edit] = {
    "nothing": lambda _: None,
    "other times of files": touched,
    "other rights of a file": lambda workspace: (workspace / f"{DATA}.csv").chmod(0o600),
    "a letter beside the data": added("out/data/letter.txt", b"Dear colleague"),
    "a table beside the data that is no dataset": added("out/data/notes.csv", b"Year,Note\n2020,why\n"),
    "a note in the profile": added("profile.toml", b"\n# looked through\n"),
    "a remark in the readable findings": added("out/findings/findings.html", b"<!-- read -->"),
    "a file that a program puts beside an open table": added("tables/~$population.csv", b"x"),
    "a hidden file among the tables": added("tables/.DS_Store", b"x"),
    "a template": added("templates/report/words.csv", b"en,fr\n"),
    "another name of the workspace": lambda workspace: shutil.move(workspace, workspace.with_name("georgia")),
}


@pytest.mark.parametrize("case", HARMLESS)
@pytest.mark.sampled(4)
def test_harmless_change_does_not_block_sealing(case: str, sealed: Path) -> None:
    HARMLESS[case](sealed)
    (workspace,) = sealed.parent.iterdir()
    newest = (workspace / "out" / "submission" / "newest").read_text(encoding="utf-8").strip()
    assert run(["package", str(workspace), "--now", NOW]) == 0
    assert sorted(path.name for path in (workspace / "out" / "submission").iterdir()) == [newest, "newest"]
    assert run(["verify", str(workspace / "out" / "submission" / newest)]) == 0


def without_line(path: Path, text: str) -> None:
    """Remove the line of a file that has this text."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if text not in line), encoding="utf-8")


ROW = "2018,3729.6,"
DIFFERING: dict[str, tuple[Edit, str]] = {
    "a figure in CSV": (replaced(f"{DATA}.csv", ROW, "2018,3729.60,"), "OBS_VALUE"),
    "a period in CSV": (replaced(f"{DATA}.csv", ROW, "2017,3729.6,"), "2018"),
    "a figure in 3.0": (replaced(f"{DATA}.sdmx-ml-3.0.xml", "3729.6", "3729"), "OBS_VALUE"),
    "a code of the key in 2.1": (replaced(f"{DATA}.sdmx-ml-2.1.xml", 'SEX="_T"', 'SEX="F"'), "_T"),
    "a definition of the dataset in 2.1": (
        replaced(f"{DATA}.sdmx-ml-2.1.xml", 'RES_RULE="_U"', 'RES_RULE="R12"'),
        "RES_RULE",
    ),
    "an observation less in 3.0": (
        lambda workspace: without_line(workspace / f"{DATA}.sdmx-ml-3.0.xml", 'TIME_PERIOD="2020"'),
        "only DF_POP.csv has A.GE._T._T._T._T._T._T.2020",
    ),
    "what is to be done with the data in 3.0": (
        replaced(f"{DATA}.sdmx-ml-3.0.xml", 'action="Replace"', 'action="Append"'),
        "ACTION",
    ),
}


@pytest.mark.parametrize("case", DIFFERING)
@pytest.mark.sampled(4)
def test_differing_formats_are_not_sealed_after_validation(case: str, sealed: Path, console: Console) -> None:
    edit, named = DIFFERING[case]
    edit(sealed)
    assert run(["validate", str(sealed)]) in (0, 1)
    earlier_messages = console.readouterr().err
    assert "was changed since sdmxmig wrote it" in earlier_messages
    messages = console.errors("package", sealed)
    assert "disagree" in messages
    assert named in messages
    assert "sdmxmig convert" in messages


def test_submissions_are_not_replaced_and_newest_is_named(sealed: Path) -> None:
    folder = sealed / "out" / "submission"
    first = (folder / "newest").read_text(encoding="utf-8").strip()
    before = {path: path.read_bytes() for path in (folder / first).rglob("*") if path.is_file()}
    assert run(["run", str(sealed), "--now", "2026-02-28T12:00:00"]) == 0
    second = (folder / "newest").read_text(encoding="utf-8").strip()
    assert sorted(path.name for path in folder.iterdir()) == sorted([first, second, "newest"])
    assert first != second
    assert {path: path.read_bytes() for path in (folder / first).rglob("*") if path.is_file()} == before
    assert run(["run", str(sealed), "--now", NOW]) == 0  # what was sealed before is sealed in the same way again
    assert (folder / "newest").read_text(encoding="utf-8").strip() == first
    assert sorted(path.name for path in folder.iterdir()) == sorted([first, second, "newest"])


@pytest.mark.parametrize("edit", [added("manifest.json"), added("new.txt", b"x"), removed("SHA256SUMS")])
def test_changed_submission_is_refused_and_left_unchanged(edit: Edit, sealed: Path, console: Console) -> None:
    folder = sealed / "out" / "submission"
    edit(folder / (folder / "newest").read_text(encoding="utf-8").strip())
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert "was changed since it was sealed" in console.errors("package", sealed, "--now", NOW)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


@cases_from("workspace/publishing/cases/names_that_an_agency_wants_neither_meet_nor_leave_the_folder.csv")
def test_colliding_or_escaping_agency_names_are_refused(
    pattern: str, expected: str, tmp_path: Path, sealed_once: Path, console: Console
) -> None:
    workspace = tmp_path / "ge"
    shutil.copytree(sealed_once, workspace, ignore=shutil.ignore_patterns("out"))
    text = (ROOT / "structures" / "agencies" / "UNSD.toml").read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith("file_name"))
    write_files(workspace, {"structures/agencies/UNSD.toml": text.replace(line, f'file_name = "{pattern}"')})
    codes = [run([command, str(workspace)]) for command in ("convert", "validate", "package")]
    is_declared_badly = expected == "is not the name of a file"  # which is refused before anything is converted
    assert codes == ([2, 2, 2] if is_declared_badly else [0, 0, 2])
    assert expected in console.readouterr().err
    assert not (workspace / "out" / "submission").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ge"]
