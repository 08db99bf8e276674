"""Validation report formats, one per module, identified by id or file suffix."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from pathlib import PurePath

from sdmxmig.primitives.errors import SdmxmigError, did_you_mean
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.plugins import Kind
from sdmxmig.primitives.text import shorten_text
from sdmxmig.records.record_tables import SIMULATED
from sdmxmig.reporting.outputs import findings_json, findings_lines
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.findings import SEVERITIES, Finding, Findings, JudgedInputs, Rule
from sdmxmig.sdmx.model.submission import Header

PACKED_SUFFIXES = (".gz", ".zip")


@dataclass(frozen=True, slots=True)
class Excerpt:
    row: int
    column: int
    _: KW_ONLY
    rows: tuple[tuple[str, ...], ...]
    marked: frozenset[tuple[int, int]] = frozenset()


def build_empty_excerpt(_: Finding) -> Excerpt | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """The content of a validation report.

    `judged` are the files, `excerpt` returns neighbouring cells, `mark` denotes simulated records.
    """

    findings: Findings
    header: Header
    title: str
    language: str = "en"
    notice: str = ""
    rules: Mapping[str, Rule] = field(default_factory=dict)
    flows: Mapping[str, Flow] = field(default_factory=dict)
    judged: JudgedInputs | None = None
    excerpt: Callable[[Finding], Excerpt | None] = build_empty_excerpt
    can_be_justified: bool = True
    is_simulated: bool = False

    @property
    def mark(self) -> Mapping[str, bool]:
        return {SIMULATED: True} if self.is_simulated else {}

    @property
    def created(self) -> str:
        return self.header.prepared


@dataclass(frozen=True, slots=True)
class FindingReport:
    id: str
    name: str
    _: KW_ONLY
    endings: tuple[str, ...]
    write: Callable[[Validation], Iterator[bytes]]


REPORTS: Kind[FindingReport] = Kind("sdmxmig.reporting.outputs.finding_reports")


def choose_report(file: str) -> tuple[FindingReport, str]:
    """Determine the report of ``FILE`` or ``REPORT=FILE`` by longest suffix; raise `SdmxmigError` if unknown.

    >>> from sdmxmig.reporting.outputs.finding_reports import choose_report
    >>> choose_report("json=result.txt")[0].id, choose_report("out/findings.ess.json.gz")[0].id
    ('json', 'ess-json')
    """
    report_id, equals, path = file.partition("=")
    if equals and "/" not in report_id and report_id in REPORTS:
        return REPORTS[report_id], path
    name = PurePath(file).name.lower()
    for packed in PACKED_SUFFIXES:
        name = name.removesuffix(packed)
    endings = {ending: report for report in map(REPORTS.__getitem__, REPORTS) for ending in report.endings}
    fitting = [ending for ending in endings if name.endswith(ending)]
    if fitting:
        return endings[max(fitting, key=len)], file
    known = f"Write one of {', '.join(REPORTS)} before the file, as in json=FILE."
    if equals and "/" not in report_id:
        raise SdmxmigError(f"There is no report “{report_id}”.", hint=did_you_mean(report_id, REPORTS) or known)
    raise SdmxmigError("The file name does not identify a kind of report.", Place(file), known)


def list_first_places(finding: Finding, most: int) -> Sequence[Place]:
    return tuple(dict.fromkeys(([finding.place] if finding.place else []) + list(finding.others[: most - 1])))[:most]


def write_key_text(finding: Finding) -> str:
    return " ".join(f"{name}={value}" for name, value in finding.key)


def choose_examples(findings: Findings, *, of_a_rule: int, most: int) -> dict[str, list[Finding]]:
    by_rule: dict[str, list[Finding]] = {}
    for severity in SEVERITIES:
        for finding in findings.items:
            if finding.severity == severity:
                by_rule.setdefault(finding.rule, []).append(finding)
    room = min(of_a_rule, max(1, most // max(1, len(by_rule))))
    return {rule: listed[: of_a_rule if len(findings.items) <= most else room] for rule, listed in by_rule.items()}


def find_reason(finding: Finding) -> str:
    justification = finding.justification
    if justification is None:
        return ""
    signed = ", ".join(filter(None, [justification.by, justification.at]))
    reason = f"{justification.text} ({signed})" if signed else justification.text
    then = finding.justified_figure
    return f"{reason} [{then} → {shorten_text(finding.observed)}]" if then else reason


def count_total(findings: Findings) -> int:
    return sum(findings.count(severity) for severity in SEVERITIES)


def count_by_rule(findings: Findings) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {}

    def add(rule: str, what: str, number: int) -> None:
        of_rule = counts.setdefault(rule, {})
        of_rule[what] = of_rule.get(what, 0) + number

    for finding in findings.items:
        add(finding.rule, finding.severity, 1)
    for more in findings.unlisted:
        add(more.rule, more.severity, more.findings)
    for verdict in findings.verdicts:
        if verdict.rule:  # a verdict without a rule means that no rule is enabled
            add(verdict.rule, verdict.outcome, 1)
    return counts


def write_json(validation: Validation) -> Iterator[bytes]:
    yield findings_json.render(validation.findings, validation.rules, validation.judged, mark=validation.mark)


def write_lines(validation: Validation) -> Iterator[bytes]:
    yield findings_lines.render(validation.findings, validation.rules, validation.judged, mark=validation.mark)


REPORTS.add("json")(FindingReport("json", "findings of sdmxmig", endings=(".json",), write=write_json))
REPORTS.add("jsonl")(FindingReport("jsonl", "store of findings", endings=(".jsonl",), write=write_lines))
