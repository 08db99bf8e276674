"""Options shared by commands."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import click

if TYPE_CHECKING:
    from sdmxmig.workspace.requests import Field
    from sdmxmig.workspace.tasks.session import Session


Decorator: TypeAlias = "Callable[[Callable[..., Any]], Callable[..., Any]]"
FORMER_OPTIONS = {"--out": "--output", "--coverage": "--usage", "--lay-by": "--save-as"}
REMOVED_OPTIONS = {"--engine": "Leave it out: derive splits large records into parts, and link uses DuckDB."}
MAX_BYTES_FOR_ONE_THREAD = 20_000_000
"""Size of all tables up to which threads do not save time."""
LANGUAGES = "en, fr, es, ar, ru or zh"


def build_output_option(name: str, help_: str, *, may_print: bool = False, **more: Any) -> Decorator:
    callback = None if may_print else refuse_standard_output
    more = {"type": click.Path(path_type=Path), "metavar": "PATH", "callback": callback, **more}
    return click.option("--output", "-o", name, help=help_, **more)


def refuse_standard_output(context: click.Context, parameter: click.Parameter, path: Path | None) -> Path | None:
    if path == Path("-"):
        hint = "name a file or folder" if parameter.required else "name a file or folder, or leave the option out"
        raise click.BadParameter(f"this command cannot write to standard output (-): {hint}.", context, parameter)
    return path


def add_request_options(request: type, into: str = "request") -> Decorator:
    """Add the options of a request to a command, which receives the request as parameter `into`."""
    from sdmxmig.workspace.requests import list_fields, list_names

    fields, names = list_fields(request), list_names(request)

    def add_options(command: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(command)
        def with_request(*args: Any, **options: Any) -> Any:
            given = {name: options.pop(name) for name in names & options.keys()}
            given = {name: value for name, value in given.items() if value is not None}
            return command(*args, **options, **{into: request(**given)})

        decorated: Callable[..., Any] = with_request
        for field in reversed(fields):
            decorated = build_option(field, fields)(decorated)
        return decorated

    return add_options


def find_option(request: type, name: str) -> Decorator:
    from sdmxmig.workspace.requests import list_fields

    fields = list_fields(request)
    return build_option(next(field for field in fields if field.name == name), fields)


def build_option(field: Field, fields: Sequence[Field]) -> Decorator:
    """Build the option of a field; its help names other fields by their flags."""
    from sdmxmig.workspace.requests import write_help

    flags = {each.name: each.flag for each in fields}
    default = f"  [default: {field.option.default}]" if field.option.default else ""
    sentence = write_help(field, flags.__getitem__)
    if field.is_repeated:
        sentence = f"{sentence.removesuffix('.')}; repeat for several."
    settings: dict[str, Any] = {"help": sentence + default, "required": field.is_required}
    if field.type is bool:
        return click.option(field.flag, field.name, is_flag=True, **settings)
    path = field.option.path
    if path:
        is_there = path in {"existing", "folder"}
        settings["type"] = click.Path(
            path_type=Path, exists=is_there, file_okay=path != "folder", dir_okay=path != "file"
        )
    else:
        settings["type"] = click.Choice(field.choices) if field.choices else field.type
    if field.default and not field.is_repeated:
        settings |= {"default": field.default, "show_default": True}
    return click.option(
        field.flag, field.name, multiple=field.is_repeated, metavar=field.option.metavar or None, **settings
    )


LANGUAGE_OF_NAME = "  [default: that of the country's name]"
"""Help on the language of a new workspace."""


def build_language_option(name: str = "language", help_: str = "", **more: Any) -> Decorator:
    return click.option("--language", name, metavar="LANG", help=f"Language: {LANGUAGES}.{help_}", **more)


def set_quiet(ctx: click.Context, parameter: click.Parameter, value: bool) -> None:  # noqa: ARG001
    from sdmxmig.cli.terminal import QUIET_KEY

    if value:
        ctx.meta[QUIET_KEY] = True


def build_quiet_option() -> click.Option:
    return click.Option(
        ["--quiet", "-q"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=set_quiet,
        help="Print only results, warnings and errors.",
    )


class Commands(click.Group):
    """A group with ``--quiet`` and former option names."""

    def hint(self, words: Sequence[str]) -> str:  # noqa: ARG002 - for groups with many commands
        return f"Commands: {', '.join(self.commands)}."

    def add_command(self, cmd: click.Command, name: str | None = None) -> None:
        super().add_command(add_quiet_option(cmd), name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            name, command, words = super().resolve_command(ctx, args)
        except click.UsageError as error:
            if "did you mean" in error.message.lower():
                raise
            raise click.UsageError(f"{error.message} {self.hint(args)}", ctx) from None
        return name, command, list_present_names(command, words) if command else words


def add_quiet_option(command: click.Command) -> click.Command:
    if not isinstance(command, click.Group) and "--quiet" not in list_options(command):
        command.params.append(build_quiet_option())
    for parameter in command.params:
        if isinstance(parameter.type, click.Path):
            parameter.type.readable = False  # our own message for files without access has a remedy
    return command


def list_options(command: click.Command) -> set[str]:
    return {name for parameter in command.params if isinstance(parameter, click.Option) for name in parameter.opts}


def list_present_names(command: click.Command, args: list[str]) -> list[str]:
    option_names = list_options(command)
    former = {old: new for old, new in FORMER_OPTIONS.items() if new in option_names and old not in option_names}
    words = []
    for word in args:
        option, equals, value = word.partition("=")
        if option in REMOVED_OPTIONS and option not in option_names and "--" not in words:
            raise click.UsageError(f"{option} was removed. {REMOVED_OPTIONS[option]}")
        if option in former and "--" not in words:
            from sdmxmig.cli.terminal import say

            say(f"{option} is now called {former[option]}; the next release removes the old name.")
            option = former[option]
        words.append(f"{option}{equals}{value}")
    return words


FORMAT_OPTION: Decorator = click.option(
    "--format",
    "listing_format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="The format of the list.",
)
WORKSPACE_OPTION: Decorator = click.option(
    "--workspace",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="FOLDER",
    help="A workspace with its own declarations.  [default: the current folder]",
)
CHANGED_OPTION: Decorator = click.option("--changed", is_flag=True, help="Accept a file that was changed by hand.")
NOW_OPTION: Decorator = click.option(
    "--now", default="", metavar="TIME", help="The time to write into headers.  [default: now]"
)
BY_OPTION: Decorator = click.option("--by", default="", metavar="NAME", help="Your name, as in people.toml.")


@contextmanager
def open_session(workspace: Path, out: Path | None, now: str) -> Iterator[Session]:
    """Lock the results of a workspace for changes; with small tables, polars uses one thread.

    The limit must be set before polars is imported; POLARS_MAX_THREADS takes precedence.
    """
    from sdmxmig.cli import terminal
    from sdmxmig.workspace.tasks.session import lock_session

    with lock_session(workspace, out, now, listener=terminal) as session:
        if sum(table.stat().st_size for table in session.workspace.tables) <= MAX_BYTES_FOR_ONE_THREAD:
            os.environ.setdefault("POLARS_MAX_THREADS", "1")
        yield session


def pass_session(command: Callable[..., Any]) -> Callable[..., Any]:
    @_add_workspace_options
    @functools.wraps(command)
    def with_session(workspace: Path, out: Path | None, now: str, **options: Any) -> Any:
        with open_session(workspace, out, now) as session:
            return command(session, **options)

    return with_session


def pass_reading_session(command: Callable[..., Any]) -> Callable[..., Any]:
    @_add_workspace_options
    @functools.wraps(command)
    def with_session(workspace: Path, out: Path | None, now: str, **options: Any) -> Any:
        from sdmxmig.cli import terminal
        from sdmxmig.workspace.tasks.session import open_session

        session = open_session(workspace, out, now, listener=terminal)
        session.results.reading()
        return command(session, **options)

    return with_session


@contextmanager
def record_change(session: Session, what: str, command: str, by: str) -> Iterator[None]:
    """Record a change of the workspace by a person who may answer, like `record_changes`."""
    from sdmxmig.workspace.tasks.approvals import ANSWERS, check_permission
    from sdmxmig.workspace.tasks.history import Step, record_changes

    check_permission(session.workspace.folder, by, ANSWERS)
    with record_changes(session.workspace.folder, Step(what=what, command=command, at=session.prepared, by=by)):
        yield


def rename_in_workspace(
    session: Session, kind: str, rename: Callable[[Session, str, str], Path], *, name: str, new_name: str, by: str
) -> None:
    from sdmxmig.cli.terminal import stage
    from sdmxmig.primitives.text import quote_path

    command = f"sdmxmig {kind} rename {quote_path(session.workspace.folder)} {quote_path(name)} {quote_path(new_name)}"
    with record_change(session, "rename", command, by):
        path = rename(session, name, new_name)
    stage("renamed", str(path))


def _add_workspace_options(command: Callable[..., Any]) -> Callable[..., Any]:
    command = NOW_OPTION(command)
    command = build_output_option("out", "The folder of results.  [default: WORKSPACE/out]")(command)
    return click.argument("workspace", type=click.Path(path_type=Path), default=Path())(command)
