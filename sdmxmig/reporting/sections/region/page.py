"""Pages of regional studies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sdmxmig.catalogue.folders import shipped
from sdmxmig.primitives import text
from sdmxmig.primitives.templating import Templates
from sdmxmig.reporting.outputs import Page
from sdmxmig.reporting.sections.page import ReportSection, bound, described, figures_in, frame_of, section_files
from sdmxmig.reporting.sections.region import among
from sdmxmig.reporting.sections.region.naming import country_name, study_name
from sdmxmig.reporting.sections.region.views import REGION_VIEWS
from sdmxmig.reporting.sections.views import VIEWS
from sdmxmig.reporting.sections.wording import Wording, lowered
from sdmxmig.sdmx.model.region import Country, RegionalStudy

SECTIONS, FRAME = "region", "report"
SUMMARY = "10-summary.html.j2"
AMONG = "_among.html.j2"


def templates(wording: Wording) -> Templates:
    folders = [shipped("templates") / name for name in (SECTIONS, FRAME)]
    return Templates(folders, words={"_": wording.say}, filters={"described": described})


def compose(study: RegionalStudy, wording: Wording) -> Page:
    """Fill all sections and put them on one page."""
    filled = templates(wording)
    sections = []
    for number, file, name in section_files([shipped("templates") / SECTIONS]):
        view = REGION_VIEWS[name](study, wording)
        if not view:
            continue
        body = filled.fill(file, **view)
        sections.append(
            ReportSection(
                name,
                number,
                label=str(view["label"]),
                heading=str(view["heading"]),
                body=body,
                figures=figures_in(view),
            )
        )
    return bound(filled, sections, frame(study, wording), wording)


def country_pages(study: RegionalStudy, wording: Wording) -> Iterator[tuple[str, Page]]:
    """A page of each country: the summary of its own report, and where it stands among its peers."""
    filled = templates(wording)
    for country in study.countries:
        summary = VIEWS["summary"](country.assessment, wording)
        beside = among.view(study, country, wording)
        sections = [
            section("summary", 10, summary, filled.fill(SUMMARY, assessment=country.assessment, w=wording, **summary)),
            section("among", 20, beside, filled.fill(AMONG, **beside)),
        ]
        yield country.area, bound(filled, sections, country_frame(study, country, wording), wording)


def section(name: str, number: int, view: Mapping[str, object], body: str) -> ReportSection:
    return ReportSection(
        name, number, label=str(view["label"]), heading=str(view["heading"]), body=body, figures=figures_in(view)
    )


def frame(study: RegionalStudy, wording: Wording) -> Mapping[str, object]:
    name = study_name(study, wording)
    subject = wording.say("Regional study of international migration and temporary mobility statistics")
    years = sorted({country.assessment.year for country in study.countries})
    drafts = sum(country.assessment.is_draft for country in study.countries)
    notice = wording.count(
        "Draft: {n} of {all} country profiles has not been reviewed by its national statistical office",
        "Draft: {n} of {all} country profiles have not been reviewed by their national statistical offices",
        drafts,
        all=wording.number(len(study.countries)),
    )
    if any(country.assessment.is_fictional for country in study.countries):
        notice = wording.say(text.MADE_UP_REGION)
    elif not study.is_draft:
        notice = ""
    return {
        "country": name,
        "office": wording.count("{n} country", "{n} countries", len(study.countries)),
        "year": years[0] if len(years) == 1 else f"{years[0]}–{years[-1]}",
        "is_draft": study.is_draft,
        "state": wording.say("Draft") if study.is_draft else wording.say("Reviewed"),
        "signed_off": "",
        "notice": notice,
        "subject": subject,
        "title": wording.pair(name, lowered(subject)),
        "language": wording.language,
        "direction": text.direction(wording.language),
    }


def country_frame(study: RegionalStudy, country: Country, wording: Wording) -> Mapping[str, object]:
    name = country_name(study, country.area, wording)
    subject = wording.say("Summary page in the study “{study}”", study=study_name(study, wording))
    return {**frame(study, wording), **frame_of(country.assessment, name, subject, wording)}
