"""Structures in SDMX-ML 2.0 registry messages."""

from __future__ import annotations

from collections.abc import Iterator

from sdmxmig.sdmx.formats.faults import Faults, attempt
from sdmxmig.sdmx.formats.sdmx_ml.parts import Part, open_message
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.version_20 import READERS
from sdmxmig.sdmx.model.structures import Artefact

BODIES = ("QueryStructureResponse", "SubmitStructureRequest")


def artefacts_of_dialogue(name: str, content: bytes, faults: Faults | None) -> tuple[Part, Iterator[Artefact]]:
    """Return the root and artefacts of a registry message.

    Raises `InputError` with the registry's message if missing.
    """
    root = open_message(name, content, faults)
    if root.message.version != "2.0":
        hint = "A structure message begins with <Structure>."
        raise root.error(f"is no structure message of SDMX-ML {root.message.version}.", hint)
    root.part("mes:Header")
    body = root.one(*(f"mes:{name}" for name in BODIES))
    root.close()
    if body.name == "SubmitStructureRequest":
        return root, submitted(body)
    return root, answered(body)


def submitted(body: Part) -> Iterator[Artefact]:
    if location := body.text("reg:StructureLocation").strip():
        hint = f"Read what stands there: {location}"
        raise body.error("names only the address of structures.", hint)
    holder = body.one("reg:Structure")
    body.forget("reg:SubmittedStructure")
    body.close()
    yield from collected(holder)


def answered(body: Part) -> Iterator[Artefact]:
    status = body.one("reg:StatusMessage")
    word = status.attribute("status")
    texts = "; ".join(part.content().strip() for part in status.parts("reg:MessageText"))
    if word == "Failure":
        raise status.error(f"says that the registry failed: {texts}", "Mend what it complains about, and ask again.")
    yield from collected(body)


def collected(holder: Part) -> Iterator[Artefact]:
    """The artefacts of the collections in an element, in their order."""
    faults = holder.message.faults
    for name, collection in holder.children():
        readers = READERS.get(f"mes:{name.removeprefix('reg:')}") if name.startswith("reg:") else None
        if readers is None:
            collection.surplus(f"does not belong in <{holder.name}>.")
            continue
        for kind, part in collection.children():
            if kind in readers:
                read = readers[kind]
                yield from attempt(faults, lambda child, read=read: tuple(read(child)), part) or ()  # type: ignore[misc]
            elif kind != "Annotations":
                part.surplus(f"does not belong in <{collection.name}>.")
        collection.close()
    holder.close()
