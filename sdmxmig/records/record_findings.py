"""Findings about records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from sdmxmig.primitives.places import Place
from sdmxmig.records.files import row_numbers_of
from sdmxmig.records.row_numbers import place_of
from sdmxmig.sdmx.model.finding_collector import FindingCollector
from sdmxmig.sdmx.model.findings import Fault, Findings, Rule

if TYPE_CHECKING:
    from pathlib import Path

    from sdmxmig.records.doubtful import Doubt

SHOWN = 20
"""So many rows of a finding are named."""
Kind = tuple[str, str, str, tuple[tuple[str, str], ...]]
"""Rule, table, column and parameters."""


def findings_of(doubts: Iterable[Doubt], files: Mapping[str, Path], rules: Mapping[str, Rule]) -> Findings:
    """Doubts as findings, those of the parts of a table together; none quotes a cell."""
    counts: dict[Kind, int] = {}
    first: dict[Kind, list[int]] = {}
    for doubt in doubts:
        kind: Kind = (doubt.rule, doubt.table, doubt.column, tuple(sorted(doubt.parameters.items())))
        rows = None if doubt.rows is None else doubt.rows.unique()
        counts[kind] = counts.get(kind, 0) + (1 if rows is None else rows.len())
        shown = [] if rows is None else rows.bottom_k(SHOWN).to_list()
        first[kind] = sorted([*first.get(kind, []), *shown])[:SHOWN]
    findings = []
    for kind_counted, count in counts.items():
        rule_id, table, column, parameters = kind_counted
        rule = rules.get(rule_id)
        if rule is None or not count:
            continue
        collector, path = FindingCollector(table, rules), files[table]
        numbers = row_numbers_of(path)
        places = [place_of(row, numbers) for row in first[kind_counted]] or [Place(path.name)]
        fault = Fault((), column, parameters={"count": f"{count:,}", **dict(parameters)})
        key = tuple((name, text) for name, text in parameters if name == "register")
        collector.add_fault(rule, fault, places=places, key=key, observations=count)
        findings += collector.findings
    return Findings(tuple(findings))
