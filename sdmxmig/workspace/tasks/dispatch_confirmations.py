"""Dispatches that need confirmation (withdrawn or older data), and copies of accepted submissions."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from sdmxmig.io.intake.files import MIB
from sdmxmig.io.publishing.folders import make_folder
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.text import quote_path
from sdmxmig.sdmx.model.delivery import ACCEPTED as IS_ACCEPTED
from sdmxmig.sdmx.model.delivery import WITHDRAWN, Dispatch
from sdmxmig.transmission.delivery.ledger import list_dispatches
from sdmxmig.transmission.delivery.queue import END_STATES
from sdmxmig.transmission.delivery.spool import read_pieces
from sdmxmig.transmission.sealing import MANIFEST
from sdmxmig.workspace.folder import ACCEPTED
from sdmxmig.workspace.tasks.delivery_setup import find_spool, open_queue
from sdmxmig.workspace.tasks.history import Step, record_changes
from sdmxmig.workspace.tasks.revising import AcceptedComparison
from sdmxmig.workspace.tasks.sealed_submissions import SealedSubmission
from sdmxmig.workspace.tasks.session import Session
from sdmxmig.workspace.tasks.verifying import find_folder, open_archive, refuse_differences, verify_archive
from sdmxmig.workspace.tasks.vintages import parse_moment


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownData:
    """Other data that a receiver has or will have: name and time of preparation."""

    name: str
    prepared: str
    is_accepted: bool


def list_accepted(comparison: AcceptedComparison) -> tuple[KnownData, ...]:
    return tuple(
        KnownData(name=vintage.name, prepared=vintage.prepared, is_accepted=True)
        for vintage in comparison.accepted
        if not vintage.datasets.keys().isdisjoint(comparison.after)
    )


def find_newest_other(
    submission: SealedSubmission, accepted: Iterable[KnownData], sent: Sequence[Dispatch], action: str
) -> KnownData | None:
    """Find newer accepted or queued data, ignoring rejected, withdrawn and undated data; None if no data are newer."""
    promised = [each.parcel for each in sent if each.state not in END_STATES]
    last = promised[-1] if promised else None
    if last is not None and submission.id in (last.submission, last.revises) and action in ("", last.action):
        return None
    names = [KnownData(name=each.submission, prepared=each.prepared, is_accepted=False) for each in promised]
    own = parse_moment(submission.prepared)
    return max(
        (each for each in (*names, *accepted) if parse_moment(each.prepared) > own),
        key=lambda each: (parse_moment(each.prepared), each.is_accepted),
        default=None,
    )


def describe_newer_data(submission: SealedSubmission, newer: KnownData) -> str:
    own, other = parse_moment(submission.prepared), parse_moment(newer.prepared)
    about = (submission.id, f"{own:%Y-%m-%d %H:%M}", newer.name, f"{other:%Y-%m-%d %H:%M}", submission.receiver)
    if newer.is_accepted:
        return "{} of {} is older than {} of {}, which {} has accepted.".format(*about)
    return "{} of {} is older than {} of {}, which is queued for {}.".format(*about)


def check_not_older(submission: SealedSubmission, newer: KnownData | None, *, is_meant: bool) -> None:
    if newer is not None and not is_meant:
        hint = "Check the changes with --dry-run. If you mean the older data, add --older."
        raise SdmxmigError(describe_newer_data(submission, newer), hint=hint)


def list_withdrawn(submission: SealedSubmission, sent: Iterable[Dispatch]) -> list[Dispatch]:
    last = {each.parcel.flow: each for each in sent if submission.id in (each.parcel.submission, each.parcel.revises)}
    return [each for each in last.values() if each.state == WITHDRAWN]


def describe_withdrawal(withdrawn: Dispatch) -> str:
    return f"{withdrawn.parcel.name} was withdrawn on {withdrawn.since:%Y-%m-%d}: {withdrawn.reason}"


def check_not_withdrawn(submission: SealedSubmission, sent: Iterable[Dispatch], *, is_meant: bool) -> None:
    for withdrawn in list_withdrawn(submission, sent):
        if not is_meant:
            hint = "To send it anyway, add --again. To send another submission, add --submission ID."
            raise SdmxmigError(describe_withdrawal(withdrawn), Place(submission.id), hint)


MAX_MEMORY_BYTES = 8 * MIB
ACCEPT_STEP = "accept"


def keep_accepted(session: Session) -> tuple[str, ...]:
    """Copy accepted submissions to ``accepted/`` exactly as sent; raise `SdmxmigError` if one has changed."""
    with open_queue(session) as ledger:
        here = list_dispatches(ledger, "WHERE area = ?", (session.workspace.country.area,))
    folder = session.workspace.folder / ACCEPTED
    accepted = index_accepted_archives(here)
    archives = {id_: sha256 for id_, sha256 in accepted.items() if not (folder / id_ / MANIFEST).exists()}
    if not archives:
        return ()
    command = f"sdmxmig status {quote_path(session.workspace.folder)}"
    with record_changes(session.workspace.folder, Step(what=ACCEPT_STEP, command=command, at=session.prepared)):
        for id_, sha256 in archives.items():
            make_folder(folder / id_, read_archive_files(find_spool(session), sha256, id_), "the argument WORKSPACE")
            session.stage("kept", f"{id_} in {ACCEPTED}/, as it was accepted")
    return tuple(archives)


def index_accepted_archives(all_dispatches: Iterable[Dispatch]) -> Mapping[str, str]:
    last: dict[str, dict[str, Dispatch]] = {}
    for dispatch in all_dispatches:
        last.setdefault(dispatch.parcel.submission, {})[dispatch.parcel.flow] = dispatch
    return {
        id_: next(iter(by_flow.values())).parcel.archive
        for id_, by_flow in last.items()
        if all(dispatch.state == IS_ACCEPTED for dispatch in by_flow.values())
        and any(dispatch.parcel.has_data for dispatch in by_flow.values())
    }


def read_archive_files(spool: Path, sha256: str, id_: str) -> dict[str, bytes]:
    with tempfile.SpooledTemporaryFile(MAX_MEMORY_BYTES) as spooled:
        file = cast("BinaryIO", spooled)
        file.writelines(read_pieces(spool, sha256))
        path = Path(f"{id_}.zip")
        hint = "Copy the sent data into accepted/ yourself, from your own copy."
        refuse_differences(verify_archive(path, file, id_, None), Place(id_), hint)
        archive = open_archive(path, file)
        folder = find_folder(archive)
        return {
            name.removeprefix(folder): b"".join(archive.chunks(name))
            for name in archive.members
            if not name.endswith("/")
        }
