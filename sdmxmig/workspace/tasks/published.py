"""Published content of a workspace: structures, sealed public data, metadata."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from sdmxmig.io.intake.incoming import open_message
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.quality.confidential import STATUS
from sdmxmig.sdmx.formats import FORMATS
from sdmxmig.sdmx.formats.detection import detect
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.submission import Party
from sdmxmig.transmission.pull.holdings import EPOCH, ArtefactCollection, Holdings, Release, Snapshot
from sdmxmig.transmission.pull.storage import StoredData, store
from sdmxmig.workspace.results import NEWEST, SUBMISSION
from sdmxmig.workspace.tasks.data_folder import hash_declarations
from sdmxmig.workspace.tasks.sealed_submissions import (
    METADATA_FILE,
    STRUCTURES_FILE,
    SealedSubmission,
    find_kept,
    list_submissions,
    read_references,
    read_sealed_messages,
)
from sdmxmig.workspace.tasks.session import Session
from sdmxmig.workspace.tasks.verifying import read_content, verify
from sdmxmig.workspace.tasks.vintages import parse_moment, select_data_parts

FLOW_URN_PART = ".Dataflow="


def collect_holdings(session: Session, folder: Path, *, with_confidential: bool = False) -> Holdings:
    """Collect content to publish in `folder`, without altered submissions or, by default, confidential data."""
    catalogue, workspace = session.catalogue, session.workspace
    releases: dict[Ref, list[Release]] = {}
    notes, snapshots = [], []
    for number, submission in enumerate(sort_oldest_first(list_submissions(session))):
        verdict = verify(submission.folder)
        if not verdict.ok:
            notes.append(f"{submission.id} is not served: it changed after sealing ({verdict.differences[0]}).")
            continue
        snapshots += read_snapshot(session.out, submission)
        if not with_confidential and has_lost_status(submission):
            notes.append(f"{submission.id} is not served: the codes of its receiver do not mark confidential figures.")
            continue
        try:
            flows = read_sealed_flows(session, submission)
            stored = store_data(submission, flows, folder, f"{number}", with_confidential=with_confidential)
        except SdmxmigError as error:
            notes.append(f"{submission.id} is not served: {error}")
            continue
        for data in stored:
            release = Release(id=submission.id, prepared=find_moment(submission), data=data)
            releases.setdefault(data.flow.dataflow.ref, []).append(release)
        if withheld := sum(data.withheld for data in stored):
            notes.append(f"{withheld:,} confidential observations of {submission.id} are not served.")
    moments = [release.prepared for of_flow in releases.values() for release in of_flow]
    sealed = [(release.id, flow.short) for flow, of_flow in releases.items() for release in of_flow]
    described = repr((hash_declarations(session), sealed, [each.prepared for each in snapshots], with_confidential))
    return Holdings(
        collection=ArtefactCollection(catalogue.artefacts),
        releases={flow: tuple(of_flow) for flow, of_flow in releases.items()},
        metadata=tuple(catalogue.metadata.values()),
        sender=Party(workspace.sender, workspace.country.office),
        is_test=workspace.test,
        edition=hashlib.sha256(described.encode()).hexdigest(),
        changed=max(moments, default=EPOCH),
        notes=tuple(notes),
        snapshots=tuple(snapshots),
    )


def read_snapshot(out: Path, submission: SealedSubmission) -> list[Snapshot]:
    folder = find_kept(out, submission)
    structures, metadata = read_sealed_messages(submission)
    if folder is not None:
        structures, metadata = folder / STRUCTURES_FILE, folder / METADATA_FILE
    if structures is None:
        return []
    named = frozenset(urn for urn in submission.manifest.particulars.structures if FLOW_URN_PART in urn)
    read = partial(read_references, structures, metadata if metadata and metadata.is_file() else None)
    return [Snapshot(prepared=find_moment(submission), flows=named, read=read)]


def read_sealed_flows(session: Session, submission: SealedSubmission) -> Mapping[str, Flow]:
    folder = find_kept(session.out, submission)
    if folder is None or dict(submission.manifest.versions).get("declarations") == hash_declarations(session):
        return session.catalogue.flows
    artefacts, _ = read_references(folder / STRUCTURES_FILE, None)
    return session.catalogue.add_artefacts(artefacts).flows


def sort_oldest_first(submissions: Iterable[SealedSubmission]) -> list[SealedSubmission]:
    return sorted(submissions, key=lambda submission: (find_moment(submission), submission.id))


def find_moment(submission: SealedSubmission) -> datetime:
    return max(parse_moment(submission.prepared).astimezone(UTC), EPOCH)


def has_lost_status(submission: SealedSubmission) -> bool:
    return any(STATUS in sentence for sentence in submission.manifest.particulars.unsaid)


def store_data(
    submission: SealedSubmission, flows: Mapping[str, Flow], folder: Path, name: str, *, with_confidential: bool
) -> list[StoredData]:
    stored = []
    for number, part in enumerate(select_data_parts(submission.parts)):
        path = submission.folder / part.name
        with open_message(path) as (file, message):
            detected = detect(file, message)
        reader = FORMATS[detected.format].read_data if detected.format in FORMATS else None
        if reader is None:
            continue
        with open_message(path) as (file, message):
            data = store(
                check_single_flow(reader(file, message, flows)),
                folder,
                f"{name}-{number}",
                with_confidential=with_confidential,
            )
        stored += [data] if data else []
    return stored


def check_single_flow(blocks: Iterable[Dataset]) -> Iterator[Dataset]:
    first: Ref | None = None
    for block in blocks:
        ref = block.flow.dataflow.ref
        first = first or ref
        if ref != first:
            raise SdmxmigError(f"A sealed message has data of {first.short} and of {ref.short}.")
        yield block


def read_release_token(session: Session) -> str:
    folder = session.out / SUBMISSION
    names = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    newest = read_content(folder / NEWEST).decode(errors="replace")
    return "\n".join([*names, newest])
