"""Wire tables of data structures and metadata structures."""

from __future__ import annotations

from dataclasses import replace

from sdmxmig.sdmx.formats.structures.data_structures import Nothing, Relationship
from sdmxmig.sdmx.formats.wire import MINOR_NOTES, NEWEST, OLDEST, Field, Form, Key, Shape
from sdmxmig.sdmx.model.data_structures import Group
from sdmxmig.sdmx.model.structures import MetadataAttribute, MetadataTarget, ReportStructure

METADATA = Field("metadata", Form.REFERENCE, ml="Metadata", kinds=("MetadataStructure",), since="3.0")
CONCEPT = Field("concept", Form.REFERENCE, ml="ConceptIdentity", kinds=("Concept",), required=True)
ROLES = Field(
    "concept_roles",
    Form.REFERENCES,
    ml="ConceptRole",
    kinds=("Concept",),
    unique="a concept role of {id} twice",
)
POSITION = Field("position", "position", ml="@position")
TYPE = Field("type", Form.PASSED_OVER, ml="@type", until="2.1")
RELATIONSHIP = Field("attachment", "relationship", ml="AttributeRelationship")
OBJECTS = Field("objects", "target_objects", ml="IdentifiableObjectTarget", until="2.1")


def component(
    *more: Field, role: str, usual_id: str = "", kind: str = "Codelist", data_type: str = "String", sort: str = "basic"
) -> Shape:
    once = "A dimension has one value." if sort != "basic" else ""
    component_id = Field("id", "component_id", ml="@id", pattern="NCNAME", default=usual_id, what=f"the id of a {role}")
    representation = Field(
        "codelist",
        "representation",
        ml="LocalRepresentation",
        kinds=(kind,),
        default=data_type,
        pattern=sort,
        what=once,
    )
    flat = [row for row in more if row.ml.startswith("@")]
    notes = Field("annotations", "component_notes", ml="Annotations", default=role, until="2.1")
    return (component_id, *flat, notes, replace(MINOR_NOTES, since="3.0"), CONCEPT, representation, *more[len(flat) :])


def listed(what: str, *, required: bool = False) -> Field:
    name, list_id = f"{what}List", f"{what}Descriptor"
    return Field(name, "component_list", ml=name, of=name, default=list_id, required=required)


def components(role: str, name: str, form: Form = Form.PARTS, *, since: str = OLDEST, until: str = NEWEST) -> Field:
    return Field(role, form, ml=name, of=name, since=since, until=until)


STATUS = Field("mandatory", "either", ml="@assignmentStatus", choices=("Mandatory", "Conditional"), until="2.1")
USAGE = Field("mandatory", "either", ml="@usage", choices=("mandatory", "optional"), default="optional", since="3.0")
DESCRIBING: Shape = (
    STATUS,
    USAGE,
    ROLES,
    RELATIONSHIP,
    Field(
        "measures",
        Form.TEXTS,
        ml="MeasureRelationship/Measure",
        json="measureRelationship",
        pattern="NCNAME",
        unique="a component twice in {id}",
        what="a component of {id}",
        since="3.0",
    ),
)

SHAPES: dict[Key, Shape] = {
    "DataStructure": (
        replace(METADATA, ml="", only="ml", note="METADATA"),  # as in the .Stat Suite
        Field("evolving", Form.FLAG, ml="@evolvingStructure", since="3.1", note="EVOLVING_STRUCTURE"),
        Field("components", "components", ml="DataStructureComponents", of="DataStructureComponents"),
        METADATA,
    ),
    "DataStructureComponents": (
        listed("Dimension", required=True),
        Field("groups", Form.EACH, ml="Group", of=Group),
        listed("Attribute"),
        replace(listed("Measure", required=True), optional_in="ml", until="2.1"),
        replace(listed("Measure"), since="3.0"),
    ),
    "DimensionList": (
        components("dimension", "Dimension"),
        components("dimension", "MeasureDimension", until="2.1"),
        components("time", "TimeDimension", until="2.1"),
        components("time", "TimeDimension", Form.PART, since="3.0"),
    ),
    "AttributeList": (
        components("attribute", "Attribute"),
        components("attribute", "ReportingYearStartDay", until="2.1"),
        components("metadata", "MetadataAttributeUsage", since="3.0"),
    ),
    "MeasureList": (
        replace(components("measure", "PrimaryMeasure", Form.PART, until="2.1"), required=True),
        components("measure", "Measure", since="3.0"),
    ),
    "Dimension": component(POSITION, TYPE, ROLES, role="dimension", sort="simple"),
    "MeasureDimension": component(POSITION, TYPE, ROLES, role="dimension", sort="simple", kind="ConceptScheme"),
    "TimeDimension": component(
        replace(POSITION, until="2.1"),
        Field("position", Form.PASSED_OVER, ml="@position", only="ml", since="3.0"),
        TYPE,
        replace(ROLES, only="ml"),
        role="time",
        usual_id="TIME_PERIOD",
        data_type="ObservationalTimePeriod",
        sort="time",
    ),
    "Measure": component(USAGE, ROLES, role="measure"),
    "PrimaryMeasure": component(ROLES, role="measure", usual_id="OBS_VALUE"),
    "Attribute": component(*DESCRIBING, role="attribute"),
    "ReportingYearStartDay": component(
        *DESCRIBING, role="attribute", usual_id="REPORTING_YEAR_START_DAY", data_type="MonthDay"
    ),
    "MetadataAttributeUsage": (
        MINOR_NOTES,
        Field(
            "id",
            Form.LOCAL,
            ml="MetadataAttributeReference",
            pattern="NESTED_ID",
            required=True,
            what="the id of a metadata attribute",
        ),
        RELATIONSHIP,
    ),
    Relationship: (
        Field("dimensions", Form.LOCALS, ml="Dimension", pattern="NCNAME", until="2.1"),
        Field("groups", Form.LOCALS, ml="AttachmentGroup", pattern="NCNAME", until="2.1"),
        Field(
            "optional",
            "dimensions",
            ml="Dimension",
            json="dimensions",
            pattern="NCNAME",
            unique="a component twice in {owner}",
            what="a component of {owner}",
            since="3.0",
            lost=("the optional dimensions of {owner}", ""),
        ),
        Field("group", Form.LOCAL, ml="Group", what="the group of {owner}"),
        Field("dataset", Form.PART, ml="None", of=Nothing, until="2.1"),
        Field("dataset", Form.PART, ml="Dataflow", of=Nothing, since="3.0"),
        Field("observation", Form.LOCAL, ml="PrimaryMeasure", pattern="NCNAME", until="2.1"),
        Field("observation", Form.PART, ml="Observation", of=Nothing, since="3.0"),
    ),
    Nothing: (),
    Group: (
        Field("id", Form.ID, ml="@id", required=True, what="the id of a group"),
        MINOR_NOTES,
        Field("constraint", Form.REFERENCE, ml="AttachmentConstraint", kinds=("AttachmentConstraint",), until="2.1"),
        Field(
            "dimensions",
            Form.LOCALS,
            ml="GroupDimension/DimensionReference",
            json="groupDimensions",
            pattern="NCNAME",
            unique="a component twice in the group {id}",
            what="a component of the group {id}",
        ),
    ),
    "MetadataStructure": (
        Field("attributes", Form.SECTION, ml="MetadataStructureComponents", of="MetadataStructureComponents"),
    ),
    "MetadataStructureComponents": (
        Field("targets", Form.EACH, ml="MetadataTarget", of=MetadataTarget, until="2.1"),
        Field("reports", Form.EACH, ml="ReportStructure", of=ReportStructure, until="2.1"),
        Field(
            "attributes",
            Form.SECTION,
            ml="MetadataAttributeList",
            of="MetadataAttributeList",
            required=True,
            optional_in="json",
            since="3.0",
        ),
    ),
    "MetadataAttributeList": (
        Field("id", Form.PASSED_OVER, ml="@id", default="MetadataAttributeDescriptor"),
        Field("annotations", "no_notes", ml="Annotations"),
        Field("attributes", Form.PARTS, ml="MetadataAttribute", of=MetadataAttribute),
    ),
    MetadataAttribute: (
        Field("id", "component_id", ml="@id", pattern="NCNAME", what="the id of a metadata attribute"),
        MINOR_NOTES,
        Field("min_occurs", Form.TEXT, ml="@minOccurs", default="1", only="ml"),
        Field("max_occurs", Form.TEXT, ml="@maxOccurs", default="1", only="ml"),
        Field("min_occurs", "occurrences", json="minOccurs", only="json"),
        Field("presentational", Form.FLAG, ml="@isPresentational", always=("ml", "json")),
        CONCEPT,
        Field(
            "codelist",
            "metadata_representation",
            ml="LocalRepresentation",
            default="String",
            pattern="basic",
            what="How often a metadata attribute may occur stands at itself.",
        ),
        Field("children", Form.PARTS, ml="MetadataAttribute", of=MetadataAttribute),
    ),
    MetadataTarget: (Field("id", Form.ID, ml="@id", required=True), MINOR_NOTES, OBJECTS),
    ReportStructure: (
        Field("id", Form.ID, ml="@id", required=True),
        MINOR_NOTES,
        Field("attributes", Form.EACH, ml="MetadataAttribute", of=MetadataAttribute),
        Field("targets", Form.LOCALS, ml="MetadataTarget", kinds=("MetadataTarget",), until="2.1"),
    ),
}
