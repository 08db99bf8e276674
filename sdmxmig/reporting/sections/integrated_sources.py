"""Integrated sources and linkage quality."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sdmxmig.primitives.text import isolated
from sdmxmig.reporting.sections.blocks import ReportCell, ReportRow, ReportTable, row
from sdmxmig.reporting.sections.columns import number_columns, text_columns
from sdmxmig.reporting.sections.estimates import share_cell
from sdmxmig.reporting.sections.integrated_words import words_of
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.sdmx.model.assessment import Assessment
from sdmxmig.sdmx.model.integration import IntegrationRecord, SourceMatch, UsedSource

HASH_SHOWN = 12
TYPES = "CL_SRC_TYPE"


def sources_table(
    sources: Sequence[UsedSource], records: Sequence[IntegrationRecord], assessment: Assessment, wording: Wording
) -> ReportTable:
    """The sources with their type, version, number of records, legal basis and files."""
    columns = (
        *text_columns(("Source", "Version"), wording),
        *number_columns(("Records",), wording),
        *text_columns(("Legal basis",), wording),
    )
    laws = dict.fromkeys(record.legal_basis for record in records if record.legal_basis)
    rows = tuple(
        row(
            (
                ReportCell(
                    source.name,
                    note=wording.semicolons(
                        [
                            *([wording.reference(assessment, TYPES, source.type)] if source.type else []),
                            *(
                                isolated(f"{name} (SHA-256 {sha256[:HASH_SHOWN]})", wording.language)
                                for name, sha256 in source.files
                            ),
                        ]
                    ),
                ),
                source.version or wording.absent("not stated"),
                wording.absent() if source.records is None else wording.number(source.records),
                source.legal_basis or wording.absent("not stated"),
            )
        )
        for source in sources
    )
    notes = (wording.say("Legal basis of the integration: {laws}.", laws=wording.semicolons(laws)),) if laws else ()
    caption = wording.say("Sources, their versions and legal basis")
    return ReportTable("table-integrated", caption, columns=columns, rows=rows, notes=notes, stacked=True)


def keys_of(records: Sequence[IntegrationRecord], wording: Wording) -> str:
    keys = dict.fromkeys(key for record in records for key in record.keys)
    if not keys:
        return ""
    named_keys = wording.semicolons(wording.label(words_of("key"), key) for key in keys)
    return wording.say("Records that agree on a key are linked as one person. Keys in order: {keys}.", keys=named_keys)


def matches_table(matches: Sequence[SourceMatch], wording: Wording) -> ReportTable | None:
    """Of each source how many records match, how the links came about, and the error rates."""
    if not matches:
        return None
    heads = ("Records", "Persons", "In another source", "Links by keys", "Links by probability", "Precision", "Recall")
    columns = (*text_columns(("Source",), wording), *number_columns(heads, wording))
    rows = tuple(match_row(match, wording) for match in matches)
    rates = wording.commas([wording.say("Precision"), wording.say("Recall")])
    bases = dict.fromkeys(match.basis for match in matches if match.basis)
    notes = (
        wording.say(
            "Precision is the share of links that are right. Recall is the share of true pairs that are "
            "linked. Both are measured between a source and those above it."
        ),
        *(
            wording.say("{sentence}.", sentence=wording.pair(rates, wording.label(words_of("basis"), basis)))
            for basis in bases
        ),
    )
    caption = wording.say("Matched records and correct links")
    return ReportTable("table-matches", caption, columns=columns, rows=rows, notes=notes, stacked=True)


def match_row(match: SourceMatch, wording: Wording) -> ReportRow:
    """One source, with double records and intervals below the numbers."""
    doubles = wording.pair(wording.say("duplicate records"), wording.number(match.doubles)) if match.doubles else ""
    share = wording.percent(Decimal(match.matched) / match.persons) if match.persons else ""
    return row(
        (
            ReportCell(match.source),
            wording.number(match.records),
            ReportCell(wording.number(match.persons), note=doubles),
            ReportCell(share, note=wording.pair(wording.say("persons"), wording.number(match.matched))),
            wording.number(match.by_keys),
            wording.number(match.by_probability),
            share_cell(match.precision, wording),
            share_cell(match.recall, wording),
        )
    )
