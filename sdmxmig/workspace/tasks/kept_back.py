"""Cells of confidential figures, hidden in reports."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place, cell_name
from sdmxmig.sdmx.model.confidential import confidential, masked_finding
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.findings import Finding, Findings


def kept_back_cells(datasets: Sequence[Dataset]) -> frozenset[Place]:
    """The cells from which the confidential figures of these datasets come."""
    cells: set[Place] = set()
    for dataset in datasets:
        kept_back = confidential(dataset)
        if kept_back is None or dataset.origins.is_empty():
            continue
        measures = [measure.id for measure in dataset.flow.structure.measures]
        origins = dataset.origins.filter(
            pl.col("component").cast(pl.String).is_in(measures)
            & pl.col("observation").is_in(kept_back.arg_true().implode())
        )
        for file, sheet, row, column in origins.select("file", "sheet", "row", "column").iter_rows():
            cells.add(Place(file, sheet or "", cell=cell_name(row, column)))
    return frozenset(cells)


def masked_at(findings: Findings, cells: Collection[Place]) -> Findings:
    return (
        replace(findings, items=tuple(masked_in(finding, cells) for finding in findings.items)) if cells else findings
    )


def masked_in(finding: Finding, cells: Collection[Place]) -> Finding:
    taking_part = (*([finding.place] if finding.place else []), *finding.others, *finding.related)
    return masked_finding(finding) if any(place in cells for place in taking_part) else finding
