"""Transports: one module each. A transport takes `Settings` and returns a `Channel`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sdmxmig.io.network import Secret
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.plugins import Kind
from sdmxmig.sdmx.model.delivery import Channel, Dispatch, Habits


def keep_nothing(_: str) -> Iterator[bytes]:
    return iter(())


@dataclass(slots=True)
class Memory:
    token: Secret | None = None
    until: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Transport settings.

    `secrets` returns a secret by name and address; `private` permits the own network; `kept` returns bytes by SHA-256;
    `seconds` is monotonic.
    """

    address: str
    credential: str = ""
    secrets: Callable[[str, str], Secret]
    private: bool = False
    base: Path
    authorities: Path | None = None
    habits: Habits = field(default_factory=Habits)
    more: Mapping[str, str] = field(default_factory=dict)
    kept: Callable[[str], Iterator[bytes]] = keep_nothing
    seconds: Callable[[], float] = time.monotonic
    memory: Memory = field(default_factory=Memory)


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
