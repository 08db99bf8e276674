"""Data structures and the dataflows that follow them: which columns a dataset has, and what each describes."""

from __future__ import annotations

import re
from dataclasses import KW_ONLY, dataclass

from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.artefacts import Annotation, Maintainable, Sentinel
from sdmxmig.sdmx.model.references import Ref

AREA = "REF_AREA"
"""The component, or the concept of one, that says of which country or area data are."""
COMPONENT_ID = re.compile(r"[\w@$.:-]+")
"""Ids that the standard has or senders use beside; signs such as * and ^ select many columns of a table."""
LONGEST_NUMBER = 18
"""So many digits a number of a structure has at most: what is longer nobody means."""


def whole_number(text: str) -> int | None:
    """The number of a facet, or of occurrences; None if it is none, such as ``unbounded``.

    >>> whole_number("350"), whole_number("unbounded"), whole_number("²")
    (350, None, None)
    """
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER else None


def check_component_id(component_id: str, place: Place | None = None) -> None:
    """Refuse a name that would select other columns than its own.

    >>> check_component_id("GEO")
    """
    if not COMPONENT_ID.fullmatch(component_id):
        raise InputError(f"“{component_id}” cannot be the id of a component.", place)


@dataclass(frozen=True, slots=True)
class Component:
    """A column of a data structure: dimension, time dimension, measure or attribute.

    `role` is ``dimension``, ``time``, ``measure`` or ``attribute``. `attachment` says what an attribute describes:
    ``dataset``, ``series`` (all dimensions but time), ``observation``, ``dimensions`` (those in `dimensions`) or
    ``group`` (that in `group`); `measures` are those it speaks about, all if empty. The representation is a `codelist`
    (also a value list), or a `data_type` (SDMX's names: String, Integer, Decimal, Double, ObservationalTimePeriod …)
    with `facets` such as ``(("maxLength", "350"),)``. A component with `max_occurs` above 1 holds several values, one
    with the facet ``isMultiLingual`` (always ``true``, else it is absent) a text in several languages. Of an attribute
    of ``dimensions``, those in `optional` may be left out. A measure dimension of SDMX 2.1 is a dimension whose
    `codelist` is a concept scheme. The role ``metadata`` stands for an attribute of the metadata structure that is
    reported with the data (SDMX 3); its `concept` names it, with the kind ``MetadataAttribute``. The attachment groups
    that SDMX 2.1 allows beside dimensions stand in `group`, with blanks between them.
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
        if self.role != "metadata":  # a path, never the name of a column
            check_component_id(self.id)

    @property
    def is_coded(self) -> bool:
        """Whether its values are codes of a list."""
        return self.codelist is not None

    @property
    def is_array(self) -> bool:
        """Whether it may hold several values at once."""
        return self.max_occurs != "1"

    @property
    def is_multilingual(self) -> bool:
        """Whether its text may stand in several languages."""
        return ("isMultiLingual", "true") in self.facets


@dataclass(frozen=True, slots=True)
class Group:
    """A part of the key that attributes may describe, by its name and the dimensions that it fixes.

    In SDMX 2.1 an attachment `constraint` may stand for the dimensions.
    """

    id: str
    dimensions: tuple[str, ...]
    _: KW_ONLY
    annotations: tuple[Annotation, ...] = ()
    constraint: Ref | None = None


@dataclass(frozen=True, slots=True)
class DataStructure(Maintainable):
    """A data structure definition (DSD): which columns a dataset has; the order of dimensions is the key order.

    `evolving` is SDMX 3's ``evolvingStructure``: dimensions may be added in a minor version. `metadata` is the metadata
    structure whose attributes may be reported with the data. `list_notes` are annotations of the lists of components,
    by SDMX's element (``DimensionList``, ``AttributeList``, ``MeasureList``).
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

    def of_role(self, *roles: str) -> tuple[Component, ...]:
        """The components of these roles, in order."""
        return tuple(component for component in self.components if component.role in roles)

    @property
    def dimensions(self) -> tuple[Component, ...]:
        """All dimensions, time last."""
        return self.of_role("dimension") + self.of_role("time")

    @property
    def key(self) -> tuple[str, ...]:
        """The ids that together name an observation, time last."""
        return tuple(component.id for component in self.dimensions)

    @property
    def series_key(self) -> tuple[str, ...]:
        """The ids that together name a time series: all dimensions but time."""
        return tuple(component.id for component in self.of_role("dimension"))

    @property
    def time(self) -> Component | None:
        """The time dimension, if there is one."""
        return next(iter(self.of_role("time")), None)

    @property
    def area(self) -> str:
        """The component that says of which country or area the data are; empty if there is none."""
        return next((part.id for part in self.components if AREA in (part.id, part.concept.item)), "")

    @property
    def measure(self) -> Component:
        """The measure that tables, rules and figures are about: the first one of a structure that has some."""
        return self.measures[0]

    @property
    def measures(self) -> tuple[Component, ...]:
        """What is measured; in SDMX 2.1 exactly one."""
        return self.of_role("measure")

    def attributes(self, attachment: str = "") -> tuple[Component, ...]:
        """The attributes at one level of attachment, or all of them."""
        return tuple(c for c in self.of_role("attribute") if not attachment or c.attachment == attachment)


@dataclass(frozen=True, slots=True)
class Dataflow(Maintainable):
    """A dataflow: one statistical table that is reported again and again, and the structure it follows.

    `rules` are the ids of the validation rules that run on it; they stay at home and are in no message.
    `constrained` are the dimensions to which it limits itself, if its structure may evolve (SDMX 3.1). A dataflow that
    is only named may have a `structure` without an id.
    """

    _: KW_ONLY
    structure: Ref
    status: str = ""
    source: str = ""
    rules: tuple[str, ...] = ()
    constrained: tuple[str, ...] = ()
