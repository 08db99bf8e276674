"""Timestamps of headers: given, build environment, or now."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from sdmxmig.primitives.errors import SdmxmigError

EPOCH = "SOURCE_DATE_EPOCH"
"""The variable in which build environments give a time."""


def moment(text: str) -> datetime:
    """Return the time given by the user or build environment, else now, in UTC to the second."""
    epoch = os.environ.get(EPOCH, "")
    try:
        if text:
            instant = datetime.fromisoformat(text)
            instant = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
            instant.astimezone(UTC)  # a time beyond the calendar cannot be displayed
            return instant
        if epoch:
            return datetime.fromtimestamp(int(epoch), UTC)
    except (ValueError, OverflowError, OSError):
        raise SdmxmigError(f"“{text or epoch}” is not a time.", hint="Write it like 2026-01-31T12:00:00.") from None
    return datetime.now(UTC).replace(microsecond=0)
