"""Output of results (standard output) and messages (standard error), and handling of stop signals.

Everything printed is sanitised against control characters, except result files (``-o -``).
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from itertools import chain
from types import FrameType
from typing import Any, TextIO

import click
from rich.console import Console
from rich.markup import escape

from sdmxmig.primitives.errors import SdmxmigError, write_count
from sdmxmig.primitives.text import escape_invisible, escape_json, is_formula, quote_path, show_lines

QUIET_KEY = "sdmxmig.quiet"


def print_lines(*lines: str) -> None:
    """Print messages; colours on terminals without NO_COLOR. Failed output never changes the exit code."""
    console = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)
    try:
        for line in lines:
            console.print(escape_invisible(line))
    except OSError:
        silence_stream(sys.stderr)


def is_quiet() -> bool:
    context = click.get_current_context(silent=True)
    return context is not None and QUIET_KEY in context.meta


def stage(what: str, result: str, *, done: bool = True) -> None:
    if not is_quiet():
        print_lines(f"{'[green]✓[/green]' if done else '·'} {escape(what):<10} {escape(result)}")


def say(text: str) -> None:
    if text.startswith("!") or not is_quiet():
        print_lines(escape(text))


def show_for_answer(text: str) -> None:
    print_lines(escape(text))


def show_formulas(path: object, content: bytes) -> None:
    cells = chain.from_iterable(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    count = sum(map(is_formula, cells))
    if count:
        say(
            f"{write_count(count, 'text')} of {path} would be run as a formula by a spreadsheet program: "
            "edit the list with sdmxmig show -o and sdmxmig load."
        )


def next_step(text: str, path: object = "") -> None:
    if not is_quiet():
        print_lines(f"[bold]Next:[/bold] {escape(f'{text} {quote_path(path)}'.rstrip())}")


def show_error(error: SdmxmigError) -> None:
    lines = [f"[bold red]error:[/bold red] {escape(error.message)}"]
    if error.place:
        lines.append(f"  [blue]-->[/blue] {escape(str(error.place))}")
    if error.hint:
        lines.append(f"  [cyan]hint:[/cyan] {escape(error.hint)}")
    print_lines(*lines)


def show(*lines: str) -> None:
    for line in lines:
        click.echo(escape_invisible(line))


def show_text(text: str) -> None:
    click.echo(show_lines(text.removesuffix("\n")))


def show_json(content: object) -> None:
    show_json_text(json.dumps(content, ensure_ascii=False, indent=2))


def show_json_text(text: str) -> None:
    click.echo(escape_json(text.rstrip("\n")))


def show_list(rows: Sequence[Mapping[str, Any]], listing_format: str) -> None:
    if listing_format == "json":
        show_json(list(rows))
        return
    show(*("  ".join(str(value) for value in row.values()).rstrip() for row in rows))


def show_request_error(error: click.ClickException) -> None:
    buffer = io.StringIO()
    error.show(buffer)
    click.echo(show_lines(buffer.getvalue().rstrip("\n")), err=True)


def save_bug_report(error: BaseException, arguments: Sequence[str]) -> None:
    from sdmxmig.workspace.tasks import progress_listener

    print_lines(f"[bold red]bug:[/bold red] sdmxmig met something that it does not know: {escape(repr(error)[:300])}")
    try:
        path = progress_listener.save_bug_report(error, arguments)
    except OSError as trouble:
        print_lines(f"  A report could not be saved: {escape(str(trouble))}")
        return
    print_lines(f"  A report was saved: {escape(str(path))}")
    print_lines(
        "  Please send it to the maintainers; it contains the command and the program's steps, not your data files."
    )


STOP_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")
REPEATED_SECONDS = 2.0
"""Seconds in which repeated signals are ignored, so that cleanup completes."""


class StopRequest:
    """Tracks whether the system has asked the program to stop."""

    def __init__(self) -> None:
        self.is_asked = False
        self.deaf_until = 0.0

    def install_handlers(self) -> None:
        for number in list_stop_signals():
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self.handle_signal)

    def handle_signal(self, _number: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        if now < self.deaf_until:
            return
        self.is_asked, self.deaf_until = True, now + REPEATED_SECONDS
        raise KeyboardInterrupt

    def ignore_signals(self) -> None:
        for number in list_stop_signals():
            signal.signal(number, signal.SIG_IGN)
        # Python ends by the signal, whatever its exit code, if the text executed last was interrupted (class bodies
        # are such texts); executing another text resets this.
        exec("")  # noqa: S102


def list_stop_signals() -> list[signal.Signals]:
    return [signal.Signals[name] for name in STOP_SIGNALS if hasattr(signal, name)]


STOP_REQUEST = StopRequest()


def use_utf_8() -> None:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="replace")


def silence_stream(stream: TextIO) -> None:
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


OK, FINDINGS, WRONG_REQUEST, BUG, UNCHECKED = 0, 1, 2, 3, 4
