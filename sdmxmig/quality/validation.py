"""Validation: run a dataflow's rules and link findings to cells."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from sdmxmig.catalogue import Catalogue
from sdmxmig.catalogue.data_structures import find_flow_metadata
from sdmxmig.primitives.errors import DeclarationError, did_you_mean
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place, format_cell, parse_cell
from sdmxmig.quality.confidential import ConfidentialFigures
from sdmxmig.quality.rules import KINDS, Check, run_kind
from sdmxmig.quality.rules.words import build_reason, describe_subject, translate_parameters
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data import Dataset, Vintage
from sdmxmig.sdmx.model.findings import (
    SEVERITIES,
    Fault,
    Finding,
    FindingCollector,
    Findings,
    NotTestable,
    Reason,
    Rule,
    UnlistedFindings,
    Verdict,
    compute_fingerprint,
    list_active_rules,
    name_cells,
)
from sdmxmig.statistics.demography.ledger import Book
from sdmxmig.statistics.demography.revisions import EarlierRelease, OtherProviderData

PASS, FAIL, NOT_TESTABLE = "pass", "fail", "not testable"
MAX_MERGED_ROWS = 10_000


def validate(  # noqa: PLR0913 - one for each thing that may be known beside the data
    dataset: Dataset,
    catalogue: Catalogue,
    others: Sequence[Dataset] = (),
    mapping_places: Mapping[str, Place] | None = None,
    unused_cells: pl.DataFrame | None = None,
    prepared: str = "",
    *,
    listed: int | None = None,
    previous: Sequence[Vintage] = (),
    outside: OtherProviderData | None = None,
    book_of: Callable[[Dataset], Book] = Book,
) -> Findings:
    """Run the rules of a dataset's dataflow; `others` are datasets reported with it.

    `mapping_places` locate values without a cell. `prepared` is ISO 8601. `previous` are earlier releases, oldest
    first; `outside` are others' data. `book_of` caches accounts. Only the first `listed` findings per rule and severity
    are listed; the others are counted. Returns findings by severity, rule and place, and a verdict per rule. Raises
    `DeclarationError` for an unknown rule, kind or parameter.
    """
    books = tuple(map(book_of, (dataset, *others)))
    dataset = books[0].dataset
    collector = FindingCollector(dataset.flow.id, catalogue.rules)
    before = [vintage.datasets[dataset.flow.id] for vintage in previous if dataset.flow.id in vintage.datasets]
    listing = FindingListing(collector, mapping_places or {}, listed, ConfidentialFigures(dataset, others, before))
    verdicts: list[Verdict] = []
    rules = sorted(select_rules(dataset, catalogue), key=lambda rule: rule.id)
    metadata = find_flow_metadata(dataset.flow.dataflow.ref.urn, catalogue.metadata, catalogue.artefacts)
    releases = tuple(list_earlier_releases(books[0], previous))
    derived: dict[object, Any] = {}
    declared = {**catalogue.rules_left_out, **catalogue.rules}
    for rule in rules:
        check = Check(
            rule,
            dataset,
            books=books,
            others=tuple(others),
            identities=tuple(catalogue.identities),
            flows=catalogue.flows,
            beside=tuple(rules),
            rules=declared,
            unused_cells=unused_cells,
            prepared=prepared[:10],
            prepared_at=prepared,
            previous=releases,
            metadata=metadata,
            outside=outside or OtherProviderData(),
            derived=derived,
        )
        verdicts.append(run(check, listing))
    if not rules:
        verdicts.append(build_verdict("", dataset.flow.id, NOT_TESTABLE, [build_reason("no rule is switched on")]))
    findings = sorted(listing.collector.findings, key=build_sort_key)
    return Findings(tuple(findings), tuple(verdicts), unlisted=listing.unlisted)


def list_earlier_releases(book: Book, vintages: Sequence[Vintage]) -> Iterator[EarlierRelease]:
    for vintage in vintages:
        dataset = vintage.datasets.get(book.flow)
        if dataset is not None:
            yield EarlierRelease(book, dataset, name=vintage.name, prepared=vintage.prepared)


def select_rules(dataset: Dataset, catalogue: Catalogue) -> Iterator[Rule]:
    flow = dataset.flow.dataflow
    for rule_id in list_active_rules(catalogue.rules, flow.rules):
        rule = catalogue.rules.get(rule_id)
        if rule is None:
            raise DeclarationError(f"There is no rule “{rule_id}”.", flow.place, did_you_mean(rule_id, catalogue.rules))
        if rule.kind not in KINDS:
            raise DeclarationError(
                f"There is no kind of rule “{rule.kind}”.", rule.place, did_you_mean(rule.kind, KINDS)
            )
        yield rule


def run(check: Check, listing: FindingListing) -> Verdict:
    reports = report_faults(check)
    silent: list[NotTestable] = []
    severities: set[str] = set()
    count = 0
    while batch := list(islice(reports, MAX_MERGED_ROWS)):
        silent += [report for report in batch if isinstance(report, NotTestable)]
        faults = merge_faults(report for report in batch if isinstance(report, Fault))
        severities |= {fault.severity or check.rule.severity for fault in faults}
        count += len(faults)
        listing.take(check, faults)
    outcome = PASS if all(not_testable.partial for not_testable in silent) else NOT_TESTABLE
    if severities - {"information"}:
        outcome = FAIL
    reasons = [not_testable.reason for not_testable in silent]
    return replace(build_verdict(check.rule.id, check.dataset.flow.id, outcome, reasons), findings=count)


def report_faults(check: Check) -> Iterator[Fault | NotTestable]:
    if check.dataset.observations.is_empty():
        yield NotTestable(build_reason("there are no observations"))
    else:
        yield from run_kind(KINDS[check.rule.kind], check)


def build_verdict(rule: str, flow: str, outcome: str, reasons: Iterable[Reason]) -> Verdict:
    different = tuple(dict.fromkeys(reasons))
    sentence = "; ".join(dict.fromkeys(reason.sentence() for reason in different))
    return Verdict(rule, flow, outcome=outcome, reason=sentence, reasons=different)


class FindingListing:
    def __init__(
        self,
        collector: FindingCollector,
        mapping_places: Mapping[str, Place],
        most: int | None,
        figures: ConfidentialFigures,
    ) -> None:
        self.collector, self.mapping_places, self.most = collector, mapping_places, most
        self.figures = figures
        self._listed: Counter[tuple[str, str]] = Counter()
        self._more: dict[tuple[str, str], bytearray] = {}
        self._rules: dict[str, Rule] = {}

    def take(self, check: Check, faults: Sequence[Fault]) -> None:
        first: list[Fault] = []
        more: list[Fault] = []
        for fault in faults:
            kind = (check.rule.id, fault.severity or check.rule.severity)
            is_listed = self.most is None or self._listed[kind] < self.most
            self._listed[kind] += is_listed
            (first if is_listed else more).append(fault)
        collect(check, first, self.mapping_places, self.collector, figures=self.figures)
        if more:
            self._count(check, more)

    def _count(self, check: Check, faults: Sequence[Fault]) -> None:
        rule, flow = check.rule, check.dataset.flow.id
        self._rules[rule.id] = rule
        keys = FaultKeys(check, {row for fault in faults for row in (*fault.rows, *fault.related)})
        for fault in faults:
            cells = name_cells(fault.key or keys.shared(fault), keys.identity(fault))
            fingerprint = bytes.fromhex(compute_fingerprint(rule.id, flow, fault.component, cells))
            self._more.setdefault((rule.id, fault.severity or rule.severity), bytearray()).extend(fingerprint)

    @property
    def unlisted(self) -> tuple[UnlistedFindings, ...]:
        return tuple(
            UnlistedFindings(
                rule=rule_id,
                version=self._rules[rule_id].version,
                flow=self.collector.flow,
                level=self._rules[rule_id].level,
                severity=severity,
                fingerprints=bytes(fingerprints),
            )
            for (rule_id, severity), fingerprints in sorted(self._more.items())
        )


def merge_faults(faults: Iterable[Fault]) -> list[Fault]:
    groups: dict[tuple[object, ...], list[Fault]] = {}
    for fault in faults:
        words = (
            fault.component,
            tuple(sorted(fault.parameters.items())),
            fault.observed,
            fault.expected,
            fault.severity,
            fault.difference,
            fault.tolerance,
        )
        groups.setdefault((*words, fault.related, fault.elsewhere, fault.key, fault.place), []).append(fault)
    return [
        replace(first, rows=tuple(sorted({row for fault in group for row in fault.rows}))) if len(group) > 1 else first
        for group in groups.values()
        for first in group[:1]
    ]


def collect(
    check: Check,
    faults: Sequence[Fault],
    mapping_places: Mapping[str, Place],
    collector: FindingCollector,
    *,
    figures: ConfidentialFigures,
) -> None:
    """Report faults at their cells; `figures` masks confidential ones."""
    if not faults:
        return
    dataset = check.dataset
    origins = FaultOrigins(dataset, {row for fault in faults for row in (*fault.rows, *fault.related)})
    keys = FaultKeys(check, {row for fault in faults for row in (*fault.rows, *fault.related)})
    related_origins = RelatedOrigins(check.others, faults)
    for unmasked in faults:
        taking_part = [keys.keys[row] for row in (*unmasked.rows, *unmasked.related)]
        fault = figures.masked(unmasked, check.rule, taking_part)
        places = find_places(fault, check, origins, mapping_places)
        related = (
            *origins.of(fault.related, origins.measure),
            *origins.labels((*fault.rows, *fault.related), fault.labels),
            *related_origins.of(fault),
            *((origins.file,) if origins.file and not (fault.rows or fault.place or places[0].cell) else ()),
        )
        key = fault.key or keys.shared(fault)
        collector.add_fault(
            check.rule,
            fault,
            places=places,
            key=key,
            cells=keys.identity(fault),
            observations=len(fault.rows),
            parameters=phrase_subject(check, fault.component, key),
            related=tuple(place for place in dict.fromkeys(related) if place not in places),
        )


WHOLE_ATTACHMENTS = ("dataset", "series")
"""Attachments of attributes whose faults may name no observation."""


def find_places(
    fault: Fault, check: Check, origins: FaultOrigins, mapping_places: Mapping[str, Place]
) -> tuple[Place, ...]:
    if fault.place:
        return (fault.place,)
    structure = check.dataset.flow.structure
    file = (origins.file,) if origins.file else ()
    if fault.rows or fault.component not in structure or structure[fault.component].attachment not in WHOLE_ATTACHMENTS:
        return origins.of(fault.rows, fault.component) or file
    line = mapping_places.get(fault.component) or mapping_places.get("")
    return origins.whole(fault.component) or ((line,) if line else file)


def phrase_subject(check: Check, component: str, key: Sequence[tuple[str, str]]) -> dict[str, str]:
    flow = check.dataset.flow
    concept = flow.concepts.get(component) or Text.of(en=component)
    return translate_parameters(
        check.rule,
        lambda language: {
            "subject": describe_subject(flow, key, language),
            "concept": concept.in_language(language),
        },
    )


class FaultKeys:
    def __init__(self, check: Check, rows: set[int]) -> None:
        self.names = check.dataset.flow.structure.key
        sorted_rows = sorted(rows)
        keys = check.frame.select(self.names)[sorted_rows] if sorted_rows else check.frame.clear()
        self.keys: dict[int, tuple[str | None, ...]] = dict(zip(sorted_rows, keys.iter_rows(), strict=True))

    def shared(self, fault: Fault) -> tuple[tuple[str, str], ...]:
        keys = [self.keys[row] for row in fault.rows]
        shared_codes = {
            name: codes[0]
            for name, *codes in zip(self.names, *keys, strict=True)
            if codes and codes[0] is not None and len(set(codes)) == 1
        }
        if len(keys) > 1 and fault.observed:
            shared_codes.setdefault(fault.component, fault.observed)
        return tuple(shared_codes.items())

    def identity(self, fault: Fault) -> str:
        """Identify a fault's cells across runs: empty for one cell, otherwise a hash of keys and related dimensions."""
        faulty = sorted(tuple(code or "" for code in self.keys[row]) for row in fault.rows)
        if not faulty or (len(faulty) == 1 and not fault.related):
            return ""
        written = "\n".join("\t".join(key) for key in faulty)
        codes_beside = zip(self.names, *(self.keys[row] for row in (*fault.rows[:1], *fault.related)), strict=True)
        differing = [name for name, *codes in codes_beside if len(set(codes)) > 1]
        return ":".join([hashlib.sha256(written.encode()).hexdigest()[:16], *differing])


class FaultOrigins:
    def __init__(self, dataset: Dataset, rows: set[int]) -> None:
        self.measure = dataset.flow.structure.measure.id
        self.origins = dataset.origins
        self.file = None if dataset.origins.is_empty() else Place(dataset.origins.get_column("file")[0])
        self.cells: dict[tuple[int, str], Place] = {}
        if dataset.origins.is_empty():
            return
        for origin in dataset.origins.filter(pl.col("observation").is_in(sorted(rows))).iter_rows(named=True):
            place = Place(origin["file"], origin["sheet"] or "", cell=format_cell(origin["row"], origin["column"]))
            self.cells.setdefault((origin["observation"], origin["component"]), place)

    def of(self, rows: Iterable[int], component: str) -> tuple[Place, ...]:
        cells = (self.cells.get((row, component)) or self.cells.get((row, self.measure)) for row in rows)
        return tuple(dict.fromkeys(place for place in cells if place))

    def whole(self, component: str) -> tuple[Place, ...]:
        origins = self.origins.filter(pl.col("component").cast(pl.String) == component)
        cells = origins.select("file", "sheet", "row", "column").unique(maintain_order=True)
        return tuple(
            Place(file, sheet or "", cell=format_cell(row, column)) for file, sheet, row, column in cells.iter_rows()
        )

    def labels(self, rows: Sequence[int], components: Iterable[str]) -> Iterator[Place]:
        for component in components:
            cells = dict.fromkeys(self.cells.get((row, component)) for row in rows)
            if len(cells) > 1:
                yield from filter(None, cells)


class RelatedOrigins:
    """Source cells of observations in other dataflows that are related to faults."""

    def __init__(self, others: Sequence[Dataset], faults: Sequence[Fault]) -> None:
        rows: dict[str, set[int]] = {}
        for flow, row in (flow_and_row for fault in faults for flow_and_row in fault.elsewhere):
            rows.setdefault(flow, set()).add(row)
        self.origins = {
            dataset.flow.id: FaultOrigins(dataset, rows[dataset.flow.id])
            for dataset in others
            if dataset.flow.id in rows
        }

    def of(self, fault: Fault) -> tuple[Place, ...]:
        known_rows = ((self.origins[flow], row) for flow, row in fault.elsewhere if flow in self.origins)
        return tuple(place for origins, row in known_rows for place in origins.of((row,), origins.measure))


def build_sort_key(finding: Finding) -> tuple[int, str, str, str, tuple[int, int], tuple[tuple[str, str], ...], str]:
    place = finding.place or Place("")
    cell = parse_cell(place.cell) if place.cell else (0, 0)
    return (
        SEVERITIES.index(finding.severity),
        finding.rule,
        place.file,
        place.sheet,
        cell,
        finding.key,
        finding.component,
    )
