"""What is wrong with a message, and what schemas say of it."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field

from sdmxmig.places import Place

ERROR, WARNING = "error", "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a message, and where.

    `severity` is ``error``, or ``warning`` for what the official schema forbids but a strict reading takes.
    """

    place: Place
    message: str
    _: KW_ONLY
    severity: str = ERROR


@dataclass(slots=True)
class Schema:
    """What schemas say of a message, and what could not be checked."""

    problems: list[Problem] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)
