"""Pages from sections."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from pathlib import Path
from string import ascii_uppercase

from sdmxmig.catalogue.benchmarking import PUBLIC_EVIDENCE
from sdmxmig.primitives import text
from sdmxmig.primitives.errors import DeclarationError, SdmxmigError, did_you_mean
from sdmxmig.primitives.templating import Templates, hash_content
from sdmxmig.primitives.text import replace_unprintable
from sdmxmig.reporting.outputs import OUTPUTS, Page
from sdmxmig.reporting.outputs.sandboxed_templates import fill_all, require_static_html
from sdmxmig.reporting.sections.blocks import ReportFigure
from sdmxmig.reporting.sections.documents import (
    ANNEXES,
    BRIEF,
    DOCUMENT_NAMES,
    REFERENCES,
    REPORT,
    SUMMARY,
    TABLES_DOCUMENT,
    Download,
    edit_html,
    list_data_files,
    list_downloads,
)
from sdmxmig.reporting.sections.office_templates import (
    SECTION_FILE,
    OfficeTemplates,
    apply_colours,
    order_sections,
    read_office_templates,
)
from sdmxmig.reporting.sections.references import write_assessment_date
from sdmxmig.reporting.sections.views import VIEWS
from sdmxmig.reporting.sections.wording import Wording, build_sort_key, lower_first_letter, select_language
from sdmxmig.statistics.model.assessment import Assessment

ANNEXES_FROM, LAST_ORDER = 80, 99

UNFRAMED_VALUES = {"document": "", "kind": "", "downloads": [], "assessed": "", "figures": ""}


@dataclass(frozen=True, slots=True)
class ReportSection:
    id: str
    number: int
    _: KW_ONLY
    label: str
    heading: str
    body: str
    figures: tuple[ReportFigure, ...] = ()

    @property
    def is_annex(self) -> bool:
        return self.number >= ANNEXES_FROM


def find_known_output(output: str) -> str:
    if output in OUTPUTS:
        return output
    raise SdmxmigError(f"“{output}” is not a format of reports.", hint=did_you_mean(output, OUTPUTS))


@dataclass(frozen=True, slots=True)
class FilledSections:
    sections: tuple[ReportSection, ...]
    filled: Templates
    _: KW_ONLY
    frame: Mapping[str, object]
    wording: Wording
    office: OfficeTemplates


def fill_sections(
    assessment: Assessment, wording: Wording, templates: Sequence[Path], *, only: Sequence[str] = ()
) -> FilledSections:
    *brought, home = [folder / "report" for folder in templates if (folder / "report").is_dir()]
    office = next((read_office_templates(folder) for folder in brought if not folder.samefile(home)), OfficeTemplates())
    wording = replace(
        wording,
        office_words=select_language(office.words, wording.language),
        office_words_unseen=office.words_unseen,
        theme=office.theme,
    )
    filled = Templates([home], words={"_": wording.say}, filters={"ascending": sort_source_keys})
    every = order_sections(list_section_files([home]), office, annexes=ANNEXES_FROM)
    chosen = [section for section in every if not only or section[-1] in only]
    shown = [(section, _build_view(section[-1], assessment, wording, office)) for section in chosen]
    chosen, views = [section for section, view in shown if view], [view for _, view in shown if view]
    values = {
        file: {"assessment": assessment, "w": wording, **view} for (_, file, _), view in zip(chosen, views, strict=True)
    }
    bodies = (
        _fill_confined(values, home, office, wording)
        if office.templates
        else [filled.fill(file, **of_file) for file, of_file in values.items()]
    )
    sections = tuple(
        ReportSection(
            name, number, label=str(view["label"]), heading=str(view["heading"]), body=body, figures=list_figures(view)
        )
        for (number, _, name), view, body in zip(chosen, views, bodies, strict=True)
    )
    return FilledSections(sections, filled, frame=_build_frame(assessment, wording), wording=wording, office=office)


def compose(
    assessment: Assessment,
    wording: Wording,
    templates: Sequence[Path],
    *,
    documents: Collection[str] = (REPORT,),
    downloads: Sequence[Download] = (),
) -> dict[str, Page]:
    whole = fill_sections(assessment, wording, templates, only=[SUMMARY] if set(documents) == {BRIEF} else ())
    pages: dict[str, Page] = {}
    if REPORT in documents or ANNEXES in documents:
        links = {"downloads": list_downloads(downloads)}
        sections = [remove_short_sources(section) for section in whole.sections]
        report = bind_page(whole, REPORT, sections, links)
        if ANNEXES in documents:
            pages[ANNEXES] = bind_page(whole, ANNEXES, list_annexes(whole, report))
        paper = bind_page(whole, REPORT, sections, links, on_paper=True)
        pages[REPORT] = replace(report, printed=paper.html, single=(SUMMARY,))
    if BRIEF in documents:
        brief = [section for section in whole.sections if section.id == SUMMARY]
        paper = bind_page(whole, BRIEF, brief, on_paper=True)
        pages[BRIEF] = replace(bind_page(whole, BRIEF, brief), printed=paper.html, single=(SUMMARY,))
    return {document: pages[document] for document in documents}


def bind_page(
    whole: FilledSections,
    document: str,
    sections: Sequence[ReportSection],
    more: Mapping[str, object] | None = None,
    *,
    on_paper: bool = False,
) -> Page:
    frame = {**whole.frame, "document": document, "kind": whole.wording.label(DOCUMENT_NAMES, document), **(more or {})}
    return bind_sections(whole.filled, sections, frame, whole.wording, office=whole.office, on_paper=on_paper)


def remove_short_sources(section: ReportSection) -> ReportSection:
    """Return the section without short sources, for documents with a list of references."""
    before, mark, rest = section.body.partition('<p class="note sources">')
    return replace(section, body=before + rest.partition("</p>")[2]) if mark else section


def list_annexes(whole: FilledSections, report: Page) -> list[ReportSection]:
    wording = whole.wording
    behind = whole.filled.fill("_behind.html.j2", parts=list(list_data_files(report)))
    title = wording.say("Tables behind the report")
    tables = ReportSection(TABLES_DOCUMENT, ANNEXES_FROM, label=title, heading=title, body=behind)
    sources = [replace(section, number=LAST_ORDER) for section in whole.sections if section.id == REFERENCES]
    return [*(section for section in whole.sections if section.is_annex), tables, *sources]


def _build_view(name: str, assessment: Assessment, wording: Wording, office: OfficeTemplates) -> dict[str, object]:
    view: dict[str, object] = {"heading": name, "label": name}
    if name in VIEWS:
        view = dict(VIEWS[name](assessment, wording))
        if not view:
            return view
    title = wording.of(office.titles[name]) if name in office.titles else ""
    return {**view, "heading": title, "label": title} if title else view


def _fill_confined(
    values: Mapping[str, Mapping[str, object]], home: Path, office: OfficeTemplates, wording: Wording
) -> list[str]:
    shipped = {path.name: path.read_text(encoding="utf-8") for path in sorted(home.glob("*.j2"))}
    sources = {**shipped, **office.templates}
    bodies = fill_all(sources, values, words={"_": wording.say}, filters={"ascending": sort_source_keys})
    return [require_static_html(body, name, style=name in shipped) for name, body in zip(values, bodies, strict=True)]


def bind_sections(
    filled: Templates,
    sections: Sequence[ReportSection],
    frame: Mapping[str, object],
    wording: Wording,
    *,
    office: OfficeTemplates = OfficeTemplates(),  # noqa: B008 - it cannot be changed
    on_paper: bool = False,
) -> Page:
    """Bind edited sections to a page, without those that have only a heading."""
    style, script = apply_colours(filled.source("style.css"), office), filled.source("script.js")
    sections = [replace(section, body=text.tighten_blanks(section.body, wording.language)) for section in sections]
    filled_page = filled.fill(
        "_page.html.j2",
        frame={**UNFRAMED_VALUES, **frame},
        logo=office.logo,
        logo_text=wording.of(office.logo_text) or frame["office"],
        sections=list_number_sections(sections),
        folded=frame.get("document") == REPORT,
        style=style,
        style_hash=hash_content(style),
        script=script,
        script_hash=hash_content(script),
        w=wording,
    )
    html, empty = edit_html(filled_page, on_paper=on_paper)
    if empty:
        sections = [section for section in sections if section.id not in empty]
        return bind_sections(filled, sections, frame, wording, office=office, on_paper=on_paper)
    figures = [figure for section in sections for figure in section.figures]
    return Page(
        html=html,
        title=replace_unprintable(str(frame["title"])),
        language=wording.language,
        direction=str(frame["direction"]),
        running=replace_unprintable(str(frame["country"])),
        notice=str(frame["notice"]),
        page_of=wording.say("{page} of {pages}"),
        figures={figure.id: figure.svg for figure in figures},
        untranslated=tuple(wording.untranslated),
        theme=office.theme,
    )


def list_number_sections(sections: Sequence[ReportSection]) -> list[tuple[str, ReportSection]]:
    numbered_sections: list[tuple[str, ReportSection]] = []
    annexes = 0
    for section in sections:
        annexes += section.is_annex
        numbered_sections.append(
            (ascii_uppercase[annexes - 1] if section.is_annex else str(len(numbered_sections) + 1), section)
        )
    return numbered_sections


def list_figures(view: Mapping[str, object]) -> tuple[ReportFigure, ...]:
    parts = [part for value in view.values() for part in (value if isinstance(value, list | tuple) else (value,))]
    return tuple(figure for figure in parts if isinstance(figure, ReportFigure))


def list_section_files(folders: Sequence[Path]) -> list[tuple[int, str, str]]:
    files = {
        (int(match.group(1)), path.name, match.group(2))
        for folder in folders
        for path in folder.iterdir()
        if (match := SECTION_FILE.match(path.name))
    }
    if not files:
        raise DeclarationError(
            "There is no section for the report.",
            hint="Sections are files such as templates/report/10-summary.html.j2.",
        )
    return sorted(files)


def sort_source_keys(keys: Iterable[str]) -> list[str]:
    return sorted(keys, key=build_sort_key)


def _build_frame(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    country = wording.of(assessment.country) or assessment.area
    subject = wording.say("International migration and temporary mobility statistics")
    return build_frame(assessment, country, subject, wording)


def name_author(assessment: Assessment, wording: Wording) -> str:
    """Name the office as author, or as the office concerned if it has not signed off."""
    office = wording.of(assessment.office)
    if assessment.signed_off or not office:
        return office
    return wording.say("National statistical office: {office}", office=office)


def build_frame(assessment: Assessment, country: str, subject: str, wording: Wording) -> Mapping[str, object]:
    is_from_public_sources = any(score.evidence in PUBLIC_EVIDENCE for score in assessment.scores)
    notice = text.build_notice(
        is_draft=assessment.is_draft,
        is_fictional=assessment.is_fictional,
        is_from_public_sources=is_from_public_sources,
    )
    return {
        "country": country,
        "office": wording.of(assessment.office),
        "byline": name_author(assessment, wording),
        "year": assessment.year,
        "assessed": write_assessment_date(assessment, wording),
        "is_draft": assessment.is_draft,
        "state": wording.say("Draft") if assessment.is_draft else wording.say("Reviewed"),
        "signed_off": assessment.signed_off,
        "notice": wording.say(notice) if notice else "",
        "subject": subject,
        "title": wording.pair(f"{country} {assessment.year}", lower_first_letter(subject)),
        "language": wording.language,
        "direction": text.find_direction(wording.language),
    }
