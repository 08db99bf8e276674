"""A structure message, read strictly or leniently.

Structures in SDMX-ML 2.0 registry messages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sdmxmig.sdmx.formats.faults import Faults, attempt
from sdmxmig.sdmx.formats.run_reading import no_collector
from sdmxmig.sdmx.formats.sdmx_ml.parts import Message, Part, open_message
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading import version_20
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.leniency import LenientWalk
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.references import named_as_drafts
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.version_20 import READERS
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.walk import Walk
from sdmxmig.sdmx.formats.structures.representations import as_it_was
from sdmxmig.sdmx.formats.structures.since_3 import restored_from_3
from sdmxmig.sdmx.formats.structures.versions import restored
from sdmxmig.sdmx.model.structures import Artefact

OLD_DIALOGUE = re.compile(rb"<(?:[\w.-]+:)?RegistryInterface[\s>]")
BEGINNING = 8192
"""Number of bytes searched for the root."""


def read_structures(name: str, content: bytes, faults: Faults | None = None) -> tuple[Artefact, ...]:
    """Read the artefacts of a structure message of SDMX-ML 2.0 to 3.1 in order.

    Includes structures in SDMX-ML 2.0 registry messages. The namespace determines the version. Texts, ids and order are
    preserved; content that the model lacks is rejected.

    Raises `InputError` with line and element, or records the fault and leaves out the annotation, item or artefact.
    """
    if OLD_DIALOGUE.search(content[:BEGINNING]):
        root, artefacts = artefacts_of_dialogue(name, content, faults)
        return completed(tuple(version_20.joined(artefacts)), root.message)
    walk, artefacts = way_through(name, content, faults)
    with no_collector():
        joined_artefacts = tuple(version_20.joined(artefacts))
    return completed(joined_artefacts, walk.message)


def way_through(name: str, content: bytes, faults: Faults | None) -> tuple[Walk, Iterator[Artefact]]:
    if faults is None:
        walk = Walk(name, content)
        return walk, walk.artefacts()
    lenient = LenientWalk(name, content, faults)
    return lenient, lenient.to_the_end()


def completed(artefacts: tuple[Artefact, ...], message: Message) -> tuple[Artefact, ...]:
    drafts = message.drafts
    named = tuple(named_as_drafts(artefact, drafts) for artefact in artefacts) if drafts else artefacts
    return tuple(map(as_it_was, restored(named) if message.is_21 else restored_from_3(named)))


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
