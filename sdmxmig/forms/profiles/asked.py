"""Questions of a profile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import KW_ONLY, dataclass, field, replace
from itertools import chain

from sdmxmig.catalogue import Catalogue
from sdmxmig.catalogue.labels import names_in
from sdmxmig.sdmx.model.artefacts import ItemScheme, Text
from sdmxmig.sdmx.model.findings import Rule
from sdmxmig.sdmx.model.profile import CHANGING_FLOWS, BenchmarkItem, Scale

KINDS = {
    "indicators": "indicator",
    "inventory": "source",
    "products": "product",
    "actions": "action",
    "comments": "comment",
    "abbreviations": "abbreviation",
}
"""Tables of a profile, by subject."""
ITEMS = "CL_BENCH_ITEM"
"""The codelist of all items and modules."""
ISSUES = "CL_QUALITY_ISSUE"
"""The codelist of what usually goes wrong with data."""
ACKNOWLEDGEMENTS = "ACKNOWLEDGEMENTS"
EVIDENCE = "CL_EVIDENCE"
"""The codelist of the classes of evidence."""
SOURCES = "H"
"""The module whose items are sources; each has a sheet of its own."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The questions by subject.

    `removed` indicators are absent from the published standard; `commented` limits comments (empty: any).
    """

    items: Mapping[str, BenchmarkItem]
    about: Mapping[str, Mapping[str, BenchmarkItem]]
    _: KW_ONLY
    subjects: Mapping[str, tuple[str, ...]]
    scales: Mapping[str, Scale] = field(default_factory=dict)
    rules: Mapping[str, Rule] = field(default_factory=dict)
    removed: tuple[str, ...] = ()
    commented: tuple[str, ...] = ()
    evidence: Mapping[str, Text] = field(default_factory=dict)

    def scale(self, item: str) -> Scale | None:
        benchmark_item = self.items.get(item) or next(
            (of_kind[item] for of_kind in self.about.values() if item in of_kind), None
        )
        return self.scales.get(benchmark_item.scale) if benchmark_item else None


def asked(
    items: Iterable[BenchmarkItem],
    questions: Iterable[BenchmarkItem],
    indicators: Iterable[str],
    scales: Mapping[str, Scale],
    rules: Mapping[str, Rule],
) -> Asked:
    about: dict[str, dict[str, BenchmarkItem]] = {kind: {} for kind in KINDS.values()}
    for benchmark_item in questions:
        if benchmark_item.of in about:
            about[benchmark_item.of][benchmark_item.id] = benchmark_item
    by_id = {benchmark_item.id: benchmark_item for benchmark_item in items}
    sources = tuple(name for name, benchmark_item in by_id.items() if benchmark_item.module == SOURCES)
    return Asked(by_id, about, subjects={"indicator": tuple(indicators), "source": sources}, scales=scales, rules=rules)


def asked_by(catalogue: Catalogue) -> Asked:
    items, questions = catalogue.items.values(), catalogue.questions.values()
    all_asked = asked(items, questions, indicators=catalogue.indicators, scales=catalogue.scales, rules=catalogue.rules)
    return replace(
        all_asked,
        removed=catalogue.standard.removed,
        commented=commented_in(catalogue),
        evidence=names_in(catalogue, EVIDENCE),
    )


def commented_in(catalogue: Catalogue) -> tuple[str, ...]:
    """The ids under which the report shows something to comment on, and that of the thanks of the office."""
    issues = (
        artefact.ids
        for ref, artefact in catalogue.artefacts.items()
        if ref.id == ISSUES and isinstance(artefact, ItemScheme)
    )
    named = (
        *catalogue.items,
        *catalogue.indicators,
        *catalogue.rules,
        *(gap.id for gap in catalogue.study.same_gaps),
        *(difference.id for difference in catalogue.study.differences),
        *(proposal.id for proposal in catalogue.plan.proposals),
        *chain.from_iterable(issues),
    )
    return (ACKNOWLEDGEMENTS, *CHANGING_FLOWS, *dict.fromkeys(named))
