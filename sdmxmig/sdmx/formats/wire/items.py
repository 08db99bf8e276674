"""Wire tables of item schemes, items, contacts and VTL definitions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from sdmxmig.primitives.errors import SdmxmigError, did_you_mean
from sdmxmig.sdmx.formats.wire import WITHIN, Field, Form, Key, Shape
from sdmxmig.sdmx.model.artefacts import Contact, Extension, IsoConcept, Item, ItemScheme, VtlWay
from sdmxmig.sdmx.model.references import ITEM_KINDS, Ref

NESTED = ("Category", "ReportingCategory")
"""The items that stand inside the ones above them."""
GEO_TYPES = ("GeographicCodelist", "GeoGridCodelist")
CODELISTS = ("Codelist", *GEO_TYPES)
MEMBERS = {"Agency": "agencies", "Category": "categories", "ReportingCategory": "reportingCategories"}
CONTACT_DETAILS = {
    "telephone": ("Telephone", "telephones"),
    "fax": ("Fax", "faxes"),
    "x400": ("X400", "x400s"),
    "uri": ("URI", "uris"),
    "email": ("Email", "emails"),
}
DATAFLOWS = ("Dataflow", "GenericDataflow")


def missing(name: str) -> tuple[str, str]:
    return f"the missing {name} of {{id}}", "SDMX wants one."


def text(name: str) -> Field:
    return Field(name, Form.ONE_TEXT, ml=name, required=True, needed=missing(name))


def word(name: str, form: str = Form.TEXT) -> Field:
    return Field(name, form, ml=f"@{name}", required=True, optional_in="ml", needed=missing(name))


def optional(name: str) -> Field:
    return Field(name, Form.ONE_TEXT, ml=name)


def named(name: str, form: Form = Form.REFERENCE) -> Field:
    return Field(name, form, ml=name, kinds=(name,))


def grouped(name: str, *kinds: str) -> Field:
    return Field(name, Form.REFERENCES, ml=name, json=f"{name[0].lower()}{name[1:]}", kinds=kinds)


VTL_VERSION = (
    Field("vtlVersion", Form.TEXT, ml="@vtlVersion", only="ml", required=True, needed=missing("vtlVersion")),
    Field("vtlVersion", Form.TEXT, json="vtlVersion", only="json"),
)
MAPPINGS = named("VtlMappingScheme")
RULESETS = named("RulesetScheme", Form.REFERENCES)
OWN: dict[str, Shape] = {
    "GeoGridCodelist": (
        Field("GridDefinition", Form.ONE_TEXT, ml="GridDefinition", only="ml", needed=missing("GridDefinition")),
        Field("GridDefinition", Form.ONE_TEXT, json="gridDefinition", only="json"),
    ),
    "TransformationScheme": (
        *VTL_VERSION,
        MAPPINGS,
        named("NamePersonalisationScheme"),
        named("CustomTypeScheme"),
        RULESETS,
        named("UserDefinedOperatorScheme", Form.REFERENCES),
    ),
    "CustomTypeScheme": VTL_VERSION,
    "NamePersonalisationScheme": VTL_VERSION,
    "RulesetScheme": (*VTL_VERSION, MAPPINGS),
    "UserDefinedOperatorScheme": (*VTL_VERSION, MAPPINGS, RULESETS),
    "GeoFeatureSetCode": (word("value"),),
    "GeoGridCode": (text("GeoCell"),),
    "ReportingCategory": (
        grouped("StructuralMetadata", "DataStructure", "MetadataStructure"),
        grouped("ProvisioningMetadata", "Dataflow", "Metadataflow"),
    ),
    "Transformation": (word("isPersistent", "truth"), text("Expression"), text("Result")),
    "CustomType": (
        text("VtlScalarType"),
        text("DataType"),
        optional("VtlLiteralFormat"),
        optional("OutputFormat"),
        optional("NullValue"),
    ),
    "NamePersonalisation": (word("vtlArtefact"), text("VtlDefaultName"), text("PersonalisedName")),
    "Ruleset": (word("rulesetType"), word("rulesetScope"), text("RulesetDefinition")),
    "UserDefinedOperator": (text("OperatorDefinition"),),
    "VtlMapping": (
        Field("alias", Form.TEXT, ml="@alias", required=True, needed=missing("alias")),
        named("Dataflow"),
        Field("GenericDataflow", "empty", ml="GenericDataflow"),
        named("Codelist"),
        Field(
            "ConceptScheme",
            Form.REFERENCE,
            ml="ConceptScheme",
            only="ml",
            kinds=("ConceptScheme",),
            until="2.1",
            lost=("the concept scheme of {id}", "Since SDMX 3.0 single concepts are mapped."),
        ),
        named("Concept"),
    ),
}


def own(kind: str) -> Shape:
    return (Field("properties", "own", ml=WITHIN, of=f"{kind}: own"),) if kind in OWN else ()


def parent(kind: str, pattern: str = "ID") -> Field:
    return Field("parent", "parent", ml="Parent", kinds=(kind,), pattern=pattern, what="the parent of {id}")


def way(space: str) -> Shape:
    keys = f"{space[0].lower()}{space[1:]}/keys"
    return (
        Field("method", Form.TEXT, ml="@method"),
        Field("keys", Form.TEXTS, ml=f"{space}/Key", json=keys, pattern="NCNAME", what="a key of a mapping"),
    )


def scheme(kind: str, item: str) -> Shape:
    partial = Field("partial", Form.FLAG, ml="@isPartial", always=("ml",))
    geo_type = Field("ref", "fixed", ml="@geoType", default=kind)  # repeats the kind
    extensions = Field(
        "extensions",
        Form.EACH,
        ml="CodelistExtension",
        of=Extension,
        since="3.0",
        lost=("the codes taken from other codelists", ""),
    )
    return (
        replace(partial, ml="", note="IS_PARTIAL") if kind == "ValueList" else partial,
        *((geo_type,) if kind in GEO_TYPES else ()),
        *(replace(row, only="json") for row in own(kind)),
        Field("items", "items", ml=item, json=MEMBERS.get(item, "")),
        *((extensions,) if kind in CODELISTS else ()),
        *(replace(row, only="ml") for row in own(kind)),
    )


CODE_PARENT = (replace(parent("Code"), only="ml"), replace(parent("Code"), form=Form.ID, json="parent", only="json"))
CONTACTS = Field("contacts", Form.EACH, ml="Contact", of=Contact)
ISO = Field("iso", Form.PART, ml="ISOConceptReference", of=IsoConcept, only="ml")
SHAPES: dict[Key, Shape] = {
    **{kind: scheme(kind, item) for kind, item in ITEM_KINDS.items()},
    **{item: own(item) for item in ITEM_KINDS.values()},
    **{f"{kind}: own": shape for kind, shape in OWN.items()},
    "Code": CODE_PARENT,
    "GeoFeatureSetCode": (*CODE_PARENT, *own("GeoFeatureSetCode")),
    "GeoGridCode": (*CODE_PARENT, *own("GeoGridCode")),
    "Concept": (
        parent("Concept", "NCNAME"),
        Field("codelist", "representation", ml="CoreRepresentation", default="String", pattern="basic"),
        ISO,
        replace(ISO, json="isoConceptReference", only="json", since="3.0"),
    ),
    **dict.fromkeys(("Agency", "DataProvider", "DataConsumer", "MetadataProvider"), (CONTACTS,)),
    "OrganisationUnit": (parent("OrganisationUnit"), CONTACTS),
    "VtlMapping": (
        *own("VtlMapping"),
        Field("to_vtl", Form.PART, ml="ToVtlMapping", of="ToVtlMapping"),
        Field("from_vtl", Form.PART, ml="FromVtlMapping", of="FromVtlMapping"),
    ),
    "ToVtlMapping": way("ToVtlSubSpace"),
    "FromVtlMapping": way("FromVtlSuperSpace"),
    Contact: (
        Field("id", Form.ID, ml="@id", what="the id of a contact"),
        Field("name", Form.WORDS, ml="com:Name"),
        Field("department", Form.WORDS, ml="Department"),
        Field("role", Form.WORDS, ml="Role"),
        Field("details", "contact_details", ml=WITHIN),
    ),
    IsoConcept: (
        Field("agency", Form.TEXT, ml="ConceptAgency", required=True),
        Field("scheme", Form.TEXT, ml="ConceptSchemeID", required=True),
        Field("id", Form.TEXT, ml="ConceptID", required=True),
    ),
    Extension: (
        Field("prefix", Form.TEXT, ml="@prefix"),
        Field("codelist", Form.REFERENCE, ml="Codelist", kinds=("Codelist",), required=True),
        Field("members", "selection", ml="InclusiveCodeSelection"),
    ),
}
WITH_PARENT = {kind for kind, shape in SHAPES.items() if any(row.name == "parent" for row in shape)}
"""The items that name the one above them."""


def vtl_way(method: str, keys: tuple[str, ...]) -> VtlWay | None:
    return VtlWay(method, keys) if method or keys else None


def as_pairs(fields: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    listed = ((name, value if isinstance(value, tuple) else (value,)) for name, value in fields.items() if value)
    return tuple((name, value.urn if isinstance(value, Ref) else value) for name, values in listed for value in values)


def of_pairs(record: Item | ItemScheme, shape: Shape, refusal: Callable[[str, str], SdmxmigError]) -> SimpleNamespace:
    """Return the properties of a scheme or item as fields, with its id."""
    owner = record.id if isinstance(record, Item) else record.ref.id
    forms = {row.name: row.form for row in shape}
    fields: dict[str, Any] = {"id": owner}
    for name, form in forms.items():
        texts = [text for property_name, text in record.properties if property_name == name]
        if len(texts) > 1 and form is not Form.REFERENCES:
            raise refusal(f"two properties {name} of {owner}", "")
        values = tuple(map(Ref.parse, texts) if form in (Form.REFERENCE, Form.REFERENCES) else texts)
        is_several = form in (Form.REFERENCES, Form.ONE_TEXT, "empty")
        fields[name] = values if is_several else next(iter(values), None if form is Form.REFERENCE else "")
    for name, _ in record.properties:
        if name not in forms:
            raise refusal(f"the property {name} of {owner}", did_you_mean(name, forms))
    return SimpleNamespace(**fields)
