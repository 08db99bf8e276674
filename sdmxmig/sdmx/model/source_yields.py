"""What a type of data source can give: which indicators, by which of their topics, why, and what that needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field

CAN, PARTLY, CANNOT, UNKNOWN = "Y", "P", "N", "?"
"""What a source can do for a figure: codes of the scale YNP; `UNKNOWN` where nothing is declared."""
HOPE = (CANNOT, UNKNOWN, PARTLY, CAN)
"""The answers from the least hopeful to the most."""


@dataclass(frozen=True, slots=True)
class Yielded:
    """What is declared of one source and one indicator or topic: whether it gives it, why, and what it needs.

    `why` are codes of CL_SRC_REASON, `needs` codes of CL_SRC_NEED.
    """

    answer: str
    why: tuple[str, ...] = ()
    _: KW_ONLY
    needs: tuple[str, ...] = ()
    status: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class SourceYields:
    """What all types of sources give: by type of source (CL_SRC_TYPE) and indicator, and by type and topic.

    `fulfilled` leads from a need to the answers on the sheet of a source (question and code) that show it met.
    """

    indicators: Mapping[tuple[str, str], Yielded] = field(default_factory=dict)
    topics: Mapping[tuple[str, str], Yielded] = field(default_factory=dict)
    _: KW_ONLY
    fulfilled: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)

    def of(self, source: str, indicator: str, topic: str = "") -> Yielded:
        """What a source gives of an indicator, as a whole or by one of its topics.

        By a topic it gives no more than as a whole: the less hopeful of both counts, and the needs are those of both.
        `UNKNOWN` where nothing is declared.
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
        """The types of sources of which anything is declared, in the order of the table."""
        return tuple(dict.fromkeys(source for source, _ in self.indicators))


@dataclass(frozen=True, slots=True)
class Chance:
    """What one source of a country could give of an indicator today, and what it needs for more.

    `item` is the item of module H that says that the source is there, `source` its type. `answer` is what such a source
    gives of the indicator as a whole, `why` and `needs` are codes of CL_SRC_REASON and CL_SRC_NEED. Of the primary
    topics `recorded` are those that its sheet lists, `lacking` those that no such source records, and `asked` those of
    which its sheet should tell.
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
