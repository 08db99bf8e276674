"""Results of a workspace are consistent; a failed run keeps the earlier ones and lists the outdated ones."""

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
from folders import ROOT, write_files

from sdmxmig.cli import run
from sdmxmig.workspace.results import KINDS, OUTDATED, Results

LATER = "2026-02-28T12:00:00"
Edit = Callable[[Path], object]
TABLE, MAPPING = "tables/population.csv", "mappings/population.toml"


def replaced(name: str, old: str, new: str) -> Edit:
    def edit(workspace: Path) -> None:
        text = (workspace / name).read_text(encoding="utf-8")
        assert old in text, (name, old)
        (workspace / name).write_text(text.replace(old, new, 1), encoding="utf-8")

    return edit


def written(name: str, content: bytes) -> Edit:
    return lambda workspace: write_files(workspace, {name: content})


def state(workspace: Path) -> dict[str, bytes]:
    out = workspace / "out"
    files = [path for path in out.rglob("*") if path.is_file() and path not in (out / OUTDATED, out / "made.json")]
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in files}


def outdated(workspace: Path) -> dict[str, str]:
    """The results that are named as older, with the reason."""
    path = workspace / "out" / OUTDATED
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return dict(line.removeprefix("- ").split(": ", 1) for line in lines if line.startswith("- "))


ALL_BUT_STRUCTURES = ["data", "findings", "submission", "assessment", "report"]
ALL = [*ALL_BUT_STRUCTURES, "structures"]
FAILING: dict[str, tuple[Edit, list[str], str]] = {
    "a typing error in a mapping": (replaced(MAPPING, "anchor = ", "anchr = "), ALL_BUT_STRUCTURES, MAPPING),
    "an anchor that is not there": (replaced(MAPPING, 'anchor = "', 'anchor = "No '), ALL_BUT_STRUCTURES, MAPPING),
    "no mapping": (lambda workspace: (workspace / MAPPING).unlink(), ALL_BUT_STRUCTURES, f"{MAPPING} is gone"),
    "a mapping of another flow": (replaced(MAPPING, '"DF_POP"', '"DF_PIP"'), ALL_BUT_STRUCTURES, MAPPING),
    "no table": (lambda workspace: (workspace / TABLE).unlink(), ALL_BUT_STRUCTURES, f"{TABLE} is gone"),
    "an empty table": (written(TABLE, b""), ALL_BUT_STRUCTURES, f"{TABLE} was changed"),
    "a table of other bytes": (written(TABLE, b"\x00\x01\x02" * 99), ALL_BUT_STRUCTURES, f"{TABLE} was changed"),
    "a mistake in country.toml": (replaced("country.toml", "area =", "aria ="), ALL, "country.toml"),
    "country.toml is no TOML": (written("country.toml", b"[["), ALL, "country.toml was changed"),
    "a codelist that is none": (written("codelists/GE1/CL_X.1.0.csv", b"x\n"), ALL, "CL_X.1.0.csv is new"),
    "a folder that declares nothing": (written("structures/rule/x.toml", b"x"), ALL, "rule/x.toml is new"),
    "a profile with a mistake": (
        replaced("profile.toml", "[items.", "[items.X"),
        ["assessment", "report"],
        "profile.toml was changed",
    ),
}
MADE_NEW = {"a profile with a mistake": ("data", "structures", "findings", "submission")}
"""What a run has made whole before it fails."""


@pytest.mark.parametrize("case", FAILING)
@pytest.mark.sampled(4)
def test_failed_run_keeps_and_marks_earlier_results(case: str, sealed: Path, console: Console) -> None:
    edit, older, why = FAILING[case]
    before = state(sealed)
    assert outdated(sealed) == {}
    edit(sealed)
    console.readouterr()
    assert run(["run", str(sealed), "--now", LATER]) == 2
    after = state(sealed)
    new = MADE_NEW.get(case, ())
    unchanged = {name: content for name, content in before.items() if name.split("/")[0] not in new}
    assert {name: after.get(name) for name in unchanged} == unchanged
    older_results = outdated(sealed)
    assert [*older_results] == [name for name in KINDS if name in older]
    assert any(why in reason for reason in older_results.values())
    assert not list((sealed / "out").glob(".*"))
    messages = console.readouterr().err
    assert messages.count("✓") == messages.count("✓ written") == bool(new), "a tick is a promise"


def test_results_completed_before_a_failure_are_kept(sealed: Path) -> None:
    before = state(sealed)
    FAILING["a profile with a mistake"][0](sealed)
    assert run(["run", str(sealed), "--now", LATER]) == 2
    after = state(sealed)
    assert after["data/DF_POP.sdmx-ml-3.0.xml"] != before["data/DF_POP.sdmx-ml-3.0.xml"]
    assert after["findings/findings.html"] != before["findings/findings.html"]
    assert after["assessment.json"] == before["assessment.json"]
    newest = after["submission/newest"].decode().strip()
    assert newest.encode() != before["submission/newest"].strip()
    assert run(["verify", str(sealed / "out" / "submission" / newest)]) == 0


def test_data_with_errors_make_dependent_results_outdated(sealed: Path) -> None:
    before = state(sealed)
    replaced(TABLE, "3729.6", "many")(sealed)
    assert run(["run", str(sealed), "--now", LATER]) == 1
    after = state(sealed)
    assert outdated(sealed).keys() == {"submission", "assessment", "report"}
    assert {name for name in after if after[name] != before.get(name)} >= {"data/DF_POP.csv", "findings/findings.jsonl"}
    for name in ("submission/newest", "assessment.json", "profile.csv", "report-draft.en.html"):
        assert after[name] == before[name]
    replaced(TABLE, "many", "3729.6")(sealed)
    assert run(["run", str(sealed), "--now", LATER]) == 0
    assert outdated(sealed) == {}


def test_trace_reports_outdated_data(sealed: Path, console: Console) -> None:
    replaced("country.toml", 'sender = "', 'sender = "X')(sealed)
    messages = console.errors("trace", sealed, "--usage", code=0)
    assert "data is older than its sources" in messages
    assert "country.toml: message.sender was changed" in messages


@pytest.mark.parametrize("command", ["validate", "assess", "accounts"])
def test_commands_convert_changed_tables_before_writing(command: str, sealed: Path) -> None:
    replaced(TABLE, "3729.6", "3729.7")(sealed)
    assert run([command, str(sealed)]) in (0, 1)
    assert "3729.7" in (sealed / "out" / "data" / "DF_POP.csv").read_text(encoding="utf-8")
    assert not Results(sealed, sealed / "out").older("data")


def test_report_on_outdated_assessment_is_refused_with_a_hint(sealed: Path, console: Console) -> None:
    before = state(sealed)
    replaced(TABLE, "3729.6", "3729.7")(sealed)
    refusal = console.errors("report", sealed)
    assert "assessment is older than its sources" in refusal
    assert state(sealed) == before
    commands = re.findall(r"sdmxmig (\w+) ", refusal.partition("hint:")[2])
    assert commands == ["convert", "validate", "assess"]
    assert all(run([command, str(sealed), "--now", LATER]) in (0, 1) for command in commands)
    assert run(["report", str(sealed), "--now", LATER]) == 0
    assert not outdated(sealed).keys() & {"data", "findings", "assessment", "report"}


def test_outdated_results_name_the_command_to_run(sealed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replaced(TABLE, "3729.6", "many")(sealed)
    assert run(["run", str(sealed), "--now", LATER]) == 1
    said = (sealed / "out" / "outdated.txt").read_text(encoding="utf-8")
    assert "Correct the errors first" in said
    replaced(TABLE, "many", "3729.6")(sealed)
    monkeypatch.chdir(sealed.parent)
    assert run([*said.partition("workspace: sdmxmig ")[2].splitlines()[0].split(), "--now", LATER]) == 0
    assert not (sealed / "out" / "outdated.txt").exists()


@pytest.mark.parametrize(
    "command",
    [
        *("validate", "package", "report", "run"),
        *(pytest.param(command, marks=pytest.mark.long) for command in ("convert", "assess", "build")),
    ],
)
def test_current_results_are_not_reported_as_outdated(command: str, sealed: Path, console: Console) -> None:
    assert "older" not in console.errors(command, sealed, "--now", "2026-01-31T12:00:00+00:00", code=0)
    assert outdated(sealed) == {}


def test_single_step_makes_dependent_results_outdated(sealed: Path) -> None:
    assert run(["convert", str(sealed), "--now", LATER]) == 0
    assert outdated(sealed).keys() == {"findings", "submission", "assessment", "report"}
    assert run(["validate", str(sealed), "--now", LATER]) == 0
    assert outdated(sealed).keys() == {"submission", "assessment", "report"}
    for command in ("package", "assess", "report"):
        assert run([command, str(sealed), "--now", LATER]) == 0
    assert outdated(sealed) == {}


def test_inputs_changed_meanwhile_stop_a_run(sealed: Path, monkeypatch: pytest.MonkeyPatch, console: Console) -> None:
    before = state(sealed)
    from sdmxmig.conversion import convert as conversion

    convert = conversion.convert

    def meanwhile(*arguments: object, **options: object) -> object:
        replaced(TABLE, "3729.6", "3729.7")(sealed)
        monkeypatch.undo()
        return convert(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(conversion, "convert", meanwhile)
    messages = console.errors("convert", sealed, "--now", LATER)
    assert f"While this command was running, {TABLE} was changed" in messages
    assert "Run it again" in messages
    assert state(sealed) == before


def test_translated_texts_are_kept_when_a_report_is_written(sealed: Path) -> None:
    (sealed / "out" / "untranslated-fr.csv").write_bytes(b"en,form,fr\nYear,,An\n")
    assert run(["report", str(sealed), "--language", "fr"]) == 0
    kept_reports = [path for path in (sealed / "out").glob("untranslated-fr*") if b"Year,,An" in path.read_bytes()]
    assert kept_reports


def test_report_in_another_language_is_kept_beside_the_first(sealed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (sealed / "out" / "report-draft.en.md").read_bytes()
    assert run(["report", str(sealed), "--language", "fr"]) == 0
    assert (sealed / "out" / "report-draft.en.md").read_bytes() == before
    assert sorted(path.name for path in (sealed / "out").glob("report*.md")) == [
        "report-draft.en.md",
        "report-draft.fr.md",
    ]
    assert run(["run", str(sealed), "--now", LATER]) == 0
    assert sorted(path.name for path in (sealed / "out").glob("report*.md")) == ["report-draft.en.md"]
    assert "Create them with --language fr." in capsys.readouterr().err


def test_signed_off_report_replaces_its_draft(sealed: Path, console: Console) -> None:
    replaced("profile.toml", 'signed_off = ""', 'signed_off = "the office, 2026-01-15"')(sealed)
    assert run(["run", str(sealed), "--now", LATER]) == 0
    assert sorted(path.name for path in (sealed / "out").glob("report*.md")) == ["report.en.md"]
    assert "have been removed" not in console.readouterr().err


HOLDER = """
import sys, time
from pathlib import Path
from sdmxmig.workspace.results import Results
with Results(Path(sys.argv[1]), Path(sys.argv[1]) / "out").writing():
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(sealed: Path) -> subprocess.Popen[str]:
    """Another command that is at work on the results."""
    process = subprocess.Popen([sys.executable, "-c", HOLDER, str(sealed)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    return process


def test_concurrent_commands_do_not_change_shared_results(
    sealed: Path, holder: subprocess.Popen[str], console: Console, tmp_path: Path
) -> None:
    before = state(sealed)
    try:
        for command in ("run", "convert", "validate", "package", "assess", "report", "build"):
            messages = console.errors(command, sealed)
            assert f"Another sdmxmig process is running here (process {holder.pid} on " in messages
            assert "since 2" in messages
            assert "Wait until it is done" in messages
        assert run(["trace", str(sealed), "--usage"]) == 0, "who only looks need not wait"
        assert run(["convert", str(sealed), "--output", str(tmp_path / "elsewhere")]) == 0, "nor who writes elsewhere"
        assert state(sealed) == before
    finally:
        holder.kill()
        holder.communicate()
    assert (sealed / "out" / ".sdmxmig" / "lock").is_file(), "it was killed and could not clear away"
    assert run(["convert", str(sealed)]) == 0, "a lock of a program that has ended holds nobody up"
    assert not (sealed / "out" / ".sdmxmig").exists()


def test_disk_without_locks_has_a_remedy(sealed: Path, monkeypatch: pytest.MonkeyPatch, console: Console) -> None:
    def no_locks(*_: object) -> None:
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr("sdmxmig.io.publishing.files.take", no_locks)
    messages = console.errors("convert", sealed)
    assert "cannot be locked" in messages
    assert "-o FOLDER" in messages


def test_results_on_a_read_only_disk_are_shown(sealed: Path, monkeypatch: pytest.MonkeyPatch, console: Console) -> None:
    def refuse(*_: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("sdmxmig.io.publishing.files._open_file", refuse)
    assert run(["trace", str(sealed), "--usage"]) == 0
    assert "Read-only file system" in console.errors("convert", sealed)


@cases_from("workspace/cases/a_workspace_of_others_cannot_have_files_put_elsewhere.csv")
def test_foreign_workspace_cannot_redirect_written_files(
    name: str, expected: str, sealed: Path, tmp_path: Path, console: Console
) -> None:
    """A pending move left by an earlier command may be planted by an attacker."""
    (tmp_path / "away").mkdir()
    if name.startswith("away"):
        (sealed / "out" / "away").symlink_to(tmp_path / "away")
    ready = sealed / "out" / ".sdmxmig" / "ready"
    (ready / "files").mkdir(parents=True)
    step = f'{{"kind": "file", "name": "{name}", "coming": {{"": ""}}, "ours": {{"": ""}}}}'
    plan = f'{{"schema": "sdmxmig-plan", "version": 1, "steps": [{step}]}}'
    (ready / "plan.json").write_text(plan, encoding="utf-8")
    assert expected in console.errors("trace", sealed, "--usage")
    assert not list((tmp_path / "away").iterdir())


def test_linked_work_folder_is_refused(sealed: Path, tmp_path: Path) -> None:
    (tmp_path / "away" / "new").mkdir(parents=True)
    (tmp_path / "away" / "new" / "thesis.txt").write_text("years", encoding="utf-8")
    (sealed / "out" / ".sdmxmig").symlink_to(tmp_path / "away")
    assert run(["convert", str(sealed)]) == 2
    assert (tmp_path / "away" / "new" / "thesis.txt").is_file()


@pytest.mark.parametrize("name", ["data", "findings", "structures", "submission"])
def test_linked_results_are_refused_and_kept(name: str, sealed: Path, tmp_path: Path, console: Console) -> None:
    target = tmp_path / "disk"
    shutil.move(sealed / "out" / name, target)
    (sealed / "out" / name).symlink_to(target)
    before = {path: path.read_bytes() for path in target.rglob("*") if path.is_file()}
    assert "This link leads out of the workspace" in console.errors("run", sealed, "--now", LATER)
    assert {path: path.read_bytes() for path in target.rglob("*") if path.is_file()} == before


def test_results_are_changed_only_under_their_lock(sealed: Path) -> None:
    with pytest.raises(RuntimeError, match="lock"):
        Results(sealed, sealed / "out").put("data", {"a.csv": b""})


def test_next_command_completes_a_failed_move(sealed: Path, monkeypatch: pytest.MonkeyPatch, console: Console) -> None:
    """As when a program holds a file of the earlier results open, on Windows."""

    def held(*_: object) -> None:
        raise PermissionError(13, "The process cannot access the file")

    monkeypatch.setattr("sdmxmig.io.publishing.folders.swap", held)
    assert "cannot be written to" in console.errors("convert", sealed, "--now", LATER)
    monkeypatch.undo()
    before = (sealed / "out" / "data" / "DF_POP.sdmx-ml-3.0.xml").read_bytes()
    assert run(["trace", str(sealed), "--usage"]) == 0
    assert (sealed / "out" / "data" / "DF_POP.sdmx-ml-3.0.xml").read_bytes() != before
    assert not list((sealed / "out").glob(".*"))
