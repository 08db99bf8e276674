"""Registry of table readers.

Limits of table readers, from spreadsheet programs (ECMA-376) or far above honest workbooks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass

from sdmxmig.primitives.plugins import Kind
from sdmxmig.sdmx.model.tables import Table


@dataclass(frozen=True, slots=True)
class TableReader:
    """The recognition and reading of files of one format.

    A file belongs to the format if it begins with `magic` and `recognises` (if any) accepts it; a format with neither
    is known by its `suffixes`. `read` takes name and bytes.
    """

    name: str
    suffixes: tuple[str, ...]
    _: KW_ONLY
    magic: bytes
    read: Callable[[str, bytes], tuple[Table, ...]]
    recognises: Callable[[bytes], bool] | None = None


READERS: Kind[TableReader] = Kind("sdmxmig.conversion.tables")


LAST_ROW = 1_048_576
LAST_COLUMN = 16_384
CELL_LIMIT = 20_000_000
STEP_LIMIT = 40_000_000
"""So many cells, filled or not."""
MERGE_LIMIT = 100_000
NOTE_LIMIT = 100_000
STRING_LIMIT = 160 << 20
"""So many characters the shared strings of a workbook may have, with 64 for each string."""
STRING_COST = 64
FORMAT_LIMIT = 65_000
"""So many cell styles; spreadsheet programs write at most 65,490."""
PART_LIMIT = 16 << 20
"""Maximum size in bytes of a part held in memory."""
LEAVE_OUT = "Remove everything that is not a table, or split the file."


@dataclass
class Allowance:
    """The remaining allowance of a file."""

    cells: int = CELL_LIMIT
    steps: int = STEP_LIMIT
    _: KW_ONLY
    merges: int = MERGE_LIMIT
    notes: int = NOTE_LIMIT
    characters: int = STRING_LIMIT
