"""Earlier releases of a workspace."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from sdmxmig.io.intake.incoming import open_message, read_message
from sdmxmig.io.publishing.files import compute_hash
from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.text import quote_path
from sdmxmig.sdmx.formats import FORMATS
from sdmxmig.sdmx.formats.detection import detect
from sdmxmig.sdmx.formats.faults import TOLERANT, Faults
from sdmxmig.sdmx.formats.message_header import read_header
from sdmxmig.sdmx.model.data import Dataset, Flow, Vintage
from sdmxmig.sdmx.model.findings import FindingCollector, Findings, Rule
from sdmxmig.sdmx.model.rule_ids import RuleId
from sdmxmig.sdmx.model.submission import SubmissionPart
from sdmxmig.sdmx.revision import apply_message
from sdmxmig.transmission.sealing import MANIFEST, is_part_name, read_manifest
from sdmxmig.workspace.folder import RESULTS, check_result_links
from sdmxmig.workspace.tasks.data_folder import DISK_FORMAT, MESSAGE_FORMATS, name_data
from sdmxmig.workspace.tasks.messages import join_by_flow, read_message_datasets
from sdmxmig.workspace.tasks.verifying import read_content

DATA = "data/"
"""Where a submission has its data."""
MAX_AREAS = 3
CHANGING_ACTIONS = ("A", "M", "D")
UNKNOWN_TIME = datetime.min.replace(tzinfo=UTC)


def read_vintages(
    paths: Sequence[Path],
    flows: Mapping[str, Flow],
    rules: Mapping[str, Rule],
    *,
    of: Sequence[Dataset] = (),
    are_kept: bool,
) -> tuple[tuple[Vintage, ...], Findings]:
    """Read earlier releases, oldest first, with findings about them, ignoring altered submissions."""
    collector = FindingCollector("", rules)
    vintages = []
    for path in paths:
        vintage = read_vintage(path, flows, collector)
        if vintage is not None:
            refuse_unrelated(path, vintage, of, are_kept=are_kept)
            vintages.append(vintage)
    completed = tuple(select_releases(sorted(vintages, key=find_moment)))
    return completed, Findings(tuple(collector.findings))


def select_releases(vintages: Iterable[Vintage]) -> Iterator[Vintage]:
    latest: dict[tuple[str, str], Dataset] = {}
    for vintage in vintages:
        datasets: dict[str, Dataset] = {}
        for flow, message in vintage.datasets.items():
            about = (vintage.receiver, flow)
            is_partial = message.action in CHANGING_ACTIONS
            dataset = apply_message(latest.get(about), message) if is_partial else message
            if dataset is not None:
                datasets[flow] = latest[about] = dataset
        yield replace(vintage, datasets=datasets)


def read_accepted_vintages(receiver: str, paths: Sequence[Path], flows: Mapping[str, Flow]) -> tuple[Vintage, ...]:
    vintages = []
    for path in paths:
        vintage = read_vintage(path, flows, FindingCollector("", {}))
        if vintage is None:
            hint = f"See what differs with: sdmxmig verify {quote_path(path)}"
            raise InputError("The accepted files differ from the sealed submission.", Place(str(path)), hint)
        vintages.append(vintage)
    return tuple(sorted((vintage for vintage in vintages if vintage.receiver in ("", receiver)), key=find_moment))


def refuse_unrelated(path: Path, vintage: Vintage, datasets: Sequence[Dataset], *, are_kept: bool) -> None:
    shared = [dataset for dataset in datasets if dataset.flow.id in vintage.datasets]
    if datasets and not shared and not are_kept:
        there, here = ", ".join(vintage.datasets), ", ".join(dict.fromkeys(dataset.flow.id for dataset in datasets))
        message = f"The earlier release has data of {there or 'no dataflow'}, not of {here}."
        raise InputError(message, Place(str(path)), "Name a release of the same dataflow.")
    for dataset in shared:
        now, then = list_areas(dataset), list_areas(vintage.datasets[dataset.flow.id])
        if now and then and now.isdisjoint(then):
            there, here = (", ".join(sorted(areas)[:MAX_AREAS]) for areas in (then, now))
            message = f"The earlier release of {dataset.flow.id} is about {there}, not about {here}."
            raise InputError(message, Place(str(path)), "Name a release of the same country.")


def list_areas(dataset: Dataset) -> set[str]:
    name = dataset.flow.structure.area
    if name not in dataset.observations.columns:
        return set()
    return {str(area) for area in dataset.observations.get_column(name).unique() if area}


def find_moment(vintage: Vintage) -> datetime:
    return parse_moment(vintage.prepared)


def parse_moment(prepared: str) -> datetime:
    try:
        moment = datetime.fromisoformat(prepared)
    except ValueError:
        return UNKNOWN_TIME
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def read_vintage(path: Path, flows: Mapping[str, Flow], collector: FindingCollector) -> Vintage | None:
    if path.is_file():
        return read_message_vintage(path, flows)
    if (path / MANIFEST).is_file():
        return read_submission_vintage(path, flows, collector)
    check_result_links(path)
    for folder in (path / RESULTS / "data", path / "data", path):
        files = [folder / name_data(flow, DISK_FORMAT) for flow in flows]
        if any(file.is_file() for file in files):
            return read_results_vintage(folder, [file for file in files if file.is_file()], flows)
    hint = "Name a data message, the folder of a submission, or a workspace with results."
    message = "There are no earlier data here." if path.is_dir() else "There is no such file or folder."
    raise SdmxmigError(message, Place(str(path)), hint)


def read_message_vintage(path: Path, flows: Mapping[str, Flow]) -> Vintage:
    name, content = read_message(path)
    return Vintage(
        datasets=read_messages_by_flow([(str(path), content)], flows), name=name, prepared=read_preparation_time(path)
    )


def read_results_vintage(folder: Path, files: Iterable[Path], flows: Mapping[str, Flow]) -> Vintage:
    contents = [(str(file), read_message(file)[1]) for file in files]
    messages = (folder / name_data(flow, form) for flow in flows for form in MESSAGE_FORMATS)
    times = (read_preparation_time(message) for message in messages if message.is_file())
    return Vintage(datasets=read_messages_by_flow(contents, flows), name=folder.name, prepared=next(times, ""))


def read_submission_vintage(folder: Path, flows: Mapping[str, Flow], collector: FindingCollector) -> Vintage | None:
    sealed = read_manifest(read_content(folder / MANIFEST))
    if sealed is None:
        raise InputError("This is not a manifest of a submission.", Place(str(folder / MANIFEST)), "Name another one.")
    changed = list(list_changed_parts(folder, sealed.parts))
    for name in changed:
        collector.add(RuleId.CHANGED_PART, [Place(str(folder), key=name)], said=name, submission=sealed.id)
    if changed:
        return None
    contents = [
        (str(folder / part.name), read_message(folder / part.name)[1]) for part in select_data_parts(sealed.parts)
    ]
    return Vintage(
        datasets=read_messages_by_flow(contents, flows),
        name=sealed.id,
        prepared=sealed.header.prepared,
        receiver=sealed.agency,
    )


def select_data_parts(parts: Iterable[SubmissionPart]) -> list[SubmissionPart]:
    """Return the data in the first of their formats."""
    data = [part for part in parts if part.name.startswith(DATA)]
    return [part for part in data if part.media_type == data[0].media_type]


def list_changed_parts(folder: Path, parts: Iterable[SubmissionPart]) -> Iterator[str]:
    for part in parts:
        path = folder / part.name
        if not is_part_name(part.name) or not path.is_file() or compute_hash(path) != part.sha256:
            yield part.name


def read_messages_by_flow(contents: Iterable[tuple[str, bytes]], flows: Mapping[str, Flow]) -> dict[str, Dataset]:
    return join_by_flow(dataset for message in contents for dataset in read_message_datasets(*message, flows))


def read_preparation_time(path: Path) -> str:
    with open_message(path) as (name, message):
        detected = detect(name, message)
    with open_message(path) as (name, message):
        header = (
            read_header(FORMATS[detected.format], name, message, Faults(TOLERANT))
            if detected.format in FORMATS
            else None
        )
    return header.prepared if header else ""
