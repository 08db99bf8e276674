"""SDMX artefacts: one small frozen model for all versions of the standard.

What differs between SDMX 2.1, 3.0 and 3.1 (namespaces, element names, order, final flag or semantic version) is the
business of the formats; here an artefact has one shape. Versions are written as declared: `1.0.0-draft` is a draft.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sdmxmig.errors import DeclarationError
from sdmxmig.places import Place

PACKAGES = {
    "AgencyScheme": "base",
    "Agency": "base",
    "Codelist": "codelist",
    "Code": "codelist",
    "ConceptScheme": "conceptscheme",
    "Concept": "conceptscheme",
    "DataStructure": "datastructure",
    "Dataflow": "datastructure",
}
ITEM_KINDS = {"AgencyScheme": "Agency", "Codelist": "Code", "ConceptScheme": "Concept"}

SHORT = re.compile(
    r"^(?:(?P<kind>[A-Za-z]+)=)?(?:(?P<agency>[A-Za-z][\w.-]*):)?"
    r"(?P<id>[A-Za-z0-9_@$-]+)(?:\((?P<version>[^()]+)\))?(?:\.(?P<item>.+))?$"
)


@dataclass(frozen=True, slots=True, order=True)
class Ref:
    """The name of an artefact, or of one item of it.

    >>> print(Ref.parse("SDMX:CL_SEX(2.1)", kind="Codelist").urn)
    urn:sdmx:org.sdmx.infomodel.codelist.Codelist=SDMX:CL_SEX(2.1)
    >>> str(Ref("Concept", "SDMXMIG", "CS_MIG", "1.0.0-draft", "SEX"))
    'Concept=SDMXMIG:CS_MIG(1.0.0-draft).SEX'
    """

    kind: str
    agency: str
    id: str
    version: str
    item: str = ""

    @classmethod
    def parse(cls, text: str, *, kind: str = "") -> Ref:
        """Read a URN or its short form; what the text leaves out stays empty.

        Raises `DeclarationError` if the text is no SDMX name.
        """
        found = SHORT.match(re.sub(r"^urn:sdmx:org\.sdmx\.infomodel\.[a-z]+\.", "", text.strip()))
        if not found:
            raise DeclarationError(
                f"“{text}” does not name an SDMX artefact.",
                hint="Write AGENCY:ID(VERSION), for example SDMX:CL_SEX(2.1).",
            )
        parts = {name: value or "" for name, value in found.groupdict().items()}
        parts["kind"] = parts["kind"] or kind
        return cls(**parts)

    @property
    def scheme(self) -> Ref:
        """The artefact that holds this item; itself when it is no item."""
        owners = {item: scheme for scheme, item in ITEM_KINDS.items()}
        return Ref(owners.get(self.kind, self.kind), self.agency, self.id, self.version)

    @property
    def short(self) -> str:
        """The name without its kind, as people write it."""
        item = f".{self.item}" if self.item else ""
        return f"{self.agency}:{self.id}({self.version}){item}"

    @property
    def urn(self) -> str:
        """The URN by which every SDMX tool knows it."""
        return f"urn:sdmx:org.sdmx.infomodel.{PACKAGES[self.kind]}.{self}"

    @property
    def is_draft(self) -> bool:
        """Whether the version says that the artefact may still change."""
        return self.version.endswith("-draft")

    def __str__(self) -> str:
        return f"{self.kind}={self.short}"


@dataclass(frozen=True, slots=True)
class Text:
    """A name or description in several languages, in the order in which they were declared.

    >>> title = Text.of(en="Sex", fr="Sexe")
    >>> title.in_language("fr"), title.in_language("ka")
    ('Sexe', 'Sex')
    """

    values: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, translations: Mapping[str, str] | None = None, /, **languages: str) -> Text:
        """Make a text from its translations; empty ones are left out."""
        given = {**(translations or {}), **languages}
        return cls(tuple((language, value) for language, value in given.items() if value))

    def in_language(self, language: str) -> str:
        """The text in a language; else in English, else in the first language it has, else empty."""
        known = dict(self.values)
        return known.get(language) or known.get("en") or next(iter(known.values()), "")

    def has(self, language: str) -> bool:
        """Whether the text exists in this very language."""
        return language in dict(self.values)

    def __bool__(self) -> bool:
        return bool(self.values)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.values)

    def __str__(self) -> str:
        return self.in_language("en")


@dataclass(frozen=True, slots=True)
class Annotation:
    """A note on an artefact or item, such as its status or source."""

    type: str
    text: Text = Text()
    title: str = ""
    url: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """A code, a concept or an agency: one item of a scheme.

    `status` is ``verified``, ``candidate`` or ``national`` and `source` says where the row comes from; both travel
    in messages as annotations. `codelist` and `data_type` are the core representation of a concept.
    """

    id: str
    name: Text
    description: Text = Text()
    parent: str = ""
    status: str = ""
    source: str = ""
    valid_from: str = ""
    valid_to: str = ""
    codelist: Ref | None = None
    data_type: str = ""
    annotations: tuple[Annotation, ...] = ()

    def note(self, type_: str) -> str:
        """The text of the item's annotation of this type, empty if it has none."""
        return next((str(note.text) or note.title for note in self.annotations if note.type == type_), "")


@dataclass(frozen=True, slots=True)
class ItemScheme:
    """A codelist, concept scheme or agency scheme; SDMX gives them one shape.

    `partial` means that the list holds only some of its owner's items, as SDMX's ``isPartial``.
    """

    ref: Ref
    name: Text
    items: tuple[Item, ...]
    description: Text = Text()
    status: str = ""
    source: str = ""
    partial: bool = False
    annotations: tuple[Annotation, ...] = ()
    place: Place | None = field(default=None, compare=False)

    def __iter__(self) -> Iterator[Item]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __contains__(self, item_id: object) -> bool:
        return any(item.id == item_id for item in self.items)

    def __getitem__(self, item_id: str) -> Item:
        for item in self.items:
            if item.id == item_id:
                return item
        raise KeyError(item_id)

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the items, in order."""
        return tuple(item.id for item in self.items)


@dataclass(frozen=True, slots=True)
class Component:
    """A column of a data structure: dimension, time dimension, measure or attribute.

    `role` is ``dimension``, ``time``, ``measure`` or ``attribute``. `attachment` says what an attribute describes:
    ``dataset``, ``series`` (all dimensions but time) or ``observation``. The representation is a `codelist`, or a
    `data_type` (SDMX's names: String, Integer, Decimal, Double, ObservationalTimePeriod …) with `facets` such as
    ``(("maxLength", "350"),)``.
    """

    id: str
    role: str
    concept: Ref
    codelist: Ref | None = None
    data_type: str = ""
    facets: tuple[tuple[str, str], ...] = ()
    mandatory: bool = True
    attachment: str = ""

    @property
    def is_coded(self) -> bool:
        """Whether its values are codes of a list."""
        return self.codelist is not None


@dataclass(frozen=True, slots=True)
class DataStructure:
    """A data structure definition (DSD): which columns a dataset has; the order of dimensions is the key order."""

    ref: Ref
    name: Text
    components: tuple[Component, ...]
    description: Text = Text()
    status: str = ""
    source: str = ""
    annotations: tuple[Annotation, ...] = ()
    place: Place | None = field(default=None, compare=False)

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
    def measures(self) -> tuple[Component, ...]:
        """What is measured; in SDMX 2.1 exactly one."""
        return self.of_role("measure")

    def attributes(self, attachment: str = "") -> tuple[Component, ...]:
        """The attributes at one level of attachment, or all of them."""
        return tuple(c for c in self.of_role("attribute") if not attachment or c.attachment == attachment)


@dataclass(frozen=True, slots=True)
class Dataflow:
    """A dataflow: one statistical table that is reported again and again, and the structure it follows.

    `rules` are the ids of the validation rules that are switched on for it.
    """

    ref: Ref
    name: Text
    structure: Ref
    description: Text = Text()
    status: str = ""
    source: str = ""
    rules: tuple[str, ...] = ()
    annotations: tuple[Annotation, ...] = ()
    place: Place | None = field(default=None, compare=False)


Artefact = ItemScheme | DataStructure | Dataflow
