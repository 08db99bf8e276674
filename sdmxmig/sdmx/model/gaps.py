"""Gaps, each counted once, with the action that closes them."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field

from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.scores import Statement


@dataclass(frozen=True, slots=True)
class GapReason:
    """A reason for a gap: an answer, or a difference in data; `evidence` is a code of CL_EVIDENCE."""

    subject: str
    answer: Text = Text()
    _: KW_ONLY
    evidence: str = ""
    practice: Text = Text()
    sources: tuple[str, ...] = ()
    shown: tuple[Statement, ...] = ()


@dataclass(frozen=True, slots=True)
class Gap:
    """A gap and the action that closes it.

    `reasons` are all open ones, the naming one first. Partial gaps are partly fulfilled.
    """

    id: str
    statement: Text
    _: KW_ONLY
    action: Text
    reasons: tuple[GapReason, ...]
    is_partial: bool = False

    @property
    def subject(self) -> str:
        return self.reasons[0].subject

    @property
    def subjects(self) -> tuple[str, ...]:
        return tuple(reason.subject for reason in self.reasons)


@dataclass(frozen=True, slots=True)
class SameGap:
    id: str
    subjects: tuple[str, ...]
    _: KW_ONLY
    name: Text = Text()
    action: Text = Text()
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference in the data that is a gap where it is found: by which issue of quality, and what would close it.

    A count that differs from yearly figures is a gap only if these go on for more than `revision_years` after it:
    earlier figures precede the final count.
    """

    id: str
    issue: str
    _: KW_ONLY
    name: Text
    action: Text
    revision_years: int = 0
    place: Place | None = field(default=None, compare=False)
