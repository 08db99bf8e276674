"""What a text may mean: a code, how sure that is, and why."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

APPLIED = 0.9
"""From this confidence on a meaning is applied without asking; below it a person decides."""
DOUBTED = 0.25
"""How sure a meaning is that mostly is none: so little that the neighbours in a list do not settle it."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One code that a text may mean.

    `confidence` lies between 0 and 1: 1 is a name as the codelist has it, 0.5 one of two equal choices. `reason` says
    in a few words what the answer rests on. `varies` says that it is a region whose composition differs between those
    who use its name: what one answer says of a list's regions, composed as in M49 or not, holds for all of them.
    """

    code: str
    confidence: float
    _: KW_ONLY
    reason: str
    varies: bool = False

    @property
    def is_applied(self) -> bool:
        """Whether it is certain enough to be applied without asking."""
        return self.confidence >= APPLIED


def best(candidates: tuple[Candidate, ...]) -> Candidate | None:
    """The most certain candidate; None without any, or if two are equally certain of different codes.

    >>> best((Candidate("CG", 0.5, reason="name of several"), Candidate("CD", 0.5, reason="name of several"))) is None
    True
    """
    listed = ordered(candidates)
    if len(listed) > 1 and listed[0].confidence == listed[1].confidence:
        return None
    return listed[0] if listed else None


def ordered(candidates: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    """The candidates by confidence, then code; of several for one code the most certain."""
    surest: dict[str, Candidate] = {}
    for candidate in candidates:
        if candidate.code not in surest or surest[candidate.code].confidence < candidate.confidence:
            surest[candidate.code] = candidate
    return tuple(sorted(surest.values(), key=lambda candidate: (-candidate.confidence, candidate.code)))
