"""Candidates for the meaning of a text: code, confidence and reason."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

APPLIED = 0.9
"""Confidence from which a meaning is applied without asking."""
DOUBTED = 0.25
"""Confidence so low that neighbours cannot settle it."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A code that a text may mean.

    `confidence` is 0 to 1: 1 is an exact codelist name, 0.5 one of two equal choices. `varies` marks a region whose
    composition differs between sources; one answer then holds for all regions of the list.
    """

    code: str
    confidence: float
    _: KW_ONLY
    reason: str
    varies: bool = False

    @property
    def is_applied(self) -> bool:
        return self.confidence >= APPLIED


def best(candidates: tuple[Candidate, ...]) -> Candidate | None:
    """Return the most certain candidate; None if absent or two tie.

    >>> best((Candidate("CG", 0.5, reason="name of several"), Candidate("CD", 0.5, reason="name of several"))) is None
    True
    """
    listed = ordered(candidates)
    if len(listed) > 1 and listed[0].confidence == listed[1].confidence:
        return None
    return listed[0] if listed else None


def ordered(candidates: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    surest: dict[str, Candidate] = {}
    for candidate in candidates:
        if candidate.code not in surest or surest[candidate.code].confidence < candidate.confidence:
            surest[candidate.code] = candidate
    return tuple(sorted(surest.values(), key=lambda candidate: (-candidate.confidence, candidate.code)))
