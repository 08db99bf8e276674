"""What is served: artefacts, the releases of each dataflow, and reference metadata."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sdmxmig.model.data import Flow
from sdmxmig.model.metadata import MetadataSet
from sdmxmig.model.references import Ref
from sdmxmig.model.structures import Agreement
from sdmxmig.model.submission import Header, Note, Party
from sdmxmig.pull.shelf import Shelf
from sdmxmig.pull.storage import StoredData

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


@dataclass(frozen=True, kw_only=True, eq=False)
class Holdings:
    """What is served, and in whose name.

    `releases` are those of each dataflow, the oldest first. `edition` changes whenever anything of it changes,
    `changed` is when it last did. `notes` tell what is not served, and why.
    """

    shelf: Shelf
    releases: Mapping[Ref, tuple[Release, ...]]
    metadata: tuple[MetadataSet, ...] = ()
    sender: Party
    is_test: bool = False
    edition: str = ""
    changed: datetime = DAWN
    notes: tuple[str, ...] = ()

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
