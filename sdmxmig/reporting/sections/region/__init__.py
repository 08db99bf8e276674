"""Regional studies as reports, with a page for each country. Each file in ``templates/region/`` is a section."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from sdmxmig.catalogue.folders import find_shipped_folder
from sdmxmig.catalogue.regional import REGION_FILE
from sdmxmig.primitives import text
from sdmxmig.primitives.errors import check_known
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.templating import Templates
from sdmxmig.primitives.text import normalise_tag
from sdmxmig.reporting.outputs import Page
from sdmxmig.reporting.sections.blocks import ReportTable
from sdmxmig.reporting.sections.columns import choose_text_columns
from sdmxmig.reporting.sections.page import (
    ReportSection,
    bind_sections,
    build_frame,
    list_figures,
    list_section_files,
    sort_source_keys,
)
from sdmxmig.reporting.sections.references import KEY_IN_NOTE, format_assessment_date, split_citation
from sdmxmig.reporting.sections.region.comparability import tabulate_practices
from sdmxmig.reporting.sections.region.compared import list_findings, tabulate_national, tabulate_steps
from sdmxmig.reporting.sections.region.figures import list_leads
from sdmxmig.reporting.sections.region.naming import (
    join_country_names,
    name_country,
    name_file,
    name_study,
)
from sdmxmig.reporting.sections.region.peers import TOO_FEW_NOTE, UNANSWERED_NOTE, build_distance_rows
from sdmxmig.reporting.sections.views import REGION_VIEWS, VIEWS
from sdmxmig.reporting.sections.wording import Wording, build_sort_key, lower_first_letter
from sdmxmig.statistics.model.region import Country, RegionalStudy

SECTIONS, FRAME = "region", "report"
SUMMARY = "10-summary.html.j2"
AMONG_TEMPLATE = "_among.html.j2"
PAGE_ONE = ("overview",)


def list_templates(wording: Wording) -> Templates:
    folders = [find_shipped_folder("templates") / name for name in (SECTIONS, FRAME)]
    return Templates(folders, words={"_": wording.say}, filters={"ascending": sort_source_keys})


def compose(study: RegionalStudy, *, language: str = "en") -> Page:
    wording = Wording(normalise_tag(language))
    filled = list_templates(wording)
    for name in study.headings:
        check_known("section", name, sorted(REGION_VIEWS), Place(REGION_FILE))
    sections = []
    for number, file, name in list_section_files([find_shipped_folder("templates") / SECTIONS]):
        view = REGION_VIEWS[name](study, wording)
        if not view:
            continue
        body = filled.fill(file, **view)
        sections.append(
            ReportSection(
                name,
                number,
                label=str(view["label"]),
                heading=wording.of(study.headings[name]) if name in study.headings else str(view["heading"]),
                body=body,
                figures=list_figures(view),
            )
        )
    return replace(bind_sections(filled, sections, frame(study, wording), wording), single=PAGE_ONE)


def build_country_pages(study: RegionalStudy, *, language: str = "en") -> Iterator[tuple[str, Page]]:
    wording = Wording(normalise_tag(language))
    filled = list_templates(wording)
    for country in study.countries:
        summary = VIEWS["summary"](country.assessment, wording)
        beside = build_view(study, country, wording)
        sections = [
            build_section(
                "summary", 10, summary, filled.fill(SUMMARY, assessment=country.assessment, w=wording, **summary)
            ),
            build_section("among", 20, beside, filled.fill(AMONG_TEMPLATE, **beside)),
        ]
        yield country.area, bind_sections(filled, sections, build_country_frame(study, country, wording), wording)


def build_section(name: str, number: int, view: Mapping[str, object], body: str) -> ReportSection:
    return ReportSection(
        name, number, label=str(view["label"]), heading=str(view["heading"]), body=body, figures=list_figures(view)
    )


def frame(study: RegionalStudy, wording: Wording) -> Mapping[str, object]:
    name = name_study(study, wording)
    subject = wording.say("Comparative study of international migration statistics")
    drafts = sum(country.assessment.is_draft for country in study.countries)
    notice = wording.count(
        "Draft: {n} of {all} country profiles has not been reviewed by its national statistical office",
        "Draft: {n} of {all} country profiles have not been reviewed by their national statistical offices",
        drafts,
        all=wording.number(len(study.countries)),
    )
    if drafts == len(study.countries):
        notice = wording.say("Draft: no national statistical office has reviewed its country profile")
    if any(country.assessment.is_fictional for country in study.countries):
        notice = wording.say(text.MADE_UP_REGION)
    elif not study.is_draft:
        notice = ""
    return {
        "country": name,
        "office": name,
        "byline": wording.say("Compiled with the software sdmxmig"),
        "year": "",  # each figure of a study has its own
        "assessed": list_assessment_dates(study, wording),
        "is_draft": study.is_draft,
        "state": "" if notice else wording.say("Reviewed"),
        "signed_off": "",
        "notice": notice,
        "subject": subject,
        "title": wording.pair(name, lower_first_letter(subject)),
        "language": wording.language,
        "direction": text.find_direction(wording.language),
    }


def list_assessment_dates(study: RegionalStudy, wording: Wording) -> str:
    days = (
        format_assessment_date(dict(country.assessment.provenance), wording.language) for country in study.countries
    )
    known = list(dict.fromkeys(filter(None, days)))
    return wording.say("Country assessments: {days}", days=wording.join_with_semicolons(known)) if known else ""


def build_country_frame(study: RegionalStudy, country: Country, wording: Wording) -> Mapping[str, object]:
    name = name_country(study, country.area, wording)
    subject = wording.say("Summary page in the study “{study}”", study=name_study(study, wording))
    return {**frame(study, wording), **build_frame(country.assessment, name, subject, wording)}


def build_view(study: RegionalStudy, country: Country, wording: Wording) -> Mapping[str, object]:
    shared = [gap for gap in study.gaps if country.area in gap.areas and len(gap.areas) > 1]
    columns = choose_text_columns(("Measure", "The country", "Peer group"), wording)
    rows = tuple(build_distance_rows(study, country.area, wording))
    return {
        "label": wording.say("Peer comparison"),
        "heading": count_shared_gaps(len(shared), study, country, wording),
        "peers": ReportTable(
            "table-peers",
            wording.say("Distance to peers and to the reference documents"),
            columns=columns,
            rows=rows,
            notes=(wording.say(UNANSWERED_NOTE), wording.say(TOO_FEW_NOTE)),
            stacked=True,
        )
        if rows
        else None,
        "compared": tabulate_national(study, wording, is_cited=False),
        "gaps": [
            wording.say(
                "{gap}, also in {countries}",
                gap=wording.of(gap.statement),
                countries=join_country_names(study, [area for area in gap.areas if area != country.area], wording),
            )
            for gap in shared[:5]
        ],
        "study": f"../{name_file(study, wording.language)}.html",
        "title": name_study(study, wording),
    }


def count_shared_gaps(shared: int, study: RegionalStudy, country: Country, wording: Wording) -> str:
    name = name_country(study, country.area, wording)
    if not shared:
        return wording.say("{country} and the other countries of the study", country=name)
    return wording.say(
        "{country} shares {shared} of its {all} gaps with at least one other country of the study",
        country=name,
        shared=wording.number(shared),
        all=wording.number(len(country.assessment.gaps)),
    )


@REGION_VIEWS.add("references")
def view_references(study: RegionalStudy, wording: Wording) -> Mapping[str, object]:
    """List each key once, with all sources of countries that use the same key."""
    shown = [make(study, wording) for make in (tabulate_national, tabulate_practices, tabulate_steps)]
    cells = [cell for one in shown if one for row in one.rows for cell in row.cells]
    cells += [*list_leads(study, wording), *(words for _, words in list_findings(study, wording))]
    keys = {key for cell in cells for key in (*cell.sources, *KEY_IN_NOTE.findall(cell.note))}
    named: dict[str, dict[str, None]] = {}
    for country in study.countries:
        for key, source in country.assessment.sources.items():
            if key in keys:
                named.setdefault(key, {})[source] = None
    if not named:
        return {}
    ordered = sorted(named.items(), key=lambda of: build_sort_key(of[0]))
    return {
        "label": wording.say("Sources"),
        "heading": wording.say("Sources of the report"),
        "sources": [
            {"key": key, "parts": split_citation(wording.join_with_semicolons(texts))} for key, texts in ordered
        ],
    }
