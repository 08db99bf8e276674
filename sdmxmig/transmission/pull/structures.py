"""Answers to structure queries, and schemas and structures for a context."""

from __future__ import annotations

import dataclasses
from collections import ChainMap
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.sdmx.formats import ALL_DIMENSIONS
from sdmxmig.sdmx.formats.sdmx_json.schemas import build_json_data_schema
from sdmxmig.sdmx.formats.sdmx_ml.dialects import DIALECTS, SDMX_21, SDMX_31, build_data_namespace
from sdmxmig.sdmx.formats.sdmx_ml.standard_schema import build_standard_schema
from sdmxmig.sdmx.formats.sdmx_ml.xsd import build_data_schema, drop_unknown_codelists
from sdmxmig.sdmx.model.artefacts import Item, ItemScheme, Maintainable, Text, iterate_references
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.data_structures import Dataflow, DataStructure
from sdmxmig.sdmx.model.maps import RepresentationMap, StructureMap, StructureSet
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import (
    Agreement,
    Artefact,
    Categorisation,
    HierarchicalCodelist,
    Hierarchy,
    Metadataflow,
    MetadataStructure,
)
from sdmxmig.transmission.pull.holdings import (
    ArtefactCollection,
    Holdings,
    build_flow,
    collect_codes_left,
    index_allowed_codes,
)
from sdmxmig.transmission.pull.queries import (
    ALL,
    REFERENCES_2,
    ArtefactQuery,
    SchemaRequest,
    StructureRequest,
    VersionPattern,
    unacceptable,
    unknown,
    wrong,
)

SHARED_FIELDS = frozenset(field.name for field in dataclasses.fields(Maintainable))
STUB_FIELDS = (
    "role",
    "formal_levels",
    "partial",
    "evolving",
    "flow",
    "provider",
    "source",
    "target",
    "sources",
    "targets",
    "hierarchy",
)
WRITTEN_FIELDS = ("status", "source")
NO_REFERENCE = Ref("", "", id="", version="")
NESTED_SCHEMES = ("CategoryScheme", "ReportingTaxonomy")


def answer(collection: ArtefactCollection, request: StructureRequest, closed: Collection[Ref] = ()) -> list[Artefact]:
    """Return the requested artefacts by name. References stop at `closed` ones. Raises `QueryError` if missing."""
    meant = collection.matching(request.wanted)
    if not request.wanted.ids:
        meant = [artefact for artefact in meant if not artefact.details.external]
    if request.items:
        meant = [part for part in (select_items(artefact, request.items) for artefact in meant) if part is not None]
    if not meant:
        raise unknown(
            "There is no such artefact here.", "Ask for structure?detail=allstubs, which lists what there is."
        )
    others = [
        collection.artefacts[ref] for ref in sorted(collect_references(collection, meant, request.references, closed))
    ]
    detail = request.detail
    if detail == "referencepartial":
        others = list(yield_used_parts(collection, meant, others))
    elif detail in ("referencestubs", "referencecompletestubs"):
        others = [build_stub(artefact, complete=detail != "referencestubs") for artefact in others]
    elif detail in ("allstubs", "allcompletestubs"):
        return [build_stub(artefact, complete=detail != "allstubs") for artefact in (*meant, *others)]
    answered = [*meant, *others]
    return answered if detail == "raw" else [complete_codelist(collection, artefact) for artefact in answered]


def collect_references(
    collection: ArtefactCollection, meant: Iterable[Artefact], words: Iterable[str], closed: Collection[Ref] = ()
) -> set[Ref]:
    named = {artefact.ref: artefact for artefact in meant}
    below = {ref for artefact in named.values() for ref in collection.list_named(artefact)}
    above = {ref for artefact in named.values() for ref in list_users(collection, artefact)}
    refs: set[Ref] = set()
    kinds = {word for word in words if word not in REFERENCES_2}
    for word in words:
        if word in REFERENCES_2:
            refs |= select_references(collection, below, above, word, closed)
    if kinds:
        refs |= {ref for ref in below | above if ref.kind in kinds}
    return refs - named.keys()


def select_references(
    collection: ArtefactCollection, below: set[Ref], above: set[Ref], word: str, closed: Collection[Ref]
) -> set[Ref]:
    children = (
        ChainMap(dict.fromkeys(closed, frozenset[Ref]()), dict(collection.children)) if closed else collection.children
    )
    if word == "children":
        return below
    if word == "descendants":
        return find_reachable(below, children)
    if word in ("parents", "ancestors"):
        return above if word == "parents" else find_reachable(above, collection.parents)
    if word in ("parentsandsiblings", "all"):
        with_siblings = above | {ref for parent in above for ref in children[parent]}
        return with_siblings | (find_reachable(below, children) if word == "all" else set())
    return set()


def list_users(collection: ArtefactCollection, artefact: Artefact) -> Iterator[Ref]:
    if not isinstance(artefact, ItemScheme) or artefact is collection.artefacts[artefact.ref]:
        yield from collection.parents[artefact.ref]
        return
    meant = {"", *index_by_path(artefact)}
    for user in collection.parents[artefact.ref]:
        named = (
            ref
            for ref in iterate_references(collection.artefacts[user])
            if collection.resolve_reference(ref.scheme) == artefact.ref
        )
        if any(ref.item in meant for ref in named):
            yield user


def find_reachable(start: Iterable[Ref], steps: Mapping[Ref, frozenset[Ref]]) -> set[Ref]:
    seen: set[Ref] = set()
    frontier = set(start)
    while frontier:
        seen |= frontier
        frontier = {ref for here in frontier for ref in steps.get(here, ())} - seen
    return seen


def build_stub(artefact: Artefact, *, complete: bool) -> Artefact:
    """Reduce an artefact to its name; a complete stub also keeps description and annotations."""
    emptied: dict[str, Any] = {}
    for field in dataclasses.fields(artefact):
        value = getattr(artefact, field.name)
        is_told = field.name in WRITTEN_FIELDS and isinstance(value, str)
        is_kept = complete if is_told else field.name in STUB_FIELDS
        if field.name not in SHARED_FIELDS and not is_kept:
            emptied[field.name] = build_empty(field, value)
    if isinstance(artefact, Hierarchy):  # SDMX-ML requires codes
        emptied["codes"] = tuple(replace(code, level="", children=()) for code in artefact.codes[:1])
    if not complete:
        emptied |= {"description": Text(), "annotations": ()}
    return replace(artefact, **emptied, details=replace(artefact.details, external=True))


def keep_artefact(artefact: Artefact) -> Artefact:
    return artefact


def build_older_stub(artefact: Artefact) -> Artefact:
    """Build an SDMX 2.1 stub: an empty artefact without references."""
    if not artefact.details.external:
        return artefact
    shared: Any = {name: getattr(artefact, name) for name in SHARED_FIELDS}
    match artefact:
        case Hierarchy():
            frame = replace(artefact.ref, kind="HierarchicalCodelist")
            return HierarchicalCodelist(**{**shared, "ref": frame}, hierarchies=())
        case StructureMap() | RepresentationMap():
            return StructureSet(**{**shared, "ref": replace(artefact.ref, kind="StructureSet")}, related=(), maps=())
        case Categorisation():
            return replace(artefact, source=NO_REFERENCE, target=NO_REFERENCE)
        case Metadataflow() | MetadataStructure():
            emptied: Any = {"targets": ()}
            return replace(artefact, **emptied)
    return artefact


def strip_references(artefact: Artefact) -> Artefact:
    if isinstance(artefact, Agreement) and artefact.details.external:
        return replace(artefact, flow=NO_REFERENCE, provider=NO_REFERENCE)
    return artefact


def build_empty(field: dataclasses.Field[Any], value: Any) -> Any:
    if field.default is not dataclasses.MISSING:
        return field.default
    if isinstance(value, Ref) and "None" not in str(field.type):
        return Ref(value.kind, "", id="", version="")
    return () if isinstance(value, tuple) else None


def select_items(artefact: Artefact, ids: tuple[str, ...]) -> Artefact | None:
    if isinstance(artefact, ItemScheme):
        is_nested = artefact.ref.kind in NESTED_SCHEMES
        named = {path for path, item in index_by_path(artefact).items() if path in ids or item.id in ids}
        wanted = {part for name in named for part in yield_lineage(name)} if is_nested else named
        items = tuple(item for path, item in index_by_path(artefact).items() if path in wanted)
        return replace(artefact, items=items, partial=len(items) < len(artefact.items)) if items else None
    if isinstance(artefact, Hierarchy):
        return artefact if artefact.ref.id in ids else None
    if isinstance(artefact, HierarchicalCodelist):
        trees = tuple(tree for tree in artefact.hierarchies if tree.ref.item in ids)
        return replace(artefact, hierarchies=trees, partial=len(trees) < len(artefact.hierarchies)) if trees else None
    return None


def index_by_path(scheme: ItemScheme) -> dict[str, Item]:
    is_nested = scheme.ref.kind in NESTED_SCHEMES
    return {item.path if is_nested else item.id: item for item in scheme.items}


def yield_lineage(path: str) -> Iterator[str]:
    """Yield a path and its ancestors.

    >>> list(yield_lineage("A.B"))
    ['A', 'A.B']
    """
    parts = path.split(".")
    yield from (".".join(parts[: count + 1]) for count in range(len(parts)))


def complete_codelist(collection: ArtefactCollection, artefact: Artefact) -> Artefact:
    if not isinstance(artefact, ItemScheme) or not artefact.extensions:
        return artefact
    items = {item.id: item for item in artefact.items}
    for extension in artefact.extensions:
        source = collection.artefacts.get(collection.resolve_reference(extension.codelist) or extension.codelist)
        for item in getattr(source, "items", ()):
            if is_selected(item.id, extension.members, include=extension.include):
                parent = extension.prefix + item.parent if item.parent else ""
                taken = replace(item, id=extension.prefix + item.id, parent=parent)
                items.setdefault(taken.id, taken)
    known = {**items}
    resolved = tuple(item if item.parent in known else replace(item, parent="") for item in items.values())
    return replace(artefact, items=resolved, extensions=())


def is_selected(code: str, members: tuple[str, ...], *, include: bool) -> bool:
    if not members:
        return include
    names_it = any(code.startswith(name[:-1]) if name.endswith("%") else code == name for name in members)
    return names_it is include


def yield_used_parts(
    collection: ArtefactCollection, meant: Iterable[Artefact], others: Iterable[Artefact]
) -> Iterator[Artefact]:
    answered = [*meant, *others]
    used: dict[Ref, set[str]] = {}
    for artefact in answered:
        if isinstance(artefact, ItemScheme):
            continue
        for ref in iterate_references(artefact):
            if ref.item:
                used.setdefault(ref.scheme, set()).add(ref.item)
    limited = index_limited_codes(collection, answered)
    for artefact in others:
        names = used.get(artefact.ref) or limited.get(artefact.ref)
        yield reduce_scheme(artefact, names) if isinstance(artefact, ItemScheme) and names is not None else artefact


def index_limited_codes(collection: ArtefactCollection, artefacts: Iterable[Artefact]) -> dict[Ref, set[str]]:
    structures = [artefact for artefact in artefacts if isinstance(artefact, DataStructure)]
    flows = [artefact for artefact in artefacts if isinstance(artefact, Dataflow)]
    left: dict[Ref, set[str]] = {}
    for structure in structures:
        on_flows = [flow.ref for flow in flows if flow.structure == structure.ref]
        for ref, codes in index_allowed_codes(collection, structure, on_flows).items():
            left[ref] = left.get(ref, set()) | codes
    return left


def reduce_scheme(scheme: ItemScheme, names: set[str], *, with_parents: bool = False) -> ItemScheme:
    """Reduce a scheme to these items; keep their ancestors in nested schemes or on request."""
    is_nested = scheme.ref.kind in NESTED_SCHEMES
    parents = {item.id: item.parent for item in scheme.items}
    wanted = {part for name in names for part in yield_lineage(name)} if is_nested else set(names)
    frontier = set(names) if with_parents and not is_nested else set()
    while frontier:
        wanted |= frontier
        frontier = {parents.get(name, "") for name in frontier} - {""} - wanted
    items = tuple(item for path, item in index_by_path(scheme).items() if path in wanted)
    return replace(scheme, items=items, partial=len(items) < len(scheme.items) or scheme.partial)


KINDS_WITH_COMPONENTS = (
    "DataStructure",
    "MetadataStructure",
    "Codelist",
    "ValueList",
    "GeographicCodelist",
    "GeoGridCodelist",
    "ConceptScheme",
    "AgencyScheme",
)


def find_context(holdings: Holdings, request: SchemaRequest) -> Artefact:
    wanted = request.wanted
    versions = [pattern for pattern in wanted.versions if pattern.wildcard != ALL]
    if not len(wanted.agencies) == len(wanted.ids) == len(wanted.versions) == len(versions) == 1:
        raise wrong("A schema describes one artefact.", "Name one agency, one id and one version, such as ~ or 1.0.0.")
    artefacts = holdings.collection.matching(request.wanted)
    if not artefacts:
        raise unknown("There is no such structure, flow or agreement here.", "Ask for structure?detail=allstubs.")
    return artefacts[-1]


def build_schema(holdings: Holdings, request: SchemaRequest, version: str) -> bytes:
    context, flow, at = resolve_schema_request(holdings, request)
    dialect = next(each for each in DIALECTS if each.id.endswith(version))
    namespace = build_data_namespace(flow, dialect, at, find_reference(context))
    known = drop_unknown_codelists(flow)[0]
    is_explicit = request.explicit and is_measure_dimension(known, at)
    if is_explicit and dialect != SDMX_21:
        raise unacceptable("Observations are typed by measures in SDMX-ML 2.1 only.", "Ask for version=2.1.")
    try:
        if dialect == SDMX_21 and is_explicit:
            return build_standard_schema(known, at, f"{namespace}:explicit", explicit=map_item_schemes(holdings))
        if dialect == SDMX_21:
            return build_standard_schema(known, at, namespace)
        return build_data_schema(known, dialect, at, partial=request.deletion, namespace=namespace)
    except DeclarationError as error:
        raise unacceptable(error.message, error.hint) from error


def build_json_schema(holdings: Holdings, request: SchemaRequest, version: str) -> bytes:
    context, flow, at = resolve_schema_request(holdings, request)
    name = f"{build_data_namespace(flow, SDMX_31, at, find_reference(context))}:sdmx-json:{version}"
    if request.explicit and is_measure_dimension(flow, at):
        raise unacceptable("Observations are typed by measures in SDMX-ML 2.1 only.", "Remove explicitMeasure.")
    return build_json_data_schema(drop_unknown_codelists(flow)[0], version, at, name=name, partial=request.deletion)


def resolve_schema_request(holdings: Holdings, request: SchemaRequest) -> tuple[Artefact, Flow, str]:
    context = find_context(holdings, request)
    flow = build_limited_flow(holdings, context)
    structure = flow.structure
    measures = [name for name in structure.series_key if request.explicit and is_measure_dimension(flow, name)]
    usual = structure.time_id or ALL_DIMENSIONS
    at = request.at_observation or next(iter(measures), usual)
    if at not in (*structure.key, ALL_DIMENSIONS):
        raise wrong(f"{structure.ref.short} has no dimension {at}.", f"It has {', '.join(structure.key)}.")
    return context, flow, at


def find_reference(context: Artefact) -> Ref | None:
    return None if context.ref.kind == "Dataflow" else context.ref


def is_measure_dimension(flow: Flow, name: str) -> bool:
    codelist = flow.codelists.get(name)
    return name in flow.structure.series_key and codelist is not None and codelist.ref.kind == "ConceptScheme"


def map_item_schemes(holdings: Holdings) -> dict[Ref, ItemScheme]:
    artefacts = holdings.collection.artefacts.values()
    return {artefact.ref: artefact for artefact in artefacts if isinstance(artefact, ItemScheme)}


def build_limited_flow(holdings: Holdings, context: Artefact) -> Flow:
    """Return the dataflow of a context, with only the codes allowed by constraints."""
    collection = holdings.collection
    chain = [context.ref]
    artefact: Artefact | None = context
    if isinstance(artefact, Agreement):
        artefact = collection.artefacts.get(artefact.flow)
        chain += [artefact.ref] if artefact else []
    dataflow = artefact if isinstance(artefact, Dataflow) else None
    structure = collection.artefacts.get(dataflow.structure) if dataflow else artefact
    if not isinstance(structure, DataStructure):
        raise unknown(f"The data structure of {context.ref.short} is not here.")
    chain.append(structure.ref)
    flow = build_flow(collection, structure, dataflow)
    return replace(flow, codelists={name: limit_codelist(holdings, flow, name, chain) for name in flow.codelists})


def limit_codelist(holdings: Holdings, flow: Flow, name: str, chain: list[Ref]) -> ItemScheme:
    codelist = flow.codelists[name]
    constraints = [constraint for ref in chain for constraint in holdings.collection.limits.on(ref)]
    codes = collect_codes_left(flow, name, codelist, constraints) if constraints else set(codelist.ids)
    return codelist if len(codes) == len(codelist.items) else reduce_scheme(codelist, codes)


def list_structures(holdings: Holdings, request: SchemaRequest) -> list[Artefact]:
    ref = find_context(holdings, request).ref
    wanted = ArtefactQuery(
        kinds=(ref.kind,), agencies=(ref.agency,), ids=(ref.id,), versions=(VersionPattern(ref.version),)
    )
    asked = StructureRequest(wanted=wanted, detail="referencepartial", references=("descendants",))
    artefacts = [
        artefact for artefact in answer(holdings.collection, asked) if artefact.ref.kind in KINDS_WITH_COMPONENTS
    ]
    agencies = {artefact.ref.agency for artefact in artefacts} | {ref.agency}
    schemes = [artefact for artefact in holdings.collection.artefacts.values() if artefact.ref.kind == "AgencyScheme"]
    for scheme in schemes:
        prefix = "" if scheme.ref.agency == "SDMX" else f"{scheme.ref.agency}."
        names = {item.id for item in getattr(scheme, "items", ()) if prefix + item.id in agencies}
        if names and isinstance(scheme, ItemScheme):
            artefacts.append(reduce_scheme(scheme, names))
    return list({artefact.ref: artefact for artefact in artefacts}.values())
