"""Making of the study."""

from __future__ import annotations

from collections.abc import Mapping

from sdmxmig.reporting.sections.blocks import ReportRow, ReportTable, row
from sdmxmig.reporting.sections.columns import text_columns
from sdmxmig.reporting.sections.region.naming import cited, country_name
from sdmxmig.reporting.sections.region.views import REGION_VIEWS
from sdmxmig.reporting.sections.standard import checked_texts, statement
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.sdmx.model.region import Country, RegionalStudy

PROGRAM = "sdmxmig"


@REGION_VIEWS.add("making")
def view(study: RegionalStudy, wording: Wording) -> Mapping[str, object]:
    columns = text_columns(("Country", "Assessment", "Prepared by"), wording)
    rows = tuple(file_row(study, country, wording) for country in study.countries)
    return {
        "label": wording.say("Method"),
        "heading": wording.say("All figures come from the assessments and data of the countries"),
        "standard": standard(study, wording),
        "table": ReportTable("table-files", wording.say("Compared assessments"), columns=columns, rows=rows),
        "sources": sources(study, wording),
    }


def standard(study: RegionalStudy, wording: Wording) -> list[str]:
    sentences = (
        sentence
        for country in study.countries
        for sentence in statement(country.assessment.standard, checked_texts(country.assessment), wording)
    )
    return list(dict.fromkeys(sentences))


def sources(study: RegionalStudy, wording: Wording) -> list[str]:
    names_by_source: dict[str, list[str]] = {}
    for comparison in study.one_source:
        source = cited(comparison.source, study, wording).rstrip(".")
        names_by_source.setdefault(source, []).append(wording.of(comparison.name))
    return [
        wording.say("Source for {figures}: {source}.", figures=wording.semicolons(names), source=source)
        for source, names in names_by_source.items()
    ]


def file_row(study: RegionalStudy, country: Country, wording: Wording) -> ReportRow:
    program_version = dict(country.assessment.provenance).get(PROGRAM, "")
    version = f"{PROGRAM} {program_version}" if program_version else wording.absent("not stated")
    file = wording.say("{file}, edited by hand", file=country.file) if country.is_changed else country.file
    assessment = file or wording.absent("not stated")
    return row((country_name(study, country.area, wording), assessment, version))
