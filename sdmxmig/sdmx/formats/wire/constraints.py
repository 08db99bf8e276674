"""Records of constraints and of answers about available data in messages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.formats.wire import SHAPES, Field
from sdmxmig.sdmx.model.structures import CubeRegion, KeySet, Member, Selection, TimeRange

SET_KINDS, FILES = ("DataSet", "MetadataSet"), "files"
ATTACHABLE = {kind: row.kinds for kind, shape in SHAPES.items() for row in shape if row.form == "attachment"}
SERVICES = {"rest": (True, False), "soap": (False, True), "rest+soap": (True, True), "query": (False, False)}
"""Whether a service is one of REST, and whether one of the older kind."""
ENDS = ("beforePeriod", "afterPeriod", "startPeriod", "endPeriod")


def field_name(kind: str, row: Field) -> str:
    is_one = row.required or kind.endswith("Provider")
    return f"{kind[0].lower()}{kind[1:]}{'' if is_one else 's'}"


@dataclass(slots=True)
class Service:
    """A service that is queried, with the addresses of its descriptions."""

    rest: bool
    soap: bool
    address: str
    wsdl: str = ""
    wadl: str = ""

    @property
    def sources(self) -> Iterator[tuple[str, str]]:
        yield next(kind for kind, ways in SERVICES.items() if ways == (self.rest, self.soap)), self.address
        yield from ((kind, text) for kind, text in (("wsdl", self.wsdl), ("wadl", self.wadl)) if text)


def services(sources: Iterable[tuple[str, str]], refusal: Callable[[str, str], SdmxmigError]) -> list[str | Service]:
    """Return file addresses and services with their descriptions.

    Raises `SdmxmigError` for an unknown kind of source.
    """
    files_and_services: list[str | Service] = []
    for kind, address in sources:
        last = files_and_services[-1] if files_and_services else ""
        if kind == "simple":
            files_and_services.append(address)
        elif kind in SERVICES:
            files_and_services.append(Service(*SERVICES[kind], address=address))
        elif kind in ("wsdl", "wadl") and isinstance(last, Service) and not (getattr(last, kind) or last.wadl):
            setattr(last, kind, address)
        else:
            raise refusal(f"the data source {kind}", f"It is simple or one of {', '.join(SERVICES)}.")
    return files_and_services


def key_set(keys: tuple[CubeRegion, ...], *, include: bool) -> KeySet:
    valid = tuple((key.valid_from, key.valid_to) for key in keys)
    notes = tuple(key.annotations for key in keys)
    reports = tuple((key.report, key.target) for key in keys)
    return KeySet(
        tuple(key.selections for key in keys),
        include,
        valid=valid if any(map(any, valid)) else (),
        notes=notes if any(notes) else (),
        reports=reports if any(map(any, reports)) else (),
    )


def build_key_regions(keys: KeySet) -> Iterator[CubeRegion]:
    for index, chosen in enumerate(keys.keys):
        begin, end = keys.valid[index] if keys.valid else ("", "")
        report, target = keys.reports[index] if keys.reports else ("", "")
        notes = keys.notes[index] if keys.notes else ()
        yield CubeRegion(chosen, annotations=notes, report=report, target=target, valid_from=begin, valid_to=end)


RECORDS: dict[str, Any] = {
    "DataKeySet": key_set,
    "MetadataKeySet": key_set,
    **dict.fromkeys(("key", "metadata key", "CubeRegion", "MetadataTargetRegion"), CubeRegion),
    **dict.fromkeys(("dimension", "component", "dimension in key", "component in key"), Selection),
    **dict.fromkeys(("value of dimension", "value in key", "Object", "DataSet"), Member),
    "DataKey": partial(Member, ""),
    "service": Service,
}


def time_range(ends: dict[str, tuple[str, bool]]) -> dict[str, Any] | None:
    if set(ends) not in ({"beforePeriod"}, {"afterPeriod"}, {"startPeriod", "endPeriod"}):
        return None
    start, first = ends.get("afterPeriod") or ends.get("startPeriod") or ("", True)
    end, last = ends.get("beforePeriod") or ends.get("endPeriod") or ("", True)
    return {"start": start, "end": end, "includes_start": first, "includes_end": last}


def range_ends(times: TimeRange) -> Iterator[tuple[str, str, bool]]:
    if times.start:
        yield "startPeriod" if times.end else "afterPeriod", times.start, times.includes_start
    if times.end:
        yield "endPeriod" if times.start else "beforePeriod", times.end, times.includes_end
