"""Transactions of results.

Staged in ``new``, committed by renaming to ``ready``; later commands finish or clean up.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import BinaryIO

from sdmxmig.io.intake.files import read_bytes
from sdmxmig.io.intake.json import JsonDocument
from sdmxmig.io.publishing.files import new_file, sync_folder, sync_folders, write, write_all
from sdmxmig.io.publishing.keeping import KeptFile, carry_over, keep_aside
from sdmxmig.io.publishing.lock import locked
from sdmxmig.io.publishing.made import hash_of, hashes_of, is_inside
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place

AT_FDCWD, RENAME_EXCHANGE, RENAME_SWAP = -100, 2, 2
"""The present folder, and the flags of renameat2 (Linux) and renamex_np (macOS)."""
NOT_HERE = (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EPERM)


def swap(new: Path, target: Path, old: Path) -> None:
    """Replace a folder, moving the other to `old`; raises `OSError` and reverts."""
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
    call = exchange_of_the_system()
    if call is None:
        return False
    sys.audit("os.rename", str(new), str(target), -1, -1)
    if call(os.fsencode(new), os.fsencode(target)) == 0:
        return True
    number = ctypes.get_errno()
    if number in NOT_HERE:
        return False
    raise OSError(number, os.strerror(number), str(target))


class Exchange:
    """The system call that exchanges two paths; returns 0 on success."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self.library = library
        self.on_linux = hasattr(library, "renameat2")

    def __call__(self, first: bytes, second: bytes) -> int:
        if self.on_linux:
            return int(self.library.renameat2(AT_FDCWD, first, AT_FDCWD, second, RENAME_EXCHANGE))
        return int(self.library.renamex_np(first, second, RENAME_SWAP))


@cache
def exchange_of_the_system() -> Exchange | None:
    if sys.platform == "win32":
        return None
    try:
        library = ctypes.CDLL(None, use_errno=True)
    except OSError:
        return None
    is_available = any(hasattr(library, name) for name in ("renameat2", "renamex_np"))
    return Exchange(library) if is_available else None


NEW, READY, FILES, OLD, PLAN = "new", "ready", "files", "old", "plan.json"
DOCUMENT = JsonDocument("sdmxmig-plan", 1, what="a list of results to be put in place", hint="Remove this folder.")
FOLDER, FILE, SEALED, GONE = "folder", "file", "sealed", "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultStep:
    """A step of a commit: path and hashes."""

    kind: str
    name: str
    coming: Mapping[str, str] = field(default_factory=dict)
    ours: Mapping[str, str] = field(default_factory=dict)


class Transaction:
    """A transaction below a folder."""

    def __init__(self, root: Path, work: Path) -> None:
        self.root = root
        self.work = work
        self.steps: dict[str, ResultStep] = {}

    def staged(self, name: str) -> Path:
        return self.work / NEW / FILES / name

    def put_folder(self, name: str, files: Mapping[str, bytes], ours: Mapping[str, str]) -> None:
        self._put_all(name, files)
        self.steps[name] = ResultStep(kind=FOLDER, name=name, coming=hashes_of(files), ours=ours)

    def put_sealed(self, name: str, files: Mapping[str, bytes]) -> None:
        self._put_all(name, files)
        self.steps[name] = ResultStep(kind=SEALED, name=name, coming=hashes_of(files))

    def put_file(self, name: str, content: bytes, ours: str = "") -> None:
        with self.open_file(name, ours) as file:
            file.write(content)

    @contextmanager
    def open_file(self, name: str, ours: str = "") -> Iterator[BinaryIO]:
        self.staged(name).unlink(missing_ok=True)
        with new_file(self.staged(name)) as file:
            yield file
        coming = hash_of(self.staged(name))
        self.steps[name] = ResultStep(kind=FILE, name=name, coming={"": coming}, ours={"": ours})

    def remove(self, name: str, ours: str) -> None:
        self.steps[name] = ResultStep(kind=GONE, name=name, ours={"": ours})

    def commit(self) -> list[KeptFile]:
        """Commit; returns others' files.

        Raises `OSError`; the next command continues.
        """
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

    def _put_all(self, name: str, files: Mapping[str, bytes]) -> None:
        shutil.rmtree(self.staged(name), ignore_errors=True)
        write_all(self.staged(name), files)


@contextmanager
def transaction(root: Path, work: Path) -> Iterator[tuple[Transaction, list[KeptFile]]]:
    """Open a transaction under the lock, after recovery; raises `lock.Busy`."""
    if work.is_symlink():
        message = "This is a link, where sdmxmig keeps what is not yet in place."
        raise InputError(message, Place(str(work)), DOCUMENT.hint)
    is_new = not root.exists()
    try:
        with locked(work):
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


def is_left(work: Path) -> bool:
    return work.is_dir()


def finish(root: Path, work: Path) -> list[KeptFile]:
    ready = work / READY
    kept_files: list[KeptFile] = []
    if (ready / PLAN).is_file():
        for step in _read_plan(ready / PLAN, root):
            above = f"{step.name.rpartition('/')[0]}/".lstrip("/")
            (root / above).mkdir(parents=True, exist_ok=True)
            within = f"{step.name}/" if step.kind == FOLDER else above
            kept_files += [KeptFile(within + name, within + now) for name, now in PLACE[step.kind](step, root, ready)]
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
        if step.kind not in PLACE or not is_inside(step.name) or root.resolve() not in (above, *above.parents):
            raise InputError(f"“{step.name}” is not a result of this folder.", Place(str(path)), DOCUMENT.hint)
    return steps


def _place_folder(step: ResultStep, root: Path, ready: Path) -> list[KeptFile]:
    """Replace a folder; files of others move along, earlier own files are removed."""
    new, target, old = ready / FILES / step.name, root / step.name, ready / OLD / step.name
    kept_files: list[KeptFile] = []
    old.parent.mkdir(parents=True, exist_ok=True)
    if new.exists() and old.exists():  # stopped between two renamings
        kept_files += carry_over(old, new, step.ours)
        shutil.rmtree(old)
    if new.exists() and not target.exists():
        new.rename(target)
    elif new.exists() and _is_coming(new, step):
        kept_files += carry_over(target, new, step.ours)
        swap(new, target, old)
    elif new.exists():  # the folders were exchanged: this is the earlier one
        new.rename(old)
    sync_folder(target.parent)
    if old.exists():
        kept_files += carry_over(old, target, step.ours)
        shutil.rmtree(old)
    return list(dict.fromkeys(kept_files))


def _is_coming(folder: Path, step: ResultStep) -> bool:
    return all(hash_of(folder / name) == sha256 for name, sha256 in step.coming.items())


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


def _let_go(step: ResultStep, root: Path, _: Path) -> list[KeptFile]:
    target = root / step.name
    if hash_of(target) == step.ours[""]:
        target.unlink(missing_ok=True)
    return []


PLACE = {FOLDER: _place_folder, FILE: _place_file, SEALED: _place_sealed, GONE: _let_go}
