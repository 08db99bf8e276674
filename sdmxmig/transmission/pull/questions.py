"""What may be asked: structures, data, which data there are, schemas, reference metadata, registrations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sdmxmig.transmission.pull.version_patterns import VersionPattern


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which artefacts are meant: their kinds, agencies, ids and versions; an empty tuple means any.

    `role` is that of constraints, where only those that allow or those that tell what there is are meant.
    """

    kinds: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    versions: tuple[VersionPattern, ...] = ()
    role: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StructureQuestion:
    """A question for artefacts: which, which of their items, in how much detail, and with which others.

    `references` are the words of the API (``none``, ``children`` …) or the kinds of artefacts around those that are
    meant.
    """

    wanted: Wanted
    items: tuple[str, ...] = ()
    detail: str = "full"
    references: tuple[str, ...] = ("none",)
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on a component: the operator of the API (``eq``, ``ge``, ``co`` …) and the value."""

    operator: str
    value: str


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter on a component: one of `choices` has to hold, each of which is some conditions that all have to hold."""

    component: str
    choices: tuple[tuple[Condition, ...], ...]


Key = tuple[tuple[str, ...], ...]
"""For each dimension in its order the codes that are meant; none of them: any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataQuestion:
    """A question for data: which flows, structures or agreements, which part of the cube, since when, and how laid out.

    `keys` are those of API 2.x, of which one has to fit, or the one of API 1.x, which names all dimensions
    (`is_whole_key`). `providers` are pairs of agency (may be empty) and id. `attributes` and `measures` are the words
    of the API or ids. `periods` are the first and last one asked for by API 1.x.
    """

    wanted: Wanted
    keys: tuple[Key, ...] = ()
    is_whole_key: bool = False
    providers: tuple[tuple[str, str], ...] = ()
    filters: tuple[Filter, ...] = ()
    periods: tuple[str, str] = ("", "")
    updated_after: datetime | None = None
    first: int | None = None
    last: int | None = None
    at_observation: str = ""
    attributes: tuple[str, ...] = ("dsd",)
    measures: tuple[str, ...] = ("all",)
    history: bool = False
    offset: int = 0
    limit: int | None = None
    sort: tuple[tuple[str, bool], ...] = ()
    as_of: datetime | None = None
    year_start: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AvailabilityQuestion:
    """A question which values the dimensions of some data have; `mode` is ``exact`` or ``available``."""

    data: DataQuestion
    components: tuple[str, ...] = ()
    references: tuple[str, ...] = ("none",)
    mode: str = "exact"


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaQuestion:
    """A question for what is valid in the context of a structure, flow or agreement."""

    wanted: Wanted
    at_observation: str = ""
    deletion: bool = False
    explicit: bool = False
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MetadataQuestion:
    """A question for metadata sets: those that are `wanted` themselves, follow such a flow, or describe such artefacts.

    `by` is ``metadataset``, ``metadataflow`` or ``structure``; `providers` are pairs of agency (may be empty) and id.
    In API 1.x the `key` of the data that are described may be said, and from when to when the `periods` are.
    """

    by: str
    wanted: Wanted
    providers: tuple[tuple[str, str], ...] = ()
    key: Key = ()
    periods: tuple[str, str] = ("", "")
    detail: str = "full"
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationQuestion:
    """A question what was registered: by id, provider, or what it is about, between two moments."""

    by: str
    wanted: Wanted = Wanted()
    id: str = ""
    providers: tuple[tuple[str, str], ...] = ()
    updated_after: datetime | None = None
    updated_before: datetime | None = None


OfMoment = StructureQuestion | SchemaQuestion | MetadataQuestion
"""What may be asked as it was at a moment (`as_of`), beside data."""
Question = (
    StructureQuestion | DataQuestion | AvailabilityQuestion | SchemaQuestion | MetadataQuestion | RegistrationQuestion
)
