"""Published content, now and as of a moment."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.metadata import MetadataSet
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Agreement, Artefact
from sdmxmig.sdmx.model.submission import Header, Note, Party
from sdmxmig.transmission.pull.refusals import unknown
from sdmxmig.transmission.pull.shelf import Shelf
from sdmxmig.transmission.pull.storage import StoredData

DAWN = datetime(1970, 1, 1, tzinfo=UTC)
"""The start of undated content."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Release:
    """A sealed release of a dataflow."""

    id: str
    prepared: datetime
    data: StoredData

    @property
    def flow(self) -> Flow:
        return self.data.flow


Standing = tuple[Sequence[Artefact], Sequence[MetadataSet]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Snapshot:
    """Structures and metadata at the time of a seal; `read` is lazy."""

    prepared: datetime
    flows: frozenset[str]
    read: Callable[[], Standing]


@dataclass(frozen=True, kw_only=True, eq=False)
class Holdings:
    """All published content.

    `releases` and `snapshots` are oldest first. `edition` changes with content; `notes` explain omissions; `moment` is
    set for the past.
    """

    shelf: Shelf
    releases: Mapping[Ref, tuple[Release, ...]]
    metadata: tuple[MetadataSet, ...] = ()
    sender: Party
    is_test: bool = False
    edition: str = ""
    changed: datetime = DAWN
    notes: tuple[str, ...] = ()
    snapshots: tuple[Snapshot, ...] = ()
    moment: datetime | None = None

    @functools.cached_property
    def agreements(self) -> tuple[Agreement, ...]:
        artefacts = self.shelf.artefacts.values()
        return tuple(
            artefact
            for artefact in artefacts
            if isinstance(artefact, Agreement) and artefact.ref.kind == "ProvisionAgreement"
        )

    def header(self, name: str, notes: Iterable[Note] = ()) -> Header:
        return Header(
            name,
            self.changed.isoformat(timespec="seconds"),
            sender=self.sender,
            test=self.is_test,
            notes=tuple(notes),
        )

    def at(self, flow: Ref, moment: datetime | None) -> tuple[Release, ...]:
        releases = self.releases.get(flow, ())
        return tuple(release for release in releases if moment is None or release.prepared <= moment)

    def standing_at(self, moment: datetime) -> tuple[Snapshot, ...]:
        earlier = [snapshot for snapshot in self.snapshots if snapshot.prepared <= moment]
        superseded: set[str] = set()
        standing: list[Snapshot] = []
        for snapshot in reversed(earlier):
            if not standing or snapshot.flows - superseded:
                standing.append(snapshot)
            superseded |= snapshot.flows
        return tuple(reversed(standing))

    def as_of(self, moment: datetime) -> Holdings:
        """Return the content at a moment; raises `NotAnswered` if too early."""
        standing = self.standing_at(moment)
        if not standing:
            raise unknown("No structures were sealed until that moment.", "Ask for a later one, or without asOf.")
        artefacts: dict[Ref, Artefact] = {}
        sets: dict[Ref | None, MetadataSet] = {}
        for snapshot in standing:
            of_then, sets_of_then = snapshot.read()
            artefacts |= {artefact.ref: artefact for artefact in of_then}
            sets |= {each.ref: each for each in sets_of_then}
        last = standing[-1].prepared
        return replace(self, shelf=Shelf(artefacts), metadata=tuple(sets.values()), changed=last, moment=last)
