"""Declared faults of sources.

See ``linkage_faults.csv``, ``source_faults.csv`` and ``structures/simulation/faults.md``.
"""

from __future__ import annotations

import csv
import io
from dataclasses import KW_ONLY, dataclass
from functools import cache

from sdmxmig.catalogue.folders import shipped

ANY = "any"
CHECK_ONLY, ADDED = "check_only", "added_points"


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault: kind, source, rate and group."""

    kind: str
    source: str
    _: KW_ONLY
    rate: float
    applies_to: str
    field: str
    parameter: str
    value: float


@cache
def declared(table: str) -> tuple[Fault, ...]:
    """The rows of a table of faults."""
    text = (shipped("structures") / "simulation" / f"{table}_faults.csv").read_text(encoding="utf-8")
    return tuple(
        Fault(
            row["kind"],
            row["source"],
            rate=float(row["rate"]),
            applies_to=row["applies_to"],
            field=row.get("field", ""),
            parameter=row.get("parameter") or "",
            value=float(row.get("value") or 0),
        )
        for row in csv.DictReader(io.StringIO(text, newline=""))
    )


def faults_of_records(source: str) -> list[Fault]:
    rows = declared("linkage")
    own = {(fault.kind, fault.field, fault.applies_to) for fault in rows if fault.source == source}
    return [
        fault
        for fault in rows
        if fault.source == source or (fault.source == ANY and (fault.kind, fault.field, fault.applies_to) not in own)
    ]


def fault_of_source(source: str, kind: str, applies_to: str) -> Fault:
    rows = [fault for fault in declared("source") if fault.source == source and fault.applies_to == applies_to]
    return next(fault for fault in rows if fault.kind == kind)
