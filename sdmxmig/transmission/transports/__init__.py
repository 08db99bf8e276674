"""Transports, one per module; this one writes to a folder. A transport takes `Settings` and returns a `Channel`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path, PurePath
from typing import BinaryIO

from sdmxmig.io.intake.files import hash_file
from sdmxmig.io.network import Secret
from sdmxmig.io.publishing.files import pack, stage_file
from sdmxmig.primitives.errors import SdmxmigError, check_known
from sdmxmig.primitives.plugins import Kind
from sdmxmig.sdmx.model.delivery import READY, RECEIVED, UNCERTAIN, WAITING, Channel, Dispatch, Outcome, RetryPolicy
from sdmxmig.sdmx.model.submission import DATA, METADATA, STRUCTURES


@dataclass(slots=True)
class StoredToken:
    token: Secret | None = None
    until: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Transport settings.

    `secrets` returns a secret by name and address, `kept` bytes by SHA-256. `private` permits local networks; `seconds`
    is a monotonic clock.
    """

    address: str
    credential: str = ""
    secrets: Callable[[str, str], Secret]
    private: bool = False
    base: Path
    authorities: Path | None = None
    habits: RetryPolicy = field(default_factory=RetryPolicy)
    more: Mapping[str, str] = field(default_factory=dict)
    kept: Callable[[str], Iterator[bytes]] = lambda _: iter(())
    seconds: Callable[[], float] = time.monotonic
    memory: StoredToken = field(default_factory=StoredToken)


TRANSPORTS: Kind[Callable[[Settings], Channel]] = Kind("sdmxmig.transmission.transports")


MAX_SHOWN_LENGTH = 300


def truncate_printable(text: str) -> str:
    return "".join(letter for letter in text[:MAX_SHOWN_LENGTH] if letter.isprintable())


def name_file(dispatch: Dispatch) -> str:
    name = dispatch.parcel.name
    if name in ("", ".", "..") or {"/", "\\"} & {*name} or not name.isprintable():
        raise SdmxmigError(f"“{name}” is not a file name.")
    return name


def write_seal(name: str, sha256: str) -> bytes:
    return f"{sha256}  {name}\n".encode()


MAX_FILES = 100_000
SEAL_SUFFIX = ".sha256"
FOLDER_HINT = "Create it or connect its disk, or change the address in Settings or country.toml."


@TRANSPORTS.add("folder")
def build_channel(settings: Settings) -> Channel:
    """Write files to a folder without replacing any; the hash file is written last."""
    folder = settings.base / settings.address

    def send(dispatch: Dispatch, pieces: Iterator[bytes]) -> Outcome:
        path, seal = find_places(folder, dispatch)
        if not is_ready(folder, settings.base):
            return Outcome(state=READY, reason=f"There is no folder {folder}. {FOLDER_HINT}", pauses=True)
        if path.exists():
            return ask(dispatch)
        try:
            with stage_file(path, "the address of the receiver") as file:
                for piece in pieces:
                    file.write(piece)
            with stage_file(seal, "the address of the receiver") as file:
                file.write(write_seal(dispatch.parcel.name, dispatch.parcel.content))
        except SdmxmigError as error:
            return Outcome(state=READY, reason=str(error))
        return Outcome(state=RECEIVED, answer=write_seal(dispatch.parcel.name, dispatch.parcel.content))

    def ask(dispatch: Dispatch) -> Outcome:
        path, seal = find_places(folder, dispatch)
        if not path.is_file():
            return Outcome(state=READY, reason=f"{path.name} is not there.")
        if hash_file(path) != dispatch.parcel.content:
            reason = f"Another file named {path.name} is already there. Move it away, or rename this one."
            return Outcome(state=UNCERTAIN, reason=reason)
        if not seal.is_file():
            with stage_file(seal, "the address of the receiver") as file:
                file.write(write_seal(dispatch.parcel.name, dispatch.parcel.content))
        return Outcome(state=RECEIVED, answer=write_seal(dispatch.parcel.name, dispatch.parcel.content))

    return Channel(send=send, ask=ask, listing=lambda: list_names(folder))


def list_names(folder: Path) -> Iterator[str]:
    if not folder.is_dir():
        raise SdmxmigError(f"There is no folder {folder}.", hint=FOLDER_HINT)
    for path in islice(folder.iterdir(), MAX_FILES):
        if path.is_file() and path.name[0] != "." and not path.name.endswith(SEAL_SUFFIX):
            yield path.name


def is_ready(folder: Path, base: Path) -> bool:
    if folder.parent == base:
        folder.mkdir(exist_ok=True)
    return folder.is_dir()


def find_places(folder: Path, dispatch: Dispatch) -> tuple[Path, Path]:
    name = name_file(dispatch)
    return folder / name, folder / f"{name}{SEAL_SUFFIX}"


UPLOADS_FOLDER = "uploads"
PACKED, AS_IT_IS = "zip", "none"


@TRANSPORTS.add("upload")
def upload_channel(settings: Settings) -> Channel:
    """Prepare each message for manual upload with its hash; ``pack = "zip"`` archives each file."""
    folder = settings.base / UPLOADS_FOLDER
    packing = settings.more.get("pack", AS_IT_IS)
    check_known("way to pack a file", packing, (PACKED, AS_IT_IS))

    def send(dispatch: Dispatch, pieces: Iterator[bytes]) -> Outcome:
        path = build_path(folder, dispatch, packing)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with stage_file(path, UPLOADS_FOLDER) as file:
                write(file, dispatch, pieces, packing)
            with stage_file(path.with_name(f"{path.name}{SEAL_SUFFIX}"), UPLOADS_FOLDER) as file:
                file.write(write_seal(path.name, hash_file(path)))
        except (SdmxmigError, OSError) as error:
            return Outcome(state=READY, reason=str(error))
        return Outcome(
            state=WAITING, reason=describe_delivery(dispatch, path.relative_to(settings.base), settings.address)
        )

    def ask(dispatch: Dispatch) -> Outcome:
        path = build_path(folder, dispatch, packing)
        if not path.with_name(f"{path.name}{SEAL_SUFFIX}").is_file():
            return Outcome(state=READY, reason=f"{path.name} is not there.")
        return Outcome(
            state=WAITING, reason=describe_delivery(dispatch, path.relative_to(settings.base), settings.address)
        )

    return Channel(send=send, ask=ask, takes=(STRUCTURES, DATA, METADATA))


def describe_delivery(dispatch: Dispatch, path: Path, address: str) -> str:
    settle = f"sdmxmig status --settle {dispatch.id[:12]} --as received"
    return f"Deliver {path.as_posix()} to {truncate_printable(address)}, then record it: {settle}."


def build_path(folder: Path, dispatch: Dispatch, packing: str) -> Path:
    name = name_file(dispatch)
    return folder / dispatch.id[:12] / (f"{PurePath(name).stem}.{PACKED}" if packing == PACKED else name)


def write(file: BinaryIO, dispatch: Dispatch, pieces: Iterable[bytes], packing: str) -> None:
    if packing == PACKED:
        pack([(dispatch.parcel.name, pieces)], file)
        return
    for piece in pieces:
        file.write(piece)
