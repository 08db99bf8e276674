"""Fields with characters that messages may not contain."""

from __future__ import annotations

from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.formats.faults import Faults, fault
from sdmxmig.sdmx.formats.forbidden import FORBIDDEN, forbidden
from sdmxmig.sdmx.formats.sdmx_csv.text import TextPiece
from sdmxmig.sdmx.formats.xml_repair import may_be_forbidden


def without_forbidden(piece: TextPiece, rows: pl.DataFrame, faults: Faults | None = None) -> pl.DataFrame:
    """Replace forbidden characters by blanks and record them.

    Raises `InputError` with line and column for the first one if there are no `faults`.
    """
    if not may_be_forbidden(piece.content):  # this is known much sooner than which field it is
        return rows
    holds = rows.select(pl.all().str.contains(FORBIDDEN).fill_null(value=False))
    wrong = [column.name for column in holds if column.any()]
    for row in holds.select(pl.any_horizontal(wrong))[:, 0].arg_true() if wrong else ():
        for name in wrong:
            if holds[name][row]:
                characters = rows[name].str.extract_all(FORBIDDEN)[row]
                fault(
                    faults, forbidden(characters[0], Place(piece.name, line=piece.line_of(row), column=int(name) + 1))
                )
    return rows.with_columns(pl.col(wrong).str.replace_all(FORBIDDEN, " ")) if wrong else rows
