"""Conversion of artefacts to sdmx1 and back.

Uses SDMX-ML 2.1 to write; reads the objects of sdmx1 directly, since its output is invalid and incomplete.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.lazily import later
from sdmxmig.sdmx.formats import FORMATS, structure_bytes
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.drafts import named_as_drafts
from sdmxmig.sdmx.interchange import HEADER
from sdmxmig.sdmx.interchange.sdmx1_constraints import constraint_of
from sdmxmig.sdmx.interchange.sdmx1_names import (
    annotations_of,
    details_of,
    is_true,
    kind_of,
    notes_of,
    ref_of,
    says_draft,
    text_of,
)
from sdmxmig.sdmx.model.artefacts import Contact, IsoConcept, Item, ItemScheme, Shared
from sdmxmig.sdmx.model.data_structures import Component, Dataflow, DataStructure, Group
from sdmxmig.sdmx.model.references import ITEM_KINDS, Ref
from sdmxmig.sdmx.model.structures import Agreement, Artefact, Categorisation

if TYPE_CHECKING:
    import sdmx
else:
    sdmx = later("sdmx")


def to_sdmx1(artefacts: Iterable[Artefact]) -> Any:
    """Convert artefacts to an sdmx1 structure message.

    Raises `SdmxmigError` if SDMX 2.1 does not support one of them.
    """
    return sdmx.read_sdmx(io.BytesIO(structure_bytes(FORMATS["sdmx-ml-2.1"], artefacts, HEADER)))


def from_sdmx1(message: Any) -> tuple[Artefact, ...]:
    """Convert an sdmx1 structure message to artefacts in order.

    Supports item schemes, data structures, dataflows, provision agreements, categorisations and content constraints. A
    non-final artefact with a three-part version is a draft. Raises `SdmxmigError` for other kinds.
    """
    sdmx1_artefacts = [artefact for artefact in message.iter_objects() if not _made_up(artefact)]
    drafts = {
        ref_of(artefact) for artefact in sdmx1_artefacts if not is_true(artefact.is_final) and says_draft(artefact)
    }
    named = (_artefact(artefact) for artefact in sdmx1_artefacts)
    return tuple(
        replace(artefact, ref=replace(artefact.ref, version=f"{artefact.ref.version}-draft"))
        if artefact.ref in drafts
        else artefact
        for artefact in (named_as_drafts(converted, drafts) for converted in named)
    )


def _made_up(artefact: Any) -> bool:
    parts = getattr(artefact, "items", {}).values()
    built = bool(artefact.dimensions.components) if kind_of(artefact) == "DataStructure" else False
    return not built and not any(part.name.localizations for part in (artefact, *parts))


def _artefact(artefact: Any) -> Artefact:
    kind = kind_of(artefact)
    read = _scheme if kind in ITEM_KINDS else READERS.get(kind)
    if read is None:
        hint = "Write it with sdmx1 as SDMX-ML and read that file."
        raise SdmxmigError(f"A {kind} cannot be taken from sdmx1 ({artefact.id}).", hint=hint)
    return read(artefact)


def _scheme(scheme: Any) -> ItemScheme:
    notes = notes_of(scheme)
    return ItemScheme(
        ref_of(scheme),
        text_of(scheme.name),
        items=tuple(_items(scheme)),
        description=text_of(scheme.description),
        status=notes.title("STATUS"),
        source=notes.english("SOURCE"),
        partial=is_true(scheme.is_partial),
        annotations=notes.remaining,
        details=details_of(scheme),
    )


def _items(scheme: Any) -> Iterator[Item]:
    """The items in the order of the scheme; children of a category follow it and are named by their path."""
    nested = kind_of(scheme) == "CategoryScheme"

    def walk(item: Any, above: str) -> Iterator[Item]:
        yield _item(item, above)
        for child in item.child if nested else ():
            yield from walk(child, f"{above}.{item.id}" if above else item.id)

    for member in scheme.items.values():
        above = member.parent if member.parent is not None and member.parent is not scheme else None
        if nested and above is not None:
            continue
        yield from walk(member, above.id if above is not None else "")


def _item(item: Any, above: str) -> Item:
    notes = notes_of(item)
    codelist, data_type, facets = _representation(getattr(item, "core_representation", None))
    iso = getattr(item, "iso_concept", None)
    return Item(
        item.id,
        text_of(item.name),
        description=text_of(item.description),
        parent=above,
        status=notes.title("STATUS"),
        source=notes.english("SOURCE"),
        valid_from=notes.title("VALID_FROM"),
        valid_to=notes.title("VALID_TO"),
        codelist=codelist,
        data_type=data_type,
        annotations=notes.remaining,
        facets=facets,
        iso=IsoConcept(iso.agency, iso.id, scheme=iso.scheme_id) if iso else None,
        contacts=tuple(map(_contact, getattr(item, "contact", ()))),
        uri=item.uri or "",
    )


def _contact(contact: Any) -> Contact:
    channels = (
        ("telephone", [contact.telephone]),
        ("fax", contact.fax),
        ("uri", contact.uri),
        ("email", contact.email),
    )
    details = tuple((kind, str(value)) for kind, values in channels for value in values or () if value)
    return Contact(
        text_of(contact.name), text_of(contact.org_unit), role=text_of(contact.responsibility), details=details
    )


def _representation(representation: Any) -> tuple[Ref | None, str, tuple[tuple[str, str], ...]]:
    """Codelist, data type and facets of a concept or component."""
    if representation is None:
        return None, "", ()
    codelist = ref_of(representation.enumerated) if representation.enumerated is not None else None
    facet = next(iter(representation.non_enumerated), None)
    if facet is None:
        return codelist, "", ()
    name = facet.value_type.name if facet.value_type else "string"
    facet_values = ((part.name, getattr(facet.type, part.name)) for part in fields(facet.type))
    facets = tuple((_camel(part), _plain(value)) for part, value in facet_values if value is not None)
    return codelist, name[0].upper() + name[1:], facets


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(part.capitalize() for part in others)


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _data_structure(structure: Any) -> DataStructure:
    notes = notes_of(structure)
    dimensions = sorted(structure.dimensions.components, key=lambda dimension: kind_of(dimension) == "TimeDimension")
    groups = structure.group_dimensions.values()
    return DataStructure(
        ref_of(structure),
        text_of(structure.name),
        components=(
            *(
                _component(dimension, "time" if kind_of(dimension) == "TimeDimension" else "dimension")
                for dimension in dimensions
            ),
            *(_component(measure, "measure") for measure in structure.measures.components),
            *(_attribute(attribute, dimensions) for attribute in structure.attributes.components),
        ),
        description=text_of(structure.description),
        status=notes.title("STATUS"),
        source=notes.english("SOURCE"),
        annotations=notes.remaining,
        details=details_of(structure),
        groups=tuple(
            Group(group.id, tuple(part.id for part in group.components), annotations=annotations_of(group))
            for group in groups
        ),
    )


def _component(component: Any, role: str) -> Component:
    codelist, data_type, facets = _representation(component.local_representation)
    as_role = getattr(component, "concept_role", None)
    return Component(
        component.id,
        role,
        concept=ref_of(component.concept_identity),
        codelist=codelist,
        data_type=data_type,
        facets=facets,
        concept_roles=(ref_of(as_role),) if as_role is not None else (),
        annotations=annotations_of(component),
    )


def _attribute(attribute: Any, dimensions: list[Any]) -> Component:
    """An attribute and what it describes; a relation to all dimensions but time is that of a series."""
    related, attachment, group = attribute.related_to, "dataset", ""
    described: tuple[str, ...] = ()
    if related is not None and "Measure" in type(related).__name__:
        attachment = "observation"
    elif getattr(related, "dimensions", None):
        named = {dimension.id for dimension in related.dimensions}
        described = tuple(dimension.id for dimension in dimensions if dimension.id in named)
        series = {dimension.id for dimension in dimensions if kind_of(dimension) != "TimeDimension"}
        attachment = "series" if named == series else "dimensions"
        described = described if attachment == "dimensions" else ()
    elif getattr(related, "group_key", None) is not None:
        attachment, group = "group", related.group_key.id
    mandatory = attribute.usage_status is not None and attribute.usage_status.name == "mandatory"
    plain = _component(attribute, "attribute")
    return replace(plain, mandatory=mandatory, attachment=attachment, dimensions=described, group=group)


def _dataflow(dataflow: Any) -> Dataflow:
    notes = notes_of(dataflow)
    status, source = notes.title("STATUS"), notes.english("SOURCE")
    return Dataflow(
        ref_of(dataflow),
        text_of(dataflow.name),
        structure=ref_of(dataflow.structure),
        description=text_of(dataflow.description),
        status=status,
        source=source,
        rules=(),
        annotations=notes.remaining,
        details=details_of(dataflow),
    )


def _shared(artefact: Any) -> Shared:
    return {
        "ref": ref_of(artefact),
        "name": text_of(artefact.name),
        "description": text_of(artefact.description),
        "annotations": annotations_of(artefact),
        "details": details_of(artefact),
        "place": None,
    }


def _agreement(agreement: Any) -> Agreement:
    return Agreement(
        flow=ref_of(agreement.structure_usage),
        provider=ref_of(agreement.data_provider),
        **_shared(agreement),
    )


def _categorisation(categorisation: Any) -> Categorisation:
    return Categorisation(
        source=ref_of(categorisation.artefact),
        target=ref_of(categorisation.category),
        **_shared(categorisation),
    )


READERS: dict[str, Callable[[Any], Artefact]] = {
    "DataStructure": _data_structure,
    "Dataflow": _dataflow,
    "ProvisionAgreement": _agreement,
    "Categorisation": _categorisation,
    "ContentConstraint": constraint_of,
}
