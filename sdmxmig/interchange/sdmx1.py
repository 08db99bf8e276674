"""Artefacts as a structure message of the library sdmx1, and back.

They go by SDMX-ML 2.1, which sdmx1 reads well; they come back from its objects, since what it writes is not valid and
leaves things out.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, replace
from typing import Any

from sdmxmig.errors import SdmxmigError
from sdmxmig.formats import FORMATS, structure_bytes
from sdmxmig.formats.sdmx_ml.structure_reading.drafts import named_as_drafts
from sdmxmig.interchange import HEADER
from sdmxmig.interchange.sdmx1_constraints import constraint_of
from sdmxmig.interchange.sdmx1_names import (
    annotations_of,
    details_of,
    is_true,
    kind_of,
    ref_of,
    says_draft,
    text_of,
    told,
)
from sdmxmig.model.artefacts import Contact, IsoConcept, Item, ItemScheme
from sdmxmig.model.data_structures import Component, Dataflow, DataStructure, Group
from sdmxmig.model.references import ITEM_KINDS, Ref
from sdmxmig.model.structures import Agreement, Artefact, Categorisation


def to_sdmx1(artefacts: Iterable[Artefact]) -> Any:
    """Artefacts as a structure message of sdmx1, for who works with that library.

    Raises `SdmxmigError` if SDMX 2.1 cannot express an artefact.
    """
    import sdmx

    return sdmx.read_sdmx(io.BytesIO(structure_bytes(FORMATS["sdmx-ml-2.1"], artefacts, HEADER)))


def from_sdmx1(message: Any) -> tuple[Artefact, ...]:
    """The artefacts of a structure message of sdmx1, in the order in which the message keeps them.

    Item schemes, data structures, dataflows, provision agreements, categorisations and content constraints are taken.
    As in SDMX-ML 2.1, an artefact that is not final and whose version has three numbers is a draft. Raises
    `SdmxmigError` naming an artefact of another kind.
    """
    given = [one for one in message.iter_objects() if not _made_up(one)]
    drafts = {ref_of(one) for one in given if not is_true(one.is_final) and says_draft(one)}
    named = (_artefact(one) for one in given)
    return tuple(
        replace(found, ref=replace(found.ref, version=f"{found.ref.version}-draft")) if found.ref in drafts else found
        for found in (named_as_drafts(one, drafts) for one in named)
    )


def _made_up(one: Any) -> bool:
    """Whether sdmx1 made an artefact for a reference: neither it nor anything in it has a name."""
    parts = getattr(one, "items", {}).values()
    built = bool(one.dimensions.components) if kind_of(one) == "DataStructure" else False
    return not built and not any(each.name.localizations for each in (one, *parts))


def _artefact(one: Any) -> Artefact:
    kind = kind_of(one)
    read = _scheme if kind in ITEM_KINDS else READERS.get(kind)
    if read is None:
        hint = "Write it with sdmx1 as SDMX-ML and read that file."
        raise SdmxmigError(f"A {kind} cannot be taken from sdmx1 ({one.id}).", hint=hint)
    return read(one)


def _scheme(one: Any) -> ItemScheme:
    notes = told(one)
    return ItemScheme(
        ref_of(one),
        text_of(one.name),
        items=tuple(_items(one)),
        description=text_of(one.description),
        status=notes.title("STATUS"),
        source=notes.english("SOURCE"),
        partial=is_true(one.is_partial),
        annotations=notes.remaining,
        details=details_of(one),
    )


def _items(scheme: Any) -> Iterator[Item]:
    """The items in the order of the scheme; children of a category follow it and are named by their path."""
    nested = kind_of(scheme) == "CategoryScheme"

    def walk(one: Any, above: str) -> Iterator[Item]:
        yield _item(one, above)
        for child in one.child if nested else ():
            yield from walk(child, f"{above}.{one.id}" if above else one.id)

    for one in scheme.items.values():
        above = one.parent if one.parent is not None and one.parent is not scheme else None
        if nested and above is not None:
            continue
        yield from walk(one, above.id if above is not None else "")


def _item(one: Any, above: str) -> Item:
    notes = told(one)
    codelist, data_type, facets = _representation(getattr(one, "core_representation", None))
    iso = getattr(one, "iso_concept", None)
    return Item(
        one.id,
        text_of(one.name),
        description=text_of(one.description),
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
        contacts=tuple(map(_contact, getattr(one, "contact", ()))),
        uri=one.uri or "",
    )


def _contact(one: Any) -> Contact:
    given = (("telephone", [one.telephone]), ("fax", one.fax), ("uri", one.uri), ("email", one.email))
    details = tuple((kind, str(value)) for kind, values in given for value in values or () if value)
    return Contact(text_of(one.name), text_of(one.org_unit), role=text_of(one.responsibility), details=details)


def _representation(one: Any) -> tuple[Ref | None, str, tuple[tuple[str, str], ...]]:
    """Codelist, data type and facets of a concept or component."""
    if one is None:
        return None, "", ()
    codelist = ref_of(one.enumerated) if one.enumerated is not None else None
    facet = next(iter(one.non_enumerated), None)
    if facet is None:
        return codelist, "", ()
    name = facet.value_type.name if facet.value_type else "string"
    given = ((part.name, getattr(facet.type, part.name)) for part in fields(facet.type))
    facets = tuple((_camel(part), _plain(value)) for part, value in given if value is not None)
    return codelist, name[0].upper() + name[1:], facets


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(part.capitalize() for part in others)


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _data_structure(one: Any) -> DataStructure:
    notes = told(one)
    dimensions = sorted(one.dimensions.components, key=lambda each: kind_of(each) == "TimeDimension")
    groups = one.group_dimensions.values()
    return DataStructure(
        ref_of(one),
        text_of(one.name),
        components=(
            *(_component(each, "time" if kind_of(each) == "TimeDimension" else "dimension") for each in dimensions),
            *(_component(each, "measure") for each in one.measures.components),
            *(_attribute(each, dimensions) for each in one.attributes.components),
        ),
        description=text_of(one.description),
        status=notes.title("STATUS"),
        source=notes.english("SOURCE"),
        annotations=notes.remaining,
        details=details_of(one),
        groups=tuple(
            Group(each.id, tuple(part.id for part in each.components), annotations=annotations_of(each))
            for each in groups
        ),
    )


def _component(one: Any, role: str) -> Component:
    codelist, data_type, facets = _representation(one.local_representation)
    as_role = getattr(one, "concept_role", None)
    return Component(
        one.id,
        role,
        concept=ref_of(one.concept_identity),
        codelist=codelist,
        data_type=data_type,
        facets=facets,
        concept_roles=(ref_of(as_role),) if as_role is not None else (),
        annotations=annotations_of(one),
    )


def _attribute(one: Any, dimensions: list[Any]) -> Component:
    """An attribute and what it describes; a relation to all dimensions but time is that of a series."""
    related, attachment, group = one.related_to, "dataset", ""
    described: tuple[str, ...] = ()
    if related is not None and "Measure" in type(related).__name__:
        attachment = "observation"
    elif getattr(related, "dimensions", None):
        named = {each.id for each in related.dimensions}
        described = tuple(each.id for each in dimensions if each.id in named)
        series = {each.id for each in dimensions if kind_of(each) != "TimeDimension"}
        attachment = "series" if named == series else "dimensions"
        described = described if attachment == "dimensions" else ()
    elif getattr(related, "group_key", None) is not None:
        attachment, group = "group", related.group_key.id
    mandatory = one.usage_status is not None and one.usage_status.name == "mandatory"
    plain = _component(one, "attribute")
    return replace(plain, mandatory=mandatory, attachment=attachment, dimensions=described, group=group)


def _dataflow(one: Any) -> Dataflow:
    notes = told(one)
    status, source = notes.title("STATUS"), notes.english("SOURCE")
    return Dataflow(
        ref_of(one),
        text_of(one.name),
        structure=ref_of(one.structure),
        description=text_of(one.description),
        status=status,
        source=source,
        rules=(),
        annotations=notes.remaining,
        details=details_of(one),
    )


def _agreement(one: Any) -> Agreement:
    return Agreement(
        ref_of(one),
        text_of(one.name),
        flow=ref_of(one.structure_usage),
        provider=ref_of(one.data_provider),
        description=text_of(one.description),
        annotations=annotations_of(one),
        details=details_of(one),
    )


def _categorisation(one: Any) -> Categorisation:
    return Categorisation(
        ref_of(one),
        text_of(one.name),
        source=ref_of(one.artefact),
        target=ref_of(one.category),
        description=text_of(one.description),
        annotations=annotations_of(one),
        details=details_of(one),
    )


READERS: dict[str, Callable[[Any], Artefact]] = {
    "DataStructure": _data_structure,
    "Dataflow": _dataflow,
    "ProvisionAgreement": _agreement,
    "Categorisation": _categorisation,
    "ContentConstraint": constraint_of,
}
