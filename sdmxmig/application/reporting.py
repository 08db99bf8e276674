"""Reporting on a workspace: the benchmarking report in all outputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdmxmig import reporting
from sdmxmig.application.assessing import ASSESSMENT
from sdmxmig.application.session import Session
from sdmxmig.catalogue.folders import search_path
from sdmxmig.errors import MissingLibrary, SdmxmigError, counted
from sdmxmig.intake.files import read_bytes
from sdmxmig.outputs import assessment_json
from sdmxmig.places import Place
from sdmxmig.words import to_translate

if TYPE_CHECKING:
    from pathlib import Path

    from sdmxmig.outputs import Page


def report(session: Session, language: str = "", *, changed: bool = False) -> list[dict[str, str]]:
    """Render the report in all outputs; what lacks a library is said and left out. Gives one row a file.

    An assessment that somebody has changed is refused, unless it may be `changed`.
    """
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
            name = f"report{'-draft' if assessment.is_draft else ''}.{page.language}.{output}"
            files[name] = content
            rows.append({"output": output, "file": str(session.out / name)})
    untranslated = _untranslated(page)
    stay, gone = other_editions(session, page.language)
    session.put("report", {**files, **untranslated}, stay)
    session.stage("report", ", ".join(row["output"] for row in rows))
    if gone:
        anew = ", ".join(f"--language {edition_language}" for edition_language in gone)
        session.say(
            f"Reports in other languages were older than the assessment and are gone; make them anew with {anew}."
        )
    for line in (*lacking, page.lacking, *(_what_is_listed(page, session.out / name) for name in untranslated)):
        if line:
            session.say(line)
    return rows


def other_editions(session: Session, language: str) -> tuple[list[str], list[str]]:
    """The files of the report in other languages, which stay; if they are out of date, the languages that go."""
    record = session.results.made("report")
    other_languages = (
        {file: language_of(file) for file in record.files if language_of(file) != language} if record else {}
    )
    if session.results.older("report"):
        return [], sorted({edition_language for edition_language in other_languages.values() if edition_language})
    return [file for file, edition_language in other_languages.items() if edition_language], []


def language_of(file: str) -> str:
    """The language of a file of the report, by its name; empty for names of earlier versions.

    >>> language_of("report-draft.fr.html"), language_of("untranslated-fr.csv"), language_of("report.pdf")
    ('fr', 'fr', '')
    """
    name_parts = file.split(".")
    return name_parts[0].partition("untranslated-")[2] or (name_parts[1] if len(name_parts) == 3 else "")


def _untranslated(page: Page) -> dict[str, bytes]:
    """What stands in English in a report of another language, as a table to be filled in; no file if nothing does."""
    if not page.untranslated:
        return {}
    return {f"untranslated-{page.language}.csv": to_translate(page.untranslated, page.language).encode("utf-8-sig")}


def _what_is_listed(page: Page, file: Path) -> str:
    """A sentence on the table of what has no translation."""
    untranslated = f"in English: {counted(len(page.untranslated), 'text')} without a translation into {page.language}"
    return f"{untranslated}, listed in {file}; filled in, it is read from templates/report/words.csv of the workspace"
