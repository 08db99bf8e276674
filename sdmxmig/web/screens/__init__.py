"""The screens of the workbench: one module each, which reads, calls what a command calls, and gives facts to show.

A screen is a function from a visit to facts that JSON can hold; its template shows those facts and nothing else, so
that its twin in JSON says the same. What it lets people do are actions: they take a form and end by naming the page to
look at next.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

from sdmxmig.io.publishing.lock import Busy
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.places import Place, cell_position
from sdmxmig.primitives.text import whole_number
from sdmxmig.web.desk import Desk
from sdmxmig.web.jobs import Job
from sdmxmig.web.kept_uploads import Upload

LONGEST_WORD = 20_000
"""So many signs one field of a form has at most that is no text of a profile."""
UNPROCESSABLE = 422
"""The status of a form that is shown again, since something in it is wrong or has to be decided."""
ROWS_ABOVE = 5
"""So many rows are shown above a cell to which a page leads."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One request: what was asked for, what a form says, and in which language the answer is wanted.

    `made_from` are the hashes of the files that the form was made from. `by` is who asks, where a proxy in front of the
    workbench says so; then they have these `roles`, and other people are at work, too. `closed` are screens of which
    they may see nothing. `tour` is what the browser remembers of the tour (see `sdmxmig.web.guidance`). `page` is the
    path of the page on which the form stood, with its query; empty if the browser does not name it.
    """

    desk: Desk
    _: KW_ONLY
    asked: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    uploads: Mapping[str, tuple[Upload, ...]] = field(default_factory=dict)
    language: str = "en"
    by: str = ""
    roles: frozenset[str] = frozenset()
    closed: frozenset[str] = frozenset()
    tour: str = ""
    page: str = ""

    @property
    def made_from(self) -> dict[str, str]:
        """Which files the form was made from, by path, with the SHA-256 that each had then."""
        return {
            name.removeprefix("made-from:"): sha for name, sha in self.form.items() if name.startswith("made-from:")
        }

    def begin(self, words: Sequence[str], folder: Path | None = None) -> Job:
        """Begin a command in a process of its own, on this workspace or in another folder.

        Who asks twice for the same begins it once. Raises `SdmxmigError` while any other command is at work.
        """
        folder = folder or self.desk.folder
        job = self.desk.jobs.start(words, folder)
        if (job.words, job.folder) != (tuple(words), folder):
            raise self.other_command()
        return job

    def watch(self, job: Job) -> See:
        """Where a command is watched: on the page on which it was begun, else on a page of its own."""
        path, _, query = self.page.partition("?")
        if not path:
            return See(f"/job?number={job.number}")
        pairs = [pair for pair in parse_qsl(query) if pair[0] not in ("done", "job")]
        return See(f"{path}?{urlencode([*pairs, ('job', job.number)])}")

    def check_idle(self) -> None:
        """Raise `SdmxmigError` while a command is at work."""
        last = self.desk.jobs.last
        if last is not None and last.is_running:
            raise self.other_command()

    def other_command(self) -> SdmxmigError:
        """The error for a command that is to begin while another one is at work, perhaps of somebody else."""
        kind = Busy if self.by else SdmxmigError
        return kind("A command is running.", hint="Wait until it has ended, or stop it, and come back.")

    @property
    def named(self) -> list[str]:
        """The option by which a command learns who has begun it; nothing where nobody is named."""
        return [f"--by={self.by}"] if self.by else []

    def files(self, name: str) -> tuple[Upload, ...]:
        """The files that a form sends under this name, or those that it sent before and names as `kept`."""
        kept = (self.desk.uploads.get(each, self.by) for each in self.form.get("kept", "").split("\n"))
        sent = self.uploads.get(name) or tuple(filter(None, kept))
        return tuple(upload for upload in sent if upload.content)

    def number(self, name: str, default: int, *, most: int) -> int:
        """A whole number that was asked for, from 0 to `most`; the default where it is none."""
        number = whole_number(self.asked.get(name, ""))
        return default if number is None else min(number, most)

    def word(self, name: str) -> str:
        """What a form says under this name; raises `SdmxmigError` if it says nothing, or far too much."""
        text = self.form.get(name, "").strip()
        if not text:
            raise SdmxmigError(f"“{name}” is empty.", hint="Fill it in, and send the form again.")
        if len(text) > LONGEST_WORD:
            raise SdmxmigError(f"“{name}” has more than {LONGEST_WORD:,} signs.", hint="Write it shorter.")
        return text


@dataclass(frozen=True, slots=True)
class Shown:
    """What a screen shows: facts for its template and for JSON, and the command that says the same.

    An action that was not done may show the form again, with what was typed; `status` then says why, as HTTP does,
    and `asked` is what the page was asked for from which the form was sent.
    """

    facts: Mapping[str, Any]
    _: KW_ONLY
    command: str = ""
    status: int = 200
    asked: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class See:
    """Where to look after something was done: a path of the workbench, and what was done, a message of `words.csv`.

    `opened` is the workspace that is to be worked on from now; None leaves it the one that is open. `tour` is the step
    of the tour at which the browser is from now, 0 if it leaves it; None leaves that as it is.
    """

    path: str
    done: str = ""
    _: KW_ONLY
    opened: Path | None = None
    tour: int | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A file to be shown or saved: its name, its content and its media type, without one that of such a name.

    What is `shown` runs apart from the workbench unless a `policy` says what it may do; anything else is saved.
    """

    name: str
    content: bytes
    _: KW_ONLY
    media_type: str = ""
    shown: bool = False
    policy: str = ""


def error_facts(error: SdmxmigError) -> dict[str, str]:
    """What is wrong, where, and what to do next."""
    return {"message": error.message, "place": str(error.place or ""), "hint": error.hint}


def data_query(place: Place) -> dict[str, Any]:
    """What the screen of the data is asked for to show a cell below some others."""
    row = max(1, cell_position(place.cell)[0] - ROWS_ABOVE)
    return {"file": place.file, **({"sheet": place.sheet} if place.sheet else {}), "row": row}


Action = Callable[[Visit], See | Shown]


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """A screen: its name, which is its path and its template, its title, what it shows, and what may be done on it.

    `rail` screens stand in the list of stages, in this order; `documents` give files by a path below its own. What is
    not `of_workspace` is there without a workspace, too. `prepare` does beforehand what a form on it would need first.
    """

    name: str
    title: str
    show: Callable[[Visit], Shown]
    actions: Mapping[str, Action] = field(default_factory=dict)
    documents: Mapping[str, Callable[[Visit], Document]] = field(default_factory=dict)
    rail: bool = True
    of_workspace: bool = True
    prepare: Callable[[Visit], object] | None = None

    @property
    def path(self) -> str:
        """Where it is found."""
        return f"/{self.name}" if self.name != "home" else "/"
