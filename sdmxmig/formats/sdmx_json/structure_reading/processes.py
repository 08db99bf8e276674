"""Processes: their steps become the XML text in which they are carried."""

from __future__ import annotations

from lxml import etree

from sdmxmig.errors import SdmxmigError
from sdmxmig.formats.sdmx_json import structure_words as words
from sdmxmig.formats.sdmx_json.structure_reading.notes import heading, minor_notes
from sdmxmig.formats.sdmx_json.structure_reading.parts import Part
from sdmxmig.formats.sdmx_json.structure_writing.processes import SOFTWARE
from sdmxmig.formats.sdmx_ml.dialects import DIALECTS, Dialect
from sdmxmig.formats.sdmx_ml.elements import add, add_annotations, add_texts
from sdmxmig.formats.sdmx_ml.verbatim import as_text, prefixes
from sdmxmig.model.structures import Process

VERSIONS = {"2.0": "3.0", "2.1": "3.1"}
"""The version of SDMX that goes with one of SDMX-JSON."""


def process(part: Part, kind: str) -> Process:
    """A process: its heading is read, its steps become XML text.

    Raises `InputError` for characters that XML cannot carry.
    """
    head = heading(part, kind)
    version = VERSIONS[part.message.version]
    dialect = next(one for one in DIALECTS if one.id == f"sdmx-ml-{version}")
    root = etree.Element(f"{{{dialect.structure}}}Process", nsmap=prefixes(dialect))
    ref, details = head.ref, head.details
    own = {"agencyID": ref.agency, "id": ref.id, "version": ref.version, "urn": ref.urn, "uri": details.uri}
    own |= {"isExternalReference": "true" if details.external else ""}
    own |= {"validFrom": details.valid_from, "validTo": details.valid_to}
    for name, value in own.items():
        if value:
            root.set(name, value)
    try:
        add_annotations(root, dialect, head.annotations)
        add_texts(root, dialect.common, "Name", head.name)
        add_texts(root, dialect.common, "Description", head.description)
        for one in part.parts("processSteps"):
            add_step(dialect, root, one)
    except ValueError as error:
        raise part.error(f"A text cannot be carried ({error}).") from error
    except SdmxmigError as error:
        raise error if error.place else part.error(error.message, error.hint) from error
    part.close()
    rest = (head.description, head.annotations, details, head.place)
    return Process(ref, head.name, as_text(root), version, *rest)


def add_step(dialect: Dialect, holder: etree._Element, part: Part) -> None:
    """A step with those below it, what it takes and gives, and where it leads; in the order of SDMX-ML."""
    element = add(
        holder, dialect.structure, "ProcessStep", attributes={"id": part.matched("id", words.ID, needed=True)}
    )
    add_annotations(element, dialect, minor_notes(part))
    add_texts(element, dialect.common, "Name", part.words("name"))
    add_texts(element, dialect.common, "Description", part.words("description"))
    for name, member in (("Input", "inputs"), ("Output", "outputs")):
        for one in part.parts(member):
            inner = add(element, dialect.structure, name, attributes={"localID": one.matched("localID", words.ID)})
            add_annotations(inner, dialect, minor_notes(one))
            about = one.reference("objectReference")
            if about is None:
                raise one.error("“objectReference” is missing.")
            add(inner, dialect.structure, "ObjectReference", about.urn)
            one.close()
    if found := part.part("computation"):
        own = {"localID": found.matched("localID", words.ID), **{name: found.text(name) for name in SOFTWARE}}
        inner = add(element, dialect.structure, "Computation", attributes=own)
        add_annotations(inner, dialect, minor_notes(found))
        add_texts(inner, dialect.common, "Description", found.words("description"))
        found.close()
    for one in part.parts("transitions"):
        add_transition(dialect, element, one)
    for one in part.parts("processSteps"):
        add_step(dialect, element, one)
    part.close()


def add_transition(dialect: Dialect, holder: etree._Element, part: Part) -> None:
    """Where a step leads, and under which condition."""
    own = {"id": part.matched("id", words.ID), "localID": part.matched("localID", words.ID)}
    inner = add(holder, dialect.structure, "Transition", attributes=own)
    add_annotations(inner, dialect, minor_notes(part))
    add(inner, dialect.structure, "TargetStep", part.matched("targetStep", words.NESTED_ID, needed=True))
    add_texts(inner, dialect.structure, "Condition", part.words("condition"))
    part.close()
