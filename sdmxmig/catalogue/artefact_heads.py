"""Fields common to declared artefacts, their status and source, and the artefact index."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from sdmxmig.catalogue.ages import find_same_ages
from sdmxmig.catalogue.folders import index_first_files, list_search_path
from sdmxmig.catalogue.rows import DeclaredRows, check_agency, check_id, check_version, find_first_day, find_last_day
from sdmxmig.primitives.errors import DeclarationError, did_you_mean
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.declarations import OWN, PASSAGE, Declared, check_parts, check_status
from sdmxmig.sdmx.formats.structures.notes import build_origin_notes
from sdmxmig.sdmx.model.artefacts import Annotation, Details, Item, ItemScheme, Shared, Text
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Artefact

STATUS, SOURCE = "STATUS", "SOURCE"


def find_note_text(annotations: Iterable[Annotation], type_: str) -> str:
    return next(
        (
            str(annotation.text) or annotation.title or annotation.value
            for annotation in annotations
            if annotation.type == type_
        ),
        "",
    )


def find_status(described: object) -> str:
    return str(getattr(described, "status", "")) or find_note_text(getattr(described, "annotations", ()), STATUS)


def find_source(described: object) -> str:
    source = getattr(described, "source", "")
    return (
        source if isinstance(source, str) and source else find_note_text(getattr(described, "annotations", ()), SOURCE)
    )


def find_declared_files(workspace: Path | None) -> Mapping[tuple[str, str], Path]:
    paths: dict[tuple[str, str], Path] = {}
    for top in ("codelists", "structures"):
        for suffix in (".csv", ".toml"):
            for path in index_first_files(list_search_path(top, workspace), suffix).values():
                paths[path.parent.name, path.name] = path
    return paths


def find_file(place: Place | None, agency: str, files: Mapping[tuple[str, str], Path]) -> Path | None:
    if place is None:
        return None
    if (agency, place.file) in files:
        return files[agency, place.file]
    return next((path for (_, name), path in files.items() if name == place.file), None)


SUBJECT_DIMENSIONS = ("INDICATOR", "ITEM")
TEXT_STATUS = "TEXT_STATUS"


def add_text_statuses(dataset: Dataset) -> Dataset:
    if TEXT_STATUS not in dataset.flow.structure:
        return dataset
    dimension = next(name for name in SUBJECT_DIMENSIONS if name in dataset.flow.structure)
    statuses = {item.id: item.status.upper() for item in dataset.flow.codelist(dimension) or () if item.status}
    declared = pl.col(dimension).cast(pl.String).replace_strict(statuses, default=None, return_dtype=pl.String)
    stated = [pl.col(TEXT_STATUS)] if TEXT_STATUS in dataset.observations.columns else []
    observations = dataset.observations.with_columns(pl.coalesce(*stated, declared).alias(TEXT_STATUS))
    return replace(dataset, observations=observations)


class SharedWithOrigin(Shared):
    """Common fields of artefacts, with status and source."""

    status: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtefactHead:
    ref: Ref
    name: Text
    description: Text
    status: str
    source: str
    notes: tuple[Annotation, ...]
    details: Details
    place: Place

    def shared(self) -> Shared:
        return {
            "ref": self.ref,
            "name": self.name,
            "description": self.description,
            "annotations": self.annotations,
            "details": self.details,
            "place": self.place,
        }

    def add_origin(self) -> SharedWithOrigin:
        return {**self.shared(), "annotations": self.notes, "status": self.status, "source": self.source}

    @property
    def annotations(self) -> tuple[Annotation, ...]:
        return (*build_origin_notes(self.status, self.source), *self.notes)


def read_head(declared: Declared, kind: str) -> ArtefactHead:
    """Read a TOML head: ``id``, ``agency``, ``version``, ``name``, ``status``, ``source``.

    Raises `DeclarationError` if invalid, or ``verified`` without a ``passage``.
    """
    ref = Ref(kind, declared.text("agency"), id=declared.text("id"), version=declared.text("version"))
    check_agency(ref.agency, declared.at("agency"))
    check_id(kind, ref.id, declared.at("id"))
    check_version(ref.version, declared.at("version"))
    external = declared.text("external", "")
    passage = declared.text("passage", "")
    notes = tuple(read_note(note) for note in declared.tables("note"))
    needed_passage = passage if ref.agency == OWN else None
    check_parts(notes, declared.place, passage=needed_passage)
    return ArtefactHead(
        ref=ref,
        name=declared.texts("name", required=True),
        description=declared.texts("description"),
        status=check_status(declared.text("status"), declared.at("status"), passage=needed_passage),
        source=declared.text("source"),
        notes=(*notes, Annotation(PASSAGE, Text.of(en=passage))) if passage else notes,
        details=Details(
            find_first_day(declared.text("valid_from", ""), declared.at("valid_from")),
            find_last_day(declared.text("valid_to", ""), declared.at("valid_to")),
            external=bool(external),
            structure_url=external,
        ),
        place=declared.place,
    )


def build_head(rows: DeclaredRows, source: str = "source") -> ArtefactHead:
    row = rows.head
    details = Details(*row.valid, external=bool(row["external"]), structure_url=row["external"])
    name, description = row.texts("name"), row.texts("description")
    return ArtefactHead(
        ref=rows.ref,
        name=name,
        description=description,
        status=row.status,
        source=row[source],
        notes=row.notes,
        details=details,
        place=rows.place,
    )


def read_note(declared: Declared) -> Annotation:
    note = Annotation(
        declared.text("type"), declared.texts("text"), title=declared.text("title", ""), url=declared.text("url", "")
    )
    declared.close()
    if not (note.text or note.title or note.url):
        raise DeclarationError("The note is empty.", declared.place, "Give it a title or a text.")
    return note


class ArtefactIndex:
    """Artefacts by reference; agency and version may be omitted if unique. Errors suggest the nearest."""

    def __init__(self, artefacts: Iterable[Artefact] = ()) -> None:
        self.artefacts: dict[Ref, Artefact] = {}
        self.looked_up: dict[Ref, Artefact] = {}
        self._items: dict[Ref, dict[str, Item]] = {}
        for artefact in artefacts:
            self.add(artefact)

    def add(self, artefact: Artefact) -> None:
        earlier = self.artefacts.get(artefact.ref)
        if earlier is not None:
            hint = f"See {earlier.place}." if earlier.place else ""
            raise DeclarationError(f"{artefact.ref} is declared twice.", artefact.place, hint)
        self.artefacts[artefact.ref] = artefact

    def ref(self, text: str, kind: str, place: Place) -> Ref:
        return self.find(parse_reference(text, kind, place), place).ref

    def find(self, ref: Ref, place: Place) -> Artefact:
        artefact = self.looked_up[ref] = (
            self.artefacts[ref] if ref in self.artefacts else self._find_fitting(ref, place)
        )
        return artefact

    def _find_fitting(self, ref: Ref, place: Place) -> Artefact:
        """Find the only artefact that matches a partial reference; errors suggest the nearest."""
        same_kind = [artefact for known_ref, artefact in self.artefacts.items() if known_ref.kind == ref.kind]
        fitting = [artefact for artefact in same_kind if artefact.ref.id == ref.id]
        fitting = [artefact for artefact in fitting if ref.agency in ("", artefact.ref.agency) and not ref.version]
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            names = ", ".join(artefact.ref.short for artefact in fitting)
            raise DeclarationError(f"Several artefacts are called {ref.id}.", place, f"Write one of: {names}.")
        is_full = bool(ref.agency and ref.version)
        name = ref.short if is_full else ref.id
        hint = did_you_mean(name, [artefact.ref.short if is_full else artefact.ref.id for artefact in same_kind])
        raise DeclarationError(f"There is no {name_kind(ref.kind)} {name}.", place, hint or "None is declared.")

    def item(self, text: str, kind: str, place: Place) -> Ref:
        ref = parse_reference(text, kind, place)
        scheme = self.find(ref.scheme, place)
        self.check_items(scheme.ref, [ref.item], place)
        return Ref(kind, scheme.ref.agency, id=scheme.ref.id, version=scheme.ref.version, item=ref.item)

    def items(self, scheme: Ref) -> Mapping[str, Item]:
        if scheme not in self._items:
            artefact = self.artefacts.get(scheme)
            items = artefact.items if isinstance(artefact, ItemScheme) else ()
            by_path = scheme.kind == "CategoryScheme"
            self._items[scheme] = {item.path if by_path else item.id: item for item in items}
        return self._items[scheme]

    def check_items(self, scheme: Ref, ids: Iterable[str], place: Place) -> None:
        artefact = self.artefacts[scheme]
        if artefact.details.external:
            return
        items = self.items(scheme)
        for item_id in ids:
            if item_id not in items:
                kind_of_item = {"Codelist": "code", "ConceptScheme": "concept"}.get(scheme.kind, "item")
                message = f"There is no {kind_of_item} “{item_id}” in {scheme.short}."
                raise DeclarationError(message, place, did_you_mean(find_same_ages(item_id, items) or item_id, items))


def parse_reference(text: str, kind: str, place: Place) -> Ref:
    try:
        return Ref.parse(text, kind=kind)
    except DeclarationError as error:
        raise DeclarationError(error.message, place, error.hint) from None


def name_kind(kind: str) -> str:
    """Return the display name of a kind.

    >>> name_kind("DataStructure"), name_kind("Codelist")
    ('data structure', 'codelist')
    """
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in kind).strip()
