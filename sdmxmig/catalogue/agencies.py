"""Receiving agencies and the web services of ``structures/services/``, declared in TOML.

Agencies state their requirements (formats, names, deadlines); services state their addresses.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path

from sdmxmig.catalogue.reading import read_declared
from sdmxmig.primitives.errors import DeclarationError, check_known, did_you_mean
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.text import fill_message, list_placeholders
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.delivery import ACTIONS
from sdmxmig.sdmx.model.maps import StructureMap
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Artefact

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
    """A deadline in months after the period, for dataflows with these prefixes (empty: all)."""

    months: int
    flows: tuple[str, ...] = ()
    status: str = "candidate"
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportedKind:
    """A transport, or an action on its data (append, replace, merge or delete), that a receiver supports."""

    kind: str
    note: Text = Text()
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
    transports: tuple[SupportedKind, ...] = ()
    demands: tuple[Demand, ...] = ()
    actions: tuple[SupportedKind, ...] = ()
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
    """A response format; an empty `accept` means its SDMX media type."""

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
    """Polling for prepared answers: two addresses with ``{id}``, and an interval in seconds."""

    state: str
    answer: str
    every: int
    status: str = "candidate"
    source: str = ""


@dataclass(frozen=True, slots=True)
class WebService:
    """A web service, identified by agency.

    `api` is the major version of SDMX REST, `client` the id in sdmx1. ``X.*`` in `agencies` means all agencies below X.
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


FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
NAME_FIELDS = ("flow", "dataset", "area", "year", "period", "prepared", "suffix", "extension")
STRUCTURE_FORMAT = "sdmx-ml-3.0"


def read_agency(declared: Declared) -> Agency:
    """Read an agency.

    Keys of `Agency`: ``formats``, ``structure_format``, ``metadata_format``, ``addressed_as``, ``file_name``,
    ``languages``, ``maps``, ``[areas]``, ``[[term]]``, ``[[transport]]``, ``[[action]]``, ``[[demand]]``, each with
    ``source`` and ``status``. Raises `DeclarationError` if invalid.
    """
    agency = declared.read(
        Agency,
        structure_format=declared.text("structure_format", STRUCTURE_FORMAT),
        terms=tuple(term.read(DeliveryTerm, **read_origin(term)) for term in declared.tables("term")),
        transports=tuple(read_supported(entry, TRANSPORTS, what="transport") for entry in declared.tables("transport")),
        demands=tuple(map(read_demand, declared.tables("demand"))),
        actions=tuple(read_supported(entry, ACTIONS, what="action") for entry in declared.tables("action")),
        **read_origin(declared),
    )
    if not agency.formats:
        raise DeclarationError("The formats of data are missing.", declared.at("formats"), "Write at least one.")
    check_file_name(agency.file_name, declared)
    seen: set[str] = set()
    for demand in agency.demands:
        if demand.id in seen:
            raise DeclarationError(f"“{demand.id}” occurs twice.", demand.place, "Give each demand an id.")
        seen.add(demand.id)
    return agency


def read_origin(declared: Declared) -> dict[str, str]:
    status = declared.status()
    return {"status": status, "source": declared.text("source")}


def read_supported(declared: Declared, kinds: Collection[str], *, what: str) -> SupportedKind:
    check_known(what, declared.text("kind"), kinds, declared.at("kind"))
    return declared.read(SupportedKind, **read_origin(declared))


def read_demand(declared: Declared) -> Demand:
    check_known("effect", declared.text("effect", REFUSES), EFFECT_CODES, declared.at("effect"))
    return declared.read(Demand, **read_origin(declared))


def check_file_name(pattern: str, declared: Declared) -> None:
    for name in list_placeholders(pattern):
        if name not in NAME_FIELDS:
            raise DeclarationError(
                f"“{{{name}}}” is not a part of a file name.",
                declared.at("file_name"),
                did_you_mean(name, NAME_FIELDS),
            )
    if not FILE_NAME.fullmatch(fill_message(pattern, dict.fromkeys(NAME_FIELDS, "x"))):
        hint = "Write letters, digits, dots, hyphens and underscores, and parts such as {flow}."
        raise DeclarationError(f"“{pattern}” is not the name of a file.", declared.at("file_name"), hint)


def check_agencies(agencies: Iterable[Agency], artefacts: Mapping[Ref, Artefact]) -> None:
    maps = {ref.id for ref, artefact in artefacts.items() if isinstance(artefact, StructureMap)}
    for agency in agencies:
        for name in agency.maps:
            check_known("structure map", name, maps, agency.place)


SERVICES_FOLDER = "services"


def read_services(folders: Sequence[Path]) -> dict[str, WebService]:
    services = [read_service(declared) for declared in read_declared(folders, SERVICES_FOLDER)]
    return {service.id: service for service in services}


def read_service(declared: Declared) -> WebService:
    """Read a web service: keys of `WebService`, ``[[limit]]`` and ``source``."""
    api = declared.integer("api")
    if api not in API_VERSIONS:
        raise DeclarationError(f"{api} is not a version of the SDMX REST API.", declared.at("api"), "Write 1 or 2.")
    service = declared.read(
        WebService,
        address=declared.text("address").rstrip("/"),
        data=tuple(form.read(AnswerFormat) for form in declared.tables(DATA)),
        structures=tuple(form.read(AnswerFormat) for form in declared.tables(STRUCTURES)),
        limits=dict(map(read_limit, declared.tables("limit"))),
        preparation=read_preparation(declared.table("preparation")) if "preparation" in declared.values else None,
        is_private=declared.flag("private", default=False),
        **read_origin(declared),
    )
    for resource in RESOURCE_KINDS:
        if not service.formats(resource):
            hint = f"Write [[{resource}]] with its response format."
            raise DeclarationError(f"The formats of {resource} are missing.", declared.at(resource), hint)
    return service


def read_limit(declared: Declared) -> tuple[str, RateLimit]:
    resource = declared.text("of")
    check_known("kind of question", resource, RESOURCE_KINDS, declared.at("of"))
    limit = declared.read(RateLimit, **read_origin(declared))
    if limit.count < 1 or limit.seconds < 1:
        hint = "State how many requests are allowed in how many seconds."
        raise DeclarationError("This limit allows no requests.", declared.place, hint)
    return resource, limit


def read_preparation(declared: Declared) -> Preparation:
    preparation = declared.read(Preparation, **read_origin(declared))
    for key in ("state", "answer"):
        if list(list_placeholders(declared.text(key))) != ["id"]:
            raise DeclarationError(
                "The address must have one placeholder, {id}.", declared.at(key), "Write {id} where the id belongs."
            )
    if preparation.every < 1:
        raise DeclarationError(
            "The interval between requests is too short.", declared.at("every"), "Write a number of seconds."
        )
    return preparation


def find_agency_service(agency: str, services: Iterable[WebService]) -> WebService | None:
    serving = [service for service in services if service.serves(agency)]
    return min(serving, key=lambda service: (service.id != agency, service.id), default=None)
