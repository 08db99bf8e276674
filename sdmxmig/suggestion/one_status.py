"""The status of all figures of a table, where a person named it: titles and notes do not say of which figures it is."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from sdmxmig.recognition import Candidate
from sdmxmig.recognition.mentions import read_title
from sdmxmig.suggestion.fixed import STATUS, Setting
from sdmxmig.suggestion.lines import FlowKnowledge
from sdmxmig.suggestion.questions import DECIDED, Decisions, decided

PART = f"fixed {STATUS}"


def decided_status(
    sheet: str, components: Collection[str], texts: Sequence[str], known: FlowKnowledge, *, decisions: Decisions
) -> Iterator[Setting]:
    """The status that a person named for all figures of a sheet, unless its lines or titles are read as one.

    What was said of several sheets holds for those whose titles or notes speak of a status: of those it was asked.
    """
    if STATUS in components or STATUS not in known.flow.structure:
        return
    of_sheet = decisions.get((sheet, PART, ""), "").strip()
    speak = (read_title(" ".join(text.split()), known.recogniser).of(STATUS) for text in texts)
    status = of_sheet or (decided(decisions, sheet, PART) if any(speak) else "")
    if status:
        yield Setting(STATUS, Candidate(status, 1.0, reason=DECIDED))
