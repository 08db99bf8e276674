"""Files that somebody sent with a form that was not right yet: they are there when it is sent again."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

MOST_FILES, MOST_BYTES = 8, 128 * 1024 * 1024
"""So many files are kept, of so many bytes together; those that were sent first give way."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that somebody sent: its name as it came, which is shown and never used as a path, and what it holds."""

    name: str
    content: bytes


@dataclass(slots=True)
class KeptUploads:
    """Files by their SHA-256 and by who sent them: nobody gets at the file of somebody else."""

    _files: dict[tuple[str, str], Upload] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def keep(self, upload: Upload, by: str) -> str:
        """Keep a file, and give its SHA-256; one that is too large by itself is not there any more afterwards."""
        sha256 = hashlib.sha256(upload.content).hexdigest()
        with self._lock:
            self._files.pop((by, sha256), None)
            self._files[by, sha256] = upload
            while len(self._files) > MOST_FILES or total(self._files) > MOST_BYTES:
                del self._files[next(iter(self._files))]
        return sha256

    def get(self, sha256: str, by: str) -> Upload | None:
        """A file that this person has sent; None if it is not kept any more."""
        return self._files.get((by, sha256))

    def clear(self, by: str) -> None:
        """Forget all that this person has sent."""
        with self._lock:
            for key in [key for key in self._files if key[0] == by]:
                del self._files[key]


def total(files: Mapping[tuple[str, str], Upload]) -> int:
    """How many bytes some files have together."""
    return sum(len(upload.content) for upload in files.values())
