"""Messages for the receiver of a workspace."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import pickle
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from functools import partial

from sdmxmig import catalogue
from sdmxmig.catalogue.agencies import FILE_NAME, Agency, DeliveryTerm
from sdmxmig.conversion.translation import LostCodes, structure_map, translate
from sdmxmig.io.disk_cache import load_or_make_from
from sdmxmig.primitives.errors import DeclarationError, OutputError, SdmxmigError, did_you_mean
from sdmxmig.primitives.periods import PER_YEAR, Period, parse, shift, shift_months
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.text import fill_message, list_placeholders
from sdmxmig.sdmx.exchange import find_format
from sdmxmig.sdmx.formats import DEFAULT_LAYOUT, FORMATS, Format, list_formats, metadata_bytes, read_all
from sdmxmig.sdmx.formats.fitting import FittedMessage, fit_artefacts, write_valid_data
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.metadata import MetadataSet
from sdmxmig.sdmx.model.structures import Artefact
from sdmxmig.sdmx.model.submission import DATA, METADATA, STRUCTURES, Header, Outgoing, OutgoingMessage, SubmissionPart
from sdmxmig.sdmx.revision import find_disagreement
from sdmxmig.transmission.demands import Refusal, check_demands
from sdmxmig.transmission.sealing import build_part
from sdmxmig.workspace.folder import COUNTRY_FILE
from sdmxmig.workspace.results import hash_program
from sdmxmig.workspace.tasks.data_folder import DISK_FORMAT, MESSAGE_FORMATS, name_data
from sdmxmig.workspace.tasks.session import Session

OWN_AGENCY = "SDMXMIG"
"""The agency of what ships: an office sends it as its own."""
WRITTEN_FORMATS = (DISK_FORMAT, *MESSAGE_FORMATS)

FIXED_MOMENT = "1970-01-01T00:00:00+00:00"
"""Fixed timestamp for deterministic content."""
MAX_STRUCTURES_KEPT = 4
FORMATS_NAMING_FLOWS = ("sdmx-ml-2.1", "sdmx-ml-2.1-generic")


@dataclass(frozen=True, slots=True)
class DueDate:
    flow: str
    period: str
    _: KW_ONLY
    day: dt.date
    term: DeliveryTerm


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmissionPreview:
    files: tuple[tuple[str, str, str], ...]
    refusals: tuple[Refusal, ...]
    left_out: tuple[str, ...]
    dues: tuple[DueDate, ...]


def build_submission_preview(session: Session, datasets: Sequence[Dataset]) -> SubmissionPreview:
    agency = session.catalogue.agency(session.workspace.receiver)
    outgoing = prepare_messages(session, datasets)
    return SubmissionPreview(
        files=tuple((message.name, message.kind, message.format) for message in outgoing.messages),
        refusals=check_demands(agency, outgoing),
        left_out=outgoing.left_out,
        dues=tuple(list_due_dates(agency, datasets)),
    )


def prepare_messages(session: Session, datasets: Sequence[Dataset]) -> Outgoing:
    """Prepare messages for the receiver.

    Uses structure maps, and sends only the office's own structures. Raises `SdmxmigError` for unknown agencies and
    dataset ids.
    """
    agency = session.catalogue.agency(session.workspace.receiver)
    check_formats(agency)
    by_flow: dict[str, tuple[Dataset, ...]] = {}
    for dataset in sorted(datasets, key=lambda dataset: dataset.flow.id):
        by_flow[dataset.flow.id] = (*by_flow.get(dataset.flow.id, ()), dataset)
    translated, untranslated = translate_datasets(agency, by_flow, session)
    own_flows = [flow for flow in by_flow if flow not in translated]
    sets = list_metadata(session, own_flows) if agency.metadata_format else ()
    artefacts = list_structures(session, own_flows, sets) if agency.structure_format else ()
    messages = [
        OutgoingMessage(
            f"data/{name_file(session, agency, format_id, datasets=parts)}",
            DATA,
            format=format_id,
            datasets=translated.get(flow, parts),
            flow=flow,
        )
        for format_id in agency.formats
        for flow, parts in by_flow.items()
    ]
    if artefacts:
        form = find_format(agency.structure_format)
        name = f"structures.{form.id}{form.suffix}"
        messages.append(OutgoingMessage(name, STRUCTURES, format=form.id, artefacts=artefacts))
    if sets:
        form = find_format(agency.metadata_format)
        messages.append(OutgoingMessage(f"metadata.{form.id}{form.suffix}", METADATA, format=form.id, sets=sets))
    return Outgoing(
        tuple(messages),
        session.header(f"{session.workspace.country.area}_SUBMISSION"),
        area=agency.areas.get(session.workspace.country.area, session.workspace.country.area),
        known_agencies=frozenset(session.workspace.known_agencies),
        left_out=tuple(f"{flow}: {each}" for flow, each in untranslated if each.left_out),
        unsaid=tuple(f"{flow}: {each}" for flow, each in untranslated if not each.left_out),
    )


def check_formats(agency: Agency) -> None:
    asked = [*((name, "write_data") for name in agency.formats)]
    asked += [(agency.structure_format, "write_structures"), (agency.metadata_format, "write_metadata")]
    for name, task in asked:
        able = list_formats(task)
        if name and name not in able:
            kind = task.removeprefix("write_")
            raise DeclarationError(
                f"“{name}” is not a format in which {kind} are written.", agency.place, did_you_mean(name, able)
            )


def translate_datasets(
    agency: Agency, by_flow: Mapping[str, Sequence[Dataset]], session: Session
) -> tuple[dict[str, tuple[Dataset, ...]], list[tuple[str, LostCodes]]]:
    maps = [structure_map(session.catalogue, name) for name in agency.maps]
    by_source = {each.source: each for each in maps}
    translated: dict[str, tuple[Dataset, ...]] = {}
    untranslated: list[tuple[str, LostCodes]] = []
    for flow, datasets in by_flow.items():
        dataflow_map = by_source.get(datasets[0].flow.dataflow.ref)
        if dataflow_map is None:
            continue
        pairs = [translate(dataset, dataflow_map, session.catalogue) for dataset in datasets]
        translated[flow] = tuple(dataset for dataset, _ in pairs)
        untranslated += [(flow, each) for _, lost in pairs for each in lost]
    return translated, untranslated


def is_ours(agency: str, session: Session) -> bool:
    return agency in (OWN_AGENCY, session.workspace.sender) or agency.startswith(f"{session.workspace.sender}.")


def list_structures(session: Session, flows: Sequence[str], sets: Sequence[MetadataSet]) -> tuple[Artefact, ...]:
    artefacts = catalogue.list_structures(session.catalogue, flows, sets) if flows else ()
    return tuple(artefact for artefact in artefacts if is_ours(artefact.ref.agency, session))


def list_metadata(session: Session, flows: Sequence[str]) -> tuple[MetadataSet, ...]:
    sets = catalogue.list_metadata_about(session.catalogue, flows) if flows else ()
    return tuple(each for each in sets if each.ref is not None and is_ours(each.ref.agency, session))


def name_file(session: Session, agency: Agency, format_id: str, *, datasets: Sequence[Dataset]) -> str:
    flow, workspace = datasets[0].flow.id, session.workspace
    if "dataset" in list_placeholders(agency.file_name) and flow not in workspace.dataset_ids:
        message = f"The file names of {agency.id} contain its id for {flow}, and this id is missing."
        hint = f'Ask {agency.id} for it, and write it into [receiver.datasets]: {flow} = "…".'
        raise SdmxmigError(message, Place(str(workspace.folder / COUNTRY_FILE)), hint)
    last = find_last_period(datasets)
    fields = {
        "flow": flow,
        "dataset": workspace.dataset_ids.get(flow, ""),
        "area": agency.areas.get(workspace.country.area, workspace.country.area),
        "year": f"{last.year:04}" if last else "0000",
        "period": f"{compute_number_in_year(last) if last else 0:04}",
        "prepared": f"{session.now:%Y%m%d}",
        "suffix": name_data("", format_id).removeprefix("."),
        "extension": find_format(format_id).suffix.removeprefix("."),
    }
    name = fill_message(agency.file_name, fields)
    if not FILE_NAME.fullmatch(name):
        hint = "Write letters, digits, dots, hyphens and underscores."
        raise SdmxmigError(f"“{name}” is not the name of a file.", Place(str(workspace.folder / COUNTRY_FILE)), hint)
    return name


def find_last_period(datasets: Iterable[Dataset]) -> Period | None:
    periods: set[Period] = set()
    for dataset in datasets:
        time = dataset.flow.structure.time
        if time is not None:
            texts = dataset.observations.get_column(time.id).drop_nulls().unique()
            periods.update(filter(None, map(parse, texts)))
    return max(periods, key=lambda period: (shift(period, 1).first_day, period.freq), default=None)


def compute_number_in_year(period: Period) -> int:
    if period.freq == "D":
        return period.first_day.timetuple().tm_yday
    if period.freq == "W":
        return period.first_day.isocalendar().week
    return period.number % PER_YEAR[period.freq] + 1 if period.freq != "A" else 0


def list_due_dates(agency: Agency, datasets: Sequence[Dataset]) -> Iterator[DueDate]:
    for flow in sorted({dataset.flow.id for dataset in datasets}):
        last = find_last_period(dataset for dataset in datasets if dataset.flow.id == flow)
        if last is None:
            continue
        for term in agency.terms:
            if not term.flows or flow.startswith(term.flows):
                yield DueDate(flow, str(last), day=find_months_after(last, term.months), term=term)


def find_months_after(period: Period, months: int) -> dt.date:
    """Return the last day of the month that is some months after a period.

    >>> find_months_after(parse("2024"), 12), find_months_after(parse("2024-02"), 2)
    (datetime.date(2025, 12, 31), datetime.date(2024, 4, 30))
    """
    return shift_months(shift(period, 1).first_day, months) - dt.timedelta(1)


def build_parts(
    session: Session, outgoing: Outgoing, judged: Mapping[str, Mapping[str, bytes]]
) -> Iterator[SubmissionPart]:
    for message in outgoing.messages:
        form = find_format(message.format)
        if message.kind == DATA:
            yield build_part(
                message.name, form.data_media_type, write_data_content(session, message, judged[message.flow])
            )
        elif message.kind == STRUCTURES:
            fitted = fit_own_artefacts(form, message.artefacts, session.header("STRUCTURES"))
            for ref, reason in fitted.left_out:
                session.say(f"! {form.name} cannot hold {ref}: {reason}")
            yield build_part(message.name, form.structure_media_type, fitted.content)
        else:
            content = metadata_bytes(form, message.sets, session.header("METADATA"))
            yield build_part(message.name, form.metadata_media_type, content)


def fit_own_artefacts(form: Format, artefacts: Sequence[Artefact], header: Header) -> FittedMessage:
    """Write artefacts like `fit_artefacts`; messages that differ only in their time are reused."""
    timeless = replace(header, prepared=FIXED_MOMENT)
    inputs = [hash_program(), form.id, hashlib.sha256(pickle.dumps((artefacts, timeless))).hexdigest()]
    make = partial(fit_artefacts, form, artefacts, timeless)
    fitted = load_or_make_from("structures", inputs, make, most=MAX_STRUCTURES_KEPT)
    return replace(fitted, content=fitted.content.replace(FIXED_MOMENT.encode(), header.prepared.encode(), 1))


def set_dataset_id(datasets: Sequence[Dataset], dataset_id: str) -> Sequence[Dataset]:
    properties = {"setID": dataset_id}
    if not dataset_id:
        return datasets
    return [replace(dataset, properties={**dataset.properties, **properties}) for dataset in datasets]


def write_data_content(session: Session, message: OutgoingMessage, judged: Mapping[str, bytes]) -> bytes:
    name = name_data(message.flow, message.format)
    is_ours = all(dataset.flow.id == message.flow for dataset in message.datasets)
    if is_ours and message.format in WRITTEN_FORMATS:
        return judged[name]
    form = FORMATS[message.format]
    header = session.header(f"{session.workspace.country.area}_{message.flow}")
    dataset_id = session.workspace.dataset_ids.get(message.flow, "")
    buffer = io.BytesIO()
    datasets = set_dataset_id(message.datasets, dataset_id) if form.id in FORMATS_NAMING_FLOWS else message.datasets
    write_valid_data(form, datasets, header, buffer, layout=DEFAULT_LAYOUT)
    content = buffer.getvalue()
    flows = {dataset.flow.id: dataset.flow for dataset in message.datasets}
    read = read_all(form, message.name, content, flows) if form.read_data else message.datasets
    differs = find_disagreement((message.name, read), ("the data that were validated", message.datasets))
    if differs:
        raise OutputError(f"{form.name} differs from the validated data: {differs}.", Place(message.name))
    return content
