"""All wire tables, the fields written as annotations, and reading and writing of records by them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache, partial
from types import SimpleNamespace
from typing import Any

from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.formats.structures.data_structures import LISTS, NOWHERE
from sdmxmig.sdmx.formats.structures.notes import Notes, count_notes, counts_in
from sdmxmig.sdmx.formats.wire import (
    CONTENT,
    DESCRIPTION,
    MINOR_NOTES,
    NAME,
    NOTES,
    SDMX_OF,
    SEVERAL,
    Field,
    Form,
    Key,
    Shape,
    about,
    constraints,
    data_structures,
    items,
    maps,
    rows,
    without_place,
)
from sdmxmig.sdmx.model.artefacts import Annotation, ItemScheme, Text
from sdmxmig.sdmx.model.data_structures import Component, Dataflow, DataStructure
from sdmxmig.sdmx.model.maps import RepresentationMap, StructureMap, ValueMapping
from sdmxmig.sdmx.model.references import ITEM_KINDS, Ref
from sdmxmig.sdmx.model.structures import (
    ANYTHING,
    Agreement,
    Categorisation,
    Computation,
    Constraint,
    HierarchicalCode,
    Hierarchy,
    HierarchyAssociation,
    KeySet,
    Level,
    Metadataflow,
    MetadataStructure,
    Process,
    ProcessStep,
    StepObject,
    Transition,
)

HIERARCHY_SHAPES: dict[Key, Shape] = {
    "Hierarchy": (
        Field("formal_levels", Form.FLAG, ml="@leveled", always=("ml",), until="2.1"),
        Field("formal_levels", Form.FLAG, ml="@hasFormalLevels", always=("ml", "json"), since="3.0"),
        Field("levels", Form.PART, ml="Level", of=Level, since="3.0"),
        Field("codes", Form.EACH, ml="HierarchicalCode", of=HierarchicalCode),
        Field("levels", Form.PART, ml="Level", of=Level, until="2.1"),
    ),
    Level: (
        Field("id", Form.ID, ml="@id", required=True, what="the id of a level"),
        MINOR_NOTES,
        NAME,
        DESCRIPTION,
        Field("data_type", Form.CODING_FORMAT, ml="CodingFormat"),
        Field("below", Form.PART, ml="Level", of=Level),
    ),
    HierarchicalCode: (
        Field("id", Form.ID, ml="@id", required=True, what="the id of a hierarchical code"),
        Field("valid_from", Form.MOMENT, ml="@validFrom"),
        Field("valid_to", Form.MOMENT, ml="@validTo"),
        Field(
            "version",
            Form.ID,
            ml="@version",
            pattern="OLD_VERSION",
            until="2.1",
            lost=("the version of the code {id}", "Since SDMX 3.0 these codes have none."),
        ),
        MINOR_NOTES,
        Field("code", Form.CODE_OF_HIERARCHY, ml="Code", kinds=("Code",), until="2.1"),
        Field("code", Form.REFERENCE, ml="Code", kinds=("Code",), required=True, since="3.0"),
        Field("children", Form.EACH, ml="HierarchicalCode", of=HierarchicalCode),
        Field("level", Form.LOCAL, ml="Level", only="ml", until="2.1"),
        Field("level", Form.LEVEL_OF_CODE, json="level", only="json", kinds=("Level",), until="2.1"),
        Field("level", Form.LOCAL, ml="Level", what="the level of {id}", since="3.0"),
    ),
    "HierarchyAssociation": (
        Field("hierarchy", Form.REFERENCE, ml="LinkedHierarchy", kinds=("Hierarchy",), required=True, stub=""),
        Field("target", Form.REFERENCE, ml="LinkedObject", required=True, stub="", together="hierarchy"),
        Field("context", Form.REFERENCE, ml="ContextObject"),
    ),
}


TARGETS = Field("targets", Form.TARGETS, ml="Target", since="3.0")
NO_TARGETS = Field("targets", Form.TARGETS, lost=("the targets", "Only agreements for metadata have targets."))

FLOW_SHAPES: dict[Key, Shape] = {
    "Dataflow": (
        Field("structure", Form.REFERENCE, ml="Structure", kinds=("DataStructure",), stub="DataStructure"),
        Field(
            "constrained",
            Form.TEXTS,
            ml="DimensionConstraint/Dimension",
            json="dimensionConstraint",
            pattern="NCNAME",
            what="a dimension",
            since="3.1",
            note="DIMENSION_CONSTRAINT",
        ),
    ),
    "Metadataflow": (
        Field("structure", Form.REFERENCE, ml="Structure", kinds=("MetadataStructure",)),
        Field("targets", Form.TARGETS, ml="Target", default=ANYTHING, since="3.0", note="METADATA_TARGET"),
    ),
    "ProvisionAgreement": (
        Field(
            "flow",
            Form.REFERENCE,
            ml="StructureUsage",
            kinds=("Dataflow", "Metadataflow"),
            required=True,
            stub="",
            until="2.1",
        ),
        Field("flow", Form.REFERENCE, ml="Dataflow", kinds=("Dataflow",), required=True, stub="", since="3.0"),
        Field("provider", Form.REFERENCE, ml="DataProvider", kinds=("DataProvider",), required=True, stub=""),
        NO_TARGETS,
    ),
    "MetadataProvisionAgreement": (
        Field("flow", Form.REFERENCE, ml="Metadataflow", kinds=("Metadataflow",), required=True, stub=""),
        Field("provider", Form.REFERENCE, ml="MetadataProvider", kinds=("MetadataProvider",), required=True, stub=""),
        Field("targets", Form.TARGETS, ml="Target"),
    ),
    "Categorisation": (
        Field("source", Form.REFERENCE, ml="Source", stub=""),
        Field("target", Form.REFERENCE, ml="Target", kinds=("Category",), stub="", together="source"),
    ),
}


PART_ID = "the id of a part of a step"
LOCAL_ID = Field("local_id", Form.ID, ml="@localID", what=PART_ID)

PROCESS_SHAPES: dict[Key, Shape] = {
    "Process": (Field("steps", Form.PARTS, ml="ProcessStep", of=ProcessStep),),
    ProcessStep: (
        Field("id", Form.ID, ml="@id", required=True, what="the id of a step"),
        MINOR_NOTES,
        NAME,
        DESCRIPTION,
        Field("inputs", Form.PARTS, ml="Input", of=StepObject),
        Field("outputs", Form.PARTS, ml="Output", of=StepObject),
        Field("computation", Form.PART, ml="Computation", of=Computation),
        Field("transitions", Form.PARTS, ml="Transition", of=Transition),
        Field("steps", Form.PARTS, ml="ProcessStep", of=ProcessStep),
    ),
    StepObject: (
        LOCAL_ID,
        NOTES,
        Field("about", Form.REFERENCE, ml="ObjectReference", required=True),
    ),
    Computation: (
        LOCAL_ID,
        Field("package", Form.TEXT, ml="@softwarePackage"),
        Field("language", Form.TEXT, ml="@softwareLanguage"),
        Field("version", Form.TEXT, ml="@softwareVersion"),
        NOTES,
        Field(
            "description", Form.WORDS, ml="com:Description", needed=("a computation without words", "Say what it does.")
        ),
    ),
    Transition: (
        Field("id", Form.ID, ml="@id", what=PART_ID),
        LOCAL_ID,
        MINOR_NOTES,
        Field(
            "target",
            Form.LOCAL,
            ml="TargetStep",
            required=True,
            kinds=("ProcessStep",),
            pattern="NESTED_ID",
            what="the target of a transition",
        ),
        Field("condition", Form.WORDS, ml="Condition", needed=("the way to {target} without a condition", "Name one.")),
    ),
}


SHAPES: dict[Key, Shape] = {
    **PROCESS_SHAPES,
    **FLOW_SHAPES,
    **HIERARCHY_SHAPES,
    **maps.SHAPES,
    **data_structures.SHAPES,
    **items.SHAPES,
    **constraints.SHAPES,
}
ARTEFACTS: dict[str, Any] = {
    "DataStructure": DataStructure,
    "MetadataStructure": MetadataStructure,
    "Dataflow": Dataflow,
    "Metadataflow": Metadataflow,
    "ProvisionAgreement": Agreement,
    "MetadataProvisionAgreement": Agreement,
    "Categorisation": Categorisation,
    "Hierarchy": Hierarchy,
    "HierarchyAssociation": HierarchyAssociation,
    "RepresentationMap": RepresentationMap,
    "ConceptSchemeMap": RepresentationMap,
    "CategorySchemeMap": RepresentationMap,
    "OrganisationSchemeMap": RepresentationMap,
    "ReportingTaxonomyMap": RepresentationMap,
    "StructureMap": StructureMap,
    "Process": Process,
    **dict.fromkeys(ITEM_KINDS, ItemScheme),
    "ContentConstraint": Constraint,
    "AttachmentConstraint": Constraint,
    "DataConstraint": Constraint,
    "MetadataConstraint": Constraint,
    "AvailabilityConstraint": Constraint,
}
"""The kinds of artefacts that are spelt by tables alone, with their records."""
RECORDS: dict[Key, Any] = {
    "ItemMap": ValueMapping,
    **dict.fromkeys(("ToVtlMapping", "FromVtlMapping"), items.vtl_way),
    **dict.fromkeys(("DataStructureComponents", "MetadataStructureComponents", "MetadataAttributeList"), dict),
    **{str(row.of): partial(Component, role=row.name, concept=NOWHERE) for name in LISTS for row in SHAPES[name]},
    **constraints.RECORDS,
}
NAMELESS = "AvailabilityConstraint"
"""The kind that has no name of its own, so that several may describe one artefact."""
LISTED = r"[\w@$\-]+(,[\w@$\-]+)*"
URN = r"urn:sdmx:org\.sdmx\.infomodel\.[a-z]+\.[A-Za-z]+=.+\(.+\).*"


def with_fields(key: Key, record: Any) -> Any:
    if isinstance(record, KeySet):
        return SimpleNamespace(include=record.include, keys=tuple(constraints.keys_of(record)))
    if type(record) is tuple:
        return SimpleNamespace(**dict(zip(dict.fromkeys(row.name for row in SHAPES[key]), record, strict=True)))
    return record


def answered(place: Place, fields: dict[str, Any]) -> Constraint:
    about = fields["attached"][0] if fields.get("attached") else Ref("", "", id="", version="")
    ref = replace(about, kind=NAMELESS, item="")
    return Constraint(ref, Text(), role="Actual", place=place, **fields)


def noted(kind: str, family: str, version: str) -> Iterator[Field]:
    spelt_names = {row.name for row in rows(SHAPES, kind, family=family, version=version)}
    yield from (row for row in SHAPES[kind] if row.note and row.name not in spelt_names)


def as_notes(
    kind: str, artefact: Any, *, family: str, version: str, ref: Callable[[Ref], Ref] = lambda ref: ref
) -> Iterator[Annotation]:
    """Yield annotations for fields that the version has no place for; `ref` converts references."""
    for row in noted(kind, family, version):
        value = getattr(artefact, row.name)
        if row.form is Form.COUNTS:
            yield from count_notes(value)
            continue
        if row.form is Form.ROLE:
            value = () if value == row.choices[0] else (value,)
        if row.form is Form.TARGETS:
            titles = value
        elif value:
            titles = [ref(value).urn if isinstance(value, Ref) else "true" if value is True else ",".join(value)]
        else:
            titles = []
        yield from (Annotation(row.note, title=title) for title in titles)


def from_notes(
    kind: str, notes: Notes, rows: Iterable[Field], *, reference: Callable[[str], Ref] = Ref.parse
) -> dict[str, Any]:
    """Read fields from annotations, with status and source, and remove these annotations."""
    fields: dict[str, Any] = {}
    for row in rows:
        if row.form is Form.TARGETS:
            targets = notes.titles(row.note)
            fields[row.name] = () if targets == (row.default,) else targets
        elif row.form is Form.COUNTS:
            notes.remaining, fields[row.name] = counts_in(notes.remaining)
        elif row.form is Form.ROLE:
            fields[row.name] = notes.title(row.note, "|".join(row.choices)) or row.choices[0]
        elif row.form is Form.FLAG:
            fields[row.name] = notes.flag(row.note)
        elif title := notes.title(row.note, URN if row.form is Form.REFERENCE else LISTED):
            fields[row.name] = reference(title) if row.form is Form.REFERENCE else tuple(title.split(","))
    if "status" in ARTEFACTS[kind].__dataclass_fields__:
        fields |= {"status": notes.title("STATUS"), "source": notes.english("SOURCE")}
    return fields


Call = Callable[..., Any]
Planned = tuple[tuple[Field, Call], ...]


class RecordReader:
    """Reads records of a family (``ml`` or ``json``)."""

    def __init__(self, family: str, forms: Mapping[Form, Call]) -> None:
        self.family = family
        parts = dict.fromkeys((Form.PARTS, Form.OLD_EACH, Form.ONE_PART), self.parts)
        self.forms = {Form.PART: self.part, **parts, Form.EACH: self.each, **forms}
        self.plan = cache(self.planned)

    def planned(self, key: Key, version: str) -> Planned:
        version = SDMX_OF[version] if self.family == "json" else version
        known = rows(SHAPES, key, family=self.family, version=version)
        in_any = rows(SHAPES, key, family=self.family) if self.family == "json" else ()
        noted = (row for row in in_any if row.note and not row.is_in(version))
        asked = (replace(row, required=False) if row.optional_in == self.family else row for row in (*known, *noted))
        return tuple((row, self.forms[row.form]) for row in asked)

    def fields(self, part: Any, key: Key) -> dict[str, Any]:
        """Read the fields of a record; the part stays open for unread content."""
        fields: dict[str, Any] = {}
        for row, read in self.plan(key, part.message.version):
            if row.form in SEVERAL:
                fields |= read(part, row)
            elif row.where[0]:
                fields[row.name] = (*fields.get(row.name, ()), *read(part, row))
            else:
                fields[row.name] = read(part, row)
        return fields

    def record(self, part: Any, key: Key, **implied: Any) -> Any:
        fields = {**self.fields(part, key), **implied}
        if any(row.ml == CONTENT for row, _ in self.plan(key, part.message.version)) and self.family == "ml":
            part.close(text=True)
        else:
            part.close()
        if isinstance(key, type):
            return key(**fields)
        return RECORDS[key](**fields) if key in RECORDS else tuple(fields.values())

    def part(self, part: Any, row: Field) -> Any:
        name = getattr(row, self.family)
        child = part.one(name) if row.required else part.part(name)
        return self.record(child, row.of) if child else None

    def parts(self, part: Any, row: Field) -> tuple[Any, ...]:
        return tuple(self.record(child, row.of, **row.implied) for child in part.parts(getattr(row, self.family)))

    def each(self, part: Any, row: Field) -> tuple[Any, ...]:
        name = getattr(row, self.family)
        return tuple(
            part.each(lambda child: self.record(child, row.of, **row.implied), name, is_aside=row.name == "contacts")
        )


class WritingPlan:
    """The rows of records in a family, with what writes each (`forms`)."""

    def __init__(self, family: str, forms: Mapping[Form, Call]) -> None:
        self.family, self.forms = family, forms
        self.plan = cache(self.planned)

    def planned(self, key: Key, version: str) -> tuple[Planned, Shape]:
        known = rows(SHAPES, key, family=self.family, version=version)
        lost = without_place(SHAPES, key, family=self.family, version=version)
        return tuple((row, self.forms[row.form]) for row in known), tuple(row for row in lost if row.lost[0])

    def steps(self, writing: Any, key: Key, record: Any, version: str) -> Iterator[tuple[Field, Call]]:
        """Yield the rows of a record in order.

        Raises `SdmxmigError` for missing mandatory fields and unsupported ones.
        """
        planned, lost = self.plan(key, version)
        for row in lost:
            if getattr(record, row.name):
                raise writing.refusal(about(row.lost[0], record), row.lost[1])
        for row, write in planned:
            if row.needed[0] and not getattr(record, row.name):
                raise writing.refusal(about(row.needed[0], record), row.needed[1])
            yield row, write
