"""Manual transport: files prepared for a person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath
from typing import BinaryIO

from sdmxmig.io.publishing.files import pack, staged
from sdmxmig.primitives.errors import SdmxmigError, check_known
from sdmxmig.sdmx.model.delivery import READY, WAITING, Channel, Dispatch, Outcome
from sdmxmig.sdmx.model.submission import DATA, METADATA, STRUCTURES
from sdmxmig.transmission.transports import TRANSPORTS, Settings
from sdmxmig.transmission.transports.folder import SEAL, hash_of

FOLDER = "uploads"
PACKED, AS_IT_IS = "zip", "none"
SHOWN = 300


@TRANSPORTS.add("upload")
def channel(settings: Settings) -> Channel:
    """Prepare each message for manual upload with its hash.

    `address` is the destination; ``pack = "zip"`` archives each file.
    """
    folder = settings.base / FOLDER
    packing = settings.more.get("pack", AS_IT_IS)
    check_known("way to pack a file", packing, (PACKED, AS_IT_IS))

    def send(dispatch: Dispatch, pieces: Iterator[bytes]) -> Outcome:
        path = place_of(folder, dispatch, packing)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with staged(path, FOLDER) as file:
                write(file, dispatch, pieces, packing)
            with staged(path.with_name(f"{path.name}{SEAL}"), FOLDER) as file:
                file.write(f"{hash_of(path)}  {path.name}\n".encode())
        except (SdmxmigError, OSError) as error:
            return Outcome(state=READY, reason=str(error))
        return Outcome(state=WAITING, reason=words_for(dispatch, path.relative_to(settings.base), settings.address))

    def ask(dispatch: Dispatch) -> Outcome:
        path = place_of(folder, dispatch, packing)
        if not path.with_name(f"{path.name}{SEAL}").is_file():
            return Outcome(state=READY, reason=f"{path.name} is not there.")
        return Outcome(state=WAITING, reason=words_for(dispatch, path.relative_to(settings.base), settings.address))

    return Channel(send=send, ask=ask, takes=(STRUCTURES, DATA, METADATA))


def words_for(dispatch: Dispatch, path: Path, address: str) -> str:
    where = "".join(letter for letter in address[:SHOWN] if letter.isprintable())
    return (
        f"Bring {path.as_posix()} to {where}, then record it: sdmxmig status --settle {dispatch.id[:12]} --as received."
    )


def place_of(folder: Path, dispatch: Dispatch, packing: str) -> Path:
    name = dispatch.parcel.name
    if PurePath(name).name != name or "\\" in name or not name.isprintable() or name in ("", ".", ".."):
        raise SdmxmigError(f"“{name}” is not a file name.")
    return folder / dispatch.id[:12] / (f"{PurePath(name).stem}.{PACKED}" if packing == PACKED else name)


def write(file: BinaryIO, dispatch: Dispatch, pieces: Iterable[bytes], packing: str) -> None:
    if packing == PACKED:
        pack([(dispatch.parcel.name, pieces)], file)
        return
    for piece in pieces:
        file.write(piece)
