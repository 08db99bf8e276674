"""Registrations of data and metadata at a registry: how they are submitted, asked for and answered.

Actions are SDMX's letters: ``I`` information, ``A`` append, ``M`` merge, ``R`` replace, ``D`` delete.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import CubeRegion, KeySet
from sdmxmig.sdmx.model.submission import Note


@dataclass(frozen=True, slots=True)
class Status:
    """How a request went: ``Success``, ``Warning`` or ``Failure``, with the notes of the registry."""

    status: str
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Registration:
    """Data or metadata that a registry knows: under which agreement they are provided, and where they are.

    `sources` are pairs as those of `Constraint`: ``simple`` for a file, ``rest``, ``soap`` or ``rest+soap`` for a
    service, ``wsdl`` and ``wadl`` for what describes the service before. The registry gives the `id`. The flags say
    what it shall index.
    """

    agreement: Ref
    sources: tuple[tuple[str, str], ...]
    _: KW_ONLY
    id: str = ""
    valid_from: str = ""
    valid_to: str = ""
    last_updated: str = ""
    index_series: bool = False
    index_dataset: bool = False
    index_attributes: bool = False
    index_reporting_period: bool = False


@dataclass(frozen=True, slots=True)
class RegistrationRequest:
    """One registration and what to do with it."""

    registration: Registration
    action: str


@dataclass(frozen=True, slots=True)
class RegistrationSubmission:
    """Registrations that are to be added, replaced or deleted."""

    requests: tuple[RegistrationRequest, ...]


@dataclass(frozen=True, slots=True)
class RegistrationResult:
    """What became of one registration."""

    registration: Registration
    status: Status


@dataclass(frozen=True, slots=True)
class RegistrationAnswer:
    """What became of the registrations that were submitted."""

    results: tuple[RegistrationResult, ...]


@dataclass(frozen=True, slots=True)
class RegistrationQuery:
    """Which registrations are asked for: `sets` is ``DataSets``, ``MetadataSets`` or ``AllSets``.

    `about` is an agreement, provider, dataflow or metadataflow; None means all. `period`, `keys` and `regions` narrow
    the question; `with_constraints` asks for the constraints of what is found.
    """

    sets: str
    about: Ref | None = None
    _: KW_ONLY
    period: tuple[str, str] | None = None
    keys: tuple[KeySet, ...] = ()
    regions: tuple[CubeRegion, ...] = ()
    with_constraints: bool = False


@dataclass(frozen=True, slots=True)
class RegistrationFound:
    """One registration that was asked for; `is_series` says whether its series match, `is_metadata` what it holds."""

    registration: Registration
    is_series: bool = False
    _: KW_ONLY
    is_metadata: bool = False
    constraints: tuple[Ref, ...] = ()


@dataclass(frozen=True, slots=True)
class RegistrationsFound:
    """The registrations that were asked for."""

    status: Status
    found: tuple[RegistrationFound, ...] = ()
