"""Reports of a workspace, with its logo and colours."""

from __future__ import annotations

import shlex
import shutil
import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sdmxmig.catalogue.folders import find_shipped_folder, list_search_path
from sdmxmig.io.edited_toml import quote_text as toml_text
from sdmxmig.io.edited_toml import remove_table, set_value
from sdmxmig.io.intake.files import read_bytes
from sdmxmig.io.publishing.files import publish_file
from sdmxmig.primitives.errors import DeclarationError, MissingLibrary, SdmxmigError, did_you_mean, write_count
from sdmxmig.primitives.lazily import import_lazily
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.text import normalise_tag, quote_path
from sdmxmig.reporting import sections as reporting
from sdmxmig.reporting.charts.theme import CHOSEN_COLOURS
from sdmxmig.reporting.outputs import Page
from sdmxmig.reporting.sections.documents import (
    DOCUMENT_NAMES,
    DOCUMENTS,
    EVERY_DOCUMENT,
    REPORT,
    Download,
    name_document_file,
)
from sdmxmig.reporting.sections.office_templates import (
    PNG_MAGIC,
    SETTINGS_FILE,
    OfficeTemplates,
    apply_colours,
    read_office_templates,
)
from sdmxmig.reporting.sections.office_templates import SIZE_LIMIT as LARGEST_LOGO
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.words import list_untranslated
from sdmxmig.statistics.model.assessment import Assessment
from sdmxmig.workspace.requests.tasks import ReportRequest
from sdmxmig.workspace.tasks.data_folder import DISK_FORMAT, name_data
from sdmxmig.workspace.tasks.session import Session

if TYPE_CHECKING:
    from sdmxmig.reporting.outputs import typed_json
    from sdmxmig.workspace.tasks import assessing
else:  # the list of reports needs no assessment
    typed_json = import_lazily("sdmxmig.reporting.outputs.typed_json")
    assessing = import_lazily("sdmxmig.workspace.tasks.assessing")

DEFAULT_REQUEST = ReportRequest()
LINKED_FORMATS = {"pdf": "PDF", "docx": "Word", "xlsx": "XLSX"}
"""The outputs of documents that the report links to, and what people call them."""
DATA_FORMATS = {DISK_FORMAT: "CSV", "sdmx-ml-3.0": "SDMX-ML 3.0", "sdmx-ml-2.1": "SDMX-ML 2.1"}


def report(
    session: Session, request: ReportRequest = DEFAULT_REQUEST, assessment: Assessment | None = None
) -> list[dict[str, str]]:
    """Render the report in all formats, by default of the stored assessment; return one row per file.

    Manually changed assessments need `changed`. Raises `SdmxmigError` if the assessment is older than its sources.
    """
    documents = reporting.choose_documents(request.document)
    if assessment is None:
        assessment = read_assessment(session, changed=request.changed)
    templates = list_search_path("templates", session.workspace.folder)
    language = request.language or session.workspace.country.language
    files: dict[str, bytes] = {}
    rows, lacking = [], []
    pages = reporting.compose_documents(
        assessment,
        documents=documents,
        language=language,
        templates=templates,
        downloads=list_downloads(session, assessment, documents, Wording(normalise_tag(language))),
    )
    for name, output, content in reporting.write_all(pages, documents):
        if isinstance(content, MissingLibrary):
            lacking.append(f"no {output}: {content}")
            continue
        file = name_document_file(name, pages[name].language, output, is_draft=assessment.is_draft)
        files[file] = content
        rows.append({"document": name, "output": output, "file": str(session.out / file)})
    page = pages.get(REPORT) or next(iter(pages.values()))
    untranslated = _render_untranslated(page)
    stay, gone = find_other_editions(session, {**files, **untranslated}, page.language)
    is_usual = request.document == EVERY_DOCUMENT and not (request.changed or lacking)
    options = index_options(session, language) if is_usual else None
    session.put("report", {**files, **untranslated}, stay, options=options)
    session.stage("report", "; ".join(name_outputs(name, rows) for name in pages))
    if gone:
        session.say(f"Other documents were outdated and have been removed. Create them with {' or '.join(gone)}.")
    listed = [_list_contents(page, session.out / name) for name in untranslated]
    for line in dict.fromkeys((*lacking, *listed)):
        if line:
            session.say(line)
    return rows


def index_options(session: Session, language: str) -> dict[str, str]:
    files = [file for files in index_data_files(session).values() for file in files.values()]
    return {"language": language or session.workspace.country.language, "data": ",".join(files)}


def list_files(session: Session, language: str) -> list[dict[str, str]]:
    made = session.results.made("report")
    wanted = Wording(normalise_tag(language or session.workspace.country.language)).language
    return [
        {"document": document, "output": output, "file": str(session.out / file)}
        for document, outputs in DOCUMENTS.items()
        for output in outputs
        for is_draft in (False, True)
        if made and (file := name_document_file(document, wanted, output, is_draft=is_draft)) in made.files
    ]


def name_outputs(document: str, rows: Sequence[Mapping[str, str]]) -> str:
    outputs = ", ".join(row["output"] for row in rows if row["document"] == document)
    return f"{document} ({outputs})"


def read_assessment(session: Session, *, changed: bool) -> Assessment:
    session.refuse_if_older("assessment")
    path = session.path(assessing.ASSESSMENT)
    if not path.is_file():
        hint = f"Run first: sdmxmig run {quote_path(session.workspace.folder)}"
        raise SdmxmigError("There is no assessment yet.", Place(str(session.out)), hint)
    return typed_json.read(read_bytes(path), str(session.out / assessing.ASSESSMENT), changed=changed)


def list_downloads(
    session: Session, assessment: Assessment, documents: Mapping[str, Sequence[str]], wording: Wording
) -> list[Download]:
    made_here = [
        Download(
            name_document_file(document, wording.language, output, is_draft=assessment.is_draft),
            wording.say(DOCUMENT_NAMES[document]),
            kind=LINKED_FORMATS[output],
        )
        for document, outputs in documents.items()
        for output in outputs
        if output in LINKED_FORMATS
    ]
    files = index_data_files(session)
    names = {flow: wording.reference(assessment, "DATAFLOWS", flow) for flow in files}
    return made_here + [
        Download(f"data/{file}", names[flow], kind=DATA_FORMATS[name])
        for flow in sorted(files, key=lambda flow: (names[flow], flow))
        for name, file in files[flow].items()
    ]


def index_data_files(session: Session) -> dict[str, dict[str, str]]:
    """Return data files by dataflow and format, except files that others added."""
    record, folder = session.results.made("data"), session.path("data")
    ours = [file for file in record.files if (folder / file).is_file()] if record else []
    flows = sorted(file.removesuffix(".csv") for file in ours if file.endswith(".csv"))
    return {flow: {name: file for name in DATA_FORMATS if (file := name_data(flow, name)) in ours} for flow in flows}


def find_other_editions(session: Session, files: Collection[str], language: str) -> tuple[list[str], list[str]]:
    """Return the earlier files that are kept, and the options that update outdated ones."""
    record = session.results.made("report")
    others = {file: parse_language(file) for file in record.files if file not in files} if record else {}
    if not session.results.older("report"):
        return [file for file, other in others.items() if other], []
    options = {f"--language {other}" for other in others.values() if other and other != language}
    written = {find_document_and_output(file) for file in files}
    gone = {find_document_and_output(file) for file, other in others.items() if other == language} - written
    return [], sorted(options | {f"--document {document}" for document, _ in gone if document in DOCUMENTS})


def find_document_and_output(file: str) -> tuple[str, str]:
    """Return the document and format of a report file, draft or final.

    >>> find_document_and_output("report-draft.fr.html")
    ('report', 'html')
    """
    name, _, rest = file.partition(".")
    return name.removesuffix("-draft"), rest.rpartition(".")[2]


def parse_language(file: str) -> str:
    """Return the language in a report's file name; empty for names of earlier versions.

    >>> parse_language("report-draft.fr.html"), parse_language("untranslated-fr.csv"), parse_language("report.pdf")
    ('fr', 'fr', '')
    """
    name_parts = file.split(".")
    return name_parts[0].partition("untranslated-")[2] or (name_parts[1] if len(name_parts) == 3 else "")


def _render_untranslated(page: Page) -> dict[str, bytes]:
    if not page.untranslated:
        return {}
    return {
        f"untranslated-{page.language}.csv": list_untranslated(page.untranslated, page.language).encode("utf-8-sig")
    }


def _list_contents(page: Page, file: Path) -> str:
    untranslated = (
        f"in English: {write_count(len(page.untranslated), 'text')} without a translation into {page.language}"
    )
    return f"{untranslated}, listed in {file}; filled in, it is read from templates/report/words.csv of the workspace"


STYLE_FILE = f"templates/report/{SETTINGS_FILE}"
MAX_LENGTH = 300
"""Maximum number of characters in the text for the logo."""
STYLE_SHEET = "style.css"
LOGO_FILES = ("logo.png", "logo.svg")
"""File names of a logo by type."""


@dataclass(frozen=True, slots=True)
class StyleChange:
    """A change of style; empty fields keep or reset values."""

    logo: bytes = b""
    logo_text: str | None = None
    _: KW_ONLY
    language: str = "en"
    colours: Mapping[str, str] = field(default_factory=dict)
    no_logo: bool = False


def load_style(session: Session) -> OfficeTemplates:
    folder = session.workspace.folder / "templates" / "report"
    return read_office_templates(folder) if folder.is_dir() else OfficeTemplates({})


def set_style(session: Session, change: StyleChange) -> None:
    """Change logo or colours; if invalid, raise `DeclarationError` and write nothing."""
    folder = session.workspace.folder / "templates" / "report"
    if folder.is_symlink() or folder.parent.is_symlink():
        raise DeclarationError("The folder is a link to another one.", Place(str(folder)), "Put the files into it.")
    file = folder / SETTINGS_FILE
    content = read_bytes(file) if file.is_file() and file.stat().st_size else b""
    Declared.parse(SETTINGS_FILE, content)
    text = content.decode("utf-8-sig")
    declared = change_text(text, change).encode()
    files = {SETTINGS_FILE: declared} if declared or content else {}
    if change.logo:
        files[name_logo(change.logo)] = change.logo
    gone = [folder / name for name in LOGO_FILES if change.no_logo and (folder / name).is_file()]
    try_out(folder, files)
    for name, content in sorted(files.items()):  # the declaration follows the picture that it names
        if not (folder / name).is_file() or read_bytes(folder / name) != content:
            publish_file(folder / name, content)
    for picture in gone:
        picture.unlink()


def change_text(text: str, change: StyleChange) -> str:
    if change.no_logo:
        text = remove_table(text, "logo")
    if change.logo:
        text = set_value(text, ("logo", "file"), toml_text(name_logo(change.logo)))
    if change.logo_text is not None:
        written = " ".join(change.logo_text.split())
        if len(written) > MAX_LENGTH:
            hint = "Describe the picture in a few words, such as the name of the office."
            raise SdmxmigError(f"The text for the logo can have at most {MAX_LENGTH} characters.", hint=hint)
        text = set_value(text, ("logo", "text", change.language), toml_text(written) if written else "")
    for name, colour in change.colours.items():
        if name not in CHOSEN_COLOURS:
            raise SdmxmigError(f"There is no colour “{name}” to choose.", hint=did_you_mean(name, CHOSEN_COLOURS))
        text = set_value(text, ("colours", name), toml_text(colour.strip()) if colour.strip() else "")
    return text


def name_logo(content: bytes) -> str:
    if len(content) > LARGEST_LOGO:
        hint = f"Save it smaller: up to {LARGEST_LOGO // 1024} KiB."
        raise DeclarationError("The logo is too large.", Place("logo"), hint)
    png, svg = LOGO_FILES
    return png if content.startswith(PNG_MAGIC) else svg


def try_out(folder: Path, files: Mapping[str, bytes]) -> None:
    """Read the folder with the changes; raise `DeclarationError` if reports would fail."""
    with tempfile.TemporaryDirectory(prefix="sdmxmig-") as place:
        copy = Path(place) / "report"
        if folder.is_dir():
            shutil.copytree(folder, copy, symlinks=True)
        copy.mkdir(exist_ok=True)
        for name, content in files.items():
            (copy / name).unlink(missing_ok=True)
            (copy / name).write_bytes(content)
        style = (find_shipped_folder("templates") / "report" / STYLE_SHEET).read_text(encoding="utf-8")
        apply_colours(style, read_office_templates(copy))


def write_style_command(folder: Path, change: StyleChange, logo: str) -> str:
    words = ["sdmxmig", "style", str(folder), *(["--logo", logo] if change.logo else [])]
    words += ["--no-logo"] if change.no_logo else []
    if change.logo_text is not None:
        words += ["--logo-text", change.logo_text, "--language", change.language]
    for name, colour in change.colours.items():
        words += [f"--{name}", colour]
    return shlex.join(words)
