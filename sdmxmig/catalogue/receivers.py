"""Requirements of receivers of submissions (formats, names, deadlines), and the addresses of their web services."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field

from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.artefacts import Text

REFUSES, MAY_REFUSE = "refuses", "may refuse"
EFFECT_CODES = (REFUSES, MAY_REFUSE)
TRANSPORTS = ("folder", "upload", "registry", "dotstat", "sftp", "http")


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """A requirement of a receiver; `effect` is the consequence of not meeting it."""

    id: str
    kind: str
    says: Text
    effect: str = REFUSES
    parameters: Mapping[str, object] = field(default_factory=dict)
    status: str = "candidate"
    source: str = ""
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryTerm:
    """A deadline: months after the period, for dataflows with these prefixes (none: all)."""

    months: int
    flows: tuple[str, ...] = ()
    status: str = "candidate"
    source: str = ""


@dataclass(frozen=True, slots=True)
class Transport:
    kind: str
    note: Text = Text()
    status: str = "candidate"
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenAction:
    """An action that a receiver supports on its data: append, replace, merge or delete."""

    kind: str
    status: str = "candidate"
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agency:
    """An agency that receives submissions.

    `structure_format` and `metadata_format` are empty if unsupported. `file_name` may contain ``{flow}``, ``{dataset}``
    (the receiver's id), ``{area}``, ``{year}``, ``{period}`` (the last one), ``{prepared}`` (20260131), ``{suffix}``
    and ``{extension}``. `languages` is empty if unknown. `maps` convert data into its structures. `actions` default to
    replace.
    """

    id: str
    name: Text
    formats: tuple[str, ...]
    file_name: str
    structure_format: str = ""
    metadata_format: str = ""
    addressed_as: str = ""
    languages: tuple[str, ...] = ()
    areas: Mapping[str, str] = field(default_factory=dict)
    maps: tuple[str, ...] = ()
    terms: tuple[DeliveryTerm, ...] = ()
    transports: tuple[Transport, ...] = ()
    demands: tuple[Demand, ...] = ()
    actions: tuple[TakenAction, ...] = ()
    role: str = ""
    status: str = "candidate"
    source: str = ""
    place: Place | None = field(default=None, compare=False)


DATA, STRUCTURES = "data", "structures"
RESOURCE_KINDS = (DATA, STRUCTURES)
API_VERSIONS = (1, 2)
"""The generations of the SDMX REST API: 1.x and 2.x."""


@dataclass(frozen=True, slots=True)
class AnswerFormat:
    """A response format; `accept` empty means its SDMX media type."""

    format: str
    accept: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    count: int
    seconds: int
    status: str = "candidate"
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparation:
    """Polling of prepared answers: two addresses with ``{id}``, and an interval in seconds."""

    state: str
    answer: str
    every: int
    status: str = "candidate"
    source: str = ""


@dataclass(frozen=True, slots=True)
class WebService:
    """A web service, by agency id.

    `api` is the generation of SDMX REST. `client` is its sdmx1 id. ``X.*`` in `agencies` means all below X.
    `is_private` permits local addresses.
    """

    id: str
    name: Text
    _: KW_ONLY
    address: str
    api: int
    client: str = ""
    agencies: tuple[str, ...] = ()
    data: tuple[AnswerFormat, ...] = ()
    structures: tuple[AnswerFormat, ...] = ()
    limits: Mapping[str, RateLimit] = field(default_factory=dict)
    preparation: Preparation | None = None
    is_private: bool = False
    status: str = "candidate"
    source: str = ""
    place: Place | None = field(default=None, compare=False)

    def formats(self, resource: str) -> tuple[AnswerFormat, ...]:
        return self.data if resource == DATA else self.structures

    def serves(self, agency: str) -> bool:
        return agency == self.id or any(
            agency == name or (name.endswith(".*") and agency.startswith(name[:-1])) for name in self.agencies
        )
