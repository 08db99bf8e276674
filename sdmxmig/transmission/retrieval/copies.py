"""Copies of retrieved messages with provenance.

``content`` by SHA-256, ``answers`` by query, ``tickets`` in preparation.
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
    """Provenance of an answer; `sha256` is empty for no data."""

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
    """An answer in preparation."""

    state: str
    answer: str
    since: str


@dataclass(frozen=True, slots=True)
class Copies:
    """The copies in a folder."""

    folder: Path

    def find(self, asked: Asked) -> Kept | None:
        values = self._read("answers", asked)
        if values is None or set(values) != {field.name for field in fields(Kept)}:
            return None
        kept = Kept(**values)
        return kept if not kept.sha256 or self.is_whole(kept.sha256) else None

    def is_whole(self, sha256: str) -> bool:
        path = self.path(sha256)
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256

    def path(self, sha256: str) -> Path:
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
        self._write("answers", asked, asdict(kept))
        return kept

    def ticket(self, asked: Asked) -> Ticket | None:
        values = self._read("tickets", asked)
        return Ticket(**values) if values is not None and set(values) == {"state", "answer", "since"} else None

    def write_ticket(self, asked: Asked, ticket: Ticket) -> None:
        self._write("tickets", asked, asdict(ticket))

    def forget_ticket(self, asked: Asked) -> None:
        self._record("tickets", asked).unlink(missing_ok=True)

    def _record(self, part: str, asked: Asked) -> Path:
        key = "\n".join((asked.address, asked.accept, asked.credential))
        return self.folder / part / f"{hashlib.sha256(key.encode()).hexdigest()}.json"

    def _write(self, part: str, asked: Asked, values: Mapping[str, Any]) -> None:
        publish_file(self._record(part, asked), json.dumps(values, indent=1).encode(), OPTION)

    def _read(self, part: str, asked: Asked) -> dict[str, Any] | None:
        path = self._record(part, asked)
        try:
            if path.stat().st_size > LARGEST:
                return None
            values = json.loads(path.read_bytes())
        except (OSError, ValueError, RecursionError):
            return None
        return values if isinstance(values, dict) else None
