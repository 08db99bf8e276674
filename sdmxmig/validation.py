"""Validation: run the rules that a flow switches on, and say for every fault which cell it is in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from sdmxmig.demography.identities import Identity
from sdmxmig.demography.ledger import books_of
from sdmxmig.demography.outside_data import Outside
from sdmxmig.errors import DeclarationError, did_you_mean
from sdmxmig.lazily import pl
from sdmxmig.model.artefacts import Text
from sdmxmig.model.data import Dataset, Flow
from sdmxmig.model.finding_collector import FindingCollector
from sdmxmig.model.findings import SEVERITIES, Fault, Finding, Findings, NotTestable, Rule, Verdict, switched_on
from sdmxmig.places import Place, cell_name, cell_position
from sdmxmig.rules import KINDS, Check
from sdmxmig.rules.words import in_languages, subject

PASS, FAIL, NOT_TESTABLE = "pass", "fail", "not testable"


class RuleCatalogue(Protocol):
    """The part of a catalogue that validation needs: rules, accounting identities and dataflows."""

    @property
    def rules(self) -> Mapping[str, Rule]:
        """All rules by id."""

    @property
    def identities(self) -> tuple[Identity, ...]:
        """The accounting identities."""

    @property
    def flows(self) -> Mapping[str, Flow]:
        """All flows by id."""


def validate(
    dataset: Dataset,
    catalogue: RuleCatalogue,
    others: Sequence[Dataset] = (),
    mapping_places: Mapping[str, Place] | None = None,
    unused_cells: pl.DataFrame | None = None,
    prepared: str = "",
    outside: Outside | None = None,
) -> Findings:
    """Run the rules that the dataset's flow lists; `others` are the datasets that are reported together with it.

    `mapping_places` are those where a mapping gives components their value, for what no cell says; the empty name is
    the place where it could say more. `unused_cells` are the figures that a mapping leaves out, as a conversion tells
    them. `prepared` is when the data are prepared, as ISO 8601 writes it. `outside` are data of others with which these
    are compared.

    Gives one finding for each fault, with its first cell and the further cells that have the same fault, ordered by
    severity, rule and place; and one verdict for each rule: pass, fail, or not testable with the reason. A rule that
    passes where it could be tested keeps the reason why it could not be tested elsewhere.

    Raises `DeclarationError` if a rule, its kind or one of its parameters is not known.
    """
    books = books_of((dataset, *others))
    collector = FindingCollector(dataset.flow.id, catalogue.rules)
    verdicts: list[Verdict] = []
    rules = sorted(rules_of(dataset, catalogue), key=lambda rule: rule.id)
    for rule in rules:
        check = Check(
            rule,
            dataset,
            books=books,
            others=tuple(others),
            identities=tuple(catalogue.identities),
            flows=catalogue.flows,
            beside=tuple(rules),
            unused_cells=unused_cells,
            prepared=prepared[:10],
            outside=outside or Outside(),
        )
        faults, verdict = run(check)
        verdicts.append(verdict)
        collect(check, faults, mapping_places or {}, collector)
    return Findings(tuple(sorted(collector.findings, key=order)), tuple(verdicts))


def rules_of(dataset: Dataset, catalogue: RuleCatalogue) -> Iterator[Rule]:
    """The rules that always run and those that the flow of a dataset lists; ids that no rule has are refused."""
    flow = dataset.flow.dataflow
    for rule_id in switched_on(catalogue.rules, flow.rules):
        rule = catalogue.rules.get(rule_id)
        if rule is None:
            raise DeclarationError(f"There is no rule “{rule_id}”.", flow.place, did_you_mean(rule_id, catalogue.rules))
        if rule.kind not in KINDS:
            raise DeclarationError(
                f"There is no kind of rule “{rule.kind}”.", rule.place, did_you_mean(rule.kind, KINDS)
            )
        yield rule


def run(check: Check) -> tuple[list[Fault], Verdict]:
    """Run one rule: its faults, those with the same words as one, and its verdict."""
    empty = [NotTestable("there are no observations")]
    reported = empty if check.dataset.observations.is_empty() else list(KINDS[check.rule.kind](check))
    faults = merged(report for report in reported if isinstance(report, Fault))
    silent = [report for report in reported if isinstance(report, NotTestable)]
    outcome = PASS if all(not_testable.partial for not_testable in silent) else NOT_TESTABLE
    severities = {fault.severity or check.rule.severity for fault in faults}
    if severities - {"information"}:
        outcome = FAIL
    reason = "; ".join(dict.fromkeys(not_testable.reason for not_testable in silent))
    return faults, Verdict(check.rule.id, check.dataset.flow.id, outcome=outcome, reason=reason, findings=len(faults))


def merged(faults: Iterable[Fault]) -> list[Fault]:
    """Faults that say the same of the same component become one, with all their rows in order."""
    groups: dict[tuple[object, ...], list[Fault]] = {}
    for fault in faults:
        words = (
            fault.component,
            tuple(sorted(fault.parameters.items())),
            fault.observed,
            fault.expected,
            fault.severity,
        )
        groups.setdefault((*words, fault.related, fault.elsewhere), []).append(fault)
    return [
        Fault(
            rows=tuple(sorted({row for fault in group for row in fault.rows})) if len(group) > 1 else first.rows,
            component=first.component,
            parameters=first.parameters,
            observed=first.observed,
            expected=first.expected,
            severity=first.severity,
            related=first.related,
            elsewhere=first.elsewhere,
            labels=first.labels,
        )
        for group in groups.values()
        for first in group[:1]
    ]


def collect(
    check: Check, faults: Sequence[Fault], mapping_places: Mapping[str, Place], collector: FindingCollector
) -> None:
    """Report these faults at the cells of their rows; `mapping_places` are those where a mapping gives values."""
    if not faults:
        return
    dataset = check.dataset
    origins = FaultOrigins(dataset, {row for fault in faults for row in (*fault.rows, *fault.related)})
    keys = FaultKeys(check, {row for fault in faults for row in fault.rows})
    related_origins = RelatedOrigins(check.others, faults)
    for fault in faults:
        places = places_of(fault, check, origins, mapping_places)
        related = (
            *origins.of(fault.related, measure_of(dataset)),
            *origins.labels((*fault.rows, *fault.related), fault.labels),
            *related_origins.of(fault),
            *((origins.file,) if origins.file and not (fault.rows or places[0].cell) else ()),
        )
        key = keys.shared(fault)
        collector.add_fault(
            check.rule,
            fault,
            places=places,
            key=key,
            observations=len(fault.rows),
            parameters=about(check, fault.component, key),
            related=tuple(place for place in dict.fromkeys(related) if place not in places),
        )


def places_of(
    fault: Fault, check: Check, origins: FaultOrigins, mapping_places: Mapping[str, Place]
) -> tuple[Place, ...]:
    """Where a fault is: the cells of its rows; of an attribute of the whole dataset the cell or line that gave it."""
    structure = check.dataset.flow.structure
    file = (origins.file,) if origins.file else ()
    if fault.rows or fault.component not in structure or structure[fault.component].attachment != "dataset":
        return origins.of(fault.rows, fault.component) or file
    line = mapping_places.get(fault.component) or mapping_places.get("")
    return origins.whole(fault.component) or ((line,) if line else file)


def about(check: Check, component: str, key: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Parameters of every message: `subject`, what the faulty observations are about, and `concept`, in words."""
    flow = check.dataset.flow
    concept = flow.concepts.get(component) or Text.of(en=component)
    return in_languages(
        check.rule,
        lambda language: {"subject": subject(flow, key, language), "concept": concept.in_language(language)},
    )


def measure_of(dataset: Dataset) -> str:
    """The component that holds the values."""
    return dataset.flow.structure.measure.id


class FaultKeys:
    """The keys of some observations of a dataset, by row."""

    def __init__(self, check: Check, rows: set[int]) -> None:
        self.names = check.dataset.flow.structure.key
        sorted_rows = sorted(rows)
        keys = check.frame.select(self.names)[sorted_rows] if sorted_rows else check.frame.clear()
        self.keys: dict[int, tuple[str | None, ...]] = dict(zip(sorted_rows, keys.iter_rows(), strict=True))

    def shared(self, fault: Fault) -> tuple[tuple[str, str], ...]:
        """The key of the faulty observation, or what the keys of all faulty ones share.

        Where several are at fault, what was observed is a part of it, so that findings about different texts differ.
        """
        keys = [self.keys[row] for row in fault.rows]
        shared_codes = {
            name: codes[0]
            for name, *codes in zip(self.names, *keys, strict=True)
            if codes and codes[0] is not None and len(set(codes)) == 1
        }
        if len(keys) > 1 and fault.observed:
            shared_codes.setdefault(fault.component, fault.observed)
        return tuple(shared_codes.items())


class FaultOrigins:
    """The cells that some observations of a dataset come from."""

    def __init__(self, dataset: Dataset, rows: set[int]) -> None:
        self.measure = measure_of(dataset)
        self.origins = dataset.origins
        self.file = first_file(dataset.origins)
        self.cells: dict[tuple[int, str], Place] = {}
        if dataset.origins.is_empty():
            return
        for origin in dataset.origins.filter(pl.col("observation").is_in(sorted(rows))).iter_rows(named=True):
            place = Place(origin["file"], origin["sheet"] or "", cell=cell_name(origin["row"], origin["column"]))
            self.cells.setdefault((origin["observation"], origin["component"]), place)

    def of(self, rows: Iterable[int], component: str) -> tuple[Place, ...]:
        """The cells of a component in these rows, each once; the value cell where it has no cell of its own."""
        cells = (self.cells.get((row, component)) or self.cells.get((row, self.measure)) for row in rows)
        return tuple(dict.fromkeys(place for place in cells if place))

    def whole(self, component: str) -> tuple[Place, ...]:
        """The cells that gave a component of the whole dataset."""
        origins = self.origins.filter(pl.col("component").cast(pl.String) == component)
        cells = origins.select("file", "sheet", "row", "column").unique(maintain_order=True)
        return tuple(
            Place(file, sheet or "", cell=cell_name(row, column)) for file, sheet, row, column in cells.iter_rows()
        )

    def labels(self, rows: Sequence[int], components: Iterable[str]) -> Iterator[Place]:
        """The header and label cells of these rows, of those components for which they do not share one."""
        for component in components:
            cells = dict.fromkeys(self.cells.get((row, component)) for row in rows)
            if len(cells) > 1:
                yield from filter(None, cells)


class RelatedOrigins:
    """The cells of observations of other flows that take part in faults."""

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
        """The value cells of what a fault names of other flows, in its order."""
        known_rows = ((self.origins[flow], row) for flow, row in fault.elsewhere if flow in self.origins)
        return tuple(place for origins, row in known_rows for place in origins.of((row,), origins.measure))


def first_file(origins: pl.DataFrame) -> Place | None:
    """The file that a dataset comes from, for what is wrong with all of it."""
    return None if origins.is_empty() else Place(origins.get_column("file")[0])


def order(finding: Finding) -> tuple[int, str, str, str, tuple[int, int], tuple[tuple[str, str], ...], str]:
    """The order in which findings are shown: severity, rule, place."""
    place = finding.place or Place("")
    cell = cell_position(place.cell) if place.cell else (0, 0)
    return (
        SEVERITIES.index(finding.severity),
        finding.rule,
        place.file,
        place.sheet,
        cell,
        finding.key,
        finding.component,
    )
