"""SDMX messages among tables, releases of artefacts, and operating system errors."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sdmxmig import catalogue
from sdmxmig.catalogue import Catalogue
from sdmxmig.catalogue.folders import find_shipped_folder
from sdmxmig.conversion.tables import read_once
from sdmxmig.io.intake.files import LOCKED_HINT, read_bytes
from sdmxmig.io.intake.incoming import STANDARD_INPUT, open_message, read_message
from sdmxmig.io.publishing.files import STANDARD_OUTPUT
from sdmxmig.primitives.errors import InputError, OutputError, SdmxmigError, UnknownStructure, did_you_mean
from sdmxmig.primitives.lazily import import_lazily
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.exchange import read_structures
from sdmxmig.sdmx.formats import DEFAULT_LAYOUT, FORMATS, join_blocks, read_all
from sdmxmig.sdmx.formats.detection import detect
from sdmxmig.sdmx.formats.faults import TOLERANT, Faults
from sdmxmig.sdmx.formats.flows import ANY, find_flow
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.data_structures import DataStructure
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Artefact
from sdmxmig.sdmx.versions import ArtefactComparison, compare, read_step_rules
from sdmxmig.workspace.folder import Workspace, check_declares, is_small_enough
from sdmxmig.workspace.requests.tasks import MessageReading

if TYPE_CHECKING:
    from sdmxmig.conversion import messages as carrying
    from sdmxmig.conversion.messages import ConvertedMessage
    from sdmxmig.forms.questionnaires import control
else:  # a workspace with mappings needs neither
    carrying = import_lazily("sdmxmig.conversion.messages")
    control = import_lazily("sdmxmig.forms.questionnaires.control")


def check_message(target: Path, option: str = "-o FILE") -> None:
    """Raise `OutputError` for overwriting a file other than SDMX."""
    if str(target) == STANDARD_OUTPUT or not target.is_file() or not target.stat().st_size:
        return
    try:
        with open_message(target) as (name, message):
            detect(name, message)
    except InputError:
        hint = f"Name another file with {option}, or move that one away."
        refusal = "A file with this name exists, and it is not an SDMX message."
        raise OutputError(refusal, Place(str(target)), hint) from None


def get_input_name(path: Path) -> str:
    return "standard input" if str(path) == STANDARD_INPUT else str(path)


def find_known_flows(reading: MessageReading, declared: Catalogue | None = None) -> Mapping[str, Flow]:
    files = map(Path, reading.structure)
    artefacts = [artefact for path in files for artefact in read_structures(*read_message(path, get_input_name(path)))]
    declared = declared or catalogue.load(reading.folder)
    return find_flows(declared, artefacts, reading.flow, follows=reading.follows)


def find_flows(
    declared: Catalogue, artefacts: Sequence[Artefact], flow: str = "", *, follows: bool = False
) -> Mapping[str, Flow]:
    flows = declared.add_artefacts(artefacts).flows
    if follows and not flow:
        flow = find_structure(artefacts)
    if not flow:
        return flows
    wanted = find_named_flow(flows, flow)
    if follows:  # even if the data name another structure that is known
        flows = {name: own for name, own in flows.items() if own.structure.ref == wanted.structure.ref}
    return {**flows, ANY: wanted}


def find_structure(artefacts: Sequence[Artefact]) -> str:
    structures = [
        data_structure.ref.short
        for data_structure in artefacts
        if isinstance(data_structure, DataStructure) and not data_structure.details.external
    ]
    if len(structures) == 1:
        return structures[0]
    if not structures:
        raise SdmxmigError("--follows needs the structure that the data follow.", hint="Give it with --structure FILE.")
    raise SdmxmigError(
        f"There are {len(structures)} structures: {', '.join(structures)}.", hint="Name one of them with --flow."
    )


def find_named_flow(flows: Mapping[str, Flow], name: str) -> Flow:
    for kind in ("Dataflow", "DataStructure"):
        with suppress(InputError):
            return replace(find_flow(flows, replace(Ref.parse(name), kind=kind)), chosen=None)
    known_ids = dict.fromkeys(id_ for flow in flows.values() for id_ in (flow.id, flow.structure.ref.id))
    raise SdmxmigError(f"There is no dataflow or data structure “{name}”.", hint=did_you_mean(name, known_ids))


def list_artefacts(path: Path) -> Sequence[Artefact]:
    if path.is_dir():
        check_declares(path)
        return list(catalogue.load(path).artefacts.values())
    return read_structures(*read_message(path, get_input_name(path)))


def list_shipped_artefacts() -> Sequence[Artefact]:
    return list(catalogue.load().artefacts.values())


def list_losses(dataset: Dataset) -> tuple[str, ...]:
    return tuple(FORMATS["sdmx-csv-2.0"].losses(dataset, DEFAULT_LAYOUT))


def read_message_datasets(
    name: str, content: bytes, flows: Mapping[str, Flow], faults: Faults | None = None
) -> Sequence[Dataset]:
    detected = detect(name, content)
    if detected.kind != "data":
        raise InputError(f"This is {detected.name}, not data.", Place(name), "Give an SDMX message with data.")
    if detected.format not in FORMATS:
        raise InputError(f"This is {detected.name}, of an unknown version.", Place(name), "Give a published version.")
    return read_all(FORMATS[detected.format], name, content, flows, faults or Faults(TOLERANT))


def join_by_flow(datasets: Iterable[Dataset]) -> dict[str, Dataset]:
    blocks: dict[str, list[Dataset]] = {}
    for dataset in datasets:
        blocks.setdefault(dataset.flow.id, []).append(dataset)
    return {flow: join_blocks(parts) for flow, parts in blocks.items()}


def find_dataset(path: Path, flow: Flow) -> Dataset:
    try:
        datasets = join_by_flow(read_message_datasets(*read_message(path), {flow.id: flow}))
    except UnknownStructure as error:
        raise InputError(f"These are not data of {flow.id}.", error.place, f"Give data of {flow.id}.") from None
    if flow.id not in datasets:
        raise InputError(f"There are no data of {flow.id} in it.", Place(path.name))
    return datasets[flow.id]


def compare_artefacts(old: Sequence[Artefact], new: Sequence[Artefact]) -> list[ArtefactComparison]:
    table = find_shipped_folder("structures") / "versions.toml"
    comparisons = compare(old, new, read_step_rules(table.name, table.read_bytes()))
    return [comparison for comparison in comparisons if comparison.changes or not comparison.old or not comparison.new]


def build_system_error(error: OSError, file: str = "") -> SdmxmigError:
    error_file = os.fsdecode(error.filename) if isinstance(error.filename, (str, bytes, os.PathLike)) else ""
    name = file or error_file
    is_locked = isinstance(error, PermissionError)
    hint = LOCKED_HINT if is_locked else "Check the name, your access rights and the free space."
    return InputError(f"The system reports: {error.strerror or error}.", Place(name) if name else None, hint)


AREA_DIMENSION = "REF_AREA"


@dataclass(frozen=True, slots=True, eq=False)
class IncomingMessage:
    path: Path
    name: str
    content: bytes

    def carry_over(self, catalogue: Catalogue) -> ConvertedMessage:
        return carrying.carry_over(self.name, self.content, catalogue)


def find_message(path: Path) -> IncomingMessage | None:
    """Read the data message in a file, possibly compressed; None for other files."""
    try:
        name, content = read_message(path)
    except InputError:
        return None
    return IncomingMessage(path, name, content) if carrying.detect_message(name, content) else None


def is_convertible(workspace: Workspace) -> bool:
    """Check whether a workspace has mappings, or tables that need none: SDMX messages and filled questionnaires."""
    return bool(workspace.mappings) or any(map(needs_no_mapping, workspace.tables))


def needs_no_mapping(path: Path) -> bool:
    try:
        if find_message(path):
            return True
        return is_small_enough(path.stat().st_size) and control.is_questionnaire(read_once(path.name, read_bytes(path)))
    except SdmxmigError:
        return False


def list_reporting_areas(message: ConvertedMessage) -> list[str]:
    of_datasets = [
        dataset.observations for dataset in message.datasets if AREA_DIMENSION in dataset.observations.columns
    ]
    return sorted({area for frame in of_datasets for area in frame[AREA_DIMENSION].drop_nulls().unique()})


def build_record(carried: ConvertedMessage) -> dict[str, object]:
    return {
        "format": carried.format,
        "named": list(carried.named),
        "datasets": [
            {"dataflow": dataset.flow.id, "observations": dataset.observations.height} for dataset in carried.datasets
        ],
        "left_out": [finding.sentence() for finding in carried.findings.items],
    }
