"""Content of pages before rendering."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sdmxmig.catalogue import Catalogue
from sdmxmig.catalogue.artefact_heads import SOURCE, STATUS, find_source, find_status
from sdmxmig.catalogue.folders import read_code_words
from sdmxmig.catalogue.indicators import Indicator
from sdmxmig.catalogue.item_schemes import walk_with_depth
from sdmxmig.sdmx.model.artefacts import Annotation, Item, ItemScheme, Text
from sdmxmig.sdmx.model.data_structures import Dataflow, DataStructure
from sdmxmig.sdmx.model.findings import Rule
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

HIDDEN_NOTES = ("TRANSLATION",)


@dataclass(frozen=True, slots=True)
class Page:
    library: Library
    words: Words
    sources: dict[str, int] = field(default_factory=dict)

    def next(self) -> Page:
        return Page(self.library, self.words)

    def say(self, text: str, **values: str) -> str:
        return self.words.say(text, **values)

    def say_code(self, kind: str, code: str) -> str:
        words = read_code_words("docs", kind)
        return self.say(words[code]) if code in words else ""

    def label(self, text: str) -> LanguageText:
        return LanguageText(self.say(text))

    def of(self, text: Text) -> LanguageText:
        return self.words.of(text)

    def status_note(self, thing: object) -> StatusNote:
        source = find_source(thing)
        annotations: Sequence[Annotation] = getattr(thing, "annotations", ())
        return StatusNote(
            find_status(thing) or "candidate",
            self.sources.setdefault(source, len(self.sources) + 1) if source else 0,
            part=next((self.of(note.text) for note in annotations if note.type == "VERIFIED_PART"), NOTHING),
        )

    def cited(self, status_note: StatusNote) -> str:
        return next((source for source, number in self.sources.items() if number == status_note.source), "")

    def notes(self, annotations: Sequence[Annotation], leave_out: Sequence[str] = HIDDEN_NOTES) -> Iterator[StatedNote]:
        """Yield annotations with their statuses, except the status and source of the artefact itself."""
        texts = {note.type: str(note.text) or note.title for note in annotations}
        for note in annotations:
            owner = note.type.removesuffix("_STATUS")
            is_of_another = owner != note.type and owner in texts
            if is_of_another or note.type in (STATUS, SOURCE, "VERIFIED_PART", *leave_out):
                continue
            text = self.of(note.text) if note.text else LanguageText(note.title or note.value or note.url)
            yield StatedNote(note.type, text, status=texts.get(f"{note.type}_STATUS", ""))

    def about(self, artefact: Artefact, leave_out: Sequence[str] = ()) -> dict[str, object]:
        details = artefact.details
        return {
            "artefact": artefact,
            "head": self.status_note(artefact),
            "description": self.of(artefact.description),
            "notes": list(self.notes(artefact.annotations, (*HIDDEN_NOTES, *leave_out))),
            "valid": describe_validity(details.valid_from, details.valid_to),
            "external": details.structure_url if details.external else "",
        }

    def link(self, ref: Ref) -> PageLink:
        return PageLink(LanguageText(ref.short), self.library.address(ref))

    def link_by_name(self, artefact: Artefact) -> PageLink:
        return PageLink(self.of(artefact.name), self.library.address(artefact.ref), note=artefact.ref.id)

    def link_with_status(self, thing: Dataflow | Indicator | Rule, id_: str, href: str = "") -> PageLink:
        return PageLink(self.of(thing.name), href, note=id_, status=thing.status or "candidate")

    def row(self, thing: Any, id_: str = "", **shown: Any) -> FactRow:
        return FactRow(id=id_ or thing.id, name=self.of(thing.name), status_note=self.status_note(thing), **shown)

    def build_artefact_row(self, artefact: Artefact, cells: tuple[object, ...] = (), *, anchor: str = "") -> FactRow:
        return self.row(
            artefact,
            artefact.ref.id,
            anchor=anchor,
            description=self.of(artefact.description),
            href=self.library.address(artefact.ref),
            cells=cells,
        )

    def build_concept_row(self, id_: str, ref: Ref, **shown: Any) -> FactRow:
        concept = self.library.items(ref.scheme).get(ref.item)
        href = self.library.address(ref)
        if concept is None:
            return FactRow(id=id_, name=LanguageText(id_), status_note=StatusNote("candidate"), href=href, **shown)
        return self.row(concept, id_, href=href, description=self.of(concept.description), **shown)

    def entry(self, thing: Any, kind: str, href: str, words: str) -> SearchEntry:
        return SearchEntry(self.of(thing.name).text, self.say(kind), href=href, words=words)

    def build_section_page(
        self, section: str, title: LanguageText, values: Mapping[str, object], entries: Iterable[SearchEntry] = ()
    ) -> SitePage:
        return SitePage(
            file=f"{section}.html",
            template=f"{section}.html.j2",
            title=title,
            section=section,
            values=values,
            sources=self.sources,
            entries=tuple(entries),
        )

    def build_artefact_page(
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
        """Build the page of an artefact in a section; search finds it by `kind` and `search` words."""
        href, (above, label) = self.library.address(artefact.ref), section
        return SitePage(
            file=href,
            template=template,
            title=self.of(artefact.name),
            section=above,
            values=values,
            sources=self.sources,
            entries=(self.entry(artefact, kind, href, search or artefact.ref.id), *entries),
            crumbs=(PageLink(self.label(label), f"{above}.html"),),
            eyebrow=artefact.ref.short,
        )


@dataclass(frozen=True, slots=True)
class StatusNote:
    status: str
    source: int = 0
    part: LanguageText = NOTHING


@dataclass(frozen=True, slots=True)
class StatedNote:
    type: str
    text: LanguageText
    status: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FactRow:
    id: str
    name: LanguageText
    status_note: StatusNote
    depth: int = 0
    anchor: str = ""
    description: LanguageText = NOTHING
    notes: tuple[StatedNote, ...] = ()
    valid: str = ""
    href: str = ""
    cells: tuple[object, ...] = ()


def describe_validity(start: str, end: str) -> str:
    return f"{start[:10] or '…'} – {end[:10] or '…'}" if start or end else ""


def index_counts_by_status(things: Sequence[object]) -> dict[str, int]:
    counts = {"verified": 0, "candidate": 0, "national": 0}
    for thing in things:
        counts[find_status(thing) or "candidate"] += 1
    return {status: count for status, count in counts.items() if count}


@dataclass(frozen=True, slots=True)
class SearchEntry:
    """An entry of the search index; `words` are searched in addition to the title."""

    title: str
    kind: str
    href: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class PageLink:
    text: LanguageText
    href: str = ""
    note: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SitePage:
    file: str
    template: str
    title: LanguageText
    section: str
    values: Mapping[str, object]
    sources: Mapping[str, int] = field(default_factory=dict)
    entries: tuple[SearchEntry, ...] = ()
    crumbs: tuple[PageLink, ...] = ()
    eyebrow: str = ""


DEFINITIONS, FRAMEWORK, AREAS = "CS_DEFINITIONS", "CS_FRAMEWORK", "CL_POLICY_AREA"
KIND_FOLDERS = {
    "DataStructure": "structure",
    "Dataflow": "flow",
    "MetadataStructure": "metadata",
    "StructureMap": "map",
    "RepresentationMap": "map",
}
JOINT_KINDS = ("Metadataflow", "ProvisionAgreement", "MetadataProvisionAgreement")


Kind = TypeVar("Kind")


class Library:
    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        artefacts = [catalogue.artefacts[ref] for ref in sorted(catalogue.artefacts)]

        def of_kind(kind: type[Kind]) -> tuple[Kind, ...]:
            return tuple(artefact for artefact in artefacts if isinstance(artefact, kind))

        self.lists, self.structures, self.flows = of_kind(ItemScheme), of_kind(DataStructure), of_kind(Dataflow)
        self.structure_maps, self.representation_maps = of_kind(StructureMap), of_kind(RepresentationMap)
        self.metadata_structures, self.metadataflows = of_kind(MetadataStructure), of_kind(Metadataflow)
        self.agreements = of_kind(Agreement)
        self.hierarchies: dict[Ref, list[Hierarchy]] = {}
        self._first_lists: dict[Ref, Ref] = {}
        for hierarchy in of_kind(Hierarchy):
            for owner in dict.fromkeys(node.code.scheme for _, node in walk_with_depth(hierarchy.codes)):
                self.hierarchies.setdefault(owner, []).append(hierarchy)
                self._first_lists.setdefault(hierarchy.ref, owner)
        self.constraints: dict[Ref, list[Constraint]] = {}
        for constraint in of_kind(Constraint):
            for ref in constraint.attached:
                self.constraints.setdefault(ref, []).append(constraint)
        self.categories: dict[Ref, list[Ref]] = {}
        for categorisation in of_kind(Categorisation):
            self.categories.setdefault(categorisation.source, []).append(categorisation.target)
        self.users: dict[Ref, list[DataStructure]] = {}
        for structure in self.structures:
            for codelist in dict.fromkeys(each.codelist for each in structure.components if each.codelist):
                self.users.setdefault(codelist, []).append(structure)
        self.followers: dict[Ref, list[Dataflow]] = {}
        for flow in self.flows:
            self.followers.setdefault(flow.structure, []).append(flow)
        self._items: dict[Ref, Mapping[str, Item]] = {}
        self._ids = {ref.id: ref for ref in catalogue.artefacts}

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

    def is_in_category(self, flow: Dataflow, scheme: Ref, path: str) -> bool:
        return any(ref.scheme == scheme and ref.item == path for ref in self.categories.get(flow.ref, ()))

    def list_indicators(self, flow_id: str) -> Sequence[Indicator]:
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
        """Return the page of an artefact, or its anchor on the page of its kind or scheme."""
        if ref.id == DEFINITIONS:
            return "definitions.html"
        if ref.kind == "Hierarchy":
            owner = self._first_lists.get(ref)
            return f"{self.address(owner)}#{ref.id}" if owner else ""
        if ref.kind in JOINT_KINDS:
            return f"metadata.html#{ref.id}"
        is_list = isinstance(self.catalogue.artefacts[ref], ItemScheme)
        kind = "list" if is_list else KIND_FOLDERS.get(ref.kind, "")
        return f"{kind}-{ref.agency}-{ref.id}-{ref.version}.html" if kind else ""
