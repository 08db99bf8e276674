"""Integrated sources section."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import chain

from sdmxmig.reporting.sections.integrated_corrections import (
    corrections_table,
    reached_table,
    residuals_table,
    rules_table,
)
from sdmxmig.reporting.sections.integrated_coverage import chart, groups_table
from sdmxmig.reporting.sections.integrated_sources import keys_of, matches_table, sources_table
from sdmxmig.reporting.sections.integrated_words import words_of
from sdmxmig.reporting.sections.views import VIEWS
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.sdmx.model.assessment import Assessment
from sdmxmig.sdmx.model.integration import COMMANDS, IntegrationRecord, SourceMatch, UsedSource

METHODS, RULES = "CL_INTEG_METHOD", "CL_RES_RULE"


@VIEWS.add("integrated")
def view(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    """Sources, matches, estimates, rules and corrections; empty without integrated sources."""
    records = assessment.integration
    if not records:
        return {}
    sources = merged(records)
    matches = [match for record in records for match in record.matches]
    groups = [group for record in records for group in record.groups]
    simulated = any(record.is_simulated for record in records)
    notice = wording.say("Simulated records: the persons do not exist, and the figures describe no real country.")
    return {
        "label": wording.say("Integrated sources"),
        "heading": heading(sources, matches, wording),
        "notice": notice if simulated else "",
        "lead": lead(records, assessment, wording),
        "sources": sources_table(sources, records, assessment, wording),
        "keys": keys_of(records, wording),
        "matches": matches_table(matches, wording),
        "chart": chart(groups, simulated, assessment, wording),
        "groups": groups_table(groups, records, assessment, wording),
        "rules": rules_table(records, wording),
        "reached": reached_table(records, wording),
        "corrections": corrections_table(records, wording),
        "residuals": residuals_table(records, wording),
        "lacking": lacking(records, wording),
    }


def merged(records: Sequence[IntegrationRecord]) -> list[UsedSource]:
    by_name: dict[str, UsedSource] = {}
    for source in chain.from_iterable(record.sources for record in records):
        known = by_name.get(source.name, UsedSource(source.name, ()))
        by_name[source.name] = UsedSource(
            source.name,
            tuple(dict.fromkeys((*known.files, *source.files))),
            type=known.type or source.type,
            version=known.version or source.version,
            legal_basis=known.legal_basis or source.legal_basis,
            records=known.records if known.records is not None else source.records,
        )
    return list(by_name.values())


def heading(sources: Sequence[UsedSource], matches: Sequence[SourceMatch], wording: Wording) -> str:
    """How many sources were brought together, and how many of the persons of the first one another source has."""
    if not matches or not matches[0].persons:
        return wording.say("Integrated sources of records: {n}", n=wording.number(len(sources)))
    first = matches[0]
    return wording.say(
        "{share} of the persons in {source} are also in at least one other linked source ({n})",
        share=wording.percent(Decimal(first.matched) / first.persons),
        source=first.source,
        n=wording.number(len(matches)),
    )


def lead(records: Sequence[IntegrationRecord], assessment: Assessment, wording: Wording) -> str:
    methods = dict.fromkeys(code for record in records for code in record.methods)
    rules = dict.fromkeys(record.rule for record in records if record.rule)
    names = [wording.reference(assessment, METHODS, code) for code in methods]
    sentences = [wording.say("Methods of integration: {methods}.", methods=wording.semicolons(names)) if names else ""]
    if rules:
        stated = [wording.reference(assessment, RULES, code) for code in rules]
        sentences.append(wording.say("Residence rule: {rules}.", rules=wording.semicolons(stated)))
    return " ".join(filter(None, sentences))


def lacking(records: Sequence[IntegrationRecord], wording: Wording) -> str:
    missing = [command for command in COMMANDS if command not in {record.command for record in records}]
    if not missing:
        return ""
    named_parts = wording.semicolons(wording.say(words_of("missing")[command]) for command in missing)
    return wording.say("Not included, because the workspace has no results: {parts}.", parts=named_parts)
