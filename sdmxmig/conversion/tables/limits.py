"""How much of a file of others is read: the limits of all table readers, in one place.

They are those of spreadsheet programs where these have any (ECMA-376), else what a large honest workbook stays far
below. Inflated bytes and the members of archives are counted in `sdmxmig.io.intake`.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

LAST_ROW = 1_048_576
LAST_COLUMN = 16_384
CELL_LIMIT = 20_000_000
"""So many filled cells a file may have over all its sheets, if a reader holds them as columns."""
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
"""So many bytes a part may have that is held as a whole, such as the styles."""
LEAVE_OUT = "Leave out what is no table, or split the file."


@dataclass
class Allowance:
    """What a file may still hold, over all its sheets."""

    cells: int = CELL_LIMIT
    steps: int = STEP_LIMIT
    _: KW_ONLY
    merges: int = MERGE_LIMIT
    notes: int = NOTE_LIMIT
    characters: int = STRING_LIMIT
