"""``sdmxmig report``: the benchmarking report."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from sdmxmig.cli.assess import ASSESSMENT
from sdmxmig.cli.session import Session, in_workspace
from sdmxmig.cli.talk import FORMAT_OPTION, next_step, say, show_list
from sdmxmig.errors import MissingLibrary, SdmxmigError, counted
from sdmxmig.places import Place

if TYPE_CHECKING:
    from pathlib import Path

    from sdmxmig.outputs import Page


CHANGED_OPTION: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--changed", is_flag=True, help="Take what somebody has changed by hand since sdmxmig made it."
)


def report(session: Session, language: str = "", *, changed: bool = False) -> list[dict[str, str]]:
    """Render the report in all outputs; what lacks a library is said and left out. Gives one row a file.

    An assessment that somebody has changed is refused, unless it may be `changed`.
    """
    from sdmxmig import reporting
    from sdmxmig.catalogue.folders import search_path
    from sdmxmig.intake.files import read_bytes
    from sdmxmig.outputs import assessment_json

    session.tell_if_older("assessment")
    path = session.path(ASSESSMENT)
    if not path.is_file():
        hint = f"Run first: sdmxmig assess {session.workspace.folder}"
        raise SdmxmigError("There is no assessment yet.", Place(str(session.out)), hint)
    assessment = assessment_json.read(read_bytes(path), str(session.out / ASSESSMENT), changed=changed)
    templates = search_path("templates", session.workspace.folder)
    files: dict[str, bytes] = {}
    rows, lacking = [], []
    with reporting.writing() as write_all:
        page = reporting.compose(assessment, language=language or session.workspace.language, templates=templates)
        for output, content in write_all(page):
            if isinstance(content, MissingLibrary):
                lacking.append(f"no {output}: {content}")
                continue
            name = f"report{'-draft' if assessment.is_draft else ''}.{output}"
            files[name] = content
            rows.append({"output": output, "file": str(session.out / name)})
    untranslated = _untranslated(page)
    session.put("report", {**files, **untranslated})
    session.stage("report", ", ".join(row["output"] for row in rows))
    for line in (*lacking, page.lacking, *(_what_is_listed(page, session.out / name) for name in untranslated)):
        if line:
            say(line)
    return rows


def _untranslated(page: Page) -> dict[str, bytes]:
    """What stands in English in a report of another language, as a table to be filled in; no file if nothing does."""
    from sdmxmig.words import to_translate

    if not page.untranslated:
        return {}
    return {f"untranslated-{page.language}.csv": to_translate(page.untranslated, page.language).encode("utf-8-sig")}


def _what_is_listed(page: Page, file: Path) -> str:
    """A sentence on the table of what has no translation."""
    told = f"in English: {counted(len(page.untranslated), 'text')} without a translation into {page.language}"
    return f"{told}, listed in {file}; filled in, it is read from templates/report/words.csv of the workspace"


@click.command("report")
@in_workspace
@click.option("--language", default="", help="Language of the report.  [default: that of the workspace]")
@CHANGED_OPTION
@FORMAT_OPTION
def report_command(session: Session, language: str, changed: bool, output: str) -> None:
    """Render the benchmarking report as HTML, PDF, Word, workbook and Markdown.

    \b
    Examples:
      sdmxmig report mycountry
      sdmxmig report mycountry --language en
      sdmxmig report mycountry --out result
    """
    show_list(rows := report(session, language, changed=changed), output)
    next_step("open", rows[0]["file"])
