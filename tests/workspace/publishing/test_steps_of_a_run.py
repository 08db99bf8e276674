"""A run skips unchanged steps, so that an interrupted run continues where it stopped."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from case_tables import text_from
from console import Console
from quickly import write_readably

from sdmxmig.cli import run
from sdmxmig.io.publishing.folders import Transaction
from sdmxmig.workspace import results as workspace_results
from sdmxmig.workspace.tasks import pipeline, session
from sdmxmig.workspace.tasks.data_folder import read_findings

TIME = "2026-02-28T12:00:00"
LATER = "2026-03-31T12:00:00"
TABLE, COUNTRY = "tables/population.csv", "country.toml"
STAGES = ("convert", "build", "validate", "package", "assess", "report")
MODULES = (
    pipeline.converting,
    pipeline.building,
    pipeline.validating,
    pipeline.packaging,
    pipeline.assessing,
    pipeline.reporting,
)


@pytest.fixture
def workspace(sealed: Path) -> Path:
    """A workspace without results."""
    shutil.rmtree(sealed / "out")
    return sealed


def interrupt(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def interrupted_in(stage: str, workspace: Path) -> None:
    """Interrupt a run in one of its stages."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MODULES[STAGES.index(stage)], stage, interrupt)
        assert run(["run", str(workspace), "--now", TIME]) == 2


def stages_run(workspace: Path, *options: str) -> list[str]:
    """Run the pipeline; gives the stages that were made."""
    made: list[str] = []

    def noting(module: ModuleType, stage: str) -> Callable[..., object]:
        function = getattr(module, stage)

        def noted(*arguments: object, **options: object) -> object:
            made.append(stage)
            return function(*arguments, **options)

        return noted

    with pytest.MonkeyPatch.context() as patch:
        for module, stage in zip(MODULES, STAGES, strict=True):
            patch.setattr(module, stage, noting(module, stage))
        assert run(["run", str(workspace), "--now", TIME, *options]) == 0
    return made


def due_in(workspace: Path, *options: str) -> list[str]:
    """The stages that the pipeline would make; none of them is made."""
    due: list[str] = []
    findings = read_findings(workspace / "out" / "findings" / "findings.jsonl")
    given = {"validate": SimpleNamespace(findings=findings), "package": SimpleNamespace(id=""), "report": []}
    with pytest.MonkeyPatch.context() as patch:
        for module, stage in zip(MODULES, STAGES, strict=True):
            patch.setattr(module, stage, lambda *_, stage=stage, **__: (due.append(stage), given.get(stage))[1])
        assert run(["run", str(workspace), "--now", TIME, *options]) == 0
    return due


def results(workspace: Path) -> dict[str, bytes]:
    out = workspace / "out"
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}


def test_next_run_adds_missing_results_to_finished_ones(workspace: Path, tmp_path: Path, console: Console) -> None:
    whole = shutil.copytree(workspace, tmp_path / "whole" / workspace.name)
    assert stages_run(whole) == [*STAGES]
    interrupted_in("assess", workspace)
    assert "To continue, run the same command again." in console.readouterr().err
    left = results(workspace)
    assert {name.partition("/")[0] for name in left} == {
        "data", "structures", "findings", "submission", "standing", "made.json"
    }  # fmt: skip
    assert not list((workspace / "out").glob(".*"))
    assert stages_run(workspace) == ["assess", "report"]
    assert results(workspace) == results(whole)


@pytest.mark.parametrize(
    ("command", "work"), [("convert", "converting.conversion.convert"), ("validate", "validating.check_data")]
)
def test_command_repeats_its_step_only_if_forced_or_changed(
    sealed: Path, command: str, work: str, monkeypatch: pytest.MonkeyPatch, console: Console
) -> None:
    given = [command, str(sealed), "--now", TIME]
    assert run(given) == run(given) == 0
    before, said = results(sealed), console.readouterr()
    monkeypatch.setattr(f"sdmxmig.workspace.tasks.{work}", interrupt)
    assert run(given) == 0
    assert results(sealed) == before
    assert console.readouterr().out.splitlines()[-1] == said.out.splitlines()[-1]
    assert run([*given, "--force"]) == 2
    append(TABLE)(sealed)
    monkeypatch.undo()
    assert run(["convert", str(sealed), "--now", TIME]) == 0
    monkeypatch.setattr(f"sdmxmig.workspace.tasks.{work}", interrupt)
    append("mappings/population.toml")(sealed)
    assert run(given) == 2


def test_run_interrupted_before_first_result_leaves_no_files(workspace: Path) -> None:
    interrupted_in("convert", workspace)
    assert not (workspace / "out").exists()


def test_interrupted_run_names_earlier_results_that_remain(sealed: Path) -> None:
    (sealed / "tables" / "population.csv").write_bytes((sealed / "tables" / "population.csv").read_bytes() + b"\n")
    interrupted_in("assess", sealed)
    older = (sealed / "out" / "outdated.txt").read_text(encoding="utf-8")
    assert [name for name in ("data", "assessment", "report") if f"- {name}:" in older] == ["assessment", "report"]
    assert stages_run(sealed) == ["assess", "report"]
    assert not (sealed / "out" / "outdated.txt").exists()


def append(name: str, text: str = "\n") -> Callable[[Path], object]:
    """A change that puts something at the end of a file, which is made if it is not there."""

    def change(workspace: Path) -> None:
        path = workspace / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((path.read_bytes() if path.is_file() else b"") + text.encode())

    return change


def replace_in(name: str, old: str, new: str) -> Callable[[Path], object]:
    """A change of a text in a file."""

    def change(workspace: Path) -> None:
        path = workspace / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    return change


def change_a_release_behind_a_link(workspace: Path) -> None:
    path = next((workspace / "archive").rglob("*.csv"))
    path.write_bytes(path.read_bytes() + b"\n")


def remove(pattern: str) -> Callable[[Path], object]:
    """A change that takes files or folders away."""

    def change(workspace: Path) -> None:
        for path in workspace.glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    return change


def nothing(_: Path) -> None:
    pass


CHANGES: dict[str, tuple[Callable[[Path], object], list[str], tuple[str, ...]]] = {
    "nothing": (nothing, [], ()),
    "touched only": (lambda workspace: (workspace / TABLE).touch(), [], ()),
    "way to the receiver": (append(COUNTRY, '[receiver.delivery]\ntransport = "folder"\naddress = "x"\n'), [], ()),
    "table by a blank": (append(TABLE), [], ("convert", "validate", "assess")),
    "mapping by a comment": (append("mappings/population.toml", "# \n"), [], ("convert", "validate", "assess")),
    "sender": (replace_in(COUNTRY, 'sender = "', 'sender = "X'), [], STAGES),
    "name of the office": (append(COUNTRY, '[report]\ncitation = { en = "By us" }\n'), [], STAGES),
    "codelist of its own": (
        append("codelists/GE/CL_OWN.1.0.csv", "id,name_en,status\n,Own,national\nA,A,national\n"),
        [],
        STAGES[:-1],
    ),
    "profile": (append("profile.toml"), [], ("validate", "assess")),
    "justification": (append("justifications.toml"), [], ("validate",)),
    "data of others": (append("comparisons/a.txt", "x"), [], ("validate",)),
    "release behind a link": (change_a_release_behind_a_link, [], ("validate",)),
    "word of the report": (append("templates/report/words.csv", "en,fr\n"), [], ("validate", "report")),
    "data by hand": (append("out/data/DF_POP.csv"), [], ("convert", "validate", "package", "assess")),
    "report by hand": (append("out/report-draft.en.md"), [], ("report",)),
    "file among the data": (append("out/data/DF_EMIG.csv"), [], ("convert",)),
    "findings gone": (remove("out/findings/findings.html"), [], ("validate", "package", "assess")),
    "sealed part gone": (remove("out/submission/*/data*"), [], ("package",)),
    "kept structures gone": (remove("out/standing"), [], ("package",)),
    "time": (nothing, ["--now", LATER], STAGES),
    "language": (nothing, ["--language", "fr"], ("report",)),
    "sealed by": (nothing, ["--by", "Nino"], ("package",)),
    "by force": (nothing, ["--force"], STAGES),
}


@pytest.fixture(scope="module")
def run_once(sealed_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace after a run that compared its data with an earlier release, to which a link leads."""
    workspace = tmp_path_factory.mktemp("run") / "ge"
    shutil.copytree(sealed_once, workspace)
    newest = (workspace / "out" / "submission" / "newest").read_text(encoding="utf-8").strip()
    shutil.copytree(workspace / "out" / "submission" / newest, workspace / "archive" / newest)
    (workspace / "accepted").mkdir()
    (workspace / "accepted" / "release").symlink_to(Path("..", "archive", newest), target_is_directory=True)
    with pytest.MonkeyPatch.context() as patch:
        write_readably(patch)
        stages_run(workspace)
    return workspace


@pytest.mark.parametrize("case", CHANGES)
def test_run_repeats_only_affected_steps(case: str, run_once: Path, tmp_path: Path, readable_reports: None) -> None:
    """Steps are noted and not made, so that none is repeated only since another one gave something else."""
    change, options, expected = CHANGES[case]
    workspace = shutil.copytree(run_once, tmp_path / "ge", symlinks=True)
    change(workspace)
    assert due_in(workspace, *options) == [*expected]


OWN_RULE = text_from("workspace/cases/steps_of_a_run_own_rule.toml")
EDITS: dict[str, tuple[Callable[[Path], object], tuple[str, ...]]] = {
    **{case: (change, tuple(options)) for case, (change, options, steps) in CHANGES.items() if steps != STAGES},
    "corrected cell": (replace_in(TABLE, "3694", "3684"), ()),
    "cell with an error": (replace_in(TABLE, "3736.4", "37364"), ()),
    "added year": (append(TABLE, "2026,3700.1\n"), ()),
    "code of the mapping": (replace_in("mappings/population.toml", 'RES_RULE = "_U"', 'RES_RULE = "R12"'), ()),
    "answer": (replace_in("profile.toml", 'answer = "4"', 'answer = "2"'), ()),
    "rule of its own": (append("structures/rules/own.toml", OWN_RULE), ()),
    "graver rule of its own": (
        append("structures/rules/own.toml", OWN_RULE.replace("warning", "error").replace("901", "902")),
        (),
    ),
    "up to the findings": (nothing, ("--until", "findings")),
    "results gone": (remove("out"), ()),
    "data gone": (remove("out/data/DF_POP.csv"), ()),
    "assessment gone": (remove("out/assessment.json"), ()),
    "table gone": (remove(TABLE), ()),
    "mapping gone": (remove("mappings/population.toml"), ()),
}
LAST = [edit for edit in EDITS if edit.endswith("gone") or edit in ("cell with an error", "graver rule of its own")]
"""Edits after which less can be made, or nothing: no other edit comes behind one of them."""
FIRST = [edit for edit in EDITS if edit not in LAST]
IN_TURN = [[*FIRST[number :: len(LAST)], last] for number, last in enumerate(LAST)]
"""Edits in turn, with a run after each; every edit is made once."""


def run_later(workspace: Path, *options: str) -> tuple[int, dict[str, bytes]]:
    code = run(["run", str(workspace), "--now", TIME, *options])
    return code, results(workspace)


@pytest.mark.sampled(16)
@pytest.mark.parametrize(
    "edits",
    [*IN_TURN[:3], *(pytest.param(edits, marks=pytest.mark.long) for edits in IN_TURN[3:])],
    ids=" then ".join,
)
def test_runs_that_skip_steps_equal_forced_runs(
    edits: list[str], run_once: Path, tmp_path: Path, readable_reports: None
) -> None:
    """A forced run begins with the results of the run before, since findings and reports look back at them."""
    workspace = shutil.copytree(run_once, tmp_path / "ge", symlinks=True)
    for edit in edits:
        change, options = EDITS[edit]
        change(workspace)
        before = shutil.copytree(workspace, tmp_path / "before", symlinks=True)
        forced_code, forced = run_later(workspace, *options, "--force")
        shutil.rmtree(workspace)
        before.rename(workspace)
        code, kept = run_later(workspace, *options)
        different = [name for name in sorted({*kept, *forced}) if kept.get(name) != forced.get(name)]
        assert (code, different) == (forced_code, [])


def test_new_program_version_repeats_all_steps(run_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = shutil.copytree(run_once, tmp_path / "ge", symlinks=True)
    monkeypatch.setattr(workspace_results, "hash_program", lambda: "another")
    assert due_in(workspace) == [*STAGES]


def test_next_day_repeats_only_steps_that_use_the_date(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for day, expected in ((27, STAGES), (27, ()), (28, STAGES[2:])):
        monkeypatch.setattr(session, "parse_moment", lambda _, day=day: datetime(2026, 2, day, 12, tzinfo=UTC))
        assert stages_run(workspace, "--now", "") == [*expected]


def test_skipped_step_repeats_its_warnings(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (workspace / "tables" / "other.csv").write_bytes(b"a,b\n1,2\n")
    for _ in range(2):
        stages_run(workspace)
        assert capsys.readouterr().err.count("No mapping reads other.csv") == 1


def test_interrupted_result_is_left_out_completely(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_file, put = Transaction.put_file, []

    def interrupted(self: Transaction, name: str, *arguments: str) -> None:
        put.append(name)
        if name == "profile.csv":
            raise KeyboardInterrupt
        put_file(self, name, *arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(Transaction, "put_file", interrupted)
        assert run(["run", str(workspace), "--now", TIME]) == 2
    assert "assessment.json" in put
    assert not [name for name in results(workspace) if name.startswith(("assessment", "profile"))]
    assert stages_run(workspace) == ["assess", "report"]


@pytest.mark.parametrize("name", ["sdmx/exchange.py", "sdmx/formats/wire/fields.csv"])
def test_changed_module_or_table_changes_the_program_hash(tmp_path: Path, name: str) -> None:
    """A table beside the modules decides what is written as much as they do."""
    file = tmp_path / name
    file.parent.mkdir(parents=True)
    file.write_text("before", encoding="utf-8")
    before = workspace_results.hash_code(tmp_path)
    file.write_text("after", encoding="utf-8")
    assert workspace_results.hash_code(tmp_path) != before


def test_unchanged_run_loads_no_module_needed_only_by_steps(sealed: Path) -> None:
    program = "import sys; from sdmxmig.cli import run; code = run(sys.argv[1:]); print(); print(code, *sys.modules)"
    command = [sys.executable, "-c", program, "run", str(sealed), "--now", "2026-01-31T12:00:00+00:00"]
    said = subprocess.run(command, capture_output=True, text=True, check=True)
    code, *modules = said.stdout.splitlines()[-1].split()
    assert (code, sum(line.endswith("unchanged") for line in said.stderr.splitlines())) == ("0", len(STAGES))
    slow = {"polars", "openpyxl", "sdmxmig.conversion.recognition", "sdmxmig.statistics.calculations"}
    assert not slow & {*modules}
