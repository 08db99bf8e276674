"""Artefacts to SDMX-JSON 1.0, 2.0 and 2.1 structure messages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.formats.sdmx_json import structure_words as words
from sdmxmig.sdmx.formats.sdmx_json.structure_writing.records import WRITER
from sdmxmig.sdmx.formats.sdmx_json.structure_writing.writing import Json, Writing, encoded
from sdmxmig.sdmx.formats.structures.versions import in_kinds
from sdmxmig.sdmx.formats.wire import SDMX_OF, containers
from sdmxmig.sdmx.formats.wire.tables import NAMELESS
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Artefact
from sdmxmig.sdmx.model.submission import Header

RENAMED = {
    "1.0": {"DataConstraint": "ContentConstraint", "AvailabilityConstraint": "ContentConstraint"},
    "2.0": {"ContentConstraint": "DataConstraint", "AvailabilityConstraint": "DataConstraint"},
    "2.1": {"ContentConstraint": "DataConstraint"},
}


def write_structures(artefacts: Iterable[Artefact], header: Header, version: str) -> bytes:
    """Write artefacts as one structure message, deterministic and independent of their order.

    Texts appear in all languages and once more in English, or their first language. A time without offset gets
    ``-00:00`` (unknown).

    Raises `SdmxmigError` for different artefacts with one name, and for what the version does not support.
    """
    by_kind: dict[str, list[Json]] = {}
    languages: set[str] = set()
    known = containers("json", SDMX_OF[version])
    for artefact in unique(in_kinds(artefacts, known, f"SDMX-JSON {version}"), version):
        writing = Writing(version, artefact, languages=languages)
        by_kind.setdefault(artefact.ref.kind, []).append(WRITER.artefact(writing, artefact))
    data = {name: by_kind[kind] for kind, name in known.items() if kind in by_kind}
    return encoded(words.structure_version(version), header, languages=languages, data=data)


def unique(artefacts: Iterable[Artefact], version: str) -> list[Artefact]:
    known: dict[tuple[Ref, str], Artefact] = {}
    for original in artefacts:
        artefact = replace(original, ref=replace(original.ref, kind=kind_here(original, version)))
        key = (artefact.ref, repr(artefact) if artefact.ref.kind == NAMELESS else "")
        if known.setdefault(key, artefact) != artefact:
            hint = "Write one of them."
            raise SdmxmigError(f"There are two different artefacts {artefact.ref}.", artefact.place, hint)
    return [known[key] for key in sorted(known)]


def kind_here(artefact: Artefact, version: str) -> str:
    kind = RENAMED[version].get(artefact.ref.kind, artefact.ref.kind)
    if kind not in containers("json", SDMX_OF[version]) or kind == "StructureSet":
        hint = "Leave it out, or write SDMX-ML 2.1."
        what = f"SDMX-JSON {version} cannot express {artefact.ref.kind} {artefact.ref.short}: it has no {kind}."
        raise SdmxmigError(what, artefact.place, hint)
    return kind
