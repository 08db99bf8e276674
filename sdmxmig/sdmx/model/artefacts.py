"""Properties of all SDMX artefacts, and item schemes, independent of the SDMX version."""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field
from functools import cached_property
from typing import Any, TypedDict

from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.references import NAME_PATTERN, Ref


@dataclass(frozen=True)
class Text:
    """A name or description in several languages, in declared order.

    >>> title = Text.of(en="Sex", fr="Sexe")
    >>> title.in_language("fr"), title.in_language("ka")
    ('Sexe', 'Sex')
    """

    values: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, translations: Mapping[str, str] | None = None, /, **languages: str) -> Text:
        translated = {**(translations or {}), **languages}
        return cls(tuple((language, value) for language, value in translated.items() if value))

    def in_language(self, language: str) -> str:
        by_language = dict(self.values)
        wanted = by_language.get(language) or by_language.get(language.partition("-")[0])
        return wanted or by_language.get("en") or next(iter(by_language.values()), "")

    def has(self, language: str) -> bool:
        return not {language, language.partition("-")[0]}.isdisjoint(dict(self.values))

    def __bool__(self) -> bool:
        return bool(self.values)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.values)

    def __str__(self) -> str:
        return self.in_language("en")


@dataclass(frozen=True)
class Annotation:
    """An annotation, such as a status or source.

    `url` applies to all languages, `urls` to one each; `urls` and `value` are SDMX 3.
    """

    type: str
    text: Text = Text()
    _: KW_ONLY
    title: str = ""
    url: str = ""
    id: str = ""
    value: str = ""
    urls: Text = Text()


@dataclass(frozen=True, slots=True)
class Link:
    """An address of an artefact, item or message (SDMX 3); `rel` is its purpose.

    In SDMX-ML, `title` and `language` require an annotation of type LINK.
    """

    rel: str
    url: str
    _: KW_ONLY
    urn: str = ""
    type: str = ""
    title: Text = Text()
    language: str = ""


@dataclass(frozen=True, slots=True)
class Sentinel:
    """A value with a special meaning, such as -1 for “not known” (SDMX 3)."""

    value: str
    name: Text
    description: Text = Text()


@dataclass(frozen=True, slots=True)
class Details:
    """Optional properties of artefacts: validity, addresses and completeness.

    `external`: the content is at `structure_url` or `service_url`. `final` is False for a non-final SDMX 2.1 artefact
    if the version cannot show it. A date means its midnight.
    """

    valid_from: str = ""
    valid_to: str = ""
    _: KW_ONLY
    uri: str = ""
    external: bool = False
    structure_url: str = ""
    service_url: str = ""
    partial_language: bool = False
    final: bool | None = None
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact of an organisation. `details` are ordered pairs such as ``("email", "a@example.org")``.

    Kinds: ``telephone``, ``fax``, ``x400``, ``uri``, ``email``.
    """

    name: Text = Text()
    department: Text = Text()
    role: Text = Text()
    details: tuple[tuple[str, str], ...] = ()
    id: str = ""


@dataclass(frozen=True, slots=True)
class Extension:
    """A codelist extension: all codes, or those included or excluded; names may end in ``%``.

    `cascade` lists members that include their children (``true``) or only these (``excluderoot``).
    """

    codelist: Ref
    prefix: str = ""
    include: bool = True
    members: tuple[str, ...] = ()
    cascade: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IsoConcept:
    agency: str
    id: str
    scheme: str = ""


@dataclass(frozen=True, slots=True)
class VtlConversion:
    method: str = ""
    keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Item:
    """An item of a scheme, such as a code, concept or agency.

    `status` is ``verified``, ``candidate`` or ``national``; it and `source` are written as annotations. `codelist`,
    `data_type` and `facets` are a concept's core representation. A nested category has its own id; `parent` is the path
    above.

    `properties` are specific to a kind, named as in SDMX-ML 3.0, with references as URNs: ``value`` and ``GeoCell`` of
    geographic codes, ``Expression``, ``Result`` and ``isPersistent`` of transformations, ``StructuralMetadata`` and
    ``ProvisioningMetadata`` of reporting categories.
    """

    id: str
    name: Text
    _: KW_ONLY
    description: Text = Text()
    parent: str = ""
    status: str = ""
    source: str = ""
    valid_from: str = ""
    valid_to: str = ""
    codelist: Ref | None = None
    data_type: str = ""
    annotations: tuple[Annotation, ...] = ()
    facets: tuple[tuple[str, str], ...] = ()
    max_occurs: str = "1"
    iso: IsoConcept | None = None
    contacts: tuple[Contact, ...] = ()
    properties: tuple[tuple[str, str], ...] = ()
    uri: str = ""
    min_occurs: str = "1"
    sentinels: tuple[Sentinel, ...] = ()
    links: tuple[Link, ...] = ()
    to_vtl: VtlConversion | None = None
    from_vtl: VtlConversion | None = None

    @property
    def path(self) -> str:
        return f"{self.parent}.{self.id}" if self.parent else self.id

    def note(self, type_: str) -> str:
        return next((str(note.text) or note.title for note in self.annotations if note.type == type_), "")


@dataclass(frozen=True, slots=True)
class Maintainable:
    ref: Ref
    name: Text
    _: KW_ONLY
    description: Text = Text()
    annotations: tuple[Annotation, ...] = ()
    details: Details = Details()
    place: Place | None = field(default=None, compare=False)


class Shared(TypedDict):
    ref: Ref
    name: Text
    description: Text
    annotations: tuple[Annotation, ...]
    details: Details
    place: Place | None


@dataclass(frozen=True)
class ItemScheme(Maintainable):
    """A codelist, concept scheme, agency scheme or similar.

    `partial` is SDMX's ``isPartial``. `extensions` are SDMX 3 codelist extensions. `properties` are specific to a kind,
    named as in SDMX-ML 3.0: ``GridDefinition``, ``vtlVersion``, VTL schemes as URNs.
    """

    _: KW_ONLY
    items: tuple[Item, ...]
    status: str = ""
    source: str = ""
    partial: bool = False
    extensions: tuple[Extension, ...] = ()
    properties: tuple[tuple[str, str], ...] = ()

    def __iter__(self) -> Iterator[Item]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __contains__(self, item_id: object) -> bool:
        return item_id in self._by_id

    def __getitem__(self, item_id: str) -> Item:
        return self._by_id[item_id]

    @cached_property
    def ids(self) -> tuple[str, ...]:
        return tuple(item.id for item in self.items)

    @cached_property
    def _by_id(self) -> dict[str, Item]:
        return {item.id: item for item in reversed(self.items)}


WITHOUT_REFERENCES = frozenset(
    {"bool", "bool | None", "int", "str", "tuple[str, ...]", "tuple[tuple[str, str], ...]"}
    | {"Place | None", "Text", "tuple[Annotation, ...]", "tuple[Link, ...]"}
)
URN = re.compile(rf"urn:sdmx:org\.sdmx\.infomodel\.[a-z]+\.{NAME_PATTERN.pattern[1:]}")


def iterate_references(artefact: Any) -> Iterator[Ref]:
    """Yield the references of an artefact in order, except to itself."""
    for name in _list_parts(type(artefact)):  # type: ignore[arg-type]  # mypy holds that no class can be looked up
        if name != "ref":
            yield from _find_references(getattr(artefact, name))


@functools.cache  # called for every record of every artefact, with equal results for a kind
def _list_parts(kind: Hashable) -> tuple[str, ...]:
    fields = dataclasses.fields(kind) if dataclasses.is_dataclass(kind) else ()
    return tuple(field.name for field in fields if field.name == "properties" or field.type not in WITHOUT_REFERENCES)


def _find_references(value: Any) -> Iterator[Ref]:
    if not value or isinstance(value, Text):  # most values
        return
    if isinstance(value, str):
        if URN.fullmatch(value):
            yield Ref.parse(value)
        return
    if isinstance(value, Ref):
        if value.id:
            yield value
    elif isinstance(value, tuple):
        for member in value:
            yield from _find_references(member)
    else:
        for name in _list_parts(type(value)):  # type: ignore[arg-type]
            yield from _find_references(getattr(value, name))


def list_named_schemes(artefacts: Iterable[Any]) -> dict[Ref, frozenset[Ref]]:
    return {artefact.ref: frozenset(ref.scheme for ref in iterate_references(artefact)) for artefact in artefacts}


def find_dependants(schemes_by_artefact: Mapping[Ref, frozenset[Ref]], missing: Iterable[Ref]) -> dict[Ref, Ref]:
    """Return the artefacts that depend on missing ones, each with one missing artefact."""
    absent = set(missing)
    standing = {ref: schemes for ref, schemes in schemes_by_artefact.items() if ref not in absent}
    dependants_of: dict[Ref, Ref] = {}
    while newly_absent := {ref: min(schemes & absent) for ref, schemes in standing.items() if schemes & absent}:
        dependants_of |= newly_absent
        absent |= set(newly_absent)
        standing = {ref: schemes for ref, schemes in standing.items() if ref not in newly_absent}
    return dependants_of


def find_needed_artefacts(artefacts: Mapping[Ref, Any], roots: Iterable[Ref]) -> frozenset[Ref]:
    reached: set[Ref] = set()
    frontier = artefacts.keys() & roots
    while frontier:
        reached |= frontier
        named = {ref.scheme for name in frontier for ref in iterate_references(artefacts[name])}
        frontier = (artefacts.keys() & named) - reached
    return frozenset(reached)
