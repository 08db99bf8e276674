"""Artefacts around data and lists: metadata structures, agreements, categorisations, constraints; and all kinds."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from sdmxmig.sdmx.model.artefacts import Annotation, ItemScheme, Maintainable, Sentinel
from sdmxmig.sdmx.model.data_structures import Dataflow, DataStructure
from sdmxmig.sdmx.model.hierarchies import HierarchicalCodelist, Hierarchy, HierarchyAssociation
from sdmxmig.sdmx.model.maps import RepresentationMap, StructureMap, StructureSet
from sdmxmig.sdmx.model.processes import Process
from sdmxmig.sdmx.model.references import Ref


@dataclass(frozen=True, slots=True)
class MetadataAttribute:
    """One attribute of a metadata structure, with those below it.

    `min_occurs` and `max_occurs` are as SDMX writes them (``0``, ``1``, ``unbounded``); a presentational attribute is
    only a heading.
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
    """What metadata of SDMX 2.1 may be attached to: an id and target objects (id, object type, representation).

    The object type is that of an identifiable object (``Dataflow`` …), whose representation is empty or the URN of the
    item scheme to which it belongs; else one of SDMX's elements for other targets (``KeyDescriptorValuesTarget``,
    ``DataSetTarget``, ``ConstraintContentTarget``, ``ReportPeriodTarget``), with the data type as representation.
    """

    id: str
    objects: tuple[tuple[str, str, str], ...]
    _: KW_ONLY
    annotations: tuple[Annotation, ...] = ()


@dataclass(frozen=True, slots=True)
class ReportStructure:
    """A report of a metadata structure of SDMX 2.1: its attributes and the targets for which it is made."""

    id: str
    targets: tuple[str, ...]
    _: KW_ONLY
    attributes: tuple[MetadataAttribute, ...]
    annotations: tuple[Annotation, ...] = ()


@dataclass(frozen=True, slots=True)
class MetadataStructure(Maintainable):
    """A metadata structure definition (MSD): which attributes reference metadata have, as a tree.

    SDMX 3 has `attributes`; SDMX 2.1 has `targets` and `reports`.
    """

    _: KW_ONLY
    attributes: tuple[MetadataAttribute, ...] = ()
    targets: tuple[MetadataTarget, ...] = ()
    reports: tuple[ReportStructure, ...] = ()


ANYTHING = "urn:sdmx:org.sdmx.infomodel.base.Any=*:*(*)"
"""How SDMX 3 says that metadata may describe any artefact; here they then have no targets."""


@dataclass(frozen=True, slots=True)
class Metadataflow(Maintainable):
    """A metadataflow: which metadata structure it follows, and (SDMX 3) which artefacts it may describe, as URNs.

    Without targets it may describe what its metadata structure allows, in SDMX 3 anything.
    """

    _: KW_ONLY
    structure: Ref | None
    targets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Agreement(Maintainable):
    """A provision agreement, for data or for reference metadata: who provides which flow.

    The kind of `ref` is ``ProvisionAgreement`` or ``MetadataProvisionAgreement``; the latter may name `targets`.
    """

    _: KW_ONLY
    flow: Ref
    provider: Ref
    targets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Categorisation(Maintainable):
    """An artefact put under a category: `source` is what is filed, `target` the category."""

    _: KW_ONLY
    source: Ref
    target: Ref


@dataclass(frozen=True, slots=True)
class TimeRange:
    """A range of periods; an empty end is open. `includes_start` and `includes_end` say whether the ends belong."""

    start: str = ""
    end: str = ""
    _: KW_ONLY
    includes_start: bool = True
    includes_end: bool = True
    valid_from: str = ""
    valid_to: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """A value of a component that a constraint names; `cascade` is ``""``, ``true`` or ``excluderoot``.

    In constraints on metadata of SDMX 2.1 the value may be the URN of an object; its `kind` is then ``Object``. It may
    also be the id of a set of data (``DataSet``) of a `provider`, or a key of data (``DataKey``): pairs of dimension
    and value in `key`, the value itself being empty.
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


@dataclass(frozen=True, slots=True)
class Selection:
    """The values of one component that a cube region names, or a range of periods.

    `role` is ``key`` for a dimension and ``component`` for an attribute or measure.
    """

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
    """A part of the cube that is allowed, present or (if not `include`) forbidden.

    A region of metadata names a `report` and a metadata `target` in SDMX 2.1, and may have a validity in SDMX 3.
    """

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
    """Keys, whole or partial, that are allowed, present or (if not `include`) forbidden.

    Each key is its selections; `valid` are its validity dates in the same order (pairs of from and to, may be empty),
    `notes` its annotations, `reports` the report and metadata target of a metadata key (SDMX 2.1). Each of these three
    is empty as a whole if no key has any.
    """

    keys: tuple[tuple[Selection, ...], ...]
    include: bool = True
    _: KW_ONLY
    valid: tuple[tuple[str, str], ...] = ()
    notes: tuple[tuple[Annotation, ...], ...] = ()
    reports: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Constraint(Maintainable):
    """What data may hold, or do hold.

    The kind of `ref` is ``ContentConstraint`` (SDMX 2.1), ``DataConstraint``, ``MetadataConstraint`` or
    ``AvailabilityConstraint``; `role` is ``Allowed`` or ``Actual``. `attached` are the artefacts that it constrains,
    `sets` the sets of data or metadata (kind ``DataSet`` or ``MetadataSet``, provider, id; SDMX 2.1), `sources` the
    files or queries that it speaks about: pairs of kind and address, the kind being ``simple``, ``rest``, ``soap``,
    ``rest+soap`` or ``query``, and ``wsdl`` or ``wadl`` for the description of the one before. `calendar` is
    the release calendar (periodicity, offset, tolerance), `counts` say how many series and observations there are
    (``seriesCount``, ``obsCount``), `period` when the data begin and end (SDMX 2.1). An ``AvailabilityConstraint`` has
    no name of its own in SDMX 3.1: the agency, id and version of its `ref` are those of what it describes.
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
