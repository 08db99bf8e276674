"""Data of agencies: fetch, read and save for comparison."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sdmxmig.catalogue.agencies import DATA, STRUCTURES, AnswerFormat, WebService, find_agency_service, read_services
from sdmxmig.catalogue.folders import list_search_path
from sdmxmig.conversion.translation import translate
from sdmxmig.io.edited_toml import format_entry
from sdmxmig.io.network import find_host
from sdmxmig.io.publishing.files import publish_file
from sdmxmig.primitives.errors import SdmxmigError, UnknownStructure, check_known, did_you_mean
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.exchange import find_format, read_structures
from sdmxmig.sdmx.formats import FORMATS, data_bytes, join_blocks
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.maps import StructureMap
from sdmxmig.transmission.pull.negotiation import OFFERS
from sdmxmig.transmission.retrieval.addresses import (
    RESOURCE_NAMES,
    DataQuery,
    Query,
    ServiceQuery,
    StructureQuery,
    build_request,
)
from sdmxmig.transmission.retrieval.fetching import Fetched, fetch, find_message
from sdmxmig.transmission.retrieval.round_trip import select_query
from sdmxmig.transmission.retrieval.service_requests import RequestSettings
from sdmxmig.workspace.folder import COMPARISONS
from sdmxmig.workspace.tasks.history import Step, record_changes
from sdmxmig.workspace.tasks.messages import find_flows, read_message_datasets
from sdmxmig.workspace.tasks.new_workspace import find_state_folder
from sdmxmig.workspace.tasks.outside_data import list_domains
from sdmxmig.workspace.tasks.progress_listener import SILENCE, ProgressListener
from sdmxmig.workspace.tasks.session import Session

FETCH_FOLDER = "fetched"
"""The cache folder for copies."""
API_VERSIONS = {"v1": 1, "v2": 2, "rest": 1, "2.1": 1, "3.0": 2}
FIRST_FORMATS = {
    1: {DATA: "sdmx-ml-2.1", STRUCTURES: "sdmx-ml-2.1"},
    2: {DATA: "sdmx-csv-2.0", STRUCTURES: "sdmx-ml-3.0"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchOptions:
    """Options for fetching: `address` and `api` of a service that is not declared; `patience` in seconds."""

    address: str = ""
    api: int = 0
    is_private: bool = False
    credential: str = ""
    format: str = ""
    is_offline: bool = False
    patience: float = 600.0


DEFAULT_OPTIONS = FetchOptions()


def read_known_services(workspace: Path | None = None) -> dict[str, WebService]:
    return read_services(list_search_path("structures", workspace))


def prepare_request(query: Query, how: FetchOptions = DEFAULT_OPTIONS, workspace: Path | None = None) -> ServiceQuery:
    service = (
        describe_service(how, query.agency)
        if how.address
        else find_service(query.agency, read_known_services(workspace))
    )
    return replace(build_request(query, service, how.format), credential=how.credential, is_private=service.is_private)


def find_service(agency: str, known: Mapping[str, WebService]) -> WebService:
    service = find_agency_service(agency, known.values())
    if service is None:
        hint = f"{did_you_mean(agency, known)} Or name the address of one with --from."
        raise SdmxmigError(f"No web service of “{agency}” is declared.", hint=hint.strip())
    return service


def hide_user(address: str) -> str:
    """Remove user name and password from an address for display.

    >>> hide_user("https://name:secret@example.org/rest/v2")
    'https://example.org/rest/v2'
    """
    scheme, mark, rest = address.rpartition("://")
    authority, slash, path = rest.partition("/")
    return f"{scheme}{mark}{authority.rpartition('@')[2]}{slash}{path}"


def describe_service(how: FetchOptions, agency: str) -> WebService:
    address = how.address.rstrip("/")
    if not find_host(address):
        raise SdmxmigError(f"“{address}” is not an address of a service.", hint="Write https://host/path.")
    api = how.api or API_VERSIONS.get(address.rpartition("/")[2], 0)
    if api not in FIRST_FORMATS:
        message = "The address does not show the version of its REST API."
        raise SdmxmigError(message, Place(hide_user(how.address)), "Set --api to 1 or 2.")
    forms = {resource: list_formats(api, resource) for resource in RESOURCE_NAMES}
    return WebService(
        agency,
        Text.of(en=agency),
        address=address,
        api=api,
        data=forms[DATA],
        structures=forms[STRUCTURES],
        is_private=how.is_private,
    )


def list_formats(api: int, resource: str) -> tuple[AnswerFormat, ...]:
    first = FIRST_FORMATS[api][resource]
    names = dict.fromkeys([first, *(offer.format for offer in OFFERS[api, RESOURCE_NAMES[resource]])])
    return tuple(map(AnswerFormat, names))


def prepare_means(how: FetchOptions, listener: ProgressListener) -> RequestSettings:
    authorities = os.environ.get("SSL_CERT_FILE", "")
    return RequestSettings(
        folder=find_state_folder() / FETCH_FOLDER,
        say=listener.say,
        patience=how.patience,
        is_offline=how.is_offline,
        authorities=Path(authorities) if authorities else None,
    )


def get(
    query: Query,
    how: FetchOptions = DEFAULT_OPTIONS,
    *,
    workspace: Path | None = None,
    listener: ProgressListener = SILENCE,
) -> Fetched:
    return fetch(prepare_request(query, how, workspace), prepare_means(how, listener))


def read_fetched_datasets(
    fetched: Fetched, query: DataQuery, session: Session, how: FetchOptions = DEFAULT_OPTIONS
) -> Sequence[Dataset]:
    if fetched.path is None:
        return ()
    name, content = find_message(fetched)
    try:
        return read_message_datasets(name, content, session.catalogue.flows)
    except UnknownStructure:
        structures = StructureQuery(
            agency=query.agency, kind="dataflow", id=query.flow, version=query.version, references="descendants"
        )
        followed = get(
            structures, replace(how, format=""), workspace=session.workspace.folder, listener=session.listener
        )
        artefacts = read_structures(*find_message(followed))
        return read_message_datasets(name, content, find_flows(session.catalogue, artefacts))


TABLE_FORMAT = "sdmx-csv-2.0"
UNSAFE_CHARACTERS = re.compile(r"[^A-Za-z0-9_-]+")


def fetch_comparison_data(session: Session, query: DataQuery, domain: str, how: FetchOptions) -> Fetched:
    check_known("domain", domain, list_domains(session.catalogue.rules))
    return get(query, how, workspace=session.workspace.folder, listener=session.listener)


def save_comparison(
    session: Session,
    fetched: Fetched,
    query: DataQuery,
    domain: str,
    *,
    flow: str = "",
    how: FetchOptions = DEFAULT_OPTIONS,
) -> Path:
    """Save fetched data in ``comparisons/`` for rules of a `domain`, with a description file.

    `flow` translates by structure map; omissions are reported. Raises `SdmxmigError` for empty or unknown data.
    """
    datasets = read_fetched_datasets(fetched, query, session, how)
    if not datasets:
        raise SdmxmigError("There is nothing to save.", Place(fetched.asked.address), "Ask for other series or years.")
    published = join_blocks(list(datasets))
    check_requested(published, query, fetched)
    dataset, left_out = translate_to_flow(session, published, flow)
    check_known("dataflow", dataset.flow.id, session.catalogue.flows)
    is_as_it_came = len(datasets) == 1 and dataset is datasets[0]
    form = find_format(fetched.kept.format if is_as_it_came else TABLE_FORMAT)
    header = session.header("COMPARISON")
    content = find_message(fetched)[1] if is_as_it_came else data_bytes(FORMATS[TABLE_FORMAT], [dataset], header)
    stem = UNSAFE_CHARACTERS.sub("_", f"{query.agency}_{query.flow}_{domain}")
    folder = session.workspace.folder / COMPARISONS
    data = folder / f"{stem}{form.suffix}"
    lines = {
        "file": data.name,
        "flow": dataset.flow.id,
        "domain": domain,
        "provider": fetched.asked.service.name.in_language("en"),
        "source": f"dataflow {query.agency}:{query.flow}",
        "read": fetched.kept.fetched[:10],
        "address": fetched.kept.address,
        "fetched": fetched.kept.fetched,
        "sha256": hashlib.sha256(content).hexdigest(),
        "message": fetched.kept.sha256,
    }
    described = f"{format_entry('data', lines)}\n"
    command = f"sdmxmig get {query.agency} {query.flow} --save-as {domain}"
    with record_changes(session.workspace.folder, Step(what="get", command=command, at=session.prepared)):
        publish_file(data, content, "workspace")
        publish_file(data.with_suffix(".toml"), described.encode(), "workspace")
    for sentence in left_out:
        session.say(f"! {sentence}")
    return data


def check_requested(dataset: Dataset, query: DataQuery, fetched: Fetched) -> None:
    rows = dataset.observations
    strangers = rows.height - select_query(rows, dataset.flow, replace(query, start="", end="")).height
    if strangers:
        message = f"The answer contains series that were not requested. Their observations: {strangers}."
        hint = "Ask for all series, or look up the key at the service."
        raise SdmxmigError(message, Place(fetched.asked.address), hint)


def translate_to_flow(session: Session, dataset: Dataset, flow: str) -> tuple[Dataset, tuple[str, ...]]:
    if not flow or dataset.flow.id == flow:
        return dataset, ()
    ours = session.catalogue.flow(flow).dataflow.ref
    theirs = dataset.flow.dataflow.ref
    for artefact in session.catalogue.artefacts.values():
        if isinstance(artefact, StructureMap) and (artefact.source, artefact.target) == (ours, theirs):
            translated, lost = translate(dataset, artefact, session.catalogue, back=True)
            return replace(translated, properties={}), tuple(map(str, lost))
    message = f"No structure map leads from {theirs.short} to {ours.short}."
    raise SdmxmigError(message, hint="Remove --flow, or declare a map in structures/maps/.")
