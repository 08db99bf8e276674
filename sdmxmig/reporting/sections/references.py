"""References section, publication facts and citation."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping

from sdmxmig.primitives import text
from sdmxmig.reporting.sections.views import VIEWS
from sdmxmig.reporting.sections.wording import Wording, build_sort_key, capitalise, lower_first_letter
from sdmxmig.statistics.model.assessment import Assessment

KEY_IN_NOTE = re.compile(r"\[([^\[\]]+)\]")
ADDRESS = re.compile(r"(https?://[^\s<>\"']+[^\s<>\"'.,;)])")


@VIEWS.add("references")
def view(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    return {
        "label": wording.say("Sources"),
        "heading": wording.say("Sources of the report"),
        "sources": [
            {"key": key, "parts": split_citation(citation)}
            for key, citation in sorted(assessment.sources.items(), key=lambda source: build_sort_key(source[0]))
        ],
    }


def split_citation(citation: str) -> tuple[tuple[str, bool], ...]:
    """Split a citation into text and addresses.

    >>> split_citation("Geostat, 2024. https://example.org/a")
    (('Geostat, 2024. ', False), ('https://example.org/a', True))
    """
    return tuple((part, bool(ADDRESS.fullmatch(part))) for part in ADDRESS.split(citation) if part)


def name_sources(keys: Iterable[str], assessment: Assessment, wording: Wording) -> str:
    named = [f"[{key}] {source}" for key, source in list_cited_sources(keys, assessment)]
    return wording.say("Sources: {sources}.", sources=wording.join_with_semicolons(named)) if named else ""


def list_cited_sources(keys: Iterable[str], assessment: Assessment) -> Iterator[tuple[str, str]]:
    """Yield keys and citations of a country, each up to its first address."""
    for key in sorted(set(keys) & set(assessment.sources), key=build_sort_key):
        citation = ADDRESS.split(assessment.sources[key])[0]
        if citation.count("(") > citation.count(")"):  # the address is in brackets
            citation = citation.rpartition("(")[0]
        yield key, citation.strip(" .;(")


PREPARED = "prepared"


def format_assessment_date(provenance: Mapping[str, str], language: str) -> str:
    try:
        day = dt.datetime.fromisoformat(provenance.get(PREPARED, "")).date()
    except ValueError:
        return ""
    return text.spell_date(day, language)


def write_assessment_date(assessment: Assessment, wording: Wording) -> str:
    day = format_assessment_date(dict(assessment.provenance), wording.language)
    year = wording.say("reference year {year}", year=assessment.year)
    return wording.qualified((wording.say("Assessment of {day}", day=day), year)) if day else capitalise(year)


def build_imprint(assessment: Assessment, wording: Wording) -> list[tuple[str, str]]:
    contact = wording.of(assessment.contact)
    return [
        *([(wording.say("Contact"), contact)] if contact else []),
        (wording.say("Cite as"), wording.of(assessment.citation) or write_citation(assessment, wording)),
    ]


def write_citation(assessment: Assessment, wording: Wording) -> str:
    country = wording.of(assessment.country) or assessment.area
    subject = wording.say("International migration and temporary mobility statistics")
    state = wording.say("Draft") if assessment.is_draft else wording.say("Reviewed")
    approved = "" if assessment.signed_off else wording.say("not approved by the statistical office")
    facts = (
        wording.pair(country, subject),
        state.lower(),
        approved,
        lower_first_letter(write_assessment_date(assessment, wording)),
    )
    return wording.say("{facts}.", facts=wording.qualified(facts))
