"""Screens, one per module: each has a function that returns facts.

The facts are for its JSON and template. Actions return the next page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

from sdmxmig.io.publishing.files import LockedError
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.places import Place, parse_cell
from sdmxmig.primitives.text import parse_whole_number
from sdmxmig.web.jobs import Job
from sdmxmig.web.workbench import Upload, Workbench

MAX_WORD_LENGTH = 20_000
UNPROCESSABLE = 422
"""The status of a form shown again with errors."""
CONTEXT_ROWS = 5


@dataclass(frozen=True, slots=True)
class Visit:
    """A request: form, language and person.

    `made_from` are hashes of the files shown; `by` and `roles` are set behind a proxy; `closed` screens are hidden;
    `tour` is as in `sdmxmig.web.guidance`; `page` is the path of the form.
    """

    workbench: Workbench
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
        return {
            name.removeprefix("made-from:"): sha for name, sha in self.form.items() if name.startswith("made-from:")
        }

    def begin(self, words: Sequence[str], folder: Path | None = None) -> Job:
        """Start a command, once for repeated requests; raise `SdmxmigError` if another command is running."""
        folder = folder or self.workbench.folder
        job = self.workbench.jobs.start(words, folder)
        if (job.words, job.folder) != (tuple(words), folder):
            raise self.build_busy_error()
        return job

    def watch(self, job: Job) -> Redirect:
        return Redirect(self.name_next_page(job=job.number) if self.page else f"/job?number={job.number}")

    def name_next_page(self, **more: object) -> str:
        """Return the page of the form with further parameters, without earlier messages."""
        path, _, query = self.page.partition("?")
        pairs = [pair for pair in parse_qsl(query) if pair[0] not in ("done", "job")]
        return "?".join(filter(None, [path, urlencode([*pairs, *more.items()])]))

    def check_idle(self) -> None:
        last = self.workbench.jobs.last
        if last is not None and last.is_running:
            raise self.build_busy_error()

    def build_busy_error(self) -> SdmxmigError:
        kind = LockedError if self.by else SdmxmigError
        return kind("A command is running.", hint="Wait until it has ended, or stop it, and come back.")

    @property
    def named(self) -> list[str]:
        return [f"--by={self.by}"] if self.by else []

    def files(self, name: str) -> tuple[Upload, ...]:
        kept = (self.workbench.uploads.get(each, self.by) for each in self.form.get("kept", "").split("\n"))
        return self.uploads.get(name) or tuple(filter(None, kept))

    def number(self, name: str, default: int, *, most: int) -> int:
        number = parse_whole_number(self.asked.get(name, ""))
        return default if number is None else min(number, most)

    def word(self, name: str) -> str:
        text = self.form.get(name, "").strip()
        if not text:
            raise SdmxmigError("A required field is empty.", hint="Fill it in, and send the form again.")
        if len(text) > MAX_WORD_LENGTH:
            raise SdmxmigError(f"“{name}” has more than {MAX_WORD_LENGTH:,} characters.", hint="Shorten it.")
        return text


@dataclass(frozen=True, slots=True)
class ScreenContent:
    facts: Mapping[str, Any]
    _: KW_ONLY
    command: str = ""
    status: int = 200
    asked: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Redirect:
    """The next page after an action, with a message from `words.csv`.

    `opened` changes the workspace; `tour` changes the step, and 0 ends the tour.
    """

    path: str
    done: str = ""
    _: KW_ONLY
    opened: Path | None = None
    tour: int | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A file to show or save; shown files are sandboxed unless a `policy` is given."""

    name: str
    content: bytes
    _: KW_ONLY
    media_type: str = ""
    shown: bool = False
    policy: str = ""


def describe_error(error: SdmxmigError) -> dict[str, str]:
    return {"message": error.message, "place": str(error.place or ""), "hint": error.hint}


def build_data_query(place: Place) -> dict[str, Any]:
    row = max(1, parse_cell(place.cell)[0] - CONTEXT_ROWS)
    return {"file": place.file, **({"sheet": place.sheet} if place.sheet else {}), "row": row}


Action = Callable[[Visit], Redirect | ScreenContent]


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """A screen: name (path and template), title, facts and actions.

    `rail` screens are stages in the navigation; `of_workspace` screens need a workspace.
    """

    name: str
    title: str
    show: Callable[[Visit], ScreenContent]
    actions: Mapping[str, Action] = field(default_factory=dict)
    documents: Mapping[str, Callable[[Visit], Document]] = field(default_factory=dict)
    rail: bool = True
    of_workspace: bool = True
    prepare: Callable[[Visit], object] | None = None

    @property
    def path(self) -> str:
        return f"/{self.name}" if self.name != "home" else "/"
