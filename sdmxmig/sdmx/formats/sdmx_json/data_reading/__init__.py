"""SDMX-JSON data messages 1.0, 2.0 and 2.1 to datasets, in blocks and constant memory."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import BinaryIO

from sdmxmig.primitives.errors import DeclarationError, InputError, UnknownStructure
from sdmxmig.sdmx.formats.faults import Faults, report_fault
from sdmxmig.sdmx.formats.flows import find_flow
from sdmxmig.sdmx.formats.sdmx_json.data_reading.blocks import DatasetBlocks
from sdmxmig.sdmx.formats.sdmx_json.data_reading.facts import find_reported_attributes
from sdmxmig.sdmx.formats.sdmx_json.data_reading.listing import (
    UNDETERMINED,
    DatasetReading,
    ListedComponent,
    Listing,
    find_component,
    read_listing,
)
from sdmxmig.sdmx.formats.sdmx_json.data_reading.series import iterate_pieces
from sdmxmig.sdmx.formats.sdmx_json.nodes import Node
from sdmxmig.sdmx.formats.sdmx_json.reported_paths import read_reference
from sdmxmig.sdmx.formats.sdmx_json.runs import refuse_unsound, scan_outline, write_pointer
from sdmxmig.sdmx.formats.sdmx_json.walk import SPANS, Path, SeekableInput, Span, make_seekable, replace_forbidden
from sdmxmig.sdmx.formats.structures.representations import FACETS, MULTILINGUAL
from sdmxmig.sdmx.model.artefacts import ItemScheme, Sentinel, Text
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.data_structures import Component, Dataflow, DataStructure, check_component_id
from sdmxmig.sdmx.model.references import Ref

BLOCK = 200_000
ACTION_LETTERS = {"Information": "I", "Append": "A", "Merge": "M", "Replace": "R", "Delete": "D"}


def read_data(
    name: str,
    stream: BinaryIO,
    flows: Mapping[str, Flow],
    version: str = "2.1",
    faults: Faults | None = None,
) -> Iterator[Dataset]:
    """Read a data message in blocks of at most 200,000 observations with their series.

    Data of unknown dataflows use the structure described in the message. Numbers keep their digits. Attributes move to
    the level of the structure; omitted trailing values are the defaults of the message. Attributes of reference
    metadata become reports. The message is scanned twice, since members may come in any order; a stream is kept in a
    temporary file.

    Raises `InputError` with a JSON pointer, or line and column, or records the fault and leaves out the value,
    observation, series or dataset.
    """
    with make_seekable(stream, name) as raw, replace_forbidden(raw, faults) as opened:
        root, spans = scan_outline(opened, faults, refuse_unsound(opened))
        yield from read_datasets(root, spans, opened, flows=flows, version=version, faults=faults)


def read_datasets(
    root: Node,
    spans_by_path: Mapping[Path, Span],
    opened: SeekableInput,
    *,
    flows: Mapping[str, Flow],
    version: str,
    faults: Faults | None,
) -> Iterator[Dataset]:
    language = find_main_language(root)
    structures, datasets = split_message(root, version)
    listings: dict[int, tuple[Listing, Mapping[str, Ref]]] = {}
    spans_by_pointer = {write_pointer(path): span for path, span in spans_by_path.items()}
    for node in datasets:
        try:
            index = node.get("structure", int)
            number = index.value if index is not None else 0
            if not 0 <= number < len(structures):
                raise (index or node).wrong(f"There is no structure number {number}.", "Numbers count from 0.")
            if number not in listings:
                listings[number] = read_listing(structures[number], language), read_references(structures[number])
            listing, refs = listings[number]
            flow = resolve_flow(listing, refs or read_references(node), flows, language)
            reading = prepare_reading(node, listing, flow=flow, version=version, language=language, faults=faults)
            pointers = {kind: f"{node.pointer}/{kind}" for kind in SPANS}
            spans = {kind: spans_by_pointer[at] for kind, at in pointers.items() if at in spans_by_pointer}
            yield from build_dataset_blocks(reading, choose_reference(refs), spans, opened)
        except InputError as error:
            report_fault(faults, error)


def find_main_language(root: Node) -> str:
    meta = root.get("meta", dict)
    languages = meta.elements("contentLanguages", str) if meta is not None else []
    return languages[0].value if languages else UNDETERMINED


def split_message(root: Node, version: str) -> tuple[list[Node], list[Node]]:
    data = root.get("data", dict)
    if data is None and ("dataSets" in root.value or "structure" in root.value):
        data = root  # drafts of 1.0 lack “data”
    if data is None or not {"dataSets", "structures", "structure"} & set(data.value):
        errors = [f"{node.value.get('code', '')} {node.text('title')}".strip() for node in root.elements("errors")]
        if errors:
            raise root.at("errors").wrong(f"The message contains errors, not data: {'; '.join(errors)}.")
        holds = ", ".join(sorted(data.value)) if data is not None else ""
        raise root.at("data").wrong("This is not a data message.", f"It contains {holds}." if holds else "")
    old = "structure" in data.value and "structures" not in data.value
    if old != (version == "1.0") and ("structure" in data.value or "structures" in data.value):
        hint = f"Read it as {'sdmx-json-1.0' if old else 'sdmx-json-2.0 or sdmx-json-2.1'}."
        raise data.wrong(f"This is not SDMX-JSON {version}.", hint)
    if old:
        structure = data.get("structure", dict)
        return [structure] if structure is not None else [], data.elements("dataSets")
    return data.elements("structures"), data.elements("dataSets")


def prepare_reading(
    node: Node, listing: Listing, flow: Flow, version: str, language: str, faults: Faults | None
) -> DatasetReading:
    components = {component.id: component for component in flow.structure.components}
    names: dict[str, Component] = {}
    reported = find_reported_attributes(listing, flow.structure)
    for component in listing.components:
        if component.id in reported:
            continue
        try:
            names[component.id] = find_component(component, components, flow.id)
        except InputError as error:
            if component.role == "dimension":
                raise
            report_fault(faults, error)
    measures: list[ListedComponent] = list(listing.of("measure"))
    if not listing.says_measures:
        if not flow.structure.measures:
            raise node.wrong("Its structure has no measure for the first value of each observation.")
        measure = flow.structure.measure
        measures = [ListedComponent(measure.id, "measure", level="observation", node=listing.node)]
        names[measure.id] = measure
    observation = (*measures, *listing.of("attribute", "observation"))
    fixed = (*listing.of("dimension", "dataSet"), *listing.of("dimension", "dimensionGroup"))
    action = read_action(node, version, faults)
    return DatasetReading(
        node=node,
        listing=listing,
        flow=flow,
        names=names,
        action=action,
        observation=observation,
        fixed=tuple(listed.id for listed in fixed),
        version=version,
        language=language,
        faults=faults,
        reported=reported,
    )


def read_action(node: Node, version: str, faults: Faults | None) -> str:
    """Return the action code of a dataset; the default is merge in 2.1, else information."""
    action = node.text("action")
    if action and action not in ACTION_LETTERS:
        report_fault(
            faults,
            node.at("action").wrong(f"“{action}” is not an action.", f"It is one of {', '.join(ACTION_LETTERS)}."),
        )
    return ACTION_LETTERS.get(action, "M" if version == "2.1" else "I")


def build_dataset_blocks(
    reading: DatasetReading, reference: Ref | None, spans: Mapping[str, Span], opened: SeekableInput
) -> Iterator[Dataset]:
    blocks = DatasetBlocks(reading, reference)
    pieces = (piece for whole in iterate_pieces(reading, spans, opened) for piece in whole.cut(BLOCK))
    waiting = next(pieces)
    for piece in pieces:
        yield blocks.block(waiting, last=False)
        waiting = piece
    yield blocks.block(waiting, last=True)


STRUCTURE_KINDS = {
    "dataflow": "Dataflow",
    "datastructure": "DataStructure",
    "structure": "DataStructure",
    "provisionagreement": "ProvisionAgreement",
}
URN_PATH = re.compile(r"/(dataflow|datastructure|provisionagreement)/([^/?#]+)/([^/?#]+)(?:/([^/?#]+))?")
DESCRIBED_FIELD = "described"
UNKNOWN = "UNKNOWN"
TIME_ID = "TIME_PERIOD"
VALUE_ID = "OBS_VALUE"


def read_references(node: Node) -> dict[str, Ref]:
    """Return the references in the links of an element by kind, from URNs or addresses."""
    refs: dict[str, Ref] = {}
    for link in node.elements("links"):
        kind = STRUCTURE_KINDS.get(link.text("rel").casefold(), "")
        urn, path = link.text("urn"), URN_PATH.search(link.text("href"))
        if urn and kind:
            try:
                ref = Ref.parse(urn, kind=kind)
            except DeclarationError as error:
                raise link.at("urn").wrong(error.message, error.hint) from error
            refs.setdefault(ref.kind, ref)
        elif path and kind:
            ref = Ref(STRUCTURE_KINDS[path[1]], path[2], id=path[3], version=path[4] or "1.0")
            refs.setdefault(ref.kind, ref)
    return refs


def choose_reference(refs: Mapping[str, Ref]) -> Ref | None:
    if "ProvisionAgreement" in refs:
        return refs["ProvisionAgreement"]
    return refs.get("DataStructure") if "Dataflow" not in refs else None


def resolve_flow(listing: Listing, refs: Mapping[str, Ref], flows: Mapping[str, Flow], language: str) -> Flow:
    """Find the known dataflow that a message names, else build it from the description in the message."""
    named, structure = refs.get("Dataflow"), refs.get("DataStructure")
    agreement = refs.get("ProvisionAgreement") if named is None else None
    for ref in (named or agreement, structure if named is None else None):
        try:
            if ref is not None:
                return find_flow(flows, ref)
        except UnknownStructure:  # unknown here; the message describes it
            continue
    return build_flow(listing, named, structure, language)


def build_flow(listing: Listing, named: Ref | None, structure: Ref | None, language: str) -> Flow:
    """Build a dataflow and structure from a message; its codelists contain only the codes used."""
    base = named or structure or Ref("Dataflow", UNKNOWN, id=UNKNOWN, version="1.0")
    ref = structure or Ref("DataStructure", base.agency, id=base.id, version=base.version)
    flow_ref = named or Ref("Dataflow", base.agency, id=base.id, version=base.version)
    dimensions = sorted(listing.of("dimension"), key=lambda dimension: find_position(dimension, listing))
    parts = [build_component(dimension, dimensions, ref, language) for dimension in dimensions]
    measures = [build_component(measure, dimensions, ref, language) for measure in listing.of("measure")]
    if not listing.says_measures:
        measures = [Component(VALUE_ID, "measure", concept=build_concept_ref(VALUE_ID, ref))]
    attributes = [
        build_component(attribute, dimensions, ref, language)
        for attribute in listing.of("attribute")
        if not attribute.path
    ]
    name = Text.of(listing.node.languages("names", "name", language))
    about = Text.of(listing.node.languages("descriptions", "description", language))
    metadata = next(
        (reference for attribute in listing.of("attribute") if (reference := read_reference(attribute.node))), None
    )
    if metadata is not None:
        metadata = Ref("MetadataStructure", metadata.agency, id=metadata.id, version=metadata.version)
    data_structure = DataStructure(ref, name, components=(*parts, *measures, *attributes), metadata=metadata)
    codelists = {
        component.id: ItemScheme(
            Ref("Codelist", ref.agency, id=component.id, version=ref.version),
            read_names(component, language),
            items=tuple(
                item if item.parent in component.codes else replace(item, parent="")
                for item in component.codes.values()
            ),
            partial=True,
        )
        for component in listing.components
        if component.codes and not is_time(component)
    }
    names = {component.id: read_names(component, language) for component in listing.components}
    return Flow(
        Dataflow(flow_ref, name, structure=ref, description=about),
        data_structure,
        codelists=codelists,
        concepts=names,
        inferred=DESCRIBED_FIELD,
    )


def read_names(listed: ListedComponent, language: str) -> Text:
    return Text.of(listed.node.languages("names", "name", language))


def find_position(listed: ListedComponent, listing: Listing) -> int:
    return listed.position if listed.position is not None else len(listing.components)


def build_concept_ref(name: str, ref: Ref) -> Ref:
    return Ref("Concept", ref.agency, id=ref.id, version=ref.version, item=name)


def is_time(listed: ListedComponent) -> bool:
    roles = listed.node.value.get("roles") or listed.node.value.get("role") or ()
    return listed.role == "dimension" and (
        listed.id == TIME_ID or TIME_ID in (roles if isinstance(roles, list) else [roles])
    )


def build_component(
    listed: ListedComponent, dimensions: Iterable[ListedComponent], ref: Ref, language: str
) -> Component:
    if not listed.path:
        check_component_id(listed.id, listed.node.at("id").place)
    role = "time" if is_time(listed) else listed.role
    attached: dict[str, object] = read_attachment(listed, list(dimensions)) if role == "attribute" else {}
    form = listed.node.get("format", dict) or Node({}, listed.node.file)
    names = [name for name in (*FACETS, MULTILINGUAL) if form.value.get(name) not in (None, False)]
    occurs = listed.node.value.get("maxOccurs", form.value.get("maxOccurs", "1"))
    needed = listed.node.value.get("isMandatory")
    return Component(
        listed.id,
        role,
        concept=build_concept_ref(listed.id, ref),
        data_type=form.text("dataType") or ("ObservationalTimePeriod" if role == "time" else ""),
        facets=tuple((name, format_facet(form.value[name])) for name in names),
        mandatory=needed is True or role in ("dimension", "time"),
        max_occurs=format_facet(occurs),
        sentinels=tuple(read_sentinels(form, language)),
        **attached,  # type: ignore[arg-type]
    )


def read_sentinels(form: Node, language: str) -> Iterator[Sentinel]:
    for node in form.elements("sentinelValues"):
        name, about = (Text.of(node.languages(f"{word}s", word, language)) for word in ("name", "description"))
        yield Sentinel(format_facet(node.value.get("value", "")), name, description=about)


def format_facet(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def read_attachment(listed: ListedComponent, dimensions: list[ListedComponent]) -> dict[str, object]:
    series = {dimension.id for dimension in dimensions if not is_time(dimension)}
    relation = listed.node.get("relationship", dict) or Node({}, listed.node.file)
    members = relation.value
    named = [node.value for node in relation.elements("dimensions", str)]
    measures = tuple(node.value for node in relation.elements("measures", str))
    if named:
        unknown = set(named) - {dimension.id for dimension in dimensions}
        if unknown:
            raise relation.at("dimensions").wrong(f"There is no dimension “{min(unknown)}”.")
        if set(named) == series:
            return {"attachment": "series", "measures": measures}
        ordered = tuple(dimension.id for dimension in dimensions if dimension.id in named)
        whole = len(ordered) == len(dimensions)
        return {"attachment": "observation"} if whole else {"attachment": "dimensions", "dimensions": ordered}
    if "dataflow" in members or "none" in members:
        return {"attachment": "dataset"}
    if "observation" in members or "primaryMeasure" in members:
        return {"attachment": "observation", "measures": measures}
    return {"attachment": {"dataSet": "dataset", "series": "series"}.get(listed.level, "observation")}
