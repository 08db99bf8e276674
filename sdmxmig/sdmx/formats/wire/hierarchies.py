"""Wire tables of hierarchies and hierarchy associations."""

from __future__ import annotations

from sdmxmig.sdmx.formats.wire import DESCRIPTION, MINOR_NOTES, NAME, Field, Form, Key, Shape
from sdmxmig.sdmx.model.hierarchies import HierarchicalCode, Level

SHAPES: dict[Key, Shape] = {
    "Hierarchy": (
        Field("formal_levels", Form.FLAG, ml="@leveled", always=("ml",), until="2.1"),
        Field("formal_levels", Form.FLAG, ml="@hasFormalLevels", always=("ml", "json"), since="3.0"),
        Field("levels", Form.PART, ml="Level", of=Level, since="3.0"),
        Field("codes", Form.EACH, ml="HierarchicalCode", of=HierarchicalCode),
        Field("levels", Form.PART, ml="Level", of=Level, until="2.1"),
    ),
    Level: (
        Field("id", Form.ID, ml="@id", required=True, what="the id of a level"),
        MINOR_NOTES,
        NAME,
        DESCRIPTION,
        Field("data_type", Form.CODING_FORMAT, ml="CodingFormat"),
        Field("below", Form.PART, ml="Level", of=Level),
    ),
    HierarchicalCode: (
        Field("id", Form.ID, ml="@id", required=True, what="the id of a hierarchical code"),
        Field("valid_from", Form.MOMENT, ml="@validFrom"),
        Field("valid_to", Form.MOMENT, ml="@validTo"),
        Field(
            "version",
            Form.ID,
            ml="@version",
            pattern="OLD_VERSION",
            until="2.1",
            lost=("the version of the code {id}", "Since SDMX 3.0 these codes have none."),
        ),
        MINOR_NOTES,
        Field("code", Form.CODE_OF_HIERARCHY, ml="Code", kinds=("Code",), until="2.1"),
        Field("code", Form.REFERENCE, ml="Code", kinds=("Code",), required=True, since="3.0"),
        Field("children", Form.EACH, ml="HierarchicalCode", of=HierarchicalCode),
        Field("level", Form.LOCAL, ml="Level", only="ml", until="2.1"),
        Field("level", Form.LEVEL_OF_CODE, json="level", only="json", kinds=("Level",), until="2.1"),
        Field("level", Form.LOCAL, ml="Level", what="the level of {id}", since="3.0"),
    ),
    "HierarchyAssociation": (
        Field("hierarchy", Form.REFERENCE, ml="LinkedHierarchy", kinds=("Hierarchy",), required=True, stub=""),
        Field("target", Form.REFERENCE, ml="LinkedObject", required=True, stub="", together="hierarchy"),
        Field("context", Form.REFERENCE, ml="ContextObject"),
    ),
}
