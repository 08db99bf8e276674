"""Kinds of rules: functions that find observations that break a rule.

Declarations in `structures/rules/` name a kind, registered by ``@KINDS.add("CODE-IN-LIST")``, and its parameters.

A kind works on whole columns and row positions, and yields faults built by `Check.fault`. If nothing can be tested, it
raises `build_untestable_error`; if only a part, it yields `report_not_tested`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field, replace
from functools import wraps
from typing import Any, TypedDict, Unpack

from sdmxmig.catalogue.accounting import Identity
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.plugins import Kind
from sdmxmig.quality.rules.words import Named, build_reason, translate_parameters
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.data_structures import DataStructure
from sdmxmig.sdmx.model.findings import Fault, NotTestable, Reason, Rule
from sdmxmig.sdmx.model.metadata import FlowMetadata
from sdmxmig.statistics.demography.amounts import Amounts
from sdmxmig.statistics.demography.ledger import Book
from sdmxmig.statistics.demography.revisions import EarlierRelease, OtherProviderData


class FaultFacts(TypedDict, total=False):
    observed: str
    expected: str
    severity: str
    related: tuple[int, ...]
    elsewhere: tuple[tuple[str, int], ...]
    labels: tuple[str, ...]
    difference: str
    tolerance: str
    key: tuple[tuple[str, str], ...]
    place: Place | None


@dataclass(frozen=True, slots=True, eq=False)
class Check:
    """The input of a kind of rule.

    `others` are datasets validated together; `books` are their figures, with this dataset first. `beside` are the rules
    on this dataset; `rules` are all rules. `unused_cells` are skipped figures (None if unknown). `prepared`
    (2026-01-31) and `prepared_at` may be empty. `previous` are earlier releases, oldest first; `outside` are data of
    other providers. `derived` caches tables for several rules.
    """

    rule: Rule
    dataset: Dataset
    _: KW_ONLY
    books: tuple[Book, ...]
    others: tuple[Dataset, ...] = ()
    identities: tuple[Identity, ...] = ()
    flows: Mapping[str, Flow] = field(default_factory=dict)
    beside: tuple[Rule, ...] = ()
    rules: Mapping[str, Rule] = field(default_factory=dict)
    unused_cells: pl.DataFrame | None = None
    prepared: str = ""
    prepared_at: str = ""
    previous: tuple[EarlierRelease, ...] = ()
    metadata: FlowMetadata = field(default_factory=FlowMetadata)
    outside: OtherProviderData = field(default_factory=OtherProviderData)
    derived: dict[object, Any] = field(default_factory=dict)

    @property
    def flow(self) -> Flow:
        return self.dataset.flow

    @property
    def structure(self) -> DataStructure:
        return self.dataset.flow.structure

    @property
    def measure(self) -> str:
        return self.dataset.flow.structure.measure.id

    @property
    def frame(self) -> pl.DataFrame:
        return self.books[0].frame

    @property
    def amounts(self) -> Amounts:
        return self.books[0].amounts

    @property
    def parameters(self) -> Declared:
        place = self.rule.place or Place(self.rule.id)
        key = f"{place.key}.parameters" if place.key else f"{self.rule.id}.parameters"
        return Declared(self.rule.parameters, Place(place.file, key=key))

    def fault(
        self,
        rows: Iterable[int],
        words: Mapping[str, str] | Callable[[str], Mapping[str, str]],
        component: str = "",
        **facts: Unpack[FaultFacts],
    ) -> Fault:
        """Build the fault for these rows at the measure or another `component`; `words` are its parameters."""
        parameters = translate_parameters(self.rule, words) if callable(words) else words
        return Fault(tuple(rows), component or self.measure, parameters=parameters, **facts)


class UntestableError(Exception):
    """A rule cannot be tested on a dataset, fully or in part."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


def build_untestable_error(message: str, **values: Named) -> UntestableError:
    return UntestableError(build_reason(message, **values))


def report_not_tested(message: str, **values: Named) -> NotTestable:
    return NotTestable(build_reason(message, **values))


KindOfRule = Callable[[Check], Iterable[Fault | NotTestable]]
KINDS: Kind[KindOfRule] = Kind("sdmxmig.quality.rules")


def run_kind(kind: KindOfRule, check: Check) -> Iterator[Fault | NotTestable]:
    """Run a kind of rule; its results include cases that cannot be tested."""
    try:
        yield from kind(check)
    except UntestableError as untestable:
        yield NotTestable(untestable.reason)


def run_by_definition(kind: KindOfRule) -> KindOfRule:
    """Run a kind of rule separately on data with the same definitions, such as one residence rule."""

    @wraps(kind)
    def by_definition(check: Check) -> Iterable[Fault | NotTestable]:
        parts, beside = check.books[0].divided, tuple(part for book in check.books[1:] for part in book.divided)
        if len(parts) == 1:
            return kind(replace(check, books=(check.books[0], *beside)))
        checks = [replace(check, dataset=part.dataset, books=(part, *beside)) for part in parts]
        reports = [list(run_kind(kind, of_part)) for of_part in checks]
        silent = [[report for report in of_part if isinstance(report, NotTestable)] for of_part in reports]
        tested = any(all(report.partial for report in of_part) for of_part in silent)
        return [
            replace(report, partial=report.partial or tested) if isinstance(report, NotTestable) else report
            for of_part in reports
            for report in of_part
        ]

    return by_definition


def describe_kinds() -> dict[str, str]:
    return {name: (kind.__doc__ or "").strip().partition("\n")[0] for name, kind in KINDS.items()}
