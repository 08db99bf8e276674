"""Reference metadata from TOML: what an office says of its tables, by the attributes of a metadata structure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from sdmxmig.catalogue.heads import origin, read_head
from sdmxmig.catalogue.known import Known
from sdmxmig.declarations import Declared
from sdmxmig.errors import DeclarationError, did_you_mean
from sdmxmig.model.metadata import MetadataSet, Report, ReportedAttribute, Target
from sdmxmig.model.references import Ref
from sdmxmig.model.structures import MetadataAttribute, Metadataflow, MetadataStructure

PATTERNS = {"GregorianDay": r"\d{4}-\d{2}-\d{2}", "Integer": r"[+-]?\d+", "Decimal": r"[+-]?\d+(\.\d+)?"}
"""How values of some data types are written; other types take any text."""


def read_metadata_set(declared: Declared, known: Known) -> MetadataSet:
    """A set of reference metadata: ``metadataflow``, ``dataflows`` that it is about, and ``[[attribute]]``.

    An attribute has ``id`` (one of the metadata structure), either ``values`` or ``text`` by language, and ``source``;
    the headings above it are made from the structure. What is not known has no attribute. Raises `DeclarationError` for
    an attribute or code that does not exist, for a value of another type, and for more values than there may be.
    """
    head = read_head(declared, "MetadataSet")
    flow = known.artefacts[known.ref(declared.text("metadataflow"), "Metadataflow", declared.at("metadataflow"))]
    structure = structure_of(flow, known, declared)
    dataflows = declared.strings("dataflows", None)
    targets = [known.ref(one, "Dataflow", declared.at("dataflows")) for one in dataflows]
    said = said_of(declared, structure, known)
    declared.close()
    reports = (Report(tuple(Target(ref.urn) for ref in targets), tuple(in_place(structure.attributes, said))),)
    return MetadataSet(
        flow.ref,
        reports,
        ref=head.ref,
        name=head.name,
        description=head.description,
        annotations=head.annotations,
        details=head.details,
        place=head.place,
    )


def structure_of(flow: object, known: Known, declared: Declared) -> MetadataStructure:
    """The metadata structure that a metadataflow follows, which must be here."""
    found = known.artefacts.get(flow.structure) if isinstance(flow, Metadataflow) and flow.structure else None
    if not isinstance(found, MetadataStructure) or found.details.external:
        raise DeclarationError("The structure of this metadataflow is not here.", declared.at("metadataflow"))
    return found


def said_of(declared: Declared, structure: MetadataStructure, known: Known) -> dict[str, ReportedAttribute]:
    """What the attributes of a report say, by their ids; attributes that the structure lacks are refused."""
    attributes = dict(flat(structure.attributes))
    found: dict[str, ReportedAttribute] = {}
    for one in declared.tables("attribute"):
        own = one.text("id")
        if own not in attributes:
            hint = did_you_mean(own, attributes)
            raise DeclarationError(f"{structure.ref.short} has no attribute “{own}”.", one.at("id"), hint)
        if own in found:
            raise DeclarationError(
                f"The attribute “{own}” stands twice.", one.at("id"), "Give it all its values at once."
            )
        values, text, source = one.strings("values"), one.texts("text"), one.text("source", "")
        check(attributes[own], values, one, known)
        if bool(values) == bool(text):
            raise DeclarationError(f"“{own}” has either values or a text.", one.place, "What is not known is left out.")
        found[own] = ReportedAttribute(own, values, text=text, annotations=tuple(origin("", source)))
        one.close()
    return found


def check(attribute: MetadataAttribute, values: Sequence[str], declared: Declared, known: Known) -> None:
    """Refuse values that an attribute cannot have."""
    place = declared.at("values")
    if attribute.presentational:
        raise DeclarationError(
            f"“{attribute.id}” is only a heading.", declared.at("id"), "Fill in what stands below it."
        )
    if attribute.codelist and not values:
        raise DeclarationError(f"“{attribute.id}” takes codes of {attribute.codelist.short}.", declared.place)
    if attribute.codelist:
        known.check_items(attribute.codelist, values, place)
    if attribute.max_occurs != "unbounded" and len(values) > int(attribute.max_occurs):
        raise DeclarationError(f"“{attribute.id}” has at most {attribute.max_occurs} value.", place)
    pattern = PATTERNS.get(attribute.data_type, "")
    for value in values:
        if pattern and not re.fullmatch(pattern, value):
            raise DeclarationError(f"“{value}” is not of type {attribute.data_type}.", place)


def flat(attributes: Sequence[MetadataAttribute]) -> Iterator[tuple[str, MetadataAttribute]]:
    """All attributes of a structure by their ids."""
    for attribute in attributes:
        yield attribute.id, attribute
        yield from flat(attribute.children)


def in_place(
    attributes: Sequence[MetadataAttribute], said: Mapping[str, ReportedAttribute]
) -> Iterator[ReportedAttribute]:
    """What is said, in the order of the structure and under its headings; headings with nothing below are left out."""
    for attribute in attributes:
        below = tuple(in_place(attribute.children, said))
        own = said.get(attribute.id, ReportedAttribute(attribute.id))
        if below or attribute.id in said:
            yield ReportedAttribute(
                attribute.id, own.values, text=own.text, attributes=below, annotations=own.annotations
            )


def by_name(sets: Sequence[MetadataSet]) -> dict[Ref, MetadataSet]:
    """Metadata sets by their names; `DeclarationError` for a name that stands twice."""
    found: dict[Ref, MetadataSet] = {}
    for metadata_set in sets:
        assert metadata_set.ref is not None  # noqa: S101 - read_metadata_set names each set
        if metadata_set.ref in found:
            raise DeclarationError(f"{metadata_set.ref} is declared twice.", metadata_set.place)
        found[metadata_set.ref] = metadata_set
    return found
