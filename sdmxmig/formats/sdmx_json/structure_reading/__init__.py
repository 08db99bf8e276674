"""Structure messages of SDMX-JSON 2.0, 2.1 and 1.0 back into artefacts: what is unknown is refused in place."""

from __future__ import annotations

import re
from collections.abc import Callable

from sdmxmig.errors import InputError
from sdmxmig.formats.sdmx_json import structure_words as words
from sdmxmig.formats.sdmx_json.structure_reading import constraints, data_structures, flows, item_schemes, maps
from sdmxmig.formats.sdmx_json.structure_reading import version_10 as old
from sdmxmig.formats.sdmx_json.structure_reading.parts import Message, Part
from sdmxmig.formats.sdmx_json.structure_reading.processes import process
from sdmxmig.intake.json import parse_json
from sdmxmig.model.references import ITEM_KINDS
from sdmxmig.model.structures import Artefact
from sdmxmig.places import Place

Reader = Callable[[Part, str], Artefact]
META = ("schema", "id", "test", "prepared", "contentLanguages", "name", "names", "sender", "receivers", "links")
SCHEMA = re.compile(r"/(?:v?)(\d+\.\d+)(?:\.\d+)?/sdmx-json-(\w+)-schema")

READERS: dict[str, Reader] = {
    **dict.fromkeys(ITEM_KINDS, item_schemes.item_scheme),
    "DataStructure": data_structures.data_structure,
    "MetadataStructure": data_structures.metadata_structure,
    "Dataflow": flows.dataflow,
    "Metadataflow": flows.metadataflow,
    "ProvisionAgreement": flows.agreement,
    "MetadataProvisionAgreement": flows.agreement,
    "Categorisation": flows.categorisation,
    "Hierarchy": flows.hierarchy,
    "HierarchyAssociation": flows.association,
    "DataConstraint": constraints.constraint,
    "MetadataConstraint": constraints.constraint,
    "AvailabilityConstraint": constraints.availability,
    "RepresentationMap": maps.representation_map,
    "StructureMap": maps.structure_map,
    "ConceptSchemeMap": maps.item_scheme_map,
    "CategorySchemeMap": maps.item_scheme_map,
    "OrganisationSchemeMap": maps.item_scheme_map,
    "ReportingTaxonomyMap": maps.item_scheme_map,
    "Process": process,
}


def read_structures(name: str, content: bytes, version: str) -> tuple[Artefact, ...]:
    """The artefacts of a structure message, in its order; `name` is the file's, for messages.

    A message that names the schema of another version 2.x is read as that version. Members that begin with ``x-``
    are extensions and passed over; so are the title and language of links.

    Raises `InputError` with a JSON pointer for everything that is wrong with the message.
    """
    parsed = parse_json(content, name)
    if type(parsed) is not dict:
        raise InputError("A message has to be an object.", Place(name, key="/"))
    root = Part(parsed, Message(name, version), "")
    message = described(root)
    root.message = message
    data = root.part("data")
    errors = root.parts("errors")
    root.close()
    if data is None:
        said = "; ".join(one.text("title") or one.text("detail") for one in errors)
        raise root.error(f"The message holds no structures{': it reports ' + said[:300] if errors else ''}.")
    if message.is_old:
        message.drafts.update(old.drafts(data))
    readers = {**READERS, **old.READERS} if message.is_old else READERS
    containers = {**words.CONTAINERS, **(words.OLD_CONTAINERS if message.is_old else {})}
    kind_of = {member: kind for kind, member in containers.items()}
    if message.version != "2.1":
        del kind_of[words.CONTAINERS["AvailabilityConstraint"]]
    found: list[Artefact] = []
    for member in data.members():
        if kind := kind_of.get(member):
            found += [readers[kind](one, kind) for one in data.parts(member)]
    data.forget(*kind_of)
    data.close()
    check_twins(found, name)
    return tuple(found)


def described(root: Part) -> Message:
    """What the message says of itself: its version, and the language of texts that stand alone."""
    if not root.has("meta"):
        hint = "A message has “meta” and “data”; a single artefact is none."
        raise root.error("“meta” is missing: this is no SDMX-JSON structure message.", hint)
    meta = root.one("meta")
    named = root.text("$schema") or meta.text("schema")
    found = SCHEMA.search(named)
    version = root.message.version
    if found and found[2] != "structure":
        raise root.error(f"This is a {found[2]} message, which holds no structures.")
    if found and version != "1.0" and found[1] in ("2.0", "2.1"):
        version = found[1]
    meta.matched("id", words.ID, needed=True)
    meta.needed("prepared")
    meta.one("sender").matched("id", words.ID, needed=True)
    languages = meta.strings("contentLanguages", words.LANGUAGE)
    meta.forget(*META)
    meta.close()
    return Message(root.message.file, version, languages[0] if languages else "en")


def check_twins(found: list[Artefact], name: str) -> None:
    """Refuse a message that has two artefacts of one name."""
    known = set()
    for artefact in found:
        if artefact.ref.kind == "AvailabilityConstraint":
            continue
        if artefact.ref in known:
            raise InputError(f"{artefact.ref} stands twice in the message.", artefact.place or Place(name))
        known.add(artefact.ref)
