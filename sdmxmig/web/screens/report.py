"""Report screen."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from sdmxmig.catalogue.benchmarking import COUNTRY_CODE
from sdmxmig.catalogue.folders import find_shipped_folder
from sdmxmig.forms.profiles.plan import OBSTACLES
from sdmxmig.io.intake.files import read_bytes, read_inside
from sdmxmig.primitives.errors import SdmxmigError, did_you_mean
from sdmxmig.primitives.templating import hash_content
from sdmxmig.primitives.text import quote_path
from sdmxmig.reporting.charts.theme import CHOSEN_COLOURS, SHIPPED_THEME
from sdmxmig.reporting.outputs import typed_json
from sdmxmig.statistics.model.assessment import Assessment
from sdmxmig.statistics.model.evidence import Contradiction, render_statement
from sdmxmig.web.guard import build_page_policy
from sdmxmig.web.guidance import LANGUAGES
from sdmxmig.web.screens import Document, Redirect, Screen, ScreenContent, Visit, describe_error
from sdmxmig.workspace.tasks.assessing import ASSESSMENT
from sdmxmig.workspace.tasks.history import record_changes
from sdmxmig.workspace.tasks.new_workspace import has_file
from sdmxmig.workspace.tasks.reporting import (
    STYLE_FILE,
    StyleChange,
    load_style,
    parse_language,
    set_style,
    write_style_command,
)
from sdmxmig.workspace.tasks.session import Session

DOCUMENT_KINDS = ("brief", "report", "annexes")
MAX_FEW_PLACES = 3
POLICY_META = '<meta http-equiv="content-security-policy"'
FORMAT_NAMES = {"html": "HTML", "pdf": "PDF", "docx": "Word", "xlsx": "XLSX", "md": "Markdown"}


def show(visit: Visit) -> ScreenContent:
    workbench = visit.workbench
    session = workbench.session()
    files = list_files(session)
    documents = list_documents(files)
    languages = sorted({document["language"] for document in documents}, key=list(LANGUAGES).index)
    shown = visit.asked.get("shown", "")
    if shown and shown not in files:
        raise SdmxmigError(f"There is no file “{shown}”.", hint=did_you_mean(shown, files))
    return ScreenContent(
        {
            "documents": documents,
            "languages": languages,
            "language": visit.language,
            "kinds": list(DOCUMENT_KINDS),
            "older": session.results.older("report"),
            "assessment": describe_assessment(visit, session),
            "shown": shown,
            "style": describe_style(session),
            "made_from": {STYLE_FILE: workbench.hash_result(STYLE_FILE)},
        },
        command=f"sdmxmig report {quote_path(workbench.folder)}",
    )


def describe_assessment(visit: Visit, session: Session) -> dict[str, Any] | None:
    path = session.path(ASSESSMENT)
    if session.results.made("assessment") is None or not path.is_file():
        return None
    try:
        assessment = visit.workbench.kept(
            "assessment", lambda: typed_json.read(read_bytes(path), ASSESSMENT, changed=True), path
        )
    except SdmxmigError as error:
        return {"is_readable": False, "message": error.message, "older": session.results.older("assessment")}
    return {
        "is_readable": True,
        "year": assessment.year,
        "prepared": dict(assessment.provenance).get("prepared", ""),
        "signed_off": assessment.signed_off,
        "older": session.results.older("assessment"),
        "contradictions": [
            describe_contradiction(each, assessment, visit, session) for each in assessment.contradictions
        ],
    }


def describe_contradiction(
    contradiction: Contradiction, assessment: Assessment, visit: Visit, session: Session
) -> dict[str, Any]:
    catalogue = session.catalogue
    item = catalogue.items.get(contradiction.item) or catalogue.questions.get(contradiction.item)
    module = (item.module + (f".{OBSTACLES}" if item.of and item.driver else "")) if item else ""
    query = {"module": module} | ({} if contradiction.subject == COUNTRY_CODE else {"subject": contradiction.subject})
    return {
        "item": contradiction.item,
        "query": query if item else {},
        "sentence": render_statement(contradiction.sentence, assessment.sentences, visit.language),
        "places": [str(place) for place in contradiction.places[:MAX_FEW_PLACES]],
    }


def list_files(session: Session) -> list[str]:
    made = session.results.made("report")
    return [name for name in made.files if has_file(session.out, name)] if made else []


def list_documents(files: list[str]) -> list[dict[str, Any]]:
    documents: dict[tuple[str, str], dict[str, str]] = {}
    for name in files:
        kind = name.partition("-draft")[0].partition(".")[0]
        suffix = name.rpartition(".")[2]
        if kind in DOCUMENT_KINDS and suffix in FORMAT_NAMES and parse_language(name) in LANGUAGES:
            documents.setdefault((kind, parse_language(name)), {})[suffix] = name
    return [
        {
            "kind": kind,
            "language": language,
            "formats": [
                {"format": label, "suffix": suffix, "file": files_by_suffix[suffix]}
                for suffix, label in FORMAT_NAMES.items()
                if suffix in files_by_suffix
            ],
        }
        for (kind, language), files_by_suffix in sorted(
            documents.items(), key=lambda entry: (DOCUMENT_KINDS.index(entry[0][0]), list(LANGUAGES).index(entry[0][1]))
        )
    ]


def make(visit: Visit) -> Redirect:
    language, kind = visit.word("language"), visit.form.get("document", "all")
    if language not in LANGUAGES:
        raise SdmxmigError(f"“{language}” is not a language of reports.", hint=did_you_mean(language, LANGUAGES))
    if kind not in (*DOCUMENT_KINDS, "all"):
        raise SdmxmigError(f"“{kind}” is not a document.", hint=did_you_mean(kind, DOCUMENT_KINDS))
    job = visit.begin(["report", str(visit.workbench.folder), "--language", language, "--document", kind])
    return visit.watch(job)


def describe_style(session: Session) -> dict[str, Any]:
    try:
        style = load_style(session)
    except SdmxmigError as error:
        return describe_error(error)
    return {
        "message": "",
        "logo": style.logo,
        "logo_text": style.logo_text.in_language(session.workspace.country.language),
        "colours": {
            name: {"chosen": style.colours.get(name, ""), "shipped": getattr(SHIPPED_THEME, name)}
            for name in CHOSEN_COLOURS
        },
    }


def change_style(visit: Visit) -> Redirect:
    session, upload = visit.workbench.session(), next(iter(visit.uploads.get("logo", ())), None)
    present = describe_style(session)
    colours = {name: visit.form[name].strip() for name in CHOSEN_COLOURS if name in visit.form}
    change = StyleChange(
        upload.content if upload else b"",
        visit.form.get("logo_text") if upload or visit.form.get("logo_text", "") != present.get("logo_text") else None,
        language=session.workspace.country.language,
        colours={
            name: colour
            for name, colour in colours.items()
            if present["message"] or present["colours"][name]["chosen"] != colour.lower()
        },
    )
    keep_style(visit, session, change)
    return Redirect("/report", "The logo and colours are saved. Create the report again to see them.")


def remove_logo(visit: Visit) -> Redirect:
    session = visit.workbench.session()
    keep_style(visit, session, StyleChange(language=session.workspace.country.language, no_logo=True))
    return Redirect("/report", "The logo is removed. Create the report again to see the change.")


def keep_style(visit: Visit, session: Session, change: StyleChange) -> None:
    workbench, upload = visit.workbench, next(iter(visit.uploads.get("logo", ())), None)
    command = write_style_command(workbench.folder, change, upload.name if upload else "")
    with record_changes(workbench.folder, workbench.intent("style", command, visit.by), visit.made_from):
        set_style(session, change)


def serve(visit: Visit) -> Document:
    session, name = visit.workbench.session(), visit.form["path"]
    if name not in list_files(session):
        raise SdmxmigError(f"There is no file “{name}”.")
    return serve_report(visit, session.out, name, saved_as=f"{session.workspace.country.area}-{name.replace('/', '-')}")


def serve_report(visit: Visit, folder: Path, name: str, *, saved_as: str) -> Document:
    """Serve a report file: show pages in a sandbox, save other files.

    Only the shipped script runs. Pages that navigate by themselves are saved, since they could leak content.
    """
    content = read_inside(folder, name)
    is_shown = name.endswith(".html") and "save" not in visit.asked and is_local_page(content)
    return Document(
        name if is_shown else saved_as,
        content,
        shown=is_shown,
        policy=build_page_policy(hash_script()) if is_shown else "",
    )


@functools.cache
def hash_script() -> str:
    script = (find_shipped_folder("templates") / "report" / "script.js").read_text(encoding="utf-8")
    return hash_content(script)


def is_local_page(page: bytes) -> bool:
    """Check that a page does not navigate or prefetch by itself.

    No browser policy forbids `meta` and `link` if scripts may run; other encodings could hide them.

    >>> [is_local_page(page) for page in (b"<h1>x</h1>", b"<META HTTP-EQUIV=refresh>", b"<link rel=preconnect>")]
    [True, False, False]
    """
    try:
        text_of_page = page.decode("utf-8").casefold()
    except UnicodeDecodeError:
        return False
    leads = text_of_page.count("http-equiv") - text_of_page.count(POLICY_META)
    return not leads and "<link" not in text_of_page and "\0" not in text_of_page


SCREEN = Screen(
    name="report",
    title="Report",
    show=show,
    actions={"make": make, "style": change_style, "no-logo": remove_logo},
    documents={"of": serve},
)
