"""SDMX-JSON data messages 1.0, 2.0 and 2.1 to datasets, in blocks and constant memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import BinaryIO

from sdmxmig.primitives.errors import InputError
from sdmxmig.sdmx.formats.faults import Faults, fault
from sdmxmig.sdmx.formats.sdmx_json.data_reading.blocks import DatasetBlocks
from sdmxmig.sdmx.formats.sdmx_json.data_reading.cells import known_component
from sdmxmig.sdmx.formats.sdmx_json.data_reading.flows import flow_of, references, refers_to
from sdmxmig.sdmx.formats.sdmx_json.data_reading.listing import UNDETERMINED, ListedComponent, Listing, listing_of
from sdmxmig.sdmx.formats.sdmx_json.data_reading.pieces import DatasetPiece, DatasetReading, together
from sdmxmig.sdmx.formats.sdmx_json.data_reading.reports import reported_in
from sdmxmig.sdmx.formats.sdmx_json.data_reading.series import pieces_of
from sdmxmig.sdmx.formats.sdmx_json.forbidden import sound
from sdmxmig.sdmx.formats.sdmx_json.nodes import Node
from sdmxmig.sdmx.formats.sdmx_json.outline import SPANS, Outline, outline_of
from sdmxmig.sdmx.formats.sdmx_json.runs import pointer_of, refuse_unsound
from sdmxmig.sdmx.formats.sdmx_json.seekable_input import SeekableInput, seekable_input
from sdmxmig.sdmx.formats.sdmx_json.walk import Span
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.data_structures import Component
from sdmxmig.sdmx.model.references import Ref

BLOCK = 200_000
ACTIONS = {"Information": "I", "Append": "A", "Merge": "M", "Replace": "R", "Delete": "D"}


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
    with seekable_input(stream, name) as raw, sound(raw, faults) as opened:
        yield from datasets_of(
            outline_of(opened, faults, refuse_unsound(opened)),
            opened,
            flows=flows,
            version=version,
            faults=faults,
        )


def datasets_of(
    outline: Outline, opened: SeekableInput, flows: Mapping[str, Flow], version: str, faults: Faults | None
) -> Iterator[Dataset]:
    """The datasets of a message, in blocks."""
    language = main_language(outline.root)
    structures, datasets = parts_of(outline.root, version)
    listings: dict[int, tuple[Listing, Mapping[str, Ref]]] = {}
    spans_by_pointer = {pointer_of(path): span for path, span in outline.spans.items()}
    for node in datasets:
        try:
            index = node.get("structure", int)
            number = index.value if index is not None else 0
            if not 0 <= number < len(structures):
                raise (index or node).wrong(f"There is no structure number {number}.", "Numbers count from 0.")
            if number not in listings:
                listings[number] = listing_of(structures[number], language), references(structures[number])
            listing, refs = listings[number]
            flow = flow_of(listing, refs or references(node), flows, language)
            reading = reading_of(node, listing, flow=flow, version=version, language=language, faults=faults)
            pointers = {kind: f"{node.pointer}/{kind}" for kind in SPANS}
            spans = {kind: spans_by_pointer[at] for kind, at in pointers.items() if at in spans_by_pointer}
            yield from dataset_of(reading, refers_to(refs), spans, opened)
        except InputError as error:
            fault(faults, error)


def main_language(root: Node) -> str:
    meta = root.get("meta", dict)
    languages = meta.elements("contentLanguages", str) if meta is not None else []
    return languages[0].value if languages else UNDETERMINED


def parts_of(root: Node, version: str) -> tuple[list[Node], list[Node]]:
    """Return the structures and datasets; raises `InputError` if it is not a data message of this version."""
    data = root.get("data", dict)
    if data is None and ("dataSets" in root.value or "structure" in root.value):
        data = root  # drafts of 1.0 have no “data”
    if data is None or not {"dataSets", "structures", "structure"} & set(data.value):
        errors = [f"{node.value.get('code', '')} {node.text('title')}".strip() for node in root.elements("errors")]
        if errors:
            raise root.at("errors").wrong(f"The message holds errors and no data: {'; '.join(errors)}.")
        holds = ", ".join(sorted(data.value)) if data is not None else ""
        raise root.at("data").wrong("This is no data message.", f"It holds {holds}." if holds else "")
    old = "structure" in data.value and "structures" not in data.value
    if old != (version == "1.0") and ("structure" in data.value or "structures" in data.value):
        hint = f"Read it as {'sdmx-json-1.0' if old else 'sdmx-json-2.0 or sdmx-json-2.1'}."
        raise data.wrong(f"This is not SDMX-JSON {version}.", hint)
    if old:
        structure = data.get("structure", dict)
        return [structure] if structure is not None else [], data.elements("dataSets")
    return data.elements("structures"), data.elements("dataSets")


def reading_of(
    node: Node, listing: Listing, flow: Flow, version: str, language: str, faults: Faults | None
) -> DatasetReading:
    """Prepare the reading of a dataset; raises `InputError` for components missing from its structure."""
    components = {component.id: component for component in flow.structure.components}
    names: dict[str, Component] = {}
    reported = reported_in(listing, flow.structure)
    for component in listing.components:
        if component.id in reported:
            continue
        try:
            names[component.id] = known_component(component, components, flow.id)
        except InputError as error:
            if component.role == "dimension":
                raise
            fault(faults, error)
    measures: list[ListedComponent] = list(listing.of("measure"))
    if not listing.says_measures:
        if not flow.structure.measures:
            raise node.wrong("Its structure has no measure for the first value of each observation.")
        measure = flow.structure.measure
        measures = [ListedComponent(measure.id, "measure", level="observation", node=listing.node)]
        names[measure.id] = measure
    observation = (*measures, *listing.of("attribute", "observation"))
    fixed = (*listing.of("dimension", "dataSet"), *listing.of("dimension", "dimensionGroup"))
    indices = dict.fromkeys((listed.id for listed in fixed), 0)
    action = action_of(node, version, faults)
    return DatasetReading(
        node=node,
        listing=listing,
        flow=flow,
        names=names,
        action=action,
        observation=observation,
        fixed=indices,
        version=version,
        language=language,
        faults=faults,
        reported=reported,
    )


def action_of(node: Node, version: str, faults: Faults | None) -> str:
    """Return the action code of a dataset; the default is merge in 2.1, else information."""
    action = node.text("action")
    if action and action not in ACTIONS:
        fault(faults, node.at("action").wrong(f"“{action}” is no action.", f"It is one of {', '.join(ACTIONS)}."))
    return ACTIONS.get(action, "M" if version == "2.1" else "I")


def dataset_of(
    reading: DatasetReading, reference: Ref | None, spans: Mapping[str, Span], opened: SeekableInput
) -> Iterator[Dataset]:
    """The blocks of one dataset."""
    blocks = DatasetBlocks(reading, reference)
    pieces: list[DatasetPiece] = []
    height = 0
    for whole in pieces_of(reading, spans, opened):
        for piece in whole.cut(BLOCK):
            if pieces and height + piece.height > BLOCK:
                yield blocks.block(together(pieces), last=False)
                pieces, height = [], 0
            pieces.append(piece)
            height += piece.height
    yield blocks.block(together(pieces), last=True)
