"""What only schemes and items of one kind have, as tables: attributes, texts and references, in the schema's order."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from lxml import etree

from sdmxmig.errors import did_you_mean
from sdmxmig.formats.forbidden import carried
from sdmxmig.formats.sdmx_ml.spelling import MAPPED_TO_VTL
from sdmxmig.formats.sdmx_ml.structure_writing.writing import Writing
from sdmxmig.model.references import Ref

TO, FROM = ("ToVtlMapping", "ToVtlSubSpace"), ("FromVtlMapping", "FromVtlSuperSpace")


@dataclass(frozen=True, slots=True)
class Content:
    """What a kind has of its own: `attributes` (all mandatory), `texts` and `references`, in the order of the schema.

    `optional` are those texts that may be missing. Of the references all may, and one name may come again and again.
    """

    attributes: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    _: KW_ONLY
    references: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    spaces: tuple[tuple[str, str], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All names that a property may have."""
        inner = [f"{outer}{part}" for outer, _ in self.spaces for part in ("", ".method", ".Key")]
        return (*self.attributes, *self.texts, *self.references, *inner)


SCHEMES = {
    "GeoGridCodelist": Content(texts=("GridDefinition",)),
    "TransformationScheme": Content(
        ("vtlVersion",),
        references=(
            *("VtlMappingScheme", "NamePersonalisationScheme", "CustomTypeScheme", "RulesetScheme"),
            "UserDefinedOperatorScheme",
        ),
    ),
    "CustomTypeScheme": Content(("vtlVersion",)),
    "NamePersonalisationScheme": Content(("vtlVersion",)),
    "RulesetScheme": Content(("vtlVersion",), references=("VtlMappingScheme",)),
    "UserDefinedOperatorScheme": Content(("vtlVersion",), references=("VtlMappingScheme", "RulesetScheme")),
}
ITEMS = {
    "GeoFeatureSetCode": Content(("value",)),
    "GeoGridCode": Content(texts=("GeoCell",)),
    "ReportingCategory": Content(references=("StructuralMetadata", "ProvisioningMetadata")),
    "Transformation": Content(("isPersistent",), ("Expression", "Result")),
    "CustomType": Content(
        texts=("VtlScalarType", "DataType", "VtlLiteralFormat", "OutputFormat", "NullValue"),
        optional=("VtlLiteralFormat", "OutputFormat", "NullValue"),
    ),
    "NamePersonalisation": Content(("vtlArtefact",), ("VtlDefaultName", "PersonalisedName")),
    "Ruleset": Content(("rulesetType", "rulesetScope"), ("RulesetDefinition",)),
    "UserDefinedOperator": Content(texts=("OperatorDefinition",)),
    "VtlMapping": Content(
        ("alias",),
        references=MAPPED_TO_VTL,
        spaces=(TO, FROM),
    ),
}


@dataclass(frozen=True, slots=True)
class Found:
    """The properties of a scheme or item, sorted into what they become."""

    content: Content
    attributes: dict[str, str]
    _: KW_ONLY
    pairs: tuple[tuple[str, str], ...]


def properties(writing: Writing, owner: str, pairs: tuple[tuple[str, str], ...], content: Content | None) -> Found:
    """Sort the properties of a scheme or item.

    Raises `SdmxmigError` for a property that its kind does not have, and for one that is missing.
    """
    content = content or Content()
    for name, _ in pairs:
        if name not in content.names:
            raise writing.refusal(f"the property {name} of {owner}", did_you_mean(name, content.names))
    given = dict(pairs)
    is_stub = writing.artefact.details.external and owner == writing.artefact.ref.id
    for name in (*content.attributes, *content.texts):
        if name not in given and name not in content.optional and not is_stub:
            raise writing.refusal(f"the missing {name} of {owner}", "SDMX wants one.")
    what = f"of {owner}"
    attributes = {name: carried(given[name], f"{name} {what}") for name in content.attributes if name in given}
    if "ConceptScheme" in given and writing.artefact.ref.kind == "VtlMappingScheme" and not writing.dialect.has_final:
        raise writing.refusal(f"the concept scheme of {owner}", "Since SDMX 3.0 single concepts are mapped.")
    return Found(content, attributes, pairs=pairs)


def add_properties(writing: Writing, element: etree._Element, found: Found) -> None:
    """Add the texts and references among the properties, in the order of the schema."""
    for wanted in (*found.content.texts, *found.content.references):
        for name, value in found.pairs:
            if name == wanted and (name in found.content.texts or not value):
                writing.add(element, name, value)
            elif name == wanted:
                writing.reference(element, name, Ref.parse(value))
    for outer, space in found.content.spaces:
        add_space(writing, element, (outer, space), found.pairs)


def add_space(
    writing: Writing, element: etree._Element, names: tuple[str, str], pairs: tuple[tuple[str, str], ...]
) -> None:
    """Add how data are mapped to VTL or back: the method, and the dimensions that make the space."""
    outer, space = names
    own = [(name, value) for name, value in pairs if name.partition(".")[0] == outer]
    if not own:
        return
    holder = writing.add(element, outer, attributes={"method": dict(own).get(f"{outer}.method", "")})
    keys = [value for name, value in own if name == f"{outer}.Key"]
    if keys:
        inner = writing.add(holder, space)
        for key in keys:
            writing.add(inner, "Key", key)
