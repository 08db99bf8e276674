"""``sdmxmig map``: a mapping file is proposed for a workbook, reviewed in a workbook, and read back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdmxmig.cli.publishing import check_apart, publish_file
from sdmxmig.cli.show import WORKSPACE_OPTION, at_work
from sdmxmig.cli.talk import FORMAT_OPTION, next_step, say, show_list, stage
from sdmxmig.errors import SdmxmigError, did_you_mean

if TYPE_CHECKING:
    from sdmxmig.catalogue import Catalogue
    from sdmxmig.model.tables import Table
    from sdmxmig.recognition import Recogniser
    from sdmxmig.suggestion import Known, Proposal

TEMPLATE = "DF_IMM_TOPIC"
"""The dataflow with the most dimensions: a new structure takes over those that fit."""
SHOWN = 12
"""How many open lines are said one by one."""


@click.command("map")
@click.argument("workbook", type=click.Path(path_type=Path))
@click.argument("dataflow", default="")
@click.option("--area", default="", metavar="CODE", help="The reporting country, such as GE.")
@click.option("--output", "-o", "file", type=click.Path(path_type=Path), help="Write the mapping file here.")
@click.option("--review", type=click.Path(path_type=Path), help="Write a workbook to confirm the proposal in.")
@click.option("--read", "reviewed", type=click.Path(path_type=Path), help="Take what was decided in that workbook.")
@click.option("--new-flow", "new_flow", default="", metavar="ID", help="Propose a structure of its own for the table.")
@WORKSPACE_OPTION
@FORMAT_OPTION
def map_command(  # noqa: PLR0913, PLR0917 - one for each option
    workbook: Path,
    dataflow: str,
    area: str,
    file: Path | None,
    review: Path | None,
    reviewed: Path | None,
    new_flow: str,
    workspace: Path | None,
    output: str,
) -> int:
    """Propose the mapping file of a WORKBOOK whose figures belong to a DATAFLOW.

    Every line has a score. What is not certain is left out and named with the nearest candidates: confirm it in a
    review workbook, which --read takes back. The exit code is 1 as long as something is to be confirmed.

    \b
    Examples:
      sdmxmig map stocks.xlsx DF_POP --area GE -o mappings/stocks.toml
      sdmxmig map stocks.xlsx DF_POP --area GE --review review.xlsx
      sdmxmig map stocks.xlsx DF_POP --area GE --read review.xlsx -o mappings/stocks.toml
      sdmxmig map permits.xlsx --new-flow DF_PERMITS_REGION -o mycountry
    """
    from sdmxmig import tables
    from sdmxmig.areas import read_areas
    from sdmxmig.catalogue import load
    from sdmxmig.intake.files import read_bytes
    from sdmxmig.recognition import read_recogniser

    folder = at_work(workspace)
    for result in (file, review):
        if result is not None:
            check_apart(result, workbook, reviewed)
    if review is not None and review.suffix.lower() != ".xlsx":
        raise SdmxmigError(f"“{review}” is not the name of a workbook.", hint="Write a name that ends in .xlsx.")
    catalogue = load(folder)
    found = tables.read(workbook.name, read_bytes(workbook))
    recogniser = read_recogniser(read_areas(catalogue.item_scheme("SDMX:CL_AREA(2.0)"), folder), folder)
    if new_flow:
        return propose_flow(found, new_flow, known_of(catalogue, TEMPLATE, recogniser), file)
    if dataflow not in catalogue.flows:
        hint = did_you_mean(dataflow, sorted(catalogue.flows)) if dataflow else "Name one, such as DF_POP."
        hint += " For a table that fits none: --new-flow ID."
        raise SdmxmigError(f"There is no dataflow “{dataflow}”." if dataflow else "Which dataflow is it?", hint=hint)
    check_area(area, catalogue)
    return propose_mapping(found, known_of(catalogue, dataflow, recogniser), area, (file, review, reviewed), output)


def known_of(catalogue: Catalogue, dataflow: str, recogniser: Recogniser) -> Known:
    """What is known when a table is looked at."""
    from sdmxmig.suggestion import Known

    return Known(catalogue.flows[dataflow], recogniser)


def check_area(area: str, catalogue: Catalogue) -> None:
    """Refuse a reporting country that is no code."""
    known = catalogue.item_scheme("SDMX:CL_AREA(2.0)").ids
    if area and area not in known:
        raise SdmxmigError(f"“{area}” is not a code of CL_AREA.", hint=did_you_mean(area, known))


def propose_mapping(
    found: Sequence[Table],
    known: Known,
    area: str,
    files: tuple[Path | None, Path | None, Path | None],
    output: str,
) -> int:
    """Propose a mapping, write what is asked for, and say what is open."""
    from sdmxmig import tables
    from sdmxmig.intake.files import read_bytes
    from sdmxmig.mapping.writing import write
    from sdmxmig.suggestion import suggest
    from sdmxmig.suggestion.review import read_decisions, to_workbook
    from sdmxmig.suggestion.told import comments_of

    file, review, reviewed = files
    decisions = None
    if reviewed is not None:
        decisions = read_decisions(reviewed.name, tables.read(reviewed.name, read_bytes(reviewed)), known.flow)
    proposal = suggest(found, known, area, decisions)
    if not proposal.mapping.blocks:
        hint = "For a table that fits no dataflow of yours: --new-flow ID."
        raise SdmxmigError(f"No sheet of the workbook looks like {known.flow.id}.", hint=hint)
    text = write(proposal.mapping, comments_of(proposal))
    if review is not None:
        publish_file(review, to_workbook(proposal, found), "--review FILE")
        stage("review", f"{len(proposal.open)} lines to confirm in {review}")
    if file is not None:
        publish_file(file, text.encode(), "-o FILE")
        stage("map", str(file))
    if output == "json":
        show_list(rows_of(proposal), output)
    elif file is None and review is None:
        click.echo(text, nl=False)
    return tell(proposal, review)


def rows_of(proposal: Proposal) -> list[dict[str, object]]:
    """The lines of a proposal with their scores."""
    return [
        {
            "sheet": one.sheet,
            "part": one.part,
            "label": one.label,
            "proposed": one.chosen.code,
            "score": one.chosen.confidence,
            "why": one.chosen.reason,
            "nearest": [each.code for each in one.others],
            "open": one.is_open,
        }
        for one in proposal.questions
    ]


def tell(proposal: Proposal, review: Path | None) -> int:
    """Say what is to be confirmed; 1 if anything is."""
    for one in proposal.open[:SHOWN]:
        near = f" Nearest: {', '.join(each.code for each in one.others)}." if one.others else ""
        what = " ".join(part for part in (one.sheet, one.part, f"“{one.label}”" if one.label else "") if part)
        said = f"{one.chosen.code} ({one.chosen.confidence:.2f}): " if one.chosen.code else ""
        say(f"? {what}: {said}{one.chosen.reason}.{near}")
    if len(proposal.open) > SHOWN:
        say(f"… and {len(proposal.open) - SHOWN} more lines; all of them: --format json, or --review FILE")
    say(f"{len(proposal.questions) - len(proposal.open)} of {len(proposal.questions)} lines are certain.")
    if proposal.open and review is not None:
        next_step("choose in the column Decision, save, and run the command again with --read", review)
    return 1 if proposal.open else 0


def propose_flow(found: Sequence[Table], name: str, known: Known, folder: Path | None) -> int:
    """Propose a structure with its codelists for a table that fits no dataflow, as files of a workspace."""
    from sdmxmig.catalogue.naming import check_id
    from sdmxmig.suggestion.new_flow import propose

    check_id("Dataflow", name, None)
    files = propose(found, name, known)
    if folder is None:
        for path, content in sorted(files.items()):
            click.echo(f"# {path}\n{content.decode()}")
        return 1
    for path in sorted(files):
        if (folder / path).exists():
            raise SdmxmigError(f"There is a file {folder / path} already.", hint="Choose another id, or remove it.")
    for path, content in sorted(files.items()):
        publish_file(folder / path, content, "-o DIR")
    stage("map", f"{len(files)} files in {folder}: all of them are drafts to be edited")
    next_step("sdmxmig show", name)
    return 1
