"""What is served: artefacts, the releases of each dataflow, reference metadata; today, and as it was at a moment."""

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
"""Since when there is what nobody dated."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Release:
    """The data of a dataflow as they were sealed in a submission (`id`) at a moment."""

    id: str
    prepared: datetime
    data: StoredData

    @property
    def flow(self) -> Flow:
        """The dataflow with its structure."""
        return self.data.flow


Standing = tuple[Sequence[Artefact], Sequence[MetadataSet]]
"""The artefacts and the metadata sets that stood at a moment."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Snapshot:
    """The structures and reference metadata that stood when a submission was sealed.

    `flows` are the URNs of the dataflows whose data were sealed with it; `read` gives what stood, when it is asked for.
    """

    prepared: datetime
    flows: frozenset[str]
    read: Callable[[], Standing]


@dataclass(frozen=True, kw_only=True, eq=False)
class Holdings:
    """What is served, and in whose name.

    `releases` are those of each dataflow, the oldest first, and so are the `snapshots`. `edition` changes whenever
    anything of it changes, `changed` is when it last did. `notes` tell what is not served, and why. Where this is what
    was served once, `moment` is when it was sealed.
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
        """The agreements under which data may be asked for."""
        artefacts = self.shelf.artefacts.values()
        return tuple(
            artefact
            for artefact in artefacts
            if isinstance(artefact, Agreement) and artefact.ref.kind == "ProvisionAgreement"
        )

    def header(self, name: str, notes: Iterable[Note] = ()) -> Header:
        """The header of an answer; the same answer always has the same one."""
        return Header(
            name,
            self.changed.isoformat(timespec="seconds"),
            sender=self.sender,
            test=self.is_test,
            notes=tuple(notes),
        )

    def at(self, flow: Ref, moment: datetime | None) -> tuple[Release, ...]:
        """The releases of a dataflow up to a moment, the oldest first."""
        releases = self.releases.get(flow, ())
        return tuple(release for release in releases if moment is None or release.prepared <= moment)

    def standing_at(self, moment: datetime) -> tuple[Snapshot, ...]:
        """The snapshots that stood at a moment, the oldest first: of each dataflow the last one until then."""
        earlier = [snapshot for snapshot in self.snapshots if snapshot.prepared <= moment]
        superseded: set[str] = set()
        standing: list[Snapshot] = []
        for snapshot in reversed(earlier):
            if not standing or snapshot.flows - superseded:
                standing.append(snapshot)
            superseded |= snapshot.flows
        return tuple(reversed(standing))

    def as_of(self, moment: datetime) -> Holdings:
        """What was served at a moment, as far as it was sealed: of what stands in several seals, the last one holds.

        Raises `NotAnswered` if nothing was sealed until then.
        """
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
