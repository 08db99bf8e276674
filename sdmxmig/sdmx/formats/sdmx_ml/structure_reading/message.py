"""A whole structure message, read strictly, or leniently with what is wrong noted."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sdmxmig.sdmx.formats.collector import no_collector
from sdmxmig.sdmx.formats.faults import Faults
from sdmxmig.sdmx.formats.sdmx_ml.parts import Message
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading import version_20
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.drafts import named_as_drafts
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.lenient_walk import LenientWalk
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.version_20_registry import artefacts_of_dialogue
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.walk import Walk
from sdmxmig.sdmx.formats.structures.representable import as_it_was
from sdmxmig.sdmx.formats.structures.since_3 import restored_from_3
from sdmxmig.sdmx.formats.structures.versions import restored
from sdmxmig.sdmx.model.structures import Artefact

OLD_DIALOGUE = re.compile(rb"<(?:[\w.-]+:)?RegistryInterface[\s>]")
BEGINNING = 8192
"""So far into a message its root is looked for."""


def read_structures(name: str, content: bytes, faults: Faults | None = None) -> tuple[Artefact, ...]:
    """All artefacts of a structure message of SDMX-ML 2.0 to 3.1, in the order in which they stand there.

    Of SDMX-ML 2.0 these are also the structures that a registry answers, or is sent.

    The version is known by the namespace. `name` is the file's name in messages. Texts, ids and order are kept as they
    are; what the model cannot hold is refused, nothing is skipped.

    Raises `InputError`, with the line and name of the element, for a message that is not well formed, is no structure
    message, or holds an element or attribute that does not belong where it stands, or a reference that names nothing.
    With `faults` these are noted, and what cannot be read is left out: an annotation, an item, an artefact.
    """
    if OLD_DIALOGUE.search(content[:BEGINNING]):
        root, artefacts = artefacts_of_dialogue(name, content, faults)
        return completed(tuple(version_20.joined(artefacts)), root.message)
    walk, artefacts = way_through(name, content, faults)
    with no_collector():
        joined_artefacts = tuple(version_20.joined(artefacts))
    return completed(joined_artefacts, walk.message)


def way_through(name: str, content: bytes, faults: Faults | None) -> tuple[Walk, Iterator[Artefact]]:
    """The reader of a message, strict or lenient, and the artefacts in the order in which it meets them."""
    if faults is None:
        walk = Walk(name, content)
        return walk, walk.artefacts()
    lenient = LenientWalk(name, content, faults)
    return lenient, lenient.to_the_end()


def completed(artefacts: tuple[Artefact, ...], message: Message) -> tuple[Artefact, ...]:
    """The artefacts of a message, corrected by what only the whole tells: which are drafts, which stand for others."""
    drafts = message.drafts
    named = tuple(named_as_drafts(artefact, drafts) for artefact in artefacts) if drafts else artefacts
    return tuple(map(as_it_was, restored(named) if message.is_21 else restored_from_3(named)))
