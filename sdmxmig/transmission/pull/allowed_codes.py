"""Codes allowed by constraints."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import polars as pl

from sdmxmig.quality.rules.constraints import refusals
from sdmxmig.sdmx.model.artefacts import ItemScheme
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.data_structures import Dataflow, DataStructure
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Constraint
from sdmxmig.transmission.pull.shelf import Shelf


def allowed_codes(shelf: Shelf, structure: DataStructure, flows: Sequence[Ref]) -> dict[Ref, set[str]]:
    """The codes that constraints on a structure, and on one of these dataflows, leave of each list that they limit."""
    on_structure = shelf.limits.on(structure.ref)
    sets_of_constraints = [(*on_structure, *shelf.limits.on(flow)) for flow in flows] or [on_structure]
    if not any(sets_of_constraints):
        return {}
    flow = flow_of(shelf, structure)
    left: dict[Ref, set[str]] = {}
    for component in structure.components:
        codelist = flow.codelist(component)
        if codelist is None:
            continue
        codes = set[str]().union(
            *(codes_left(flow, component.id, codelist, constraints) for constraints in sets_of_constraints)
        )
        left[codelist.ref] = left.get(codelist.ref, set()) | codes
    return {ref: codes for ref, codes in left.items() if len(codes) < len(codelist_at(shelf, ref))}


def codes_left(flow: Flow, component: str, codelist: ItemScheme, constraints: Iterable[Constraint]) -> set[str]:
    table = pl.DataFrame({component: list(codelist.ids)}, schema={component: pl.String})
    wrong = pl.repeat(value=False, n=table.height, dtype=pl.Boolean, eager=True)
    for constraint in constraints:
        for refusal in refusals(flow, table, constraint):
            wrong |= refusal.wrong.fill_null(value=False)
    return set(table.filter(~wrong).get_column(component))


def flow_of(shelf: Shelf, structure: DataStructure) -> Flow:
    named = {component.id: component.codelist for component in structure.components if component.codelist}
    lists = {name: shelf.artefacts.get(ref) for name, ref in named.items()}
    dataflow = Dataflow(replace(structure.ref, kind="Dataflow"), structure.name, structure=structure.ref)
    codelists = {name: codelist for name, codelist in lists.items() if isinstance(codelist, ItemScheme)}
    return Flow(dataflow, structure, codelists=codelists, concepts={})


def codelist_at(shelf: Shelf, ref: Ref) -> tuple[str, ...]:
    codelist = shelf.artefacts.get(ref)
    return codelist.ids if isinstance(codelist, ItemScheme) else ()
