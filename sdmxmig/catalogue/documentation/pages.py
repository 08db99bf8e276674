"""Pages before rendering."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field

from sdmxmig.catalogue import Catalogue
from sdmxmig.catalogue.heads import SOURCE, STATUS, source_of, status_of
from sdmxmig.catalogue.indicators import Indicator
from sdmxmig.catalogue.item_schemes import with_depth
from sdmxmig.sdmx.model.artefacts import Annotation, Item, ItemScheme, Text
from sdmxmig.sdmx.model.data_structures import Dataflow, DataStructure
from sdmxmig.sdmx.model.maps import RepresentationMap, StructureMap
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import (
    Agreement,
    Artefact,
    Categorisation,
    Constraint,
    Hierarchy,
    Metadataflow,
    MetadataStructure,
)
from sdmxmig.sdmx.words import NOTHING, LanguageText, Words

UNSAID = ("TRANSLATION",)
"""Annotations that the page tells once at its foot."""


class PageSources:
    """The numbered sources of a page."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def of(self, source: str) -> int:
        return self.numbers.setdefault(source, len(self.numbers) + 1) if source else 0

    def listed(self) -> list[tuple[int, str]]:
        return [(number, source) for source, number in self.numbers.items()]


@dataclass(frozen=True, slots=True)
class Page:
    """A page in the making: its subject, its language, and the sources that it cites."""

    library: Library
    words: Words
    sources: PageSources = field(default_factory=PageSources)

    def say(self, text: str, **values: str) -> str:
        return self.words.say(text, **values)

    def of(self, text: Text) -> LanguageText:
        return self.words.of(text)

    def link(self, ref: Ref) -> PageLink:
        return PageLink(LanguageText(ref.short), self.library.address(ref))

    def link_by_name(self, artefact: Artefact) -> PageLink:
        return PageLink(self.of(artefact.name), self.library.address(artefact.ref), note=artefact.ref.id)

    def row(self, artefact: Artefact, cells: tuple[object, ...] = (), *, anchor: str = "") -> FactRow:
        return FactRow(
            artefact.ref.id,
            self.of(artefact.name),
            standing=standing(artefact, self),
            anchor=anchor,
            description=self.of(artefact.description),
            href=self.library.address(artefact.ref),
            cells=cells,
        )

    def of_section(
        self, section: str, title: LanguageText, values: Mapping[str, object], entries: tuple[SearchEntry, ...] = ()
    ) -> SitePage:
        """Build the page of a menu entry, which names its file and template."""
        template = f"{section}.html.j2"
        return SitePage(
            f"{section}.html",
            template,
            title=title,
            section=section,
            values=values,
            sources=self.sources,
            entries=entries,
        )

    def of_artefact(
        self,
        artefact: Artefact,
        template: str,
        values: Mapping[str, object],
        *,
        kind: str,
        section: tuple[str, str],
        search: str = "",
        entries: Iterable[SearchEntry] = (),
    ) -> SitePage:
        """Build an artefact's page below a section (its name and title), found by its `kind` and words for `search`."""
        title, href, (above, label) = self.of(artefact.name), self.library.address(artefact.ref), section
        entry = SearchEntry(title.text, self.say(kind), href=href, words=search or artefact.ref.id)
        return SitePage(
            href,
            template,
            title=title,
            section=above,
            values=values,
            sources=self.sources,
            entries=(entry, *entries),
            crumbs=(PageLink(LanguageText(self.say(label)), f"{above}.html"),),
            eyebrow=artefact.ref.short,
        )


@dataclass(frozen=True, slots=True)
class Standing:
    """The reliability of a fact: status, source, verified part."""

    status: str
    source: int = 0
    _: KW_ONLY
    part: LanguageText = NOTHING


@dataclass(frozen=True, slots=True)
class StatedNote:
    type: str
    text: LanguageText
    _: KW_ONLY
    status: str = ""


@dataclass(frozen=True, slots=True)
class FactRow:
    id: str
    name: LanguageText
    _: KW_ONLY
    standing: Standing
    depth: int = 0
    anchor: str = ""
    description: LanguageText = NOTHING
    notes: tuple[StatedNote, ...] = ()
    valid: str = ""
    href: str = ""
    cells: tuple[object, ...] = field(default=())


def standing(thing: object, page: Page) -> Standing:
    part = next(
        (annotation for annotation in getattr(thing, "annotations", ()) if annotation.type == "VERIFIED_PART"), None
    )
    return Standing(
        status_of(thing) or "candidate",
        page.sources.of(source_of(thing)),
        part=page.words.of(part.text) if part else NOTHING,
    )


def notes(annotations: Sequence[Annotation], words: Words, leave_out: Sequence[str] = ()) -> Iterator[StatedNote]:
    """Yield annotations with their statuses, except status and source of the subject."""
    texts = {annotation.type: str(annotation.text) or annotation.title for annotation in annotations}
    for annotation in annotations:
        owner = annotation.type.removesuffix("_STATUS")
        if annotation.type in (STATUS, SOURCE, "VERIFIED_PART", *UNSAID, *leave_out) or (
            owner != annotation.type and owner in texts
        ):
            continue
        text = (
            words.of(annotation.text)
            if annotation.text
            else LanguageText(annotation.title or annotation.value or annotation.url)
        )
        yield StatedNote(annotation.type, text, status=texts.get(f"{annotation.type}_STATUS", ""))


def validity(start: str, end: str) -> str:
    return f"{start[:10] or '…'} – {end[:10] or '…'}" if start or end else ""


def about(artefact: Artefact, page: Page, leave_out: Sequence[str] = ()) -> dict[str, object]:
    details = artefact.details
    return {
        "artefact": artefact,
        "head": standing(artefact, page),
        "description": page.words.of(artefact.description),
        "notes": list(notes(artefact.annotations, page.words, leave_out)),
        "valid": validity(details.valid_from, details.valid_to),
        "external": details.structure_url if details.external else "",
    }


def counts_by_status(things: Sequence[object]) -> dict[str, int]:
    counts = {"verified": 0, "candidate": 0, "national": 0}
    for thing in things:
        counts[status_of(thing) or "candidate"] += 1
    return {status: count for status, count in counts.items() if count}


@dataclass(frozen=True, slots=True)
class SearchEntry:
    """A search entry."""

    title: str
    kind: str
    _: KW_ONLY
    href: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class PageLink:
    text: LanguageText
    href: str = ""
    _: KW_ONLY
    note: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True)
class SitePage:
    """A page in one language."""

    file: str
    template: str
    _: KW_ONLY
    title: LanguageText
    section: str
    values: Mapping[str, object]
    sources: PageSources = field(default_factory=PageSources)
    entries: tuple[SearchEntry, ...] = ()
    crumbs: tuple[PageLink, ...] = ()
    eyebrow: str = ""


DEFINITIONS, FRAMEWORK, AREAS = "CS_DEFINITIONS", "CS_FRAMEWORK", "CL_POLICY_AREA"
KINDS = {
    "DataStructure": "structure",
    "Dataflow": "flow",
    "MetadataStructure": "metadata",
    "StructureMap": "map",
    "RepresentationMap": "map",
}
TOGETHER = ("Metadataflow", "ProvisionAgreement", "MetadataProvisionAgreement")


class Library:
    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        artefacts = [catalogue.artefacts[ref] for ref in sorted(catalogue.artefacts)]
        self.lists = tuple(item_scheme for item_scheme in artefacts if isinstance(item_scheme, ItemScheme))
        self.structures = tuple(
            data_structure for data_structure in artefacts if isinstance(data_structure, DataStructure)
        )
        self.flows = tuple(dataflow for dataflow in artefacts if isinstance(dataflow, Dataflow))
        self.structure_maps = tuple(
            structure_map for structure_map in artefacts if isinstance(structure_map, StructureMap)
        )
        self.representation_maps = tuple(
            representation_map for representation_map in artefacts if isinstance(representation_map, RepresentationMap)
        )
        self.metadata_structures = tuple(
            metadata_structure for metadata_structure in artefacts if isinstance(metadata_structure, MetadataStructure)
        )
        self.metadataflows = tuple(metadataflow for metadataflow in artefacts if isinstance(metadataflow, Metadataflow))
        self.agreements = tuple(agreement for agreement in artefacts if isinstance(agreement, Agreement))
        self.hierarchies: dict[Ref, list[Hierarchy]] = {}
        self.constraints: dict[Ref, list[Constraint]] = {}
        self.categories: dict[Ref, list[Ref]] = {}
        for artefact in artefacts:
            if isinstance(artefact, Hierarchy):
                for owner in dict.fromkeys(node.code.scheme for _, node in with_depth(artefact.codes)):
                    self.hierarchies.setdefault(owner, []).append(artefact)
            elif isinstance(artefact, Constraint):
                for ref in artefact.attached:
                    self.constraints.setdefault(ref, []).append(artefact)
            elif isinstance(artefact, Categorisation):
                self.categories.setdefault(artefact.source, []).append(artefact.target)
        self.users: dict[Ref, list[DataStructure]] = {}
        self.followers: dict[Ref, list[Dataflow]] = {}
        self._read_structures()
        self._items: dict[Ref, Mapping[str, Item]] = {}
        self._ids = {ref.id: ref for ref in catalogue.artefacts}

    def _read_structures(self) -> None:
        for structure in self.structures:
            for codelist in dict.fromkeys(
                component.codelist for component in structure.components if component.codelist
            ):
                self.users.setdefault(codelist, []).append(structure)
        for flow in self.flows:
            self.followers.setdefault(flow.structure, []).append(flow)

    def items(self, scheme: Ref) -> Mapping[str, Item]:
        if scheme not in self._items:
            artefact = self.catalogue.artefacts.get(scheme)
            self._items[scheme] = {item.id: item for item in artefact} if isinstance(artefact, ItemScheme) else {}
        return self._items[scheme]

    def scheme(self, scheme_id: str) -> ItemScheme | None:
        artefact = self.catalogue.artefacts.get(self._ids[scheme_id]) if scheme_id in self._ids else None
        return artefact if isinstance(artefact, ItemScheme) else None

    def item(self, scheme_id: str, item_id: str) -> Item | None:
        scheme = self.scheme(scheme_id)
        return self.items(scheme.ref).get(item_id) if scheme else None

    def name(self, scheme_id: str, item_id: str) -> Text:
        item = self.item(scheme_id, item_id)
        return item.name if item else Text.of(en=item_id)

    def flow(self, flow_id: str) -> Dataflow | None:
        return next((dataflow for dataflow in self.flows if dataflow.ref.id == flow_id), None)

    def indicators_of(self, flow_id: str) -> Sequence[Indicator]:
        return [
            indicator
            for indicator in self.catalogue.indicators.values()
            if any(term.flow == flow_id for variant in indicator.variants for term in variant.terms.values())
        ]

    def address(self, ref: Ref) -> str:
        if ref.item:
            page = self.address(ref.scheme)
            return f"{page}#{ref.item}" if page else ""
        if ref not in self.catalogue.artefacts:
            return ""
        return self._page(ref)

    def _page(self, ref: Ref) -> str:
        """Return the page of an artefact, or its place on the page of its kind or list."""
        if ref.id == DEFINITIONS:
            return "definitions.html"
        if ref.kind == "Hierarchy":
            owner = next((node.code.scheme for _, node in with_depth(self.tree(ref).codes)), None)
            return f"{self.address(owner)}#{ref.id}" if owner else ""
        if ref.kind in TOGETHER:
            return f"metadata.html#{ref.id}"
        is_list = isinstance(self.catalogue.artefacts[ref], ItemScheme)
        kind = "list" if is_list else KINDS.get(ref.kind, "")
        return f"{kind}-{ref.agency}-{ref.id}-{ref.version}.html" if kind else ""

    def tree(self, ref: Ref) -> Hierarchy:
        artefact = self.catalogue.artefacts[ref]
        if not isinstance(artefact, Hierarchy):
            raise TypeError(ref)
        return artefact
