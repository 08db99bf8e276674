"""Structure messages: agencies, codelists, concepts, data structures and dataflows as SDMX-ML."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from lxml import etree

from sdmxmig.errors import SdmxmigError
from sdmxmig.formats.sdmx_ml.dialects import Dialect
from sdmxmig.formats.sdmx_ml.elements import (
    add,
    add_annotations,
    add_header,
    add_reference,
    add_source,
    add_texts,
    start_message,
    to_bytes,
)
from sdmxmig.model.artefacts import (
    ITEM_KINDS,
    PACKAGES,
    Annotation,
    Artefact,
    Component,
    DataStructure,
    Item,
    ItemScheme,
    Ref,
    Text,
)
from sdmxmig.model.submission import Header

PARENT = re.compile(r"[A-Za-z][A-Za-z0-9_\-]*")
"""What the 3.0 schema takes as a parent, though more may be the id of a code (``_T``, ``0``)."""

TEXT_TYPES_IN_ONE_LANGUAGE = {"String", "Alpha", "AlphaNumeric", "Numeric"}


def write_structures(artefacts: Iterable[Artefact], header: Header, dialect: Dialect) -> bytes:
    """Write artefacts as one structure message; same artefacts, same bytes, whatever their order.

    Raises `SdmxmigError` for two different artefacts of one name, for what the version of SDMX cannot say, and for
    characters that XML cannot carry.
    """
    root = start_message(dialect, "Structure", {"str": dialect.structure})
    add_source(add_header(root, dialect, header), dialect, header)
    structures = add(root, dialect.message, "Structures")
    known = unique(artefacts, dialect)
    for kind, container in dialect.containers:
        of_kind = [known[ref] for ref in sorted(known) if ref.kind == kind]
        if of_kind:
            holder = add(structures, dialect.structure, container)
            for artefact in of_kind:
                add_artefact(holder, dialect, artefact)
    return to_bytes(root)


def unique(artefacts: Iterable[Artefact], dialect: Dialect) -> dict[Ref, Artefact]:
    """Artefacts by the name that they have in this dialect; the same one twice is one."""
    known: dict[Ref, Artefact] = {}
    for artefact in artefacts:
        ref = dialect.ref(artefact.ref)
        if known.setdefault(ref, artefact) != artefact:
            hint = f"{dialect.name} calls both {ref.short}; write one of them."
            raise SdmxmigError(f"There are two different artefacts {ref}.", artefact.place, hint)
    return known


def add_artefact(holder: etree._Element, dialect: Dialect, artefact: Artefact) -> None:
    """Add one artefact with its names, notes and content."""
    element = add(holder, dialect.structure, artefact.ref.kind, attributes=identity(artefact, dialect))
    add_annotations(element, dialect, [*notes(artefact.status, artefact.source), *artefact.annotations])
    add_texts(element, dialect.common, "Name", artefact.name or Text.of(en=artefact.ref.id))
    add_texts(element, dialect.common, "Description", artefact.description)
    if isinstance(artefact, ItemScheme):
        for item in artefact.items:
            add_item(element, dialect, artefact.ref, item)
    elif isinstance(artefact, DataStructure):
        add_components(element, dialect, artefact)
    else:
        add_reference(element, dialect, dialect.structure, "Structure", artefact.structure)


def identity(artefact: Artefact, dialect: Dialect) -> dict[str, str]:
    """The attributes that name an artefact and say whether it is final and whole."""
    ref = dialect.ref(artefact.ref)
    is_agencies = ref.kind == "AgencyScheme"  # always 1.0: never final in 2.1, without version in 3.0
    fixed_version = is_agencies and not dialect.has_final
    given = {"id": ref.id, "urn": ref.urn, "agencyID": ref.agency, "version": "" if fixed_version else ref.version}
    if dialect.has_final:
        given["isFinal"] = "false" if is_agencies or artefact.ref.is_draft else "true"
    given["isExternalReference"] = "false"
    if isinstance(artefact, ItemScheme):
        given["isPartial"] = "true" if artefact.partial else "false"
    return given


def notes(status: str, source: str) -> Iterator[Annotation]:
    """What is known about a row: whether it is verified and where it comes from."""
    if status:
        yield Annotation("STATUS", title=status)
    if source:
        yield Annotation("SOURCE", Text.of(en=source))


def item_notes(item: Item, parent_as_note: bool) -> Iterator[Annotation]:
    """The notes on an item; SDMX has no validity for items before 3.1 and so it travels as notes."""
    yield from notes(item.status, item.source)
    for type_, value in (("VALID_FROM", item.valid_from), ("VALID_TO", item.valid_to)):
        if value:
            yield Annotation(type_, title=value)
    if parent_as_note:
        yield Annotation("PARENT", title=item.parent)
    yield from item.annotations


def add_item(scheme: etree._Element, dialect: Dialect, ref: Ref, item: Item) -> None:
    """Add a code, concept or agency."""
    name = ITEM_KINDS[ref.kind]
    own = dialect.ref(replace(ref, kind=name, item=item.id))
    element = add(scheme, dialect.structure, name, attributes={"id": item.id, "urn": own.urn})
    takes_parent = name != "Agency" and not (dialect.by_urn and not PARENT.fullmatch(item.parent))
    add_annotations(element, dialect, item_notes(item, bool(item.parent) and not takes_parent))
    add_texts(element, dialect.common, "Name", item.name or Text.of(en=item.id))
    add_texts(element, dialect.common, "Description", item.description)
    if item.parent and takes_parent:
        add_local(element, dialect, "Parent", item.parent, name)
    if name == "Concept" and (item.codelist or item.data_type):
        add_representation(element, dialect, "CoreRepresentation", item.codelist, item.data_type)


def add_local(parent: etree._Element, dialect: Dialect, name: str, local_id: str, kind: str = "") -> None:
    """Add an element that names something inside the same artefact."""
    if dialect.by_urn:
        add(parent, dialect.structure, name, local_id)
        return
    extra = {"class": kind, "package": PACKAGES[kind]} if kind else {}
    add(add(parent, dialect.structure, name), "", "Ref", attributes={"id": local_id, **extra})


def add_representation(
    parent: etree._Element,
    dialect: Dialect,
    name: str,
    codelist: Ref | None,
    data_type: str,
    facets: Iterable[tuple[str, str]] = (),
) -> None:
    """Add what the values of a concept or component look like: codes of a list, or a type of text."""
    element = add(parent, dialect.structure, name)
    if codelist:
        add_reference(element, dialect, dialect.structure, "Enumeration", codelist)
    else:
        add(element, dialect.structure, "TextFormat", attributes={"textType": data_type, **dict(facets)})


def add_components(parent: etree._Element, dialect: Dialect, structure: DataStructure) -> None:
    """Add the dimensions, attributes and measures of a data structure, in the order which the schema wants."""
    if not dialect.by_urn and [measure.id for measure in structure.measures] != ["OBS_VALUE"]:
        hint = "SDMX 2.1 knows exactly one, OBS_VALUE; write SDMX-ML 3.0."
        raise SdmxmigError(f"{structure.ref.short} has other measures than OBS_VALUE.", structure.place, hint)
    element = add(parent, dialect.structure, "DataStructureComponents")
    dimensions = add(element, dialect.structure, "DimensionList", attributes={"id": "DimensionDescriptor"})
    for position, component in enumerate(structure.dimensions, start=1):
        is_time = component.role == "time"
        place = {} if is_time and dialect.by_urn else {"position": str(position)}
        add_component(dimensions, dialect, "TimeDimension" if is_time else "Dimension", component, place)
    if structure.attributes():
        attributes = add(element, dialect.structure, "AttributeList", attributes={"id": "AttributeDescriptor"})
        for component in structure.attributes():
            added = add_component(attributes, dialect, "Attribute", component, usage(dialect, component))
            add_attachment(added, dialect, structure, component)
    if not structure.measures:
        return
    measures = add(element, dialect.structure, "MeasureList", attributes={"id": "MeasureDescriptor"})
    for component in structure.measures:
        place = usage(dialect, component) if dialect.by_urn else {}
        add_component(measures, dialect, dialect.measure, component, place)


def usage(dialect: Dialect, component: Component) -> dict[str, str]:
    """Whether a value has to be given, in the dialect's words."""
    name, mandatory, optional = dialect.usage
    return {name: mandatory if component.mandatory else optional}


def add_component(
    parent: etree._Element, dialect: Dialect, name: str, component: Component, extra: dict[str, str]
) -> etree._Element:
    """Add one component with its concept and representation."""
    element = add(parent, dialect.structure, name, attributes={"id": component.id, **extra})
    add_reference(element, dialect, dialect.structure, "ConceptIdentity", component.concept)
    data_type, facets = component.data_type, dict(component.facets)
    if component.role == "time":
        data_type = data_type or "ObservationalTimePeriod"
    elif dialect.by_urn and component.role == "attribute" and data_type in TEXT_TYPES_IN_ONE_LANGUAGE:
        facets.setdefault("isMultiLingual", "false")  # else 3.0 expects elements and not attributes in data
    if component.codelist or data_type:
        pairs = tuple(facets.items())
        add_representation(element, dialect, "LocalRepresentation", component.codelist, data_type, pairs)
    return element


def add_attachment(element: etree._Element, dialect: Dialect, structure: DataStructure, component: Component) -> None:
    """Add what an attribute describes: the dataset, the series or the observation."""
    relationship = add(element, dialect.structure, "AttributeRelationship")
    words = dict(dialect.attachments)
    if component.attachment not in words:
        what = f"The attribute {component.id} is attached to “{component.attachment}”."
        raise SdmxmigError(what, structure.place, f"Write one of {', '.join(words)}.")
    if component.attachment == "series":
        for dimension in structure.series_key:
            add_local(relationship, dialect, words["series"], dimension)
    elif component.attachment == "observation" and not dialect.by_urn:
        add_local(relationship, dialect, words["observation"], structure.measures[0].id)
    else:
        add(relationship, dialect.structure, words[component.attachment])
