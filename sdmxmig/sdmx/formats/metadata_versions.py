"""Conversion of metadata sets between SDMX 2.1 and 3, and their attributes as a tree or as columns named by paths.

SDMX 3 names each set, which has one report on artefacts. SDMX 2.1 does not name sets, allows several reports, and
identifies reports, targets and target objects by ids of the metadata structure. Annotations keep content that the other
version lacks, so a round trip restores it; other content is rejected. For formats without arrays and types, arrays are
split into single values, and texts that are XHTML are recognised.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush
from itertools import count, groupby, pairwise
from typing import TYPE_CHECKING

from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.primitives.lazily import import_lazily
from sdmxmig.sdmx.formats.structures.notes import take_record, write_note
from sdmxmig.sdmx.model.artefacts import Annotation, Details, Text
from sdmxmig.sdmx.model.metadata import MetadataSet, Report, ReportedAttribute, Target
from sdmxmig.sdmx.model.references import Ref

if TYPE_CHECKING:
    from sdmxmig.io.intake import xml as intake_xml
else:
    intake_xml = import_lazily("sdmxmig.io.intake.xml")


ORDER_HINT = "Give each attribute content, and use one order everywhere."

Attributes = Sequence[ReportedAttribute]


def drop_types(attributes: Iterable[ReportedAttribute]) -> tuple[ReportedAttribute, ...]:
    """Remove types and formats of values, which the metadata structure also defines."""
    return merge_arrays(
        replace(attribute, attributes=drop_types(attribute.attributes), types=(), data_type="", facets=(), sentinels=())
        for attribute in attributes
    )


def split_instances(attributes: Attributes) -> Iterator[ReportedAttribute]:
    for attribute in attributes:
        yield from split_values(attribute) if is_array(attribute) else (attribute,)


@dataclass(frozen=True, slots=True)
class Path:
    ids: tuple[str, ...]
    many: tuple[bool, ...]
    languages: tuple[str, ...] | None = None


@dataclass(slots=True)
class Branch:
    """Attributes of several sets at a path; `after` are the ids that directly follow each id."""

    many: bool = False
    has_values: bool = False
    languages: dict[str, None] = field(default_factory=dict)
    below: dict[str, Branch] = field(default_factory=dict)
    after: dict[str, set[str]] = field(default_factory=dict)

    def add(self, attributes: Attributes) -> None:
        seen: set[str] = set()
        every = list(split_instances(attributes))
        for attribute, following in pairwise(every):
            if attribute.id != following.id:
                self.after.setdefault(attribute.id, set()).add(following.id)
        for attribute in every:
            branch = self.below.setdefault(attribute.id, Branch())
            branch.many |= attribute.id in seen
            branch.has_values |= bool(attribute.values)
            branch.languages |= dict.fromkeys(language for language, _ in attribute.text or attribute.structured)
            branch.add(attribute.attributes)
            seen.add(attribute.id)

    def order(self) -> Iterator[str]:
        """Sort the ids below this path in the common order of all sets, or by first appearance if sets differ."""
        number = {name: index for index, name in enumerate(self.below)}
        before = Counter(name for following in self.after.values() for name in following)
        waiting, ready = dict.fromkeys(number), [index for name, index in number.items() if not before[name]]
        names = list(number)
        while waiting:
            name = names[heappop(ready)] if ready else next(iter(waiting))
            if name not in waiting:
                continue
            del waiting[name]
            yield name
            for following in self.after.get(name, ()):
                before[following] -= 1
                if not before[following]:
                    heappush(ready, number[following])

    def paths(self, ids: tuple[str, ...] = (), many: tuple[bool, ...] = ()) -> Iterator[Path]:
        for name in self.order():
            branch = self.below[name]
            path_ids, often = (*ids, name), (*many, branch.many)
            if branch.has_values or branch.languages:
                yield Path(path_ids, often, languages=tuple(branch.languages) if branch.languages else None)
            yield from branch.paths(path_ids, often)


@dataclass(slots=True, kw_only=True)
class AttributeNode:
    values: tuple[str, ...] = ()
    text: Text = Text()
    below: dict[str, list[AttributeNode]] = field(default_factory=dict)

    def reached(self, ids: Sequence[str], numbers: Sequence[int]) -> AttributeNode:
        grown = self
        for name, number in zip(ids, numbers, strict=True):
            held = grown.below.setdefault(name, [])
            held.extend(AttributeNode() for _ in range(len(held), number + 1))
            grown = held[number]
        return grown


def build_attributes(grown: Mapping[str, Sequence[AttributeNode]]) -> tuple[ReportedAttribute, ...]:
    attributes = []
    for name, several in grown.items():
        for occurrence in several:
            structured = occurrence.text if is_xhtml(occurrence.text) else Text()
            text = Text() if structured else occurrence.text
            attributes_below = build_attributes(occurrence.below)
            if occurrence.values or occurrence.text or attributes_below:
                attributes.append(
                    ReportedAttribute(
                        name, occurrence.values, text=text, structured=structured, attributes=attributes_below
                    )
                )
    return merge_arrays(attributes)


XHTML_NAMESPACE = "http://www.w3.org/1999/xhtml"


def split_values(attribute: ReportedAttribute) -> tuple[ReportedAttribute, ...]:
    types = attribute.types or ("",) * len(attribute.values)
    return tuple(
        replace(attribute, values=(value,), types=(type_,) if attribute.types else ())
        for value, type_ in zip(attribute.values, types, strict=True)
    )


def is_array(attribute: ReportedAttribute) -> bool:
    return bool(attribute.values) and attribute == ReportedAttribute(
        attribute.id, attribute.values, types=attribute.types
    )


def merge_arrays(attributes: Iterable[ReportedAttribute]) -> tuple[ReportedAttribute, ...]:
    def sameness(numbered: tuple[int, ReportedAttribute]) -> tuple[str, int]:
        number, attribute = numbered
        return (attribute.id, -1 if is_array(attribute) else number)

    joined = []
    for _, group in groupby(enumerate(attributes), sameness):
        attributes_of_one = [attribute for _, attribute in group]
        types = tuple(
            type_ for attribute in attributes_of_one for type_ in attribute.types or ("string",) * len(attribute.values)
        )
        values = tuple(value for attribute in attributes_of_one for value in attribute.values)
        joined.append(replace(attributes_of_one[0], values=values, types=types if set(types) - {"string"} else ()))
    return tuple(joined)


def is_xhtml(text: Text) -> bool:
    return bool(text) and all(map(_is_markup, dict(text).values()))


def _is_markup(text: str) -> bool:
    if XHTML_NAMESPACE not in text:
        return False
    try:
        root = intake_xml.parse_xml(f"<text>{text}</text>".encode("utf-8", "surrogatepass"), "text")
    except InputError:
        return False
    element_tags: Iterator[object] = (element.tag for element in root.iterdescendants())
    tags = [str(tag) for tag in element_tags]
    return bool(tags) and all(tag.startswith(f"{{{XHTML_NAMESPACE}}}") for tag in tags)


REPORT, TARGET, OBJECT = "REPORT", "TARGET", "OBJECT"
"""The ids of report, target and target object for metadata from SDMX 3, which has none."""
DEFAULT_TARGET_IDS = {
    "object": OBJECT,
    "key": "DIMENSION_DESCRIPTOR_VALUES_TARGET",
    "dataset": "DATA_SET_TARGET",
    "constraint": "CONSTRAINT_CONTENT_TARGET",
    "period": "REPORT_PERIOD_TARGET",
}
FIRST_VERSION = "1.0.0"
"""The version of a set from SDMX 2.1, which has none."""
DESCRIBED_KINDS = ("Metadataflow", "MetadataProvisionAgreement")
AGENCY_PATTERN = re.compile(r"[A-Za-z][A-Za-z0-9_\-]*(?:\.[A-Za-z][A-Za-z0-9_\-]*)*")
SET_NOTE, IDS_NOTE = "METADATA_SET", "METADATA_REPORT"
"""The annotations for properties of a set that SDMX 2.1 lacks, and for ids that SDMX 3 lacks."""


@dataclass(frozen=True, slots=True)
class Heading:
    ref: Ref
    description: Text = Text()
    details: Details = Details()


@dataclass(frozen=True, slots=True)
class Ids:
    report: str = ""
    target: str = ""
    objects: tuple[str, ...] = ()


def describe_set(metadata_set: MetadataSet) -> str:
    set_name = metadata_set.ref.short if metadata_set.ref else metadata_set.properties.get("setID", "")
    return f"metadata set {set_name}".rstrip()


def build_refusal(metadata_set: MetadataSet, version: str, what: str, hint: str = "") -> SdmxmigError:
    return SdmxmigError(f"{version} cannot express {what} of {describe_set(metadata_set)}.", metadata_set.place, hint)


def convert_to_version_3(metadata_set: MetadataSet, provider: Ref | None = None) -> tuple[MetadataSet, ...]:
    """Convert a set to SDMX 3: one named set per report.

    An unnamed set takes its ``setID``, else the id of its report, numbered if there are several (``_1``, ``_2``). Its
    agency is its data provider or the message's `provider`, such as ``ESTAT.A1`` for provider A1 of ESTAT. Ids of
    reports and targets become an annotation.

    Raises `SdmxmigError` for a set that only follows a metadata structure, for targets other than artefacts, and for a
    missing provider.
    """
    if metadata_set.describes is not None and metadata_set.describes.kind not in DESCRIBED_KINDS:
        hint = "Since SDMX 3.0 metadata follow a metadataflow or a metadata provision agreement: name one."
        raise build_refusal(metadata_set, "SDMX 3", f"the {metadata_set.describes.kind}", hint)
    names = _list_names(metadata_set, provider)
    properties = {name: value for name, value in metadata_set.properties.items() if name != "setID"}
    if not metadata_set.reports:
        return (replace(metadata_set, ref=names[0], provider=None, properties=properties),)
    return tuple(
        replace(
            metadata_set,
            ref=name,
            provider=None,
            properties=properties,
            annotations=(*metadata_set.annotations, *report.annotations, *_note_ids(report)),
            reports=(Report(_convert_targets(metadata_set, report), report.attributes),),
        )
        for name, report in zip(names, metadata_set.reports, strict=True)
    )


def convert_all_to_version_3(sets: Iterable[MetadataSet], provider: Ref | None) -> list[MetadataSet]:
    """Convert sets to SDMX 3, each name once; raise `SdmxmigError` for different sets with one name."""
    known: dict[Ref | None, MetadataSet] = {}
    for metadata_set in (converted for original in sets for converted in convert_to_version_3(original, provider)):
        if known.setdefault(metadata_set.ref, metadata_set) != metadata_set:
            hint = "Give each a setID, or its own name."
            raise SdmxmigError(
                f"There are two different sets called {describe_set(metadata_set)}.", metadata_set.place, hint
            )
    return list(known.values())


def convert_to_version_21(metadata_set: MetadataSet) -> MetadataSet:
    """Convert a set to SDMX 2.1; fields that exist only in SDMX 3 become annotations.

    A report without target ids is repeated for each target, with the ids ``REPORT``, ``TARGET`` and ``OBJECT``, which
    match the converted metadata structure.

    Raises `SdmxmigError` for sets without reports and for external references.
    """
    if metadata_set.details.external or not metadata_set.reports:
        raise build_refusal(metadata_set, "SDMX 2.1", "the missing reports", "Write the whole set.")
    name = metadata_set.ref
    if name is None:
        return replace(metadata_set, reports=tuple(map(_add_ids, metadata_set.reports)))
    reports = []
    for report in metadata_set.reports:
        has_ids = any(target.id for target in report.targets)
        parts = [report.targets] if has_ids else [(target,) for target in report.targets]
        reports += [_add_ids(replace(report, targets=part)) for part in parts]
    validity = Details(valid_from=metadata_set.details.valid_from, valid_to=metadata_set.details.valid_to)
    heading = Heading(name, metadata_set.description, details=replace(metadata_set.details, valid_from="", valid_to=""))
    return replace(
        metadata_set,
        ref=None,
        description=Text(),
        annotations=(write_note(SET_NOTE, heading), *metadata_set.annotations),
        details=validity,
        provider=metadata_set.provider or _find_provider(name.agency),
        properties={**metadata_set.properties, "setID": name.id},
        reports=tuple(reports),
    )


def restore_version_3(metadata_set: MetadataSet) -> MetadataSet:
    ids, other_notes = take_record(metadata_set.annotations, IDS_NOTE, Ids)
    report = metadata_set.reports[0] if metadata_set.reports else None
    if ids is None or report is None or len(ids.objects) != len(report.targets):
        return metadata_set
    targets = tuple(
        replace(target, id=object_id) for target, object_id in zip(report.targets, ids.objects, strict=True)
    )
    known = replace(report, id=ids.report, target_id=ids.target, targets=targets)
    return replace(metadata_set, annotations=other_notes, reports=(known,))


def restore_version_21(metadata_set: MetadataSet) -> MetadataSet:
    heading, other_notes = take_record(metadata_set.annotations, SET_NOTE, Heading)
    if heading is None or heading.ref.kind != "MetadataSet" or not AGENCY_PATTERN.fullmatch(heading.ref.agency):
        return metadata_set
    name = heading.ref
    return replace(
        metadata_set,
        ref=name,
        description=heading.description,
        annotations=other_notes,
        details=replace(
            heading.details, valid_from=metadata_set.details.valid_from, valid_to=metadata_set.details.valid_to
        ),
        provider=None if metadata_set.provider == _find_provider(name.agency) else metadata_set.provider,
        properties={key: value for key, value in metadata_set.properties.items() if (key, value) != ("setID", name.id)},
        reports=_join_reports(metadata_set.reports),
    )


def _list_names(metadata_set: MetadataSet, provider: Ref | None) -> list[Ref]:
    if metadata_set.ref is not None:
        if len(metadata_set.reports) > 1:
            raise build_refusal(metadata_set, "SDMX 3", "several reports", "A set has one report: make a set of each.")
        if metadata_set.provider is not None and metadata_set.provider != _find_provider(metadata_set.ref.agency):
            raise build_refusal(
                metadata_set,
                "SDMX 3",
                f"the provider {metadata_set.provider.short}",
                "The agency of a set is its provider.",
            )
        return [metadata_set.ref]
    named_provider = metadata_set.provider or provider
    agency = f"{named_provider.agency}.{named_provider.item}" if named_provider and named_provider.item else ""
    if not AGENCY_PATTERN.fullmatch(agency):
        hint = "In SDMX 3, the agency of a set is its provider: name a data provider in the set or in the header."
        raise build_refusal(metadata_set, "SDMX 3", "the missing provider", hint)
    base = metadata_set.properties.get("setID", "") or next((report.id for report in metadata_set.reports), "")
    if not base:
        raise build_refusal(metadata_set, "SDMX 3", "the missing name", "Give it an id.")
    ids = (
        [base]
        if len(metadata_set.reports) < 2
        else [f"{base}_{number + 1}" for number in range(len(metadata_set.reports))]
    )
    return [Ref("MetadataSet", agency, id=set_id, version=FIRST_VERSION) for set_id in ids]


def _find_provider(agency: str) -> Ref | None:
    owner, _, provider_id = agency.rpartition(".")
    return Ref("DataProvider", owner, id="DATA_PROVIDERS", version="1.0", item=provider_id) if owner else None


def _convert_targets(metadata_set: MetadataSet, report: Report) -> tuple[Target, ...]:
    for target in report.targets:
        if target.kind != "object":
            hint = "Since SDMX 3.0 reference metadata are about artefacts only."
            raise build_refusal(metadata_set, "SDMX 3", f"a target that is a {target.kind}", hint)
    return tuple(Target(target.value) for target in report.targets)


def _note_ids(report: Report) -> tuple[Annotation, ...]:
    objects = tuple(target.id for target in report.targets)
    return (
        (write_note(IDS_NOTE, Ids(report.id, report.target_id, objects=objects)),) if any((report.id, *objects)) else ()
    )


def _add_ids(report: Report) -> Report:
    used = {target.id for target in report.targets}
    usual: dict[str, Iterator[str]] = {}
    targets = []
    for target in report.targets:
        ids = usual.setdefault(DEFAULT_TARGET_IDS[target.kind], _generate_ids(DEFAULT_TARGET_IDS[target.kind]))
        targets.append(replace(target, id=target.id or next(candidate for candidate in ids if candidate not in used)))
    return replace(report, id=report.id or REPORT, target_id=report.target_id or TARGET, targets=tuple(targets))


def _generate_ids(name: str) -> Iterator[str]:
    yield name
    yield from (f"{name}_{number}" for number in count(2))


def _join_reports(reports: tuple[Report, ...]) -> tuple[Report, ...]:
    plain = [_drop_usual_ids(report) for report in reports]
    are_alike = all(
        replace(report, targets=()) == replace(plain[0], targets=()) and len(report.targets) == 1 for report in plain
    )
    if len(plain) < 2 or not are_alike:
        return tuple(plain)
    return (replace(plain[0], targets=tuple(target for report in plain for target in report.targets)),)


def _drop_usual_ids(report: Report) -> Report:
    report_id = "" if report.id == REPORT else report.id
    where = "" if report.target_id == TARGET else report.target_id
    targets = tuple(replace(target, id="" if target.id == OBJECT else target.id) for target in report.targets)
    return replace(report, id=report_id, target_id=where, targets=targets)
