"""SDMX-ML 2.0 structure records: a table of elements and its reader.

Each element has a record factory and rows: a field with its reader, a reader of several fields, or an ignored
attribute. Content without a place becomes annotations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import Any

from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.formats.message_header import ORIGINAL_ID, spelt
from sdmxmig.sdmx.formats.sdmx_ml.parts import Part
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.artefacts import moment, text_format
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.references import from_urn
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.version_20_names import (
    concept_ref,
    identity,
    later_id,
    named,
    notes,
    old_ref,
    own_id,
)
from sdmxmig.sdmx.formats.structures.data_structures import with_series
from sdmxmig.sdmx.formats.structures.notes import note_of
from sdmxmig.sdmx.model.artefacts import Annotation, Contact, Details, Item, ItemScheme, Text
from sdmxmig.sdmx.model.data_structures import Component, Dataflow, DataStructure, Group
from sdmxmig.sdmx.model.maps import SchemeMap, StructureSet
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import (
    Artefact,
    Categorisation,
    Computation,
    HierarchicalCode,
    HierarchicalCodelist,
    Hierarchy,
    Level,
    MetadataAttribute,
    Metadataflow,
    MetadataStructure,
    MetadataTarget,
    Process,
    ProcessStep,
    ReportStructure,
    Transition,
)

Fields = dict[str, Any]
Read = Callable[[Part], Any]
Record = tuple[Any, ...]
Annotations = tuple[Annotation, ...]
Filing = list[tuple[Item, list[Ref]]]
FLAGS = (
    "isMeasureDimension",
    "isFrequencyDimension",
    "isEntityDimension",
    "isCountDimension",
    "isTimeFormat",
    "isNonObservationTimeDimension",
    "isIdentityDimension",
    "isEntityAttribute",
    "isNonObservationalTimeAttribute",
    "isCountAttribute",
    "isFrequencyAttribute",
    "isIdentityAttribute",
    "crossSectionalAttachDataSet",
    "crossSectionalAttachGroup",
    "crossSectionalAttachSection",
    "crossSectionalAttachObservation",
)
LEVELS = {"DataSet": "dataset", "Series": "series", "Group": "group", "Observation": "observation"}
ALWAYS = {"TimeDimension": "TIME_PERIOD", "PrimaryMeasure": "OBS_VALUE"}
"""Fixed component ids since 2.1; an annotation keeps the original concept id."""
TYPES = {"Date": "GregorianDay", "Year": "GregorianYear", "YearMonth": "GregorianYearMonth", "Timespan": "TimeRange"}
"""The types of texts that are called otherwise since SDMX 2.1."""
CONTACTS = ("MaintenanceContact", "CollectorContact", "DisseminatorContact", "ReporterContact", "OtherContact")
CLASSES = {
    "KeyFamily": "DataStructure",
    "DataFlow": "Dataflow",
    "MetadataFlow": "Metadataflow",
    "KeyDescriptor": "DimensionDescriptor",
    "GroupKeyDescriptor": "GroupDimensionDescriptor",
    "DataSet": "DataSetTarget",
}
SCHEMES = {"Concept": "ConceptScheme", "Category": "CategoryScheme", "Organisation": "OrganisationUnitScheme"}
RELATED = (
    "KeyFamilyRef",
    "MetadataStructureRef",
    "ConceptSchemeRef",
    "CategorySchemeRef",
    "OrganisationSchemeRef",
    "CodelistRef",
    "HierarchicalCodelistRef",
)
"""To what a structure set refers."""
MAPS = ("StructureMap", "CodelistMap", "CategorySchemeMap", "ConceptSchemeMap", "OrganisationSchemeMap")
SCHEMES_OF_ORGANISATIONS = {
    "Agencies": ("AgencyScheme", "AGENCIES"),
    "DataProviders": ("DataProviderScheme", "DATA_PROVIDERS"),
    "DataConsumers": ("DataConsumerScheme", "DATA_CONSUMERS"),
}
"""Kind and id of the schemes that the organisations of an organisation scheme have since SDMX 2.1."""
ADDRESSES = ("Telephone", "Fax", "X400", "URI", "Email")
NO_STRUCTURE = Ref("DataStructure", "", id="", version="")
USAGE = ("Mandatory", "Conditional")
MARKS: dict[str, Callable[[Part, str], str]] = {
    "@": Part.attribute,
    "!": Part.needed,
    "?": lambda part, name: "true" if part.flag(name) else "",
}


def read_artefacts(part: Part) -> list[Artefact]:
    record = read_record(part)
    return record if isinstance(record, list) else [record]


def read_record(part: Part) -> Any:
    record = RECORDS[part.name]
    fields = read_fields(part, record)
    part.close()
    return record[0](**fields)


def read_fields(part: Part, record: Record = ()) -> Fields:
    """Read the fields of a record; the element stays open for unread content."""
    fields: Fields = {}
    annotations: Annotations = ()
    for row in (record or RECORDS[part.name])[1:]:
        if type(row) is tuple:
            fields[row[0]] = row[1](part)
        elif type(row) is str:
            part.attribute(row)
        else:
            fields |= row(part)
        if "annotations" in fields:
            annotations += fields.pop("annotations")
    return fields | {"annotations": annotations} if annotations else fields


def artefact(make: Callable[..., Any], kind: str, *rows: Any) -> Record:
    def named_and_valid(part: Part) -> Fields:
        part.message.owner, details = identity(part, kind)
        return {"ref": part.message.owner, "details": details, "place": part.origin}

    return (make, named_and_valid, *rows, *NAMES, NOTES)


def words(element: str) -> Read:
    return lambda part: part.words(element)


def text(place: str, change: Callable[[str], str] = str) -> Read:
    if place.startswith("@"):
        return lambda part: change(part.attribute(place[1:]))
    return lambda part: change(part.text(place).strip())


def ids(element: str, *, are_names: bool = False) -> Read:
    return lambda part: tuple(later_id(part, text.strip(), name=are_names) for text in part.texts(element))


def every(*elements: str, read: Read = read_record) -> Read:
    return lambda part: tuple(map(read, part.parts(*elements)))


def each(element: str) -> Read:
    return lambda part: tuple(part.each(read_record, element))


def inner(element: str, read: Read = read_record, absent: Any = None) -> Read:
    return lambda part: read(child) if (child := part.part(element)) else absent


def noted(**places: str) -> Read:
    def read(part: Part) -> Fields:
        annotations: list[Annotation] = []
        for type_, place in places.items():
            if marked := MARKS.get(place[0]):
                title = marked(part, place[1:])
                annotations += titled([(type_, title)], "", "1.0" if type_ == "VERSION" else "")
            elif texts := part.words(place):
                annotations.append(Annotation(type_, texts))
        return {"annotations": tuple(annotations)}

    return read


def titled(titles: Iterable[tuple[str, str]], *without: str) -> Annotations:
    return tuple(Annotation(type_, title=title) for type_, title in titles if title not in without)


def text_type(part: Part, element: str = "TextFormat", default: str = "") -> Fields:
    form = part.part(element)
    absent = "ObservationalTimePeriod" if part.name == "TimeDimension" and not part.element.get("codelist") else ""
    data_type, facets, _ = text_format(form, default) if form else (absent, (), ())
    return {"data_type": data_type if part.name == "Level" else TYPES.get(data_type, data_type), "facets": facets}


def listed(attribute: str, version: str = "") -> Read:
    def read(part: Part) -> Ref | None:
        codelist, agency = part.attribute(attribute), part.attribute(f"{attribute}Agency", part.message.owner.agency)
        number = part.attribute(version)
        return old_ref(part, "Codelist", agency, old_id=codelist, version=number) if codelist else None

    return read


def listing_of(items: tuple[Any, ...]) -> tuple[Any, ...]:
    return items


def codelist(items: tuple[Item, ...], **fields: Any) -> ItemScheme:
    if len({item.id for item in items}) < len(items):
        items = tuple(dict.fromkeys(items))
    return ItemScheme(items=items, **fields)


def contacts(part: Part) -> Fields:
    children = part.parts(*CONTACTS)
    kinds = ((child.name, str(number)) for number, child in enumerate(children, 1) if child.name != "OtherContact")
    return {"contacts": tuple(map(read_record, children)), "annotations": titled(kinds)}


def members(part: Part) -> dict[tuple[str, str], tuple[Item, ...]]:
    return {
        scheme: tuple(item for listing in part.parts(holder) for item in read_record(listing))
        for holder, scheme in SCHEMES_OF_ORGANISATIONS.items()
    }


def organisation_schemes(
    ref: Ref, members: dict[tuple[str, str], tuple[Item, ...]], annotations: Annotations = (), **fields: Any
) -> list[ItemScheme]:
    annotations = (*titled([("ORGANISATION_SCHEME", f"{ref.id}({ref.version})")]), *annotations)
    return [
        ItemScheme(Ref(kind, ref.agency, id=id_, version="1.0"), items=items, annotations=annotations, **fields)
        for (kind, id_), items in members.items()
        if items
    ]


def filed_flow(make: Callable[..., Any], categories: list[Ref], **fields: Any) -> list[Artefact]:
    flow = make(**fields)
    return [*(filed(flow.ref, category, flow.place) for category in categories), flow]


def filed(flow: Ref, target: Ref, place: Place | None) -> Categorisation:
    categorisation_id = "_".join((flow.id, target.id, *target.item.split(".")))
    ref = Ref("Categorisation", target.agency, id=categorisation_id, version="1.0")
    return Categorisation(ref, Text.of(en=categorisation_id), source=flow, target=target, place=place)


def category(part: Part) -> Ref:
    urn, version = part.text("URN").strip(), part.text("CategorySchemeVersion").strip()
    agency, scheme = part.text("CategorySchemeAgencyID").strip(), part.text("CategorySchemeID").strip()
    outermost = part.part("CategoryID")
    path = category_path(outermost) if outermost else ""
    part.close()
    if not (agency and scheme and path):
        return from_urn(urn, part)
    return replace(old_ref(part, "CategoryScheme", agency, old_id=scheme, version=version), kind="Category", item=path)


def category_path(part: Part) -> str:
    category_id, inner_category = later_id(part, part.text("ID").strip()), part.part("CategoryID")
    part.text("CategoryVersion")
    path_below = category_path(inner_category) if inner_category else ""
    part.close()
    return f"{category_id}.{path_below}" if path_below else category_id


def filing(part: Part, parent: str = "") -> Filing:
    return [filed for child in part.parts("Category") for filed in category_and_below(child, parent)]


def category_and_below(part: Part, parent: str) -> Filing:
    fields = read_fields(part)
    flows, item = fields.pop("flows"), Item(parent=parent, **fields)
    below = filing(part, path_of(item))
    part.close()
    return [(item, flows), *below]


def path_of(category: Item) -> str:
    return f"{category.parent}.{category.id}" if category.parent else category.id


def category_scheme(filing: Filing, **fields: Any) -> list[Artefact]:
    scheme = ItemScheme(items=tuple(item for item, _ in filing), **fields)
    categories = ((replace(scheme.ref, kind="Category", item=path_of(item)), flows) for item, flows in filing)
    return [scheme, *(filed(flow, category, scheme.place) for category, flows in categories for flow in flows)]


def reporting_taxonomy(filing: Filing, flows: list[Ref], annotations: Annotations = (), **fields: Any) -> ItemScheme:
    annotations = (*titled(("PROVISIONING_METADATA", flow.urn) for flow in flows), *annotations)
    properties = ((item, tuple(("ProvisioningMetadata", flow.urn) for flow in flows)) for item, flows in filing)
    items = tuple(replace(item, properties=flows_of_item) for item, flows_of_item in properties)
    return ItemScheme(items=items, annotations=annotations, **fields)


def flows(part: Part) -> list[Ref]:
    return [named(child) for name in ("DataflowRef", "MetadataflowRef") for child in part.parts(name)]


def included(part: Part) -> tuple[tuple[str, Ref], ...]:
    codelists = tuple((spelt(child.text("Alias").strip()), named(child)) for child in part.parts("CodelistRef"))
    part.message.aliases = dict(codelists)
    return codelists


def name_in_codelist(part: Part) -> Fields:
    """Read the name of a hierarchy; its version, finality and validity become notes."""
    final, owner = part.attribute("isFinal"), part.message.owner
    ref, details = identity(part, "Hierarchy", owner.agency)
    titles = {"VERSION": ref.version, "IS_FINAL": final, "VALID_FROM": details.valid_from, "VALID_TO": details.valid_to}
    return {
        "ref": replace(owner, kind="Hierarchy", item=ref.id),
        "details": Details(uri=details.uri),
        "place": part.origin,
        "annotations": titled(titles.items(), "", "1.0"),
    }


def levels(part: Part) -> Fields:
    levels = [(child.text("Order").strip().lstrip("0"), read_record(child)) for child in part.parts("Level")]
    chain: Level | None = None
    for _, level_above in sorted(levels, key=lambda pair: (len(pair[0]), pair[0]), reverse=True):
        chain = replace(level_above, below=chain)
    return {"levels": chain, "formal_levels": bool(levels)}


def code(part: Part) -> Fields:
    urn, code_id = part.text("URN").strip(), part.text("CodeID").strip()
    alias, aliases = spelt(part.text("CodelistAliasRef").strip()), part.message.aliases
    if not urn and alias not in aliases:
        raise part.error(f"names a codelist “{alias}”, which is not included.")
    owner = aliases.get(alias)
    code = replace(owner, kind="Code", item=later_id(part, code_id)) if owner else from_urn(urn, part)
    return {"id": later_id(part, part.text("NodeAliasID").strip() or code.item), "code": code}


def concept(part: Part) -> Fields:
    concept, called = concept_ref(part), part.element.get("conceptRef", "")
    component_id = ALWAYS.get(part.name, concept.item)
    original = [(ORIGINAL_ID, called)] if part.name in ALWAYS else []
    return {"id": component_id, "concept": concept, "annotations": titled(original, component_id)}


def attachment(part: Part) -> Fields:
    level = LEVELS[part.choice(part.needed("attachmentLevel"), *LEVELS)]
    is_mandatory = part.choice(part.attribute("assignmentStatus", USAGE[1]), *USAGE) == USAGE[0]
    groups = " ".join(later_id(part, text.strip()) for text in part.texts("AttachmentGroup"))
    measures = titled(("ATTACHMENT_MEASURE", text.strip()) for text in part.texts("AttachmentMeasure"))
    return {"attachment": level, "mandatory": is_mandatory, "group": groups, "annotations": measures}


def constraint(part: Part) -> Ref | None:
    constraint_id, agency = part.text("AttachmentConstraintRef").strip(), part.message.owner.agency
    return old_ref(part, "AttachmentConstraint", agency, constraint_id) if constraint_id else None


def components(**parts: Any) -> Fields:
    """Read components and groups; cross-sectional measures become notes."""
    dimensions = (*parts["dimensions"], *parts["times"])
    times = {dimension.concept.item: dimension.id for dimension in parts["times"]}
    groups = [
        replace(group, dimensions=tuple(times.get(name, name) for name in group.dimensions))
        for group in parts["groups"]
    ]
    key = {dimension.id for dimension in parts["dimensions"]}
    attributes = (with_series(placed(attribute, dimensions, groups), key) for attribute in parts["attributes"])
    return {
        "components": (*dimensions, *parts["measures"], *attributes),
        "groups": tuple(groups),
        "annotations": tuple(note_of("CROSS_SECTIONAL_MEASURE", measure) for measure in parts["crossed"]),
    }


def placed(attribute: Component, dimensions: Iterable[Component], groups: list[Group]) -> Component:
    """Convert the attachment of an attribute.

    With several groups: the dimensions of all of them. Without a group: the only group, else the series.
    """
    group_ids = attribute.group.split()
    if attribute.attachment != "group":
        attachment_notes = titled(("ATTACHMENT_GROUP", group_id) for group_id in group_ids)
        return replace(attribute, group="", annotations=(*attachment_notes, *attribute.annotations))
    if not group_ids and len(groups) == 1:
        return replace(attribute, group=groups[0].id)
    if not group_ids:
        attachment_notes = (Annotation("ATTACHMENT_LEVEL", title="Group"),)
        return replace(attribute, attachment="series", annotations=(*attachment_notes, *attribute.annotations))
    if len(group_ids) == 1:
        return attribute
    fixed = {name for group in groups if group.id in group_ids for name in group.dimensions}
    described = tuple(component.id for component in dimensions if component.id in fixed)
    return replace(attribute, attachment="dimensions", dimensions=described)


def targets(part: Part) -> tuple[MetadataTarget, ...]:
    """Read metadata targets: the full identifier and partial ones."""
    whole = read_record(part.one("FullTargetIdentifier"))
    targets, objects = [whole], {target[0]: target for target in whole.objects}
    for child in part.parts("PartialTargetIdentifier"):
        target = read_record(child)
        if unknown := [name for name in target.objects if name not in objects]:
            raise child.error(f"names “{unknown[0]}”, which is not a component of the whole identifier.")
        targets.append(replace(target, objects=tuple(objects[name] for name in target.objects)))
    if notes(part):
        raise part.error("has annotations, which cannot be kept there.", "Put them on the artefact.")
    part.close()
    return tuple(targets)


def objects(part: Part) -> Fields:
    """Read the objects of the full identifier with class and scheme; their names become notes."""
    objects, name_notes = {}, []
    for child in part.parts("IdentifierComponent"):
        fields = read_fields(child)
        object_id, class_ = fields["id"], fields["kind"]
        name_notes += [replace(note, id=object_id) for note in fields.get("annotations", ())]
        scheme = scheme_of(child) or ("DataSetReference" if class_ == "DataSet" else "")
        objects[object_id] = (object_id, CLASSES.get(class_, class_), scheme)
        if notes(child):
            raise child.error("has annotations, which cannot be kept there.", "Put them on the identifier.")
        child.close()
    return {"objects": tuple(objects.values()), "annotations": tuple(name_notes)}


def scheme_of(part: Part) -> str:
    child = part.part("RepresentationScheme")
    if child is None:
        return ""
    scheme, agency = child.needed("representationScheme"), child.needed("representationSchemeAgency")
    kind = child.choice(child.needed("representationSchemeType"), "Codelist", *SCHEMES)
    child.close()
    return old_ref(child, SCHEMES.get(kind, kind), agency, scheme).urn


def usage(part: Part) -> str:
    return "1" if part.choice(part.needed("usageStatus"), *USAGE) == USAGE[0] else "0"


def mapped(part: Part) -> Ref:
    part.text("Alias")
    return named(part)


def sides(part: Part) -> Fields:
    source, target = (mapped(part.one(*(f"{side}{name}" for name in RELATED))) for side in ("", "Target"))
    is_hybrid = part.name == "CodelistMap" and "HierarchicalCodelist" in (source.kind, target.kind)
    return {"kind": "HybridCodelistMap" if is_hybrid else part.name, "source": source, "target": target}


def links(part: Part, line: str, before: str, after: str, alias: str) -> Fields:
    links, formats, link_notes = [], [], []
    for link in part.parts(line):
        source, target = local(link, before), local(link, after)
        by, form = representation(link)
        links.append((source, target, by))
        formats += [(source, *form)] if form else []
        titles = {"ALIAS": link.attribute(alias), "LANGUAGE": link.attribute("preferredLanguage").removeprefix("en")}
        link_notes.append(titled(titles.items(), ""))
        link.close()
    return {
        "links": tuple(links),
        "formats": tuple(formats),
        "link_notes": tuple(link_notes) if any(link_notes) else (),
    }


def local(part: Part, name: str) -> str:
    if name.endswith("CategoryID"):
        return category_path(part.one(name))
    return later_id(part, part.text(name).strip(), name="Concept" in name)


def representation(part: Part) -> tuple[str, tuple[str, ...]]:
    """Read how a component's values change: the id of a map, or a text type."""
    by = ""
    if child := part.part("RepresentationMapRef"):
        by = later_id(child, child.text("RepresentationMapID").strip())
        child.text("RepresentationMapAgencyID")
        child.choice(child.attribute("representationType", "Codelist"), "Codelist")
        child.close()
    if not part.has("ToTextFormat"):
        return by, ()
    form = text_type(part, "ToTextFormat", "String")
    if form["facets"]:
        raise part.error("has facets, which cannot be kept there.")
    return by, (part.text("ToValueType").strip(), form["data_type"])


def scheme_map(line: str, before: str, after: str, alias: str) -> Record:
    lines = partial(links, line=line, before=before, after=after, alias=alias)
    return (SchemeMap, URN, sides, lines, ID, *NAMES, NOTES)


def objects_of_step(part: Part) -> Fields:
    children = part.parts("Input", "Output")
    return {"annotations": titled((child.name.upper(), child.content().strip()) for child in children)}


ID, NOTES, URN, URI = ("id", own_id), ("annotations", notes), "urn", ("uri", text("@uri"))
NAMES = (("name", words("Name")), ("description", words("Description")))
NAMES_NOTED = noted(NAME="Name", DESCRIPTION="Description")
"""The names of what has none since SDMX 2.1."""
IDENTIFIED = (URN, "uri", ID)
OF_ITEM = noted(VERSION="@version", IS_EXTERNAL_REFERENCE="?isExternalReference")
ORGANISATION = (
    Item,
    URN,
    contacts,
    OF_ITEM,
    ID,
    *NAMES,
    ("parent", text("@parentOrganisation")),
    ("valid_from", text("@validFrom", moment)),
    ("valid_to", text("@validTo", moment)),
    NOTES,
    URI,
)
CONTACT = (
    Contact,
    NAMES[0],
    ("department", words("Department")),
    ("role", words("Role")),
    ("details", every(*ADDRESSES, read=lambda part: (part.name.lower(), part.content()))),
    ("id", text("id")),
)
COMPONENT = (
    concept,
    partial(text_type, default="String"),
    noted(**{name: f"?{name}" for name in FLAGS}),
    ("codelist", listed("codelist", "codelistVersion")),
    NOTES,
)
RECORDS: dict[str, Record] = {
    "CodeList": artefact(codelist, "Codelist", ("items", each("Code"))),
    "Code": (Item, URN, ID, ("parent", text("@parentCode", spelt)), ("name", words("Description")), NOTES),
    "ConceptScheme": artefact(ItemScheme, "ConceptScheme", ("items", each("Concept"))),
    "Concept": (
        Item,
        URN,
        "agencyID",
        noted(VERSION="@version", PARENT_AGENCY="@parentAgency"),
        noted(IS_EXTERNAL_REFERENCE="?isExternalReference"),
        text_type,
        ID,
        *NAMES,
        ("parent", text("@parent", lambda above: spelt(above, name=True) if above else "")),
        ("codelist", listed("coreRepresentation")),
        NOTES,
        URI,
    ),
    "OrganisationScheme": artefact(organisation_schemes, "OrganisationUnitScheme", ("members", members)),
    "Agencies": (listing_of, ("items", each("Agency"))),
    "DataProviders": (listing_of, ("items", each("DataProvider"))),
    "DataConsumers": (listing_of, ("items", each("DataConsumer"))),
    **dict.fromkeys(("Agency", "DataProvider", "DataConsumer"), ORGANISATION),
    **dict.fromkeys(CONTACTS, CONTACT),
    "Dataflow": artefact(
        partial(filed_flow, Dataflow),
        "Dataflow",
        ("structure", inner("KeyFamilyRef", named, NO_STRUCTURE)),
        ("categories", every("CategoryRef", read=category)),
    ),
    "Metadataflow": artefact(
        partial(filed_flow, Metadataflow),
        "Metadataflow",
        ("structure", inner("MetadataStructureRef", named)),
        ("categories", every("CategoryRef", read=category)),
    ),
    "CategoryScheme": artefact(category_scheme, "CategoryScheme", ("filing", filing)),
    "ReportingTaxonomy": artefact(reporting_taxonomy, "ReportingTaxonomy", ("filing", filing), ("flows", flows)),
    "Category": (Item, URN, ID, ("flows", flows), OF_ITEM, *NAMES, NOTES, URI),
    "HierarchicalCodelist": artefact(
        HierarchicalCodelist, "HierarchicalCodelist", ("included", included), ("hierarchies", every("Hierarchy"))
    ),
    "Hierarchy": (Hierarchy, name_in_codelist, levels, ("codes", every("CodeRef")), *NAMES, NOTES),
    "Level": (Level, partial(text_type, element="CodingType"), URN, *NAMES, ID, NOTES),
    "CodeRef": (
        HierarchicalCode,
        code,
        ("level", text("LevelRef", spelt)),
        ("children", every("CodeRef")),
        ("valid_from", text("ValidFrom", moment)),
        ("valid_to", text("ValidTo", moment)),
        ("version", text("Version")),
    ),
    "KeyFamily": artefact(DataStructure, "DataStructure", inner("Components", absent={"components": ()})),
    "Components": (
        components,
        ("dimensions", every("Dimension")),
        ("times", every("TimeDimension")),
        ("measures", every("PrimaryMeasure")),
        ("attributes", each("Attribute")),
        ("crossed", every("CrossSectionalMeasure")),
        ("groups", every("Group")),
    ),
    "Dimension": (partial(Component, role="dimension"), *COMPONENT),
    "TimeDimension": (partial(Component, role="time"), *COMPONENT),
    "PrimaryMeasure": (partial(Component, role="measure"), *COMPONENT),
    "CrossSectionalMeasure": (
        partial(Component, role="measure"),
        noted(MEASURE_DIMENSION="!measureDimension", CODE="!code"),
        *COMPONENT,
    ),
    "Attribute": (partial(Component, role="attribute"), attachment, *COMPONENT),
    "Group": (
        Group,
        ("constraint", constraint),
        noted(DESCRIPTION="Description"),
        ("dimensions", ids("DimensionRef", are_names=True)),
        ID,
        NOTES,
    ),
    "MetadataStructureDefinition": artefact(
        MetadataStructure,
        "MetadataStructure",
        ("targets", inner("TargetIdentifiers", targets, ())),
        ("reports", each("ReportStructure")),
    ),
    "FullTargetIdentifier": (MetadataTarget, *IDENTIFIED, NAMES_NOTED, objects, NOTES),
    "IdentifierComponent": (dict, *IDENTIFIED, NAMES_NOTED, ("kind", text("TargetObjectClass"))),
    "PartialTargetIdentifier": (
        MetadataTarget,
        *IDENTIFIED,
        ("objects", ids("IdentifierComponentRef", are_names=True)),
        NAMES_NOTED,
        NOTES,
    ),
    "ReportStructure": (
        ReportStructure,
        *IDENTIFIED,
        ("attributes", each("MetadataAttribute")),
        ("targets", lambda part: (later_id(part, part.needed("target")),)),
        NAMES_NOTED,
        NOTES,
    ),
    "MetadataAttribute": (
        MetadataAttribute,
        concept,
        text_type,
        ("min_occurs", usage),
        ("codelist", listed("representationScheme")),
        ("children", each("MetadataAttribute")),
        NOTES,
    ),
    "StructureSet": artefact(
        StructureSet, "StructureSet", ("related", inner("RelatedStructures", absent=())), ("maps", every(*MAPS))
    ),
    "RelatedStructures": (listing_of, ("items", every(*RELATED, read=mapped))),
    "StructureMap": (
        *scheme_map("ComponentMap", "MapConceptRef", "MapTargetConceptRef", "componentAlias"),
        ("extension", lambda part: part.flag("isExtension")),
    ),
    "CodelistMap": scheme_map("CodeMap", "MapCodeRef", "MapTargetCodeRef", "CodeAlias"),
    "CategorySchemeMap": scheme_map("CategoryMap", "CategoryID", "TargetCategoryID", "categoryAlias"),
    "ConceptSchemeMap": scheme_map("ConceptMap", "ConceptID", "TargetConceptID", "conceptAlias"),
    "OrganisationSchemeMap": scheme_map(
        "OrganisationMap", "OrganisationID", "TargetOrganisationID", "organisationAlias"
    ),
    "Process": artefact(Process, "Process", ("steps", each("ProcessStep"))),
    "ProcessStep": (
        ProcessStep,
        objects_of_step,
        ID,
        *NAMES,
        ("transitions", each("Transition")),
        ("steps", each("ProcessStep")),
        NOTES,
        ("computation", lambda part: Computation(texts) if (texts := part.words("Computation")) else None),
    ),
    "Transition": (
        Transition,
        ("target", lambda part: later_id(part, part.text("TargetStep").strip())),
        ("condition", words("Condition")),
    ),
}
