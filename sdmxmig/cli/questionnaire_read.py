"""``sdmxmig questionnaire read``: a questionnaire that was filled in, read back without a mapping."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdmxmig.application.clock import moment
from sdmxmig.cli import FINDINGS, OK, talk
from sdmxmig.cli.options import FORMAT_OPTION, NOW_OPTION, WORKSPACE_OPTION, output_option
from sdmxmig.cli.show import at_work
from sdmxmig.cli.talk import next_step, say, show_json_text, show_text, stage

if TYPE_CHECKING:
    from sdmxmig.catalogue import Catalogue
    from sdmxmig.model.findings import Findings
    from sdmxmig.model.submission import Header
    from sdmxmig.questionnaires import Answers

MAKER = "sdmxmig questionnaire read"
READ_BACK = "answers.json"


@click.command("read")
@click.argument("workbook", type=click.Path(path_type=Path))
@WORKSPACE_OPTION
@output_option("out", "The folder of results.  [default: named as WORKBOOK]")
@NOW_OPTION
@FORMAT_OPTION
def read_command(workbook: Path, workspace: Path | None, out: Path | None, now: str, output: str) -> int:
    """Read a questionnaire that was filled in.

    What is missing, moved or renamed is named with its cell, and the answers are validated. They are written as SDMX
    data, beside a copy of the workbook in which the cells at fault are marked. Exit code 1 if there are findings of
    severity error.

    \b
    Examples:
      sdmxmig questionnaire read pop.xlsx
      sdmxmig questionnaire read pop.xlsx -o answers
      sdmxmig questionnaire read pop.xlsx --workspace mycountry --format json
    """
    from sdmxmig import questionnaires
    from sdmxmig.application.messages import losses
    from sdmxmig.catalogue import load
    from sdmxmig.intake.files import read_bytes
    from sdmxmig.model.submission import Header, Party
    from sdmxmig.outputs import findings_json, findings_text
    from sdmxmig.publishing.folders import publish_folder
    from sdmxmig.tables import read

    folder, target = at_work(workspace), out or Path(workbook.stem)
    catalogue, test = load(folder), asks_for_tests(folder)
    answers = questionnaires.read(read(workbook.name, read_bytes(workbook)), catalogue)
    findings = checked(answers, catalogue)
    message_id = f"{answers.area}_{answers.dataset.flow.id}"
    prepared = moment(now).isoformat(timespec="seconds")
    header = Header(message_id, prepared, sender=Party(answers.area), test=test)
    files = answer_files(catalogue, answers, findings, header)
    files |= marked_file(workbook, answers, findings, catalogue)
    for note in publish_folder(target, "answers", files, maker=MAKER, option="-o FOLDER")[1]:
        say(note)
    stage("read", f"{answers.dataset.observations.height} observations of {answers.dataset.flow.id}")
    if output == "json":
        show_json_text(findings_json.render(findings, catalogue.rules).decode())
    else:
        show_text(findings_text.render(findings, flows=catalogue.flows))
    for sentence in losses(answers.dataset, "sdmx-csv-2.0"):
        say(sentence)
    next_step("open", target)
    return FINDINGS if findings.has_errors else OK


def asks_for_tests(folder: Path | None) -> bool:
    """Whether the workspace says that its messages are tests; without one nobody does."""
    from sdmxmig.workspace import COUNTRY_FILE, open_workspace

    return folder is not None and (folder / COUNTRY_FILE).is_file() and open_workspace(folder).test


def checked(answers: Answers, catalogue: Catalogue) -> Findings:
    """All that is to be said of the answers: what reading noticed, and what validation finds."""
    from dataclasses import replace

    from sdmxmig import questionnaires, validation
    from sdmxmig.model.findings import Findings

    advising = replace(catalogue, rules=questionnaires.rules_in_forms(catalogue.rules))
    return Findings.join([answers.findings, validation.validate(answers.dataset, advising)])


def answer_files(catalogue: Catalogue, answers: Answers, findings: Findings, header: Header) -> dict[str, bytes]:
    """The answers as files: data, where each value came from, what is said about sources and methods, findings."""
    from sdmxmig.formats import FORMATS, data_bytes
    from sdmxmig.outputs import findings_json

    dataset = answers.dataset
    name = dataset.flow.id
    origins = io.BytesIO()
    dataset.origins.write_parquet(origins)
    files = {
        f"{name}.csv": data_bytes(FORMATS["sdmx-csv-2.0"], [dataset], header),
        f"{name}.xml": data_bytes(FORMATS["sdmx-ml-3.0"], [dataset], header),
        f"{name}.origins.parquet": origins.getvalue(),
        READ_BACK: findings_json.render(findings, catalogue.rules),
    }
    write = FORMATS["sdmx-ml-3.0"].write_metadata
    if answers.metadata and write:
        files[f"{name}.metadata.xml"] = write([answers.metadata], header)
    return files


def marked_file(workbook: Path, answers: Answers, findings: Findings, catalogue: Catalogue) -> dict[str, bytes]:
    """A copy of the workbook with its cells at fault marked; none if there are none, or it cannot be made."""
    from sdmxmig.application.marking import marked_copy

    if not any(finding.place for finding in findings.items):
        return {}
    # the office reads it in the language that it was asked in
    marked = marked_copy(workbook, findings, talk, language=answers.language, flows=catalogue.flows)
    return {f"{workbook.stem}.checked.xlsx": marked} if marked is not None else {}
