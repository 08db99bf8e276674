"""Mapping files, checked against the dataflow before reading tables."""

from __future__ import annotations

from collections import abc
from collections.abc import Callable
from dataclasses import replace

from sdmxmig.conversion.mapping.answer_keys import read_answered
from sdmxmig.conversion.mapping.block_keys import read_block
from sdmxmig.conversion.mapping.checks import pattern_of
from sdmxmig.conversion.mapping.derived_keys import read_computed, read_derived, read_dropped
from sdmxmig.conversion.mapping.rectangles import rectangle
from sdmxmig.conversion.mapping.text_keys import read_text
from sdmxmig.primitives.errors import DeclarationError, check_known
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.data import Flow, Ignored, Mapping

EVERYWHERE = "A:XFD"


def load(
    name: str, content: bytes, flows: abc.Mapping[str, Flow], beside: Callable[[str], bytes] | None = None
) -> Mapping:
    """Read a mapping file (TOML).

    `beside` reads codelist files next to it. Raises `DeclarationError` with file, key and the nearest known name, or
    line and column for invalid TOML.
    """
    declared = Declared.parse(name, content)
    flow_id = declared.text("flow")
    check_known("dataflow", flow_id, sorted(flows), declared.at("flow"))
    flow = flows[flow_id]
    for other in declared.strings("also"):
        check_known("dataflow", other, sorted(flows), declared.at("also"))
    mapping = Mapping(
        declared.text("id"),
        flow_id,
        file=declared.text("file"),
        also=declared.strings("also"),
        blocks=tuple(read_block(block, flow, beside) for block in declared.tables("block")),
        name=declared.texts("name"),
        place=declared.place,
    )
    mapping = replace(
        mapping,
        ignored=tuple(read_ignored(section) for section in declared.tables("ignore")),
        derived=tuple(read_derived(section, flow, mapping.blocks) for section in declared.tables("derived")),
        dropped=tuple(read_dropped(section, flow) for section in declared.tables("drop")),
        computed=tuple(read_computed(section, flow) for section in declared.tables("computed")),
        text=read_text(declared.table("text")),
        answers=read_answered(declared),
    )
    declared.close()
    if not mapping.blocks:
        raise DeclarationError(
            "The mapping has no block.", declared.place, "Describe the table in a section [[block]]."
        )
    return mapping


def read_ignored(declared: Declared) -> Ignored:
    ignored = Ignored(
        pattern_of(declared, "sheet", "*"), declared.text("cells", EVERYWHERE), reason=declared.text("reason")
    )
    if rectangle(ignored.cells) is None:
        hint = "Write cells such as A1:F3, columns such as H:K, or rows such as 40:60."
        raise DeclarationError(f"“{ignored.cells}” is no rectangle of cells.", declared.at("cells"), hint)
    declared.close()
    return ignored
