"""Results of a workspace: hashes of inputs, staleness, and replacement of all results of a command together."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import KW_ONLY, dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TypeVar

from sdmxmig.catalogue.folders import find_shipped_folder
from sdmxmig.io.disk_cache import COMPILED, load_or_make
from sdmxmig.io.publishing.files import (
    MADE_FILE,
    Content,
    FolderRecord,
    LockedError,
    StoredResult,
    check_folder,
    check_no_link,
    compute_digest,
    compute_hash,
    compute_hashes,
    explain_write_errors,
    read_record,
    render,
)
from sdmxmig.io.publishing.folders import (
    WORK_FOLDER,
    KeptFile,
    Transaction,
    describe_kept_file,
    is_waiting,
    list_known_others,
    list_newly_met,
    list_others,
    list_own_files,
    open_transaction,
)
from sdmxmig.primitives import __version__
from sdmxmig.primitives.errors import OutputError, SdmxmigError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.workspace.folder import (
    ACCEPTED,
    COMPARISONS,
    COUNTRY_FILE,
    INTEGRATION,
    JUSTIFICATIONS_FILE,
    OWN_FILES,
    OWN_FOLDERS,
    PEERS,
    PREVIOUS,
    PROFILE_FILE,
    RESULTS,
)
from sdmxmig.workspace.folder import DECLARED as FOLDER_DECLARED

PROGRAM = "sdmxmig"
"""The name of the program with its declarations and templates."""
SHIPPED_FOLDERS = ("codelists", "structures", "templates")


def read_inputs(workspace: Path) -> dict[str, str]:
    single = {name: hash_input(workspace, name) for name in OWN_FILES}
    hashes = {name: sha256 for name, sha256 in single.items() if sha256}
    return {**hashes, **_hash_files_below(workspace, OWN_FOLDERS), PROGRAM: _hash_package()}


def read_result_inputs(workspace: Path) -> dict[str, str]:
    """Return the inputs of results like `read_inputs`, but with each setting of ``country.toml``."""
    inputs = read_inputs(workspace)
    if inputs.pop(COUNTRY_FILE, ""):
        inputs |= hash_settings((workspace / COUNTRY_FILE).resolve().read_bytes())
    return inputs


def hash_settings(content: bytes) -> dict[str, str]:
    """Return the SHA-256 of each setting, such as ``country.toml: report.contact``, or of a file that is not TOML."""
    try:
        tables = Declared.parse(COUNTRY_FILE, content).values
    except SdmxmigError:
        return {COUNTRY_FILE: hashlib.sha256(content).hexdigest()}
    settings = {
        f"{table}.{key}": value
        for table, values in tables.items()
        for key, value in (values.items() if isinstance(values, dict) else [("", values)])
    }
    settings.pop("receiver.delivery", None)
    return {
        f"{COUNTRY_FILE}: {name}": hashlib.sha256(json.dumps(value, default=str).encode()).hexdigest()
        for name, value in settings.items()
    }


def hash_input(workspace: Path, name: str) -> str:
    path = workspace / name
    return compute_hash(path.resolve()) if path.is_file() else ""


def hash_all_declarations(workspace: Path | None) -> str:
    declared = {} if workspace is None else _hash_files_below(workspace, FOLDER_DECLARED)
    return compute_digest({**declared, PROGRAM: _hash_package()})


def describe_differences(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Describe the differences between two states of inputs.

    >>> describe_differences({"tables/a.csv": "1", "profile.toml": "2"}, {"tables/a.csv": "3", "tables/b.csv": "4"})
    ['profile.toml is gone', 'tables/a.csv was changed', 'tables/b.csv is new']
    """
    if COUNTRY_FILE in before.keys() ^ after.keys():  # it is unreadable in one of them
        before, after = _join_country_settings(before), _join_country_settings(after)
    changes = []
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            change = "is new" if name not in before else "is gone" if name not in after else "was changed"
            changes.append(
                "sdmxmig or what ships with it is another version" if name == PROGRAM else f"{name} {change}"
            )
    return changes


@cache
def hash_program() -> str:
    code = load_or_make("program", (), lambda: hash_code(Path(__file__).parents[1]))
    folders = [Path(name) for name in sys.path if Path(name).is_dir()]
    libraries = {path.name: "" for folder in folders for path in folder.glob("*.dist-info")}
    return compute_digest({**code, **libraries, "python": sys.version})


def hash_code(package: Path) -> dict[str, str]:
    """Return the SHA-256 of each module, table and template of a package."""
    paths = (path for path in package.rglob("*") if path.is_file() and path.parent.name != COMPILED)
    return {_format_name(path, package): compute_hash(path) for path in paths}


def _join_country_settings(inputs: Mapping[str, str]) -> dict[str, str]:
    settings = {name: sha256 for name, sha256 in inputs.items() if name.partition(": ")[0] == COUNTRY_FILE}
    others = {name: sha256 for name, sha256 in inputs.items() if name not in settings}
    return {**others, COUNTRY_FILE: compute_digest(settings)}


def _hash_files_below(workspace: Path, folders: Iterable[str]) -> dict[str, str]:
    paths = (path for name in folders for path in _walk(workspace / name))
    return {_format_name(path, workspace): compute_hash(path.resolve()) for path in paths if path.is_file()}


def _walk(folder: Path) -> Iterator[Path]:
    seen: set[str] = set()
    paths = []
    for name, folders, files in os.walk(folder, followlinks=True):
        is_new = (real := os.path.realpath(name)) not in seen
        seen.add(real)
        folders[:] = [each for each in folders if is_new and each[0] not in ".~"]
        paths += [Path(name, file) for file in files if is_new and file[0] not in ".~"]
    yield from sorted(paths)


def _format_name(path: Path, workspace: Path) -> str:
    return path.relative_to(workspace).as_posix().encode(errors="replace").decode()


@cache
def _hash_package() -> str:
    folders = {name: find_shipped_folder(name) for name in SHIPPED_FOLDERS}
    files = load_or_make(
        "shipped",
        folders.values(),
        lambda: {
            f"{name}/{_format_name(path, folder)}": compute_hash(path)
            for name, folder in folders.items()
            for path in _walk(folder)
        },
    )
    return compute_digest({**files, PROGRAM: __version__})


Seen = TypeVar("Seen")
OUTDATED = "outdated.txt"
SUBMISSION, NEWEST = "submission", "newest"
STANDING = "standing"
MAX_ATTEMPTS = 5
OUTDATED_MARK = "outdated"
"""The name of the file that lists older results."""
CODE = "code"
"""The name of the program in a key."""


HEADER_SETTINGS = ("country.", "message.sender", "message.receiver", "message.test")
"""Prefixes of the settings that name the reporter and the receiver; every message has them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultKind:
    """A kind of result: its inputs in the workspace, the results that it uses, and its command.

    `has_folder` means a folder of its own name; other results share a folder. Changes of `glanced_at` inputs do not
    make it stale.
    """

    inputs: tuple[str, ...]
    command: str
    settings: tuple[str, ...] = HEADER_SETTINGS
    results: tuple[str, ...] = ()
    has_folder: bool = False
    glanced_at: tuple[str, ...] = ()

    def reads(self, name: str) -> bool:
        """Check whether it uses this file or setting; in an unreadable file, any setting may have changed."""
        file, _, setting = name.partition(": ")
        if file == COUNTRY_FILE:
            return not setting or setting.startswith(self.settings)
        return name.partition("/")[0] in self.inputs


DECLARED = ("codelists", "structures", PROGRAM)
TABLE_INPUTS = (*DECLARED, "tables", "mappings")
KINDS = {
    "data": ResultKind(inputs=TABLE_INPUTS, command="convert", has_folder=True),
    "structures": ResultKind(inputs=DECLARED, command="build", has_folder=True),
    "findings": ResultKind(
        inputs=(*TABLE_INPUTS, ACCEPTED, COMPARISONS, JUSTIFICATIONS_FILE),
        results=("data",),
        command="validate",
        has_folder=True,
        glanced_at=(PROFILE_FILE, "templates"),
    ),
    "protected": ResultKind(inputs=(*TABLE_INPUTS, COMPARISONS), results=("data",), command="protect", has_folder=True),
    SUBMISSION: ResultKind(
        inputs=DECLARED,
        settings=(*HEADER_SETTINGS, "message.", "receiver."),
        results=("data", "findings"),
        command="package",
    ),
    "assessment": ResultKind(
        inputs=(*TABLE_INPUTS, PROFILE_FILE, PREVIOUS, PEERS, INTEGRATION),
        settings=(*HEADER_SETTINGS, "report."),
        results=("data", "findings"),
        command="assess",
    ),
    "report": ResultKind(
        inputs=("templates", PROGRAM), settings=(*HEADER_SETTINGS, "report."), results=("assessment",), command="report"
    ),
}
"""The results of a workspace, in the order of the line."""


def compute_results_token(root: Path) -> frozenset[tuple[str, int, int]]:
    """Return a token that changes when results in a folder are replaced."""
    try:
        with os.scandir(root) as entries:
            stats = {entry.name: entry.stat(follow_symlinks=False) for entry in entries if entry.name != WORK_FOLDER}
    except OSError:  # none yet, or removed just now
        return frozenset()
    return frozenset((name, status.st_ino, status.st_mtime_ns) for name, status in stats.items())


def read_consistently(roots: Sequence[Path], look: Callable[[], Seen]) -> Seen:
    for _ in range(MAX_ATTEMPTS - 1):
        before = [compute_results_token(root) for root in roots]
        try:
            seen = look()
        except Exception:
            if [compute_results_token(root) for root in roots] == before:
                raise
            continue
        if [compute_results_token(root) for root in roots] == before:
            return seen
    return look()


def hash_folder(folder: Path) -> dict[str, str]:
    parts = [path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()]
    return {path.relative_to(folder).as_posix(): compute_hash(path) for path in parts}


@dataclass(slots=True)
class Results:
    """The results in `root`; enter `writing` to change them.

    `notes` are about files of other origin; `written` are the latest results.
    """

    workspace: Path
    root: Path
    _: KW_ONLY
    notes: list[str] = field(default_factory=list)
    written: tuple[str, ...] = ()
    _inputs: dict[str, str] | None = None
    _writing: Transaction | None = None
    _loose: dict[str, StoredResult] = field(default_factory=dict)
    _hashes: dict[tuple[Path, int, int, int], str] = field(default_factory=dict)
    _is_together: bool = False

    @property
    def is_waiting(self) -> bool:
        return self._writing is not None and bool(self._writing.steps)

    @property
    def inputs(self) -> dict[str, str]:
        if self._inputs is None:
            self._inputs = read_result_inputs(self.workspace)
        return self._inputs

    def path(self, name: str) -> Path:
        if self._writing is not None and name in self._writing.steps:
            return self._writing.stage_path(name)
        return self.root / name

    def made(self, name: str) -> StoredResult | None:
        if KINDS[name].has_folder:
            return read_record(self.path(name)).results.get(name)
        return self._loose.get(name) or read_record(self.root).results.get(name)

    def changed(self, name: str) -> list[str]:
        made = self.made(name)
        return [file for file, sha256 in made.files.items() if self._hash(name, file) != sha256] if made else []

    def older(self, name: str) -> list[str]:
        made = self.made(name)
        if made is None:
            return []
        reasons = describe_differences(made.made_from, self._read_inputs(name))
        return reasons + [f"{result} is older than its sources" for result in KINDS[name].results if self.older(result)]

    def list_older_sources(self, name: str) -> list[str]:
        """List a result and the outdated results that it uses, in the order of creation."""
        sources = [
            older for result in KINDS[name].results if self.older(result) for older in self.list_older_sources(result)
        ]
        return [*dict.fromkeys((*sources, name))]

    def state(self, name: str) -> str:
        return compute_digest(self._read_inputs(name))

    def read_made_state(self, name: str) -> str:
        made = self.made(name)
        return compute_digest(made.made_from) if made else ""

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Lock the results and repair an interrupted replacement; raises `OutputError` if not writable."""
        with ExitStack() as stack:
            inside = self.root.parent == self.workspace  # another -o does not help the commands that change files
            with explain_write_errors(self.root, "" if inside else "-o FOLDER"):
                self._writing, kept_files = stack.enter_context(open_transaction(self.root, self.root / WORK_FOLDER))
            self._note(kept_files, {})
            self._inputs = read_result_inputs(self.workspace)
            try:
                yield
            finally:
                self._writing = None

    def reading(self) -> None:
        """Repair an interrupted replacement before reading; raise `OutputError` if impossible."""
        if not (self.root / WORK_FOLDER).is_dir():
            return
        try:
            with self.writing():
                self.mark()
        except LockedError:  # another command is doing so
            return
        except OutputError:
            if is_waiting(self.root / WORK_FOLDER):
                raise

    @contextmanager
    def run(self, *, one_by_one: bool) -> Iterator[None]:
        """Run the pipeline: complete results are replaced together at the end, or `one_by_one`."""
        self._is_together = not one_by_one
        try:
            yield
        except (Exception, KeyboardInterrupt):
            self._is_together = False
            self.commit()
            raise
        finally:
            self._is_together = False
        self.commit()

    def unchanged(self, name: str, options: Mapping[str, str]) -> StoredResult | None:
        """Return the stored result if it is up to date for these options and its files are unchanged, or None."""
        made = self.made(name)
        if made is None or not made.key or self.changed(name):
            return None
        if KINDS[name].has_folder:
            record = read_record(self.path(name))
            if list_others(self.path(name), list_own_files(record)) != [*record.others]:
                return None
        elif name == SUBMISSION:
            options = {**options, **self._hash_sealed()}
        return made if made.key == self._key(name, options, self._read_inputs(name)) else None

    def find_changes(self, name: str, options: Mapping[str, str]) -> set[str] | None:
        """Return the inputs that changed since a result was made, or None if anything else has changed too."""
        made = self.made(name)
        if made is None or self.changed(name) or made.key != self._key(name, options, made.made_from):
            return None
        return {file for file, _ in made.made_from.items() ^ self._read_inputs(name).items()}

    def _key(self, name: str, options: Mapping[str, str], inputs: Mapping[str, str]) -> str:
        kind = KINDS[name]
        glanced_at = (*kind.glanced_at, COUNTRY_FILE)  # records contain the settings as a whole
        parts = {file: sha256 for file, sha256 in self.inputs.items() if re.split("[/:]", file)[0] in glanced_at}
        for result in kind.results:
            parts |= {f"{result}/{other}": "" for other in read_record(self.path(result)).others}
        options = {f"--{option}": value for option, value in options.items()}
        return compute_digest({**inputs, **parts, **options, CODE: hash_program()})

    def _hash_sealed(self, name: str = "") -> dict[str, str]:
        newest = self.path(f"{SUBMISSION}/{NEWEST}")
        name = name or (newest.read_text(encoding="utf-8").strip() if newest.is_file() else "")
        steps = self._writing.steps if self._writing else {}
        waiting = (step.rpartition("/")[2] for step in steps if step.startswith(f"{STANDING}/"))
        kept = {*(path.name for path in (self.root / STANDING).glob("*")), *waiting}
        paths = [f"{SUBMISSION}/{name}", *(f"{STANDING}/{sha256}" for sha256 in sorted(kept))]
        return {path: compute_digest(hash_folder(self.path(path))) for path in paths}

    @contextmanager
    def _run_all(self) -> Iterator[None]:
        steps, loose = dict(self._open.steps), dict(self._loose)
        try:
            yield
        except BaseException:
            self._open.steps, self._loose = steps, loose
            raise

    def put(
        self,
        name: str,
        files: Mapping[str, Content],
        stay: Iterable[str] = (),
        *,
        options: Mapping[str, str] | None = None,
        warnings: Iterable[str] = (),
    ) -> None:
        """Stage a result and replace the earlier one, at once unless more results are expected.

        Files of the earlier result listed in `stay` become part of the new one. With `options`, the pipeline can later
        recognise an unchanged result and repeat its `warnings`.
        """
        earlier = read_record(self.root).results.get(name, StoredResult({})).files
        staying = {file: sha256 for file, sha256 in earlier.items() if file in {*stay} - files.keys()}
        inputs = self._read_inputs(name)
        key = "" if options is None else self._key(name, options, inputs)
        made = StoredResult({}, inputs, key=key, warnings=tuple(warnings))
        with explain_write_errors(self.root), self._run_all():
            if KINDS[name].has_folder:
                check_no_link(self.root / name)
                check_folder(self.root / name, name)
                self._open.put_folder(name, files, name, made)
            else:
                replaced = {file: sha256 for file, sha256 in earlier.items() if file not in staying}
                self._put_loose(self._open, files, replaced)
                hashes = {file: self._open.steps[file].coming[""] for file in files}
                self._loose[name] = replace(made, files=hashes | staying)
        if not self._is_together:
            self.commit()

    def _put_loose(self, writing: Transaction, files: Mapping[str, Content], earlier: Mapping[str, str]) -> None:
        for file, content in files.items():
            writing.put_file(file, content, earlier.get(file, ""))
        for file in earlier.keys() - files.keys():
            writing.remove(file, earlier[file])

    def seal(
        self, name: str, files: Mapping[str, bytes], standing: Mapping[str, bytes], options: Mapping[str, str]
    ) -> None:
        """Stage a submission and mark it as newest; raises `OutputError` if it exists with different content."""
        hint = f"See what differs with: sdmxmig verify {self.root / SUBMISSION / name} – then move it away."
        with self._run_all():
            if standing:
                kept = f"{STANDING}/{compute_digest(compute_hashes(standing))}"
                message = "These structures were changed after they were saved."
                self._put_sealed(kept, standing, message, "Move them away.")
            self._put_sealed(f"{SUBMISSION}/{name}", files, "This submission was changed since it was sealed.", hint)
            newest = {f"{SUBMISSION}/{NEWEST}": f"{name}\n".encode()}
            self.put(SUBMISSION, newest, options={**options, **self._hash_sealed(name)})

    def _put_sealed(self, name: str, files: Mapping[str, bytes], changed: str, hint: str) -> None:
        folder = self.root / name
        check_no_link(folder.parent)
        if not folder.exists():
            with explain_write_errors(self.root):
                self._open.put_sealed(name, files)
            return
        if hash_folder(folder) != compute_hashes(files):
            raise OutputError(changed, Place(str(folder)), hint)

    def commit(self) -> None:
        """Put staged results in place; raise `OutputError`, without changes, if their inputs have changed."""
        writing = self._open
        try:
            self._check_unchanged(writing)
            folders = {name: read_record(self.root / name) for name in KINDS if KINDS[name].has_folder}
            with explain_write_errors(self.root):
                self._stage_records(writing, read_record(self.root))
                staged = self._staged(writing)
                kept_files = writing.commit()
            self.written = staged
        finally:
            writing.discard()
            self._loose = {}
        self._note(kept_files, folders)

    def mark(self) -> None:
        self._open.discard()
        self._loose = {}
        self.commit()

    @property
    def _open(self) -> Transaction:
        if self._writing is None:
            raise RuntimeError("Results are changed under their lock only.")
        return self._writing

    def _at(self, name: str, file: str) -> Path:
        return self.path(name) / file if KINDS[name].has_folder else self.path(file)

    def _hash(self, name: str, file: str) -> str:
        path = self._at(name, file)
        if not path.is_file():
            return ""
        stat = path.stat()
        state = (path, stat.st_size, stat.st_mtime_ns, stat.st_ino)
        if state not in self._hashes:
            self._hashes[state] = compute_hash(path)
        return self._hashes[state]

    def _read_inputs(self, name: str) -> dict[str, str]:
        kind = KINDS[name]
        parts = {file: sha256 for file, sha256 in self.inputs.items() if kind.reads(file)}
        for result in kind.results:
            made = self.made(result)
            if made is not None:
                parts[result] = compute_digest({file: self._hash(result, file) for file in made.files})
        return parts

    def _staged(self, writing: Transaction) -> tuple[str, ...]:
        return tuple(name for name in KINDS if name in writing.steps or name in self._loose)

    def _check_unchanged(self, writing: Transaction) -> None:
        staged = self._staged(writing)
        before, after = (
            {file: sha256 for file, sha256 in inputs.items() if any(KINDS[name].reads(file) for name in staged)}
            for inputs in (self.inputs, read_result_inputs(self.workspace) if staged else self.inputs)
        )
        changed = describe_differences(before, after)
        if changed:
            message = f"While this command was running, {' and '.join(changed)}. No file was written."
            raise OutputError(message, Place(str(self.workspace)), "Run it again.")

    def _stage_records(self, writing: Transaction, before: FolderRecord) -> None:
        results = {**before.results, **self._loose}
        earlier = before.results.get(OUTDATED_MARK, StoredResult({})).files.get(OUTDATED, "")
        text = self.outdated().encode()
        if text:
            results[OUTDATED_MARK] = StoredResult(compute_hashes({OUTDATED: text}))
        else:
            results.pop(OUTDATED_MARK, None)
        if compute_hashes({OUTDATED: text})[OUTDATED] != earlier and text:
            writing.put_file(OUTDATED, text, earlier)
        elif earlier and not text:
            writing.remove(OUTDATED, earlier)
        record = replace(before, results=results)
        if record != before and record.results:
            writing.put_file(MADE_FILE, render(record), list_own_files(before).get(MADE_FILE, ""))
        elif record != before:  # an empty record would have no owner
            writing.remove(MADE_FILE, list_own_files(before).get(MADE_FILE, ""))

    def outdated(self) -> str:
        lines = [f"- {name}: {'; '.join(why)}" for name in KINDS if (why := self.older(name))]
        if not lines:
            return ""
        head = "These results are older than what they are made from:"
        workspace, root = self.workspace.resolve(), self.root.resolve()
        command = ["sdmxmig", "run", workspace.name]
        if root != workspace / RESULTS:
            is_near = root.anchor == workspace.anchor
            command += ["-o", os.path.relpath(root, workspace.parent) if is_near else str(root)]
        remedy = [
            f"To write them again, run in the folder that contains the workspace: {shlex.join(command)}",
            "If validation finds errors, the run stops there. Correct the errors first; errors cannot be justified.",
        ]
        return "\n".join([head, "", *lines, "", *remedy, ""])

    def _note(self, kept_files: list[KeptFile], folders: Mapping[str, FolderRecord]) -> None:
        self.notes += [
            describe_kept_file(self.root, file) for file in list_newly_met(kept_files, list_known_others(folders))
        ]
