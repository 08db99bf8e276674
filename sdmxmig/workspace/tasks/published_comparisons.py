"""Comparisons of published data with sent data, which are saved."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypedDict

import msgspec

from sdmxmig.conversion.translation import translate
from sdmxmig.io.intake.files import read_bytes
from sdmxmig.io.intake.incoming import read_message
from sdmxmig.io.publishing.files import publish_file
from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.text import quote_path
from sdmxmig.quality.confidential import MASK, collect_confidential_keys
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.maps import StructureMap
from sdmxmig.transmission.retrieval.addresses import DataQuery
from sdmxmig.transmission.retrieval.fetching import Fetched
from sdmxmig.transmission.retrieval.round_trip import DIFFERENCE_KINDS, RoundTrip, round_trip
from sdmxmig.workspace.folder import DELIVERIES, check_inside
from sdmxmig.workspace.tasks.getting import FetchOptions, get, read_fetched_datasets
from sdmxmig.workspace.tasks.messages import read_message_datasets
from sdmxmig.workspace.tasks.sealed_submissions import find_submission, list_submissions
from sdmxmig.workspace.tasks.session import Session
from sdmxmig.workspace.tasks.verifying import refuse_differences, verify
from sdmxmig.workspace.tasks.vintages import DATA, read_vintages

MAX_AREAS = 20
"""Maximum number of areas requested by name; beyond it all are requested."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentData:
    """Sent datasets in the receiver's codes; `unsaid` lists content that these cannot express."""

    name: str
    datasets: tuple[Dataset, ...]
    before: tuple[Dataset, ...] = ()
    unsaid: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedComparison:
    fetched: Fetched
    sent: SentData
    round_trip: RoundTrip


def fetch_back(session: Session, query: DataQuery, how: FetchOptions, *, sent: Path | None) -> PublishedComparison:
    """Fetch published data and compare them with the sent data.

    Compares with `sent`, else accepted releases, else the newest sealed submission. Raises `SdmxmigError` if none has
    the dataflow.
    """
    release = find_sent(session, query, sent)
    narrowed = query if any(query.key) else replace(query, key=list_keys(release.datasets))
    fetched = get(narrowed, how, workspace=session.workspace.folder, listener=session.listener)
    there = read_fetched_datasets(fetched, narrowed, session, how)
    earlier = list_datasets_before(session, fetched)
    flow = release.datasets[0].flow.dataflow.ref
    of_flow = [[each for each in datasets if is_queried_flow(each, query)] for datasets in (there, earlier)]
    if there and not of_flow[0]:
        names = ", ".join(dict.fromkeys(each.flow.dataflow.ref.short for each in there))
        raise SdmxmigError(f"The answer has data of {names}, not of {flow.short}.", Place(fetched.asked.address))
    compared = round_trip(release.datasets, of_flow[0], narrowed, earlier=of_flow[1], sent_before=release.before)
    return PublishedComparison(fetched=fetched, sent=release, round_trip=compared)


def list_datasets_before(session: Session, fetched: Fetched) -> Sequence[Dataset]:
    if fetched.earlier is None:
        return ()
    try:
        _, content = read_message(fetched.earlier)
        return read_message_datasets(fetched.name, content, session.catalogue.flows)
    except SdmxmigError as error:
        session.say(f"! What was published before cannot be read: {error.message}")
        return ()


def list_keys(datasets: Sequence[Dataset]) -> tuple[tuple[str, ...], ...]:
    structure = datasets[0].flow.structure
    area = structure.area
    if area not in structure.series_key:
        return ()
    columns = (each.observations.get_column(area) for each in datasets if area in each.observations.columns)
    areas = sorted({str(code) for column in columns for code in column.drop_nulls().unique()})
    if not 0 < len(areas) <= MAX_AREAS:
        return ()
    return tuple(tuple(areas) if name == area else () for name in structure.series_key)


def find_sent(session: Session, query: DataQuery, path: Path | None) -> SentData:
    for releases in list_histories(session, path):
        worded = [(name, *translate_datasets(session, datasets, query)) for name, datasets in releases]
        worded = [each for each in worded if each[1]]
        if worded:
            name, datasets, unsaid = worded[-1]
            before = [dataset for _, earlier, _ in worded[:-1] for dataset in earlier]
            return SentData(name=name, datasets=tuple(datasets), before=tuple(before), unsaid=tuple(unsaid))
    name = f"{query.agency}:{query.flow}"
    hint = "Copy the accepted data into accepted/, seal a submission, or name the sent data with --sent."
    raise SdmxmigError(f"No data of {name} were sent.", Place(str(path or session.workspace.folder)), hint)


def list_histories(session: Session, path: Path | None) -> Iterator[list[tuple[str, Sequence[Dataset]]]]:
    flows = session.catalogue.flows
    if path is not None:
        datasets = [dataset for part in read_contents(path) for dataset in read_message_datasets(*part, flows)]
        yield [(path.name, datasets)]
        return
    accepted, altered = read_vintages(session.workspace.accepted, flows, session.catalogue.rules, are_kept=True)
    for finding in altered.items:
        hint = "Copy the sent data into accepted/ again, from your own copy."
        raise SdmxmigError("The accepted files differ from the sealed submission.", finding.place, hint)
    yield [(vintage.name, tuple(vintage.datasets.values())) for vintage in accepted]
    for submission in list_submissions(session):
        parts = read_contents(submission.folder)
        yield [(submission.id, [dataset for part in parts for dataset in read_message_datasets(*part, flows)])]


def read_contents(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the data messages of a release: a file, or the messages of a submission in its first format."""
    if path.is_file():
        yield str(path), read_message(path)[1]
        return
    refuse_differences(verify(path), Place(str(path)), f"For details, run: sdmxmig verify {quote_path(path)}")
    parts = [part for part in find_submission(path, "").parts if part.name.startswith(DATA)]
    for part in parts:
        if part.media_type == parts[0].media_type:
            yield str(path / part.name), read_message(path / part.name)[1]


def translate_datasets(
    session: Session, datasets: Sequence[Dataset], query: DataQuery
) -> tuple[list[Dataset], list[str]]:
    worded = [dataset for dataset in datasets if is_queried_flow(dataset, query)]
    if worded:
        return worded, []
    target = (query.agency, query.flow)
    maps = [each for each in session.catalogue.artefacts.values() if isinstance(each, StructureMap)]
    by_source = {each.source: each for each in maps if (each.target.agency, each.target.id) == target}
    unsaid: list[str] = []
    for dataset in datasets:
        dataflow_map = by_source.get(dataset.flow.dataflow.ref)
        if dataflow_map is not None:
            translated, lost = translate(dataset, dataflow_map, session.catalogue)
            worded.append(translated)
            unsaid += map(str, lost)
    return worded, unsaid


def is_queried_flow(dataset: Dataset, query: DataQuery) -> bool:
    ref = dataset.flow.dataflow.ref
    return (ref.agency, ref.id) == (query.agency, query.flow) and query.version in ("", ref.version)


RESULTS_FOLDER = "fetched-back"
"""The folder among the deliveries with one file for each dataflow of an agency."""
UNSAFE_CHARACTERS = re.compile(r"[^A-Za-z0-9_.@-]")
MAX_ROWS = 50
"""Maximum number of differences kept; the command lists all."""
MAX_CELLS = 1_000_000
"""Maximum size of a kept comparison in bytes."""


class ComparedValue(TypedDict):
    kind: str
    key: str
    component: str
    sent: str
    there: str


class KeptComparison(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A saved comparison with published data, without confidential figures."""

    agency: str
    dataflow: str
    release: str
    address: str
    fetched: str
    compared: str
    sent: int
    there: int
    the_same: int
    counts: dict[str, int]
    rows: list[ComparedValue]

    @property
    def is_equal(self) -> bool:
        return not any(self.counts.values())


def keep_comparison(session: Session, query: DataQuery, back: PublishedComparison) -> Path:
    result = back.round_trip
    kept = KeptComparison(
        agency=query.agency,
        dataflow=query.flow,
        release=back.sent.name,
        address=back.fetched.kept.address,
        fetched=back.fetched.kept.fetched,
        compared=session.prepared,
        sent=result.sent,
        there=result.there,
        the_same=result.equal,
        counts=result.counts,
        rows=list(select_first_rows(result, back.sent.datasets)),
    )
    name = UNSAFE_CHARACTERS.sub("_", f"{query.agency}_{query.flow}")
    folder = session.workspace.folder / DELIVERIES / RESULTS_FOLDER
    check_inside(session.workspace.folder, folder)
    path = folder / f"{name}.json"
    content = json.dumps(msgspec.to_builtins(kept), ensure_ascii=False, indent=1).encode()
    return publish_file(path, content, "the argument WORKSPACE")


def select_first_rows(result: RoundTrip, datasets: tuple[Dataset, ...]) -> Iterator[ComparedValue]:
    kept_back = collect_confidential_keys(datasets)
    for kind, *key, component, sent, there in result.differences.head(MAX_ROWS).iter_rows():
        is_hidden = tuple(key) in kept_back
        yield {
            "kind": kind,
            "key": ".".join(key) if any(key) else "",
            "component": component,
            "sent": MASK if is_hidden and sent else sent,
            "there": MASK if is_hidden and there else there,
        }


def read_comparisons(workspace: Path) -> tuple[KeptComparison, ...]:
    folder = workspace / DELIVERIES / RESULTS_FOLDER
    check_inside(workspace, folder)
    paths = sorted(folder.glob("*.json")) if folder.is_dir() else []
    return tuple(kept for path in paths if (kept := read_kept(path)) is not None)


def read_kept(path: Path) -> KeptComparison | None:
    """Read a saved comparison; None for other content."""
    try:
        kept = msgspec.json.decode(read_bytes(path, limit=MAX_CELLS), type=KeptComparison)
    except (InputError, ValueError, RecursionError):
        return None
    is_known = {*kept.counts, *(row["kind"] for row in kept.rows)} <= {*DIFFERENCE_KINDS}
    return kept if is_known and len(kept.rows) <= MAX_ROWS else None
