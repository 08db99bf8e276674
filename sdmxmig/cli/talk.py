"""What the command line says: results to standard output, talk to standard error, both quiet by default.

All that is printed passes through here, so that nothing in a file, a name or a message of a stranger reaches the
terminal as a control character. Only results that are files themselves (``-o -``) go to standard output as they are.
"""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

import click
from rich.console import Console
from rich.markup import escape

from sdmxmig.cli.streams import let_go_of
from sdmxmig.primitives.errors import SdmxmigError, counted
from sdmxmig.primitives.formulas import is_formula
from sdmxmig.primitives.visible import visible, visible_json, visible_lines
from sdmxmig.workspace.tasks.talk import quoted

QUIET = "sdmxmig.quiet"
"""Under which name a command remembers that it is to say nothing but warnings and errors."""


def tell(*lines: str) -> None:
    """Print lines of talk, each as one line; colours only on a terminal, never when NO_COLOR is set.

    Talk that cannot be printed, as on a full disk, is lost; the work and its exit code stay what they are.
    """
    console = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)
    try:
        for line in lines:
            console.print(visible(line))
    except OSError:
        let_go_of(sys.stderr)


def is_quiet() -> bool:
    """Whether the command at work is to say nothing but warnings and errors."""
    context = click.get_current_context(silent=True)
    return context is not None and QUIET in context.meta


def stage(what: str, result: str, *, done: bool = True) -> None:
    """One line a stage: what was done and what came of it; with a tick if it is on the disk."""
    if not is_quiet():
        tell(f"{'[green]✓[/green]' if done else '·'} {escape(what):<10} {escape(result)}")


def say(text: str) -> None:
    """A sentence to the user; one that begins with an exclamation mark is a warning, and said to the quiet too."""
    if text.startswith("!") or not is_quiet():
        tell(escape(text))


def say_for_answer(text: str) -> None:
    """A sentence without which nobody could give an answer that is asked for: said to the quiet too."""
    tell(escape(text))


def say_formulas(path: object, content: bytes) -> None:
    """Name a list in CSV that holds texts which a spreadsheet program would run; it is read by programs, and stays."""
    cells = chain.from_iterable(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    count = sum(map(is_formula, cells))
    if count:
        say(
            f"{counted(count, 'text')} of {path} would be run as a formula by a spreadsheet program: "
            "edit the list with sdmxmig show -o and sdmxmig load."
        )


def next_step(text: str, path: object = "") -> None:
    """The last line of a command: what to do next, and with which file or folder."""
    if not is_quiet():
        tell(f"[bold]Next:[/bold] {escape(f'{text} {quoted(path)}'.rstrip())}")


def show_error(error: SdmxmigError) -> None:
    """One clear message: what is wrong, where, and what to do."""
    lines = [f"[bold red]error:[/bold red] {escape(error.message)}"]
    if error.place:
        lines.append(f"  [blue]-->[/blue] {escape(str(error.place))}")
    if error.hint:
        lines.append(f"  [cyan]hint:[/cyan] {escape(error.hint)}")
    tell(*lines)


def show(*lines: str) -> None:
    """A result on standard output, each line as one line."""
    for line in lines:
        click.echo(visible(line))


def show_text(text: str) -> None:
    """A result of several lines on standard output."""
    click.echo(visible_lines(text.removesuffix("\n")))


def show_json(content: object) -> None:
    """A result for programs on standard output."""
    show_json_text(json.dumps(content, ensure_ascii=False, indent=2))


def show_json_text(text: str) -> None:
    """A result for programs that is written already."""
    click.echo(visible_json(text.rstrip("\n")))


def show_list(rows: Sequence[Mapping[str, Any]], listing_format: str) -> None:
    """A result as a list on standard output: as text, one line a row, or as JSON."""
    if listing_format == "json":
        show_json(list(rows))
        return
    show(*("  ".join(str(value) for value in row.values()).rstrip() for row in rows))


def show_request_error(error: click.ClickException) -> None:
    """What click says of a command line that it cannot read."""
    buffer = io.StringIO()
    error.show(buffer)
    click.echo(visible_lines(buffer.getvalue().rstrip("\n")), err=True)


def save_bug_report(error: BaseException, arguments: Sequence[str]) -> None:
    """Save what a developer needs to mend a bug, and tell the user where it is."""
    from sdmxmig.workspace.tasks import bug_reports

    tell(f"[bold red]bug:[/bold red] sdmxmig met something that it does not know: {escape(repr(error)[:300])}")
    try:
        path = bug_reports.save_bug_report(error, arguments)
    except OSError as trouble:
        tell(f"  A report could not be saved: {escape(str(trouble))}")
        return
    tell(f"  A report was saved: {escape(str(path))}")
    tell("  Please send it to the maintainers; it holds the command and the program's steps, not your data files.")
