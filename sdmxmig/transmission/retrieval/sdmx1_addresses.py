"""Addresses by sdmx1."""

from __future__ import annotations

import copy
import warnings
from typing import TYPE_CHECKING, Any

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.lazily import later
from sdmxmig.sdmx.model.web_services import DATA, WebService
from sdmxmig.transmission.retrieval.queries import DataQuery, Query

if TYPE_CHECKING:
    import sdmx
    from sdmx import source as sources
else:
    sdmx, sources = later("sdmx"), later("sdmx.source")


def address_by_sdmx1(query: Query, service: WebService) -> str:
    """Build an address with sdmx1; raises `SdmxmigError` if unsupported."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what sdmx1 does with its own arguments
        client = sdmx.Client()
        client.source = copy.copy(sources.get_source(service.client))
        client.source.url = service.address
        try:
            prepared: Any = client.get(**arguments(query, service), dry_run=True)
        except (NotImplementedError, KeyError, ValueError):  # what sdmx1 raises where a service does not have it
            what = DATA if isinstance(query, DataQuery) else f"“{query.kind}”"
            hint = "Ask for something else, or name its address with --from."
            raise SdmxmigError(f"{service.id} is not known to answer questions for {what}.", hint=hint) from None
    return str(prepared.url)


def arguments(query: Query, service: WebService) -> dict[str, Any]:
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
