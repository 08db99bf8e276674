"""Import of messages into artefacts, and conversion between formats."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import BinaryIO

from sdmxmig.io.intake.files import read_limited
from sdmxmig.io.intake.incoming import Incoming, wrap_stream
from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.formats import DEFAULT_LAYOUT, FORMATS, Format, Layout, write_formats_hint
from sdmxmig.sdmx.formats.detection import Detection, detect
from sdmxmig.sdmx.formats.faults import LENIENT, TOLERANT, Faults
from sdmxmig.sdmx.formats.fitting import (
    collect_losses,
    write_fitting_metadata,
    write_supported_artefacts,
    write_valid_data,
)
from sdmxmig.sdmx.formats.flows import explain_loose_name, explain_unknown_agreement
from sdmxmig.sdmx.formats.inference import find_data_survey, infer_flows, is_unknown, note_on_structure
from sdmxmig.sdmx.formats.message_header import limit_header, read_header
from sdmxmig.sdmx.formats.metadata_versions import describe_set
from sdmxmig.sdmx.formats.names_in_data import TIMES
from sdmxmig.sdmx.model.artefacts import ItemScheme, Sentinel
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.data_structures import DataStructure
from sdmxmig.sdmx.model.maps import SchemeMap, StructureSet
from sdmxmig.sdmx.model.structures import (
    Artefact,
    HierarchicalCodelist,
    Hierarchy,
    Level,
    MetadataAttribute,
    MetadataStructure,
    Process,
    ProcessStep,
)
from sdmxmig.sdmx.model.submission import Header

FORMAT_WITHOUT_ROLES = "sdmx-csv"
"""Tables do not distinguish dimensions from attributes."""
HeaderMaker = Callable[[Header | None], Header]
"""Makes the header of a message from the header of its source, if any."""


DatasetChange = Callable[[Iterable[Dataset]], Iterable[Dataset]]


def find_format(name: str) -> Format:
    if name not in FORMATS:
        raise SdmxmigError(
            f"There is no format “{name}”.", hint=f"Possible values: {', '.join(list_written_formats())}."
        )
    return FORMATS[name]


def list_written_formats() -> list[str]:
    return [form.id for form in FORMATS.values() if form.write_data or form.write_structures or form.write_metadata]


def read_structures(name: str, content: bytes, faults: Faults | None = None) -> tuple[Artefact, ...]:
    """Read the artefacts of a structure message in any format; tolerant without `faults`."""
    detected = detect(name, content)
    if detected.kind != "structure":
        raise InputError(f"This is {detected.name}, not a structure message.", Place(name), "Give a structure message.")
    reader = FORMATS[detected.format].read_structures if detected.format in FORMATS else None
    if reader is None:
        raise InputError(f"{detected.name} cannot be read yet.", Place(name))
    return reader(name, content, faults or Faults(TOLERANT))


def keep_header(header: Header | None) -> Header:
    if header is None:
        raise SdmxmigError("The message has no header to keep.", hint="State the sender and the time.")
    return header


def ignore_progress(_: str) -> None:
    """Ignore a progress message."""


def refuse(error: SdmxmigError) -> None:
    raise error


def report_if_any(tell: Callable[[str], None], sentence: str) -> None:
    if sentence:
        tell(sentence)


@contextmanager
def name_file_in_errors(name: str) -> Iterator[None]:
    try:
        yield
    except SdmxmigError as error:
        error.place = error.place or Place(name)
        raise


def transform(  # noqa: PLR0913 - one for each thing that may be chosen
    name: str,
    stream: BinaryIO,
    target: Format,
    out: BinaryIO,
    *,
    flows: Mapping[str, Flow],
    header: HeaderMaker = keep_header,
    layout: Layout = DEFAULT_LAYOUT,
    faults: Faults | None = None,
    change: DatasetChange = iter,
    tell: Callable[[str], None] = ignore_progress,
    leave: Callable[[SdmxmigError], None] = refuse,
    dimensions: Sequence[str] = (),
) -> str:
    """Convert a message to another format and return the display name of its source format.

    `name` is the file name for messages; `stream` is read once, from its position. Data of `flows` are converted in
    blocks, in constant memory; structures and reference metadata are read whole. `change` converts datasets, `header`
    the header. `faults` records problems and sets the policy; without it, reading is tolerant. `tell` is called with
    sentences about content that the target lacks or renames, and about inferred structures. `dimensions` are the known
    dimensions of such a structure. `leave` is called with the error for each artefact that the target does not support,
    and may raise it.

    Raises `InputError` for problems of the message, and `SdmxmigError` for content that the target does not support.
    """
    faults = faults or Faults(TOLERANT)
    message = wrap_stream(stream, name)
    detected = detect(name, message)
    refusal = SdmxmigError(
        f"{detected.name} cannot become {target.name}.", Place(name), _describe_choices(detected, target)
    )
    if detected.format not in FORMATS:
        raise refusal
    source = FORMATS[detected.format]
    if detected.kind == "error" and source.read_structures:
        source.read_structures(name, read_limited(message, name))  # raises what the service reports

    def heading() -> Header:
        with message.looking_ahead():
            source_header = read_header(source, name, message, faults)
        if source_header is not None and target.read_header is None:
            tell(f"{target.name} has no place for the header of a message (sender, receiver, time).")
        with name_file_in_errors(name):
            new_header, sentences = limit_header(target, detected.kind, header(source_header))
        for sentence in sentences:
            tell(sentence)
        return new_header

    if detected.kind == "data" and source.read_data and target.write_data:
        new_header = heading()
        flows = resolve_flows(message, source, target, flows, dimensions=dimensions, tell=tell)
        losses: dict[str, None] = {}
        read_blocks = require_datasets(source.read_data(name, message, flows, faults), name, faults)
        blocks = report_structures_once(read_blocks, flows, tell)
        write = target.write_data if faults.policy == LENIENT else partial(write_valid_data, target)
        with name_file_in_errors(name):
            write(collect_losses(change(blocks), target.losses, layout, losses), new_header, out, layout)
        for told in (*losses, *(f"The sender says: {said}" for said in faults.said)):
            tell(told)
    elif detected.kind == "structure" and source.read_structures and target.write_structures:
        new_header = heading()
        artefacts = source.read_structures(name, read_limited(message, name), faults)
        report_if_any(tell, list_artefact_names(artefacts))
        with name_file_in_errors(name):
            out.write(write_supported_artefacts(target, artefacts, new_header, leave))
    elif detected.kind == "metadata" and source.read_metadata and target.write_metadata:
        new_header = heading()
        sets = source.read_metadata(name, read_limited(message, name), faults)
        report_if_any(
            tell, capitalise_sentence([describe_set(one) for one in sets if target.names_sets and not one.name])
        )
        with name_file_in_errors(name):
            out.write(write_fitting_metadata(target, sets, new_header, leave))
    else:
        raise refusal
    return detected.name


def require_datasets(blocks: Iterable[Dataset], name: str, faults: Faults) -> Iterator[Dataset]:
    """Return the blocks unchanged; raise `SdmxmigError` with the notes of the sender if there are no blocks."""
    is_empty = True
    for block in blocks:
        is_empty = False
        yield block
    if is_empty:
        said = f"The sender says: {'; '.join(faults.said)}" if faults.said else "Ask for it again."
        raise SdmxmigError("The message contains no dataset.", Place(name), said)


def report_structures_once(
    blocks: Iterable[Dataset], flows: Mapping[str, Flow], tell: Callable[[str], None]
) -> Iterator[Dataset]:
    """Return the blocks unchanged, and report once which structure replaces an unknown or ambiguous one."""
    already_told: set[str] = set()
    for block in blocks:
        description = note_on_structure(block.flow)
        for sentence in (
            description and f"{description} Codes and types were not checked.",
            explain_unknown_agreement(flows, block),
            explain_loose_name(block.flow),
        ):
            if sentence and sentence not in already_told:
                already_told.add(sentence)
                tell(sentence)
        yield block


def resolve_flows(
    message: Incoming,
    source: Format,
    target: Format,
    flows: Mapping[str, Flow],
    *,
    dimensions: Sequence[str] = (),
    tell: Callable[[str], None] = ignore_progress,
) -> Mapping[str, Flow]:
    """Return the known dataflows, or infer one; raise `SdmxmigError` if the target cannot mark it as inferred."""
    name = message.name
    with message.looking_ahead():
        unknown = find_data_survey(source) is not None and is_unknown(source, name, message, flows)
    if not unknown:
        if dimensions:
            raise SdmxmigError("The structure of these data is known.", Place(name), "Remove --dimensions.")
        return flows
    with message.looking_ahead():
        inference = infer_flows(source, name, stream=message, flows=flows, dimensions=dimensions)
    bare = any(not set(flow.structure.key) - {*TIMES} for flow in inference.inferred_flows)
    if (inference.is_guessed or bare) and not target.id.startswith(FORMAT_WITHOUT_ROLES):
        problem = f"{target.name} names the dimensions in order. {' '.join(inference.sentences)}"
        hint = "Give the structure with --structure FILE, or name the dimensions in their order with --dimensions."
        raise SdmxmigError(problem, Place(name), hint)
    for sentence in inference.sentences:
        tell(f"{sentence} Codes and types were not checked.")
    return inference.flows


def _describe_choices(detected: Detection, target: Format) -> str:
    if detected.kind not in ("structure", "data", "metadata"):
        return "Structures, data and reference metadata can be transformed."
    task = "write_structures" if detected.kind == "structure" else f"write_{detected.kind}"
    return f"{detected.name} cannot be read." if getattr(target, task) else write_formats_hint(task)


MAX_SHOWN = 5


def list_artefact_names(artefacts: Iterable[Artefact]) -> str:
    return capitalise_sentence([nameless for artefact in artefacts for nameless in find_missing_names(artefact)])


def capitalise_sentence(nameless: Sequence[str]) -> str:
    if not nameless:
        return ""
    listed = ", ".join(nameless[:MAX_SHOWN])
    more = f" and {len(nameless) - MAX_SHOWN:,} more" if len(nameless) > MAX_SHOWN else ""
    return f"Without a name in the source, so that the id becomes the English name: {listed}{more}."


def find_missing_names(artefact: Artefact) -> Iterator[str]:
    whole = f"{artefact.ref.kind} {artefact.ref.short}"
    if not artefact.name and artefact.ref.kind != "AvailabilityConstraint":
        yield whole
    yield from (f"{part} of {whole}" for part in find_unnamed_parts(artefact))


def find_unnamed_parts(artefact: Artefact) -> Iterator[str]:
    if isinstance(artefact, ItemScheme):
        may_lack = artefact.ref.kind == "ValueList"
        yield from (item.id for item in artefact.items if not item.name and not may_lack)
        yield from (nameless for item in artefact.items for nameless in find_unnamed_sentinels(item.sentinels))
    elif isinstance(artefact, DataStructure):
        yield from (
            nameless for component in artefact.components for nameless in find_unnamed_sentinels(component.sentinels)
        )
    elif isinstance(artefact, MetadataStructure):
        for attributes in (
            artefact.attributes,
            *(report_structure.attributes for report_structure in artefact.reports),
        ):
            yield from find_unnamed_attributes(attributes)
    elif isinstance(artefact, HierarchicalCodelist):
        for hierarchy in artefact.hierarchies:
            yield from () if hierarchy.name else (hierarchy.ref.item,)
            yield from find_unnamed_levels(hierarchy.levels)
    elif isinstance(artefact, Hierarchy):
        yield from find_unnamed_levels(artefact.levels)
    elif isinstance(artefact, Process):
        yield from find_unnamed_steps(artefact.steps)
    elif isinstance(artefact, StructureSet):
        yield from (
            scheme_map.id for scheme_map in artefact.maps if isinstance(scheme_map, SchemeMap) and not scheme_map.name
        )


def find_unnamed_sentinels(sentinels: Iterable[Sentinel]) -> Iterator[str]:
    return (f"the value “{sentinel.value}”" for sentinel in sentinels if not sentinel.name)


def find_unnamed_attributes(attributes: Iterable[MetadataAttribute]) -> Iterator[str]:
    for attribute in attributes:
        yield from find_unnamed_sentinels(attribute.sentinels)
        yield from find_unnamed_attributes(attribute.children)


def find_unnamed_levels(level: Level | None) -> Iterator[str]:
    while level is not None:
        if not level.name:
            yield level.id
        level = level.below


def find_unnamed_steps(steps: Iterable[ProcessStep]) -> Iterator[str]:
    for step in steps:
        if not step.name:
            yield step.id
        yield from find_unnamed_steps(step.steps)
