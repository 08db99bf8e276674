"""History of changes with undo.

``history.jsonl`` has one line per change; contents are in ``.history`` by SHA-256. Changes by other programs are
recorded when detected.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
import re
import time
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import KW_ONLY, asdict, dataclass, field, replace
from difflib import SequenceMatcher
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from sdmxmig.conversion.tables import read
from sdmxmig.io.intake.files import read_bytes
from sdmxmig.io.publishing import files as durable
from sdmxmig.io.publishing.files import (
    LockedError,
    add_signature,
    clear_left,
    explain_write_errors,
    is_untouched,
    lock_folder,
    publish_file,
    strip_signature,
)
from sdmxmig.primitives.errors import InputError, OutputError, SdmxmigError
from sdmxmig.primitives.lazily import import_lazily
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.text import quote_path, shield_formula
from sdmxmig.workspace.folder import (
    APPROVALS_FILE,
    HISTORY_FILE,
    HISTORY_FOLDER,
    OWN_FILES,
    OWN_FOLDERS,
    PEOPLE_FILE,
    check_links,
)
from sdmxmig.workspace.results import PROGRAM, read_inputs

if TYPE_CHECKING:
    from sdmxmig.reporting.outputs import patched_workbook
    from sdmxmig.workspace.tasks import sheet_views
else:
    patched_workbook = import_lazily("sdmxmig.reporting.outputs.patched_workbook")
    sheet_views = import_lazily("sdmxmig.workspace.tasks.sheet_views")

HISTORY = HISTORY_FILE
KEPT = HISTORY_FOLDER
"""The folder with the contents of files before and after each change."""
INTENT = "intent.json"
LAST_FILE = "last"
RECORDED_FOLDERS = ("tables", "mappings")
"""Folders through which files of a workspace pass first."""
BEGIN = "begin"
CORRECTED = "correct"
OUTSIDE_STEP = "outside"
MAX_BYTES = 200_000_000
"""Maximum file size, in bytes, for undo."""
LOCK_SECONDS, PAUSE = 10.0, 0.05
"""Wait for another change, and interval, in seconds."""
SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A change of files; its number is 0 until it is recorded.

    `before` and `after` are SHA-256 by path. `undoes` is a step or 0. `previous` is the hash of the previous line,
    which reveals tampering.
    """

    number: int = 0
    at: str
    what: str
    command: str = ""
    by: str = ""
    before: Mapping[str, str] = field(default_factory=dict)
    after: Mapping[str, str] = field(default_factory=dict)
    undoes: int = 0
    previous: str = ""

    @property
    def files(self) -> tuple[str, ...]:
        return tuple(sorted(self.before.keys() | self.after.keys()))


class Conflict(SdmxmigError):  # noqa: N818 - the name says what is the matter
    """A file changed since it was seen; `theirs` is its content."""

    def __init__(
        self, changed: Mapping[str, str], message: str = "", hint: str = "", *, place: Place | None = None
    ) -> None:
        super().__init__(
            message or f"{', '.join(sorted(changed))} was changed in the meantime by another window or program.",
            place,
            hint=hint or "Check the current value, and decide again.",
        )
        self.changed = dict(changed)


def hash_own_files(workspace: Path) -> dict[str, str]:
    return {name: sha256 for name, sha256 in read_inputs(workspace).items() if name != PROGRAM}


def read_history(workspace: Path) -> tuple[Step, ...]:
    """Read the history, ignoring an incomplete last line; raise `InputError` with the line."""
    path = workspace / HISTORY
    if not path.is_file() or not path.stat().st_size:
        return ()
    steps = []
    for number, line in enumerate(read_bytes(path).split(b"\n")[:-1], 1):
        try:
            step = check_step(Step(**json.loads(line)))
            if not step.number:
                raise ValueError("it has no number")
            steps.append(step)
        except (ValueError, TypeError, RecursionError) as error:
            hint = f"Correct the line, or move {HISTORY} and {KEPT} away to begin a new one."
            raise InputError(
                f"This is not a record of a change: {error}.", Place(str(path), line=number), hint
            ) from None
    return tuple(steps)


def list_trail_hashes(workspace: Path) -> list[str]:
    path = workspace / HISTORY
    content = path.read_bytes() if path.is_file() else b""
    return [hashlib.sha256(line).hexdigest() for line in content.split(b"\n")[:-1]]


def find_tampered_line(workspace: Path) -> int:
    """Find the first altered or missing line, or 0; complete rewriting is found only with external hashes."""
    hashes, is_chained = list_trail_hashes(workspace), False
    for at, step in enumerate(read_history(workspace)[: len(hashes)]):
        is_chained = is_chained or bool(step.previous)
        before = hashes[at - 1] if at else ""
        if step.number != at + 1 or (is_chained and step.previous != before):
            return max(at, 1)
    return max(len(hashes), 1) if is_cut_off(workspace, hashes) else 0


def is_cut_off(workspace: Path, trail: Sequence[str]) -> bool:
    path = workspace / KEPT / LAST_FILE
    last = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
    return bool(last) and last.decode("ascii", "replace").strip() not in trail


def check_step(step: Step) -> Step:
    """Check a step to undo; it must not name files outside the workspace."""
    texts, numbers = (step.at, step.what, step.command, step.by, step.previous), (step.number, step.undoes)
    if not all(isinstance(text, str) for text in texts) or not all(isinstance(number, int) for number in numbers):
        raise ValueError("a text or a number is none")
    for name, sha256 in (*dict(step.before).items(), *dict(step.after).items()):
        if not is_own_name(name) or not SHA256.fullmatch(sha256):
            raise ValueError(f"“{name}” with “{sha256}” is not a file of a workspace with its SHA-256")
    return step


def is_own_name(name: str) -> bool:
    """Check whether a path is a user's file in a workspace.

    >>> [is_own_name(name) for name in ("tables/a.csv", "tables/../../a.csv", "history.jsonl", "/etc/passwd")]
    [True, False, False, False]
    """
    parts = PurePath(name).parts  # of this system, which may have more path separators
    return "\0" not in name and ".." not in parts and parts[:1] in {(own,) for own in (*OWN_FILES, *OWN_FOLDERS)}


@contextmanager
def record_changes(workspace: Path, intent: Step, made_from: Mapping[str, str] | None = None) -> Iterator[None]:
    """Record changes as one step; raise `Conflict` if hashes differ from `made_from`, `LockedError` if locked."""
    with lock_workspace(workspace):
        before = record_outside_changes(workspace, intent.at)
        changed = {
            name: before.get(name, "") for name, sha256 in (made_from or {}).items() if before.get(name, "") != sha256
        }
        if changed:
            raise Conflict(changed)
        keep(workspace, before)
        write_file(workspace / KEPT / INTENT, json.dumps(asdict(intent)).encode())
        try:
            yield
        finally:
            write_step(workspace, intent, before)


@contextmanager
def lock_workspace(workspace: Path) -> Iterator[None]:
    """Lock the workspace for changes; raise `LockedError` if that takes too long."""
    check_links(workspace)
    deadline = time.monotonic() + LOCK_SECONDS
    with contextlib.ExitStack() as stack:
        while True:
            try:
                with explain_write_errors(workspace, ""):
                    stack.enter_context(lock_folder(workspace / KEPT))
                break
            except LockedError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(PAUSE)
        yield


def begin(workspace: Path, intent: Step) -> None:
    with lock_workspace(workspace):
        files = hash_own_files(workspace)
        if not read_history(workspace):
            keep(workspace, files)
            append(workspace, build_step(workspace, intent, {}, files))


def settle(workspace: Path, at: str) -> dict[str, str]:
    with lock_workspace(workspace):
        files = record_outside_changes(workspace, at)
        keep(workspace, files)
        return files


def record_outside_changes(workspace: Path, at: str) -> dict[str, str]:
    for folder in (workspace, workspace / KEPT):  # a command killed while recording has no intent yet
        clear_left(folder)
    drop_unfinished_line(workspace / HISTORY)
    files = hash_own_files(workspace)
    path = workspace / KEPT / INTENT
    if path.is_file():
        remove_leftovers(workspace, files)
    for step in find_unrecorded_steps(workspace, at, files):
        append(workspace, step)
    path.unlink(missing_ok=True)
    return files


def find_unrecorded_steps(workspace: Path, at: str, files: Mapping[str, str]) -> tuple[Step, ...]:
    """Return the step from the last recorded state to that of `files` if they differ, without writing it."""
    last = find_last_state(read_history(workspace))
    if last == files:
        return ()
    outside = Step(what=OUTSIDE_STEP, command="", at=at)
    intent = read_intent(workspace / KEPT / INTENT) or outside if last is not None else replace(outside, what=BEGIN)
    return (build_step(workspace, intent, last or {}, files),)


def list_steps(workspace: Path, at: str) -> tuple[Step, ...]:
    """Return all changes, including one that is not recorded yet, without writing it."""
    return (*read_history(workspace), *find_unrecorded_steps(workspace, at, hash_own_files(workspace)))


def read_intent(path: Path) -> Step | None:
    try:
        if path.is_symlink() or not path.is_file():  # as in foreign workspaces: its target is not read
            return None
        return check_step(Step(**json.loads(path.read_bytes())))
    except (ValueError, TypeError, RecursionError):
        return None


def remove_leftovers(workspace: Path, files: Mapping[str, str]) -> None:
    folders = {(workspace / name).parent for name in files}
    for folder in sorted({workspace, workspace / KEPT, *(workspace / name for name in RECORDED_FOLDERS), *folders}):
        if folder.is_dir():
            clear_left(folder)


def find_last_state(steps: tuple[Step, ...]) -> dict[str, str] | None:
    if not steps:
        return None
    files: dict[str, str] = {}
    for step in steps:
        files = {name: sha256 for name, sha256 in files.items() if name not in step.before} | dict(step.after)
    return files


def write_step(workspace: Path, intent: Step, before: Mapping[str, str]) -> None:
    files = hash_own_files(workspace)
    if files != before:
        keep(workspace, files)
        append(workspace, build_step(workspace, intent, before, files))
    (workspace / KEPT / INTENT).unlink(missing_ok=True)


def build_step(workspace: Path, intent: Step, before: Mapping[str, str], after: Mapping[str, str]) -> Step:
    trail = list_trail_hashes(workspace)
    return replace(
        intent,
        number=len(trail) + 1,
        previous=trail[-1] if trail else "",
        before={name: sha256 for name, sha256 in sorted(before.items()) if after.get(name) != sha256},
        after={name: sha256 for name, sha256 in sorted(after.items()) if before.get(name) != sha256},
    )


def append(workspace: Path, step: Step) -> None:
    trail = list_trail_hashes(workspace)
    line = json.dumps(asdict(step), ensure_ascii=False).encode()
    durable.append(workspace / HISTORY, line + b"\n")
    if not is_cut_off(workspace, trail):  # removed content stays known as removed
        write_file(workspace / KEPT / LAST_FILE, hashlib.sha256(line).hexdigest().encode() + b"\n")


def drop_unfinished_line(path: Path) -> None:
    if path.is_file() and (content := path.read_bytes()) and not content.endswith(b"\n"):
        publish_file(path, content[: content.rfind(b"\n") + 1])


def keep(workspace: Path, files: Mapping[str, str]) -> None:
    for name, sha256 in files.items():
        path, kept = workspace / name, workspace / KEPT / sha256
        if not kept.is_file() and path.is_file() and path.stat().st_size <= MAX_BYTES:
            content = path.read_bytes()
            if hashlib.sha256(content).hexdigest() == sha256:
                write_file(kept, content)


def write_file(path: Path, content: bytes) -> None:
    if path.is_symlink():
        path.unlink()
    publish_file(path, content)


def read_kept(workspace: Path, sha256: str) -> bytes:
    path = workspace / KEPT / sha256
    hint = "Take it from a copy of your own."
    if not SHA256.fullmatch(sha256) or path.is_symlink() or not path.is_file():
        raise OutputError("The earlier content of the file was not saved.", Place(str(path)), hint)
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise OutputError("The stored copy of the file differs from its earlier content.", Place(str(path)), hint)
    return content


def undo(workspace: Path, number: int, at: str, *, by: str = "") -> Step:
    """Undo a step as a new step, keeping later changes in other lines; raise `SdmxmigError` for overlaps."""
    settle(workspace, at)  # the listed step may not be recorded yet
    step = next((step for step in read_history(workspace) if step.number == number), None)
    if step is None or not step.files or step.number == 1:
        raise SdmxmigError(f"There is no step {number} to undo.", hint="See: sdmxmig history")
    lasting = sorted({PEOPLE_FILE, APPROVALS_FILE}.intersection(step.files))
    if lasting:  # people who may undo changes of tables must not change roles or approvals
        hint = f"Withdraw an approval with: sdmxmig approve --withdraw. Edit {PEOPLE_FILE} by hand."
        raise SdmxmigError(f"Step {number} changed {lasting[0]}, which is not undone.", hint=hint)
    intent = Step(
        what="undo", command=f"sdmxmig history {quote_path(workspace)} --undo {number}", at=at, by=by, undoes=number
    )
    with record_changes(workspace, intent):
        present = {name: read_content(workspace / name) for name in step.files}
        contents = {name: restore_file(workspace, step, name) for name in step.files}
        if contents == present:
            raise SdmxmigError(f"Step {number} was undone already.", hint="See: sdmxmig history")
        for name, content in contents.items():
            if content is None:
                (workspace / name).unlink(missing_ok=True)
            elif content != present[name]:
                publish_file(workspace / name, content)
    return read_history(workspace)[-1]


def read_content(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def restore_file(workspace: Path, step: Step, name: str) -> bytes | None:
    present = read_content(workspace / name)
    before, after = (
        read_kept(workspace, state[name]) if name in state else None for state in (step.before, step.after)
    )
    if present in (before, after):
        return before
    try:
        return undo_change_with_signature(before, after, present)
    except MergeConflict:
        if step.what == CORRECTED:  # other programs change more than texts of cells
            with contextlib.suppress(MergeConflict):
                return restore_cells(name, before, after, present)
        later = next(
            (
                other.number
                for other in reversed(read_history(workspace))
                if name in other.files and other.number > step.number
            ),
            0,
        )
        message = f"Step {step.number} cannot be undone: step {later} changed the same place in {name}."
        raise SdmxmigError(message, hint=f"Undo step {later} first, or change {name} by hand.") from None


def describe_step(step: Step) -> dict[str, Any]:
    return {**asdict(step), "files": list(step.files)}


COLUMNS = ("number", "at", "by", "what", "command", "undoes", "file", "before", "after", "previous")


def write_csv(steps: Iterable[Step]) -> str:
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(COLUMNS)
    for step in steps:
        facts = asdict(step)
        for name in step.files or ("",):
            row = {**facts, "file": name, "before": step.before.get(name, ""), "after": step.after.get(name, "")}
            writer.writerow([shield_formula(str(row[column])) for column in COLUMNS])
    return table.getvalue()


MAX_PAIRS = 4_000_000
Change = tuple[int, int, list[str]]
"""Spans of lines and their replacements."""


class MergeConflict(Exception):  # noqa: N818 - the name says what is the matter
    """Changes overlap, or files are not text."""


def undo_change_with_signature(before: bytes | None, after: bytes | None, present: bytes | None) -> bytes:
    contents = [content for content in (before, after, present) if content is not None]
    if len(contents) < 3 or not all(map(is_untouched, contents)):
        return undo_change(before, after, present)
    return add_signature(undo_change(*map(strip_signature, contents)))


def undo_change(before: bytes | None, after: bytes | None, present: bytes | None) -> bytes:
    r"""Undo a change between `before` and `after`.

    Raises `MergeConflict` for overlapping changes, and for adjacent ones unless the result is TOML in which all other
    keys are equal.

    >>> undo_change(b"a\nb\nc\nd\n", b"a\nB\nc\nd\n", b"a\nB\nc\nD\n")
    b'a\nb\nc\nD\n'
    """
    texts = [split_lines(content) for content in (after, before, present)]
    base, back, later = texts
    changes = list_changes(base, back)
    others = list_changes(base, later)
    if len(changes) * len(others) > MAX_PAIRS:
        raise MergeConflict
    pairs = [(change, other) for change in changes for other in others if change != other]
    if any(is_overlapping(change, other) for change, other in pairs):
        raise MergeConflict
    merged, at = [], 0
    for start, end, lines in sorted([*changes, *(other for other in others if other not in changes)]):
        merged += [*base[at:start], *lines]
        at = end
    merged += base[at:]
    if any(are_adjacent(change, other) for change, other in pairs) and not keeps_other_settings(
        back, texts[0], later, merged
    ):
        raise MergeConflict
    return "".join(merged).encode()


def split_lines(content: bytes | None) -> list[str]:
    if content is None or b"\0" in content:
        raise MergeConflict
    try:
        return content.decode().splitlines(keepends=True)
    except UnicodeDecodeError:
        raise MergeConflict from None


def list_changes(first: list[str], second: list[str]) -> list[Change]:
    most = min(len(first), len(second))
    ahead = next((at for at in range(most) if first[at] != second[at]), most)
    behind = next((at for at in range(most - ahead) if first[-1 - at] != second[-1 - at]), most - ahead)
    middle, other = first[ahead : len(first) - behind], second[ahead : len(second) - behind]
    counts = Counter(other)
    if sum(counts[line] for line in middle) > MAX_PAIRS:
        raise MergeConflict
    opcodes = SequenceMatcher(None, middle, other, autojunk=False).get_opcodes()
    return [(ahead + start, ahead + end, other[from_:to]) for tag, start, end, from_, to in opcodes if tag != "equal"]


def are_adjacent(change: Change, other: Change) -> bool:
    return change[0] <= other[1] and other[0] <= change[1]


def is_overlapping(change: Change, other: Change) -> bool:
    are_put_in = change[0] == change[1] and other[0] == other[1]
    return change[0] == other[0] if are_put_in else change[0] < other[1] and other[0] < change[1]


def keeps_other_settings(back: list[str], base: list[str], later: list[str], merged: list[str]) -> bool:
    try:
        before, after, present, result = (parse_settings("".join(lines)) for lines in (back, base, later, merged))
    except (ValueError, RecursionError):
        return False
    wanted = dict(present)
    for key in before.keys() | after.keys():
        if before.get(key) == after.get(key):
            continue
        if present.get(key) != after.get(key):
            return False
        wanted.pop(key, None)
        if key in before:
            wanted[key] = before[key]
    return result == wanted


def parse_settings(text: str) -> dict[str, Any]:
    return dict(iterate_leaves("", tomllib.loads(text)))


def iterate_leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from iterate_leaves(f"{path}\0{key}", inner)
    elif isinstance(value, list) and value and all(isinstance(entry, Mapping) for entry in value):
        texts = [json.dumps(entry, sort_keys=True, default=str) for entry in value]
        yield from ((f"{path}\0{text}", texts.count(text)) for text in texts)
    else:
        yield path, value


MAX_CELLS = 1_000


def restore_cells(name: str, before: bytes | None, after: bytes | None, present: bytes | None) -> bytes:
    """Restore cells that still have the written text; raise `MergeConflict` if they were changed later."""
    if before is None or after is None or present is None or not name.lower().endswith(".xlsx"):
        raise MergeConflict
    try:
        then = read(name, before)
        changes = sheet_views.find_changed_cells(then, read(name, after))
        cells = {at: was for at, (was, _) in changes.items()}
        now = read(name, present)
        since = sheet_views.find_changed_cells(read(name, after), now)
        if not 0 < len(cells) <= MAX_CELLS or cells.keys() & since.keys():
            raise MergeConflict
        patched = patched_workbook.patch(name, present, cells, kept_as_text=sheet_views.collect_texts(then, cells))
        merged = sheet_views.find_changed_cells(now, read(name, patched.content))
    except SdmxmigError:
        raise MergeConflict from None
    if patched.formulas or {at: text for at, (_, text) in merged.items()} != cells:
        raise MergeConflict
    return patched.content


UNDO, REDO = "undo", "redo"


@dataclass(frozen=True, slots=True)
class UndoState:
    """The undo or redo that a step allows.

    `of` is the step that it undoes or redoes, or itself; `taken_back` is the step that undid it, or 0; `offers` is
    ``undo``, ``redo`` or empty.
    """

    of: int
    _: KW_ONLY
    is_undo: bool = False
    taken_back: int = 0
    offers: str = ""


def find_undo_states(steps: Sequence[Step]) -> Mapping[int, UndoState]:
    about: dict[int, tuple[int, bool]] = {}
    last: dict[int, Step] = {}
    for step in steps:
        origin, was_undo = about.get(step.undoes, (step.number, True))
        about[step.number] = (origin, not was_undo)
        last[origin] = step
    return {step.number: build_undo_state(step, about, last) for step in steps}


def build_undo_state(step: Step, about: Mapping[int, tuple[int, bool]], last: Mapping[int, Step]) -> UndoState:
    origin, is_undo = about[step.number]
    latest = last[origin].number
    is_gone = about[latest][1]
    is_own = origin == step.number
    offers = ""
    if step.number > 1 and (latest == step.number or (is_own and not is_gone)):
        offers = REDO if is_undo else UNDO
    return UndoState(origin, is_undo=is_undo, taken_back=latest if is_own and is_gone else 0, offers=offers)
