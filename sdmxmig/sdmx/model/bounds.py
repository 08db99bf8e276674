"""Published bounds of a figure, such as “at most 257 thousand”."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

LOWER, UPPER = "LOWER_BOUND", "UPPER_BOUND"
"""The attributes of an observation that hold its bounds."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The bounds of a figure, in units; None if unpublished.

    `status` is an observation status.
    """

    lower: Decimal | None
    upper: Decimal | None
    status: str = ""
