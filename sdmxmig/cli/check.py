"""``sdmxmig check``: what files are, and all that is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdmxmig.cli import BUG, FINDINGS, OK, UNCHECKED
from sdmxmig.cli.options import FLOW_OPTION, FOLLOWS_OPTION, FORMAT_OPTION, STRUCTURE_OPTION
from sdmxmig.cli.talk import save_bug_report, say, show, show_list
from sdmxmig.errors import SdmxmigError, counted

if TYPE_CHECKING:
    from sdmxmig.checking import Checked
    from sdmxmig.model.data import Flow

SHOWN = 20
OTHER_NAME = "if they follow a structure of --structure all the same, name it with --flow ID"


@click.command("check")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@STRUCTURE_OPTION
@FLOW_OPTION
@FOLLOWS_OPTION
@click.option("--lenient", is_flag=True, help="List only what a lenient reading leaves out, and count what it reads.")
@FORMAT_OPTION
def check_command(
    files: Sequence[Path], structures: Sequence[Path], flow: str, follows: bool, lenient: bool, output: str
) -> int:
    """Say format and version of SDMX files, and list all problems with their place.

    Messages are judged by the official schemas, structure-specific data also by a schema made from their structure.
    Then they are read, past their faults, and the values of data are held against codelists, types and constraints;
    what is sent twice is found too. Data may be larger than memory. Packed files (gzip, zip) and standard input (-) are
    taken.

    Exit code 0 if all was checked and nothing is wrong, 1 if there are problems, 4 if there are none but not all could
    be checked (as where the structure of data is not known), 2 if a file is no message. Several files are all checked,
    whatever one of them holds; the worst counts: 3 (a bug), then 2, 1, 4.

    \b
    Examples:
      sdmxmig check message.xml
      sdmxmig check data.xml --structure structures.xml
      sdmxmig check data.xml --structure structure.xml --follows
      sdmxmig check broken.csv --lenient
      sdmxmig check out/data/*.csv --format json
    """
    from sdmxmig.application.messages import known_flows
    from sdmxmig.checking import WITH_STRUCTURE

    flows = known_flows(structures, flow, follows=follows)
    advice = OTHER_NAME if structures else WITH_STRUCTURE
    results, refused, bugs = all_checked(files, flows, lenient=lenient, advice=advice)
    if output == "json":
        show_list([described(one) for one in results], output)
    else:
        for one in results:
            show(*told(one))
    for one_refused in refused if bugs else refused[:-1]:
        say(str(one_refused))
    if bugs:
        return BUG
    if refused:
        raise refused[-1]
    if any(one.problems for one in results):
        return FINDINGS
    return UNCHECKED if any(one.unchecked for one in results) else OK


def all_checked(
    files: Sequence[Path], flows: Mapping[str, Flow], *, lenient: bool, advice: str
) -> tuple[list[Checked], list[SdmxmigError], int]:
    """What a check finds in each file, the errors about those that are no messages, and how many ended in a bug."""
    from sdmxmig.application.messages import named
    from sdmxmig.application.trouble import system_trouble

    results: list[Checked] = []
    refused: list[SdmxmigError] = []
    bugs = 0
    for path in files:
        try:
            results.append(checked(path, flows, lenient=lenient, advice=advice))
        except SdmxmigError as error:  # of a file that is no message; the others are checked nonetheless
            refused.append(error)
        except OSError as error:  # of its disk, or of that on which it waits
            refused.append(system_trouble(error, named(path)))
        except (KeyboardInterrupt, SystemExit, click.Abort):
            raise
        except BaseException as error:  # a bug, which must not hide what is wrong with the others
            bugs += 1
            say(f"{named(path)} could not be checked:")
            save_bug_report(error, ["check", str(path)])
    return results, refused, bugs


def checked(path: Path, flows: Mapping[str, Flow], *, lenient: bool, advice: str) -> Checked:
    """What a check finds in a file; it is called as the user called it, wherever something stands in it."""
    from sdmxmig.application.messages import named
    from sdmxmig.checking import check
    from sdmxmig.intake.packed import open_message

    with open_message(path, named(path)) as (_, message):
        return check(named(path), message, flows, lenient=lenient, advice=advice)


def described(one: Checked) -> dict[str, object]:
    """A result as JSON gives it."""
    return {
        "file": one.file,
        "format": one.detected.format,
        "kind": one.detected.kind,
        "size": one.size,
        "unchecked": one.unchecked,
        "notes": list(one.notes),
        "taken": list(one.taken),
        "unlisted": one.unlisted,
        "problems": [
            {"place": str(problem.place), "message": problem.message, "severity": problem.severity}
            for problem in one.problems
        ],
    }


def told(one: Checked) -> list[str]:
    """A result as a person reads it, in lines: one line, then what the sender says, then the problems."""
    count = len(one.problems) + one.unlisted
    is_empty = one.detected.kind == "data" and not one.size and not count and not one.unchecked
    many = f", {counted(one.size, one.unit)}" if one.size else ", no observations" if is_empty else ""
    not_all = "not all checked" if one.size else "not checked"
    verdict = counted(count, "problem") if count else not_all if one.unchecked else "valid"
    lines = [f"{one.file}: {one.detected.name}{many}: {verdict}"]
    if one.unchecked:
        lines.append(f"  {one.unchecked}")
    lines += [f"  {said}" for said in one.taken]
    lines += [f"  The sender says: {note}" for note in one.notes]
    lines += [f"  {problem.place}: {problem.message}" for problem in one.problems[:SHOWN]]
    more = count - len(one.problems[:SHOWN])
    if more > 0:
        lines.append(f"  … {more:,} more; --format json lists them")
    return lines
