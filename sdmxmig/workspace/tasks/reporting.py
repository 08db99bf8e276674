"""Reports of a workspace."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from sdmxmig.catalogue.folders import search_path
from sdmxmig.io.intake.files import read_bytes
from sdmxmig.primitives.errors import MissingLibrary, SdmxmigError, counted
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.text import tag
from sdmxmig.reporting import sections as reporting
from sdmxmig.reporting.outputs import assessment_json
from sdmxmig.reporting.sections.documents import DOCUMENTS, EVERY_DOCUMENT, KINDS, REPORT, Download, document_file
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.sdmx.words import to_translate
from sdmxmig.workspace.tasks.assessing import ASSESSMENT
from sdmxmig.workspace.tasks.data_folder import DISK_FORMAT, data_name
from sdmxmig.workspace.tasks.session import Session

if TYPE_CHECKING:
    from pathlib import Path

    from sdmxmig.reporting.outputs import Page
    from sdmxmig.sdmx.model.assessment import Assessment

LINKED = {"pdf": "PDF", "docx": "Word", "xlsx": "XLSX"}
"""The outputs of documents that the report links to, and what people call them."""
DATA_FORMATS = {DISK_FORMAT: "CSV", "sdmx-ml-3.0": "SDMX-ML 3.0", "sdmx-ml-2.1": "SDMX-ML 2.1"}
"""The formats of data that it links to."""


def report(
    session: Session, language: str = "", *, document: str = EVERY_DOCUMENT, changed: bool = False
) -> list[dict[str, str]]:
    """Render the report in all formats; one row per file.

    `document`: ``brief``, ``report``, ``annexes``, ``all``. Manually changed assessments need `changed`.
    """
    documents = reporting.chosen_documents(document)
    assessment = read_assessment(session, changed=changed)
    templates = search_path("templates", session.workspace.folder)
    language = language or session.workspace.country.language
    files: dict[str, bytes] = {}
    rows, lacking = [], []
    with reporting.writing() as write_all:
        pages = reporting.compose_documents(
            assessment,
            documents=documents,
            language=language,
            templates=templates,
            downloads=downloads(session, assessment, documents, Wording(tag(language))),
        )
        for name, output, content in write_all(pages):
            if isinstance(content, MissingLibrary):
                lacking.append(f"no {output}: {content}")
                continue
            file = document_file(name, pages[name].language, output, is_draft=assessment.is_draft)
            files[file] = content
            rows.append({"document": name, "output": output, "file": str(session.out / file)})
    page = pages[documents[-1]] if REPORT not in pages else pages[REPORT]
    untranslated = _untranslated(page)
    stay, gone = other_editions(session, {**files, **untranslated}, page.language)
    is_usual = document == EVERY_DOCUMENT and not (changed or lacking)
    options = options_of_report(session, language) if is_usual else None
    session.put("report", {**files, **untranslated}, stay, options=options)
    session.stage("report", "; ".join(made(name, rows) for name in pages))
    if gone:
        anew = ", ".join(f"--language {edition_language}" for edition_language in gone)
        session.say(
            f"Reports in other languages were older than the assessment and are gone; make them anew with {anew}."
        )
    listed = [_what_is_listed(page, session.out / name) for name in untranslated]
    for line in dict.fromkeys((*lacking, page.lacking, *listed)):
        if line:
            session.say(line)
    return rows


def options_of_report(session: Session, language: str) -> dict[str, str]:
    """What a report depends on beside the assessment: its language, and the data files that it links to."""
    data = session.path("data")
    files = [
        file for flow in data_flows(data) for name in DATA_FORMATS if (data / (file := data_name(flow, name))).is_file()
    ]
    return {"language": language or session.workspace.country.language, "data": ",".join(files)}


def files_of_report(session: Session, language: str) -> list[dict[str, str]]:
    """One row for each file of a report that was made before, as `report` gives them."""
    made = session.results.made("report")
    wanted = Wording(tag(language or session.workspace.country.language)).language
    return [
        {"document": document, "output": output, "file": str(session.out / file)}
        for document, outputs in DOCUMENTS.items()
        for output in outputs
        for is_draft in (False, True)
        if made and (file := document_file(document, wanted, output, is_draft=is_draft)) in made.files
    ]


def made(document: str, rows: Sequence[Mapping[str, str]]) -> str:
    outputs = ", ".join(row["output"] for row in rows if row["document"] == document)
    return f"{document} ({outputs})"


def read_assessment(session: Session, *, changed: bool) -> Assessment:
    session.tell_if_older("assessment")
    path = session.path(ASSESSMENT)
    if not path.is_file():
        hint = f"Run first: sdmxmig assess {session.workspace.folder}"
        raise SdmxmigError("There is no assessment yet.", Place(str(session.out)), hint)
    return assessment_json.read(read_bytes(path), str(session.out / ASSESSMENT), changed=changed)


def downloads(session: Session, assessment: Assessment, documents: Sequence[str], wording: Wording) -> list[Download]:
    made_here = [
        Download(
            document_file(document, wording.language, output, is_draft=assessment.is_draft),
            wording.say(KINDS[document]),
            kind=LINKED[output],
        )
        for document in documents
        for output in DOCUMENTS[document]
        if output in LINKED
    ]
    data = session.path("data")
    files = {flow: [data / data_name(flow, name) for name in DATA_FORMATS] for flow in data_flows(data)}
    names = {flow: wording.reference(assessment, "DATAFLOWS", flow) for flow in files}
    return made_here + [
        Download(f"data/{path.name}", names[flow], kind=DATA_FORMATS[name])
        for flow in sorted(files, key=lambda flow: (names[flow], flow))
        for name, path in zip(DATA_FORMATS, files[flow], strict=True)
        if path.is_file()
    ]


def data_flows(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.csv"))


def other_editions(session: Session, files: Collection[str], language: str) -> tuple[list[str], list[str]]:
    record = session.results.made("report")
    others = {file: language_of(file) for file in record.files if file not in files} if record else {}
    if session.results.older("report"):
        return [], sorted({other for other in others.values() if other and other != language})
    return [file for file, other in others.items() if other], []


def language_of(file: str) -> str:
    """The language of a file of the report, by its name; empty for names of earlier versions.

    >>> language_of("report-draft.fr.html"), language_of("untranslated-fr.csv"), language_of("report.pdf")
    ('fr', 'fr', '')
    """
    name_parts = file.split(".")
    return name_parts[0].partition("untranslated-")[2] or (name_parts[1] if len(name_parts) == 3 else "")


def _untranslated(page: Page) -> dict[str, bytes]:
    if not page.untranslated:
        return {}
    return {f"untranslated-{page.language}.csv": to_translate(page.untranslated, page.language).encode("utf-8-sig")}


def _what_is_listed(page: Page, file: Path) -> str:
    untranslated = f"in English: {counted(len(page.untranslated), 'text')} without a translation into {page.language}"
    return f"{untranslated}, listed in {file}; filled in, it is read from templates/report/words.csv of the workspace"
