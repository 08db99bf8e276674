"""Properties that only schemes and items of one kind have, by the wire table: attributes, texts and references."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from lxml import etree

from sdmxmig.errors import did_you_mean
from sdmxmig.formats.forbidden import carried
from sdmxmig.formats.sdmx_ml.structure_writing.writing import Writing
from sdmxmig.formats.wire import Form, Shape
from sdmxmig.formats.wire.items import OWN, WAYS
from sdmxmig.model.artefacts import Item
from sdmxmig.model.references import Ref

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Properties:
    """The properties of a scheme or item, and the rows of its kind; `attributes` are those that are attributes."""

    rows: Shape
    attributes: dict[str, str]
    _: KW_ONLY
    pairs: Pairs


def properties(writing: Writing, owner: str, pairs: Pairs, kind: str) -> Properties:
    """Sort the properties of a scheme or item of a kind.

    Raises `SdmxmigError` for a property that its kind does not have, and for one that is missing.
    """
    rows = OWN.get(kind, ())
    names = [row.name for row in rows]
    for name, _ in pairs:
        if name not in names:
            raise writing.refusal(f"the property {name} of {owner}", did_you_mean(name, names))
    values = dict(pairs)
    is_stub = writing.artefact.details.external and owner == writing.artefact.ref.id
    for row in rows:
        if row.required and row.name not in values and not is_stub:
            raise writing.refusal(f"the missing {row.name} of {owner}", "SDMX wants one.")
    attributes = [row.name for row in rows if row.ml.startswith("@") and row.name in values]
    if "ConceptScheme" in values and kind == "VtlMapping" and not writing.dialect.has_final:
        raise writing.refusal(f"the concept scheme of {owner}", "Since SDMX 3.0 single concepts are mapped.")
    return Properties(rows, {name: carried(values[name], f"{name} of {owner}") for name in attributes}, pairs=pairs)


def add_properties(writing: Writing, element: etree._Element, item_properties: Properties) -> None:
    """Add the texts and references among the properties, in the order of the schema."""
    for row in item_properties.rows:
        for name, value in item_properties.pairs if not row.ml.startswith("@") else ():
            if name == row.name and (row.form is Form.TEXT or not value):
                writing.add(element, row.ml, value)
            elif name == row.name:
                writing.reference(element, row.ml, Ref.parse(value))


def add_ways(writing: Writing, element: etree._Element, item: Item) -> None:
    """Add how data are mapped to VTL and back: the method, and the dimensions that span the space."""
    for name, (mapping_name, space_name) in WAYS.items():
        way = getattr(item, name)
        if way is None:
            continue
        holder = writing.add(element, mapping_name, attributes={"method": way.method})
        space = writing.add(holder, space_name) if way.keys else holder
        for key in way.keys:
            writing.add(space, "Key", key)
