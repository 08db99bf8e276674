"""Artefacts to SDMX-ML structure messages."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from itertools import groupby

from lxml import etree

from sdmxmig.primitives.errors import SdmxmigError, for_each
from sdmxmig.sdmx.formats.sdmx_ml.dialects import Dialect
from sdmxmig.sdmx.formats.sdmx_ml.elements import add, start_message, to_bytes
from sdmxmig.sdmx.formats.sdmx_ml.header_writing import add_footer, add_header
from sdmxmig.sdmx.formats.sdmx_ml.structure_writing.records import WRITER
from sdmxmig.sdmx.formats.sdmx_ml.structure_writing.writing import Batches, Writing
from sdmxmig.sdmx.formats.structures.versions import in_kinds
from sdmxmig.sdmx.formats.wire.tables import NAMELESS
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Artefact
from sdmxmig.sdmx.model.submission import Header


def write_structures(artefacts: Iterable[Artefact], header: Header, dialect: Dialect) -> bytes:
    """Write artefacts as one structure message, deterministic and independent of their order.

    Raises `SdmxmigError` for different artefacts with one name, unsupported content and forbidden characters.
    """
    root = start_message(dialect, "Structure", {"str": dialect.structure})
    add_header(root, dialect, header)
    structures = add(root, dialect.message, "Structures")
    batches = Batches()
    by_kind: dict[str, list[Artefact]] = {}
    for artefact in unique(in_kinds(artefacts, dialect.containers, dialect.name), dialect):
        by_kind.setdefault(kind_here(artefact, dialect), []).append(artefact)
    for container, kinds in groupby(dialect.containers.items(), key=lambda pair: pair[1]):
        of_container = [artefact for kind, _ in kinds for artefact in by_kind.get(kind, [])]
        if of_container:
            holder = add(structures, dialect.structure, container)
            for_each(of_container, partial(add_artefact, holder, dialect, batches))
    add_footer(root, dialect, header.notes)
    return batches.filled(to_bytes(root))


def kind_here(artefact: Artefact, dialect: Dialect) -> str:
    kind = dialect.kinds.get(artefact.ref.kind, artefact.ref.kind)
    if kind not in dialect.containers:
        hint = "Leave it out, or write another version of SDMX-ML."
        what = f"{dialect.name} cannot express {artefact.ref.kind} {artefact.ref.short}: it has no {kind}."
        raise SdmxmigError(what, artefact.place, hint)
    return kind


def unique(artefacts: Iterable[Artefact], dialect: Dialect) -> list[Artefact]:
    """Sort artefacts by their names in this dialect and drop duplicates."""
    known: dict[tuple[Ref, str], Artefact] = {}
    for artefact in artefacts:
        kind = kind_here(artefact, dialect)
        ref = dialect.ref(artefact.ref)
        key = (
            Ref(kind, ref.agency, id=ref.id, version=ref.version, item=ref.item),
            repr(artefact) if kind == NAMELESS else "",
        )
        if known.setdefault(key, artefact) != artefact:
            hint = f"{dialect.name} calls both {ref.short}; write one of them."
            raise SdmxmigError(f"There are two different artefacts {ref}.", artefact.place, hint)
    return [known[key] for key in sorted(known)]


def add_artefact(holder: etree._Element, dialect: Dialect, batches: Batches, artefact: Artefact) -> None:
    WRITER.artefact(Writing(dialect, artefact, batches=batches), holder, artefact)
