"""Strict reading of reference metadata from SDMX-JSON 2.0, 2.1 and 1.0."""

from __future__ import annotations

from sdmxmig.io.intake.json import parse_json
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.formats.faults import Faults
from sdmxmig.sdmx.formats.sdmx_json import metadata_version_10 as old
from sdmxmig.sdmx.formats.sdmx_json.forbidden import sound_content
from sdmxmig.sdmx.formats.sdmx_json.headers import notes_of
from sdmxmig.sdmx.formats.sdmx_json.metadata_sets import Digits, metadata_set
from sdmxmig.sdmx.formats.sdmx_json.nodes import Node
from sdmxmig.sdmx.formats.sdmx_json.structure_reading import described
from sdmxmig.sdmx.formats.sdmx_json.structure_reading.parts import Message, Part, beside
from sdmxmig.sdmx.formats.sdmx_json.structure_words import CONTAINERS, OLD_CONTAINERS
from sdmxmig.sdmx.model.metadata import MetadataSet

SETS = "metadataSets"


def read_metadata(name: str, content: bytes, version: str, faults: Faults | None = None) -> tuple[MetadataSet, ...]:
    """Read the metadata sets of a message in order.

    A message that names the schema of another 2.x version is read as that version. Ignores members starting with
    ``x-``; null means absent. XHTML texts are structured unless their format says otherwise. The default version is
    1.0. `headers.read_notes` reads the errors.

    Raises `InputError` with a JSON pointer, or records the fault and leaves out the set, target or attribute.
    """
    parsed = parse_json(sound_content(name, content, faults), name, Digits)
    if type(parsed) is not dict:
        raise InputError("A message has to be an object.", Place(name, key="/"))
    root = Part(parsed, Message(name, version, faults=faults), "")
    root.message = described(root, "metadata")
    data = root.part("data")
    root.forget("errors")
    root.close()
    if data is None or not data.has(SETS):
        notes = "; ".join(f"{note.code} {note.text}".strip() for note in notes_of(Node(parsed, name)))
        raise root.error(f"The message holds no metadata{f': it reports {notes[:300]}' if notes else ''}.")
    sets = tuple(data.each(old.metadata_set if root.message.is_old else metadata_set, SETS))
    beside(data, "structures", (*CONTAINERS.values(), *OLD_CONTAINERS.values()))
    data.close()
    return sets
