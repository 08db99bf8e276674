"""Items, contacts and VTL definitions, as messages have them."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from sdmxmig.primitives.errors import SdmxmigError, did_you_mean
from sdmxmig.sdmx.formats.wire import SHAPES
from sdmxmig.sdmx.model.artefacts import Item, ItemScheme, VtlConversion
from sdmxmig.sdmx.model.references import Ref

NESTED = ("Category", "ReportingCategory")
"""Items nested in their parents."""
GEO_TYPES = ("GeographicCodelist", "GeoGridCodelist")
CODELISTS = ("Codelist", *GEO_TYPES)
CONTACT_DETAILS = {
    "telephone": ("Telephone", "telephones"),
    "fax": ("Fax", "faxes"),
    "x400": ("X400", "x400s"),
    "uri": ("URI", "uris"),
    "email": ("Email", "emails"),
}
DATAFLOWS = ("Dataflow", "GenericDataflow")
OWN = {key.removesuffix(": own"): shape for key, shape in SHAPES.items() if key.endswith(": own")}
"""The properties that schemes and items of some kinds have."""
WITH_PARENT = {kind for kind, shape in SHAPES.items() if any(row.name == "parent" for row in shape)}
"""The items that name the one above them."""


def vtl_way(method: str, keys: tuple[str, ...]) -> VtlConversion | None:
    return VtlConversion(method, keys) if method or keys else None


def as_pairs(fields: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    listed = ((name, value if isinstance(value, tuple) else (value,)) for name, value in fields.items() if value)
    return tuple((name, value.urn if isinstance(value, Ref) else value) for name, values in listed for value in values)


def build_property_fields(
    record: Item | ItemScheme, key: str, refusal: Callable[[str, str], SdmxmigError]
) -> SimpleNamespace:
    """Return the properties of a scheme or item as fields, with its id."""
    owner = record.id if isinstance(record, Item) else record.ref.id
    forms = {row.name: row.form for row in SHAPES[key]}
    fields: dict[str, Any] = {"id": owner}
    for name, form in forms.items():
        texts = [text for property_name, text in record.properties if property_name == name]
        if len(texts) > 1 and form != "references":
            raise refusal(f"two properties {name} of {owner}", "")
        values = tuple(map(Ref.parse, texts) if form in ("reference", "references") else texts)
        is_several = form in ("references", "one_text", "empty")
        fields[name] = values if is_several else next(iter(values), None if form == "reference" else "")
    for name, _ in record.properties:
        if name not in forms:
            raise refusal(f"the property {name} of {owner}", did_you_mean(name, forms))
    return SimpleNamespace(**fields)
