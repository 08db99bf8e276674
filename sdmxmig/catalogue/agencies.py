"""Receiving agencies, declared in TOML."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from sdmxmig.primitives.blanks import blanks, filled
from sdmxmig.primitives.errors import DeclarationError, check_known, did_you_mean
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.delivery import ACTIONS
from sdmxmig.sdmx.model.maps import StructureMap
from sdmxmig.sdmx.model.receivers import (
    EFFECTS,
    REFUSES,
    TRANSPORTS,
    Agency,
    DeliveryTerm,
    Demand,
    TakenAction,
    Transport,
)
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Artefact
from sdmxmig.sdmx.statuses import checked_status

FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
FIELDS = ("flow", "dataset", "area", "year", "period", "prepared", "suffix", "extension")
STRUCTURES = "sdmx-ml-3.0"


def read_agency(declared: Declared) -> Agency:
    """Read an agency.

    Keys of `Agency`: ``formats``, ``structure_format``, ``metadata_format``, ``addressed_as``, ``file_name``,
    ``languages``, ``maps``, ``[areas]``, ``[[term]]``, ``[[transport]]``, ``[[action]]``, ``[[demand]]``, each with
    ``source`` and ``status``. Raises `DeclarationError`.
    """
    agency = Agency(
        declared.text("id"),
        declared.texts("name", required=True),
        formats=declared.strings("formats", None),
        structure_format=declared.text("structure_format", STRUCTURES),
        metadata_format=declared.text("metadata_format", ""),
        addressed_as=declared.text("addressed_as", ""),
        file_name=declared.text("file_name"),
        languages=declared.strings("languages"),
        areas=declared.table("areas").pairs(),
        maps=declared.strings("maps"),
        terms=tuple(map(term_of, declared.tables("term"))),
        transports=tuple(map(transport_of, declared.tables("transport"))),
        demands=tuple(map(demand_of, declared.tables("demand"))),
        actions=tuple(map(action_of, declared.tables("action"))),
        role=declared.text("role", ""),
        place=declared.place,
        **origin_of(declared),
    )
    declared.close()
    if not agency.formats:
        raise DeclarationError("No format of data is named.", declared.at("formats"), "Write at least one.")
    check_file_name(agency.file_name, declared)
    seen: set[str] = set()
    for demand in agency.demands:
        if demand.id in seen:
            raise DeclarationError(f"“{demand.id}” is demanded twice.", demand.place, "Give each demand an id.")
        seen.add(demand.id)
    return agency


def origin_of(declared: Declared) -> dict[str, str]:
    status = checked_status(declared.text("status"), declared.at("status"), passage=declared.text("passage", ""))
    return {"status": status, "source": declared.text("source")}


def term_of(declared: Declared) -> DeliveryTerm:
    term = DeliveryTerm(declared.integer("months"), declared.strings("flows"), **origin_of(declared))
    declared.close()
    return term


def transport_of(declared: Declared) -> Transport:
    kind = declared.text("kind")
    check_known("transport", kind, TRANSPORTS, declared.at("kind"))
    transport = Transport(kind, note=declared.texts("note"), **origin_of(declared))
    declared.close()
    return transport


def action_of(declared: Declared) -> TakenAction:
    kind = declared.text("kind")
    check_known("action", kind, ACTIONS, declared.at("kind"))
    action = TakenAction(kind, **origin_of(declared))
    declared.close()
    return action


def demand_of(declared: Declared) -> Demand:
    """One thing that the agency asks of a submission; its kind reads the parameters when it looks."""
    effect = declared.text("effect", REFUSES)
    check_known("effect", effect, EFFECTS, declared.at("effect"))
    demand = Demand(
        declared.text("id"),
        declared.text("kind"),
        says=declared.texts("says", required=True),
        effect=effect,
        parameters=declared.table("parameters").values,
        place=declared.place,
        **origin_of(declared),
    )
    declared.close()
    return demand


def check_file_name(pattern: str, declared: Declared) -> None:
    for field in blanks(pattern):
        if field not in FIELDS:
            raise DeclarationError(
                f"“{{{field}}}” is not a part of a file name.", declared.at("file_name"), did_you_mean(field, FIELDS)
            )
    if not FILE_NAME.fullmatch(filled(pattern, dict.fromkeys(FIELDS, "x"))):
        hint = "Write letters, digits, dots, hyphens and underscores, and parts such as {flow}."
        raise DeclarationError(f"“{pattern}” is not the name of a file.", declared.at("file_name"), hint)


def check_agencies(agencies: Iterable[Agency], artefacts: Mapping[Ref, Artefact]) -> None:
    maps = {ref.id for ref, artefact in artefacts.items() if isinstance(artefact, StructureMap)}
    for agency in agencies:
        for name in agency.maps:
            check_known("structure map", name, maps, agency.place)
