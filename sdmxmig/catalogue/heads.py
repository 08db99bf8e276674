"""Heads of declared artefacts; status, source and file of artefacts and codes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from sdmxmig.catalogue.folders import find_first_of_each, list_search_path
from sdmxmig.catalogue.rows import DeclaredRows, check_agency, check_id, check_version, find_first_day, find_last_day
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.declarations import OWN, PASSAGE, Declared, check_parts, check_status
from sdmxmig.sdmx.formats.structures.notes import build_origin_notes
from sdmxmig.sdmx.model.artefacts import Annotation, Details, Shared, Text
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.references import Ref

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
            for path in find_first_of_each(list_search_path(top, workspace), suffix).values():
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
    """Common fields of artefacts, with status and source for kinds that store them."""

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

    Raises `DeclarationError`, also for ``verified`` without ``passage``.
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
        notes=(*notes, *list_passage_notes(passage)),
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


def list_passage_notes(passage: str) -> Iterator[Annotation]:
    if passage:
        yield Annotation(PASSAGE, Text.of(en=passage))
