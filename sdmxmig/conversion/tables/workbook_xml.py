"""Workbooks in one XML stream; invalid cells or numbers are reported with their sheet."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from sdmxmig.conversion.tables.draft import damaged
from sdmxmig.conversion.tables.readers import LEAVE_OUT
from sdmxmig.io.intake.xml import PlacedHandler, XmlFeed
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place

ELEMENTS_TAKEN = 12_000_000


class WorkbookTaker(PlacedHandler, Protocol):
    """Receives the XML of the workbook `name`; raises ``ValueError`` for invalid content."""

    name: str

    @property
    def sheet(self) -> str:
        """Return the current sheet; empty outside of sheets."""


class _Guarded:
    """Passes the XML on and turns errors into ones that name the sheet."""

    def __init__(self, taker: WorkbookTaker) -> None:
        self._taker = taker
        self._left = ELEMENTS_TAKEN

    def start(self, tag: str, attributes: dict[str, str], before: str) -> None:
        self._left -= 1
        if self._left < 0:
            message = f"The file has more than {ELEMENTS_TAKEN} elements."
            raise InputError(message, Place(self._taker.name, self._taker.sheet), LEAVE_OUT)
        try:
            self._taker.start(tag, attributes, before)
        except ValueError as error:
            raise damaged(self._taker.name, self._taker.sheet) from error

    def end(self, tag: str, text: str) -> None:
        try:
            self._taker.end(tag, text)
        except ValueError as error:
            raise damaged(self._taker.name, self._taker.sheet) from error


def feed(part: str, pieces: Iterable[bytes], taker: WorkbookTaker) -> None:
    """Read one part of a workbook in pieces.

    Raises `InputError` if damaged or too large.
    """
    xml = XmlFeed(part, _Guarded(taker))
    for piece in pieces:
        xml.feed(piece)
    xml.close()
