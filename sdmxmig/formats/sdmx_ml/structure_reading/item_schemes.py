"""Item schemes: codelists, value and geographic lists, concepts, organisations, categories, VTL definitions."""

from __future__ import annotations

from collections.abc import Iterable

from sdmxmig.formats.sdmx_ml.parts import Part
from sdmxmig.formats.sdmx_ml.structure_reading.notes import annotations_of, heading, links
from sdmxmig.formats.sdmx_ml.structure_reading.references import local_id, reference
from sdmxmig.formats.sdmx_ml.structure_reading.representations import representation
from sdmxmig.formats.structures.notes import Notes
from sdmxmig.formats.structures.representations import NOTHING
from sdmxmig.formats.wire import Field, Form
from sdmxmig.formats.wire.items import OWN, WAYS
from sdmxmig.model.artefacts import Annotation, Contact, Extension, IsoConcept, Item, ItemScheme, Link, Text, VtlWay
from sdmxmig.model.references import ITEM_KINDS

NESTED = {"Category", "ReportingCategory"}
WITH_PARENT = {"Code", "Concept", "OrganisationUnit", "GeoFeatureSetCode", "GeoGridCode"}
ORGANISATIONS = {"Agency", "DataProvider", "DataConsumer", "MetadataProvider", "OrganisationUnit"}
CONTACT_DETAILS = {"Telephone": "telephone", "Fax": "fax", "X400": "x400", "URI": "uri", "Email": "email"}
GEO_TYPES = {"GeographicCodelist", "GeoGridCodelist"}
NEEDED = ("vtlVersion", "alias")
"""The attributes without which nothing can be said of what has them."""


Properties = tuple[tuple[str, str], ...]


def read_items(part: Part, kind: str, parent: str = "") -> list[Item]:
    """An item; for a category also those below it, each after the one above."""
    item = read_item(part, kind, parent)
    path = f"{parent}.{item.id}" if parent else item.id
    nested = part.each(lambda child: read_items(child, kind, path), kind) if kind in NESTED else ()
    items_below = [item for items in nested for item in items]
    part.close()
    return [item, *items_below]


def read_item(part: Part, kind: str, parent: str) -> Item:
    """An item without the items below it, which are read after it."""
    if kind == "ValueItem":
        item_id = part.attribute("id")
        if "id" not in part.element.attrib:
            raise part.error("lacks the attribute id.")
    else:
        item_id = part.checked_id(part.needed("id"))
        part.attribute("urn")
    notes = Notes(annotations_of(part)) if part.has("com:Annotations") else None
    core, iso = NOTHING, None
    properties: Properties = ()
    if kind in WITH_PARENT and (parent_part := part.part("Parent")):
        parent = local_id(parent_part)
    if kind == "Concept":
        core = representation(part.part("CoreRepresentation"))
        iso = iso_reference(part)
    elif kind in OWN:
        properties = own_properties(part, kind)
    name, description = part.words("com:Name"), part.words("com:Description")
    contacts = tuple(part.each(contact, "Contact")) if kind in ORGANISATIONS else ()
    addresses = links(part)
    noted_properties = (
        item_notes_in(notes, parent, whole=not part.message.is_21) if notes else ("", "", "", "", parent, (), ())
    )
    status, source, start, end, parent, further, other_notes = noted_properties
    return Item(
        item_id,
        name,
        description=description,
        parent=parent,
        status=status,
        source=source,
        valid_from=start,
        valid_to=end,
        links=(*addresses, *further),
        annotations=other_notes,
        codelist=core.codelist,
        data_type=core.data_type,
        facets=core.facets,
        max_occurs=core.max_occurs,
        iso=iso,
        contacts=contacts,
        properties=properties,
        uri=part.attribute("uri"),
        min_occurs=core.min_occurs,
        sentinels=core.sentinels,
        to_vtl=way(part, "to_vtl") if kind == "VtlMapping" else None,
        from_vtl=way(part, "from_vtl") if kind == "VtlMapping" else None,
    )


ItemNotes = tuple[str, str, str, str, str, tuple[Link, ...], tuple[Annotation, ...]]
"""Status, source, first and last day of validity, the item above and links of an item, and its other annotations."""


def item_notes_in(notes: Notes, parent: str, *, whole: bool) -> ItemNotes:
    """The properties of an item that travel as annotations, as SDMX-ML has no place for them; the others stay."""
    standing = notes.title("STATUS"), notes.english("SOURCE"), notes.title("VALID_FROM"), notes.title("VALID_TO")
    item_above = parent or notes.title("PARENT")
    further = notes.links(whole=whole)
    return (*standing, item_above, further, notes.remaining)


def iso_reference(part: Part) -> IsoConcept | None:
    """The ISO 11179 reference of a concept."""
    iso_part = part.part("ISOConceptReference")
    if iso_part is None:
        return None
    iso = IsoConcept(
        iso_part.text("ConceptAgency"), iso_part.text("ConceptID"), scheme=iso_part.text("ConceptSchemeID")
    )
    iso_part.close()
    return iso


def own_properties(part: Part, kind: str) -> Properties:
    """The properties that only schemes or items of one kind have; absent ones are left out."""
    properties: list[tuple[str, str]] = []
    for row in OWN.get(kind, ()):
        name = row.ml.removeprefix("@")
        if row.form in (Form.REFERENCE, Form.REFERENCES):
            properties += [(row.name, referred(child, row)) for child in part.parts(name)]
        elif name == row.ml:
            properties += [(row.name, part.text(name))] if part.has(name) else []
        else:
            value = part.needed(name) if name in NEEDED else part.attribute(name)
            properties += [(row.name, value)] if value else []
    return tuple(properties)


def referred(part: Part, row: Field) -> str:
    """The URN of the artefact that an element names; a VTL mapping may be of any dataflow, which has no URN."""
    return part.content().strip() if row.name == "GenericDataflow" else reference(part, row.kinds[0]).urn


def way(part: Part, name: str) -> VtlWay | None:
    """How data are mapped to VTL, or come back: a method, and the dimensions that span the space."""
    mapping_name, space_name = WAYS[name]
    mapping = part.part(mapping_name)
    if mapping is None:
        return None
    method, space = mapping.attribute("method"), mapping.part(space_name)
    keys = tuple(space.texts("Key")) if space else ()
    for child in (space, mapping):
        if child:
            child.close()
    return VtlWay(method, keys) if method or keys else None


def contact(part: Part) -> Contact:
    """Whom to ask at an organisation."""
    contact = Contact(
        part.words("com:Name"),
        part.words("Department"),
        role=part.words("Role"),
        details=tuple((CONTACT_DETAILS[detail.name], detail.content()) for detail in part.parts(*CONTACT_DETAILS)),
        id=part.attribute("id"),
    )
    part.close()
    return contact


def extension(part: Part) -> Extension:
    """A codelist from which codes are taken, and which."""
    members: list[str] = []
    cascade: list[tuple[str, str]] = []
    selection = part.part("InclusiveCodeSelection", "ExclusiveCodeSelection")
    for member in selection.parts("MemberValue") if selection else ():
        how = member.attribute("cascadeValues", "false")
        value = member.content()
        members.append(value)
        if how not in {"false", "0"}:
            cascade.append((value, "true" if how == "1" else how))
    if selection:
        selection.close()
    include = selection is None or selection.name == "InclusiveCodeSelection"
    codelist = reference(part.one("Codelist"), "Codelist")
    extension = Extension(
        codelist, part.attribute("prefix"), include=include, members=tuple(members), cascade=tuple(cascade)
    )
    part.close()
    return extension


def read_scheme(part: Part, kind: str, items: Iterable[Item]) -> ItemScheme:
    """An item scheme, whose items were read while the message came in."""
    head = heading(part, kind)
    notes = head.notes
    properties = own_properties(part, kind)
    if kind in GEO_TYPES:
        part.choice(part.attribute("geoType", kind), kind)
    partial = kind != "ValueList" and part.flag("isPartial")
    extensions = tuple(part.each(extension, "CodelistExtension")) if takes_codes(kind) else ()
    part.forget(ITEM_KINDS[kind])
    part.close()
    return ItemScheme(
        head.ref,
        head.name or Text(),
        items=tuple(items),
        description=head.description,
        status=notes.title("STATUS"),
        source=notes.english("SOURCE"),
        partial=partial or (kind == "ValueList" and notes.flag("IS_PARTIAL")),
        annotations=notes.remaining,
        place=head.place,
        details=head.details,
        extensions=extensions,
        properties=properties,
    )


def takes_codes(kind: str) -> bool:
    """Whether schemes of a kind may take codes from codelists."""
    return kind in {"Codelist", *GEO_TYPES}
