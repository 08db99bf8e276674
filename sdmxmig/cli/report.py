"""``sdmxmig report``: the benchmarking report."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sdmxmig.cli.assess import ASSESSMENT
from sdmxmig.cli.publishing import publish_file
from sdmxmig.cli.session import Session, in_workspace
from sdmxmig.cli.talk import FORMAT_OPTION, next_step, say, show_list, stage
from sdmxmig.errors import MissingLibrary, SdmxmigError, counted
from sdmxmig.places import Place

if TYPE_CHECKING:
    from sdmxmig.outputs import Page


def report(session: Session, language: str = "") -> list[dict[str, str]]:
    """Render the report in all outputs; what lacks a library is said and left out. Gives one row a file."""
    from sdmxmig import reporting
    from sdmxmig.catalogue.folders import search_path
    from sdmxmig.intake.files import read_bytes
    from sdmxmig.outputs import assessment_json

    path = session.out / ASSESSMENT
    if not path.is_file():
        hint = f"Run first: sdmxmig assess {session.workspace.folder}"
        raise SdmxmigError("There is no assessment yet.", Place(str(session.out)), hint)
    assessment = assessment_json.read(read_bytes(path))
    templates = search_path("templates", session.workspace.folder)
    rows, lacking = [], []
    with reporting.writing() as write_all:
        page = reporting.compose(assessment, language=language or session.workspace.language, templates=templates)
        for output, content in write_all(page):
            if isinstance(content, MissingLibrary):
                lacking.append(f"no {output}: {content}")
                continue
            name = f"report{'-draft' if assessment.is_draft else ''}.{output}"
            rows.append({"output": output, "file": str(publish_file(session.out / name, content))})
    stage("report", ", ".join(row["output"] for row in rows))
    for line in filter(None, (*lacking, page.lacking, _untranslated(session, page))):
        say(line)
    return rows


def _untranslated(session: Session, page: Page) -> str:
    """Write down what stands in English in a report of another language, as a table to be filled in; says where."""
    from sdmxmig.words import to_translate

    if not page.untranslated:
        return ""
    content = to_translate(page.untranslated, page.language).encode("utf-8-sig")
    file = publish_file(session.out / f"untranslated-{page.language}.csv", content)
    told = f"in English: {counted(len(page.untranslated), 'text')} without a translation into {page.language}"
    return f"{told}, listed in {file}; filled in, it is read from templates/report/words.csv of the workspace"


@click.command("report")
@in_workspace
@click.option("--language", default="", help="Language of the report.  [default: that of the workspace]")
@FORMAT_OPTION
def report_command(session: Session, language: str, output: str) -> None:
    """Render the benchmarking report as HTML, PDF, Word, workbook and Markdown.

    \b
    Examples:
      sdmxmig report mycountry
      sdmxmig report mycountry --language en
      sdmxmig report mycountry --out result
    """
    show_list(rows := report(session, language), output)
    next_step("open", rows[0]["file"])
