"""An invalid request gives one message with problem, place and fix, exit code 2, and no partial files."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from case_tables import cases_from
from console import Console
from folders import ROOT
from other_systems import not_on_windows

from sdmxmig.cli import run

MAPPING = "mappings/population.toml"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """The workspace of Georgia with its population workbook only, to be spoilt."""
    source = ROOT / "examples" / "georgia"
    shutil.copytree(source, tmp_path / "ge", ignore=shutil.ignore_patterns("out", "figures", "structures"))
    for path in (tmp_path / "ge" / "mappings").glob("*.toml"):
        if path.name != "population.toml":
            path.unlink()
    return tmp_path / "ge"


def replace(file: str, old: str, new: str) -> Callable[[Path], None]:
    def spoil(workspace: Path) -> None:
        path = workspace / file
        text = path.read_text(encoding="utf-8")
        assert old in text, (old, file)
        path.write_text(text.replace(old, new), encoding="utf-8")

    return spoil


def without_names(workspace: Path) -> None:
    path = workspace / "country.toml"
    path.write_text(re.sub(r'^(name\.\w+) = ".*"', r'\1 = ""', path.read_text("utf-8"), flags=re.MULTILINE), "utf-8")


def write(file: str, content: bytes) -> Callable[[Path], None]:
    return lambda workspace: (workspace / file).write_bytes(content) and None


def cut_zip(workspace: Path) -> None:
    path = workspace / "tables" / "population.xlsx"
    path.write_bytes(path.read_bytes()[:2000])


CASES: dict[str, tuple[Callable[[Path], None], str, str]] = {
    "no such sheet": (replace(MAPPING, 'sheet = "', 'sheet = "Nowhere '), "Nowhere", "population.toml"),
    "no such anchor": (replace(MAPPING, 'anchor = "', 'anchor = "Nothing '), "Nothing", "population"),
    "unknown flow": (replace(MAPPING, '"DF_POP"', '"DF_PIP"'), "DF_PIP", "population.toml"),
    "unknown key": (replace(MAPPING, "header_rows", "heder_rows"), "heder_rows", "population.toml"),
    "not TOML": (replace(MAPPING, "[[block]]", "[[block"), "TOML", "population.toml:"),
    "file not in tables": (replace(MAPPING, "population.xlsx", "people.xlsx"), "people.xlsx", "population.toml"),
    "a text named as a workbook": (
        write("tables/population.xlsx", b"just some text, no archive\n"),
        "The file is damaged: its content does not match its suffix (.xlsx).",
        "population.xlsx",
    ),
    "an old workbook": (
        write("tables/population.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 200),
        "xlsx",
        "population.xlsx",
    ),
    "an empty file": (write("tables/population.xlsx", b""), "empty", "population.xlsx"),
    "a cut workbook": (cut_zip, "workbook", "population.xlsx"),
    "wrong encoding": (write(MAPPING, 'id = "MAPPA_Citt\xe0"'.encode("latin-1")), "UTF-8", "population.toml"),
    "no country": (lambda workspace: (workspace / "country.toml").unlink(), "country.toml", "init"),
    "unknown setting": (replace("country.toml", "area =", "aria ="), "area", "country.toml"),
    "no mapping": (lambda workspace: (workspace / MAPPING).unlink(), "mapping", "sdmxmig map"),
    "no name of a file": (replace(MAPPING, '"population.xlsx"', '""'), "no table file", "population.toml"),
    "an id that two mappings have": (
        lambda workspace: shutil.copy(workspace / MAPPING, workspace / "mappings" / "copy.toml") and None,
        "have the same id",
        "population.toml",
    ),
    "a name that is empty": (without_names, "“name” is empty", "country.toml"),
    "text of two bytes a letter": (
        lambda workspace: (
            (
                (workspace / "tables" / "population.xlsx").rename(workspace / "tables" / "p.csv")
                and replace(MAPPING, "population.xlsx", "p.csv")(workspace)
            )
            or write("tables/p.csv", "Year,Men\n2020,1\n".encode("utf-16-le"))(workspace)
        ),
        "There is no sheet “Table 1” in p.csv",
        "A text file has one sheet without a name",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_wrong_request_is_refused_in_one_message(case: str, workspace: Path, console: Console) -> None:
    spoil, named, where = CASES[case]
    spoil(workspace)
    errors = console.errors("run", workspace)
    assert named in errors
    assert where in errors
    assert errors.count("error:") == 1
    assert "Traceback" not in errors
    assert "hint:" in errors or "-->" in errors
    left = [path for path in workspace.parent.rglob("*") if path.name.startswith(".")]
    assert left == []


def test_wrong_encoding_of_a_table_is_reported_with_its_line(workspace: Path, console: Console) -> None:
    shutil.copytree(ROOT / "templates" / "workspace", workspace.parent / "new")
    table = workspace.parent / "new" / "tables" / "population.csv"
    table.write_bytes(table.read_bytes() + "Zürich,1\n".encode() + "2026,1\n\xe9t\xe9,2\n".encode("latin-1"))
    errors = console.errors("run", workspace.parent / "new")
    assert "population.csv:13" in errors
    assert "UTF-8" in errors


def test_table_in_an_older_encoding_is_decoded(workspace: Path, console: Console) -> None:
    shutil.copytree(ROOT / "templates" / "workspace", workspace.parent / "new")
    table = workspace.parent / "new" / "tables" / "population.csv"
    table.write_bytes(table.read_bytes() + "\xe9t\xe9,2\n".encode("latin-1"))
    assert "“été” is not a period" in console.output("run", workspace.parent / "new", code=1)


def test_unwritable_place_is_refused(workspace: Path, console: Console) -> None:
    (workspace / "taken").write_text("a file")
    errors = console.errors("run", workspace, "--output", workspace / "taken")
    assert "taken" in errors
    assert "-o FOLDER" in errors


OUT = {
    "the workspace itself": (".", "beside your files"),
    "its tables": ("tables", "cannot be written to tables/"),
    "below its mappings": ("mappings/results", "cannot be written to mappings/"),
    "a folder of somebody else": ("other", "was not made by sdmxmig and would be replaced"),
    "a name that is too long": ("x" * 300, "too long"),
}


@pytest.mark.parametrize("case", OUT)
def test_results_do_not_replace_foreign_files(case: str, workspace: Path, console: Console) -> None:
    out, message = OUT[case]
    thesis = workspace / "other" / "data" / "thesis.txt"
    thesis.parent.mkdir(parents=True)
    thesis.write_text("years of work")
    before = sorted(workspace.rglob("*"))
    errors = console.errors("run", workspace, "--output", workspace / out)
    assert message in errors
    assert errors.count("error:") == 1
    assert sorted(workspace.rglob("*")) == before


def test_results_replace_earlier_results_anywhere(workspace: Path) -> None:
    for _ in range(2):
        assert run(["convert", str(workspace), "--output", str(workspace.parent / "elsewhere")]) == 0


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-13-01", "yesterday"])
def test_invalid_time_is_refused_with_an_example(
    time: str, workspace: Path, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = console.errors("build", workspace, "--now", time)
    assert "is not a time.\n  hint: Write it like 2026-01-31T12:00:00." in said
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "9" * 17)
    assert "is not a time" in console.errors("build", workspace)


def test_table_given_as_a_profile_is_refused(tmp_path: Path, console: Console) -> None:
    (tmp_path / "table.csv").write_text("Year,Men\n2023,5\n")
    told = console.errors("profile", "read", tmp_path / "table.csv")
    assert "This is not a profile." in told
    assert "Name a completed form" in told


def test_file_given_as_a_workspace_is_refused(workspace: Path, console: Console) -> None:
    table = workspace / "tables" / "table.csv"
    table.parent.mkdir(exist_ok=True)
    table.touch()
    told = console.errors("build", table)
    assert "is a file, not a workspace" in told
    assert f"Name the folder of the workspace: {workspace}\n" in told
    assert "too long" in console.errors("build", "x" * 300)


@cases_from("cli/cases/each_refusal_names_a_way_on.csv")
def test_each_refusal_suggests_a_remedy(
    words: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, console: Console
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sdmxmig.workspace.tasks.drafts.publish_file", refuse)
    Path("table.csv").write_text("Immigrants; persons\nYear,Total\n2021,74\n2022,80\n")
    assert run(["init", "home"]) == 0
    monkeypatch.setattr("sdmxmig.workspace.results.open_transaction", refuse)
    assert said in console.errors(*words.split())


def test_missing_structure_of_the_data_is_requested(tmp_path: Path, console: Console) -> None:
    data = tmp_path / "tourism.csv"
    head = "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,REF_AREA,TIME_PERIOD,OBS_VALUE"
    data.write_text(f"{head}\ndataflow,OFFICE:DF_TOURISM(1.0.0),R,A,GE,2022,179778\n", "utf-8")
    assert "hint: Give the structure of the data with --structure FILE.\n" in console.errors("validate", data)


def test_demo_does_not_run_another_workspace(workspace: Path, console: Console) -> None:
    assert "not empty" in console.errors("demo", workspace, "--example", "sweden")


SPOILT = {
    "DF_POP.origins.parquet": "not what sdmxmig wrote",
    "conversion.jsonl": "not what sdmxmig wrote",
    "DF_POP.csv": "DF_POP.csv",
}


def test_damaged_results_of_an_earlier_step_are_named(workspace: Path, console: Console) -> None:
    assert run(["convert", str(workspace)]) == 0
    for file, message in SPOILT.items():
        path = workspace / "out" / "data" / file
        whole = path.read_bytes()
        path.write_bytes(b"junk")
        assert message in console.errors("validate", workspace)
        path.write_bytes(whole)
    assert run(["validate", str(workspace)]) == 0


def test_findings_of_earlier_data_are_not_packaged(workspace: Path, console: Console) -> None:
    for year, command in (("2025", "convert"), ("2025", "validate"), ("2026", "convert")):
        assert run([command, str(workspace), "--now", f"{year}-01-31T12:00:00"]) == 0
    assert "was changed since the data were validated" in console.errors("package", workspace)


@pytest.mark.parametrize("names", [("pob\u00e9.xlsx", "pobe\u0301.xlsx"), ("Table [1].xlsx", "Table [1].xlsx")])
def test_table_is_found_in_any_unicode_form_of_its_name(names: tuple[str, str], workspace: Path) -> None:
    written, stored = names
    replace(MAPPING, "population.xlsx", written)(workspace)
    (workspace / "tables" / "population.xlsx").rename(workspace / "tables" / stored)
    assert run(["convert", str(workspace)]) == 0


@pytest.mark.parametrize("command", ["package", "report"])
def test_step_without_its_input_names_the_command_to_run_first(command: str, workspace: Path, console: Console) -> None:
    assert "Run first: sdmxmig" in console.errors(command, workspace)


@cases_from("cli/cases/unknown_command_names_the_commands_for_that_word.csv")
def test_unknown_command_names_the_commands_for_that_word(words: str, said: str, console: Console) -> None:
    assert said in console.errors(*words.split())


class PanicException(BaseException):
    """The kind of error that a Rust library raises: not a subclass of Exception."""


@pytest.mark.parametrize("trouble", [ZeroDivisionError, PanicException])
def test_internal_error_is_saved_without_showing_a_traceback(
    trouble: type[BaseException],
    workspace: Path,
    console: Console,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    def fail(_: object) -> None:
        raise trouble

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("sdmxmig.catalogue.sort_structures", fail)
    errors = console.errors("build", workspace, code=3)
    assert "Traceback" not in errors
    (saved,) = tmp_path.glob("sdmxmig-bug-*.json")
    assert trouble.__name__ in saved.read_text(encoding="utf-8")


def test_unwritable_folder_is_reported_once(workspace: Path, console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("sdmxmig.io.publishing.folders.write_all", refuse)  # whoever runs the tests may have all rights
    errors = console.errors("run", workspace)
    assert "cannot be written to" in errors
    assert "-o FOLDER" in errors
    assert errors.count("error:") == 1
    assert not [path for path in (workspace / "out").rglob("*") if path.is_file()]


@pytest.mark.usefixtures("readable_reports")
@pytest.mark.usefixtures("readable_reports")
def test_init_creates_a_workspace_without_overwriting_files(tmp_path: Path) -> None:
    assert run(["init", str(tmp_path / "new")]) == 0
    assert run(["run", str(tmp_path / "new")]) == 0
    assert (tmp_path / "new" / "out" / "report-draft.en.html").is_file()
    assert run(["init", str(tmp_path / "new")]) == 2


@not_on_windows("signals differ")
def test_ctrl_c_leaves_no_incomplete_file(workspace: Path) -> None:
    program = "import os, signal, sys; from sdmxmig.cli import run\n"
    program += "os.fsync = lambda _: os.kill(os.getpid(), signal.SIGINT)\n"  # when the first file is half on the disk
    program += "sys.exit(run(['convert', sys.argv[1]]))"
    result = subprocess.run(
        [sys.executable, "-c", program, str(workspace)], capture_output=True, text=True, check=False
    )
    assert result.returncode == 2
    assert "Stopped" in result.stderr
    assert "Traceback" not in result.stderr
    out = workspace / "out"
    assert [path for path in out.rglob("*") if path.is_file()] == []
