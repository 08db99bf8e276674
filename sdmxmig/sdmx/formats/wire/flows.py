"""Wire tables of dataflows, metadataflows, agreements and categorisations."""

from __future__ import annotations

from sdmxmig.sdmx.formats.wire import Field, Form, Key, Shape
from sdmxmig.sdmx.model.structures import ANYTHING

TARGETS = Field("targets", Form.TARGETS, ml="Target", since="3.0")
NO_TARGETS = Field("targets", Form.TARGETS, lost=("the targets", "Only agreements for metadata have targets."))

SHAPES: dict[Key, Shape] = {
    "Dataflow": (
        Field("structure", Form.REFERENCE, ml="Structure", kinds=("DataStructure",), stub="DataStructure"),
        Field(
            "constrained",
            Form.TEXTS,
            ml="DimensionConstraint/Dimension",
            json="dimensionConstraint",
            pattern="NCNAME",
            what="a dimension",
            since="3.1",
            note="DIMENSION_CONSTRAINT",
        ),
    ),
    "Metadataflow": (
        Field("structure", Form.REFERENCE, ml="Structure", kinds=("MetadataStructure",)),
        Field("targets", Form.TARGETS, ml="Target", default=ANYTHING, since="3.0", note="METADATA_TARGET"),
    ),
    "ProvisionAgreement": (
        Field(
            "flow",
            Form.REFERENCE,
            ml="StructureUsage",
            kinds=("Dataflow", "Metadataflow"),
            required=True,
            stub="",
            until="2.1",
        ),
        Field("flow", Form.REFERENCE, ml="Dataflow", kinds=("Dataflow",), required=True, stub="", since="3.0"),
        Field("provider", Form.REFERENCE, ml="DataProvider", kinds=("DataProvider",), required=True, stub=""),
        NO_TARGETS,
    ),
    "MetadataProvisionAgreement": (
        Field("flow", Form.REFERENCE, ml="Metadataflow", kinds=("Metadataflow",), required=True, stub=""),
        Field("provider", Form.REFERENCE, ml="MetadataProvider", kinds=("MetadataProvider",), required=True, stub=""),
        Field("targets", Form.TARGETS, ml="Target"),
    ),
    "Categorisation": (
        Field("source", Form.REFERENCE, ml="Source", stub=""),
        Field("target", Form.REFERENCE, ml="Target", kinds=("Category",), stub="", together="source"),
    ),
}
