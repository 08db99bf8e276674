"""SDMX-ML 2.0 structure records: the reader of the elements in ``version_20.csv``.

A row has a field, its form and its place in the element; forms of several fields name none. Other content becomes
annotations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from sdmxmig.primitives.places import Place
from sdmxmig.primitives.text import read_csv_rows
from sdmxmig.sdmx.formats.message_header import ORIGINAL_ID, escape_id
from sdmxmig.sdmx.formats.sdmx_ml.elements import Part
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.artefacts import read_moment, read_text_format, read_urn
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.version_20_names import (
    convert_id,
    read_concept_ref,
    read_identity,
    read_notes,
    read_old_ref,
    read_own_id,
    read_reference,
)
from sdmxmig.sdmx.formats.structures.data_structures import normalise_attachment
from sdmxmig.sdmx.formats.structures.notes import write_note
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
Read = Callable[[Part, str], Any]
Annotations = tuple[Annotation, ...]
Filing = list[tuple[Item, list[Ref]]]
ATTACHMENT_LEVELS = {"DataSet": "dataset", "Series": "series", "Group": "group", "Observation": "observation"}
FIXED_IDS = {"TimeDimension": "TIME_PERIOD", "PrimaryMeasure": "OBS_VALUE"}
"""Fixed component ids since 2.1; an annotation keeps the original concept id."""
TYPES = {"Date": "GregorianDay", "Year": "GregorianYear", "YearMonth": "GregorianYearMonth", "Timespan": "TimeRange"}
"""The types of texts that are called otherwise since SDMX 2.1."""
CONTACT_ELEMENTS = ("MaintenanceContact", "CollectorContact", "DisseminatorContact", "ReporterContact", "OtherContact")
KIND_BY_CLASS = {
    "KeyFamily": "DataStructure",
    "DataFlow": "Dataflow",
    "MetadataFlow": "Metadataflow",
    "KeyDescriptor": "DimensionDescriptor",
    "GroupKeyDescriptor": "GroupDimensionDescriptor",
    "DataSet": "DataSetTarget",
}
SCHEME_BY_ITEM = {"Concept": "ConceptScheme", "Category": "CategoryScheme", "Organisation": "OrganisationUnitScheme"}
SCHEMES_OF_ORGANISATIONS = {
    "Agencies": ("AgencyScheme", "AGENCIES"),
    "DataProviders": ("DataProviderScheme", "DATA_PROVIDERS"),
    "DataConsumers": ("DataConsumerScheme", "DATA_CONSUMERS"),
}
"""Kind and id of the schemes that the organisations of an organisation scheme have since SDMX 2.1."""
NO_STRUCTURE = Ref("DataStructure", "", id="", version="")
COMPONENT_ROLES = {
    "Dimension": "dimension",
    "TimeDimension": "time",
    "PrimaryMeasure": "measure",
    "CrossSectionalMeasure": "measure",
    "Attribute": "attribute",
}
MAP_ELEMENTS = ("StructureMap", "CodelistMap", "CategorySchemeMap", "ConceptSchemeMap", "OrganisationSchemeMap")
USAGE_VALUES = ("Mandatory", "Conditional")
FORM_MARKS: dict[str, Callable[[Part, str], str]] = {
    "@": Part.attribute,
    "!": Part.needed,
    "?": lambda part, name: "true" if part.flag(name) else "",
}
ROWS: dict[str, list[tuple[str, Read, str]]] = {}
"""The fields of each element, with their readers and places."""


def read_artefacts(part: Part) -> list[Artefact]:
    record = read_record(part)
    return record if isinstance(record, list) else [record]


def read_record(part: Part) -> Any:
    fields = read_fields(part)
    part.close()
    return RECORDS[part.name](**fields)


def read_fields(part: Part) -> Fields:
    """Read the fields of a record; the element stays open for unread content."""
    fields: Fields = {}
    annotations: Annotations = ()
    for name, read, place in ROWS[part.name]:
        value = read(part, place)
        fields |= {name: value} if name else value
        annotations += fields.pop("annotations", ())
    return fields | {"annotations": annotations} if annotations else fields


def build_title_notes(titles: Iterable[tuple[str, str]], *without: str) -> Annotations:
    return tuple(Annotation(type_, title=title) for type_, title in titles if title not in without)


def read_listing(items: tuple[Any, ...]) -> tuple[Any, ...]:
    return items


def build_codelist(items: tuple[Item, ...], **fields: Any) -> ItemScheme:
    if len({item.id for item in items}) < len(items):
        items = tuple(dict.fromkeys(items))
    return ItemScheme(items=items, **fields)


def build_organisation_schemes(
    ref: Ref, members: dict[tuple[str, str], tuple[Item, ...]], annotations: Annotations = (), **fields: Any
) -> list[ItemScheme]:
    annotations = (*build_title_notes([("ORGANISATION_SCHEME", f"{ref.id}({ref.version})")]), *annotations)
    return [
        ItemScheme(Ref(kind, ref.agency, id=id_, version="1.0"), items=items, annotations=annotations, **fields)
        for (kind, id_), items in members.items()
        if items
    ]


def build_filed_flow(make: Callable[..., Any], categories: list[Ref], **fields: Any) -> list[Artefact]:
    flow = make(**fields)
    return [*(build_categorisation(flow.ref, category, flow.place) for category in categories), flow]


def build_categorisation(flow: Ref, target: Ref, place: Place | None) -> Categorisation:
    categorisation_id = "_".join((flow.id, target.id, *target.item.split(".")))
    ref = Ref("Categorisation", target.agency, id=categorisation_id, version="1.0")
    return Categorisation(ref, Text.of(en=categorisation_id), source=flow, target=target, place=place)


def read_category(part: Part) -> Ref:
    urn, version = part.text("URN").strip(), part.text("CategorySchemeVersion").strip()
    agency, scheme = part.text("CategorySchemeAgencyID").strip(), part.text("CategorySchemeID").strip()
    outermost = part.part("CategoryID")
    path = read_category_path(outermost) if outermost else ""
    part.close()
    if not (agency and scheme and path):
        return read_urn(urn, part)
    return replace(
        read_old_ref(part, "CategoryScheme", agency, old_id=scheme, version=version), kind="Category", item=path
    )


def read_category_path(part: Part) -> str:
    category_id, inner_category = convert_id(part, part.text("ID").strip()), part.part("CategoryID")
    part.text("CategoryVersion")
    path_below = read_category_path(inner_category) if inner_category else ""
    part.close()
    return f"{category_id}.{path_below}" if path_below else category_id


def build_category_scheme(filing: Filing, **fields: Any) -> list[Artefact]:
    scheme = ItemScheme(items=tuple(item for item, _ in filing), **fields)
    categories = ((replace(scheme.ref, kind="Category", item=item.path), flows) for item, flows in filing)
    return [
        scheme,
        *(build_categorisation(flow, category, scheme.place) for category, flows in categories for flow in flows),
    ]


def build_taxonomy(filing: Filing, flows: list[Ref], annotations: Annotations = (), **fields: Any) -> ItemScheme:
    annotations = (*build_title_notes(("PROVISIONING_METADATA", flow.urn) for flow in flows), *annotations)
    properties = ((item, tuple(("ProvisioningMetadata", flow.urn) for flow in flows)) for item, flows in filing)
    items = tuple(replace(item, properties=flows_of_item) for item, flows_of_item in properties)
    return ItemScheme(items=items, annotations=annotations, **fields)


def read_components(**parts: Any) -> Fields:
    dimensions = (*parts["dimensions"], *parts["times"])
    times = {dimension.concept.item: dimension.id for dimension in parts["times"]}
    groups = [
        replace(group, dimensions=tuple(times.get(name, name) for name in group.dimensions))
        for group in parts["groups"]
    ]
    key = {dimension.id for dimension in parts["dimensions"]}
    attributes = (
        normalise_attachment(convert_attachment(attribute, dimensions, groups), key)
        for attribute in parts["attributes"]
    )
    return {
        "components": (*dimensions, *parts["measures"], *attributes),
        "groups": tuple(groups),
        "annotations": tuple(write_note("CROSS_SECTIONAL_MEASURE", measure) for measure in parts["crossed"]),
    }


def convert_attachment(attribute: Component, dimensions: Iterable[Component], groups: list[Group]) -> Component:
    """Convert the attachment of an attribute: dimensions of all its groups, else the only group or series."""
    group_ids = attribute.group.split()
    if attribute.attachment != "group":
        attachment_notes = build_title_notes(("ATTACHMENT_GROUP", group_id) for group_id in group_ids)
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


def read_scheme(part: Part) -> str:
    child = part.part("RepresentationScheme")
    if child is None:
        return ""
    scheme, agency = child.needed("representationScheme"), child.needed("representationSchemeAgency")
    kind = child.choice(child.needed("representationSchemeType"), "Codelist", *SCHEME_BY_ITEM)
    child.close()
    return read_old_ref(child, SCHEME_BY_ITEM.get(kind, kind), agency, scheme).urn


def read_mapped_reference(part: Part) -> Ref:
    part.text("Alias")
    return read_reference(part)


def read_local_id(part: Part, name: str) -> str:
    if name.endswith("CategoryID"):
        return read_category_path(part.one(name))
    return convert_id(part, part.text(name).strip(), name="Concept" in name)


class FieldReader:
    """Reads fields by the method named after a row's form, which returns several fields if the row names none."""

    def identified(self, part: Part, kind: str) -> Fields:
        part.message.owner, details = read_identity(part, kind)
        return {"ref": part.message.owner, "details": details, "place": part.place}

    def ignored(self, part: Part, place: str) -> Fields:
        part.attribute(place)
        return {}

    def id(self, part: Part, _: str) -> str:
        return read_own_id(part)

    def notes(self, part: Part, _: str) -> Annotations:
        return read_notes(part)

    def noted(self, part: Part, place: str) -> Fields:
        """Read an annotation by its type and place: an element, or an attribute (@; mandatory: !; true or false: ?)."""
        type_, name = place.split()
        if marked := FORM_MARKS.get(name[0]):
            title = marked(part, name[1:])
            return {"annotations": build_title_notes([(type_, title)], "", "1.0" if type_ == "VERSION" else "")}
        texts = part.words(name)
        return {"annotations": (Annotation(type_, texts),) if texts else ()}

    def words(self, part: Part, place: str) -> Text:
        return part.words(place)

    def text(self, part: Part, place: str) -> str:
        return part.attribute(place[1:]) if place.startswith("@") else part.text(place).strip()

    def spelt(self, part: Part, place: str) -> str:
        return escape_id(self.text(part, place))

    def spelt_name(self, part: Part, place: str) -> str:
        text = self.text(part, place)
        return escape_id(text, name=True) if text else ""

    def moment(self, part: Part, place: str) -> str:
        return read_moment(self.text(part, place))

    def later_id(self, part: Part, place: str) -> str:
        return convert_id(part, part.text(place).strip())

    def names(self, part: Part, place: str) -> tuple[str, ...]:
        return tuple(convert_id(part, text.strip(), name=True) for text in part.texts(place))

    def flag(self, part: Part, place: str) -> bool:
        return part.flag(place)

    def every(self, part: Part, place: str) -> tuple[Any, ...]:
        return tuple(map(read_record, part.parts(*place.split())))

    def each(self, part: Part, place: str) -> tuple[Any, ...]:
        return tuple(part.each(read_record, place))

    def reference(self, part: Part, place: str) -> Ref | None:
        child = part.part(place)
        return read_reference(child) if child else NO_STRUCTURE if place == "KeyFamilyRef" else None

    def categories(self, part: Part, place: str) -> tuple[Ref, ...]:
        return tuple(map(read_category, part.parts(place)))

    def text_type(self, part: Part, place: str) -> Fields:
        element, _, default = place.partition(" ")
        form = part.part(element)
        absent = "ObservationalTimePeriod" if part.name == "TimeDimension" and not part.element.get("codelist") else ""
        data_type, facets, _ = read_text_format(form, default) if form else (absent, (), ())
        return {"data_type": data_type if part.name == "Level" else TYPES.get(data_type, data_type), "facets": facets}

    def listed(self, part: Part, place: str) -> Ref | None:
        attribute, _, version = place.partition(" ")
        codelist, agency = part.attribute(attribute), part.attribute(f"{attribute}Agency", part.message.owner.agency)
        number = part.attribute(version)
        return read_old_ref(part, "Codelist", agency, old_id=codelist, version=number) if codelist else None

    def contacts(self, part: Part, place: str) -> Fields:
        children = part.parts(*place.split())
        kinds = ((child.name, str(number)) for number, child in enumerate(children, 1) if child.name != "OtherContact")
        return {"contacts": tuple(map(read_record, children)), "annotations": build_title_notes(kinds)}

    def addresses(self, part: Part, place: str) -> tuple[tuple[str, str], ...]:
        return tuple((child.name.lower(), child.content()) for child in part.parts(*place.split()))

    def members(self, part: Part, _: str) -> dict[tuple[str, str], tuple[Item, ...]]:
        return {
            scheme: tuple(item for listing in part.parts(holder) for item in read_record(listing))
            for holder, scheme in SCHEMES_OF_ORGANISATIONS.items()
        }

    def filing(self, part: Part, parent: str) -> Filing:
        return [filed for child in part.parts("Category") for filed in self.read_category_tree(child, parent)]

    def read_category_tree(self, part: Part, parent: str) -> Filing:
        fields = read_fields(part)
        flows, item = fields.pop("flows"), Item(parent=parent, **fields)
        below = self.filing(part, item.path)
        part.close()
        return [(item, flows), *below]

    def flows(self, part: Part, _: str) -> list[Ref]:
        return [read_reference(child) for name in ("DataflowRef", "MetadataflowRef") for child in part.parts(name)]

    def included(self, part: Part, place: str) -> tuple[tuple[str, Ref], ...]:
        codelists = tuple(
            (escape_id(child.text("Alias").strip()), read_reference(child)) for child in part.parts(place)
        )
        part.message.aliases = dict(codelists)
        return codelists

    def name_in_codelist(self, part: Part, _: str) -> Fields:
        final, owner = part.attribute("isFinal"), part.message.owner
        ref, details = read_identity(part, "Hierarchy", owner.agency)
        titles = {
            "VERSION": ref.version,
            "IS_FINAL": final,
            "VALID_FROM": details.valid_from,
            "VALID_TO": details.valid_to,
        }
        return {
            "ref": replace(owner, kind="Hierarchy", item=ref.id),
            "details": Details(uri=details.uri),
            "place": part.place,
            "annotations": build_title_notes(titles.items(), "", "1.0"),
        }

    def levels(self, part: Part, place: str) -> Fields:
        levels = [(child.text("Order").strip().lstrip("0"), read_record(child)) for child in part.parts(place)]
        chain: Level | None = None
        for _, level_above in sorted(levels, key=lambda pair: (len(pair[0]), pair[0]), reverse=True):
            chain = replace(level_above, below=chain)
        return {"levels": chain, "formal_levels": bool(levels)}

    def code(self, part: Part, _: str) -> Fields:
        urn, code_id = part.text("URN").strip(), part.text("CodeID").strip()
        alias, aliases = escape_id(part.text("CodelistAliasRef").strip()), part.message.aliases
        if not urn and alias not in aliases:
            raise part.error(f"names a codelist “{alias}”, which is not included.")
        owner = aliases.get(alias)
        code = replace(owner, kind="Code", item=convert_id(part, code_id)) if owner else read_urn(urn, part)
        return {"id": convert_id(part, part.text("NodeAliasID").strip() or code.item), "code": code}

    def concept(self, part: Part, _: str) -> Fields:
        concept, called = read_concept_ref(part), part.element.get("conceptRef", "")
        component_id = FIXED_IDS.get(part.name, concept.item)
        original = [(ORIGINAL_ID, called)] if part.name in FIXED_IDS else []
        return {"id": component_id, "concept": concept, "annotations": build_title_notes(original, component_id)}

    def attachment(self, part: Part, _: str) -> Fields:
        level = ATTACHMENT_LEVELS[part.choice(part.needed("attachmentLevel"), *ATTACHMENT_LEVELS)]
        is_mandatory = (
            part.choice(part.attribute("assignmentStatus", USAGE_VALUES[1]), *USAGE_VALUES) == USAGE_VALUES[0]
        )
        groups = " ".join(convert_id(part, text.strip()) for text in part.texts("AttachmentGroup"))
        measures = build_title_notes(("ATTACHMENT_MEASURE", text.strip()) for text in part.texts("AttachmentMeasure"))
        return {"attachment": level, "mandatory": is_mandatory, "group": groups, "annotations": measures}

    def constraint(self, part: Part, place: str) -> Ref | None:
        constraint_id, agency = part.text(place).strip(), part.message.owner.agency
        return read_old_ref(part, "AttachmentConstraint", agency, constraint_id) if constraint_id else None

    def components(self, part: Part, place: str) -> Fields:
        child = part.part(place)
        fields: Fields = read_record(child) if child else {"components": ()}
        return fields

    def targets(self, part: Part, place: str) -> tuple[MetadataTarget, ...]:
        identifiers = part.part(place)
        if identifiers is None:
            return ()
        whole = read_record(identifiers.one("FullTargetIdentifier"))
        targets, objects = [whole], {target[0]: target for target in whole.objects}
        for child in identifiers.parts("PartialTargetIdentifier"):
            target = read_record(child)
            if unknown := [name for name in target.objects if name not in objects]:
                raise child.error(f"names “{unknown[0]}”, which is not a component of the whole identifier.")
            targets.append(replace(target, objects=tuple(objects[name] for name in target.objects)))
        if read_notes(identifiers):
            raise identifiers.error("has annotations, which cannot be kept there.", "Put them on the artefact.")
        identifiers.close()
        return tuple(targets)

    def objects(self, part: Part, place: str) -> Fields:
        objects, name_notes = {}, []
        for child in part.parts(place):
            fields = read_fields(child)
            object_id, class_ = fields["id"], fields["kind"]
            name_notes += [replace(note, id=object_id) for note in fields.get("annotations", ())]
            scheme = read_scheme(child) or ("DataSetReference" if class_ == "DataSet" else "")
            objects[object_id] = (object_id, KIND_BY_CLASS.get(class_, class_), scheme)
            if read_notes(child):
                raise child.error("has annotations, which cannot be kept there.", "Put them on the identifier.")
            child.close()
        return {"objects": tuple(objects.values()), "annotations": tuple(name_notes)}

    def target(self, part: Part, _: str) -> tuple[str]:
        return (convert_id(part, part.needed("target")),)

    def usage(self, part: Part, _: str) -> str:
        return "1" if part.choice(part.needed("usageStatus"), *USAGE_VALUES) == USAGE_VALUES[0] else "0"

    def related(self, part: Part, place: str) -> tuple[Ref, ...]:
        child = part.part(place)
        return read_record(child) if child else ()

    def mapped(self, part: Part, place: str) -> tuple[Ref, ...]:
        return tuple(map(read_mapped_reference, part.parts(*place.split())))

    def sides(self, part: Part, place: str) -> Fields:
        source, target = (
            read_mapped_reference(part.one(*(f"{side}{name}" for name in place.split()))) for side in ("", "Target")
        )
        is_hybrid = part.name == "CodelistMap" and "HierarchicalCodelist" in (source.kind, target.kind)
        return {"kind": "HybridCodelistMap" if is_hybrid else part.name, "source": source, "target": target}

    def links(self, part: Part, place: str) -> Fields:
        line, before, after, alias = place.split()
        links, formats, link_notes = [], [], []
        for link in part.parts(line):
            source, target = read_local_id(link, before), read_local_id(link, after)
            by, form = self.representation(link)
            links.append((source, target, by))
            formats += [(source, *form)] if form else []
            titles = {
                "ALIAS": link.attribute(alias),
                "LANGUAGE": link.attribute("preferredLanguage").removeprefix("en"),
            }
            link_notes.append(build_title_notes(titles.items(), ""))
            link.close()
        return {
            "links": tuple(links),
            "formats": tuple(formats),
            "link_notes": tuple(link_notes) if any(link_notes) else (),
        }

    def representation(self, part: Part) -> tuple[str, tuple[str, ...]]:
        by = ""
        if child := part.part("RepresentationMapRef"):
            by = convert_id(child, child.text("RepresentationMapID").strip())
            child.text("RepresentationMapAgencyID")
            child.choice(child.attribute("representationType", "Codelist"), "Codelist")
            child.close()
        if not part.has("ToTextFormat"):
            return by, ()
        form = self.text_type(part, "ToTextFormat String")
        if form["facets"]:
            raise part.error("has facets, which cannot be kept there.")
        return by, (part.text("ToValueType").strip(), form["data_type"])

    def objects_of_step(self, part: Part, place: str) -> Fields:
        children = part.parts(*place.split())
        return {"annotations": build_title_notes((child.name.upper(), child.content().strip()) for child in children)}

    def computation(self, part: Part, place: str) -> Computation | None:
        return Computation(texts) if (texts := part.words(place)) else None


RECORDS: dict[str, Callable[..., Any]] = {
    "CodeList": build_codelist,
    "ConceptScheme": ItemScheme,
    "OrganisationScheme": build_organisation_schemes,
    **dict.fromkeys(("Code", "Concept", "Category", "Agency", "DataProvider", "DataConsumer"), Item),
    **dict.fromkeys(("Agencies", "DataProviders", "DataConsumers", "RelatedStructures"), read_listing),
    **dict.fromkeys(CONTACT_ELEMENTS, Contact),
    "Dataflow": partial(build_filed_flow, Dataflow),
    "Metadataflow": partial(build_filed_flow, Metadataflow),
    "CategoryScheme": build_category_scheme,
    "ReportingTaxonomy": build_taxonomy,
    "HierarchicalCodelist": HierarchicalCodelist,
    "Hierarchy": Hierarchy,
    "Level": Level,
    "CodeRef": HierarchicalCode,
    "KeyFamily": DataStructure,
    "Components": read_components,
    **{name: partial(Component, role=role) for name, role in COMPONENT_ROLES.items()},
    "Group": Group,
    "MetadataStructureDefinition": MetadataStructure,
    "MetadataAttribute": MetadataAttribute,
    **dict.fromkeys(("FullTargetIdentifier", "PartialTargetIdentifier"), MetadataTarget),
    "ReportStructure": ReportStructure,
    "StructureSet": StructureSet,
    **dict.fromkeys(MAP_ELEMENTS, SchemeMap),
    "Process": Process,
    "ProcessStep": ProcessStep,
    "Transition": Transition,
}
for _row in read_csv_rows(Path(__file__).with_name("version_20.csv")):
    for _record in _row["record"].split(";"):
        ROWS.setdefault(_record, []).append((_row["field"], getattr(FieldReader(), _row["form"]), _row["place"]))
