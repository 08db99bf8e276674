"""``Retry-After`` (RFC 9110, section 10.2.3)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_WAIT = 86_400.0
"""Maximum wait in seconds."""
LONGEST_NUMBER = 4_000
"""A number of more digits is as long as the longest wait; it is not counted."""


def wait_in(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Return the seconds to wait, at most a day, or None; the largest of several.

    >>> wait_in({"retry-after": "120"}), wait_in({"retry-after": "30, 60"}), wait_in({"retry-after": "-5"})
    (120.0, 60.0, None)
    """
    text = headers.get("retry-after", "").strip()
    numbers = [part.strip() for part in text.split(",")]
    if all(part.isascii() and part.isdigit() for part in numbers):
        return max(LONGEST_WAIT if len(part) > LONGEST_NUMBER else min(float(part), LONGEST_WAIT) for part in numbers)
    until, begun = moment_in(text), now or moment_in(headers.get("date", ""))
    if until is None or begun is None:
        return None
    return min(max((until - begun).total_seconds(), 0.0), LONGEST_WAIT)


def moment_in(text: str) -> datetime | None:
    """A date as heads of answers have it, in any of the forms of RFC 9110; None for another text.

    >>> moment_in("Sun Mar  1 12:02:00 2026") == moment_in("Sunday, 01-Mar-26 12:02:00 GMT")
    True
    """
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
