"""Indicators that each type of data source can provide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field

CAN, PARTLY, CANNOT, UNKNOWN = "Y", "P", "N", "?"
"""Codes of the scale YNP; `UNKNOWN` if undeclared."""
HOPE = (CANNOT, UNKNOWN, PARTLY, CAN)
"""The answers from the least hopeful to the most."""


@dataclass(frozen=True, slots=True)
class Yielded:
    """The yield of a source for an indicator or topic.

    `why` are codes of CL_SRC_REASON, `needs` of CL_SRC_NEED.
    """

    answer: str
    why: tuple[str, ...] = ()
    _: KW_ONLY
    needs: tuple[str, ...] = ()
    status: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class SourceYields:
    """The yields of all source types (CL_SRC_TYPE) by indicator and topic.

    `fulfilled` maps needs to sheet answers that satisfy them.
    """

    indicators: Mapping[tuple[str, str], Yielded] = field(default_factory=dict)
    topics: Mapping[tuple[str, str], Yielded] = field(default_factory=dict)
    _: KW_ONLY
    fulfilled: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)

    def of(self, source: str, indicator: str, topic: str = "") -> Yielded:
        """Return what a source provides for an indicator or topic.

        A topic never exceeds the indicator: the lower answer and all needs apply. `UNKNOWN` if undeclared.
        """
        whole = self.indicators.get((source, indicator), Yielded(UNKNOWN))
        if not topic or whole.answer in (CANNOT, UNKNOWN):
            return whole
        part = self.topics.get((source, topic), Yielded(UNKNOWN))
        answer = min(whole.answer, part.answer, key=HOPE.index)
        why = part.why if part.answer == answer else whole.why
        needs = tuple(dict.fromkeys((*whole.needs, *part.needs)))
        return Yielded(answer, why, needs=needs, status=part.status or whole.status, reference=part.reference)

    @property
    def sources(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(source for source, _ in self.indicators))


@dataclass(frozen=True, slots=True)
class Chance:
    """The potential of a country's source for an indicator.

    `item` is of module H. `recorded` topics are on its sheet, `lacking` not available from such sources, `asked`
    missing on the sheet.
    """

    item: str
    source: str
    _: KW_ONLY
    answer: str
    why: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    recorded: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
