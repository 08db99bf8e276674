"""What all SDMX artefacts share, and item schemes: one small frozen model for all versions of the standard.

What differs between SDMX 2.1, 3.0 and 3.1 (namespaces, element names, order, final flag or semantic version) is the
business of the formats; here an artefact has one shape. Versions are written as declared: `1.0.0-draft` is a draft.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import TypedDict

from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.references import Ref


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
        translated = {**(translations or {}), **languages}
        return cls(tuple((language, value) for language, value in translated.items() if value))

    def in_language(self, language: str) -> str:
        """The text in a language; else in that of all its regions, in English, in the first it has, else empty."""
        by_language = dict(self.values)
        wanted = by_language.get(language) or by_language.get(language.partition("-")[0])
        return wanted or by_language.get("en") or next(iter(by_language.values()), "")

    def has(self, language: str) -> bool:
        """Whether the text exists in this language, or in that of all its regions."""
        return not {language, language.partition("-")[0]}.isdisjoint(dict(self.values))

    def __bool__(self) -> bool:
        return bool(self.values)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.values)

    def __str__(self) -> str:
        return self.in_language("en")


@dataclass(frozen=True, slots=True)
class Annotation:
    """A note on an artefact or item, such as its status or source.

    `url` is an address for all languages, `urls` those for one language each; these and `value` are of SDMX 3.
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
    """An address that belongs to an artefact, an item or a message (SDMX 3); `rel` says what it is for.

    `title` and `language` tell of what stands there; SDMX-ML has no place for them, so that such a link travels there
    as an annotation of type LINK.
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
    """A value with a meaning of its own, such as -1 for “not known” (SDMX 3)."""

    value: str
    name: Text
    _: KW_ONLY
    description: Text = Text()


@dataclass(frozen=True, slots=True)
class Details:
    """What any artefact may say of itself beside its name: validity, addresses, and whether it is complete.

    `external` means that only the name stands here and the content at `structure_url` or `service_url`. `final` is
    False for an artefact of SDMX 2.1 that is not final and whose version cannot say so (it has no three numbers);
    else the version says it. A date stands for its midnight.
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
    """Whom to ask at an organisation. `details` are pairs such as ``("email", "a@example.org")``, in their order.

    The kinds are ``telephone``, ``fax``, ``x400``, ``uri`` and ``email``.
    """

    name: Text = Text()
    department: Text = Text()
    _: KW_ONLY
    role: Text = Text()
    details: tuple[tuple[str, str], ...] = ()
    id: str = ""


@dataclass(frozen=True, slots=True)
class Extension:
    """A codelist from which another one takes codes: all of them, or those (not) named; a name may end in ``%``.

    `cascade` lists the members that bring their children (``true``) or only these (``excluderoot``).
    """

    codelist: Ref
    prefix: str = ""
    _: KW_ONLY
    include: bool = True
    members: tuple[str, ...] = ()
    cascade: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class IsoConcept:
    """The concept of an ISO 11179 register for which a concept stands: its agency, scheme and id."""

    agency: str
    id: str
    _: KW_ONLY
    scheme: str = ""


@dataclass(frozen=True, slots=True)
class VtlWay:
    """How data become VTL's or come back: a method, and the dimensions that make the space there."""

    method: str = ""
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """A code, a concept or an agency: one item of a scheme.

    `status` is ``verified``, ``candidate`` or ``national`` and `source` says where the row comes from; both travel
    in messages as annotations. `codelist`, `data_type` and `facets` are the core representation of a concept.
    `contacts` are those of an organisation. `to_vtl` and `from_vtl` are of a mapping of VTL. The id of a nested
    category is its own; `parent` is the path above it.

    `properties` hold what only items of one kind have, as SDMX-ML 3.0 spells its elements and attributes, references
    as URNs: ``value`` and ``GeoCell`` of geographic codes; ``Expression``, ``Result`` and ``isPersistent`` of
    transformations, and so on for the other VTL items; ``StructuralMetadata`` and ``ProvisioningMetadata`` of reporting
    categories.
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
    to_vtl: VtlWay | None = None
    from_vtl: VtlWay | None = None

    def note(self, type_: str) -> str:
        """The text of the item's annotation of this type, empty if it has none."""
        return next((str(note.text) or note.title for note in self.annotations if note.type == type_), "")


@dataclass(frozen=True, slots=True)
class Maintainable:
    """What every artefact has: its reference, its name and description, notes, details, and where it is declared."""

    ref: Ref
    name: Text
    _: KW_ONLY
    description: Text = Text()
    annotations: tuple[Annotation, ...] = ()
    details: Details = Details()
    place: Place | None = field(default=None, compare=False)


class Shared(TypedDict):
    """The fields that all artefacts have, to make one with."""

    ref: Ref
    name: Text
    description: Text
    annotations: tuple[Annotation, ...]
    details: Details
    place: Place | None


@dataclass(frozen=True, slots=True)
class ItemScheme(Maintainable):
    """A codelist, concept scheme or agency scheme; SDMX gives them one shape.

    `partial` means that the list holds only some of its owner's items, as SDMX's ``isPartial``. `extensions` are the
    codelists that it takes codes from (SDMX 3), `properties` what only schemes of one kind have, as SDMX-ML 3.0 spells
    it: ``GridDefinition``, ``vtlVersion``, ``VtlMappingScheme`` and the other schemes of VTL (as URNs).
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
