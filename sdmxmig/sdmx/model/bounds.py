"""Bounds of a figure whose value is not published, such as “at most 257 thousand”."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

LOWER, UPPER = "LOWER_BOUND", "UPPER_BOUND"
"""The attributes of an observation that hold its bounds."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The least and the most that a figure can be, in units such as persons; None where that is not published.

    `status` is its observation status where it may still change.
    """

    lower: Decimal | None
    upper: Decimal | None
    status: str = ""
