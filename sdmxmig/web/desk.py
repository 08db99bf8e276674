"""What one workbench works with: the workspace, the clock, the catalogue that was read, and the jobs that run."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass, field
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sdmxmig import catalogue
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.web.guard import Door
from sdmxmig.web.jobs import Jobs
from sdmxmig.web.kept_uploads import KeptUploads
from sdmxmig.workspace.inputs import hash_of_declarations, hash_of_input
from sdmxmig.workspace.tasks.clock import moment
from sdmxmig.workspace.tasks.history import Intent
from sdmxmig.workspace.tasks.mapping_files import readable_mappings
from sdmxmig.workspace.tasks.read_tables import ReadTables
from sdmxmig.workspace.tasks.recent_workspaces import remember
from sdmxmig.workspace.tasks.session import Session, open_session

if TYPE_CHECKING:
    from sdmxmig.catalogue import Catalogue
    from sdmxmig.sdmx.model.data import Mapping

Made = TypeVar("Made")


@dataclass(slots=True)
class Desk:
    """One workbench: the folder of its workspace, who may come in, and the commands that run.

    `now` gives the time as headers carry it; pages show times by the clock of the `zone`, or of this machine. The
    declarations are read once, and again when one of them has changed. `base` is the folder in which new workspaces are
    made. Where no workspace has been chosen yet, a desk is `at_start`: it has only `base`; `trouble` is why it is,
    where a workspace was asked for. `end` ends the workbench; it is None where that is not for who sits in front of the
    browser.
    """

    folder: Path
    door: Door
    _: KW_ONLY
    jobs: Jobs = field(default_factory=Jobs)
    now: Callable[[], str] = lambda: moment("").isoformat(timespec="seconds")
    zone: tzinfo | None = None
    base: Path = Path()
    at_start: bool = False
    tables: ReadTables = field(default_factory=ReadTables)
    uploads: KeptUploads = field(default_factory=KeptUploads)
    trouble: SdmxmigError | None = None
    end: Callable[[], None] | None = None
    _kept: dict[str, tuple[object, Any]] = field(default_factory=dict)
    _catalogues: dict[str, Catalogue] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _locks: dict[str, threading.RLock] = field(default_factory=dict)

    @property
    def token(self) -> str:
        """What tells this workspace from others in a form: a page that was left open is known by it."""
        return hashlib.sha256(str(self.folder).encode(errors="surrogatepass")).hexdigest()[:16]

    def session(self) -> Session:
        """The workspace as a command opens it; raises `SdmxmigError` if it cannot be opened."""
        return open_session(self.folder, None, self.now(), read_declarations=self.catalogue)

    def catalogue(self, folder: Path) -> Catalogue:
        """All declarations of the workspace and all that ship."""
        sha256 = hash_of_declarations(folder)
        with self._lock:
            if sha256 not in self._catalogues:
                self._catalogues = {sha256: catalogue.load(folder)}
            return self._catalogues[sha256]

    def mappings(self, session: Session) -> tuple[list[Mapping], list[SdmxmigError]]:
        """The mappings of the workspace and what is wrong with others, read when one of them or a list has changed."""
        declared, paths = session.catalogue, session.workspace.mappings
        stamp = (id(declared), *map(stamp_of, paths))
        return self.remembered("mappings", stamp, lambda: (declared, readable_mappings(session)))[1]

    def kept(self, name: str, make: Callable[[], Made], *files: Path, about: object = None) -> Made:
        """What was made of some files, until one of them comes, goes or changes, or it is to be `about` another thing.

        Only the last one of each name is kept.
        """
        return self.remembered(name, (about, *map(stamp_of, files)), make)

    def remembered(self, name: str, stamp: object, make: Callable[[], Made]) -> Made:
        """What was made under a name, until its stamp is another one; what was made may hold what the stamp names.

        Who asks while somebody else makes it waits, so that nothing is made twice at once.
        """
        with self._locks.setdefault(name, threading.RLock()):
            entry = self._kept.get(name)
            if entry is None or entry[0] != stamp:
                entry = self._kept[name] = (stamp, make())
        made: Made = entry[1]
        return made

    def kept_of(self, name: str, origin: object, make: Callable[[], Made]) -> Made:
        """What was made of something in memory, such as the catalogue, until that is another one."""
        return self.remembered(name, id(origin), lambda: (origin, make()))[1]

    def intent(self, what: str, command: str, by: str = "") -> Intent:
        """A change that is to be made now."""
        return Intent(what=what, command=command, at=self.now(), by=by)

    def hash_of(self, name: str) -> str:
        """The SHA-256 of a file of the workspace, empty if it is not there: what a form is made from."""
        return hash_of_input(self.folder, name)


def stamp_of(file: Path) -> tuple[str, int, int, int]:
    """What tells a file or folder from what it was before; zeros where there is none.

    Two of one size may be written within one tick of the clock of a disk: what is written whole has another number.
    """
    try:
        status = file.stat()
    except OSError:
        return str(file), 0, 0, 0
    return str(file), status.st_mtime_ns, status.st_size, status.st_ino


MOST_DESKS = 4
"""So many workspaces keep what was read for them; others are read again."""


class Elsewhere(SdmxmigError):  # noqa: N818 - the name says what is the matter
    """A form was made from another workspace than the one that is open."""

    def __init__(self) -> None:
        super().__init__(
            "This page is of another workspace than the one that is open now.",
            hint="Go back, and load the page again; or open that workspace on Start.",
        )


MOST_PEOPLE = 1_000
"""So many people are remembered at their desks; others begin where everybody begins."""


class Workbench:
    """The desks of one workbench, and the one at which everybody begins.

    Who has begun to work at a desk stays there to the end of the request. Behind a proxy each person works on a
    workspace of their own choice; what was read is kept for the workspaces that were worked on last, whoever it was.
    """

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._desks: dict[Path, Desk] = {} if desk.at_start else {desk.folder: desk}
        self._chosen: dict[str, Path] = {}
        self._lock = threading.Lock()

    def desk_of(self, person: str) -> Desk:
        """Where somebody works; without a name, and for who has chosen nothing yet, where everybody begins."""
        with self._lock:
            folder = self._chosen.get(person)
            return self._desk(folder) if folder else self.desk

    def open(self, folder: Path, person: str = "") -> None:
        """Work on another workspace from now on: everybody, or this person alone."""
        folder = folder.resolve()
        with self._lock:
            desk = self._desk(folder)
            if person:
                self._chosen.pop(person, None)
                self._chosen[person] = folder
                keep_last(self._chosen, MOST_PEOPLE)
            else:
                self.desk = desk
        if not person:
            remember(folder)

    def _desk(self, folder: Path) -> Desk:
        """The desk of a workspace, the last one of those that are kept from now."""
        now = self.desk
        desk = self._desks.pop(folder, None) or Desk(
            folder,
            now.door,
            jobs=now.jobs,
            now=now.now,
            zone=now.zone,
            base=now.base,
            end=now.end,
            uploads=now.uploads,
        )
        self._desks[folder] = desk
        keep_last(self._desks, MOST_DESKS)
        return desk


def keep_last(entries: dict[Any, Any], most: int) -> None:
    """Let go of those that were put in first, as far as there are too many."""
    for left in list(entries)[:-most]:
        del entries[left]
