"""Findings as terminal text, and the wording of findings."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

from sdmxmig.catalogue.folders import find_shipped_folder, read_word_table, read_words_in
from sdmxmig.primitives.errors import write_count
from sdmxmig.primitives.places import Place, parse_cell
from sdmxmig.primitives.text import (
    escape_invisible,
    find_base_language,
    find_values,
    join_texts,
    normalise_tag,
    read_csv_rows,
    shorten_text,
)
from sdmxmig.quality.rules.words import write_number, write_reason
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.findings import SEVERITIES, Finding, Findings

MAX_SHOWN = 10
SHARED_DIMENSIONS = ("FREQ", "REF_AREA", "EVENT", "DIRECTION")
MAX_CELLS = 5
SEVERITY_NOUNS = {"information": "information item"}


def read_columns(sheet: str) -> dict[str, tuple[str, int]]:
    text = (find_shipped_folder("templates") / "findings" / "columns.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(io.StringIO(text))
    return {row["id"]: (row["heading"], int(row["width"])) for row in rows if row["sheet"] == sheet}


class FindingSubject:
    """Describes a finding's figure by table and values, without totals and values that all findings share."""

    def __init__(self, findings: Findings, flows: Mapping[str, Flow] | None = None, language: str = "en") -> None:
        self.flows = flows or {}
        self.language = language
        self._values: dict[tuple[str, str], set[str]] = {}
        for finding in (*findings.items, *findings.gone):
            for name, value in finding.key:
                self._values.setdefault((finding.flow, name), set()).add(value)

    def title(self, finding: Finding) -> str:
        flow = self.flows.get(finding.flow)
        return (flow.dataflow.name.in_language(self.language) if flow else "") or finding.flow

    def concept(self, finding: Finding, component: str) -> str:
        flow = self.flows.get(finding.flow)
        text = flow.concepts.get(component) if flow else None
        return (text.in_language(self.language) if text else "") or component

    def parts(self, finding: Finding) -> list[str]:
        flow = self.flows.get(finding.flow)
        phrases: list[str] = []
        for name, value in finding.key:
            same = name in SHARED_DIMENSIONS and len(self._values[finding.flow, name]) == 1
            if value == "_T" or name in ("place", finding.component) or same:
                continue
            if name == "TIME_PERIOD":
                phrases.insert(0, shorten_text(value))
                continue
            codelist = flow.codelist(name) if flow else None
            label = codelist[value].name.in_language(self.language) if codelist and value in codelist else ""
            phrases.append(f"{self.concept(finding, name)}: {label or shorten_text(value)}")
        return phrases

    def line(self, finding: Finding) -> str:
        colon = "：" if find_base_language(self.language) == "zh" else ": "
        return colon.join(filter(None, [self.title(finding), join_texts(self.parts(finding), self.language)]))


def render(
    findings: Findings,
    *,
    language: str = "en",
    flows: Mapping[str, Flow] | None = None,
    rest: str = "The findings file lists all of them",
    workspace: str = "",
    notice: str = "",
) -> str:
    """Write the most severe findings, then counts; findings common to several dataflows appear once.

    `rest` is the place of the others. `workspace`, as typed in a command, is where warnings can be justified. Rules and
    dataflows that were not tested are listed.
    """
    language = normalise_tag(language)
    ordered = sorted(findings.items, key=lambda finding: (finding.is_justified, SEVERITIES.index(finding.severity)))
    about = FindingSubject(findings, flows, language)
    told = group_repeated(ordered, language)[:MAX_SHOWN]
    blocks = [describe_finding(group, about, workspace) for group in told]
    more = sum(findings.count(severity) for severity in SEVERITIES) - sum(map(len, told))
    if more:
        blocks.append(f"… and {write_count(more, 'more finding')}. {rest}.")
    first = [read_words_in("findings", language).say(notice)] if notice else []
    return "\n\n".join([*first, *blocks, "\n".join([*list_notes(findings, language), count_findings(findings)])]) + "\n"


def list_notes(findings: Findings, language: str = "en") -> list[str]:
    lines = []
    if findings.is_repeated:
        lines.append(f"The data are unchanged since {format_run_time(findings.at)}.")
    if findings.is_compared:
        gone = sum(finding.state == "not tested" for finding in findings.gone)
        of = "same data, other rules" if findings.is_of_same_data else "other data"
        counts = f"{findings.new} new, {findings.unchanged} unchanged, {findings.fixed} fixed"
        lines.append(
            f"Since {format_run_time(findings.against)} ({of}): {counts}"
            + (f"; {write_count(gone, 'earlier finding')} not checked again." if gone else ".")
        )
    if findings.justified:
        otherwise = findings.justified_otherwise
        changed = f" {write_count(otherwise, 'figure')} changed since the reason was given." if otherwise else ""
        lines.append(f"{findings.justified} of {write_count(findings.count('warning'), 'warning')} justified.{changed}")
    lines += [
        f"The justification of {reason.fingerprint} ({reason.rule}) is no longer needed: the finding is gone."
        for reason in findings.unused
    ]
    silent = findings.unjudged_flows
    if silent and findings.has_run:
        reasons = [
            write_reason(verdict, language)
            for verdict in findings.verdicts
            if verdict.flow in silent and not verdict.rule
        ]
        lines.append(f"Not checked: {', '.join(silent)}{f' ({reasons[0]})' if reasons else ''}.")
    return lines


def format_run_time(moment: str) -> str:
    """Name an earlier validation by its time, if stored.

    >>> format_run_time("2026-01-31T12:00:00+00:00"), format_run_time("")
    ('the validation of 2026-01-31 12:00 UTC', 'the previous validation')
    """
    if not moment:
        return "the previous validation"
    zone = " UTC" if moment.endswith(("Z", "+00:00")) else moment[19:]
    return f"the validation of {moment[:16].replace('T', ' ')}{zone}"


def group_repeated(findings: Sequence[Finding], language: str) -> list[list[Finding]]:
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for finding in findings:
        apart = finding.fingerprint if finding.is_justified or finding.others or finding.observations > 1 else ""
        words = (finding.severity, finding.rule, finding.state, finding.sentence(language), finding.remedy(language))
        groups.setdefault((*words, finding.key, finding.place, finding.related, apart), []).append(finding)
    return list(groups.values())


def describe_finding(findings: Sequence[Finding], about: FindingSubject, workspace: str) -> str:
    finding, language = findings[0], about.language
    words = read_words_in("findings", language)
    state = f" ({words.say('new')})" if finding.state == "new" else ""
    lines = [f"{words.say(finding.severity)}[{finding.rule}]{state}: {finding.sentence(language)}"]
    if finding.place:
        lines.append(f"  --> {finding.place}")
    lines.append(f"  {words.say('in {data}', data='; '.join(dict.fromkeys(map(about.line, findings))))}")
    if finding.related:
        lines.append(f"  {words.say('related cells')}: {shorten_cells(finding.related, finding.place)}")
    if finding.justification and finding.is_justified:
        by = f", {finding.justification.by}" if finding.justification.by else ""
        lines.append(f"  justified ({finding.justification.at[:10]}{by}): {finding.justification.text}")
        if finding.justified_figure:
            now = shorten_text(finding.observed)
            then = finding.justified_figure
            lines.append(f"  ! the reason was given for {then}; the figure is now {now}. Confirm the reason.")
    elif remedy := finding.remedy(language):
        lines.append(f"  {words.say('fix')}: {remedy}")
    if workspace and finding.severity == "warning" and not finding.is_justified:
        fingerprint, *others = (each.fingerprint for each in findings)
        more = "".join(f" --and {other}" for other in others)
        lines.append(
            f"  {words.say('or give a reason')}: sdmxmig justify {fingerprint} {workspace} --text REASON{more}"
        )
    if finding.others:
        lines.append(
            f"  also in {write_count(len(finding.others), 'more cell')}: {shorten_cells(finding.others, finding.place)}"
        )
    elif finding.observations > 1:
        lines.append(f"  affects {finding.observations} observations")
    return "\n".join(map(escape_invisible, lines))


def shorten_cells(places: Sequence[Place], beside: Place | None) -> str:
    """Shorten places to the first ranges of adjacent cells, relative to a displayed place.

    >>> in_sheets = [("T", "B18"), ("T", "B19"), ("U", "D2")]
    >>> shorten_cells([Place("a.xlsx", sheet, cell=cell) for sheet, cell in in_sheets], Place("a.xlsx", "T", cell="A1"))
    'B18–B19, U!D2'
    """
    runs: list[tuple[Place, Place]] = []
    for place in places:
        if runs and is_next_cell(runs[-1][1], place):
            runs[-1] = (runs[-1][0], place)
        else:
            runs.append((place, place))
    short = [
        first.name_from(beside) if first == last else f"{first.name_from(beside)}–{last.cell}" for first, last in runs
    ]
    return ", ".join(short[:MAX_CELLS]) + (", …" if len(short) > MAX_CELLS else "")


def is_next_cell(previous: Place, place: Place) -> bool:
    if (previous.file, previous.sheet) != (place.file, place.sheet):
        return False
    try:
        (row, column), (next_row, next_column) = parse_cell(previous.cell), parse_cell(place.cell)
    except ValueError:
        return False
    return (next_row - row, next_column - column) in ((1, 0), (0, 1))


def count_findings(findings: Findings) -> str:
    """Count the findings and the checks not run in one line.

    >>> count_findings(Findings())
    'No checks were run.'
    """
    counts = [(findings.count(severity), severity) for severity in SEVERITIES]
    phrases = [write_count(n, SEVERITY_NOUNS.get(severity, severity)) for n, severity in counts if n]
    untested = sum(verdict.outcome == "not testable" for verdict in findings.verdicts)
    clean = "No findings." if findings.has_run else "No checks were run."
    text = f"{', '.join(phrases)}." if phrases else clean
    return f"{text} {write_count(untested, 'check')} not run." if untested else text


EXPECTATION_TEXTS = [
    row["phrase"] for row in read_csv_rows(find_shipped_folder("templates") / "findings" / "expectations.csv")
]


TEXT_PARAMETERS = ("list", "period", "periods", "time")


def translate_expected(expected: str, language: str) -> str:
    """Translate a known phrase for an expected value; numbers and codes stay unchanged.

    >>> (translate_expected("a whole number", "fr"),
    ...  translate_expected("1250", "fr"), translate_expected("about 12%", "fr"))
    ('un nombre entier', '1250', 'environ 12 %')
    """
    words = read_words_in("findings", language)
    if expected in words.table or words.language == "en":
        return words.table.get(expected, expected)
    for phrase in EXPECTATION_TEXTS:
        values = find_values(phrase, expected)
        if values and not any(" " in value.replace(", ", "") for value in values.values()):
            return words.say(
                phrase, **{name: format_parameter(name, value, language) for name, value in values.items()}
            )
    return expected


def format_parameter(name: str, value: str, language: str) -> str:
    return value if name in TEXT_PARAMETERS else write_number(value, language)


def list_translations(message: str) -> frozenset[str]:
    """Return a message in every language.

    >>> "Gravité" in list_translations("Severity")
    True
    """
    return frozenset(words[message] for words in read_word_table("findings").values())
