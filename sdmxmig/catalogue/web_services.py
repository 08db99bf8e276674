"""Web services in ``structures/services/``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from sdmxmig.catalogue.agencies import origin_of
from sdmxmig.catalogue.reading import declared_in
from sdmxmig.primitives.blanks import blanks
from sdmxmig.primitives.errors import DeclarationError, check_known
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.web_services import (
    APIS,
    DATA,
    RESOURCES,
    STRUCTURES,
    AnswerFormat,
    Preparation,
    RateLimit,
    WebService,
)

FOLDER = "services"


def read_services(folders: Sequence[Path]) -> dict[str, WebService]:
    """Read web services; raises `DeclarationError`."""
    services = [read_service(declared) for declared in declared_in(folders, FOLDER)]
    return {service.id: service for service in services}


def read_service(declared: Declared) -> WebService:
    """Read a web service: keys of `WebService`, ``[[limit]]``, ``source``."""
    api = declared.integer("api")
    if api not in APIS:
        raise DeclarationError(f"{api} is no generation of the SDMX REST API.", declared.at("api"), "Write 1 or 2.")
    service = WebService(
        declared.text("id"),
        declared.texts("name", required=True),
        address=declared.text("address").rstrip("/"),
        api=api,
        client=declared.text("client", ""),
        agencies=declared.strings("agencies"),
        data=tuple(map(format_of, declared.tables(DATA))),
        structures=tuple(map(format_of, declared.tables(STRUCTURES))),
        limits=dict(map(limit_of, declared.tables("limit"))),
        preparation=preparation_of(declared.table("preparation")) if "preparation" in declared.values else None,
        is_private=declared.flag("private", default=False),
        place=declared.place,
        **origin_of(declared),
    )
    declared.close()
    for resource in RESOURCES:
        if not service.formats(resource):
            hint = f"Write [[{resource}]] with the format in which it answers."
            raise DeclarationError(f"No format of {resource} is named.", declared.at(resource), hint)
    return service


def format_of(declared: Declared) -> AnswerFormat:
    form = AnswerFormat(
        declared.text("format"), declared.text("accept", ""), parameters=declared.table("parameters").pairs()
    )
    declared.close()
    return form


def limit_of(declared: Declared) -> tuple[str, RateLimit]:
    resource = declared.text("of")
    check_known("kind of question", resource, RESOURCES, declared.at("of"))
    limit = RateLimit(declared.integer("count"), declared.integer("seconds"), **origin_of(declared))
    declared.close()
    if limit.count < 1 or limit.seconds < 1:
        hint = "Write how many questions are allowed in how many seconds."
        raise DeclarationError("Such a limit lets nothing through.", declared.place, hint)
    return resource, limit


def preparation_of(declared: Declared) -> Preparation:
    preparation = Preparation(
        declared.text("state"), declared.text("answer"), every=declared.integer("every"), **origin_of(declared)
    )
    declared.close()
    for key in ("state", "answer"):
        if list(blanks(declared.text(key))) != ["id"]:
            raise DeclarationError(
                "The address has to hold the blank {id}, and no other.", declared.at(key), "Write {id} in its place."
            )
    if preparation.every < 1:
        raise DeclarationError("It cannot be asked all the time.", declared.at("every"), "Write a number of seconds.")
    return preparation


def service_for(agency: str, services: Iterable[WebService]) -> WebService | None:
    serving = [service for service in services if service.serves(agency)]
    return min(serving, key=lambda service: (service.id != agency, service.id), default=None)
