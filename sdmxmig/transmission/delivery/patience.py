"""Retry intervals and deadlines."""

from __future__ import annotations

from datetime import datetime, timedelta

from sdmxmig.sdmx.model.delivery import Dispatch, Habits

FIRST, LONGEST = 2.0, 900.0
"""First and longest wait in seconds; each up to twice the previous."""


def wait_before(attempts: int, chance: float, asked: float | None = None) -> float:
    """How many seconds to wait after so many attempts; `chance` (0 to 1) spreads those who wait for the same receiver.

    What the receiver asked for is never fallen short of.

    >>> wait_before(3, 1.0), wait_before(30, 0.5), wait_before(1, 0.0, asked=60.0)
    (8.0, 450.0, 60.0)
    """
    backed_off = chance * min(LONGEST, FIRST * 2.0 ** min(attempts - 1, 20))
    return max(backed_off, asked or 0.0)


def is_spent(dispatch: Dispatch, first_attempt: datetime, now: datetime, habits: Habits) -> bool:
    return dispatch.attempts >= habits.attempts or now - first_attempt >= timedelta(hours=habits.hours)


def is_late(dispatch: Dispatch, next_try: datetime) -> bool:
    deadline = dispatch.parcel.deadline
    return deadline is not None and next_try > deadline
