"""Commands for questionnaires: make, read and fill them in, and correct source cells."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdmxmig.cli import terminal
from sdmxmig.cli.options import (
    FORMAT_OPTION,
    NOW_OPTION,
    WORKSPACE_OPTION,
    Commands,
    build_language_option,
    build_output_option,
)
from sdmxmig.cli.show import find_workspace
from sdmxmig.cli.terminal import FINDINGS, OK, next_step, say, show, show_json_text, show_text, stage
from sdmxmig.io.publishing.files import check_apart, check_new, publish_file
from sdmxmig.primitives.errors import SdmxmigError

if TYPE_CHECKING:
    from sdmxmig.workspace.tasks.session import Session


@click.command("correct")
@click.option(
    "--data", type=click.Path(path_type=Path), metavar="FILE", required=True, help="The data with corrected figures."
)
@WORKSPACE_OPTION
@build_output_option("out", "The folder of the copies.  [default: out/corrected]")
def correct_command(data: Path, workspace: Path | None, out: Path | None) -> int:
    """Write corrected figures into your workbooks.

    Each figure goes into its source cell, in the unit and sign of that cell. The workbooks of the workspace are not
    changed: NAME.corrected.xlsx is a copy with the corrections, and NAME.checked.xlsx shows them marked, with a list.

    \b
    Examples:
      sdmxmig questionnaire correct --data corrected.csv --workspace mycountry
      sdmxmig questionnaire correct --data corrected.csv --workspace mycountry -o corrected
    """
    from sdmxmig.io.publishing.folders import add_files
    from sdmxmig.workspace.tasks.correcting import make_corrected_copies

    session = open_workspace_session(find_workspace(workspace))
    folder = out or session.out / "corrected"
    session.results.reading()
    session.report_if_older("data")
    correction = make_corrected_copies(session, data, folder)
    for target in add_files(folder, correction.files, "-o FOLDER") if correction.files else ():
        show(str(target))
    stage("correct", f"{correction.written} cells written, {correction.marked} marked")
    if correction.marked:
        next_step("open", folder)
    else:
        say("No figure differs from the workbooks of the workspace; no file was written.")
    return OK


def open_workspace_session(folder: Path | None) -> Session:
    from sdmxmig.workspace.tasks.session import open_session

    if folder is None:
        raise SdmxmigError("The workspace is missing.", hint="Add the workspace of the workbooks with --workspace.")
    return open_session(folder, None, "", listener=terminal)


@click.command("fill")
@click.argument("workbook", type=click.Path(path_type=Path))
@click.option(
    "--mapping",
    "mapped",
    type=click.Path(path_type=Path),
    metavar="FILE",
    required=True,
    help="The mapping of its cells.",
)
@click.option("--data", type=click.Path(path_type=Path), metavar="FILE", required=True, help="The figures.")
@WORKSPACE_OPTION
@build_output_option("out", "The workbook.  [default: WORKBOOK.filled.xlsx]")
def fill_command(workbook: Path, mapped: Path, data: Path, workspace: Path | None, out: Path | None) -> int:
    """Fill in a workbook of another agency.

    The figures go into the cells that the mapping describes; the rest of the workbook is not changed. Figures
    without a cell are listed.

    \b
    Examples:
      sdmxmig questionnaire fill form.xlsx --mapping form.toml --data pop.csv
      sdmxmig questionnaire fill form.xlsx --mapping form.toml --data pop.csv -o filled.xlsx
    """
    from sdmxmig.catalogue import load as load_catalogue
    from sdmxmig.conversion.mapping import load
    from sdmxmig.io.intake.files import read_bytes
    from sdmxmig.reporting.outputs.patched_workbook import patch
    from sdmxmig.workspace.tasks.questionnaires import build_filling, warn_about_active_content

    catalogue = load_catalogue(find_workspace(workspace))
    mapping = load(mapped.name, read_bytes(mapped), catalogue.flows)
    target = out or workbook.with_suffix(".filled.xlsx")
    check_apart(target, workbook, mapped, data)
    check_new(target)
    content = read_bytes(workbook)
    filling = build_filling(catalogue, workbook.name, content, mapping=mapping, data=data)
    patched = patch(workbook.name, content, filling.cells)
    if notice := warn_about_active_content(workbook.name, content):
        say(notice)
    publish_file(target, patched.content, "-o FILE")
    for left_out in filling.left_out:
        say(f"not in the workbook: {left_out}")
    stage("fill", f"{len(filling.cells)} cells filled in, {filling.empty} without data")
    show(str(target))
    next_step("open", target)
    return OK


@click.command("make")
@click.argument("dataflow")
@WORKSPACE_OPTION
@click.option("--area", default="", metavar="CODE", help="The country.  [default: that of the workspace]")
@click.option("--years", default="", metavar="FIRST:LAST", help="The years, such as 2020:2024.")
@click.option("--frequency", default="", metavar="CODE", help="Years (A), quarters (Q), months (M).  [default: A]")
@build_language_option(default="en", show_default=True)
@click.option("--data", type=click.Path(path_type=Path), metavar="FILE", help="Data to fill in.")
@build_output_option("out", "The workbook.  [default: DATAFLOW.AREA.xlsx]")
def make_command(
    dataflow: str,
    workspace: Path | None,
    area: str,
    years: str,
    frequency: str,
    language: str,
    data: Path | None,
    out: Path | None,
) -> int:
    """Make a workbook that asks for figures.

    DATAFLOW is an id such as DF_POP; sdmxmig show lists them. The workbook has locked headers, codes to choose from,
    live checks, definitions, and a sheet on sources and methods. Hidden cells identify each figure, so reading it back
    needs no mapping.

    \b
    Examples:
      sdmxmig questionnaire make DF_POP --area GE --years 2020:2024 -o pop.xlsx
      sdmxmig questionnaire make DF_POP --area EG --years 2024 --language ar --data last-year.csv -o pop.xlsx
      sdmxmig questionnaire make DF_IMM --workspace mycountry --years 2024 --frequency M
    """
    from sdmxmig.catalogue import load
    from sdmxmig.workspace.tasks.questionnaires import build_questionnaire, parse_years, read_area

    folder = find_workspace(workspace)
    area, asked_years = area or read_area(folder), parse_years(years)
    target = out or Path(f"{dataflow}.{area}.xlsx")
    if target.suffix.lower() != ".xlsx":
        raise SdmxmigError(f"“{target}” is not the name of a workbook.", hint="Write a name that ends in .xlsx.")
    check_new(target)
    catalogue = load(folder)
    planned, content = build_questionnaire(
        folder,
        dataflow,
        area=area,
        years=asked_years,
        frequency=frequency,
        language=language,
        data=data,
        catalogue=catalogue,
    )
    publish_file(target, content, "-o FILE")
    for table in planned.left_out:
        say(f"No table {table}; such figures go to the sheet for further figures.")
    count = sum(len(grid.rows) * len(grid.columns) for grid in planned.grids)
    stage("questionnaire", f"{count} figures in {len(planned.grids)} tables")
    show(str(target))
    next_step("fill it in, then: sdmxmig questionnaire read", target)
    return OK


READ_COMMAND = "sdmxmig questionnaire read"


@click.command("read")
@click.argument("workbook", type=click.Path(path_type=Path))
@WORKSPACE_OPTION
@build_output_option("out", "The folder of results.  [default: named after WORKBOOK]")
@NOW_OPTION
@FORMAT_OPTION
def read_command(workbook: Path, workspace: Path | None, out: Path | None, now: str, listing_format: str) -> int:
    """Read a completed questionnaire.

    Missing, moved and renamed cells are listed, and the answers are validated. The results are SDMX data and a copy of
    the workbook with faulty cells marked. The exit code is 1 if there are findings of severity error.

    \b
    Examples:
      sdmxmig questionnaire read pop.xlsx
      sdmxmig questionnaire read pop.xlsx -o answers
      sdmxmig questionnaire read pop.xlsx --workspace mycountry --format json
    """
    from sdmxmig.catalogue import load
    from sdmxmig.conversion.tables import read
    from sdmxmig.forms import questionnaires
    from sdmxmig.io.intake.files import read_bytes
    from sdmxmig.io.publishing.folders import publish_folder
    from sdmxmig.reporting.outputs import findings_json, findings_text
    from sdmxmig.sdmx.model.submission import Header, Party
    from sdmxmig.workspace.tasks.messages import list_losses
    from sdmxmig.workspace.tasks.questionnaires import build_answer_files, check_answers, is_test_workspace, mark_file
    from sdmxmig.workspace.tasks.session import parse_moment

    folder, target = find_workspace(workspace), out or Path(workbook.stem)
    catalogue, test = load(folder), is_test_workspace(folder)
    answers = questionnaires.read(read(workbook.name, read_bytes(workbook)), catalogue)
    findings = check_answers(answers, catalogue)
    message_id = f"{answers.area}_{answers.dataset.flow.id}"
    prepared = parse_moment(now).isoformat(timespec="seconds")
    header = Header(message_id, prepared, sender=Party(answers.area), test=test)
    files = build_answer_files(catalogue, answers, findings, header)
    files |= mark_file(workbook, answers, findings, catalogue, listener=terminal)
    for note in publish_folder(target, "answers", files, maker=READ_COMMAND, option="-o FOLDER")[1]:
        say(note)
    stage("read", f"{answers.dataset.observations.height} observations of {answers.dataset.flow.id}")
    if listing_format == "json":
        show_json_text(findings_json.render(findings, catalogue.rules).decode())
    else:
        show_text(findings_text.render(findings, flows=catalogue.flows))
    for sentence in list_losses(answers.dataset):
        say(sentence)
    next_step("open", target)
    return FINDINGS if findings.has_errors else OK


class Questionnaires(Commands):
    """The group of questionnaire commands, in the order of their use."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(self.commands)


@click.group("questionnaire", cls=Questionnaires)
def questionnaire_command() -> None:
    """Make questionnaires and read them back; fill in those of other agencies, and correct your own workbooks.

    \b
    Examples:
      sdmxmig questionnaire make DF_POP --area GE --years 2020:2024 -o pop.xlsx
      sdmxmig questionnaire read pop.xlsx -o answers
      sdmxmig questionnaire fill form.xlsx --mapping form.toml --data pop.csv -o filled.xlsx
      sdmxmig questionnaire correct --data corrected.csv --workspace mycountry
    """


for command in (make_command, read_command, fill_command, correct_command):
    questionnaire_command.add_command(command)
