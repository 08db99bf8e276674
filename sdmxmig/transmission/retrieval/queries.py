"""Queries to services."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sdmxmig.primitives import periods
from sdmxmig.primitives.errors import SdmxmigError, did_you_mean
from sdmxmig.transmission.pull.resource_kinds import KINDS_1, KINDS_2, WORDS_2

CODE = re.compile(r"[A-Za-z0-9_@$\-]{1,200}", re.ASCII)
AGENCY = re.compile(r"[A-Za-z][A-Za-z0-9_\-]{0,99}(?:\.[A-Za-z][A-Za-z0-9_\-]{0,99}){0,9}", re.ASCII)
VERSION = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9}){0,2}(?:-[A-Za-z0-9.\-]{1,50})?", re.ASCII)
ALL = ("", "*", "all")
LONGEST = 4_000
"""Services take no longer addresses, and no key needs one."""
Key = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DataQuery:
    """A data query: series and periods, empty for all."""

    agency: str
    flow: str
    version: str = ""
    key: Key = ()
    start: str = ""
    end: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StructureQuery:
    """A structure query; `references`: ``none``, ``children``, ``descendants``, ``all``."""

    agency: str
    kind: str
    id: str = ""
    version: str = ""
    references: str = "none"


Query = DataQuery | StructureQuery


def data_query(agency: str, dataflow: str, key: str = "", *, start: str = "", end: str = "") -> DataQuery:
    """Build a data query (``ID(VERSION)``); raises `SdmxmigError`.

    >>> data_query("ESTAT", "MIGR_IMM1CTZ", "A.AT+BE..", start="2015").key
    (('A',), ('AT', 'BE'), (), ())
    """
    flow, _, version = dataflow.partition("(")
    check_shape("agency", agency, AGENCY)
    check_shape("dataflow", flow, CODE)
    if version:
        check_shape("version", version.removesuffix(")"), VERSION)
    for period in filter(None, (start, end)):
        if periods.parse(period) is None:
            raise SdmxmigError(f"“{period}” is no period.", hint="Write a year or a part of one, such as 2019-Q3.")
    return DataQuery(agency=agency, flow=flow, version=version.removesuffix(")"), key=key_of(key), start=start, end=end)


def key_of(text: str) -> Key:
    """The codes in a key: dimensions with a point between them, alternatives with a plus, nothing for all."""
    if text in ALL:
        return ()
    if len(text) > LONGEST:
        raise SdmxmigError("The key is too long.", hint="Ask for fewer codes at a time.")
    key = tuple(() if part in ALL else tuple(part.split("+")) for part in text.split("."))
    for codes in key:
        for code in codes:
            check_shape("code", code, CODE)
    return key


def structure_query(agency: str, what: str, *, references: str = "none") -> StructureQuery:
    """Build a structure query (``dataflow/DF_POP``); raises `SdmxmigError`."""
    kind, _, rest = what.partition("/")
    name, _, version = rest.partition("/")
    known = sorted({*KINDS_1, *KINDS_2, "structure"})
    if kind not in known:
        raise SdmxmigError(f"“{kind}” is no kind of structure.", hint=did_you_mean(kind, known))
    if references not in WORDS_2:
        raise SdmxmigError(f"“{references}” is no word for references.", hint=did_you_mean(references, WORDS_2))
    check_shape("agency", agency, AGENCY)
    for shape, part, called in ((CODE, name, "id"), (VERSION, version, "version")):
        if part:
            check_shape(called, part, shape)
    return StructureQuery(agency=agency, kind=kind, id=name, version=version, references=references)


def check_shape(what: str, text: str, shape: re.Pattern[str]) -> None:
    if not shape.fullmatch(text):
        raise SdmxmigError(f"“{text}” cannot be the {what}.", hint="Look it up where the agency lists it.")
