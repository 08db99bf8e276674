"""Query addresses of web services, built by sdmx1 or by the rules of the REST API."""

from __future__ import annotations

import copy
import itertools
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from sdmxmig.catalogue.agencies import DATA, STRUCTURES, AnswerFormat, WebService
from sdmxmig.primitives import periods
from sdmxmig.primitives.errors import SdmxmigError, did_you_mean
from sdmxmig.primitives.lazily import import_lazily
from sdmxmig.transmission.pull.negotiation import OFFERS
from sdmxmig.transmission.pull.queries import KINDS_1, KINDS_2, REFERENCES_2

if TYPE_CHECKING:
    import sdmx
    from sdmx import source as sources
else:
    sdmx, sources = import_lazily("sdmx"), import_lazily("sdmx.source")


MAX_KEYS = 200
"""Maximum number of keys written out, since API 2.x has no alternatives in a key."""
SAFE_CHARACTERS = "@$,+.*~/"
RESOURCE_NAMES = {DATA: "data", STRUCTURES: "structure"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceQuery:
    """An outgoing query: address and ``Accept`` header; `is_private` permits local addresses."""

    service: WebService
    resource: str
    address: str
    accept: str
    format: str
    credential: str = ""
    is_private: bool = False


def build_request(query: Query, service: WebService, format_id: str = "") -> ServiceQuery:
    resource = DATA if isinstance(query, DataQuery) else STRUCTURES
    form = find_answer_format(service, resource, format_id)
    if service.client:
        address = build_address_by_sdmx1(query, service)
    else:
        path, parameters = (build_api_1_path if service.api == 1 else build_api_2_path)(query)
        address = add_parameters(f"{service.address}/{quote(path, safe=SAFE_CHARACTERS)}", parameters)
    return ServiceQuery(
        service=service,
        resource=resource,
        address=add_parameters(address, form.parameters),
        accept=form.accept or find_media_type(form.format, service.api, resource),
        format=form.format,
    )


def find_answer_format(service: WebService, resource: str, format_id: str) -> AnswerFormat:
    forms = {form.format: form for form in service.formats(resource)}
    if not format_id:
        return service.formats(resource)[0]
    if format_id not in forms:
        message = f"{service.id} is not declared to return {resource} in “{format_id}”."
        raise SdmxmigError(message, hint=did_you_mean(format_id, forms))
    return forms[format_id]


def find_media_type(format_id: str, api: int, resource: str) -> str:
    """Return the SDMX media type of a format.

    >>> find_media_type("sdmx-csv-1.0", 1, "data")
    'application/vnd.sdmx.data+csv;version=1.0.0'
    """
    offers = (offer for offer in OFFERS[api, RESOURCE_NAMES[resource]] if offer.format == format_id)
    offer = next(offers, None)
    if offer is None:
        raise SdmxmigError(f"There is no media type for {resource} in “{format_id}”.")
    return f"{offer.media_type};version={offer.version}"


def add_parameters(address: str, parameters: Mapping[str, str]) -> str:
    if not parameters:
        return address
    return f"{address}{'&' if '?' in address else '?'}{urlencode(parameters, safe=':+')}"


def build_api_1_path(query: Query) -> tuple[str, dict[str, str]]:
    if isinstance(query, StructureQuery):
        path = f"{query.kind}/{query.agency}/{query.id or 'all'}/{query.version or 'latest'}"
        return path, {"references": query.references}
    flow = ",".join(filter(None, (query.agency, query.flow, query.version)))
    bounds = {"startPeriod": query.start, "endPeriod": query.end}
    return f"data/{flow}/{write_key_in_api_1(query.key)}", {name: period for name, period in bounds.items() if period}


def write_key_in_api_1(key: Key) -> str:
    """Write a key in API 1.x notation.

    >>> write_key_in_api_1((("A",), (), ("M", "F")))
    'A..M+F'
    """
    return ".".join("+".join(codes) for codes in key) if any(key) else "all"


def build_api_2_path(query: Query) -> tuple[str, dict[str, str]]:
    if isinstance(query, StructureQuery):
        path = f"structure/{query.kind}/{query.agency}/{query.id or '*'}/{query.version or '~'}"
        return path, {"references": query.references}
    path = f"data/dataflow/{query.agency}/{query.flow}/{query.version or '~'}/{write_key_in_api_2(query.key)}"
    conditions = [f"{operator}:{period}" for operator, period in (("ge", query.start), ("le", query.end)) if period]
    return path, {"c[TIME_PERIOD]": "+".join(conditions)} if conditions else {}


def write_key_in_api_2(key: Key) -> str:
    """Write a key in API 2.x notation as keys without alternatives; raise `SdmxmigError` if too many.

    >>> write_key_in_api_2((("A",), (), ("M", "F")))
    'A.*.M,A.*.F'
    """
    if not any(key):
        return "*"
    keys = list(itertools.islice(itertools.product(*(codes or ("*",) for codes in key)), MAX_KEYS + 1))
    if len(keys) > MAX_KEYS:
        raise SdmxmigError(f"The query has more than {MAX_KEYS} keys.", hint="Ask for fewer codes at a time.")
    return ",".join(".".join(codes) for codes in keys)


CODE_PATTERN = re.compile(r"[A-Za-z0-9_@$\-]{1,200}", re.ASCII)
AGENCY_PATTERN = re.compile(r"[A-Za-z][A-Za-z0-9_\-]{0,99}(?:\.[A-Za-z][A-Za-z0-9_\-]{0,99}){0,9}", re.ASCII)
VERSION_PATTERN = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9}){0,2}(?:-[A-Za-z0-9.\-]{1,50})?", re.ASCII)
WILDCARDS = ("", "*", "all")
MAX_ADDRESS_LENGTH = 4_000
Key = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DataQuery:
    agency: str
    flow: str
    version: str = ""
    key: Key = ()
    start: str = ""
    end: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StructureQuery:
    """A structure query; `references` is ``none``, ``children``, ``descendants`` or ``all``."""

    agency: str
    kind: str
    id: str = ""
    version: str = ""
    references: str = "none"


Query = DataQuery | StructureQuery


def build_data_query(agency: str, dataflow: str, key: str = "", *, start: str = "", end: str = "") -> DataQuery:
    """Build a data query; `dataflow` may have a version: ``ID(VERSION)``. Raises `SdmxmigError` if invalid.

    >>> build_data_query("ESTAT", "MIGR_IMM1CTZ", "A.AT+BE..", start="2015").key
    (('A',), ('AT', 'BE'), (), ())
    """
    flow, _, version = dataflow.partition("(")
    check_shape("agency", agency, AGENCY_PATTERN)
    check_shape("dataflow", flow, CODE_PATTERN)
    if version:
        check_shape("version", version.removesuffix(")"), VERSION_PATTERN)
    for period in filter(None, (start, end)):
        if periods.parse(period) is None:
            raise SdmxmigError(f"“{period}” is not a period.", hint="Write a year or a part of one, such as 2019-Q3.")
    return DataQuery(
        agency=agency, flow=flow, version=version.removesuffix(")"), key=parse_key(key), start=start, end=end
    )


def parse_key(text: str) -> Key:
    """Parse a key: dimensions separated by points, alternatives by plus signs; empty means all."""
    if text in WILDCARDS:
        return ()
    if len(text) > MAX_ADDRESS_LENGTH:
        raise SdmxmigError("The key is too long.", hint="Ask for fewer codes at a time.")
    key = tuple(() if part in WILDCARDS else tuple(part.split("+")) for part in text.split("."))
    for codes in key:
        for code in codes:
            check_shape("code", code, CODE_PATTERN)
    return key


def build_structure_query(agency: str, what: str, *, references: str = "none") -> StructureQuery:
    kind, _, rest = what.partition("/")
    name, _, version = rest.partition("/")
    known = sorted({*KINDS_1, *KINDS_2, "structure"})
    if kind not in known:
        raise SdmxmigError(f"“{kind}” is not a kind of structure.", hint=did_you_mean(kind, known))
    if references not in REFERENCES_2:
        raise SdmxmigError(
            f"“{references}” is not a value of “references”.", hint=did_you_mean(references, REFERENCES_2)
        )
    check_shape("agency", agency, AGENCY_PATTERN)
    for shape, part, called in ((CODE_PATTERN, name, "id"), (VERSION_PATTERN, version, "version")):
        if part:
            check_shape(called, part, shape)
    return StructureQuery(agency=agency, kind=kind, id=name, version=version, references=references)


def check_shape(what: str, text: str, shape: re.Pattern[str]) -> None:
    if not shape.fullmatch(text):
        raise SdmxmigError(f"“{text}” cannot be the {what}.", hint="Look it up in the agency’s list.")


def build_address_by_sdmx1(query: Query, service: WebService) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # sdmx1's warnings about its own arguments
        client = sdmx.Client()
        client.source = copy.copy(sources.get_source(service.client))
        client.source.url = service.address
        try:
            prepared: Any = client.get(**build_arguments(query, service), dry_run=True)
        except (NotImplementedError, KeyError, ValueError):  # raised by sdmx1 if a service lacks it
            what = DATA if isinstance(query, DataQuery) else f"“{query.kind}”"
            hint = "Ask for something else, or name its address with --from."
            raise SdmxmigError(f"{service.id} is not declared to answer queries for {what}.", hint=hint) from None
    return str(prepared.url)


def build_arguments(query: Query, service: WebService) -> dict[str, Any]:
    if not isinstance(query, DataQuery):
        named = {"resource_id": query.id, "version": query.version, "agency_id": query.agency}
        return {
            "resource_type": query.kind,
            "params": {"references": query.references},
            **{name: value for name, value in named.items() if value},
        }
    is_its_own = query.agency == service.id and not query.version
    flow = query.flow if is_its_own else ",".join(filter(None, (query.agency, query.flow, query.version)))
    bounds = {"startPeriod": query.start, "endPeriod": query.end}
    return {
        "resource_type": "data",
        "resource_id": flow,
        "key": ".".join("+".join(codes) for codes in query.key),
        "params": {name: period for name, period in bounds.items() if period},
    }
