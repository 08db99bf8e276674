"""Atomic folders of results."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import filecmp
import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import BinaryIO, NamedTuple

from sdmxmig.io.intake.files import read_bytes
from sdmxmig.io.intake.json import JsonDocument
from sdmxmig.io.publishing.files import (
    MADE_FILE,
    Content,
    FolderRecord,
    StoredResult,
    build_output_error,
    check_folder,
    check_new,
    compute_hash,
    compute_hashes,
    create_file,
    explain_write_errors,
    fill,
    is_inside,
    lock_folder,
    read_record,
    render,
    sync_folder,
    sync_folders,
    write,
    write_all,
)
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place

RENAMED_FILE = re.compile(r"\.changed-\d+(\.[^./]*)?$")


class KeptFile(NamedTuple):
    name: str
    now: str


def describe_kept_file(folder: Path, kept_file: KeptFile) -> str:
    """Describe a user's file that was kept among results.

    >>> describe_kept_file(Path("out"), KeptFile("report.docx", "report.changed-1.docx"))
    'out/report.docx was changed since sdmxmig wrote it; that is kept as report.changed-1.docx.'
    """
    statement = "was not made by sdmxmig and stays where it is"
    if kept_file.name != kept_file.now:
        statement = f"was changed since sdmxmig wrote it; that is kept as {kept_file.now.rpartition('/')[2]}"
    return f"{(folder / kept_file.name).as_posix()} {statement}."


def list_others(folder: Path, ours: Mapping[str, str]) -> list[str]:
    return [name for name in _list_entries(folder) if not _is_ours(folder / name, ours.get(name, ""))]


def carry_over(source: Path, target: Path, ours: Mapping[str, str]) -> list[KeptFile]:
    kept_files = []
    for name in list_others(source, ours):
        place = _find_place(source / name, target, name)
        if place is not None:
            place.parent.mkdir(parents=True, exist_ok=True)
            _link(source / name, place)
            kept_files.append(KeptFile(name, place.relative_to(target).as_posix()))
    if kept_files:
        sync_folders(target)
    return kept_files


def keep_aside(path: Path, ours: str, coming: str) -> list[KeptFile]:
    """Rename a file that is not ours or was changed; `ours` and `coming` are hashes."""
    if not os.path.lexists(path) or (path.is_file() and not path.is_symlink() and compute_hash(path) in (ours, coming)):
        return []
    place = _find_place(path, path.parent, path.name, beside=True)
    if place is None:
        return []
    if _is_folder(path):
        path.rename(place)
    else:
        _link(path, place)
    return [KeptFile(path.name, place.name)]


def is_aside(name: str) -> bool:
    """Check whether `keep_aside` or `carry_over` made a name.

    >>> is_aside("data/DF_POP.changed-2.csv"), is_aside("data/DF_POP.csv")
    (True, False)
    """
    return bool(RENAMED_FILE.search(name))


def _list_entries(folder: Path) -> Iterator[str]:
    for name, folders, files in os.walk(folder, onerror=_refuse):
        directory = Path(name)
        links = [entry for entry in folders if (directory / entry).is_symlink()]
        for entry in sorted([*files, *links]):
            yield (directory / entry).relative_to(folder).as_posix()
        if not folders and not files and directory != folder:
            yield directory.relative_to(folder).as_posix()


def _refuse(error: OSError) -> None:
    raise error


def _is_ours(path: Path, sha256: str) -> bool:
    return bool(sha256) and compute_hash(path) == sha256


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _find_place(path: Path, target: Path, name: str, *, beside: bool = False) -> Path | None:
    *folders, last = name.split("/")
    place = target
    for part in folders:
        place = next(path for path in _generate_names(place / part) if not os.path.lexists(path) or _is_folder(path))
    names = _generate_names(place / last)
    if beside:
        next(names)
    for candidate in names:
        if not os.path.lexists(candidate):
            return candidate
        if _is_same(path, candidate):
            return None
    return None


def _generate_names(path: Path) -> Iterator[Path]:
    """Yield a path, then alternative names in the same folder.

    >>> [next(_generate_names(Path("a/b.csv"))).name, [*zip(range(2), _generate_names(Path("a/b.csv")))][1][1].name]
    ['b.csv', 'b.changed-1.csv']
    """
    yield path
    number = 0
    while True:
        number += 1
        yield path.with_name(f"{path.stem}.changed-{number}{path.suffix}")


def _is_same(first: Path, second: Path) -> bool:
    if first.is_symlink() or second.is_symlink():
        return first.is_symlink() and second.is_symlink() and first.readlink() == second.readlink()
    if first.is_dir() or second.is_dir():
        return first.is_dir() and second.is_dir()
    return first.samefile(second) or (
        first.is_file() and second.is_file() and filecmp.cmp(first, second, shallow=False)
    )


def _link(path: Path, place: Path) -> None:
    """Link a file to a second place, or copy it if links are unsupported."""
    if path.is_symlink():
        place.symlink_to(path.readlink())
    elif path.is_dir():
        place.mkdir()
    else:
        try:
            place.hardlink_to(path)
        except OSError:
            _copy(path, place)


def _copy(path: Path, place: Path) -> None:
    part = place.with_name(f".{place.name[:60]}.part")
    part.unlink(missing_ok=True)
    shutil.copy2(path, part)
    with part.open("rb+") as file:
        os.fsync(file.fileno())
    part.rename(place)


AT_FDCWD, RENAME_EXCHANGE, RENAME_SWAP = -100, 2, 2
"""The present folder, and the flags of renameat2 (Linux) and renamex_np (macOS)."""
UNSUPPORTED_ERRORS = (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EPERM)


def swap(new: Path, target: Path, old: Path) -> None:
    """Replace a folder and move the earlier one to `old`; on `OSError`, revert and raise it."""
    if exchange_paths(new, target):
        new.rename(old)
        return
    target.rename(old)
    try:
        new.rename(target)
    except OSError:
        old.rename(target)
        raise


def exchange_paths(new: Path, target: Path) -> bool:
    """Exchange two paths atomically; False if the system cannot."""
    library = find_system_exchange()
    if library is None:
        return False
    sys.audit("os.rename", str(new), str(target), -1, -1)
    first, second = os.fsencode(new), os.fsencode(target)
    if hasattr(library, "renameat2"):
        failure = library.renameat2(AT_FDCWD, first, AT_FDCWD, second, RENAME_EXCHANGE)
    else:
        failure = library.renamex_np(first, second, RENAME_SWAP)
    if not failure:
        return True
    number = ctypes.get_errno()
    if number in UNSUPPORTED_ERRORS:
        return False
    raise OSError(number, os.strerror(number), str(target))


@cache
def find_system_exchange() -> ctypes.CDLL | None:
    if sys.platform == "win32":
        return None
    try:
        library = ctypes.CDLL(None, use_errno=True)
    except OSError:
        return None
    return library if any(hasattr(library, name) for name in ("renameat2", "renamex_np")) else None


NEW, READY, FILES, OLD, PLAN = "new", "ready", "files", "old", "plan.json"
DOCUMENT = JsonDocument("sdmxmig-plan", 1, what="a list of results to be put in place", hint="Remove this folder.")
FOLDER, FILE, SEALED, GONE = "folder", "file", "sealed", "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultStep:
    kind: str
    name: str
    coming: Mapping[str, str] = field(default_factory=dict)
    ours: Mapping[str, str] = field(default_factory=dict)


class Transaction:
    def __init__(self, root: Path, work: Path) -> None:
        self.root = root
        self.work = work
        self.steps: dict[str, ResultStep] = {}

    def stage_path(self, name: str) -> Path:
        return self.work / NEW / FILES / name

    def put_folder(self, name: str, files: Mapping[str, Content], result: str, made: StoredResult) -> None:
        """Stage a folder of one result, with its record, which gets the hashes of the files."""
        self._stage_all(name, files)
        folder, staged = self.root / name, self.stage_path(name)
        coming = {file: compute_hash(staged / file) for file in files}
        ours = list_own_files(read_record(folder))
        others = list_others(folder, ours) if folder.is_dir() else []
        record = render(FolderRecord({result: replace(made, files=coming)}, tuple(others)))
        write(staged / MADE_FILE, record)
        coming |= compute_hashes({MADE_FILE: record})
        self.steps[name] = ResultStep(kind=FOLDER, name=name, coming=coming, ours=ours)

    def put_sealed(self, name: str, files: Mapping[str, bytes]) -> None:
        self._stage_all(name, files)
        self.steps[name] = ResultStep(kind=SEALED, name=name, coming=compute_hashes(files))

    def put_file(self, name: str, content: Content, ours: str = "") -> None:
        with self.open_file(name, ours) as file:
            fill(file, content)

    @contextmanager
    def open_file(self, name: str, ours: str = "") -> Iterator[BinaryIO]:
        self.stage_path(name).unlink(missing_ok=True)
        with create_file(self.stage_path(name)) as file:
            yield file
        coming = compute_hash(self.stage_path(name))
        self.steps[name] = ResultStep(kind=FILE, name=name, coming={"": coming}, ours={"": ours})

    def remove(self, name: str, ours: str) -> None:
        self.steps[name] = ResultStep(kind=GONE, name=name, ours={"": ours})

    def commit(self) -> list[KeptFile]:
        """Commit; returns others' files. Raises `OSError`; the next command continues."""
        steps = list(self.steps.values())
        self.steps = {}
        if not steps:
            return []
        new = self.work / NEW
        plan = {"schema": DOCUMENT.schema, "version": DOCUMENT.version, "steps": [asdict(step) for step in steps]}
        write(new / PLAN, json.dumps(plan).encode())
        sync_folders(new)
        new.rename(self.work / READY)
        sync_folder(self.work)
        try:
            return finish(self.root, self.work)
        except KeyboardInterrupt:  # already committed, so the last steps are completed
            finish(self.root, self.work)
            raise

    def discard(self) -> None:
        self.steps = {}
        shutil.rmtree(self.work / NEW, ignore_errors=True)

    def _stage_all(self, name: str, files: Mapping[str, Content]) -> None:
        shutil.rmtree(self.stage_path(name), ignore_errors=True)
        write_all(self.stage_path(name), files)


@contextmanager
def open_transaction(root: Path, work: Path) -> Iterator[tuple[Transaction, list[KeptFile]]]:
    if work.is_symlink():
        message = "This is a link. sdmxmig needs this place for its work files."
        raise InputError(message, Place(str(work)), DOCUMENT.hint)
    is_new = not root.exists()
    try:
        with lock_folder(work):
            kept_files = finish(root, work)
            staging = Transaction(root, work)
            staging.discard()
            try:
                yield staging, kept_files
            finally:
                staging.discard()
    finally:
        if is_new:
            with contextlib.suppress(OSError):
                root.rmdir()


def is_waiting(work: Path) -> bool:
    return (work / READY / PLAN).is_file()


def finish(root: Path, work: Path) -> list[KeptFile]:
    ready = work / READY
    kept_files: list[KeptFile] = []
    if (ready / PLAN).is_file():
        for step in _read_plan(ready / PLAN, root):
            above = f"{step.name.rpartition('/')[0]}/".lstrip("/")
            (root / above).mkdir(parents=True, exist_ok=True)
            within = f"{step.name}/" if step.kind == FOLDER else above
            kept_files += [
                KeptFile(within + name, within + now) for name, now in PLACE_FUNCTIONS[step.kind](step, root, ready)
            ]
            sync_folder(root / above)
        sync_folder(root)
        (ready / PLAN).unlink()
    shutil.rmtree(ready, ignore_errors=True)
    return kept_files


def _read_plan(path: Path, root: Path) -> list[ResultStep]:
    document = DOCUMENT.opened(read_bytes(path), str(path))
    try:
        steps = [ResultStep(**fields) for fields in document["steps"]]
    except (KeyError, TypeError):
        raise InputError("This is not what sdmxmig wrote.", Place(str(path)), DOCUMENT.hint) from None
    for step in steps:
        above = (root / step.name).parent.resolve()
        if (
            step.kind not in PLACE_FUNCTIONS
            or not is_inside(step.name)
            or root.resolve() not in (above, *above.parents)
        ):
            raise InputError(f"“{step.name}” is not a result of this folder.", Place(str(path)), DOCUMENT.hint)
    return steps


def _place_folder(step: ResultStep, root: Path, ready: Path) -> list[KeptFile]:
    """Replace a folder, keeping files of others and removing our earlier files."""
    new, target, old = ready / FILES / step.name, root / step.name, ready / OLD / step.name
    kept_files: list[KeptFile] = []
    old.parent.mkdir(parents=True, exist_ok=True)
    if new.exists() and old.exists():  # stopped between two renamings
        kept_files += carry_over(old, new, step.ours)
        shutil.rmtree(old)
    if new.exists() and not target.exists():
        new.rename(target)
    elif new.exists() and all(compute_hash(new / name) == sha256 for name, sha256 in step.coming.items()):
        kept_files += carry_over(target, new, step.ours)
        swap(new, target, old)
    elif new.exists():  # the folders were exchanged: this is the earlier one
        new.rename(old)
    sync_folder(target.parent)
    if old.exists():
        kept_files += carry_over(old, target, step.ours)
        shutil.rmtree(old)
    return list(dict.fromkeys(kept_files))


def _place_file(step: ResultStep, root: Path, ready: Path) -> list[KeptFile]:
    new, target = ready / FILES / step.name, root / step.name
    if not new.exists():
        return []
    kept_files = keep_aside(target, step.ours[""], step.coming[""])
    new.replace(target)
    return kept_files


def _place_sealed(step: ResultStep, root: Path, ready: Path) -> list[KeptFile]:
    new, target = ready / FILES / step.name, root / step.name
    if new.exists() and not target.exists():
        new.rename(target)
    return []


def _release(step: ResultStep, root: Path, _: Path) -> list[KeptFile]:
    target = root / step.name
    if compute_hash(target) == step.ours[""]:
        target.unlink(missing_ok=True)
    return []


PLACE_FUNCTIONS = {FOLDER: _place_folder, FILE: _place_file, SEALED: _place_sealed, GONE: _release}


WORK_FOLDER = ".sdmxmig"
"""Temporary name of files before they are put in place."""


def publish_folder(
    folder: Path,
    result: str,
    files: Mapping[str, bytes],
    *,
    maker: str,
    option: str,
    made_from: Mapping[str, str] | None = None,
) -> tuple[list[Path], list[str]]:
    """Publish a result as a folder, keeping others' files; return files and notes. `made_from` are input hashes."""
    named, folder = folder, folder.resolve()
    check_folder(named, result, maker, option)
    with (
        explain_write_errors(named, option),
        open_transaction(folder.parent, _find_work_folder(folder)) as (writing, before),
    ):
        record = read_record(folder)
        writing.put_folder(folder.name, files, result, StoredResult({}, made_from or {}))
        kept_files = list_newly_met([*before, *writing.commit()], list_known_others({folder.name: record}))
    return [named / name for name in sorted(files)], [describe_kept_file(named.parent, file) for file in kept_files]


def publish_among(folder: Path, result: str, files: Mapping[str, bytes], tell: Callable[[str], None]) -> list[Path]:
    named, folder = folder, folder.resolve()
    if folder.is_file():
        raise build_output_error(named, "-o FOLDER")
    with explain_write_errors(named), open_transaction(folder, folder / WORK_FOLDER) as (writing, before):
        record = read_record(folder)
        earlier, ours = record.results.get(result, StoredResult({})).files, list_own_files(record)
        results = {
            name: replace(made, files={file: sha256 for file, sha256 in made.files.items() if file not in files})
            for name, made in record.results.items()
        }
        written = render(replace(record, results={**results, result: StoredResult(compute_hashes(files))}))
        for file, content in {**files, MADE_FILE: written}.items():
            writing.put_file(file, content, ours.get(file, ""))
        for file in earlier.keys() - files.keys():
            writing.remove(file, earlier[file])
        kept_files = list_newly_met([*before, *writing.commit()], ())
    for kept in kept_files:
        tell(describe_kept_file(named, kept))
    return [named / name for name in files]


def list_own_files(record: FolderRecord) -> dict[str, str]:
    return record.files | compute_hashes({MADE_FILE: render(record)}) if record.results else {}


def list_known_others(folders: Mapping[str, FolderRecord]) -> set[str]:
    return {f"{folder}/{name}" for folder, record in folders.items() for name in record.others}


def list_newly_met(kept_files: Sequence[KeptFile], named_before: Collection[str]) -> list[KeptFile]:
    """Return the renamed or newly found files of other programs, to report them."""
    return [
        file for file in kept_files if file.name != file.now or not (file.name in named_before or is_aside(file.name))
    ]


def check_writable(folder: Path, option: str) -> None:
    """Raise `OutputError` if a folder cannot be made or written to."""
    existing = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    with explain_write_errors(folder, option), tempfile.TemporaryFile(dir=existing):
        pass


def make_folder(folder: Path, files: Mapping[str, bytes], option: str) -> list[Path]:
    if folder.is_file():
        raise build_output_error(folder, option)
    if folder.is_dir():
        return add_files(folder, files, option)
    target = folder.resolve()
    with (
        explain_write_errors(folder, option),
        open_transaction(target.parent, _find_work_folder(target)) as (writing, _),
    ):
        writing.put_sealed(target.name, files)
        writing.commit()
    return [folder / name for name in files]


def add_files(folder: Path, files: Mapping[str, bytes], option: str) -> list[Path]:
    target = folder.resolve()
    with explain_write_errors(folder, option), open_transaction(target, target / WORK_FOLDER) as (writing, _):
        for name in files:
            check_new(folder / name, option)
        for name, content in files.items():
            writing.put_file(name, content)
        writing.commit()
    return [folder / name for name in files]


def _find_work_folder(folder: Path) -> Path:
    return folder.with_name(f".{folder.name[:60]}.sdmxmig")
