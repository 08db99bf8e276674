"""Artefacts and their references."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from sdmxmig.catalogue.constraints import Limits, known
from sdmxmig.quality.rules.constraints import refusals
from sdmxmig.sdmx.model.artefacts import ItemScheme
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.data_structures import Dataflow, DataStructure
from sdmxmig.sdmx.model.dependencies import references
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Artefact, Constraint
from sdmxmig.transmission.pull.questions import Wanted
from sdmxmig.transmission.pull.version_patterns import VersionPattern


@dataclass(frozen=True, eq=False)
class Shelf:
    """Artefacts with `children` and `parents`."""

    artefacts: Mapping[Ref, Artefact]

    @functools.cached_property
    def children(self) -> Mapping[Ref, frozenset[Ref]]:
        return {ref: self.named_by(artefact) for ref, artefact in self.artefacts.items()}

    @functools.cached_property
    def parents(self) -> Mapping[Ref, frozenset[Ref]]:
        users: dict[Ref, set[Ref]] = {ref: set() for ref in self.artefacts}
        for ref, children in self.children.items():
            for child in children:
                users[child].add(ref)
        return {ref: frozenset(refs) for ref, refs in users.items()}

    @functools.cached_property
    def limits(self) -> Limits:
        return Limits(self.artefacts.values())

    @functools.cached_property
    def agencies(self) -> Mapping[str, Ref]:
        return {
            item.id if ref.agency == "SDMX" else f"{ref.agency}.{item.id}": ref
            for ref, scheme in self.artefacts.items()
            if ref.kind == "AgencyScheme"
            for item in getattr(scheme, "items", ())
        }

    def named_by(self, artefact: Artefact) -> frozenset[Ref]:
        named = {self.resolved(ref.scheme) for ref in references(artefact)}
        return frozenset(ref for ref in named if ref is not None and ref != artefact.ref)

    def resolved(self, ref: Ref) -> Ref | None:
        artefact = known(self.artefacts, ref)
        return artefact.ref if artefact else None

    def matching(self, wanted: Wanted) -> list[Artefact]:
        """The artefacts that are meant, in the order of their names."""
        versions: dict[tuple[str, str, str], list[str]] = {}
        for ref, artefact in self.artefacts.items():
            if fits(ref, wanted) and has_role(artefact, wanted.role):
                versions.setdefault((ref.kind, ref.agency, ref.id), []).append(ref.version)
        refs = [
            Ref(kind, agency, id=name, version=version)
            for (kind, agency, name), there in versions.items()
            for version in chosen(wanted.versions, there)
        ]
        return [self.artefacts[ref] for ref in sorted(refs)]


def fits(ref: Ref, wanted: Wanted) -> bool:
    return (
        (not wanted.kinds or ref.kind in wanted.kinds)
        and (not wanted.agencies or ref.agency in wanted.agencies)
        and (not wanted.ids or ref.id in wanted.ids)
    )


def has_role(artefact: Artefact, role: str) -> bool:
    return not role or (isinstance(artefact, Constraint) and artefact.role == role)


def chosen(patterns: Iterable[VersionPattern], versions: Iterable[str]) -> set[str]:
    there = list(versions)
    all_patterns = tuple(patterns)
    return {version for pattern in all_patterns for version in pattern.chosen(there)} if all_patterns else set(there)


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
