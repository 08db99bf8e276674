"""Commands for SDMX messages and declared artefacts: build, check, transform, diff, load and docs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdmxmig.cli import terminal
from sdmxmig.cli.options import (
    FORMAT_OPTION,
    WORKSPACE_OPTION,
    add_request_options,
    build_language_option,
    build_output_option,
    pass_session,
)
from sdmxmig.cli.show import find_workspace
from sdmxmig.cli.terminal import (
    BUG,
    FINDINGS,
    OK,
    UNCHECKED,
    next_step,
    save_bug_report,
    say,
    show,
    show_formulas,
    show_list,
    stage,
)
from sdmxmig.io.publishing.files import STANDARD_OUTPUT, check_apart, check_folder, publish_file
from sdmxmig.io.publishing.folders import publish_folder
from sdmxmig.primitives.errors import OutOfMemory, SdmxmigError, lacks_memory, write_count
from sdmxmig.primitives.places import Place
from sdmxmig.workspace.folder import check_declares
from sdmxmig.workspace.requests.tasks import BuildRequest, MessageReading, TransformRequest

if TYPE_CHECKING:
    from sdmxmig.quality.checking import CheckResult
    from sdmxmig.sdmx.checking.reading import Problem
    from sdmxmig.sdmx.formats.faults import Faults
    from sdmxmig.sdmx.model.data import Flow
    from sdmxmig.sdmx.versions import ArtefactComparison, Difference
    from sdmxmig.workspace.tasks.codelists import IncomingList
    from sdmxmig.workspace.tasks.session import Session


@click.command("build")
@pass_session
@add_request_options(BuildRequest)
@FORMAT_OPTION
def build_command(session: Session, request: BuildRequest, listing_format: str) -> None:
    """Write codelists, structures, dataflows and all other declared artefacts as SDMX.

    The formats are SDMX-ML 2.1, 3.0 and 3.1 and SDMX-JSON 2.0 and 2.1. Artefacts that a version cannot express are
    listed in left-out.md.

    With --vtl, the validation rules are exported as VTL: one script for all (rules.vtl), one for each dataflow, and
    SDMX artefacts. Rules that VTL cannot express are listed in not-in-vtl.md.

    \b
    Examples:
      sdmxmig build mycountry
      sdmxmig build mycountry -o result
      sdmxmig build mycountry --vtl
      sdmxmig build mycountry --format json
    """
    from sdmxmig.workspace.tasks.building import build

    show_list(build(session, rules=request.vtl), listing_format)
    next_step("sdmxmig convert", session.workspace.folder)


MAX_PROBLEMS = 20
FLOW_HINT = "if they follow a structure of --structure, name it with --flow ID"


@click.command("check")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@add_request_options(MessageReading, "reading")
@click.option(
    "--lenient", is_flag=True, help="List only the parts that a lenient reading leaves out, and count the rest."
)
@FORMAT_OPTION
def check_command(files: Sequence[Path], reading: MessageReading, lenient: bool, listing_format: str) -> int:
    """Validate SDMX messages, and list all problems with their positions.

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
    from sdmxmig.quality.checking import STRUCTURE_HINT
    from sdmxmig.workspace.tasks.messages import find_known_flows

    flows = find_known_flows(reading)
    advice = FLOW_HINT if reading.structure else STRUCTURE_HINT
    results, refusals, bugs = check_all(files, flows, lenient=lenient, advice=advice)
    if listing_format == "json":
        show_list([build_file_record(checked_file) for checked_file in results], listing_format)
    else:
        for checked_file in results:
            show(*list_lines_of_file(checked_file))
    for refusal in refusals if bugs else refusals[:-1]:
        say(str(refusal))
    if bugs:
        return BUG
    if refusals:
        raise refusals[-1]
    if any(checked_file.problems for checked_file in results):
        return FINDINGS
    return UNCHECKED if any(checked_file.unchecked for checked_file in results) else OK


def check_all(
    files: Sequence[Path], flows: Mapping[str, Flow], *, lenient: bool, advice: str
) -> tuple[list[CheckResult], list[SdmxmigError], int]:
    from sdmxmig.workspace.tasks.messages import build_system_error, get_input_name

    results: list[CheckResult] = []
    refusals: list[SdmxmigError] = []
    bugs = 0
    for path in files:
        try:
            results.append(check_file(path, flows, lenient=lenient, advice=advice))
        except SdmxmigError as error:  # the file is not a message; check the others anyway
            refusals.append(error)
        except OSError as error:  # error of its disk, or of one that it depends on
            refusals.append(build_system_error(error, get_input_name(path)))
        except (KeyboardInterrupt, SystemExit, click.Abort):
            raise
        except BaseException as error:  # a bug must not hide problems of other files
            if lacks_memory(error):
                refusals.append(OutOfMemory(Place(get_input_name(path))))
                continue
            bugs += 1
            say(f"{get_input_name(path)} could not be checked:")
            save_bug_report(error, ["check", str(path)])
    return results, refusals, bugs


def check_file(path: Path, flows: Mapping[str, Flow], *, lenient: bool, advice: str) -> CheckResult:
    from sdmxmig.io.intake.incoming import open_message
    from sdmxmig.quality.checking import identify_and_check
    from sdmxmig.workspace.tasks.messages import get_input_name

    with open_message(path, get_input_name(path)) as (_, message):
        return identify_and_check(get_input_name(path), message, flows, lenient=lenient, advice=advice)


def build_file_record(checked_file: CheckResult) -> dict[str, object]:
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


def list_lines_of_file(checked_file: CheckResult) -> list[str]:
    count = len(checked_file.problems) + checked_file.unlisted
    size = checked_file.size
    is_empty = checked_file.detected.kind == "data" and not size and not count and not checked_file.unchecked
    amount = f", {write_count(size, checked_file.unit)}" if size else ", no observations" if is_empty else ""
    not_all = "not all checked" if size else "not checked"
    verdict = write_count(count, "problem") if count else not_all if checked_file.unchecked else "valid"
    lines = [f"{checked_file.file}: {checked_file.detected.name}{amount}: {verdict}"]
    if checked_file.unchecked:
        lines.append(f"  {checked_file.unchecked}")
    lines += [f"  {sentence}" for sentence in checked_file.taken]
    lines += [f"  The sender says: {note}" for note in checked_file.notes]
    lines += [f"  {problem.place}: {problem.message}" for problem in checked_file.problems[:MAX_PROBLEMS]]
    more = count - len(checked_file.problems[:MAX_PROBLEMS])
    if more > 0:
        lines.append(f"  … {more:,} more; --format json lists them")
    return lines


@click.command("transform")
@click.argument("source", type=click.Path(path_type=Path))
@build_output_option(
    "target", "The file, or - for standard output; .gz or .zip compresses it.", may_print=True, required=True
)
@add_request_options(TransformRequest)
def transform_command(request: TransformRequest) -> int:
    """Convert a structure, data or metadata message to another format.

    Data are streamed, so a message may be larger than memory. SOURCE may be compressed (gzip, zip), or - for standard
    input. The header is kept; a message without one gets the current time. Artefacts and details that the format cannot
    express are left out and listed. Data are checked during the conversion: codes, types, missing and duplicate values;
    problems are listed, and the values are written unchanged. Deviations from the standard with a clear meaning are
    read and listed (--strict refuses them). The exit code is 1 if content was left out, or if the data have problems.

    Data without a structure can be written as a table. Generic data name their dimensions, so they can be written in
    any format. Inferred structure is reported.

    \b
    Examples:
      sdmxmig transform data.csv --to sdmx-ml-3.0 -o data.xml
      sdmxmig transform structures.xml --to sdmx-json-2.0 -o structures.json
      sdmxmig transform inflows.csv --map SM_ESTAT_IMM1CTZ --to sdmx-csv-2.0 -o migr_imm1ctz.csv
      sdmxmig transform data.xml.gz --structure structures.xml --to sdmx-csv-2.0 -o data.csv.gz
    """
    from sdmxmig import catalogue
    from sdmxmig.sdmx.exchange import find_format
    from sdmxmig.sdmx.formats.faults import Faults
    from sdmxmig.workspace.tasks.messages import check_message, find_known_flows, get_input_name
    from sdmxmig.workspace.tasks.transforming import transform_message

    source, out = Path(str(request.source)), Path(request.target)
    check_apart(out, source)
    check_message(out)
    declared, faults = catalogue.load(request.folder), Faults.by(lenient=request.lenient, strict=request.strict)
    flows = find_known_flows(request, declared)
    try:
        made = transform_message(
            request, source, get_input_name(source), flows=flows, catalogue=declared, faults=faults, listener=terminal
        )
    except SdmxmigError:
        report_faults(faults)  # omissions may explain why the rest cannot be written
        raise
    for untranslated in made.untranslated:
        say(f"not translated: {untranslated}")
    stage("transform", f"{made.source} to {find_format(made.format).name}")
    if str(out) != STANDARD_OUTPUT:
        show(str(out))
    for error in made.left_out:
        say(f"left out: {error}")
    is_partly_read = report_faults(faults)
    if made.problems:
        report_problems(made.problems)
    return OK if made.ok and not is_partly_read else FINDINGS


def report_problems(problems: Sequence[Problem]) -> None:
    problem_count = f"{write_count(len(problems), 'problem')} with the data, which were written unchanged"
    say(f"{problem_count}; sdmxmig check lists {'it' if len(problems) == 1 else 'them'}:")
    for problem in problems[:MAX_PROBLEMS]:
        say(f"  {problem.place}: {problem.message}")
    if len(problems) > MAX_PROBLEMS:
        say(f"  … {len(problems) - MAX_PROBLEMS:,} more")


def report_faults(faults: Faults) -> int:
    """List deviations and omissions; return exit code 1 if there are omissions."""
    from sdmxmig.sdmx.formats.faults import is_read

    for error in faults.listed[:MAX_PROBLEMS]:
        say(f"{'read as meant' if is_read(error) else 'left out'}: {error}")
    more = len(faults.listed) - MAX_PROBLEMS + sum(faults.unlisted.values())
    if more > 0:
        say(f"… {more:,} more; sdmxmig check --lenient --format json lists them")
    return int(bool(faults.left_out))


@click.command("diff")
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path), required=False)
@FORMAT_OPTION
def diff_command(old: Path, new: Path | None, listing_format: str) -> int:
    """Compare two releases of artefacts and name the smallest version step that the SDMX rules require.

    OLD and NEW are structure messages, or folders with codelists/ and structures/; without NEW, OLD is
    compared with the artefacts of sdmxmig. The exit code is 1 if the version of an artefact was raised by less than
    its changes require.

    \b
    Examples:
      sdmxmig diff old.xml new.xml
      sdmxmig diff release-1.xml mycountry
      sdmxmig diff mycountry
      sdmxmig diff old.json new.xml --format json
    """
    from sdmxmig.workspace.tasks.messages import compare_artefacts, list_artefacts, list_shipped_artefacts

    before = list_artefacts(old) if new else list_shipped_artefacts()
    comparisons = compare_artefacts(before, list_artefacts(new or old))
    if listing_format == "json":
        show_list([build_comparison_record(comparison) for comparison in comparisons], listing_format)
    else:
        for comparison in comparisons:
            show(*describe_comparison(comparison))
    if not comparisons:
        say("No differences.")
    return int(any(not comparison.is_enough for comparison in comparisons))


def build_comparison_record(comparison: ArtefactComparison) -> dict[str, object]:
    return {
        "old": str(comparison.old or ""),
        "new": str(comparison.new or ""),
        "needed": comparison.needed,
        "taken": comparison.taken,
        "proposed": comparison.proposed,
        "enough": comparison.is_enough,
        "changes": [
            {"change": change.kind, "part": change.part, "step": change.step, "detail": change.detail}
            for change in comparison.changes
        ],
    }


def describe_comparison(comparison: ArtefactComparison) -> list[str]:
    if comparison.old is None:
        return [f"{comparison.new}: new"]
    if comparison.new is None:
        return [f"{comparison.old}: gone"]
    verdict = "enough" if comparison.is_enough else f"not enough: {comparison.proposed} at least"
    versions = f"from {comparison.old.version}, needs {comparison.needed}, took {comparison.taken}"
    lines = [f"{comparison.new}: {versions}: {verdict}"]
    lines += [format_change(change) for change in comparison.changes]
    return lines


def format_change(change: Difference) -> str:
    line = f"  {change.step:<6} {change.kind} {change.part}".rstrip()
    return f"{line}: {change.detail}" if change.detail else line


MAX_CHANGES = 40


@click.command("load")
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("workspace", type=click.Path(path_type=Path), default=Path())
@click.option(
    "--as", "called", default="", metavar="NAME", help="The list: AGENCY:ID(VERSION).  [default: as in the file]"
)
@click.option("--dry-run", is_flag=True, help="Show the changes without writing them.")
@FORMAT_OPTION
def load_command(file: Path, workspace: Path, called: str, dry_run: bool, listing_format: str) -> int:
    """Read a list from a spreadsheet (as `show -o` writes it) or CSV file into the workspace's codelists/.

    Codes that a spreadsheet program has changed are listed with their cell: lost leading zeros, dates, decimals,
    exponents, TRUE and FALSE. If the earlier list had the original code, the file is refused with exit code 1.

    \b
    Examples:
      sdmxmig load CL_SEX.xlsx mycountry
      sdmxmig load CL_SEX.xlsx mycountry --dry-run
      sdmxmig load regions.csv mycountry --as "GE1:CL_REGION(1.0.0)"
    """
    from sdmxmig.workspace.tasks.codelists import read_incoming_list

    check_declares(workspace)
    incoming = read_incoming_list(file, workspace, called)
    show_changes(incoming, listing_format)
    if incoming.is_damaged:
        say("No file was written. Set these cells to text in the spreadsheet, correct them, and load it again.")
        return 1
    incoming.try_out(workspace)
    ref, target = incoming.ref, workspace / incoming.path
    if incoming.is_of_others:
        say(f"This list belongs to {ref.agency}: your changes apply to your workspace only.")
    show_formulas(target.name, incoming.content)
    if incoming.is_same:
        say("No changes: no file was written.")
    elif dry_run:
        say(f"It would be written to {target}.")
    else:
        publish_file(target, incoming.content, "WORKSPACE")
        stage("load", f"{ref.short} in {target}")
        next_step("sdmxmig build", workspace)
    return 0


def show_changes(incoming: IncomingList, listing_format: str) -> None:
    damaged_codes, changes = incoming.damaged, incoming.changes
    if listing_format == "json":
        spoilt_rows = [
            {
                "what": spoilt.kind,
                "cell": str(spoilt.place),
                "found": spoilt.text,
                "expected": spoilt.expected,
                "severity": "error" if spoilt.is_certain else "warning",
            }
            for spoilt in damaged_codes
        ]
        change_rows = [
            {"what": c.kind, "row": c.row, "column": c.column, "before": c.before, "after": c.after} for c in changes
        ]
        show_list([*spoilt_rows, *change_rows], listing_format)
        return
    for spoilt in damaged_codes:
        show(f"{'✕ error' if spoilt.is_certain else '! warning'}  {spoilt.place}  {spoilt}")
    for change in changes[:MAX_CHANGES]:
        show(str(change))
    if len(changes) > MAX_CHANGES:
        say(f"… and {len(changes) - MAX_CHANGES} more differences; all of them: --format json")
    name = incoming.ref.short
    say(f"{name} is new." if incoming.is_new else f"{name}: {write_count(len(changes), 'difference')}.")


FOLDER, OPTION, MAKER = "sdmxmig-docs", "-o FOLDER", "sdmxmig docs"


@click.command("docs")
@WORKSPACE_OPTION
@build_output_option("folder", "The folder of the site.", default=Path(FOLDER), show_default=True)
@build_language_option("languages", " May be given several times.  [default: all six]", multiple=True)
@FORMAT_OPTION
def docs_command(workspace: Path | None, folder: Path, languages: tuple[str, ...], listing_format: str) -> None:
    """Render the framework as a site: definitions, indicators, lists, structures and dataflows, with a search.

    The site is plain HTML in six languages. It opens from its folder and needs no network or server.

    \b
    Examples:
      sdmxmig docs
      sdmxmig docs -o site --language en --language fr
      sdmxmig docs --workspace mycountry -o site
    """
    from sdmxmig.catalogue import load
    from sdmxmig.catalogue.documentation import LANGUAGES, render

    check_folder(folder, "docs", MAKER, OPTION)
    work = find_workspace(workspace)
    files = render(load(work), languages or LANGUAGES)
    for note in publish_folder(folder, "docs", files, maker=MAKER, option=OPTION)[1]:
        say(note)
    stage("docs", f"{write_count(len(files), 'file')} in {folder}")
    starts = sorted(name for name in files if name.endswith("/index.html"))
    show_list([{"language": name.partition("/")[0], "file": str(folder / name)} for name in starts], listing_format)
    next_step("open", folder / "index.html")
