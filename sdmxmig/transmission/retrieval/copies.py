"""Copies of what was fetched: kept by their content, with where they come from and when, for when nobody can be asked.

A folder has three parts: ``content`` with the messages, by their SHA-256, ``answers`` with a record for each question,
and ``tickets`` with what services are still preparing.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, BinaryIO

from sdmxmig.io.publishing.files import publish_file, staged
from sdmxmig.transmission.retrieval.addresses import Asked

LARGEST, PIECE = 100_000, 1 << 20
OPTION = "--keep FOLDER"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is known of an answer: where and when it was fetched, when it was last confirmed, and its bytes.

    `sha256` is that of the message as it is kept, empty for an answer that there is nothing. `format` is what it is,
    `tag` and `modified` what the service wants to hear when it is asked again. `earlier` is the SHA-256 of the answer
    before this one, and `earlier_fetched` when that came.
    """

    address: str
    accept: str
    fetched: str
    checked: str
    sha256: str = ""
    size: int = 0
    format: str = ""
    tag: str = ""
    modified: str = ""
    earlier: str = ""
    earlier_fetched: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """What a service prepares: the addresses at which it tells how far it is, and where the answer will be.

    `state` is empty where nothing but the answer itself can be asked for.
    """

    state: str
    answer: str
    since: str


@dataclass(frozen=True, slots=True)
class Copies:
    """The copies in a folder."""

    folder: Path

    def find(self, asked: Asked) -> Kept | None:
        """The copy of the answer to a question; None if there is none, or its bytes are not what they were."""
        values = self._read("answers", asked)
        if values is None or set(values) != {field.name for field in fields(Kept)}:
            return None
        kept = Kept(**values)
        return kept if not kept.sha256 or self.is_whole(kept.sha256) else None

    def is_whole(self, sha256: str) -> bool:
        """Whether a message is there, with the bytes that it had."""
        path = self.path(sha256)
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256

    def path(self, sha256: str) -> Path:
        """Where a message lies."""
        return self.folder / "content" / Path(sha256).name

    def put(self, content: BinaryIO) -> tuple[str, int]:
        """Keep a message; gives its SHA-256 and its size."""
        content.seek(0)
        digest, size = hashlib.sha256(), 0
        while piece := content.read(PIECE):
            digest.update(piece)
            size += len(piece)
        sha256 = digest.hexdigest()
        if not self.is_whole(sha256):
            content.seek(0)
            with staged(self.path(sha256), OPTION) as file:
                shutil.copyfileobj(content, file)
        return sha256, size

    def write(self, asked: Asked, kept: Kept) -> Kept:
        """Write down what is known of the answer to a question."""
        self._write("answers", asked, asdict(kept))
        return kept

    def ticket(self, asked: Asked) -> Ticket | None:
        """What a service prepares as the answer to a question; None if nothing."""
        values = self._read("tickets", asked)
        return Ticket(**values) if values is not None and set(values) == {"state", "answer", "since"} else None

    def write_ticket(self, asked: Asked, ticket: Ticket) -> None:
        """Remember what a service prepares, so that it can be fetched another day."""
        self._write("tickets", asked, asdict(ticket))

    def forget_ticket(self, asked: Asked) -> None:
        """Forget what a service prepared."""
        self._record("tickets", asked).unlink(missing_ok=True)

    def _record(self, part: str, asked: Asked) -> Path:
        """Where what is known of a question stands."""
        key = "\n".join((asked.address, asked.accept, asked.credential))
        return self.folder / part / f"{hashlib.sha256(key.encode()).hexdigest()}.json"

    def _write(self, part: str, asked: Asked, values: Mapping[str, Any]) -> None:
        publish_file(self._record(part, asked), json.dumps(values, indent=1).encode(), OPTION)

    def _read(self, part: str, asked: Asked) -> dict[str, Any] | None:
        """What is written down of a question; None if there is nothing that can be read."""
        path = self._record(part, asked)
        try:
            if path.stat().st_size > LARGEST:
                return None
            values = json.loads(path.read_bytes())
        except (OSError, ValueError, RecursionError):
            return None
        return values if isinstance(values, dict) else None
