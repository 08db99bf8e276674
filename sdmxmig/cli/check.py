"""``sdmxmig check``: what files are, and all that is wrong with them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdmxmig.cli.exchanging import STRUCTURE_OPTION, known_flows
from sdmxmig.cli.talk import FORMAT_OPTION, say, show, show_list
from sdmxmig.errors import InputError, SdmxmigError, counted

if TYPE_CHECKING:
    from sdmxmig.checking import Checked

SHOWN = 20


@click.command("check")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@STRUCTURE_OPTION
@click.option("--lenient", is_flag=True, help="List only what a lenient reading leaves out, and count what it reads.")
@FORMAT_OPTION
def check_command(files: Sequence[Path], structures: Sequence[Path], lenient: bool, output: str) -> int:
    """Say format and version of SDMX files, and list all problems with their place.

    Messages are judged by the official schemas, structure-specific data also by a schema made from their structure.
    Then they are read, past their faults, and the values of data are held against codelists and types; what is sent
    twice is found too. Packed files (gzip, zip) and standard input (-) are taken. Exit code 1 if there are problems,
    2 if a file is no message.

    \b
    Examples:
      sdmxmig check message.xml
      sdmxmig check data.xml --structure structures.xml
      sdmxmig check broken.csv --lenient
      sdmxmig check out/data/*.csv --format json
    """
    from sdmxmig.checking import check
    from sdmxmig.intake.packed import read_message

    flows = known_flows(structures)
    results: list[Checked] = []
    refused: list[SdmxmigError] = []
    for path in files:
        try:
            results.append(check(*read_message(path), flows, lenient=lenient))
        except InputError as error:  # of a file that is no message; the others are checked nonetheless
            refused.append(error)
    if output == "json":
        show_list([described(one) for one in results], output)
    else:
        for one in results:
            show(*told(one))
    for one_refused in refused[:-1]:
        say(str(one_refused))
    if refused:
        raise refused[-1]
    return int(any(one.problems for one in results))


def described(one: Checked) -> dict[str, object]:
    """A result as JSON gives it."""
    return {
        "file": one.file,
        "format": one.detected.format,
        "kind": one.detected.kind,
        "size": one.size,
        "unchecked": one.unchecked,
        "notes": list(one.notes),
        "unlisted": one.unlisted,
        "problems": [
            {"place": str(problem.place), "message": problem.message, "severity": problem.severity}
            for problem in one.problems
        ],
    }


def told(one: Checked) -> list[str]:
    """A result as a person reads it, in lines: one line, then what the sender says, then the problems."""
    many = f", {counted(one.size, one.unit)}" if one.size else ""
    count = len(one.problems) + one.unlisted
    verdict = counted(count, "problem") if count else "not checked" if one.unchecked else "valid"
    lines = [f"{one.file}: {one.detected.name}{many}: {verdict}"]
    if one.unchecked:
        lines.append(f"  {one.unchecked}")
    lines += [f"  The sender says: {note}" for note in one.notes]
    lines += [f"  {problem.place}: {problem.message}" for problem in one.problems[:SHOWN]]
    more = count - len(one.problems[:SHOWN])
    if more > 0:
        lines.append(f"  … {more:,} more; --format json lists them")
    return lines
