"""Campaign: a command is stopped at every file operation and at random moments; results are old or new, never mixed.

States at file operations are taken from a watched run; at random moments the process is killed. A case starts with
earlier results, and changed tables and profile. Right after the stop, every results folder is old or new, other files
are old or new, and users' files are kept. After the next command, all results belong together, nothing is left over,
and stale results are named.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from pathlib import Path

from benchmarks.killed_child import killed, state_at, whole
from sdmxmig.io.publishing.files import compute_hash
from sdmxmig.io.publishing.folders import WORK_FOLDER
from sdmxmig.workspace.results import OUTDATED

ROOT = Path(__file__).parents[1]
COMMANDS = ("run", "convert", "validate", "package", "assess", "report", "build")
BEFORE, NOW = "2026-01-31T12:00:00", "2026-02-28T12:00:00"
NAME = "ge"
"""What the workspace is called, which results say."""
TABLE, PROFILE = "tables/population.csv", "profile.toml"
THEIRS = {
    "data/thesis.txt": b"two years of work",
    "findings/notes/letter.txt": b"Dear colleague",
    "submission/receipt.txt": b"received",
    "letter.docx": b"a letter",
}
"""What people put among the results."""
EDITED = "report-draft.en.md"
"""A result that somebody has changed."""
WORDS = b"\nOur own words.\n"
FOLDERS = ("data", "structures", "findings")
State = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Case:
    """A command, and when it is ended: before its n-th operation on files, or at a part of the time of a run."""

    command: str
    operation: int = 0
    _: KW_ONLY
    part: float = 0.0

    @property
    def id(self) -> str:
        when = f"operation {self.operation}" if self.operation else f"at {self.part:.4f}"
        return f"{self.command}, {when}"


class Campaign:
    """Earlier results, and the results of each command without interruption."""

    def __init__(self, folder: Path, commands: Sequence[str] = COMMANDS) -> None:
        self.folder = folder
        self.commands = commands
        self.before = folder / "before" / NAME
        self.old: State = {}
        self.new: dict[str, State] = {}
        self.lengths: dict[str, int] = {}
        self.seconds = 0.0
        self.judged: dict[tuple[str, ...], str] = {}

    def prepare(self, results: Path | None = None) -> None:
        """Put users' files among earlier results, which are made if missing; run each command once."""
        shutil.copytree(results or ROOT / "templates" / "workspace", self.before)
        if results is None:
            _, self.seconds = self.run(self.before, "run", BEFORE)
        for name, content in THEIRS.items():
            path = self.before / "out" / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
        edited = self.before / "out" / EDITED
        edited.write_bytes(edited.read_bytes() + WORDS)
        self.change()
        self.old = state_of(self.before / "out")
        self.new = {command: self.state_after(command) for command in self.commands}

    def change(self) -> None:
        """Correct a figure and an answer, as people do between two runs."""
        table, profile = self.before / TABLE, self.before / PROFILE
        text = table.read_text(encoding="utf-8")
        table.write_text(text.replace("3", "4", 1) if "3" in text else f"{text}\n", encoding="utf-8")
        profile.write_text(profile.read_text(encoding="utf-8") + "\n# looked through\n", encoding="utf-8")

    def run(self, workspace: Path, command: str, now: str, states: Path | None = None) -> tuple[int, float]:
        """Run a command to its end: how many operations and seconds it took."""
        operations, seconds, code = whole(
            [command, str(workspace), "--now", now], workspace / "out", self.folder / "counted", states
        )
        if code not in (0, 2):  # what is older cannot be packaged, which is an end as good as another
            raise RuntimeError(f"{command} ended with {code}")
        return operations, seconds

    def state_after(self, command: str) -> State:
        """Return the state after an uninterrupted command; intermediate states are kept."""
        workspace = self.folder / "whole" / NAME
        shutil.copytree(self.before, workspace, symlinks=True)
        self.lengths[command], _ = self.run(workspace, command, NOW, self.folder / "states" / command)
        found = state_of(workspace / "out")
        shutil.rmtree(workspace)
        return found

    def cases(self, moments: int) -> Iterator[Case]:
        """Yield every operation of the pipeline, every fifth of each stage, and random moments."""
        self.prepare()
        for command, length in self.lengths.items():
            for number in range(1, length + 1, 1 if command == "run" else 5):
                yield Case(command, operation=number)
        chance = random.Random(20261121)  # noqa: S311 - the same moments each time
        for _ in range(moments):
            yield Case("run", part=round(chance.random(), 4))

    def kept(self, case: Case) -> Path:
        """Return the disk before an operation."""
        return state_at(self.folder / "states" / case.command, case.operation)

    def outcome(self, case: Case) -> str:
        """Return ``old``, ``new`` or the fault; cached for states already judged."""
        workspace = self.folder / "case" / NAME
        shutil.rmtree(workspace, ignore_errors=True)
        shutil.copytree(self.before, workspace, symlinks=True)
        if case.operation:
            shutil.rmtree(workspace / "out")
            shutil.copytree(self.kept(case), workspace / "out", symlinks=True)
        else:
            arguments = [case.command, str(workspace), "--now", NOW]
            killed(arguments, workspace / "out", case.part * self.seconds)
        state = state_of(workspace / "out")
        folders = [str(path.relative_to(workspace)) for path in sorted(workspace.rglob("*")) if path.is_dir()]
        key = (case.command, *folders, *(f"{name} {sha256}" for name, sha256 in state.items()))
        if key not in self.judged:
            self.judged[key] = self.judge(workspace, case.command)
        return self.judged[key]

    def wrong_at_once(self, out: Path, command: str) -> str:
        """Describe faults in results right after the stop; empty if none."""
        return neither(state_of(out), self.old, self.new[command]) or lost(out)

    def judge(self, workspace: Path, command: str) -> str:
        """Describe faults right after the stop, and after the next command, which only reads results."""
        wrong = self.wrong_at_once(workspace / "out", command)
        if wrong:
            return f"when it was ended: {wrong}"
        has_begun = (workspace / "out" / WORK_FOLDER).is_dir()
        whole(["trace", str(workspace), "--usage"], workspace / "out", self.folder / "counted")
        return self.after(workspace / "out", self.new[command], has_begun=has_begun)

    def after(self, out: Path, new: State, *, has_begun: bool) -> str:
        """Describe faults after the next command; results of a command that had not started need no name."""
        found = state_of(out)
        left = [path.name for path in out.iterdir() if path.name.startswith(".")]
        if left:
            return f"left over: {left[0]}"
        wrong = lost(out)
        if wrong:
            return wrong
        if without(found, OUTDATED) == without(self.old, OUTDATED):
            is_named = (out / OUTDATED).is_file()
            return "old" if is_named or not has_begun else "old, but not named as older"
        return "new" if found == new else f"neither: {differing(found, self.old, new)}"


def state_of(out: Path) -> State:
    return {
        path.relative_to(out).as_posix(): compute_hash(path) for path in sorted(out.rglob("*")) if not path.is_dir()
    }


def without(state: State, *names: str) -> dict[str, str]:
    """Remove some files, and the record that names them, from a state."""
    return {name: sha256 for name, sha256 in state.items() if name not in (*names, "made.json")}


def neither(found: State, old: State, new: State) -> str:
    """Describe content that is neither old nor new at a stop; empty if none."""
    for folder in FOLDERS:
        own, before, after = (inside(state, folder) for state in (found, old, new))
        if own not in (before, after):
            return f"{folder}: {differing(own, before, after)}"
    submissions = {name.split("/")[1] for name in found if name.startswith("submission/") and "manifest" in name}
    for submission in submissions:
        folder = f"submission/{submission}"
        if inside(found, folder) not in (inside(old, folder), inside(new, folder)):
            return folder
    for name in old.keys() & new.keys():
        if found.get(name) not in (old[name], new[name]) and name.split("/")[0] not in FOLDERS:
            return name
    return ""


def inside(state: State, folder: str) -> State:
    return {name: sha256 for name, sha256 in state.items() if name.startswith(f"{folder}/")}


def lost(out: Path) -> str:
    """Describe users' files that are missing among results; empty if none."""
    for name, content in THEIRS.items():
        if not (out / name).is_file() or (out / name).read_bytes() != content:
            return f"lost: {name}"
    if not any(path.read_bytes().endswith(WORDS) for path in out.glob("report-draft*.md")):
        return f"lost: the words in {EDITED}"
    return ""


def differing(found: State, old: State, new: State) -> str:
    strange = [name for name in sorted(found.keys() | old.keys() | new.keys()) if found.get(name) != old.get(name)]
    return ", ".join(f"{name} ({'new' if found.get(name) == new.get(name) else 'strange'})" for name in strange[:6])
