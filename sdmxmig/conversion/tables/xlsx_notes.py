"""Comments of a sheet: those of old, and the threads that newer programs write beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sdmxmig.conversion.tables.limits import LEAVE_OUT, NOTE_LIMIT, Allowance
from sdmxmig.conversion.tables.xlsx_strings import RichText
from sdmxmig.io.intake.archives import Archive
from sdmxmig.io.intake.xml import stream_xml
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place, cell_position
from sdmxmig.sdmx.model.tables import Cell


class SheetComments:
    """Takes the comments of one part, those of old or threads."""

    def __init__(self, allowance: Allowance, place: Place) -> None:
        self.texts_by_cell: dict[Cell, list[str]] = {}
        self._allowance = allowance
        self._place = place
        self._cell: Cell = (0, 0)
        self._text = RichText()

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag in ("comment", "threadedComment"):
            self._allowance.notes -= 1
            if self._allowance.notes < 0:
                raise InputError(f"The workbook has more than {NOTE_LIMIT} comments.", self._place, LEAVE_OUT)
            try:
                self._cell = cell_position(attributes.get("ref", ""))
            except ValueError as error:
                hint = "Open it in a spreadsheet program and save it again as .xlsx."
                raise InputError("A comment is on no cell.", self._place, hint) from error
        self._text.start(tag, attributes)

    def end(self, tag: str, text: str) -> None:
        comment = ""
        if tag == "text":
            comment = (self._text.taken() or text).strip()
        else:
            self._text.end(tag, text)
        if comment:
            self.texts_by_cell.setdefault(self._cell, []).append(comment)


def read_notes(
    archive: Archive, old: Sequence[str], threads: Sequence[str], allowance: Allowance
) -> Mapping[Cell, tuple[str, ...]]:
    """The comments on cells from these parts of a workbook; where a thread is, the old comment only repeats it."""
    texts_by_cell: dict[Cell, list[str]] = {}
    for members in (old, threads):
        latest: dict[Cell, list[str]] = {}
        for member in members:
            notes = SheetComments(allowance, Place(archive.name, key=member))
            stream_xml(archive.chunks(member), f"{archive.name} › {member}", notes)
            for cell, texts in notes.texts_by_cell.items():
                latest.setdefault(cell, []).extend(texts)
        texts_by_cell |= latest
    return {cell: tuple(texts) for cell, texts in sorted(texts_by_cell.items())}
