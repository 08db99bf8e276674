"""Registrations of data and metadata at a registry.

Actions: ``I`` information, ``A`` append, ``M`` merge, ``R`` replace, ``D`` delete.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import CubeRegion, KeySet
from sdmxmig.sdmx.model.submission import Note


@dataclass(frozen=True, slots=True)
class Status:
    """The result of a request: ``Success``, ``Warning`` or ``Failure``."""

    status: str
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Registration:
    """Registered data or metadata: agreement and location.

    `sources` are pairs as in `Constraint`: ``simple``, ``rest``, ``soap``, ``rest+soap``, then ``wsdl`` or ``wadl``.
    Flags control indexing.
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
    requests: tuple[RegistrationRequest, ...]


@dataclass(frozen=True, slots=True)
class RegistrationResult:
    registration: Registration
    status: Status


@dataclass(frozen=True, slots=True)
class RegistrationAnswer:
    results: tuple[RegistrationResult, ...]


@dataclass(frozen=True, slots=True)
class RegistrationQuery:
    """A query for registrations: ``DataSets``, ``MetadataSets`` or ``AllSets``.

    `about` None means all.
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
