"""Questions that are not answered: with which status of HTTP, and why."""

from __future__ import annotations

from sdmxmig.primitives.errors import SdmxmigError

WRONG, UNKNOWN, UNACCEPTABLE, TOO_LARGE, IMPOSSIBLE = 400, 404, 406, 413, 422


class NotAnswered(SdmxmigError):  # noqa: N818 - the name says what becomes of the question
    """A question that gets no answer; `status` says whether it is wrong, or asks for what there is not."""

    def __init__(self, status: int, message: str, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.status = status


def wrong(message: str, hint: str = "") -> NotAnswered:
    """The refusal of a question that the API does not have."""
    return NotAnswered(WRONG, message, hint)


def unknown(message: str, hint: str = "") -> NotAnswered:
    """The refusal of a question for what there is not."""
    return NotAnswered(UNKNOWN, message, hint)


def too_large(message: str, hint: str = "") -> NotAnswered:
    """The refusal of a question whose answer would need more memory than one question may have."""
    return NotAnswered(TOO_LARGE, message, hint)


def impossible(message: str, hint: str = "") -> NotAnswered:
    """The refusal of a question that is well formed and contradicts itself or the structure."""
    return NotAnswered(IMPOSSIBLE, message, hint)


def unacceptable(message: str, hint: str = "") -> NotAnswered:
    """The refusal of a question for a representation that is not offered."""
    return NotAnswered(UNACCEPTABLE, message, hint)
