"""Metadata structures, agreements, categorisations and constraints."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from sdmxmig.sdmx.model.artefacts import Annotation, ItemScheme, Maintainable, Sentinel, Text
from sdmxmig.sdmx.model.data_structures import Dataflow, DataStructure
from sdmxmig.sdmx.model.maps import RepresentationMap, StructureMap, StructureSet
from sdmxmig.sdmx.model.references import Ref


@dataclass(frozen=True, slots=True)
class Level:
    """A level of a hierarchy, with the one below it; `data_type` and `facets` are its coding format."""

    id: str
    name: Text = Text()
    _: KW_ONLY
    data_type: str = ""
    facets: tuple[tuple[str, str], ...] = ()
    below: Level | None = None
    description: Text = Text()
    annotations: tuple[Annotation, ...] = ()


@dataclass(frozen=True)
class HierarchicalCode:
    """A code in a hierarchy, with those below it; only SDMX 2.1 gives it a `version`."""

    id: str
    code: Ref
    _: KW_ONLY
    level: str = ""
    children: tuple[HierarchicalCode, ...] = ()
    valid_from: str = ""
    valid_to: str = ""
    annotations: tuple[Annotation, ...] = ()
    version: str = ""


@dataclass(frozen=True, slots=True)
class Hierarchy(Maintainable):
    """A hierarchy of codes.

    In SDMX 2.1 its `ref` has the hierarchical codelist's agency, id and version, and its own id as item.
    """

    _: KW_ONLY
    codes: tuple[HierarchicalCode, ...] = ()
    levels: Level | None = None
    formal_levels: bool = False


@dataclass(frozen=True, slots=True)
class HierarchicalCodelist(Maintainable):
    """An SDMX 2.1 hierarchical codelist: the codelists used, by alias, and the hierarchies."""

    _: KW_ONLY
    included: tuple[tuple[str, Ref], ...] = ()
    hierarchies: tuple[Hierarchy, ...] = ()
    partial: bool = False


@dataclass(frozen=True, slots=True)
class HierarchyAssociation(Maintainable):
    _: KW_ONLY
    hierarchy: Ref
    target: Ref
    context: Ref | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepObject:
    about: Ref
    local_id: str = ""
    annotations: tuple[Annotation, ...] = ()


@dataclass(frozen=True, slots=True)
class Computation:
    description: Text
    local_id: str = ""
    _: KW_ONLY
    package: str = ""
    language: str = ""
    version: str = ""
    annotations: tuple[Annotation, ...] = ()


@dataclass(frozen=True, slots=True)
class Transition:
    """A transition under a condition to the step `target`, a path such as ``S1.S2``."""

    target: str
    condition: Text
    id: str = ""
    local_id: str = ""
    annotations: tuple[Annotation, ...] = ()


@dataclass(frozen=True, slots=True)
class ProcessStep:
    id: str
    name: Text
    _: KW_ONLY
    description: Text = Text()
    inputs: tuple[StepObject, ...] = ()
    outputs: tuple[StepObject, ...] = ()
    computation: Computation | None = None
    transitions: tuple[Transition, ...] = ()
    steps: tuple[ProcessStep, ...] = ()
    annotations: tuple[Annotation, ...] = ()


@dataclass(frozen=True, slots=True)
class Process(Maintainable):
    _: KW_ONLY
    steps: tuple[ProcessStep, ...] = ()


@dataclass(frozen=True, slots=True)
class MetadataAttribute:
    """An attribute of a metadata structure.

    `min_occurs` and `max_occurs` are as in SDMX (``0``, ``1``, ``unbounded``); presentational attributes are headings.
    """

    id: str
    concept: Ref
    _: KW_ONLY
    codelist: Ref | None = None
    data_type: str = ""
    facets: tuple[tuple[str, str], ...] = ()
    min_occurs: str = "1"
    max_occurs: str = "1"
    presentational: bool = False
    children: tuple[MetadataAttribute, ...] = ()
    annotations: tuple[Annotation, ...] = ()
    sentinels: tuple[Sentinel, ...] = ()


@dataclass(frozen=True, slots=True)
class MetadataTarget:
    """An SDMX 2.1 metadata target: target objects (id, type, representation).

    Representations are item scheme URNs of identifiable objects, or data types of other targets
    (``KeyDescriptorValuesTarget``, ``DataSetTarget``, ``ConstraintContentTarget``, ``ReportPeriodTarget``).
    """

    id: str
    objects: tuple[tuple[str, str, str], ...]
    annotations: tuple[Annotation, ...] = ()


@dataclass(frozen=True, slots=True)
class ReportStructure:
    id: str
    targets: tuple[str, ...]
    attributes: tuple[MetadataAttribute, ...]
    annotations: tuple[Annotation, ...] = ()


@dataclass(frozen=True, slots=True)
class MetadataStructure(Maintainable):
    """A metadata structure definition (MSD). `attributes` in SDMX 3; `targets` and `reports` in 2.1."""

    _: KW_ONLY
    attributes: tuple[MetadataAttribute, ...] = ()
    targets: tuple[MetadataTarget, ...] = ()
    reports: tuple[ReportStructure, ...] = ()


@dataclass(frozen=True, slots=True)
class Metadataflow(Maintainable):
    """A metadataflow; without targets, those of its structure apply, and in SDMX 3 any artefact."""

    _: KW_ONLY
    structure: Ref | None
    targets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Agreement(Maintainable):
    """A provision agreement for data or reference metadata; only the latter has `targets`."""

    _: KW_ONLY
    flow: Ref
    provider: Ref
    targets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Categorisation(Maintainable):
    """An artefact filed under a category: `source` is the artefact, `target` the category."""

    _: KW_ONLY
    source: Ref
    target: Ref


@dataclass(frozen=True, slots=True)
class TimeRange:
    """A range of periods; an empty end is open."""

    start: str = ""
    end: str = ""
    _: KW_ONLY
    includes_start: bool = True
    includes_end: bool = True
    valid_from: str = ""
    valid_to: str = ""


@dataclass(frozen=True)
class Member:
    """A value in a constraint; `cascade` is ``""``, ``true`` or ``excluderoot``.

    In SDMX 2.1 metadata constraints, `kind` may be ``Object`` (URN), ``DataSet`` (of `provider`) or ``DataKey`` (pairs
    in `key`).
    """

    value: str
    cascade: str = ""
    _: KW_ONLY
    valid_from: str = ""
    valid_to: str = ""
    language: str = ""
    kind: str = ""
    provider: Ref | None = None
    key: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Selection:
    """The values of a component in a cube region. `role` is ``key`` or ``component`` (attributes and measures)."""

    component: str
    members: tuple[Member, ...] = ()
    _: KW_ONLY
    time_range: TimeRange | None = None
    role: str = "key"
    include: bool = True
    remove_prefix: bool = False
    valid_from: str = ""
    valid_to: str = ""


@dataclass(frozen=True, slots=True)
class CubeRegion:
    """A cube region that is allowed, present or (without `include`) forbidden."""

    selections: tuple[Selection, ...]
    include: bool = True
    _: KW_ONLY
    annotations: tuple[Annotation, ...] = ()
    report: str = ""
    target: str = ""
    valid_from: str = ""
    valid_to: str = ""


@dataclass(frozen=True, slots=True)
class KeySet:
    """Keys that are allowed, present or (without `include`) forbidden; other fields are in the same order."""

    keys: tuple[tuple[Selection, ...], ...]
    include: bool = True
    valid: tuple[tuple[str, str], ...] = ()
    notes: tuple[tuple[Annotation, ...], ...] = ()
    reports: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Constraint(Maintainable):
    """Constraints on data content.

    The kind of `ref` is ``ContentConstraint`` (SDMX 2.1), ``DataConstraint``, ``MetadataConstraint`` or
    ``AvailabilityConstraint``; `role` is ``Allowed`` or ``Actual``. `sources` are pairs of kind (``simple``, ``rest``,
    ``soap``, ``rest+soap``, ``query``, ``wsdl``, ``wadl``) and address. `counts`: ``seriesCount``, ``obsCount``. An
    ``AvailabilityConstraint`` has the identity of the described artefact in SDMX 3.1.
    """

    _: KW_ONLY
    role: str = "Allowed"
    attached: tuple[Ref, ...] = ()
    regions: tuple[CubeRegion, ...] = ()
    keys: tuple[KeySet, ...] = ()
    sources: tuple[tuple[str, str], ...] = ()
    calendar: tuple[str, str, str] | None = None
    counts: tuple[tuple[str, str], ...] = ()
    period: tuple[str, str] | None = None
    sets: tuple[tuple[str, Ref, str], ...] = ()


Artefact = (
    ItemScheme
    | DataStructure
    | Dataflow
    | MetadataStructure
    | Metadataflow
    | Agreement
    | Categorisation
    | Constraint
    | Hierarchy
    | HierarchicalCodelist
    | HierarchyAssociation
    | RepresentationMap
    | StructureMap
    | StructureSet
    | Process
)
