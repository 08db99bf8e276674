"""Integrated sources section: rules, fits, corrections, residuals, coverage and quality of links."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import chain

from sdmxmig.primitives.text import isolate_english
from sdmxmig.reporting.charts.bars import EstimateBar, draw_estimates
from sdmxmig.reporting.sections.blocks import ReportCell, ReportFigure, ReportRow, ReportTable, build_figure, build_row
from sdmxmig.reporting.sections.columns import build_table, tabulate
from sdmxmig.reporting.sections.series import build_labels
from sdmxmig.reporting.sections.views import VIEWS
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.statistics.model.assessment import Assessment
from sdmxmig.statistics.model.integration import (
    INTEGRATION_COMMANDS,
    ConflictRule,
    CoverageGroup,
    IntegrationRecord,
    Interval,
    SourceMatch,
    UsedSource,
)

METHODS, RULES = "CL_INTEG_METHOD", "CL_RES_RULE"


@VIEWS.add("integrated")
def view(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    records = assessment.integration
    if not records:
        return {}
    sources = merge_sources(records)
    matches = [match for record in records for match in record.matches]
    groups = [group for record in records for group in record.groups]
    simulated = any(record.is_simulated for record in records)
    notice = wording.say("Simulated records: the persons do not exist, and the figures describe no real country.")
    return {
        "label": wording.say("Integrated sources"),
        "heading": count_sources(sources, matches, wording),
        "notice": notice if simulated else "",
        "lead": describe_integration(records, assessment, wording),
        "sources": tabulate_sources(sources, records, assessment, wording),
        "keys": describe_keys(records, wording),
        "matches": tabulate_matches(matches, wording),
        "chart": draw_coverage(groups, simulated, assessment, wording),
        "groups": tabulate_groups(groups, records, assessment, wording),
        "rules": tabulate_rules(records, wording),
        "reached": tabulate_convergence(records, wording),
        "corrections": tabulate_corrections(records, wording),
        "residuals": tabulate_residuals(records, wording),
        "lacking": describe_missing_steps(records, wording),
    }


def merge_sources(records: Sequence[IntegrationRecord]) -> list[UsedSource]:
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


def count_sources(sources: Sequence[UsedSource], matches: Sequence[SourceMatch], wording: Wording) -> str:
    if not matches or not matches[0].persons:
        return wording.say("Integrated sources of records: {n}", n=wording.number(len(sources)))
    first = matches[0]
    return wording.say(
        "{share} of the persons in {source} are also in at least one other linked source ({n})",
        share=wording.write_percent(Decimal(first.matched) / first.persons),
        source=first.source,
        n=wording.number(len(matches)),
    )


def describe_integration(records: Sequence[IntegrationRecord], assessment: Assessment, wording: Wording) -> str:
    methods = dict.fromkeys(code for record in records for code in record.methods)
    rules = dict.fromkeys(record.rule for record in records if record.rule)
    names = [wording.reference(assessment, METHODS, code) for code in methods]
    sentences = [
        wording.say("Methods of integration: {methods}.", methods=wording.join_with_semicolons(names)) if names else ""
    ]
    if rules:
        stated = [wording.reference(assessment, RULES, code) for code in rules]
        sentences.append(wording.say("Residence rule: {rules}.", rules=wording.join_with_semicolons(stated)))
    return " ".join(filter(None, sentences))


def describe_missing_steps(records: Sequence[IntegrationRecord], wording: Wording) -> str:
    missing = [command for command in INTEGRATION_COMMANDS if command not in {record.command for record in records}]
    if not missing:
        return ""
    named_parts = wording.join_with_semicolons(wording.say_code("missing", command) for command in missing)
    return wording.say("Not included, because the workspace has no results: {parts}.", parts=named_parts)


SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def tabulate_rules(records: Sequence[IntegrationRecord], wording: Wording) -> ReportTable | None:
    conflicts = [conflict for record in records for conflict in record.conflicts]
    heads = ("Variable", "Sources in order", "Persons with differing records", "Share")
    rows = (
        (
            conflict.variable,
            ReportCell(wording.join_with_semicolons(conflict.order), note=wording.say_code("rule", conflict.rule)),
            *count_differing(conflict, wording),
        )
        for conflict in conflicts
    )
    caption = wording.say("Rules for differing sources")
    return tabulate("table-conflicts", caption, heads, rows, wording, numbers=(2, 3))


def count_differing(conflict: ConflictRule, wording: Wording) -> tuple[str, str]:
    if conflict.differing is None:
        return wording.say("suppressed"), "—"
    share = wording.write_percent(Decimal(conflict.differing) / conflict.persons) if conflict.persons else "—"
    return wording.number(conflict.differing), share


def tabulate_convergence(records: Sequence[IntegrationRecord], wording: Wording) -> ReportTable | None:
    reached = [each for record in records for each in record.reached]
    heads = ("Step", "Target totals", "Largest error, as a share of the largest total")
    rows = (
        (
            ReportCell(each.step, note=wording.say_code("step", each.kind)),
            wording.join_with_semicolons(each.totals),
            format_error(each.error),
        )
        for each in reached
    )
    caption = wording.say("Agreement with known totals")
    return tabulate("table-reached", caption, heads, rows, wording, numbers=(2,))


def format_error(error: Decimal) -> str:
    digits, _, power = f"{error:.0E}".partition("E")
    return f"{digits} · 10{power.lstrip('+').translate(SUPERSCRIPTS)}" if error else "0"


def tabulate_corrections(records: Sequence[IntegrationRecord], wording: Wording) -> ReportTable | None:
    counts: dict[tuple[str, str], int] = {}
    for correction in (correction for record in records for correction in record.corrections):
        what = (correction.kind, correction.table)
        counts[what] = counts.get(what, 0) + correction.count
    heads = ("Findings in the records", "Table", "Number")
    rows = (
        (wording.say_code("correction", kind), table, wording.number(count)) for (kind, table), count in counts.items()
    )
    caption = wording.say("Corrections and unknown values")
    return tabulate("table-corrections", caption, heads, rows, wording, numbers=(2,))


def tabulate_residuals(records: Sequence[IntegrationRecord], wording: Wording) -> ReportTable | None:
    residuals = [residual for record in records for residual in record.residuals]
    heads = ("Period", "Residual", "Population at the end", "Share")
    rows = (
        (
            residual.period,
            wording.write_signed(residual.value),
            wording.number(residual.population),
            wording.write_percent(abs(residual.value) / residual.population, 2) if residual.population else "—",
        )
        for residual in residuals
    )
    note = wording.say(
        "The residual counts changes in confirmed residence without a recorded date of return or departure."
    )
    caption = wording.say("Unexplained change in the account")
    return tabulate("table-residuals", caption, heads, rows, wording, numbers=(1, 2, 3), notes=(note,))


MIN_DRAWN, MAX_DRAWN = 2, 20
"""The number of estimates that a readable drawing shows."""


def name_group(group: CoverageGroup, assessment: Assessment, wording: Wording) -> str:
    if group.is_rest:
        return wording.say("combined groups")
    if not group.codes:
        return wording.say("everybody")
    return wording.join_with_commas(wording.reference(assessment, f"CL_{name}", code) for name, code in group.codes)


def draw_coverage(
    groups: Sequence[CoverageGroup], simulated: bool, assessment: Assessment, wording: Wording
) -> ReportFigure | None:
    shown = [(group, group.population) for group in groups if group.population and group.registered]
    if not MIN_DRAWN <= len(shown) <= MAX_DRAWN:
        return None
    estimates = []
    for group, estimate in shown:
        base = group.registered or Decimal(1)
        value, low, high = (
            None if end is None else end / base for end in (estimate.value, estimate.low, estimate.high)
        )
        ends = (
            wording.say("{low} to {high}", low=wording.number(100 * low, 1), high=wording.number(100 * high, 1))
            if low is not None and high is not None
            else ""
        )
        number = wording.number(100 * (value or Decimal(0)), 1)
        estimates.append(
            EstimateBar(
                name_group(group, assessment, wording),
                float(value or 0),
                low=None if low is None else float(low),
                high=None if high is None else float(high),
                written=wording.say("{value} ({interval})", value=number, interval=ends) if ends else number,
            )
        )
    title = wording.say("Estimated residents per 100 persons in the register, with 95% intervals")
    described = wording.join_with_semicolons(wording.pair(each.name, each.written) for each in estimates)
    words = {"level": wording.say("register = 100")}
    described = wording.say("{sentence}.", sentence=described)
    labels = build_labels("figure-integrated", title, described, words=words, wording=wording)
    caption = wording.say("Data for this figure: {title}", title=title)
    heads, rows = ("Group", "Residents per 100 registered"), ((each.name, each.written) for each in estimates)
    data = build_table("data-integrated", caption, heads, rows, wording, numbers=(1,))
    source = wording.say("Source: sdmxmig coverage.")
    if simulated:
        source = f"{source} {wording.say('Simulated records.')}"
    return build_figure(labels, draw_estimates(estimates, labels), data=data, source=source)


def tabulate_groups(
    groups: Sequence[CoverageGroup], records: Sequence[IntegrationRecord], assessment: Assessment, wording: Wording
) -> ReportTable | None:
    reasons = "Reasons why a group is hard to count"
    heads = ("Group", "In the register", "Left the country", "Estimated residents", "Interval of 95%", reasons)
    rows = (
        (
            ReportCell(name_group(group, assessment, wording), note=group.method),
            wording.absent("not stated") if group.registered is None else wording.number(group.registered),
            build_share_cell(group.over, wording),
            ReportCell("—", note=group.refused)
            if group.population is None
            else ReportCell(wording.number(group.population.value)),
            format_interval(group.population, wording, is_share=False) or "—" if group.population else "—",
            wording.join_with_commas(wording.say_code("hard", reason) for reason in group.hard) or "—",
        )
        for group in groups
    )
    days = dict.fromkeys(record.day for record in records if record.day)
    caption = wording.say(
        "Coverage of the register on {days}",
        days=wording.join_with_commas(isolate_english(day, wording.language) for day in days),
    )
    note = wording.say("Register counts are rounded.")
    return tabulate("table-coverage", caption, heads, rows, wording, numbers=(1, 2, 3, 4), notes=(note,), stacked=True)


SHOWN_HASH_LENGTH = 12
SOURCE_TYPES = "CL_SRC_TYPE"


def tabulate_sources(
    sources: Sequence[UsedSource], records: Sequence[IntegrationRecord], assessment: Assessment, wording: Wording
) -> ReportTable:
    heads = ("Source", "Version", "Records", "Legal basis")
    laws = dict.fromkeys(record.legal_basis for record in records if record.legal_basis)
    rows = (
        (
            ReportCell(
                source.name,
                note=wording.join_with_semicolons(
                    [
                        *([wording.reference(assessment, SOURCE_TYPES, source.type)] if source.type else []),
                        *(
                            isolate_english(f"{name} (SHA-256 {sha256[:SHOWN_HASH_LENGTH]})", wording.language)
                            for name, sha256 in source.files
                        ),
                    ]
                ),
            ),
            source.version or wording.absent("not stated"),
            wording.absent("not stated") if source.records is None else wording.number(source.records),
            source.legal_basis or wording.absent("not stated"),
        )
        for source in sources
    )
    notes = (
        (wording.say("Legal basis of the integration: {laws}.", laws=wording.join_with_semicolons(laws)),)
        if laws
        else ()
    )
    caption = wording.say("Sources, their versions and legal basis")
    return build_table("table-integrated", caption, heads, rows, wording, numbers=(2,), notes=notes, stacked=True)


def describe_keys(records: Sequence[IntegrationRecord], wording: Wording) -> str:
    keys = dict.fromkeys(key for record in records for key in record.keys)
    if not keys:
        return ""
    named_keys = wording.join_with_semicolons(wording.say_code("key", key) for key in keys)
    return wording.say("Records that agree on a key are linked as one person. Keys in order: {keys}.", keys=named_keys)


def tabulate_matches(matches: Sequence[SourceMatch], wording: Wording) -> ReportTable | None:
    bases = dict.fromkeys(match.basis for match in matches if match.basis)
    rated = ("Precision", "Recall") if bases else ()
    heads = ("Source", "Records", "Persons", "In another source", "Links by keys", "Links by probability", *rated)
    rows = [build_match_row(match, wording, is_rated=bool(bases)) for match in matches]
    rates = wording.join_with_commas(wording.say(rate) for rate in rated)
    notes = (
        wording.say(
            "Precision is the share of links that are right. Recall is the share of true pairs that are "
            "linked. Both are measured between a source and those above it."
        )
        if bases
        else wording.say("The share of correct links is unknown: no sample of pairs was reviewed."),
        *(
            wording.say("{sentence}.", sentence=wording.pair(rates, wording.say_code("basis", basis)))
            for basis in bases
        ),
    )
    caption = wording.say("Matched records")
    numbers = range(1, len(heads))
    return tabulate("table-matches", caption, heads, rows, wording, numbers=numbers, notes=notes, stacked=True)


def build_match_row(match: SourceMatch, wording: Wording, *, is_rated: bool) -> ReportRow:
    rates = (match.precision, match.recall) if is_rated else ()
    doubles = wording.pair(wording.say("duplicate records"), wording.number(match.doubles)) if match.doubles else ""
    share = wording.write_percent(Decimal(match.matched) / match.persons) if match.persons else ""
    return build_row(
        (
            ReportCell(match.source),
            wording.number(match.records),
            ReportCell(wording.number(match.persons), note=doubles),
            ReportCell(share, note=wording.pair(wording.say("persons"), wording.number(match.matched))),
            wording.number(match.by_keys),
            wording.number(match.by_probability),
            *(build_share_cell(rate, wording) for rate in rates),
        )
    )


def build_share_cell(interval: Interval | None, wording: Wording) -> ReportCell:
    if interval is None:
        return ReportCell("—")
    return ReportCell(wording.write_percent(interval.value), note=format_interval(interval, wording, is_share=True))


def format_interval(interval: Interval, wording: Wording, *, is_share: bool) -> str:
    if interval.low is None or interval.high is None:
        return ""
    low, high = (
        wording.write_percent(end) if is_share else wording.number(end) for end in (interval.low, interval.high)
    )
    return wording.say("{low} to {high}", low=low, high=high)
