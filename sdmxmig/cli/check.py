"""``sdmxmig check``: identification and problems of files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdmxmig.cli.options import FORMAT_OPTION, takes
from sdmxmig.cli.stopping import BUG, FINDINGS, OK, UNCHECKED
from sdmxmig.cli.talk import save_bug_report, say, show, show_list
from sdmxmig.primitives.errors import SdmxmigError, counted
from sdmxmig.workspace.requests.messages import MessageReading

if TYPE_CHECKING:
    from sdmxmig.quality.checking import Checked
    from sdmxmig.sdmx.model.data import Flow

SHOWN = 20
OTHER_NAME = "if they follow a structure of --structure, name it with --flow ID"


@click.command("check")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@takes(MessageReading, "reading")
@click.option("--lenient", is_flag=True, help="List only what a lenient reading leaves out, and count what it reads.")
@FORMAT_OPTION
def check_command(files: Sequence[Path], reading: MessageReading, lenient: bool, listing_format: str) -> int:
    """Validate SDMX messages, and list all problems with their place.

    Messages are validated against the official schemas, structure-specific data also against a schema made from their
    structure. Values are compared with codelists, types and constraints, and duplicate observations are found. Data may
    be larger than memory. FILES may be compressed (gzip, zip), or - for standard input.

    Exit code 0: no problems. 1: problems. 4: no problems, but some checks could not run, for example because the
    structure of the data is missing. 2: a file is not an SDMX message. All files are checked; the worst result
    counts, in the order 3 (a bug), 2, 1, 4.

    \b
    Examples:
      sdmxmig check message.xml
      sdmxmig check data.xml --structure structures.xml
      sdmxmig check data.xml --structure structure.xml --follows
      sdmxmig check broken.csv --lenient
      sdmxmig check out/data/*.csv --format json
    """
    from sdmxmig.quality.checking import WITH_STRUCTURE
    from sdmxmig.workspace.tasks.messages import known_flows

    flows = known_flows(reading)
    advice = OTHER_NAME if reading.structure else WITH_STRUCTURE
    results, refusals, bugs = all_checked(files, flows, lenient=lenient, advice=advice)
    if listing_format == "json":
        show_list([as_record(checked_file) for checked_file in results], listing_format)
    else:
        for checked_file in results:
            show(*lines_of(checked_file))
    for refusal in refusals if bugs else refusals[:-1]:
        say(str(refusal))
    if bugs:
        return BUG
    if refusals:
        raise refusals[-1]
    if any(checked_file.problems for checked_file in results):
        return FINDINGS
    return UNCHECKED if any(checked_file.unchecked for checked_file in results) else OK


def all_checked(
    files: Sequence[Path], flows: Mapping[str, Flow], *, lenient: bool, advice: str
) -> tuple[list[Checked], list[SdmxmigError], int]:
    from sdmxmig.workspace.tasks.messages import named, system_trouble

    results: list[Checked] = []
    refusals: list[SdmxmigError] = []
    bugs = 0
    for path in files:
        try:
            results.append(checked(path, flows, lenient=lenient, advice=advice))
        except SdmxmigError as error:  # the file is not a message; check the others anyway
            refusals.append(error)
        except OSError as error:  # error of its disk, or of one that it depends on
            refusals.append(system_trouble(error, named(path)))
        except (KeyboardInterrupt, SystemExit, click.Abort):
            raise
        except BaseException as error:  # a bug must not hide problems of other files
            bugs += 1
            say(f"{named(path)} could not be checked:")
            save_bug_report(error, ["check", str(path)])
    return results, refusals, bugs


def checked(path: Path, flows: Mapping[str, Flow], *, lenient: bool, advice: str) -> Checked:
    from sdmxmig.io.intake.incoming import open_message
    from sdmxmig.quality.checking import check
    from sdmxmig.workspace.tasks.messages import named

    with open_message(path, named(path)) as (_, message):
        return check(named(path), message, flows, lenient=lenient, advice=advice)


def as_record(checked_file: Checked) -> dict[str, object]:
    return {
        "file": checked_file.file,
        "format": checked_file.detected.format,
        "kind": checked_file.detected.kind,
        "size": checked_file.size,
        "unchecked": checked_file.unchecked,
        "notes": list(checked_file.notes),
        "taken": list(checked_file.taken),
        "unlisted": checked_file.unlisted,
        "problems": [
            {"place": str(problem.place), "message": problem.message, "severity": problem.severity}
            for problem in checked_file.problems
        ],
    }


def lines_of(checked_file: Checked) -> list[str]:
    count = len(checked_file.problems) + checked_file.unlisted
    size = checked_file.size
    is_empty = checked_file.detected.kind == "data" and not size and not count and not checked_file.unchecked
    amount = f", {counted(size, checked_file.unit)}" if size else ", no observations" if is_empty else ""
    not_all = "not all checked" if size else "not checked"
    verdict = counted(count, "problem") if count else not_all if checked_file.unchecked else "valid"
    lines = [f"{checked_file.file}: {checked_file.detected.name}{amount}: {verdict}"]
    if checked_file.unchecked:
        lines.append(f"  {checked_file.unchecked}")
    lines += [f"  {sentence}" for sentence in checked_file.taken]
    lines += [f"  The sender says: {note}" for note in checked_file.notes]
    lines += [f"  {problem.place}: {problem.message}" for problem in checked_file.problems[:SHOWN]]
    more = count - len(checked_file.problems[:SHOWN])
    if more > 0:
        lines.append(f"  … {more:,} more; --format json lists them")
    return lines
