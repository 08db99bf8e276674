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

from sdmxmig.errors import SdmxmigError
from sdmxmig.model.submission import Header

if TYPE_CHECKING:
    from sdmxmig.catalogue import Catalogue
    from sdmxmig.workspace import Workspace


@dataclass(frozen=True, slots=True, eq=False)
class Session:
    """One command at work: on which workspace, with which declarations, writing where, at what time."""

    workspace: Workspace
    catalogue: Catalogue
    out: Path
    now: datetime

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
            workspace.sender,
            (workspace.receiver,),
            workspace.test,
            str(workspace.office),
        )


def open_session(folder: Path, out: Path | None, now: str) -> Session:
    """Open a workspace and load the catalogue with the workspace's own declarations first."""
    from sdmxmig.catalogue import load
    from sdmxmig.workspace import open_workspace

    workspace = open_workspace(folder)
    return Session(workspace, load(workspace.folder), out or workspace.folder / "out", moment(now))


def moment(text: str) -> datetime:
    """The time that a user or the build environment gives, else the present, to the second and in UTC."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    try:
        if text:
            given = datetime.fromisoformat(text)
            return given if given.tzinfo else given.replace(tzinfo=UTC)
        if epoch:
            return datetime.fromtimestamp(int(epoch), UTC)
    except ValueError:
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
