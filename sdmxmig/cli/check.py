"""``sdmxmig check``: what files are, and all that is wrong with them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from sdmxmig.cli.exchanging import STRUCTURE_OPTION, known_flows
from sdmxmig.cli.talk import FORMAT_OPTION, show_list

SHOWN = 20


@click.command("check")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@STRUCTURE_OPTION
@FORMAT_OPTION
def check_command(files: Sequence[Path], structures: Sequence[Path], output: str) -> int:
    """Say format and version of SDMX files, and list all problems with their place.

    Messages are judged by the official schemas, structure-specific data also by a schema made from their structure,
    and then read strictly. Packed files (gzip, zip) and standard input (-) are taken too. Exit code 1 if there are
    problems.

    \b
    Examples:
      sdmxmig check message.xml
      sdmxmig check data.xml --structure structures.xml
      sdmxmig check out/data/*.csv --format json
    """
    from sdmxmig.exchange import Checked, check
    from sdmxmig.intake.packed import read_message

    flows = known_flows(structures)
    results: list[Checked] = [check(*read_message(path), flows) for path in files]
    if output == "json":
        show_list([described(one) for one in results], output)
    else:
        for one in results:
            click.echo(told(one))
    return int(any(one.problems for one in results))


def described(one: Any) -> dict[str, object]:
    """A result as JSON gives it."""
    return {
        "file": one.file,
        "format": one.detected.format,
        "kind": one.detected.kind,
        "size": one.size,
        "unchecked": one.unchecked,
        "problems": [{"place": str(problem.place), "message": problem.message} for problem in one.problems],
    }


def told(one: Any) -> str:
    """A result as a person reads it: one line, then the problems."""
    unit = "artefacts" if one.detected.kind == "structure" else "observations"
    many = f", {one.size:,} {unit}" if one.size else ""
    verdict = f"{len(one.problems):,} problems" if one.problems else "not checked" if one.unchecked else "valid"
    lines = [f"{one.file}: {one.detected.name}{many}: {verdict}"]
    if one.unchecked:
        lines.append(f"  {one.unchecked}")
    lines += [f"  {problem.place}: {problem.message}" for problem in one.problems[:SHOWN]]
    if len(one.problems) > SHOWN:
        lines.append(f"  … {len(one.problems) - SHOWN:,} more; --format json lists all")
    return "\n".join(lines)
