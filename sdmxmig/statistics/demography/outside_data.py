"""Data of others: what other countries, other statistics of the country and other producers say of the same people."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from sdmxmig.statistics.demography.ledger import Book

MIRROR = "mirror"
"""The domain of what other countries report of the same moves."""


@dataclass(frozen=True, slots=True, eq=False)
class OutsideData:
    """A dataset of somebody else with which data are compared: whose it is, of which domain, and where it comes from.

    `book` holds its observations, so that what they amount to is worked out once for all datasets that are compared
    with it. `domain` is what rules ask for, such as ``labour-force-survey``. `provider` and `source` are told in
    messages as they were written; `read` is the day on which the figures were taken from there, as 2026-01-31.
    `margin` is by how many per cent the figures may be off, as their provider says; with a sign, by how many they are
    too low (+) or too high (−), such as the under-coverage that a census found; empty where the provider says nothing.
    """

    book: Book
    _: KW_ONLY
    domain: str
    provider: str
    source: str
    read: str = ""
    margin: str = ""


@dataclass(frozen=True, slots=True)
class CorrectionFactor:
    """By what the flows that a country reports in one direction are multiplied, so that they are comparable.

    `direction` is the code of the flow, I or E; `source` says who estimated the factor.
    """

    area: str
    direction: str
    _: KW_ONLY
    factor: float
    source: str


@dataclass(frozen=True, slots=True, eq=False)
class Outside:
    """All that others say: their data, and the factors by which reports of countries are corrected."""

    data: tuple[OutsideData, ...] = ()
    factors: tuple[CorrectionFactor, ...] = ()
