"""Workspace argument and options of commands."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sdmxmig.cli import talk
from sdmxmig.cli.options import NOW_OPTION, output_option

if TYPE_CHECKING:
    from sdmxmig.workspace.tasks.session import Session


def in_workspace(command: Callable[..., Any]) -> Callable[..., Any]:
    @_asking
    @functools.wraps(command)
    def with_session(workspace: Path, out: Path | None, now: str, **options: Any) -> Any:
        from sdmxmig.workspace.tasks.session import at_work

        with at_work(workspace, out, now, talk=talk) as session:
            return command(session, **options)

    return with_session


def of_workspace(command: Callable[..., Any]) -> Callable[..., Any]:
    @_asking
    @functools.wraps(command)
    def with_session(workspace: Path, out: Path | None, now: str, **options: Any) -> Any:
        from sdmxmig.workspace.tasks.session import open_session

        session = open_session(workspace, out, now, talk=talk)
        session.results.reading()
        return command(session, **options)

    return with_session


@contextmanager
def recorded_change(session: Session, what: str, command: str, by: str) -> Iterator[None]:
    """Record a change of the workspace by somebody who may answer, as `recorded` does."""
    from sdmxmig.workspace.tasks.history import Intent, recorded
    from sdmxmig.workspace.tasks.people import ANSWERS, check_may

    check_may(session.workspace.folder, by, ANSWERS)
    with recorded(session.workspace.folder, Intent(what=what, command=command, at=session.prepared, by=by)):
        yield


def rename_in_workspace(
    session: Session, kind: str, rename: Callable[[Session, str, str], Path], *, name: str, new_name: str, by: str
) -> None:
    from sdmxmig.workspace.tasks.talk import quoted

    command = f"sdmxmig {kind} rename {quoted(session.workspace.folder)} {quoted(name)} {quoted(new_name)}"
    with recorded_change(session, "rename", command, by):
        path = rename(session, name, new_name)
    talk.stage("renamed", str(path))


def _asking(command: Callable[..., Any]) -> Callable[..., Any]:
    command = NOW_OPTION(command)
    command = output_option("out", "The folder of results.  [default: WORKSPACE/out]")(command)
    return click.argument("workspace", type=click.Path(path_type=Path), default=Path())(command)
