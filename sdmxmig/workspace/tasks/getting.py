"""Data of agencies fetched and read."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sdmxmig.catalogue.folders import search_path
from sdmxmig.catalogue.web_services import read_services, service_for
from sdmxmig.primitives.errors import SdmxmigError, UnknownStructure, did_you_mean
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.exchange import read_structures
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.web_services import DATA, STRUCTURES, AnswerFormat, WebService
from sdmxmig.transmission.pull.negotiation import OFFERS
from sdmxmig.transmission.retrieval.addresses import RESOURCES, Asked, asked
from sdmxmig.transmission.retrieval.asking import Means
from sdmxmig.transmission.retrieval.clock import Clock
from sdmxmig.transmission.retrieval.fetching import Fetched, fetch, message_in
from sdmxmig.transmission.retrieval.queries import DataQuery, Query, StructureQuery
from sdmxmig.workspace.tasks.computing import datasets_in
from sdmxmig.workspace.tasks.messages import flows_among
from sdmxmig.workspace.tasks.recent_workspaces import state_folder
from sdmxmig.workspace.tasks.talk import SILENCE, Talk

if TYPE_CHECKING:
    from sdmxmig.sdmx.model.data import Dataset
    from sdmxmig.workspace.tasks.session import Session

FOLDER = "fetched"
"""Where copies lie, among what programs of this user remember."""
API_OF = {"v1": 1, "v2": 2, "rest": 1, "2.1": 1, "3.0": 2}
FIRST = {1: {DATA: "sdmx-ml-2.1", STRUCTURES: "sdmx-ml-2.1"}, 2: {DATA: "sdmx-csv-2.0", STRUCTURES: "sdmx-ml-3.0"}}


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """How to fetch: `address`, `api`, `credential`; `is_private` permits local addresses."""

    address: str = ""
    api: int = 0
    is_private: bool = False
    credential: str = ""
    format: str = ""
    is_offline: bool = False
    patience: float = 600.0


USUAL = How()


def services(workspace: Path | None = None) -> dict[str, WebService]:
    return read_services(search_path("structures", workspace))


def question(query: Query, how: How = USUAL, workspace: Path | None = None) -> Asked:
    service = service_at(how, query.agency) if how.address else declared_service(query.agency, services(workspace))
    return replace(asked(query, service, how.format), credential=how.credential, is_private=service.is_private)


def declared_service(agency: str, known: Mapping[str, WebService]) -> WebService:
    service = service_for(agency, known.values())
    if service is None:
        hint = f"{did_you_mean(agency, known)} Or name the address of one with --from."
        raise SdmxmigError(f"No web service of “{agency}” is declared.", hint=hint.strip())
    return service


def without_user(address: str) -> str:
    """An address as it may be shown: without a name and a password, which do not belong there.

    >>> without_user("https://name:secret@example.org/rest/v2")
    'https://example.org/rest/v2'
    """
    scheme, mark, rest = address.rpartition("://")
    authority, slash, path = rest.partition("/")
    return f"{scheme}{mark}{authority.rpartition('@')[2]}{slash}{path}"


def service_at(how: How, agency: str) -> WebService:
    address = how.address.rstrip("/")
    api = how.api or API_OF.get(address.rpartition("/")[2], 0)
    if api not in FIRST:
        message = "The address does not say which REST API is spoken there."
        raise SdmxmigError(message, Place(without_user(how.address)), "Say it with --api: 1 or 2.")
    forms = {resource: formats_of(api, resource) for resource in RESOURCES}
    return WebService(
        agency,
        Text.of(en=agency),
        address=address,
        api=api,
        data=forms[DATA],
        structures=forms[STRUCTURES],
        is_private=how.is_private,
    )


def formats_of(api: int, resource: str) -> tuple[AnswerFormat, ...]:
    first = FIRST[api][resource]
    names = dict.fromkeys([first, *(offer.format for offer in OFFERS[api, RESOURCES[resource]])])
    return tuple(map(AnswerFormat, names))


def means_of(how: How, talk: Talk = SILENCE) -> Means:
    authorities = os.environ.get("SSL_CERT_FILE", "")
    return Means(
        folder=state_folder() / FOLDER,
        clock=Clock(),
        say=talk.say,
        patience=how.patience,
        is_offline=how.is_offline,
        authorities=Path(authorities) if authorities else None,
    )


def get(query: Query, how: How = USUAL, *, workspace: Path | None = None, talk: Talk = SILENCE) -> Fetched:
    """Fetch published content or its copy; raises `SdmxmigError`."""
    return fetch(question(query, how, workspace), means_of(how, talk))


def datasets_of(fetched: Fetched, query: DataQuery, session: Session, how: How = USUAL) -> Sequence[Dataset]:
    if fetched.path is None:
        return ()
    name, content = message_in(fetched)
    try:
        return datasets_in(name, content, session.catalogue.flows)
    except UnknownStructure:
        structures = StructureQuery(
            agency=query.agency, kind="dataflow", id=query.flow, version=query.version, references="descendants"
        )
        followed = get(structures, replace(how, format=""), workspace=session.workspace.folder, talk=session.talk)
        artefacts = read_structures(*message_in(followed))
        return datasets_in(name, content, flows_among(session.catalogue, artefacts))
