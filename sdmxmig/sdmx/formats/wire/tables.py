"""All wire tables, the fields written as annotations, and reading and writing of records by them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from types import SimpleNamespace
from typing import Any

from sdmxmig.primitives.errors import SdmxmigError, did_you_mean
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.formats.faults import attempt
from sdmxmig.sdmx.formats.structures import data_structures as structures_in_messages
from sdmxmig.sdmx.formats.structures.data_structures import LISTS, NOWHERE, Relationship, read_component_notes
from sdmxmig.sdmx.formats.structures.notes import Heading, Notes, count_notes, read_counts
from sdmxmig.sdmx.formats.structures.representations import NOTHING, Representation, list_fields
from sdmxmig.sdmx.formats.wire import (
    CONTENT,
    SDMX_OF,
    SHAPES,
    Field,
    Shape,
    fill_blanks,
    list_unsupported_fields,
    read_rows,
)
from sdmxmig.sdmx.model import artefacts, data_structures, structures
from sdmxmig.sdmx.model import maps as model_maps
from sdmxmig.sdmx.model.artefacts import Annotation, Details, Item, ItemScheme, Text, VtlConversion
from sdmxmig.sdmx.model.data_structures import Component
from sdmxmig.sdmx.model.maps import RepresentationMap, SchemeMap, TimeLink, ValueMapping
from sdmxmig.sdmx.model.references import ITEM_KINDS, Ref
from sdmxmig.sdmx.model.structures import (
    Artefact,
    Constraint,
    CubeRegion,
    Hierarchy,
    KeySet,
    Member,
    Selection,
    TimeRange,
)

SET_KINDS, FILES = ("DataSet", "MetadataSet"), "files"
ATTACHABLE_KINDS = {kind: row.kinds for kind, shape in SHAPES.items() for row in shape if row.form == "attachment"}
SERVICES = {"rest": (True, False), "soap": (False, True), "rest+soap": (True, True), "query": (False, False)}
"""Check whether a service is one of REST, and whether one of the older kind."""
ENDS = ("beforePeriod", "afterPeriod", "startPeriod", "endPeriod")


def find_field_name(kind: str, row: Field) -> str:
    is_one = row.required or kind.endswith("Provider")
    return f"{kind[0].lower()}{kind[1:]}{'' if is_one else 's'}"


@dataclass(slots=True)
class Service:
    rest: bool
    soap: bool
    address: str
    wsdl: str = ""
    wadl: str = ""

    @property
    def sources(self) -> Iterator[tuple[str, str]]:
        yield next(kind for kind, ways in SERVICES.items() if ways == (self.rest, self.soap)), self.address
        yield from ((kind, text) for kind, text in (("wsdl", self.wsdl), ("wadl", self.wadl)) if text)


def read_services(
    sources: Iterable[tuple[str, str]], refusal: Callable[[str, str], SdmxmigError]
) -> list[str | Service]:
    """Return file addresses and services; raise `SdmxmigError` for an unknown kind of source."""
    files_and_services: list[str | Service] = []
    for kind, address in sources:
        last = files_and_services[-1] if files_and_services else ""
        if kind == "simple":
            files_and_services.append(address)
        elif kind in SERVICES:
            files_and_services.append(Service(*SERVICES[kind], address=address))
        elif kind in ("wsdl", "wadl") and isinstance(last, Service) and not (getattr(last, kind) or last.wadl):
            setattr(last, kind, address)
        else:
            raise refusal(f"the data source {kind}", f"It is simple or one of {', '.join(SERVICES)}.")
    return files_and_services


def build_key_set(keys: tuple[CubeRegion, ...], *, include: bool) -> KeySet:
    valid = tuple((key.valid_from, key.valid_to) for key in keys)
    notes = tuple(key.annotations for key in keys)
    reports = tuple((key.report, key.target) for key in keys)
    return KeySet(
        tuple(key.selections for key in keys),
        include,
        valid=valid if any(map(any, valid)) else (),
        notes=notes if any(notes) else (),
        reports=reports if any(map(any, reports)) else (),
    )


def build_key_regions(keys: KeySet) -> Iterator[CubeRegion]:
    for index, chosen in enumerate(keys.keys):
        begin, end = keys.valid[index] if keys.valid else ("", "")
        report, target = keys.reports[index] if keys.reports else ("", "")
        notes = keys.notes[index] if keys.notes else ()
        yield CubeRegion(chosen, annotations=notes, report=report, target=target, valid_from=begin, valid_to=end)


def build_time_range(ends: dict[str, tuple[str, bool]]) -> dict[str, Any] | None:
    if set(ends) not in ({"beforePeriod"}, {"afterPeriod"}, {"startPeriod", "endPeriod"}):
        return None
    start, first = ends.get("afterPeriod") or ends.get("startPeriod") or ("", True)
    end, last = ends.get("beforePeriod") or ends.get("endPeriod") or ("", True)
    return {"start": start, "end": end, "includes_start": first, "includes_end": last}


def iterate_range_ends(times: TimeRange) -> Iterator[tuple[str, str, bool]]:
    if times.start:
        yield "startPeriod" if times.end else "afterPeriod", times.start, times.includes_start
    if times.end:
        yield "endPeriod" if times.start else "beforePeriod", times.end, times.includes_end


MAPS_OF_SETS = tuple(key.removesuffix(" of a set") for key in SHAPES if key.endswith(" of a set"))
USUAL = {"TIME_PERIOD": "TimeDimension", "OBS_VALUE": "PrimaryMeasure"}
CONTAINERS = {"PrimaryMeasure": "MeasureDescriptor"}
TIME_MAPS = {"EpochMap": "epoch", "DatePatternMap": "pattern"}
WITHOUT_REPRESENTATIONS = ("representations in the map {id}", "Only structure maps have them.")


def find_only_scheme(sides: tuple[Ref | str, ...]) -> Ref | None:
    return sides[0] if len(sides) == 1 and isinstance(sides[0], Ref) else None


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
KINDS_WITH_PARENT = {kind for kind, shape in SHAPES.items() if any(row.name == "parent" for row in shape)}
"""The items that name the one above them."""


def read_vtl_method(method: str, keys: tuple[str, ...]) -> VtlConversion | None:
    return VtlConversion(method, keys) if method or keys else None


def list_pairs(fields: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    listed = ((name, value if isinstance(value, tuple) else (value,)) for name, value in fields.items() if value)
    return tuple((name, value.urn if isinstance(value, Ref) else value) for name, values in listed for value in values)


def build_property_fields(
    record: Item | ItemScheme, key: str, refusal: Callable[[str, str], SdmxmigError]
) -> SimpleNamespace:
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


RECORD_BY_NAME: dict[str, Any] = {
    name: record
    for module in (artefacts, data_structures, model_maps, structures, structures_in_messages)
    for name, record in vars(module).items()
    if name in SHAPES
}
"""The records that are called like their rows."""
ARTEFACTS: dict[str, Any] = {
    **RECORD_BY_NAME,
    **dict.fromkeys(("ProvisionAgreement", "MetadataProvisionAgreement"), structures.Agreement),
    **dict.fromkeys(("ConceptSchemeMap", "CategorySchemeMap"), RepresentationMap),
    **dict.fromkeys(("OrganisationSchemeMap", "ReportingTaxonomyMap"), RepresentationMap),
    **dict.fromkeys(ITEM_KINDS, ItemScheme),
    **dict.fromkeys(ATTACHABLE_KINDS, Constraint),
}
"""The kinds of artefacts, with their records."""
RECORDS: dict[str, Any] = {
    **RECORD_BY_NAME,
    "ItemMap": ValueMapping,
    **dict.fromkeys(("ToVtlMapping", "FromVtlMapping"), read_vtl_method),
    **dict.fromkeys(("DataStructureComponents", "MetadataStructureComponents", "MetadataAttributeList"), dict),
    **{row.of: partial(Component, role=row.name, concept=NOWHERE) for name in LISTS for row in SHAPES[name]},
    **{f"{kind} of a set": partial(SchemeMap, kind) for kind in MAPS_OF_SETS},
    "DataKeySet": build_key_set,
    "MetadataKeySet": build_key_set,
    **dict.fromkeys(("key", "metadata key", "CubeRegion", "MetadataTargetRegion"), CubeRegion),
    **dict.fromkeys(("dimension", "component", "dimension in key", "component in key"), Selection),
    **dict.fromkeys(("value of dimension", "value in key", "Object", "DataSet"), Member),
    "DataKey": partial(Member, ""),
    "service": Service,
}
NAMELESS = "AvailabilityConstraint"
"""The kind without its own name; several records may describe one artefact."""
LISTED = r"[\w@$\-]+(,[\w@$\-]+)*"
URN = r"urn:sdmx:org\.sdmx\.infomodel\.[a-z]+\.[A-Za-z]+=.+\(.+\).*"


def add_field_names(key: str, record: Any) -> Any:
    if isinstance(record, KeySet):
        return SimpleNamespace(include=record.include, keys=tuple(build_key_regions(record)))
    if type(record) is tuple:
        names = dict.fromkeys(row.name for row in SHAPES[key] if row.form != "no_notes")
        return SimpleNamespace(**dict(zip(names, record, strict=True)))
    return record


def build_availability(place: Place, fields: dict[str, Any]) -> Constraint:
    about = fields["attached"][0] if fields.get("attached") else Ref("", "", id="", version="")
    ref = replace(about, kind=NAMELESS, item="")
    return Constraint(ref, Text(), role="Actual", place=place, **fields)


def list_noted_fields(kind: str, family: str, version: str) -> Iterator[Field]:
    spelt_names = {row.name for row in read_rows(kind, family=family, version=version)}
    yield from (row for row in SHAPES[kind] if row.note and row.name not in spelt_names)


def write_notes(
    kind: str, artefact: Any, *, family: str, version: str, ref: Callable[[Ref], Ref] = lambda ref: ref
) -> Iterator[Annotation]:
    """Yield annotations for fields that the version has no place for; `ref` converts references."""
    for row in list_noted_fields(kind, family, version):
        value = getattr(artefact, row.name)
        if row.form == "counts":
            yield from count_notes(value)
            continue
        if row.form == "role":
            value = () if value == row.choices[0] else (value,)
        if row.form == "targets":
            titles = value
        elif value:
            titles = [ref(value).urn if isinstance(value, Ref) else "true" if value is True else ",".join(value)]
        else:
            titles = []
        yield from (Annotation(row.note, title=title) for title in titles)


def read_note_fields(
    kind: str, notes: Notes, rows: Iterable[Field], *, reference: Callable[[str], Ref] = Ref.parse
) -> dict[str, Any]:
    """Read fields from annotations, with status and source, and remove these annotations."""
    fields: dict[str, Any] = {}
    for row in rows:
        if row.form == "targets":
            targets = notes.titles(row.note)
            fields[row.name] = () if targets == (row.default,) else targets
        elif row.form == "counts":
            notes.remaining, fields[row.name] = read_counts(notes.remaining)
        elif row.form == "role":
            fields[row.name] = notes.title(row.note, "|".join(row.choices)) or row.choices[0]
        elif row.form == "flag":
            fields[row.name] = notes.flag(row.note)
        elif title := notes.title(row.note, URN if row.form == "reference" else LISTED):
            fields[row.name] = reference(title) if row.form == "reference" else tuple(title.split(","))
    if "status" in ARTEFACTS[kind].__dataclass_fields__:
        fields |= {"status": notes.title("STATUS"), "source": notes.english("SOURCE")}
    return fields


Call = Callable[..., Any]
Planned = tuple[tuple[Field, Call], ...]


class RecordReader(ABC):
    """Reads the records of a family (``ml`` or ``json``); each field is read by the method named after its form.

    A method that returns a dictionary gives several fields at once.
    """

    family: str

    def __init__(self) -> None:
        self.plan = cache(self.planned)

    def planned(self, key: str, version: str) -> Planned:
        version = SDMX_OF[version] if self.family == "json" else version
        known = read_rows(key, family=self.family, version=version)
        in_any = read_rows(key, family=self.family) if self.family == "json" else ()
        noted = (row for row in in_any if row.note and not row.is_in(version))
        asked = (replace(row, required=False) if row.optional_in == self.family else row for row in (*known, *noted))
        return tuple((row, getattr(self, row.form)) for row in asked)

    def fields(self, part: Any, key: str) -> dict[str, Any]:
        """Read the fields of a record; the part stays open for unread content."""
        fields: dict[str, Any] = {}
        for row, read in self.plan(key, part.message.version):
            value = read(part, row)
            if type(value) is dict:
                fields |= value
            elif row.where[0]:
                fields[row.name] = (*fields.get(row.name, ()), *value)
            else:
                fields[row.name] = value
        return fields

    def record(self, part: Any, key: str, **implied: Any) -> Any:
        fields = {**self.fields(part, key), **implied}
        if any(row.ml == CONTENT for row, _ in self.plan(key, part.message.version)) and self.family == "ml":
            part.close(text=True)
        else:
            part.close()
        return RECORDS[key](**fields) if key in RECORDS else tuple(fields.values())

    def artefact(self, part: Any, kind: str) -> Artefact:
        if kind == NAMELESS:
            fields = self.fields(part, kind)
            part.close()
            return build_availability(part.place, fields)
        head = self.heading(part, kind)
        part.message.owner = head.ref
        fields = self.fields(part, kind)
        carried = self.carried(part, kind, head.notes, fields)
        part.close()
        for row in SHAPES[kind]:
            if row.together and bool(fields[row.name].id) != bool(fields[row.together].id):
                pair = [other for other in SHAPES[kind] if other.name in (row.name, row.together)]
                raise part.lacking(*(other.called(self.family) for other in pair))
        artefact: Artefact = ARTEFACTS[kind](**fields | carried, **head.shared())
        return artefact

    @abstractmethod
    def heading(self, part: Any, kind: str) -> Heading:
        """Read the fields common to all artefacts."""

    @abstractmethod
    def carried(self, part: Any, kind: str, notes: Notes, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Read fields from annotations."""

    @abstractmethod
    def shape(self, part: Any, row: Field) -> Representation:
        """Read a representation."""

    @abstractmethod
    def hierarchy_heading(self, part: Any) -> tuple[Ref, Details, tuple[Annotation, ...]]:
        """Read the fields that a hierarchy has in common with artefacts."""

    @abstractmethod
    def map_end(self, line: Any, side: str, *, is_component: bool) -> str:
        """Read the item or component on one side of a line of a map."""

    @abstractmethod
    def map_way(self, line: Any) -> tuple[str, tuple[tuple[str, str], ...] | None, tuple[str, ...]]:
        """Read the mapping of values: its map of codes, its pairs of values, or its type."""

    @abstractmethod
    def notes(self, part: Any, row: Field) -> tuple[Annotation, ...]:
        """Read annotations."""

    @abstractmethod
    def minor_notes(self, part: Any, row: Field) -> tuple[Annotation, ...]:
        """Read the annotations of a part without a link field."""

    @abstractmethod
    def texts(self, part: Any, row: Field) -> tuple[str, ...]:
        """Read several texts."""

    def part(self, part: Any, row: Field) -> Any:
        child = part.one(row.at) if row.required else part.part(row.at)
        return self.record(child, row.of) if child else None

    def parts(self, part: Any, row: Field) -> tuple[Any, ...]:
        return tuple(self.record(child, row.of, **row.implied) for child in part.parts(row.at))

    def each(self, part: Any, row: Field) -> tuple[Any, ...]:
        is_aside = row.name == "contacts"
        return tuple(part.each(lambda child: self.record(child, row.of, **row.implied), row.at, is_aside=is_aside))

    def section(self, part: Any, row: Field) -> dict[str, Any]:
        return self.part(part, row) or {}

    def own(self, part: Any, row: Field) -> tuple[tuple[str, str], ...]:
        return list_pairs(self.fields(part, row.of))

    def words(self, part: Any, row: Field) -> Text:
        texts: Text = part.words(row.at)
        return texts

    name = words

    def component_notes(self, part: Any, row: Field) -> dict[str, Any]:
        return read_component_notes(self.minor_notes(part, row), row.default)

    def no_notes(self, part: Any, row: Field) -> dict[str, Any]:
        if self.minor_notes(part, row):
            raise part.unfit("has annotations or links, which cannot be kept there.", "Put them on the artefact.")
        return {}

    def relationship(self, part: Any, row: Field) -> dict[str, Any]:
        child = part.one(row.at)
        relationship: Relationship = self.record(child, "Relationship")
        if relationship.attachment:
            return relationship.attachment
        raise child.unfit("does not name one thing that the attribute describes.")

    def representation(self, part: Any, row: Field) -> dict[str, Any]:
        shape = attempt(part.message.faults, lambda local: self.shape(local, row), part.part(row.at)) or NOTHING
        return list_fields(shape, row.default if row.pattern == "time" else "")

    def hierarchies(self, part: Any, row: Field) -> tuple[Hierarchy, ...]:
        return tuple(self.hierarchy(child) for child in part.parts(row.at))

    def hierarchy(self, part: Any) -> Hierarchy:
        ref, details, notes = self.hierarchy_heading(part)
        fields = self.fields(part, "hierarchy of a codelist")
        part.close()
        return Hierarchy(ref, **fields, annotations=notes, details=details, place=part.place)

    def time_maps(self, part: Any, row: Field) -> dict[str, Any]:
        """Read maps of dates to periods, and frequency formats that no such map names."""
        formats = part.message.formats
        formats.clear()
        for child in part.parts(row.at):
            form = self.record(child, "frequency format")
            if form[0] in formats:
                raise child.unfit(f"has the id “{form[0]}” of another format.", at="id")
            formats[form[0]] = form
        times = tuple(self.read_time_map(child, kind) for child, kind in part.of_kinds(TIME_MAPS))
        used = {format_id for link in times for format_id, _, _ in link.formats}
        return {"times": times, "formats": tuple(form for format_id, form in formats.items() if format_id not in used)}

    def read_time_map(self, part: Any, kind: str) -> TimeLink:
        link = TimeLink(kind, **self.fields(part, kind))
        in_one_place = bool(link.frequency) != bool(link.frequency_dimension)
        if not link.sources or not in_one_place or (link.formats and link.frequency):
            raise part.unfit("must map components, and name either a frequency or the dimension that has it.")
        part.close()
        return link

    def mapped_frequencies(self, part: Any, row: Field) -> tuple[tuple[str, str, str], ...]:
        formats, names = part.message.formats, self.texts(part, row)
        for format_id in names:
            if format_id not in formats:
                raise part.unfit(f"names “{format_id}”, which is not a frequency format of this map.", at=row.at)
        return tuple(formats[format_id] for format_id in names)

    def maps(self, part: Any, _: Field) -> tuple[SchemeMap, ...]:
        kinds = {kind: f"{kind} of a set" for kind in MAPS_OF_SETS}
        return tuple(self.record(child, kind) for child, kind in part.of_kinds(kinds))

    def links(self, part: Any, row: Field) -> dict[str, Any]:
        is_structure = row.of == "StructureMap"
        links, notes, values, formats = [], [], [], []
        for line in part.parts(row.at):
            source, target = (self.map_end(line, side, is_component=is_structure) for side in ("Source", "Target"))
            by, pairs, form = self.map_way(line) if is_structure else ("", None, ())
            values += [] if pairs is None else [(source, pairs)]
            formats += [(source, *form)] if form else []
            links.append((source, target, by))
            notes.append(self.notes(line, row))
            line.close()
        return {
            "links": tuple(links),
            "values": tuple(values),
            "formats": tuple(formats),
            "link_notes": tuple(notes) if any(notes) else (),
        }


class RecordWriter:
    """Writes the records of a family (``ml`` or ``json``); each field is written by the method named after its form."""

    family: str

    def __init__(self) -> None:
        self.plan = cache(self.planned)

    def planned(self, key: str, version: str) -> tuple[Planned, Shape]:
        known = read_rows(key, family=self.family, version=version)
        lost = list_unsupported_fields(key, family=self.family, version=version)
        return tuple((row, getattr(self, row.form)) for row in known), tuple(row for row in lost if row.lost)

    def steps(self, writing: Any, key: str, record: Any, version: str) -> Iterator[tuple[Field, Call]]:
        """Yield the rows of a record in order; raise `SdmxmigError` for missing and unsupported fields."""
        planned, lost = self.plan(key, version)
        for row in lost:
            if getattr(record, row.name):
                raise writing.refusal(fill_blanks(row.lost, record), row.hint)
        for row, write in planned:
            if row.needed and not getattr(record, row.name):
                raise writing.refusal(fill_blanks(row.needed, record), row.hint)
            yield row, write
