"""Data of others for comparison."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from sdmxmig.statistics.demography.ledger import Book

MIRROR = "mirror"
"""The domain of what other countries report of the same moves."""


@dataclass(frozen=True, slots=True, eq=False)
class OutsideData:
    """A dataset of another provider.

    `domain`, such as ``labour-force-survey``; `read` is a day (2026-01-31). `margin` in per cent; signed: too low (+)
    or too high (−).
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
    """A correction factor for reported flows; `direction` I or E."""

    area: str
    direction: str
    _: KW_ONLY
    factor: float
    source: str


@dataclass(frozen=True, slots=True, eq=False)
class Outside:
    data: tuple[OutsideData, ...] = ()
    factors: tuple[CorrectionFactor, ...] = ()
