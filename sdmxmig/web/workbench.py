"""State of a workbench: workspace, clock, catalogue, jobs, and uploads kept until a form is corrected."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from datetime import tzinfo
from pathlib import Path
from typing import Any, TypeVar

from sdmxmig import catalogue
from sdmxmig.catalogue import Catalogue
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.model.data import TableMapping
from sdmxmig.web.guard import BrowserAccess
from sdmxmig.web.jobs import Jobs
from sdmxmig.workspace.results import hash_all_declarations, hash_input
from sdmxmig.workspace.tasks.history import Step
from sdmxmig.workspace.tasks.mapping_files import read_valid_mappings
from sdmxmig.workspace.tasks.new_workspace import add_recent_workspace
from sdmxmig.workspace.tasks.session import Session, open_session, parse_moment

MAX_FILES, MAX_BYTES = 8, 128 * 1024 * 1024
"""Maximum number and bytes of kept files; oldest removed first."""


@dataclass(frozen=True, slots=True)
class Upload:
    name: str
    content: bytes


@dataclass(slots=True)
class KeptUploads:
    _files: dict[tuple[str, str], Upload] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def keep(self, upload: Upload, by: str) -> str:
        sha256 = hashlib.sha256(upload.content).hexdigest()
        with self._lock:
            self._files.pop((by, sha256), None)
            self._files[by, sha256] = upload
            while len(self._files) > MAX_FILES or compute_total(self._files) > MAX_BYTES:
                del self._files[next(iter(self._files))]
        return sha256

    def get(self, sha256: str, by: str) -> Upload | None:
        return self._files.get((by, sha256))

    def clear(self, by: str) -> None:
        with self._lock:
            for key in [key for key in self._files if key[0] == by]:
                del self._files[key]


def compute_total(files: Mapping[tuple[str, str], Upload]) -> int:
    return sum(len(upload.content) for upload in files.values())


Made = TypeVar("Made")


@dataclass(slots=True)
class Workbench:
    """The workspace, access and jobs of a workbench.

    `now` is the time for headers, `zone` that of displayed times. `base` contains new workspaces; with `at_start`, no
    workspace is open because of `trouble`. `end` is None if not allowed.
    """

    folder: Path
    access: BrowserAccess
    _: KW_ONLY
    jobs: Jobs = field(default_factory=Jobs)
    now: Callable[[], str] = lambda: parse_moment("").isoformat(timespec="seconds")
    zone: tzinfo | None = None
    base: Path = Path()
    at_start: bool = False
    uploads: KeptUploads = field(default_factory=KeptUploads)
    trouble: SdmxmigError | None = None
    end: Callable[[], None] | None = None
    _kept: dict[str, tuple[object, Any]] = field(default_factory=dict)
    _catalogues: dict[str, Catalogue] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _locks: dict[str, threading.RLock] = field(default_factory=dict)

    @property
    def token(self) -> str:
        return hashlib.sha256(str(self.folder).encode(errors="surrogatepass")).hexdigest()[:16]

    def session(self) -> Session:
        return open_session(self.folder, None, self.now(), read_declarations=self.catalogue)

    def catalogue(self, folder: Path) -> Catalogue:
        sha256 = hash_all_declarations(folder)
        with self._lock:
            if sha256 not in self._catalogues:
                self._catalogues = {sha256: catalogue.load(folder)}
            return self._catalogues[sha256]

    def mappings(self, session: Session) -> tuple[list[TableMapping], list[SdmxmigError]]:
        declared, paths = session.catalogue, session.workspace.mappings
        stamp = (id(declared), *map(read_stamp, paths))
        return self.remember_result("mappings", stamp, lambda: (declared, read_valid_mappings(session)))[1]

    def kept(self, name: str, make: Callable[[], Made], *files: Path, about: object = None) -> Made:
        return self.remember_result(name, (about, *map(read_stamp, files)), make)

    def remember_result(self, name: str, stamp: object, make: Callable[[], Made]) -> Made:
        with self._locks.setdefault(name, threading.RLock()):
            if name not in self._kept or self._kept[name][0] != stamp:
                self._kept.pop(name, None)  # frees its memory before the next one is made
                self._kept[name] = (stamp, make())
            made: Made = self._kept[name][1]
        return made

    def keep_result(self, name: str, origin: object, make: Callable[[], Made]) -> Made:
        return self.remember_result(name, id(origin), lambda: (origin, make()))[1]

    def intent(self, what: str, command: str, by: str = "") -> Step:
        return Step(what=what, command=command, at=self.now(), by=by)

    def hash_result(self, name: str) -> str:
        return hash_input(self.folder, name)


def read_stamp(file: Path) -> tuple[str, int, int, int]:
    try:
        status = file.stat()
    except OSError:
        return str(file), 0, 0, 0
    return str(file), status.st_mtime_ns, status.st_size, status.st_ino


MAX_WORKBENCHES = 4


class OtherWorkspaceError(SdmxmigError):
    """A form belongs to a workspace other than the open one."""

    def __init__(self) -> None:
        super().__init__(
            "This page belongs to another workspace, which is no longer open.",
            hint="Go back, and load the page again; or open that workspace on Start.",
        )


MAX_PEOPLE = 1_000


class Workbenches:
    """The open workspaces of a server; behind a proxy, each person has one, and recent ones are kept."""

    def __init__(self, workbench: Workbench) -> None:
        self.workbench = workbench
        self._workbenches: dict[Path, Workbench] = {} if workbench.at_start else {workbench.folder: workbench}
        self._chosen: dict[str, Path] = {}
        self._lock = threading.Lock()

    def find_for_person(self, person: str) -> Workbench:
        with self._lock:
            folder = self._chosen.get(person)
            return self._open_folder(folder) if folder else self.workbench

    def open(self, folder: Path, person: str = "") -> None:
        folder = folder.resolve()
        with self._lock:
            workbench = self._open_folder(folder)
            if person:
                self._chosen.pop(person, None)
                self._chosen[person] = folder
                keep_last(self._chosen, MAX_PEOPLE)
            else:
                self.workbench = workbench
        if not person:
            add_recent_workspace(folder)

    def _open_folder(self, folder: Path) -> Workbench:
        now = self.workbench
        workbench = self._workbenches.pop(folder, None) or Workbench(
            folder,
            now.access,
            jobs=now.jobs,
            now=now.now,
            zone=now.zone,
            base=now.base,
            end=now.end,
            uploads=now.uploads,
        )
        self._workbenches[folder] = workbench
        keep_last(self._workbenches, MAX_WORKBENCHES)
        return workbench


def keep_last(entries: dict[Any, Any], most: int) -> None:
    for left in list(entries)[:-most]:
        del entries[left]
