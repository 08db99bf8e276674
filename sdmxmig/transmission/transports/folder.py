"""Folder transport."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path, PurePath

from sdmxmig.io.publishing.files import staged
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.model.delivery import READY, RECEIVED, UNCERTAIN, Channel, Dispatch, Outcome
from sdmxmig.transmission.transports import TRANSPORTS, Settings

MOST = 100_000
"""So many files of a folder are listed at most."""
SEAL = ".sha256"


@TRANSPORTS.add("folder")
def channel(settings: Settings) -> Channel:
    """Write files to a folder, never replacing any.

    The hash file is written last.
    """
    folder = settings.base / settings.address

    def send(dispatch: Dispatch, pieces: Iterator[bytes]) -> Outcome:
        path, seal = places(folder, dispatch)
        if not is_ready(folder, settings.base):
            return Outcome(state=READY, reason=f"There is no folder {folder}.", pauses=True)
        if path.exists():
            return ask(dispatch)
        try:
            with staged(path, "the address of the receiver") as file:
                for piece in pieces:
                    file.write(piece)
            with staged(seal, "the address of the receiver") as file:
                file.write(line_of(dispatch).encode())
        except SdmxmigError as error:
            return Outcome(state=READY, reason=str(error))
        return Outcome(state=RECEIVED, answer=line_of(dispatch).encode())

    def ask(dispatch: Dispatch) -> Outcome:
        path, seal = places(folder, dispatch)
        if not path.is_file():
            return Outcome(state=READY, reason=f"{path.name} is not there.")
        if hash_of(path) != dispatch.parcel.content:
            reason = f"Another file of the name {path.name} lies there; move it away, or name this one otherwise."
            return Outcome(state=UNCERTAIN, reason=reason)
        if not seal.is_file():
            with staged(seal, "the address of the receiver") as file:
                file.write(line_of(dispatch).encode())
        return Outcome(state=RECEIVED, answer=line_of(dispatch).encode())

    return Channel(send=send, ask=ask, listing=lambda: names_in(folder))


def names_in(folder: Path) -> Iterator[str]:
    if not folder.is_dir():
        raise SdmxmigError(f"There is no folder {folder}.", hint="Is its disk connected?")
    for path in islice(folder.iterdir(), MOST):
        if path.is_file() and path.name[0] != "." and not path.name.endswith(SEAL):
            yield path.name


def is_ready(folder: Path, base: Path) -> bool:
    if folder.parent == base:
        folder.mkdir(exist_ok=True)
    return folder.is_dir()


def places(folder: Path, dispatch: Dispatch) -> tuple[Path, Path]:
    name = dispatch.parcel.name
    if PurePath(name).name != name or "\\" in name or name in ("", ".", ".."):
        raise SdmxmigError(f"“{name}” is not a file name.")
    return folder / name, folder / f"{name}{SEAL}"


def line_of(dispatch: Dispatch) -> str:
    return f"{dispatch.parcel.content}  {dispatch.parcel.name}\n"


def hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
