"""Integrated sources: which records were brought together, how well they match, and what was corrected or is left.

The section stands where the workspace has what ``link``, ``coverage``, ``combine`` or ``derive`` say of their runs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import chain

from sdmxmig.charts.intervals import Estimated
from sdmxmig.charts.intervals import draw as draw_intervals
from sdmxmig.model.assessment import Assessment
from sdmxmig.model.integration import (
    COMBINE,
    COMMANDS,
    COVERAGE,
    DERIVE,
    LINK,
    ConflictRule,
    CoverageGroup,
    IntegrationRecord,
    Interval,
    SourceMatch,
    UsedSource,
)
from sdmxmig.reporting.blocks import ReportCell, ReportFigure, ReportRow, ReportTable, figure_of, row
from sdmxmig.reporting.columns import number_columns, text_columns
from sdmxmig.reporting.series import labels_of
from sdmxmig.reporting.views import VIEWS
from sdmxmig.reporting.wording import Wording, raised
from sdmxmig.text import isolated

HASH_SHOWN = 12
METHODS, TYPES, RULES = "CL_INTEG_METHOD", "CL_SRC_TYPE", "CL_RES_RULE"
KEYS = (
    *("number and birth", "number and name", "document and birth", "document and name"),
    "names, birth, sex and country of birth",
)
"""The keys of the declaration that ships; others are called as an office calls them."""
BASES = {"model": "as the model expects", "clerical sample": "from pairs that people judged"}
HARD = {
    "over-coverage": "many have left",
    "coverage": "many are missing",
    "precision": "wide interval",
    "no estimate": "no estimate",
}
KINDS = {
    "REPEATED": "rows that repeat an earlier one, counted once",
    "OUTSIDE": "rows outside the days over which records are complete, left out",
    "BEFORE_BIRTH": "rows before the birth of the person, left out",
    "AFTER_DEATH": "rows after the death of the person, left out",
    "ENTRY_AFTER_ENTRY": "entries after an entry, the nights between unknown",
    "EXIT_AFTER_EXIT": "exits after an exit, the nights between unknown",
    "NO_PERSON": "rows of persons whom no register knows, their characteristics unknown",
    "DEATH_BEFORE_BIRTH": "deaths before birth",
    "CONTRADICTED_NIGHTS": "runs of nights in two countries at once, unknown where both are",
    "UNREAD_COLUMNS": "files with columns that are not read",
    "UNRELIABLE_FLOW": "flows beside which many crossings could not be judged",
    "UNLINKED": "records that no link names, persons of their own",
    "DIFFERENT_RECORDS": "records of persons whose records differ, unknown where they do",
    "ABSURD_NUMBER": "numbers of days or nights that no stay has, taken as not known",
    "TWO_CITIZENSHIPS": "two citizenships from one day on, not known from then on",
    "RESIDENCE_CONTRADICTED": "first crossings that contradict the register, which the crossing outweighs",
    "PERSON_CONTRADICTED": "rows with another sex or day of birth than the register, which counts",
    "UNORDERED_DAY": "days with an entry and an exit that nothing orders, which cancel each other",
    "CONTRADICTED_RECORD": "records that contradict another of the same crossing, counted without the journey",
    "CROWDED_DAY": "days of a person with very many crossings",
    "UNBALANCED_DIRECTIONS": "crossings in one direction are missing",
    "MONTH_WITHOUT_RECORDS": "months without any record",
    "OWN_COUNTRY": "rows that name the country itself as that of previous or next residence",
    "TOO_OLD": "persons too old to be alive, taken as alive",
    "UNDETERMINED_MISSING_RECORD": "crossings not judged, since a record before or after is missing",
    "UNDETERMINED_OPEN_SPELL": "crossings that later records will decide",
}
"""What was found in records, and what was done to them."""
MISSING = {
    LINK: "linkage of the sources (sdmxmig link)",
    COVERAGE: "estimates of coverage (sdmxmig coverage)",
    COMBINE: "rules where sources differ (sdmxmig combine)",
    DERIVE: "figures from records (sdmxmig derive)",
}
CHOICES = {
    "first": "the first that knows it wins",
    "majority": "what most of them say, else the first",
    "latest": "what is said of the latest day, else the first",
}
"""How a value is chosen where sources differ."""
STEPS = {"fit": "table fitted to margins", "weights": "weights calibrated to totals"}
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
LEAST, MOST = 2, 20
"""A drawing of one estimate shows nothing, and of more than so many nobody sees anything."""


@VIEWS.add("integrated")
def view(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    """Sources, matches, estimates, rules and corrections; nothing where nothing is said of integrated sources."""
    records = assessment.integration
    if not records:
        return {}
    sources = merged(records)
    matches = [match for record in records for match in record.matches]
    groups = [group for record in records for group in record.groups]
    simulated = any(record.is_simulated for record in records)
    notice = wording.say("Simulated records: nobody in them exists, and these figures say nothing about a country.")
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
    """Each source once, with what any of the runs says of it."""
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
        return wording.say("Sources of records that are brought together: {n}", n=wording.number(len(sources)))
    first = matches[0]
    return wording.say(
        "{share} of the persons in {source} are found in at least one other of the linked sources ({n})",
        share=wording.percent(Decimal(first.matched) / first.persons),
        source=first.source,
        n=wording.number(len(matches)),
    )


def lead(records: Sequence[IntegrationRecord], assessment: Assessment, wording: Wording) -> str:
    """By which methods, and under which rules of residence."""
    methods = dict.fromkeys(code for record in records for code in record.methods)
    rules = dict.fromkeys(record.rule for record in records if record.rule)
    names = [wording.reference(assessment, METHODS, code) for code in methods]
    sentences = [wording.say("Methods of integration: {methods}.", methods=wording.semicolons(names)) if names else ""]
    if rules:
        stated = [wording.reference(assessment, RULES, code) for code in rules]
        sentences.append(wording.say("Rule of residence: {rules}.", rules=wording.semicolons(stated)))
    return " ".join(filter(None, sentences))


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
                source.version or wording.absent(),
                wording.absent() if source.records is None else wording.number(source.records),
                source.legal_basis or wording.absent(),
            )
        )
        for source in sources
    )
    notes = (wording.say("Legal basis of the whole: {laws}.", laws=wording.semicolons(laws)),) if laws else ()
    caption = wording.say("Sources, their versions and legal basis")
    return ReportTable("table-integrated", caption, columns=columns, rows=rows, notes=notes, stacked=True)


def keys_of(records: Sequence[IntegrationRecord], wording: Wording) -> str:
    """The keys on which records were to agree, one after the other."""
    keys = dict.fromkeys(key for record in records for key in record.keys)
    if not keys:
        return ""
    named_keys = wording.semicolons(wording.say(key) if key in KEYS else key for key in keys)
    return wording.say("Records that agree on a key are one person; keys in their order: {keys}.", keys=named_keys)


def matches_table(matches: Sequence[SourceMatch], wording: Wording) -> ReportTable | None:
    """Of each source how many records match, how the links came about, and the error rates."""
    if not matches:
        return None
    heads = ("Records", "Persons", "In another source", "Links by keys", "Links by probability", "Precision", "Recall")
    columns = (*text_columns(("Source",), wording), *number_columns(heads, wording))
    rows = tuple(match_row(match, wording) for match in matches)
    bases = dict.fromkeys(match.basis for match in matches if match.basis)
    notes = (
        wording.say(
            "Precision is the share of links that are right, recall the share of true pairs that are linked, between a "
            "source and those above it."
        ),
        *(wording.say("{sentence}.", sentence=raised(wording.label(BASES, basis))) for basis in bases),
    )
    caption = wording.say("How records match, and how many links are right")
    return ReportTable("table-matches", caption, columns=columns, rows=rows, notes=notes, stacked=True)


def match_row(match: SourceMatch, wording: Wording) -> ReportRow:
    """One source, with double records and intervals below the numbers."""
    doubles = wording.pair(wording.say("double records"), wording.number(match.doubles)) if match.doubles else ""
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


def share_cell(interval: Interval | None, wording: Wording) -> ReportCell:
    """A share with its interval; a dash where none is measured, since there is nothing before the first source."""
    if interval is None:
        return ReportCell("—")
    return ReportCell(wording.percent(interval.value), note=between(interval, wording, is_share=True))


def between(interval: Interval, wording: Wording, *, is_share: bool) -> str:
    """The interval of 95 % in words; empty where there is none."""
    if interval.low is None or interval.high is None:
        return ""
    low, high = (wording.percent(end) if is_share else wording.number(end) for end in (interval.low, interval.high))
    return wording.say("{low} to {high}", low=low, high=high)


def named(group: CoverageGroup, assessment: Assessment, wording: Wording) -> str:
    """What a group is called."""
    if group.is_rest:
        return wording.say("groups put together")
    if not group.codes:
        return wording.say("everybody")
    return wording.commas(wording.reference(assessment, f"CL_{name}", code) for name, code in group.codes)


def chart(
    groups: Sequence[CoverageGroup], simulated: bool, assessment: Assessment, wording: Wording
) -> ReportFigure | None:
    """The estimated population of each group for 100 persons in the register, with intervals."""
    shown = [(group, group.population) for group in groups if group.population and group.registered]
    if not LEAST <= len(shown) <= MOST:
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
            Estimated(
                named(group, assessment, wording),
                float(value or 0),
                low=None if low is None else float(low),
                high=None if high is None else float(high),
                written=wording.say("{value} ({interval})", value=number, interval=ends) if ends else number,
            )
        )
    title = wording.say("Estimated residents for 100 persons in the register, with intervals of 95%")
    described = wording.semicolons(wording.pair(each.name, each.written) for each in estimates)
    words = {"level": wording.say("register = 100")}
    described = wording.say("{sentence}.", sentence=described)
    labels = labels_of("figure-integrated", title, described, words=words, wording=wording)
    data = ReportTable(
        "data-integrated",
        wording.say("Data of this figure: {title}", title=title),
        columns=(*text_columns(("Group",), wording), *number_columns(("Residents for 100 registered",), wording)),
        rows=tuple(row((each.name, each.written)) for each in estimates),
    )
    source = wording.say("Source: sdmxmig coverage.")
    if simulated:
        source = f"{source} {wording.say('Simulated records.')}"
    return figure_of(labels, draw_intervals, estimates, data=data, source=source)


def groups_table(
    groups: Sequence[CoverageGroup], records: Sequence[IntegrationRecord], assessment: Assessment, wording: Wording
) -> ReportTable | None:
    """The register and the estimated population of each group, with intervals, and why groups are hard to count."""
    if not groups:
        return None
    heads = ("In the register", "Of these have left", "Estimated residents", "Interval of 95%")
    columns = (
        *text_columns(("Group",), wording),
        *number_columns(heads, wording),
        *text_columns(("Hard to count",), wording),
    )
    rows = tuple(
        row(
            (
                ReportCell(named(group, assessment, wording), note=group.method),
                wording.absent() if group.registered is None else wording.number(group.registered),
                share_cell(group.over, wording),
                ReportCell("—", note=group.refused)
                if group.population is None
                else ReportCell(wording.number(group.population.value)),
                between(group.population, wording, is_share=False) or "—" if group.population else "—",
                wording.commas(wording.label(HARD, reason) for reason in group.hard) or "—",
            )
        )
        for group in groups
    )
    days = dict.fromkeys(record.day for record in records if record.day)
    caption = wording.say(
        "Coverage of the register on {days}", days=wording.commas(isolated(day, wording.language) for day in days)
    )
    note = wording.say("Counts of the register are rounded.")
    return ReportTable("table-coverage", caption, columns=columns, rows=rows, notes=(note,), stacked=True)


def rules_table(records: Sequence[IntegrationRecord], wording: Wording) -> ReportTable | None:
    """For each variable which source wins, and of how many persons the sources say different things."""
    conflicts = [conflict for record in records for conflict in record.conflicts]
    if not conflicts:
        return None
    columns = (
        *text_columns(("Variable", "Sources in their order"), wording),
        *number_columns(("Persons of whom they differ", "Share"), wording),
    )
    rows = tuple(
        row(
            (
                conflict.variable,
                ReportCell(wording.semicolons(conflict.order), note=wording.label(CHOICES, conflict.rule)),
                *differing(conflict, wording),
            )
        )
        for conflict in conflicts
    )
    return ReportTable("table-conflicts", wording.say("Rules where sources differ"), columns=columns, rows=rows)


def differing(conflict: ConflictRule, wording: Wording) -> tuple[str, str]:
    """Of how many persons sources differ, and their share; withheld where they are few."""
    if conflict.differing is None:
        return wording.say("withheld"), "—"
    share = wording.percent(Decimal(conflict.differing) / conflict.persons) if conflict.persons else "—"
    return wording.number(conflict.differing), share


def reached_table(records: Sequence[IntegrationRecord], wording: Wording) -> ReportTable | None:
    """How near fitted tables and calibrated weights came to their totals."""
    reached = [each for record in records for each in record.reached]
    if not reached:
        return None
    columns = (
        *text_columns(("Step", "Totals to be met"), wording),
        *number_columns(("Largest error, of the largest total",), wording),
    )
    rows = tuple(
        row(
            (
                ReportCell(each.step, note=wording.label(STEPS, each.kind)),
                wording.semicolons(each.totals),
                written(each.error),
            )
        )
        for each in reached
    )
    return ReportTable("table-reached", wording.say("How near totals were met"), columns=columns, rows=rows)


def written(error: Decimal) -> str:
    """A very small share, by its power of ten."""
    digits, _, power = f"{error:.0E}".partition("E")
    return f"{digits} · 10{power.lstrip('+').translate(RAISED)}" if error else "0"


def corrections_table(records: Sequence[IntegrationRecord], wording: Wording) -> ReportTable | None:
    """What was found in the records and what was done about it, with how many rows or crossings it is of."""
    corrections = [correction for record in records for correction in record.corrections]
    if not corrections:
        return None
    columns = (
        *text_columns(("What was found in the records", "Table"), wording),
        *number_columns(("Number",), wording),
    )
    rows = tuple(
        row((wording.label(KINDS, correction.kind), correction.table, wording.number(correction.count)))
        for correction in corrections
    )
    caption = wording.say("What was corrected, and what is not known")
    return ReportTable("table-corrections", caption, columns=columns, rows=rows)


def residuals_table(records: Sequence[IntegrationRecord], wording: Wording) -> ReportTable | None:
    """What nothing explains in the account of each period, beside the population at its end."""
    residuals = [residual for record in records for residual in record.residuals]
    if not residuals:
        return None
    columns = (
        *text_columns(("Period",), wording),
        *number_columns(("Residual", "Population at the end", "Share"), wording),
    )
    rows = tuple(
        row(
            (
                residual.period,
                wording.signed(residual.value),
                wording.number(residual.population),
                wording.percent(abs(residual.value) / residual.population, 2) if residual.population else "—",
            )
        )
        for residual in residuals
    )
    note = wording.say(
        "The residual are residents of whom it is certain again whether they live here, and not since when."
    )
    caption = wording.say("What no event explains in the account")
    return ReportTable("table-residuals", caption, columns=columns, rows=rows, notes=(note,))


def lacking(records: Sequence[IntegrationRecord], wording: Wording) -> str:
    """What no run says anything of; empty if nothing is missing."""
    missing = [command for command in COMMANDS if command not in {record.command for record in records}]
    if not missing:
        return ""
    named_parts = wording.semicolons(wording.say(MISSING[command]) for command in missing)
    return wording.say("Not in this report, since the workspace has no results of it: {parts}.", parts=named_parts)
