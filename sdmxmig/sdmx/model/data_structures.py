"""Data structures and dataflows."""

from __future__ import annotations

import re
from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from pathlib import Path

from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.text import read_csv_rows
from sdmxmig.sdmx.model.artefacts import Annotation, Maintainable, Sentinel
from sdmxmig.sdmx.model.references import Ref

DATA_TYPES = {row["type"]: row for row in read_csv_rows(Path(__file__).with_name("data_types.csv"))}
"""The data types (``DataType`` in SDMXCommon.xsd): type in XML Schema, use and kind.

A type used in ``codes`` may also be that of ``components``, and both those of ``maps``.
"""


def list_types(field: str, *values: str) -> tuple[str, ...]:
    return tuple(name for name, row in DATA_TYPES.items() if row[field] in values)


CODE_TYPES = list_types("use", "codes")
SIMPLE_TYPES = list_types("use", "codes", "components")
MAP_TYPES = list_types("use", "codes", "components", "maps")
NUMERIC_TYPES = list_types("kind", "number")
TIME_TYPES = list_types("kind", "period", "time")
AREA = "REF_AREA"
"""The component or concept of the reference area."""
COMPONENT_ID = re.compile(r"[\w@$.:-]+")
"""Ids that the standard has or senders use beside; signs such as * and ^ select many columns of a table."""
MAX_NUMBER_LENGTH = 18
"""Maximum number of digits of a number in a structure."""


def parse_whole_number(text: str) -> int | None:
    """Parse the number of a facet or of occurrences; None if it is not one (``unbounded``).

    >>> parse_whole_number("350"), parse_whole_number("unbounded"), parse_whole_number("²")
    (350, None, None)
    """
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= MAX_NUMBER_LENGTH else None


def check_component_id(component_id: str, place: Place | None = None) -> None:
    """Reject a component id that would select other columns.

    >>> check_component_id("GEO")
    """
    if not COMPONENT_ID.fullmatch(component_id):
        raise InputError(f"“{component_id}” cannot be the id of a component.", place)


@dataclass(frozen=True, slots=True)
class Component:
    """A column of a data structure.

    `role`: ``dimension``, ``time``, ``measure``, ``attribute``, or ``metadata`` (SDMX 3 reported attribute, named by
    `concept`). `attachment`: ``dataset``, ``series``, ``observation``, ``dimensions`` or ``group``; `measures` empty
    means all. Values are from a `codelist`, or of `data_type` with `facets` such as ``(("maxLength", "350"),)``.
    `max_occurs` above 1 allows several values; the facet ``isMultiLingual`` (only ``true``) several languages.
    `optional` dimensions may be omitted. An SDMX 2.1 measure dimension has a concept scheme as `codelist`. SDMX 2.1
    groups beside dimensions are listed in `group`, separated by blanks.
    """

    id: str
    role: str
    _: KW_ONLY
    concept: Ref
    codelist: Ref | None = None
    data_type: str = ""
    facets: tuple[tuple[str, str], ...] = ()
    mandatory: bool = True
    attachment: str = ""
    dimensions: tuple[str, ...] = ()
    group: str = ""
    measures: tuple[str, ...] = ()
    min_occurs: str = "1"
    max_occurs: str = "1"
    concept_roles: tuple[Ref, ...] = ()
    annotations: tuple[Annotation, ...] = ()
    optional: tuple[str, ...] = ()
    sentinels: tuple[Sentinel, ...] = ()

    def __post_init__(self) -> None:
        if self.role != "metadata":  # a path, never a column name
            check_component_id(self.id)

    @property
    def is_coded(self) -> bool:
        return self.codelist is not None

    @property
    def is_numeric(self) -> bool:
        return self.data_type in NUMERIC_TYPES or (self.role == "measure" and not self.data_type)

    @property
    def is_array(self) -> bool:
        return self.max_occurs != "1"

    @property
    def is_multilingual(self) -> bool:
        return ("isMultiLingual", "true") in self.facets


@dataclass(frozen=True, slots=True)
class Group:
    """A named part of the key. In SDMX 2.1 an attachment `constraint` may replace the dimensions."""

    id: str
    dimensions: tuple[str, ...]
    annotations: tuple[Annotation, ...] = ()
    constraint: Ref | None = None


@dataclass(frozen=True)
class DataStructure(Maintainable):
    """A data structure definition (DSD); dimensions are in key order.

    `evolving` is SDMX 3's ``evolvingStructure``. `list_notes` are annotations by list (``DimensionList``,
    ``AttributeList``, ``MeasureList``).
    """

    _: KW_ONLY
    components: tuple[Component, ...]
    status: str = ""
    source: str = ""
    groups: tuple[Group, ...] = ()
    evolving: bool = False
    metadata: Ref | None = None
    list_notes: tuple[tuple[str, tuple[Annotation, ...]], ...] = ()

    def __getitem__(self, component_id: str) -> Component:
        for component in self.components:
            if component.id == component_id:
                return component
        raise KeyError(component_id)

    def __contains__(self, component_id: object) -> bool:
        return any(component.id == component_id for component in self.components)

    def select_role(self, *roles: str) -> tuple[Component, ...]:
        return tuple(component for component in self.components if component.role in roles)

    @cached_property
    def dimensions(self) -> tuple[Component, ...]:
        return self.select_role("dimension") + self.select_role("time")

    @cached_property
    def key(self) -> tuple[str, ...]:
        return tuple(component.id for component in self.dimensions)

    @cached_property
    def series_key(self) -> tuple[str, ...]:
        return tuple(component.id for component in self.select_role("dimension"))

    @property
    def time(self) -> Component | None:
        return next(iter(self.select_role("time")), None)

    @property
    def time_id(self) -> str:
        return self.time.id if self.time else ""

    @property
    def area(self) -> str:
        return next((part.id for part in self.components if AREA in (part.id, part.concept.item)), "")

    @property
    def measure(self) -> Component:
        return self.measures[0]

    @cached_property
    def measures(self) -> tuple[Component, ...]:
        return self.select_role("measure")

    def attributes(self, attachment: str = "") -> tuple[Component, ...]:
        return tuple(c for c in self.select_role("attribute") if not attachment or c.attachment == attachment)

    def list_described(self, attribute: Component) -> tuple[str, ...]:
        whole = {"dataset": (), "observation": self.key, "series": self.series_key}
        if attribute.attachment in whole:
            return whole[attribute.attachment]
        named = set(attribute.dimensions)
        if attribute.attachment == "group":
            named |= {name for group in self.groups if group.id == attribute.group for name in group.dimensions}
        return tuple(name for name in self.key if name in named)


@dataclass(frozen=True, slots=True)
class Dataflow(Maintainable):
    """A dataflow and its structure.

    `rules` are local validation rules, never sent. `constrained` are its dimensions if the structure may evolve (SDMX
    3.1). A stub may have a `structure` without id.
    """

    _: KW_ONLY
    structure: Ref
    status: str = ""
    source: str = ""
    rules: tuple[str, ...] = ()
    constrained: tuple[str, ...] = ()
