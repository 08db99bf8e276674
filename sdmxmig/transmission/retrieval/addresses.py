"""Query addresses of web services, by sdmx1 or the REST API."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from sdmxmig.primitives.errors import SdmxmigError, did_you_mean
from sdmxmig.sdmx.model.web_services import DATA, STRUCTURES, AnswerFormat, WebService
from sdmxmig.transmission.pull.negotiation import OFFERS
from sdmxmig.transmission.retrieval.queries import DataQuery, Key, Query, StructureQuery
from sdmxmig.transmission.retrieval.sdmx1_addresses import address_by_sdmx1

MOST_KEYS = 200
"""API 2.x knows no alternatives in a key: keys are written out, up to so many."""
SAFE = "@$,+.*~/"
RESOURCES = {DATA: "data", STRUCTURES: "structure"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """An outgoing query: address and ``Accept``.

    `is_private` permits local addresses.
    """

    service: WebService
    resource: str
    address: str
    accept: str
    format: str
    credential: str = ""
    is_private: bool = False


def asked(query: Query, service: WebService, format_id: str = "") -> Asked:
    """Build a query; raises `SdmxmigError` for unsupported formats and queries."""
    resource = DATA if isinstance(query, DataQuery) else STRUCTURES
    form = format_named(service, resource, format_id)
    if service.client:
        address = address_by_sdmx1(query, service)
    else:
        path, parameters = (in_api_1 if service.api == 1 else in_api_2)(query)
        address = with_parameters(f"{service.address}/{quote(path, safe=SAFE)}", parameters)
    return Asked(
        service=service,
        resource=resource,
        address=with_parameters(address, form.parameters),
        accept=form.accept or media_type(form.format, service.api, resource),
        format=form.format,
    )


def format_named(service: WebService, resource: str, format_id: str) -> AnswerFormat:
    forms = {form.format: form for form in service.formats(resource)}
    if not format_id:
        return service.formats(resource)[0]
    if format_id not in forms:
        message = f"{service.id} is not known to give {resource} in “{format_id}”."
        raise SdmxmigError(message, hint=did_you_mean(format_id, forms))
    return forms[format_id]


def media_type(format_id: str, api: int, resource: str) -> str:
    """The media type that SDMX has for a format.

    >>> media_type("sdmx-csv-1.0", 1, "data")
    'application/vnd.sdmx.data+csv;version=1.0.0'
    """
    offers = (offer for offer in OFFERS[api, RESOURCES[resource]] if offer.format == format_id)
    offer = next(offers, None)
    if offer is None:
        raise SdmxmigError(f"There is no media type for {resource} in “{format_id}”.")
    return f"{offer.media_type};version={offer.version}"


def with_parameters(address: str, parameters: Mapping[str, str]) -> str:
    if not parameters:
        return address
    return f"{address}{'&' if '?' in address else '?'}{urlencode(parameters, safe=':+')}"


def in_api_1(query: Query) -> tuple[str, dict[str, str]]:
    if isinstance(query, StructureQuery):
        path = f"{query.kind}/{query.agency}/{query.id or 'all'}/{query.version or 'latest'}"
        return path, {"references": query.references}
    flow = ",".join(filter(None, (query.agency, query.flow, query.version)))
    bounds = {"startPeriod": query.start, "endPeriod": query.end}
    return f"data/{flow}/{key_in_api_1(query.key)}", {name: period for name, period in bounds.items() if period}


def key_in_api_1(key: Key) -> str:
    """A key as API 1.x writes it.

    >>> key_in_api_1((("A",), (), ("M", "F")))
    'A..M+F'
    """
    return ".".join("+".join(codes) for codes in key) if any(key) else "all"


def in_api_2(query: Query) -> tuple[str, dict[str, str]]:
    if isinstance(query, StructureQuery):
        path = f"structure/{query.kind}/{query.agency}/{query.id or '*'}/{query.version or '~'}"
        return path, {"references": query.references}
    path = f"data/dataflow/{query.agency}/{query.flow}/{query.version or '~'}/{key_in_api_2(query.key)}"
    conditions = [f"{operator}:{period}" for operator, period in (("ge", query.start), ("le", query.end)) if period]
    return path, {"c[TIME_PERIOD]": "+".join(conditions)} if conditions else {}


def key_in_api_2(key: Key) -> str:
    """A key as API 2.x writes it, which has no alternatives in it; raises `SdmxmigError` if that makes too many.

    >>> key_in_api_2((("A",), (), ("M", "F")))
    'A.*.M,A.*.F'
    """
    if not any(key):
        return "*"
    keys = list(itertools.islice(itertools.product(*(codes or ("*",) for codes in key)), MOST_KEYS + 1))
    if len(keys) > MOST_KEYS:
        raise SdmxmigError(f"These are more than {MOST_KEYS} keys.", hint="Ask for fewer codes at a time.")
    return ",".join(".".join(codes) for codes in keys)
