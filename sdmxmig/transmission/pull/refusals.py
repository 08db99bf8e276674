"""Rejected queries with HTTP status."""

from __future__ import annotations

from sdmxmig.primitives.errors import SdmxmigError

WRONG, UNKNOWN, UNACCEPTABLE, TOO_LARGE, IMPOSSIBLE = 400, 404, 406, 413, 422


class NotAnswered(SdmxmigError):  # noqa: N818 - the name says what becomes of the question
    """A query that cannot be answered; `status` is the HTTP status."""

    def __init__(self, status: int, message: str, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.status = status


def wrong(message: str, hint: str = "") -> NotAnswered:
    return NotAnswered(WRONG, message, hint)


def unknown(message: str, hint: str = "") -> NotAnswered:
    return NotAnswered(UNKNOWN, message, hint)


def too_large(message: str, hint: str = "") -> NotAnswered:
    return NotAnswered(TOO_LARGE, message, hint)


def impossible(message: str, hint: str = "") -> NotAnswered:
    return NotAnswered(IMPOSSIBLE, message, hint)


def unacceptable(message: str, hint: str = "") -> NotAnswered:
    return NotAnswered(UNACCEPTABLE, message, hint)
