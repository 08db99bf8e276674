"""Tracing in a workspace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sdmxmig.conversion.convert.tracing import Use, coverage_of, observations_of, place_of, usage_of, uses_of
from sdmxmig.primitives.errors import SdmxmigError, did_you_mean
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place, cell_name
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.workspace.tasks.data_folder import read_datasets, read_unused_cells
from sdmxmig.workspace.tasks.session import Session


def names_a_cell(subject: str) -> bool:
    return "!" in subject or "›" in subject


def traced_cells(session: Session, subject: str, conditions: Mapping[str, str]) -> list[dict[str, object]]:
    """One row for each cell of the observations that fit, or of those that a cell is part of."""
    datasets = read_datasets(session)
    if not names_a_cell(subject):
        return [row for use in traced(datasets, subject, conditions) for row in rows_of(use)]
    if conditions:
        raise SdmxmigError("Conditions go with a dataflow, not with a cell.", hint="Leave one of them away.")
    fate = usage_of(place_of(subject), datasets, read_unused_cells(session))
    if not fate.uses:
        cell = fate.place
        return [{"file": cell.file, "sheet": cell.sheet, "cell": cell.cell, "fate": fate.fate, "reason": fate.reason}]
    return [row for use in fate.uses for row in rows_of(use)]


def rows_of(use: Use) -> list[dict[str, object]]:
    head = {"dataflow": use.flow, **dict(use.key), "component": use.component, "value": use.value}
    return [{**head, "file": cell.file, "sheet": cell.sheet, "cell": cell.cell} for cell in use.cells]


def usage(session: Session, *, cells: bool) -> list[dict[str, object]]:
    unused = read_unused_cells(session)
    return unused_cells(unused) if cells else coverage_of(read_datasets(session), unused)


def traced(datasets: Sequence[Dataset], flow: str, conditions: Mapping[str, str]) -> tuple[Use, ...]:
    flows = {dataset.flow.id: dataset for dataset in datasets}
    if flow not in flows:
        raise SdmxmigError(f"There are no data of “{flow}”.", hint=did_you_mean(flow, flows))
    dataset = flows[flow]
    rows = observations_of(dataset, conditions)
    if not rows:
        raise SdmxmigError(f"No observation of {flow} fits.", hint="Leave out a condition.")
    return tuple(uses_of(dataset, rows))


def record(use: Use) -> dict[str, object]:
    cells = [{"file": place.file, "sheet": place.sheet, "cell": place.cell} for place in use.cells]
    return {"dataflow": use.flow, "key": dict(use.key), "component": use.component, "value": use.value, "cells": cells}


def unused_cells(unused: pl.DataFrame) -> list[dict[str, object]]:
    return [
        {"cell": str(Place(file, sheet, cell=cell_name(row, column))), "fate": fate, "reason": reason}
        for file, sheet, row, column, fate, reason in unused.sort("file", "sheet", "row", "column").iter_rows()
    ]
