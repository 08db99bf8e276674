"""What every command starts from: the workspace, the catalogue, where results go, and the time."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sdmxmig.cli.publishing import check_folder
from sdmxmig.errors import OutputError, SdmxmigError
from sdmxmig.model.submission import Header, Party
from sdmxmig.places import Place

if TYPE_CHECKING:
    from sdmxmig.catalogue import Catalogue
    from sdmxmig.workspace import Workspace


OWN_FOLDERS = ("tables", "mappings", "codelists", "structures", "templates")
RESULTS = {  # the folders that results replace, and a file by which sdmxmig knows its own
    "structures": "structures.sdmx-ml-*",
    "data": "conversion.json",
    "findings": "findings.json",
    "submission": "*/manifest.json",
}


@dataclass(frozen=True, eq=False)
class Session:
    """One command at work: on which workspace, with which declarations, writing where, at what time."""

    workspace: Workspace
    out: Path
    now: datetime

    @functools.cached_property
    def catalogue(self) -> Catalogue:
        """All declarations, those of the workspace first; read when first asked for, since a report needs none."""
        from sdmxmig.catalogue import load

        return load(self.workspace.folder)

    @property
    def prepared(self) -> str:
        """The time of preparation as it stands in headers."""
        return self.now.isoformat(timespec="seconds")

    def header(self, message_id: str) -> Header:
        """The header of a message of this workspace."""
        workspace = self.workspace
        return Header(
            message_id,
            self.prepared,
            Party(workspace.sender, workspace.office),
            (Party(workspace.receiver),),
            workspace.test,
        )


def open_session(folder: Path, out: Path | None, now: str) -> Session:
    """Open a workspace; its declarations are read with those that ship when a command asks for them."""
    from sdmxmig.workspace import open_workspace

    workspace = open_workspace(folder)
    at = moment(now)
    results = out or workspace.out
    check_out(results, workspace.folder)
    return Session(workspace, results, at)


def check_out(out: Path, workspace: Path) -> None:
    """Refuse a place for results where they would replace something else.

    Results replace their folders as a whole, so one that sdmxmig has not made must not be among them.
    """
    check_folder(out, "*")
    here = out.resolve()
    if here == workspace.resolve():
        hint = "Leave --out away, or name another folder."
        raise OutputError("Results do not belong between what is yours in the workspace.", Place(str(out)), hint)
    for name in OWN_FOLDERS:
        own = (workspace / name).resolve()
        if here == own or own in here.parents:
            message = f"Results do not belong into {name}/, where the workspace keeps what is yours."
            raise OutputError(message, Place(str(out)), "Name another folder with --out DIR.")
    for name, made in RESULTS.items():
        check_folder(out / name, made)


def moment(text: str) -> datetime:
    """The time that a user or the build environment gives, else the present, to the second and in UTC."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    try:
        if text:
            given = datetime.fromisoformat(text)
            given = given if given.tzinfo else given.replace(tzinfo=UTC)
            given.astimezone(UTC)  # beyond the calendar: a time that cannot be told
            return given
        if epoch:
            return datetime.fromtimestamp(int(epoch), UTC)
    except (ValueError, OverflowError, OSError):
        raise SdmxmigError(f"“{text or epoch}” is not a time.", hint="Write it like 2026-01-31T12:00:00.") from None
    return datetime.now(UTC).replace(microsecond=0)


def in_workspace(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the workspace argument and the options that all commands share."""

    @click.argument("workspace", type=click.Path(path_type=Path), default=Path())
    @click.option("--out", type=click.Path(path_type=Path), help="Where results go.  [default: WORKSPACE/out]")
    @click.option("--now", default="", metavar="TIME", help="The time to write into headers.  [default: the present]")
    @functools.wraps(command)
    def with_session(workspace: Path, out: Path | None, now: str, **options: Any) -> Any:
        return command(open_session(workspace, out, now), **options)

    return with_session
