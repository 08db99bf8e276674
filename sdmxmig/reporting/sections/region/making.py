"""Making of the study."""

from __future__ import annotations

from collections.abc import Mapping

from sdmxmig.reporting.sections.region.naming import cited, few
from sdmxmig.reporting.sections.region.views import REGION_VIEWS
from sdmxmig.reporting.sections.standard import checked_texts, statement
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.sdmx.model.region import RegionalStudy


@REGION_VIEWS.add("making")
def view(study: RegionalStudy, wording: Wording) -> Mapping[str, object]:
    changed = [country.area for country in study.countries if country.is_changed]
    return {
        "label": wording.say("Method"),
        "heading": wording.say("Sources and method"),
        "standard": standard(study, wording),
        "changed": wording.say("Assessments edited by hand: {countries}.", countries=few(study, changed, wording))
        if changed
        else "",
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
