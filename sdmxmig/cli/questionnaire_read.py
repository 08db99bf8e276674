"""``sdmxmig questionnaire read``: returned questionnaires."""

from __future__ import annotations

from pathlib import Path

import click

from sdmxmig.cli import talk
from sdmxmig.cli.exit_codes import FINDINGS, OK
from sdmxmig.cli.options import FORMAT_OPTION, NOW_OPTION, WORKSPACE_OPTION, output_option
from sdmxmig.cli.show import at_work
from sdmxmig.cli.talk import next_step, say, show_json_text, show_text, stage
from sdmxmig.workspace.tasks.clock import moment

MAKER = "sdmxmig questionnaire read"


@click.command("read")
@click.argument("workbook", type=click.Path(path_type=Path))
@WORKSPACE_OPTION
@output_option("out", "The folder of results.  [default: named as WORKBOOK]")
@NOW_OPTION
@FORMAT_OPTION
def read_command(workbook: Path, workspace: Path | None, out: Path | None, now: str, listing_format: str) -> int:
    """Read a completed questionnaire.

    Missing, moved and renamed cells are listed, and the answers are validated. The results are SDMX data and a copy of
    the workbook with faulty cells marked. Exit code 1 if there are findings of severity error.

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
    from sdmxmig.workspace.tasks.messages import losses
    from sdmxmig.workspace.tasks.questionnaires import answer_files, asks_for_tests, checked, marked_file

    folder, target = at_work(workspace), out or Path(workbook.stem)
    catalogue, test = load(folder), asks_for_tests(folder)
    answers = questionnaires.read(read(workbook.name, read_bytes(workbook)), catalogue)
    findings = checked(answers, catalogue)
    message_id = f"{answers.area}_{answers.dataset.flow.id}"
    prepared = moment(now).isoformat(timespec="seconds")
    header = Header(message_id, prepared, sender=Party(answers.area), test=test)
    files = answer_files(catalogue, answers, findings, header)
    files |= marked_file(workbook, answers, findings, catalogue, talk=talk)
    for note in publish_folder(target, "answers", files, maker=MAKER, option="-o FOLDER")[1]:
        say(note)
    stage("read", f"{answers.dataset.observations.height} observations of {answers.dataset.flow.id}")
    if listing_format == "json":
        show_json_text(findings_json.render(findings, catalogue.rules).decode())
    else:
        show_text(findings_text.render(findings, flows=catalogue.flows))
    for sentence in losses(answers.dataset, "sdmx-csv-2.0"):
        say(sentence)
    next_step("open", target)
    return FINDINGS if findings.has_errors else OK
