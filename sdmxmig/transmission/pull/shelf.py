"""Artefacts and their references."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sdmxmig.catalogue.flow_constraints import Limits, known
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
