"""A run that is interrupted keeps the results of the stages that it finished, and the next run continues after them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from sdmxmig.cli import run
from sdmxmig.io.publishing.transaction import Transaction
from sdmxmig.workspace.tasks import line

TIME = "2026-02-28T12:00:00"
LATER = "2026-03-31T12:00:00"
STAGES = ("convert", "build", "validate", "package", "assess", "report")


@pytest.fixture
def workspace(sealed: Path) -> Path:
    """A workspace without results."""
    shutil.rmtree(sealed / "out")
    return sealed


def interrupt(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def interrupted_in(stage: str, workspace: Path, *, time: str = TIME) -> None:
    """Interrupt a run in one of its stages."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(line, stage, interrupt)
        assert run(["run", str(workspace), "--now", time]) == 2


def stages_run(workspace: Path, *, time: str = TIME) -> list[str]:
    """Run the line; gives the stages that were made."""
    made: list[str] = []

    def noting(stage: str) -> Callable[..., object]:
        function = getattr(line, stage)

        def noted(*arguments: object, **options: object) -> object:
            made.append(stage)
            return function(*arguments, **options)

        return noted

    with pytest.MonkeyPatch.context() as patch:
        for stage in STAGES:
            patch.setattr(line, stage, noting(stage))
        assert run(["run", str(workspace), "--now", time]) == 0
    return made


def results(workspace: Path) -> dict[str, bytes]:
    out = workspace / "out"
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}


def test_finished_results_are_kept_and_the_next_run_adds_the_others(
    workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = shutil.copytree(workspace, tmp_path / "whole" / workspace.name)
    assert stages_run(whole) == [*STAGES]
    interrupted_in("assess", workspace)
    assert "To continue, run the same command again." in capsys.readouterr().err
    left = results(workspace)
    assert {name.partition("/")[0] for name in left} == {
        "data", "structures", "findings", "submission", "standing", "made.json"
    }  # fmt: skip
    assert not list((workspace / "out").glob(".*"))
    assert stages_run(workspace) == ["assess", "report"]
    assert results(workspace) == results(whole)


def test_run_that_is_interrupted_before_its_first_result_leaves_nothing(workspace: Path) -> None:
    interrupted_in("convert", workspace)
    assert not (workspace / "out").exists()


def test_interrupted_run_over_earlier_results_names_those_that_are_older(sealed: Path) -> None:
    (sealed / "tables" / "population.csv").write_bytes((sealed / "tables" / "population.csv").read_bytes() + b"\n")
    interrupted_in("assess", sealed)
    older = (sealed / "out" / "outdated.txt").read_text(encoding="utf-8")
    assert [name for name in ("data", "assessment", "report") if f"- {name}:" in older] == ["assessment", "report"]
    assert stages_run(sealed) == ["assess", "report"]
    assert not (sealed / "out" / "outdated.txt").exists()


def test_interrupted_twice_continues_after_the_last_finished_result(workspace: Path) -> None:
    interrupted_in("build", workspace)
    interrupted_in("package", workspace)
    assert stages_run(workspace) == ["package", "assess", "report"]


def change_a_table(workspace: Path) -> None:
    path = workspace / "tables" / "population.csv"
    path.write_bytes(path.read_bytes() + b"\n")


def change_the_data(workspace: Path) -> None:
    path = workspace / "out" / "data" / "DF_POP.csv"
    path.write_bytes(path.read_bytes() + b"\n")


CHANGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "a table": (change_a_table, TIME),
    "the data that it made": (change_the_data, TIME),
    "the time of preparation": (lambda _: None, LATER),
    "a result that another command made": (lambda workspace: run(["convert", str(workspace), "--now", TIME]), TIME),
}


@pytest.mark.parametrize("case", CHANGES)
def test_run_starts_over_where_something_changed_since_the_interruption(case: str, workspace: Path) -> None:
    change, time = CHANGES[case]
    interrupted_in("assess", workspace)
    change(workspace)
    assert stages_run(workspace, time=time) == [*STAGES]


def test_run_that_ended_is_run_whole_again(workspace: Path) -> None:
    assert stages_run(workspace) == [*STAGES]
    assert stages_run(workspace) == [*STAGES]


def test_result_that_is_interrupted_while_it_is_written_is_left_out_whole(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
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
