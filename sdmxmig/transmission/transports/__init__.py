"""Transports: one module each carries a file to a receiver, and says what became of it.

A transport takes `Settings` and gives a `Channel`. A new one is one new module here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sdmxmig.io.network.secrets import Secret
from sdmxmig.primitives.plugins import Kind
from sdmxmig.sdmx.model.delivery import Channel, Habits


def nothing_kept(_: str) -> Iterator[bytes]:
    """Bytes by their SHA-256 where none are kept."""
    return iter(())


@dataclass(slots=True)
class Memory:
    """What is known of a receiver while it is spoken to, and written nowhere: a token, and when it is to be renewed."""

    token: Secret | None = None
    until: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How a receiver is reached: what an office has written down of it.

    `address` is a folder or an address on the network, `secrets` gives a secret by its name and the address to which it
    is shown, `credential` is the name of the one that this receiver wants, `private` says that the address lies within
    the own network. `base` is the folder from which paths are counted. `more` is what only some transports know. `kept`
    gives bytes by their SHA-256, those of a file and those of a receipt, for transports whose questions need them.
    `seconds` is a clock that never goes back.
    """

    address: str
    credential: str = ""
    secrets: Callable[[str, str], Secret]
    private: bool = False
    base: Path
    authorities: Path | None = None
    habits: Habits = field(default_factory=Habits)
    more: Mapping[str, str] = field(default_factory=dict)
    kept: Callable[[str], Iterator[bytes]] = nothing_kept
    seconds: Callable[[], float] = time.monotonic
    memory: Memory = field(default_factory=Memory)


TRANSPORTS: Kind[Callable[[Settings], Channel]] = Kind("sdmxmig.transmission.transports")
