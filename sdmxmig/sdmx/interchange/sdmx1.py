"""Conversion of artefacts to sdmx1 and back.

Uses SDMX-ML 2.1 to write; reads the objects of sdmx1 directly, since its output is invalid and incomplete.

Content constraints of sdmx1: regions, keys and time ranges. Names, texts, annotations and references of sdmx1 objects.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.lazily import later
from sdmxmig.sdmx.formats import FORMATS, structure_bytes
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.item_schemes import moment
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.references import named_as_drafts
from sdmxmig.sdmx.formats.structures.notes import NEVER_FINAL, THREE_NUMBERS, Notes
from sdmxmig.sdmx.interchange import HEADER
from sdmxmig.sdmx.model.artefacts import Annotation, Contact, Details, IsoConcept, Item, ItemScheme, Shared, Text
from sdmxmig.sdmx.model.data_structures import Component, Dataflow, DataStructure, Group
from sdmxmig.sdmx.model.references import ITEM_KINDS, Ref
from sdmxmig.sdmx.model.structures import (
    Agreement,
    Artefact,
    Categorisation,
    Constraint,
    CubeRegion,
    KeySet,
    Member,
    Selection,
    TimeRange,
)

if TYPE_CHECKING:
    import sdmx
else:
    sdmx = later("sdmx")


CASCADES = {True: "true", "excluderoot": "excluderoot"}


def constraint_of(constraint: Any) -> Constraint:
    """Convert a content constraint; the ends of time ranges are sdmx1's moments."""
    role = constraint.role.role.name.capitalize() if constraint.role else "Allowed"
    return Constraint(
        ref_of(constraint),
        text_of(constraint.name),
        role="Actual" if role == "Actual" else "Allowed",
        attached=tuple(sorted(map(ref_of, constraint.content))),
        regions=tuple(_region(region) for region in constraint.data_content_region),
        keys=(_key_set(constraint.data_content_keys),) if constraint.data_content_keys is not None else (),
        description=text_of(constraint.description),
        annotations=annotations_of(constraint),
        details=details_of(constraint),
    )


def _region(region: Any) -> CubeRegion:
    return CubeRegion(
        tuple(_selection(selection) for selection in region.member.values()), include=is_true(region.included)
    )


def _key_set(key_set: Any) -> KeySet:
    keys = (
        tuple(Selection(part.id, (Member(str(value.value)),)) for part, value in key.key_value.items())
        for key in key_set.keys
    )
    return KeySet(tuple(keys), include=is_true(key_set.included))


def _selection(selection: Any) -> Selection:
    role = "component" if kind_of(selection.values_for) in ("DataAttribute", "PrimaryMeasure") else "key"
    ranges = [_time_range(value) for value in selection.values if not hasattr(value, "value")]
    if ranges:
        return Selection(
            selection.values_for.id, (), time_range=ranges[0], role=role, include=is_true(selection.included)
        )
    members = tuple(Member(str(value.value), CASCADES.get(value.cascade_values, "")) for value in selection.values)
    return Selection(selection.values_for.id, members, time_range=None, role=role, include=is_true(selection.included))


def _time_range(value: Any) -> TimeRange:
    """Convert a range of periods, whose ends sdmx1 stores as dates and times."""
    kind = kind_of(value)
    start = value if kind == "AfterPeriod" else getattr(value, "start", None)
    end = value if kind == "BeforePeriod" else getattr(value, "end", None)
    return TimeRange(
        start.period.isoformat() if start else "",
        end.period.isoformat() if end else "",
        includes_start=bool(start.is_inclusive) if start else True,
        includes_end=bool(end.is_inclusive) if end else True,
    )


KINDS = {
    "DataStructureDefinition": "DataStructure",
    "DataflowDefinition": "Dataflow",
    "MetadataStructureDefinition": "MetadataStructure",
    "MetadataflowDefinition": "Metadataflow",
}
"""How sdmx1 calls what SDMX calls otherwise."""


def kind_of(sdmx1_object: Any) -> str:
    name = type(sdmx1_object).__name__
    return KINDS.get(name, name)


def text_of(value: Any) -> Text:
    return Text(tuple((str(language), str(text)) for language, text in value.localizations.items()))


def ref_of(sdmx1_object: Any) -> Ref:
    """Return the reference of an artefact or item; sdmx1 stores an item's scheme as its last parent."""
    kind = kind_of(sdmx1_object)
    if sdmx1_object is None or (
        type(sdmx1_object.id) is not str and not sdmx1_object.urn
    ):  # a missing id has its own type
        return Ref(kind, "", id="", version="")
    if kind in ITEM_KINDS.values():
        scheme, path = sdmx1_object, []
        while scheme is not None and kind_of(scheme) not in ITEM_KINDS:
            path.append(scheme.id)
            scheme = scheme.parent
        nested = ".".join(reversed(path)) if kind == "Category" else sdmx1_object.id
        owner = _named(sdmx1_object, kind) if scheme is None or type(scheme.id) is not str else ref_of(scheme)
        return Ref(kind, owner.agency, id=owner.id, version=owner.version, item=nested)
    agency = sdmx1_object.maintainer.id if sdmx1_object.maintainer is not None else ""
    version = str(sdmx1_object.version) if sdmx1_object.version else ""
    return Ref(kind, agency, id=sdmx1_object.id, version=version) if agency else _named(sdmx1_object, kind)


def _named(sdmx1_object: Any, kind: str) -> Ref:
    if not sdmx1_object.urn:
        raise SdmxmigError(f"The {kind} “{sdmx1_object.id}” has no maintainer.", hint="Give it one, or a URN.")
    return Ref.parse(sdmx1_object.urn.replace("Definition=", "="), kind=kind)


def is_true(value: Any) -> bool:
    return str(value).lower() == "true"


def annotations_of(sdmx1_object: Any) -> tuple[Annotation, ...]:
    return tuple(
        Annotation(
            note.type or "",
            text_of(note.text),
            title=note.title or "",
            url=note.url or "",
            id=note.id or "",
            value=note.value or "",
        )
        for note in sdmx1_object.annotations
    )


def notes_of(sdmx1_object: Any) -> Notes:
    return Notes(annotations_of(sdmx1_object))


def details_of(artefact: Any) -> Details:
    return Details(
        valid_from=moment(artefact.valid_from or ""),
        valid_to=moment(artefact.valid_to or ""),
        uri=artefact.uri or "",
        external=is_true(artefact.is_external_reference),
        structure_url=artefact.structure_url or "",
        service_url=artefact.service_url or "",
        final=None if is_true(artefact.is_final) or says_draft(artefact) or kind_of(artefact) in NEVER_FINAL else False,
    )


def says_draft(artefact: Any) -> bool:
    return bool(THREE_NUMBERS.fullmatch(str(artefact.version or "")))


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
    """Yield items in scheme order; children of a category follow it and are named by their path."""
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
    """Convert an attribute; a relationship to all dimensions but time is that of a series."""
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
