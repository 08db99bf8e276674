"""Making of the study."""

from __future__ import annotations

from collections.abc import Mapping

from sdmxmig.reporting.sections.region.naming import few
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
    }


def standard(study: RegionalStudy, wording: Wording) -> list[str]:
    sentences = (
        sentence
        for country in study.countries
        for sentence in statement(country.assessment.standard, checked_texts(country.assessment), wording)
    )
    return list(dict.fromkeys(sentences))
