"""Data of others: what other countries, other statistics of the country and other producers say of the same people."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from sdmxmig.demography.ledger import Book

MIRROR = "mirror"
"""The domain of what other countries report of the same moves."""


@dataclass(frozen=True, slots=True, eq=False)
class OutsideData:
    """A dataset of somebody else with which data are compared: whose it is, of which domain, and where it comes from.

    `book` holds its observations, so that what they amount to is worked out once for all datasets that are compared
    with it. `domain` is what rules ask for, such as ``labour-force-survey``. `provider` and `source` are told in
    messages as they were written; `read` is the day on which the figures were taken from there, as 2026-01-31.
    `margin` is by how many per cent the figures may be off, as their provider says; empty where it says nothing.
    """

    book: Book
    _: KW_ONLY
    domain: str
    provider: str
    source: str
    read: str = ""
    margin: str = ""
