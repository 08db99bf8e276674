"""Accepted submissions, kept for comparison with later data."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from sdmxmig.io.intake.files import MIB
from sdmxmig.io.publishing.folders import make_folder
from sdmxmig.primitives.errors import OutputError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.delivery import ACCEPTED as IS_ACCEPTED
from sdmxmig.sdmx.model.delivery import Dispatch
from sdmxmig.transmission.delivery.ledger import dispatches
from sdmxmig.transmission.delivery.spool import pieces_of
from sdmxmig.transmission.sealing.submission import MANIFEST
from sdmxmig.workspace.folder import ACCEPTED
from sdmxmig.workspace.tasks.history import Intent, recorded
from sdmxmig.workspace.tasks.reaching import queue_of, spool_of
from sdmxmig.workspace.tasks.talk import quoted
from sdmxmig.workspace.tasks.verifying import folder_in, opened, verify_archive

if TYPE_CHECKING:
    from sdmxmig.workspace.tasks.session import Session

IN_MEMORY = 8 * MIB
KEPT = "accept"


def keep_accepted(session: Session) -> tuple[str, ...]:
    """Copy accepted submissions to ``accepted/`` exactly as sent.

    Atomic and repeatable; existing folders stay. Raises `OutputError` if it cannot be written or has changed.
    """
    with queue_of(session) as ledger:
        here = dispatches(ledger, "WHERE area = ?", (session.workspace.country.area,))
    folder = session.workspace.folder / ACCEPTED
    accepted = accepted_archives(here)
    archives = {id_: sha256 for id_, sha256 in accepted.items() if not (folder / id_ / MANIFEST).exists()}
    if not archives:
        return ()
    command = f"sdmxmig status {quoted(session.workspace.folder)}"
    with recorded(session.workspace.folder, Intent(what=KEPT, command=command, at=session.prepared)):
        for id_, sha256 in archives.items():
            make_folder(folder / id_, files_of(spool_of(session), sha256, id_), "the argument WORKSPACE")
            session.stage("kept", f"{id_} in {ACCEPTED}/, as it was accepted")
    return tuple(archives)


def accepted_archives(all_dispatches: Iterable[Dispatch]) -> Mapping[str, str]:
    """The submissions of which every file was accepted, with the SHA-256 of their archives."""
    last: dict[str, dict[str, Dispatch]] = {}
    for dispatch in all_dispatches:
        last.setdefault(dispatch.parcel.submission, {})[dispatch.parcel.flow] = dispatch
    return {
        id_: next(iter(by_flow.values())).parcel.archive
        for id_, by_flow in last.items()
        if all(dispatch.state == IS_ACCEPTED for dispatch in by_flow.values())
        and any(dispatch.parcel.has_data for dispatch in by_flow.values())
    }


def files_of(spool: Path, sha256: str, id_: str) -> dict[str, bytes]:
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as spooled:
        file = cast("BinaryIO", spooled)
        file.writelines(pieces_of(spool, sha256))
        path = Path(f"{id_}.zip")
        verification = verify_archive(path, file, id_, None)
        if not verification.ok:
            hint = "Put what was sent into accepted/ yourself, from your own copy."
            raise OutputError(f"It is not what was sealed: {verification.differences[0]}", Place(id_), hint)
        archive = opened(path, file)
        folder = folder_in(archive)
        return {
            name.removeprefix(folder): b"".join(archive.chunks(name))
            for name in archive.members
            if not name.endswith("/")
        }
