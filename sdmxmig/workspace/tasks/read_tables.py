"""Cache of tables."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from sdmxmig.conversion.tables import read
from sdmxmig.io.intake.files import read_bytes

if TYPE_CHECKING:
    from sdmxmig.sdmx.model.tables import Table, TextFormat

MOST_CELLS = 6_000_000


class ReadTables:
    """Cached sheets of unchanged files, up to `most_cells`."""

    def __init__(self, most_cells: int = MOST_CELLS) -> None:
        self.most_cells = most_cells
        self._kept: dict[tuple[str, TextFormat], tuple[object, tuple[Table, ...]]] = {}
        self._lock = threading.Lock()

    def of(self, path: Path, written: TextFormat) -> tuple[Table, ...]:
        """The sheets of a file that is written so; raises `SdmxmigError` if they cannot be read."""
        with self._lock:
            status, key = path.stat(), (str(path), written)
            stamp = status.st_mtime_ns, status.st_size, status.st_ino
            known, tables = self._kept.pop(key, (None, ()))
            if known != stamp:
                tables = ()  # what the file said before is let go first
                tables = tuple(read(path.name, read_bytes(path), written))
            self._kept[key] = (stamp, tables)
            self._let_go()
            return tables

    def _let_go(self) -> None:
        counts = {key: sum(table.cells.height for table in tables) for key, (_, tables) in self._kept.items()}
        cells = sum(counts.values())
        for key in list(self._kept)[:-1]:
            if cells <= self.most_cells:
                return
            cells -= counts[key]
            del self._kept[key]
