"""Uploads kept until a form is corrected."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

MOST_FILES, MOST_BYTES = 8, 128 * 1024 * 1024
"""Maximum number and bytes of kept files; oldest removed first."""


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload; its name is never used as a path."""

    name: str
    content: bytes


@dataclass(slots=True)
class KeptUploads:
    """Uploads by SHA-256 and sender."""

    _files: dict[tuple[str, str], Upload] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def keep(self, upload: Upload, by: str) -> str:
        sha256 = hashlib.sha256(upload.content).hexdigest()
        with self._lock:
            self._files.pop((by, sha256), None)
            self._files[by, sha256] = upload
            while len(self._files) > MOST_FILES or total(self._files) > MOST_BYTES:
                del self._files[next(iter(self._files))]
        return sha256

    def get(self, sha256: str, by: str) -> Upload | None:
        return self._files.get((by, sha256))

    def clear(self, by: str) -> None:
        with self._lock:
            for key in [key for key in self._files if key[0] == by]:
                del self._files[key]


def total(files: Mapping[tuple[str, str], Upload]) -> int:
    return sum(len(upload.content) for upload in files.values())
