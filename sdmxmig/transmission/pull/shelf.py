"""The artefacts that may be asked for, and how they hang together."""

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
    """Artefacts by their names, with what each refers to (`children`) and what refers to it (`parents`)."""

    artefacts: Mapping[Ref, Artefact]

    @functools.cached_property
    def children(self) -> Mapping[Ref, frozenset[Ref]]:
        """The artefacts that each artefact refers to, as far as they are here."""
        return {ref: self.named_by(artefact) for ref, artefact in self.artefacts.items()}

    @functools.cached_property
    def parents(self) -> Mapping[Ref, frozenset[Ref]]:
        """The artefacts that refer to each artefact."""
        users: dict[Ref, set[Ref]] = {ref: set() for ref in self.artefacts}
        for ref, children in self.children.items():
            for child in children:
                users[child].add(ref)
        return {ref: frozenset(refs) for ref, refs in users.items()}

    @functools.cached_property
    def limits(self) -> Limits:
        """The constraints by what they are attached to."""
        return Limits(self.artefacts.values())

    @functools.cached_property
    def agencies(self) -> Mapping[str, Ref]:
        """The agency scheme in which each agency stands, by its full id."""
        return {
            item.id if ref.agency == "SDMX" else f"{ref.agency}.{item.id}": ref
            for ref, scheme in self.artefacts.items()
            if ref.kind == "AgencyScheme"
            for item in getattr(scheme, "items", ())
        }

    def named_by(self, artefact: Artefact) -> frozenset[Ref]:
        """The artefacts here that an artefact refers to, itself not among them."""
        named = {self.resolved(ref.scheme) for ref in references(artefact)}
        return frozenset(ref for ref in named if ref is not None and ref != artefact.ref)

    def resolved(self, ref: Ref) -> Ref | None:
        """The name of the artefact here that a reference means, whose version may be open; None if there is none."""
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
    """Whether an artefact is of the kinds, agencies and ids that are meant."""
    return (
        (not wanted.kinds or ref.kind in wanted.kinds)
        and (not wanted.agencies or ref.agency in wanted.agencies)
        and (not wanted.ids or ref.id in wanted.ids)
    )


def has_role(artefact: Artefact, role: str) -> bool:
    """Whether an artefact has this role, if one is meant, that of a constraint."""
    return not role or (isinstance(artefact, Constraint) and artefact.role == role)


def chosen(patterns: Iterable[VersionPattern], versions: Iterable[str]) -> set[str]:
    """Those of the versions that one of the patterns means; all where there is no pattern."""
    there = list(versions)
    all_patterns = tuple(patterns)
    return {version for pattern in all_patterns for version in pattern.chosen(there)} if all_patterns else set(there)
