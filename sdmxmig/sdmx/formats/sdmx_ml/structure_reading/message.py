"""A structure message, read strictly or leniently."""

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
