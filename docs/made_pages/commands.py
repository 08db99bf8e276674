"""The page of the commands, from their ``--help``."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

import click

from made_pages.markdown import cell, code, table
from sdmxmig.cli import COMMANDS, cli

HEAD = """# Commands

Each stage of the pipeline is a command that reads the results of the stage before and names the next command. Results
go to standard output and messages to standard error, so a pipe gets results only. `sdmxmig COMMAND --help` shows the
same text.

"""


def page() -> str:
    """Write all commands in the order of the help, each group followed by its commands."""
    context = click.Context(cli)
    rows = ((f"[`{name}`](#sdmxmig-{name})", cell(row["help"])) for name, row in COMMANDS.items())
    listed = table(("command", "does"), rows)
    parts = [HEAD, listed]
    for name in COMMANDS:
        command = cli.get_command(context, name)
        if command is not None:
            parts.extend(sections(command, f"sdmxmig {name}", 2))
    return "\n".join(parts)


def sections(command: click.Command, name: str, level: int) -> Iterator[str]:
    """Yield the help of a command, then of its subcommands."""
    yield f"{'#' * level} {name}\n\n{described(command)}"
    usage = " ".join(part for part in (name, *command.collect_usage_pieces(click.Context(command))) if part)
    yield f"```text\n{usage}\n```\n"
    options = [one for one in command.params if isinstance(one, click.Option) and not one.hidden]
    if options:
        yield table(("option", "does"), (row(one) for one in options))
    if isinstance(command, click.Group):
        for own, below in command.commands.items():
            yield from sections(below, f"{name} {own}", level + 1)


def described(command: click.Command) -> str:
    """Format the help of a command: paragraphs, and unwrapped lines as a block."""
    parts = []
    for part in re.split(r"\n\s*\n", inspect.cleandoc(command.help or "")):
        if not part.startswith("\b"):
            parts.append(re.sub(r"(?<!`)<|\*", lambda found: "\\" + found[0], part))
            continue
        head, *lines = part.splitlines()[1:]
        block = inspect.cleandoc("\n".join(lines)) if lines else head
        parts.append(f"{head}\n\n```text\n{block}\n```" if lines else f"```text\n{head}\n```")
    return "\n\n".join(parts) + "\n"


def row(option: click.Option) -> tuple[str, str]:
    names = ", ".join(code(name) for name in (*option.opts, *option.secondary_opts))
    value = "" if option.is_flag else f" {code(option.make_metavar(click.Context(click.Command('-'))))}"
    default = ""
    if isinstance(option.default, (str, int)) and not isinstance(option.default, bool) and option.default != "":
        default = f" Without it: {code(str(option.default))}."
    return f"{names}{value}", f"{cell((option.help or '').split('  [')[0])}{default}"
