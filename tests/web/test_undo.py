"""Undo in any order: the files match the history, and later steps are kept."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.workspace.tasks.history import (
    HISTORY,
    KEPT,
    MergeConflict,
    Step,
    find_last_state,
    hash_own_files,
    read_history,
    read_kept,
    record_changes,
    settle,
    undo,
    undo_change,
)

AT = "2026-01-31T12:00:00+00:00"
FILES = ("tables/a.csv", "tables/b.csv", "mappings/m.toml")
ROUNDS = [pytest.param(12, id="sample"), pytest.param(1000, id="all", marks=pytest.mark.long)]
STEPS = 14
SEED = 20260131


@dataclass
class Office:
    """Somebody who changes files of a workspace at random; no line is ever written twice, so that each is known."""

    folder: Path
    dice: random.Random
    numbers: itertools.count[int] = field(default_factory=itertools.count)

    def lines(self, name: str) -> list[str]:
        path = self.folder / name
        return path.read_text().splitlines(keepends=True) if path.is_file() else []

    def new_line(self) -> str:
        return f"line {next(self.numbers)}\n"

    def edited(self, lines: list[str]) -> list[str]:
        """Some lines in the place of some others."""
        start = self.dice.randrange(len(lines) + 1)
        end = min(len(lines), start + self.dice.randrange(3))
        return [*lines[:start], *(self.new_line() for _ in range(self.dice.randrange(3))), *lines[end:]]

    def change(self) -> None:
        """One step of one file or several; a file may come or go by it."""
        with record_changes(self.folder, Step(what="write", command="", at=AT)):
            for name in self.dice.sample(FILES, self.dice.choice([1, 1, 2])):
                path = self.folder / name
                if not path.is_file():
                    path.write_text("".join(self.new_line() for _ in range(6)))
                elif self.dice.random() < 0.1:
                    path.unlink()
                else:
                    path.write_text("".join(self.edited(self.lines(name))))

    def take_back(self) -> None:
        steps = read_history(self.folder)
        step = self.dice.choice(steps)
        before = {name: self.lines(name) for name in FILES}
        try:
            undo(self.folder, step.number, AT)
        except SdmxmigError:
            assert {name: self.lines(name) for name in FILES} == before, "what is refused changes nothing"
            assert len(read_history(self.folder)) == len(steps)
            return
        new = read_history(self.folder)[-1]
        assert (new.number, new.undoes) == (len(steps) + 1, step.number)
        for name in FILES:
            self.check(step, name, before[name])

    def check(self, step: Step, name: str, before: list[str]) -> None:
        """Of one file just the change of one step is gone."""
        after = self.lines(name)
        earlier, later = (content(self.folder, state.get(name)) for state in (step.before, step.after))
        if name not in step.files:
            assert after == before
            return
        added, removed = {*later} - {*earlier}, {*earlier} - {*later}
        assert {*after} == ({*before} - added) | removed
        assert len(after) == len({*after})
        assert in_order(after, before)
        assert in_order(after, earlier)


def content(folder: Path, sha256: str | None) -> list[str]:
    return read_kept(folder, sha256).decode().splitlines(keepends=True) if sha256 else []


def in_order(lines: list[str], others: list[str]) -> bool:
    return [line for line in lines if line in others] == [line for line in others if line in lines]


@pytest.mark.parametrize("rounds", ROUNDS)
def test_random_steps_and_undos_agree_with_the_history(tmp_path: Path, rounds: int) -> None:
    dice = random.Random(SEED)
    for number in range(rounds):
        folder = tmp_path / str(number)
        for name in ("tables", "mappings"):
            (folder / name).mkdir(parents=True)
        settle(folder, AT)
        office = Office(folder, dice)
        for _ in range(STEPS):
            dice.choice([office.change, office.change, office.take_back])()
            steps = read_history(folder)
            assert (find_last_state(steps) or {}) == hash_own_files(folder)
            assert [step.number for step in steps] == list(range(1, len(steps) + 1))
            assert not any(step.what == "outside" for step in steps)
        assert {path.name for path in folder.iterdir()} <= {"tables", "mappings", HISTORY, KEPT}


NUMBERED = [f"{number}\n" for number in range(8)]


@pytest.mark.parametrize("at", range(8))
@pytest.mark.parametrize("later", range(8))
def test_undo_never_loses_later_changes_of_adjacent_lines(at: int, later: int) -> None:
    after = [*NUMBERED[:at], "mine\n", *NUMBERED[at + 1 :]]
    present = [*after[:later], "theirs\n", *after[later + 1 :]]
    texts = ["".join(lines).encode() for lines in (NUMBERED, after, present)]
    try:
        merged = undo_change(*texts).decode().splitlines(keepends=True)
    except MergeConflict:
        assert abs(at - later) <= 1
        return
    assert abs(at - later) > 1
    assert merged == [*NUMBERED[:later], "theirs\n", *NUMBERED[later + 1 :]]


@pytest.mark.parametrize("ends", ["\n", "\r\n", ""])
def test_undo_handles_many_identical_lines(ends: str) -> None:
    alike = ["2024,1\n"] * 200_000
    before, after = "".join(alike), "".join([*alike[:100], "2024,2\n", *alike[101:]])
    assert (
        undo_change(before.encode(), after.encode(), f"{after}2025,1{ends}".encode()).decode()
        == f"{before}2025,1{ends}"
    )
    first, last = "".join(["a\n", *alike, "b\n"]), "".join(["c\n", *alike[1:], "d\n"])
    with pytest.raises(MergeConflict):
        undo_change(first.encode(), last.encode(), f"{last}e\n".encode())
