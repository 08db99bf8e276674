"""Wire tables of constraints and of answers about available data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import KW_ONLY, dataclass, replace
from functools import partial
from typing import Any

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.formats.structures.notes import METRICS
from sdmxmig.sdmx.formats.wire import CONTENT, NOTES, Field, Form, Key, Shape
from sdmxmig.sdmx.model.structures import CubeRegion, KeySet, Member, Selection, TimeRange

STRUCTURES = ("DataStructure", "MetadataStructure", "Dataflow", "Metadataflow", "ProvisionAgreement")
SETS, FILES = ("DataSet", "MetadataSet"), "files"
ATTACHABLE = {
    "ContentConstraint": ("DataProvider", *SETS, FILES, *STRUCTURES),
    "AttachmentConstraint": (*SETS, FILES, *STRUCTURES),
    "DataConstraint": ("DataProvider", FILES, "DataStructure", "Dataflow", "ProvisionAgreement"),
    "MetadataConstraint": (
        "MetadataProvider",
        "MetadataSet",
        FILES,
        "MetadataStructure",
        "Metadataflow",
        "MetadataProvisionAgreement",
    ),
    "AvailabilityConstraint": ("DataStructure", "Dataflow", "ProvisionAgreement"),
}
SERVICES = {"rest": (True, False), "soap": (False, True), "rest+soap": (True, True), "query": (False, False)}
"""Whether a service is one of REST, and whether one of the older kind."""
ENDS = ("beforePeriod", "afterPeriod", "startPeriod", "endPeriod")
LANGUAGE = "@{http://www.w3.org/XML/1998/namespace}lang"
VALID: Shape = (
    Field("valid_from", Form.PERIOD, ml="@validFrom", since="3.0"),
    Field("valid_to", Form.PERIOD, ml="@validTo", since="3.0"),
)
ROLE = Field("role", "role", ml="@role", choices=("Allowed", "Actual"), since="3.0", until="3.0")
CALENDAR = Field("calendar", Form.PART, ml="ReleaseCalendar", of="calendar")
COUNTS = Field("counts", "counts", note=METRICS)
METADATA_REGIONS = Field("regions", Form.PARTS, ml="MetadataTargetRegion", of="MetadataTargetRegion")
REGIONS = Field("regions", Form.PARTS, ml="CubeRegion", of="CubeRegion")
OLD_KEYS: Shape = (
    Field("keys", "old_each", ml="DataKeySet", of="DataKeySet", where=("reports", False)),
    Field("keys", "old_each", ml="MetadataKeySet", of="MetadataKeySet", where=("reports", True)),
)
ABOUT: Shape = (
    Field("report", Form.ID, ml="@report", required=True, optional_in="json", until="2.1"),
    Field("target", Form.ID, ml="@metadataTarget", required=True, optional_in="json", until="2.1"),
)
LATER_NOTES = replace(NOTES, since="3.0")
INCLUDED: Shape = (Field("include", "always_included", ml="@include"),)
FLAG = Field("include", Form.FLAG, ml="@include", default="true", always=("ml", "json"))


def set_of(key: str) -> Shape:
    keys = Field("keys", Form.PARTS, ml="Key", of=key)
    rows = (replace(FLAG, ml="@isIncluded"), keys)
    return tuple(replace(row, required=True, optional_in="ml", since="3.0") for row in rows) + tuple(
        replace(row, until="2.1") for row in rows
    )


def selections(dimension: Key, component: Key) -> Shape:
    key, other = ("role", "key"), ("role", "component")
    return (
        Field("selections", "old_each", ml="KeyValue", of=dimension, where=key, common="2.1"),
        Field("selections", "old_each", ml="Attribute", of=component, where=other, common="2.1", until="2.1"),
        Field("selections", Form.PARTS, ml="Component", of=component, where=other, since="3.0"),
    )


def selection(pattern: str, *fields: Field) -> Shape:
    return (
        Field("component", Form.ID, ml="@id", pattern=pattern, required=True, what="the id of a component"),
        Field("include", Form.FLAG, ml="@include", default="true", only="ml"),
        Field("include", Form.FLAG, json="include", default="true", only="json", since="3.0"),
        Field("remove_prefix", Form.FLAG, ml="@removePrefix", since="3.0"),
        *fields,
        Field("time_range", Form.PART, ml="TimeRange", of=TimeRange, common="2.1"),
    )


KEY = tuple(
    replace(row, form=Form.PARTS, required=row.ml == "KeyValue", optional_in="json")
    for row in selections("dimension in key", "component in key")
)


def members(of: Key) -> Field:
    return Field("members", "members", ml="Value", of=of, common="2.1")


def value(*fields: Field, until: str = "9") -> Shape:
    return (
        Field("value", Form.TEXT, ml=CONTENT, json="value", required=True),
        Field("cascade", "cascade", ml="@cascadeValues"),
        Field("language", Form.ID, json="lang", pattern="LANGUAGE", what="a language", until=until),
        *fields,
        Field("language", Form.TEXT, ml=LANGUAGE, only="ml", since="3.0"),
    )


def attachment(kind: str) -> Field:
    return Field("attached", "attachment", ml="ConstraintAttachment", kinds=ATTACHABLE[kind])


SHAPES: dict[Key, Shape] = {
    "ContentConstraint": (
        replace(ROLE, ml="@type", default="Actual", since="2.0", until="2.1"),
        attachment("ContentConstraint"),
        *OLD_KEYS,
        replace(REGIONS, form="old_each", where=("report", False)),
        replace(METADATA_REGIONS, form="old_each", where=("report", True)),
        CALENDAR,
        Field("period", Form.PART, ml="ReferencePeriod", of="period"),
        COUNTS,
    ),
    "AttachmentConstraint": (attachment("AttachmentConstraint"), *OLD_KEYS, COUNTS),
    "DataConstraint": (
        replace(ROLE, note="CONSTRAINT_ROLE"),
        attachment("DataConstraint"),
        CALENDAR,
        Field("keys", Form.PARTS, ml="DataKeySet", of="DataKeySet"),
        REGIONS,
        COUNTS,
    ),
    "MetadataConstraint": (
        replace(ROLE, note="CONSTRAINT_ROLE", default="Allowed"),
        attachment("MetadataConstraint"),
        CALENDAR,
        METADATA_REGIONS,
        COUNTS,
    ),
    "AvailabilityConstraint": (
        NOTES,
        replace(attachment("AvailabilityConstraint"), required=True),
        replace(REGIONS, only="ml"),
        Field("regions", Form.ONE_PART, json="cubeRegion", of="CubeRegion", only="json"),
        Field("counts", "counts", ml="@seriesCount"),
    ),
    "calendar": tuple(
        Field(name.lower(), Form.TEXT, ml=name, required=True, optional_in="ml")
        for name in ("Periodicity", "Offset", "Tolerance")
    ),
    "period": (Field("start", Form.MOMENT, ml="@startTime"), Field("end", Form.MOMENT, ml="@endTime")),
    "DataKeySet": set_of("key"),
    "MetadataKeySet": set_of("metadata key"),
    "key": (*INCLUDED, LATER_NOTES, *KEY, *VALID),
    "metadata key": (*INCLUDED, *ABOUT, *KEY),
    "CubeRegion": (
        LATER_NOTES,
        replace(FLAG, json="isIncluded", until="2.1"),
        replace(FLAG, since="3.0"),
        *selections("dimension", "component"),
    ),
    "MetadataTargetRegion": (
        LATER_NOTES,
        FLAG,
        *ABOUT,
        *VALID,
        *(replace(row, until="2.1") if row.ml == "KeyValue" else row for row in selections("dimension", "component")),
    ),
    "dimension": selection("NCNAME", *VALID, members("value of dimension")),
    "component": selection("AGENCY", members(Member)),
    "dimension in key": selection(
        "NCNAME",
        Field("members", "members_in_key", json="value"),
        replace(members("value of dimension"), only="ml"),
    ),
    "component in key": selection("AGENCY", members("value in key")),
    TimeRange: (*VALID, Field("start", "bounds", ml="StartPeriod", common="2.1")),
    Member: value(*VALID),
    "value of dimension": value(*VALID, until="3.0"),
    "value in key": value(),
    "Object": (Field("value", "object", ml="Ref", only="ml"),),
    "DataSet": (
        Field("provider", Form.REFERENCE, ml="com:DataProvider", kinds=("DataProvider",), required=True),
        Field("value", Form.ID, ml="com:ID", json="id", required=True),
    ),
    "DataKey": (Field("key", Form.PARTS, ml="com:KeyValue", of="pair"),),
    "pair": (
        Field("id", Form.ID, ml="@id", pattern="NCNAME", required=True),
        Field("value", Form.TEXT, ml="com:Value", required=True),
    ),
    "service": (
        Field("rest", Form.FLAG, ml="@isRESTDatasource", json="isRESTDatasource", always=("ml", "json")),
        Field("soap", Form.FLAG, ml="@isWebServiceDatasource", json="isWebServiceDatasource", always=("ml", "json")),
        Field("address", Form.ADDRESS, ml="com:DataURL", json="dataURL", required=True),
        Field("wsdl", Form.ADDRESS, ml="com:WSDLURL", json="wsdlURL"),
        Field("wadl", Form.ADDRESS, ml="com:WADLURL", json="wadlURL"),
    ),
}


def member(kind: str, row: Field) -> str:
    is_one = row.required or kind.endswith("Provider")
    return f"{kind[0].lower()}{kind[1:]}{'' if is_one else 's'}"


@dataclass(slots=True)
class Service:
    """A service that is queried, with the addresses of its descriptions."""

    rest: bool
    soap: bool
    _: KW_ONLY
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


def keys_of(keys: KeySet) -> Iterator[CubeRegion]:
    for index, chosen in enumerate(keys.keys):
        begin, end = keys.valid[index] if keys.valid else ("", "")
        report, target = keys.reports[index] if keys.reports else ("", "")
        notes = keys.notes[index] if keys.notes else ()
        yield CubeRegion(chosen, annotations=notes, report=report, target=target, valid_from=begin, valid_to=end)


RECORDS: dict[Key, Any] = {
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


def ends(times: TimeRange) -> Iterator[tuple[str, str, bool]]:
    if times.start:
        yield "startPeriod" if times.end else "afterPeriod", times.start, times.includes_start
    if times.end:
        yield "endPeriod" if times.start else "beforePeriod", times.end, times.includes_end
