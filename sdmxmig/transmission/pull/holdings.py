"""Published content, now or at an earlier time: artefacts, references and data."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import polars as pl

from sdmxmig.catalogue.constraints import Limits, find_known
from sdmxmig.quality.rules.constraints import list_refusals
from sdmxmig.sdmx.model.artefacts import ItemScheme, iterate_references
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.data_structures import Dataflow, DataStructure
from sdmxmig.sdmx.model.metadata import MetadataSet
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Agreement, Artefact, Constraint
from sdmxmig.sdmx.model.submission import Header, Note, Party
from sdmxmig.transmission.pull.queries import ArtefactQuery, VersionPattern, unknown
from sdmxmig.transmission.pull.storage import StoredData


@dataclass(frozen=True, eq=False)
class ArtefactCollection:
    """Artefacts with their references (`children`, `parents`)."""

    artefacts: Mapping[Ref, Artefact]

    @functools.cached_property
    def children(self) -> Mapping[Ref, frozenset[Ref]]:
        return {ref: self.list_named(artefact) for ref, artefact in self.artefacts.items()}

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

    def list_named(self, artefact: Artefact) -> frozenset[Ref]:
        named = {self.resolve_reference(ref.scheme) for ref in iterate_references(artefact)}
        return frozenset(ref for ref in named if ref is not None and ref != artefact.ref)

    def resolve_reference(self, ref: Ref) -> Ref | None:
        artefact = find_known(self.artefacts, ref)
        return artefact.ref if artefact else None

    def matching(self, wanted: ArtefactQuery) -> list[Artefact]:
        of_role = (ref for ref, artefact in self.artefacts.items() if has_role(artefact, wanted.role))
        return [self.artefacts[ref] for ref in sorted(choose_refs(of_role, wanted))]


def is_wanted(ref: Ref, wanted: ArtefactQuery) -> bool:
    return (
        (not wanted.kinds or ref.kind in wanted.kinds)
        and (not wanted.agencies or ref.agency in wanted.agencies)
        and (not wanted.ids or ref.id in wanted.ids)
    )


def choose_refs(refs: Iterable[Ref], wanted: ArtefactQuery) -> set[Ref]:
    """Return the wanted versions of each wanted artefact."""
    versions: dict[Ref, list[str]] = {}
    for ref in refs:
        if is_wanted(ref, wanted):
            versions.setdefault(replace(ref, version=""), []).append(ref.version)
    return {
        replace(ref, version=version)
        for ref, there in versions.items()
        for version in choose_versions(wanted.versions, there)
    }


def has_role(artefact: Artefact, role: str) -> bool:
    return not role or (isinstance(artefact, Constraint) and artefact.role == role)


def choose_versions(patterns: Iterable[VersionPattern], versions: Iterable[str]) -> set[str]:
    there = list(versions)
    all_patterns = tuple(patterns)
    return {version for pattern in all_patterns for version in pattern.chosen(there)} if all_patterns else set(there)


def index_allowed_codes(
    collection: ArtefactCollection, structure: DataStructure, flows: Sequence[Ref]
) -> dict[Ref, set[str]]:
    on_structure = collection.limits.on(structure.ref)
    sets_of_constraints = [(*on_structure, *collection.limits.on(flow)) for flow in flows] or [on_structure]
    if not any(sets_of_constraints):
        return {}
    flow = build_flow(collection, structure)
    left: dict[Ref, set[str]] = {}
    for component in structure.components:
        codelist = flow.codelist(component)
        if codelist is None:
            continue
        codes = set[str]().union(
            *(collect_codes_left(flow, component.id, codelist, constraints) for constraints in sets_of_constraints)
        )
        left[codelist.ref] = left.get(codelist.ref, set()) | codes
    return {ref: codes for ref, codes in left.items() if len(codes) < len(list_codes(collection, ref))}


def collect_codes_left(flow: Flow, component: str, codelist: ItemScheme, constraints: Iterable[Constraint]) -> set[str]:
    table = pl.DataFrame({component: list(codelist.ids)}, schema={component: pl.String})
    wrong = pl.repeat(value=False, n=table.height, dtype=pl.Boolean, eager=True)
    for constraint in constraints:
        for refusal in list_refusals(flow, table, constraint):
            wrong |= refusal.wrong.fill_null(value=False)
    return set(table.filter(~wrong).get_column(component))


def build_flow(collection: ArtefactCollection, structure: DataStructure, dataflow: Dataflow | None = None) -> Flow:
    named = {component.id: component.codelist for component in structure.components if component.codelist}
    lists = {name: collection.artefacts.get(ref) for name, ref in named.items()}
    dataflow = dataflow or Dataflow(replace(structure.ref, kind="Dataflow"), structure.name, structure=structure.ref)
    codelists = {name: codelist for name, codelist in lists.items() if isinstance(codelist, ItemScheme)}
    return Flow(dataflow, structure, codelists=codelists, concepts={})


def list_codes(collection: ArtefactCollection, ref: Ref) -> tuple[str, ...]:
    codelist = collection.artefacts.get(ref)
    return codelist.ids if isinstance(codelist, ItemScheme) else ()


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Release:
    id: str
    prepared: datetime
    data: StoredData

    @property
    def flow(self) -> Flow:
        return self.data.flow


StructuresAndMetadata = tuple[Sequence[Artefact], Sequence[MetadataSet]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Snapshot:
    """Structures and metadata at the time of sealing; `read` is lazy."""

    prepared: datetime
    flows: frozenset[str]
    read: Callable[[], StructuresAndMetadata]


@dataclass(frozen=True, kw_only=True, eq=False)
class Holdings:
    """All published content.

    `releases` and `snapshots` are oldest first. `edition` changes with the content; `notes` explain omissions; `moment`
    is set for past content.
    """

    collection: ArtefactCollection
    releases: Mapping[Ref, tuple[Release, ...]]
    metadata: tuple[MetadataSet, ...] = ()
    sender: Party
    is_test: bool = False
    edition: str = ""
    changed: datetime = EPOCH
    notes: tuple[str, ...] = ()
    snapshots: tuple[Snapshot, ...] = ()
    moment: datetime | None = None

    @functools.cached_property
    def agreements(self) -> tuple[Agreement, ...]:
        artefacts = self.collection.artefacts.values()
        return tuple(
            artefact
            for artefact in artefacts
            if isinstance(artefact, Agreement) and artefact.ref.kind == "ProvisionAgreement"
        )

    def header(self, name: str, notes: Iterable[Note] = ()) -> Header:
        return Header(
            name, self.changed.isoformat(timespec="seconds"), sender=self.sender, test=self.is_test, notes=tuple(notes)
        )

    def at(self, flow: Ref, moment: datetime | None) -> tuple[Release, ...]:
        releases = self.releases.get(flow, ())
        return tuple(release for release in releases if moment is None or release.prepared <= moment)

    def list_snapshots(self, moment: datetime) -> tuple[Snapshot, ...]:
        earlier = [snapshot for snapshot in self.snapshots if snapshot.prepared <= moment]
        superseded: set[str] = set()
        standing: list[Snapshot] = []
        for snapshot in reversed(earlier):
            if not standing or snapshot.flows - superseded:
                standing.append(snapshot)
            superseded |= snapshot.flows
        return tuple(reversed(standing))

    def as_of(self, moment: datetime) -> Holdings:
        standing = self.list_snapshots(moment)
        if not standing:
            raise unknown("No structures were sealed until that moment.", "Use a later asOf, or leave it out.")
        artefacts: dict[Ref, Artefact] = {}
        sets: dict[Ref | None, MetadataSet] = {}
        for snapshot in standing:
            of_then, sets_of_then = snapshot.read()
            artefacts |= {artefact.ref: artefact for artefact in of_then}
            sets |= {each.ref: each for each in sets_of_then}
        last = standing[-1].prepared
        return replace(
            self, collection=ArtefactCollection(artefacts), metadata=tuple(sets.values()), changed=last, moment=last
        )
