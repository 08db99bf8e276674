"""Properties that only schemes and items of one kind have, by the wire table: attributes, texts and references."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from lxml import etree

from sdmxmig.errors import did_you_mean
from sdmxmig.formats.forbidden import carried
from sdmxmig.formats.sdmx_ml.structure_writing.writing import Writing
from sdmxmig.formats.wire import Form, Shape
from sdmxmig.formats.wire.items import OWN, SPACES
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
    inner = [f"{way}{part}" for way in SPACES if kind == "VtlMapping" for part in ("", ".method", ".Key")]
    names = [*(row.name for row in rows), *inner]
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
    for way, (space, _) in SPACES.items():
        add_space(writing, element, way, space=space, pairs=item_properties.pairs)


def add_space(writing: Writing, element: etree._Element, way: str, *, space: str, pairs: Pairs) -> None:
    """Add how data are mapped to VTL or back: the method, and the dimensions that span the space."""
    way_pairs = [(name, value) for name, value in pairs if name.partition(".")[0] == way]
    if not way_pairs:
        return
    holder = writing.add(element, way, attributes={"method": dict(way_pairs).get(f"{way}.method", "")})
    keys = [value for name, value in way_pairs if name == f"{way}.Key"]
    if keys:
        space_element = writing.add(holder, space)
        for key in keys:
            writing.add(space_element, "Key", key)
