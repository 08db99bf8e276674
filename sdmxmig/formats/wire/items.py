"""The properties of schemes and items that only one kind has, by the names that the model keeps."""

from __future__ import annotations

from functools import cache

from sdmxmig.formats.wire import Field, Form, Shape, rows

MAPPED = ("Dataflow", "GenericDataflow", "Codelist", "ConceptScheme", "Concept")
"""What a mapping of VTL gives an alias to."""


def text(name: str, *, optional_in: str = "") -> Field:
    """A text that SDMX-ML has as an element of this name."""
    return Field(name, Form.TEXT, ml=name, required=True, optional_in=optional_in)


def word(name: str) -> Field:
    """A text that SDMX-ML has as an attribute of this name."""
    return Field(name, Form.TEXT, ml=f"@{name}", required=True)


def optional(name: str) -> Field:
    """A text that may be missing."""
    return Field(name, Form.TEXT, ml=name)


def scheme(kind: str, form: Form = Form.REFERENCE) -> Field:
    """Schemes of VTL to which others refer."""
    return Field(kind, form, ml=kind, kinds=(kind,))


VTL_VERSION = Field("vtlVersion", Form.TEXT, ml="@vtlVersion", required=True, optional_in="json")
MAPPINGS = scheme("VtlMappingScheme")
RULESETS = scheme("RulesetScheme", Form.REFERENCES)
OWN: dict[str, Shape] = {
    "GeoGridCodelist": (text("GridDefinition", optional_in="json"),),
    "TransformationScheme": (
        VTL_VERSION,
        MAPPINGS,
        scheme("NamePersonalisationScheme"),
        scheme("CustomTypeScheme"),
        RULESETS,
        scheme("UserDefinedOperatorScheme", Form.REFERENCES),
    ),
    "CustomTypeScheme": (VTL_VERSION,),
    "NamePersonalisationScheme": (VTL_VERSION,),
    "RulesetScheme": (VTL_VERSION, MAPPINGS),
    "UserDefinedOperatorScheme": (VTL_VERSION, MAPPINGS, RULESETS),
    "GeoFeatureSetCode": (word("value"),),
    "GeoGridCode": (text("GeoCell"),),
    "ReportingCategory": (
        Field(
            "StructuralMetadata",
            Form.REFERENCES,
            ml="StructuralMetadata",
            json="structuralMetadata",
            kinds=("DataStructure",),
        ),
        Field(
            "ProvisioningMetadata",
            Form.REFERENCES,
            ml="ProvisioningMetadata",
            json="provisioningMetadata",
            kinds=("Dataflow",),
        ),
    ),
    "Transformation": (
        Field("isPersistent", Form.FLAG, ml="@isPersistent", required=True),
        text("Expression"),
        text("Result"),
    ),
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
        word("alias"),
        *(Field(name, Form.REFERENCES, ml=name, kinds=(name,)) for name in MAPPED),
    ),
}
WAYS = {"to_vtl": ("ToVtlMapping", "ToVtlSubSpace"), "from_vtl": ("FromVtlMapping", "FromVtlSuperSpace")}
"""The elements of a VTL mapping for the ways to VTL and back, and for the dimensions that span the space there."""
DATAFLOWS = ("Dataflow", "GenericDataflow")
"""What is mapped with a method."""


@cache
def own_rows(kind: str) -> Shape:
    """The rows of a kind as SDMX-JSON has them; none for kinds that have nothing of their own."""
    return rows(OWN, kind, family="json") if kind in OWN else ()
