"""Names, texts, annotations and references of sdmx1 objects."""

from __future__ import annotations

from typing import Any

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.notes import moment
from sdmxmig.sdmx.formats.structures.notes import NEVER_FINAL, THREE_NUMBERS, Notes
from sdmxmig.sdmx.model.artefacts import Annotation, Details, Text
from sdmxmig.sdmx.model.references import ITEM_KINDS, Ref

KINDS = {
    "DataStructureDefinition": "DataStructure",
    "DataflowDefinition": "Dataflow",
    "MetadataStructureDefinition": "MetadataStructure",
    "MetadataflowDefinition": "Metadataflow",
}
"""How sdmx1 calls what SDMX calls otherwise."""


def kind_of(sdmx1_object: Any) -> str:
    name = type(sdmx1_object).__name__
    return KINDS.get(name, name)


def text_of(value: Any) -> Text:
    return Text(tuple((str(language), str(text)) for language, text in value.localizations.items()))


def ref_of(sdmx1_object: Any) -> Ref:
    """The reference of an artefact, or of an item, whose scheme sdmx1 keeps as the end of its parents."""
    kind = kind_of(sdmx1_object)
    if sdmx1_object is None or (
        type(sdmx1_object.id) is not str and not sdmx1_object.urn
    ):  # an id that is missing has a type of its own
        return Ref(kind, "", id="", version="")
    if kind in ITEM_KINDS.values():
        scheme, path = sdmx1_object, []
        while scheme is not None and kind_of(scheme) not in ITEM_KINDS:
            path.append(scheme.id)
            scheme = scheme.parent
        nested = ".".join(reversed(path)) if kind == "Category" else sdmx1_object.id
        owner = _named(sdmx1_object, kind) if scheme is None or type(scheme.id) is not str else ref_of(scheme)
        return Ref(kind, owner.agency, id=owner.id, version=owner.version, item=nested)
    agency = sdmx1_object.maintainer.id if sdmx1_object.maintainer is not None else ""
    version = str(sdmx1_object.version) if sdmx1_object.version else ""
    return Ref(kind, agency, id=sdmx1_object.id, version=version) if agency else _named(sdmx1_object, kind)


def _named(sdmx1_object: Any, kind: str) -> Ref:
    if not sdmx1_object.urn:
        raise SdmxmigError(f"The {kind} “{sdmx1_object.id}” has no maintainer.", hint="Give it one, or a URN.")
    return Ref.parse(sdmx1_object.urn.replace("Definition=", "="), kind=kind)


def is_true(value: Any) -> bool:
    return str(value).lower() == "true"


def annotations_of(sdmx1_object: Any) -> tuple[Annotation, ...]:
    """All notes on an object."""
    return tuple(
        Annotation(
            note.type or "",
            text_of(note.text),
            title=note.title or "",
            url=note.url or "",
            id=note.id or "",
            value=note.value or "",
        )
        for note in sdmx1_object.annotations
    )


def notes_of(sdmx1_object: Any) -> Notes:
    return Notes(annotations_of(sdmx1_object))


def details_of(artefact: Any) -> Details:
    """Validity, addresses and finality of an artefact."""
    return Details(
        valid_from=moment(artefact.valid_from or ""),
        valid_to=moment(artefact.valid_to or ""),
        uri=artefact.uri or "",
        external=is_true(artefact.is_external_reference),
        structure_url=artefact.structure_url or "",
        service_url=artefact.service_url or "",
        final=None if is_true(artefact.is_final) or says_draft(artefact) or kind_of(artefact) in NEVER_FINAL else False,
    )


def says_draft(artefact: Any) -> bool:
    return bool(THREE_NUMBERS.fullmatch(str(artefact.version or "")))
