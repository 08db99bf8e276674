"""Sessions: workspace, declarations, results, and the time of preparation."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import KW_ONLY, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sdmxmig import catalogue
from sdmxmig.catalogue import Catalogue, areas
from sdmxmig.io.publishing.files import MADE_FILE, Content, build_output_error, check_folder
from sdmxmig.primitives.errors import DeclarationError, OutputError, SdmxmigError
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.text import quote_path
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.submission import Header, Party
from sdmxmig.workspace.folder import (
    COUNTRY_FILE,
    OWN_FOLDERS,
    RESULTS,
    Workspace,
    check_result_links,
    open_workspace,
)
from sdmxmig.workspace.results import KINDS, OUTDATED, SUBMISSION, Results
from sdmxmig.workspace.tasks.progress_listener import SILENCE, ProgressListener

EPOCH_VARIABLE = "SOURCE_DATE_EPOCH"
"""The variable in which build environments give a time."""


def parse_moment(text: str) -> datetime:
    """Return the time given by the user or build environment, or the current time, in UTC to the second."""
    epoch = os.environ.get(EPOCH_VARIABLE, "")
    try:
        if text:
            instant = datetime.fromisoformat(text)
            instant = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
            instant.astimezone(UTC)  # a time beyond the calendar cannot be displayed
            return instant
        if epoch:
            return datetime.fromtimestamp(int(epoch), UTC)
    except (ValueError, OverflowError, OSError):
        raise SdmxmigError(f"“{text or epoch}” is not a time.", hint="Write it like 2026-01-31T12:00:00.") from None
    return datetime.now(UTC).replace(microsecond=0)


DATED_RESULTS = ("findings", "assessment", "report")
"""The results that look at the day on which they are made; in others it is a date in a header."""


@dataclass(frozen=True, eq=False)
class Session:
    """The context of a task; `given_time` may be empty; `datasets_read` caches datasets by file SHA-256."""

    workspace: Workspace
    out: Path
    _: KW_ONLY
    now: datetime
    results: Results
    listener: ProgressListener = SILENCE
    read_declarations: Callable[[Path], Catalogue] | None = None
    given_time: str = ""
    warnings: list[str] = field(default_factory=list)
    datasets_read: dict[str, tuple[Dataset, ...]] = field(default_factory=dict)

    @functools.cached_property
    def catalogue(self) -> Catalogue:
        """Return the declarations; raise `DeclarationError` if they do not have the country of the workspace."""
        declared = (self.read_declarations or catalogue.load)(self.workspace.folder)
        area, codelist = self.workspace.country.area, declared.item_scheme("SDMX:CL_AREA(2.0)")
        if area not in codelist.ids:
            place = Place(str(self.workspace.folder / COUNTRY_FILE), key="country.area")
            raise DeclarationError(f"“{area}” is not a code of CL_AREA.", place, areas.suggest_area(area, codelist))
        return declared

    @property
    def prepared(self) -> str:
        return self.now.isoformat(timespec="seconds")

    def header(self, message_id: str) -> Header:
        workspace = self.workspace
        agency = self.catalogue.agencies.get(workspace.receiver)
        receiver = agency.addressed_as if agency and agency.addressed_as else workspace.receiver
        return Header(
            message_id,
            self.prepared,
            sender=Party(workspace.sender, workspace.country.office),
            receivers=(Party(receiver),),
            test=workspace.test,
        )

    def path(self, name: str) -> Path:
        return self.results.path(name)

    def put(
        self,
        name: str,
        files: Mapping[str, Content],
        stay: Iterable[str] = (),
        *,
        options: Mapping[str, str] | None = None,
    ) -> None:
        """Replace a result, at once or together with the others of a run.

        Files of the earlier result listed in `stay` become part of the new one. Without `options`, the pipeline never
        reuses the result.
        """
        known = None if options is None else self._options(name, options)
        self.results.put(name, files, stay, options=known, warnings=self.warnings)
        self.report_others()

    def seal(
        self, name: str, files: Mapping[str, bytes], standing: Mapping[str, bytes], options: Mapping[str, str]
    ) -> None:
        self.results.seal(name, files, standing, self._options(SUBMISSION, options))
        self.report_others()

    def is_unchanged(self, name: str, options: Mapping[str, str]) -> bool:
        """Check whether a result is unchanged; if so, repeat its warnings that this session has not reported yet."""
        made = self.results.unchanged(name, self._options(name, options))
        for warning in made.warnings if made else ():
            if warning not in self.warnings:
                self.say(warning)
        return made is not None

    def find_changes(self, name: str, options: Mapping[str, str]) -> set[str]:
        """Return the inputs that alone changed since a result was made without warnings; otherwise none."""
        made = self.results.made(name)
        if made is None or made.warnings:
            return set()
        return self.results.find_changes(name, self._options(name, options)) or set()

    def _options(self, name: str, options: Mapping[str, str]) -> dict[str, str]:
        """Return the options of a result and the given time; results of checks against today expire with the day."""
        is_given = self.given_time or os.environ.get(EPOCH_VARIABLE)
        today = self.prepared[: len("2026-01-31")] if name in DATED_RESULTS else ""
        return {**options, "now": f"given {self.prepared}" if is_given else today}

    @contextmanager
    def run(self, *, one_by_one: bool) -> Iterator[None]:
        self.results.written = ()
        try:
            with self.results.run(one_by_one=one_by_one):
                yield
        except KeyboardInterrupt:
            if self.results.written:
                self.say("Finished results are saved. To continue, run the same command again.")
            raise
        finally:
            self.report_others()
            if self.results.written:
                self.listener.stage("written", f"{', '.join(self.results.written)} in {self.out}")

    def stage(self, what: str, result: str) -> None:
        self.listener.stage(what, result, done=not self.results.is_waiting)

    def say(self, text: str) -> None:
        if text.startswith("!"):
            self.warnings.append(text)
        self.listener.say(text)

    def report_others(self) -> None:
        for note in self.results.notes:
            self.listener.say(note)
        self.results.notes.clear()

    def report_if_older(self, *names: str) -> None:
        for name in names:
            reasons = self.results.older(name)
            if reasons:
                self.say(f"! {describe_outdated(name, reasons)} Update it: {self.list_update_commands(name)}")

    def refuse_if_older(self, name: str) -> None:
        reasons = self.results.older(name)
        if reasons:
            raise SdmxmigError(
                describe_outdated(name, reasons), Place(str(self.out)), f"Run first: {self.list_update_commands(name)}"
            )

    def list_update_commands(self, name: str) -> str:
        """Return the commands that update a result, after those of the outdated results that it uses."""
        folder = quote_path(self.workspace.folder)
        if self.out.resolve() != self.workspace.folder.resolve() / RESULTS:
            folder += f" -o {quote_path(self.out)}"
        return ", then ".join(f"{build_command(older)} {folder}" for older in self.results.list_older_sources(name))

    def report_outdated(self) -> None:
        path = self.out / OUTDATED
        if path.is_file():
            self.say(f"! Some results are older than what they are made from; {path} names them.")


def describe_outdated(name: str, reasons: Sequence[str]) -> str:
    return f"{name} is older than its sources: {', '.join(reasons)}."


def build_command(name: str) -> str:
    return f"sdmxmig {KINDS[name].command}"


Read = Callable[[Path], "Catalogue"]
"""Reads all declarations of a workspace."""


def open_session(
    folder: Path,
    out: Path | None,
    now: str,
    *,
    listener: ProgressListener = SILENCE,
    read_declarations: Read | None = None,
) -> Session:
    workspace = open_workspace(folder)
    time = parse_moment(now)
    results = out or workspace.out
    if results == workspace.out:
        check_result_links(folder)
    check_out(results, workspace.folder)
    return Session(
        workspace,
        results,
        now=time,
        results=Results(folder, results),
        listener=listener,
        read_declarations=read_declarations,
        given_time=now,
    )


@contextmanager
def lock_session(
    folder: Path,
    out: Path | None,
    now: str,
    *,
    listener: ProgressListener = SILENCE,
    read_declarations: Read | None = None,
) -> Iterator[Session]:
    """Lock the results for changes, and record stale results at the end."""
    try:
        session = open_session(folder, out, now, listener=listener, read_declarations=read_declarations)
    except SdmxmigError:
        mark_older(folder, out)
        raise
    with session.results.writing():
        session.report_others()
        try:
            yield session
        except BaseException:
            with suppress(SdmxmigError, OSError):  # the error is reported, whatever happens here
                session.results.mark()
            raise


def mark_older(folder: Path, out: Path | None) -> None:
    results = Results(folder, out or folder / RESULTS)
    with suppress(SdmxmigError, OSError):
        if results.root == folder / RESULTS:
            check_result_links(folder)
        if (results.root / MADE_FILE).is_file():
            with results.writing():
                results.mark()


def check_out(out: Path, workspace: Path) -> None:
    if out.is_file():
        raise build_output_error(out, "-o FOLDER")
    results_folder = out.resolve()
    if results_folder == workspace.resolve():
        hint = "Remove -o, or name another folder."
        raise OutputError("Results cannot be written beside your files in the workspace.", Place(str(out)), hint)
    for name in OWN_FOLDERS:
        own_folder = (workspace / name).resolve()
        if results_folder == own_folder or own_folder in results_folder.parents:
            message = f"Results cannot be written to {name}/, which contains your own files."
            raise OutputError(message, Place(str(out)), "Name another folder with -o FOLDER.")
    for name, kind in KINDS.items():
        if kind.has_folder:
            check_folder(out / name, name)
