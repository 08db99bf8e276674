"""Gaps: what is asked for and a country does not have yet, each counted once, with what would close it."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field

from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.scores import Statement


@dataclass(frozen=True, slots=True)
class GapReason:
    """What makes a gap: an answer of the profile, or what the data show of a difference.

    `subject` is the id of a benchmarking item, of a core indicator or of a difference. `evidence` says where an answer
    comes from (a code of CL_EVIDENCE), `practice` what is stated, `sources` are the keys of those that state it.
    """

    subject: str
    answer: Text = Text()
    _: KW_ONLY
    evidence: str = ""
    practice: Text = Text()
    sources: tuple[str, ...] = ()
    shown: tuple[Statement, ...] = ()


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that is asked for and that the country does not yet have, and what would close it.

    Several questions and indicators may ask for it: `reasons` has each that is open, the one that names the gap first.
    A partial gap is one of which part is there.
    """

    id: str
    statement: Text
    _: KW_ONLY
    action: Text
    reasons: tuple[GapReason, ...]
    is_partial: bool = False

    @property
    def subject(self) -> str:
        """The item, indicator or difference that names the gap."""
        return self.reasons[0].subject

    @property
    def subjects(self) -> tuple[str, ...]:
        """All items, indicators and differences that ask for it."""
        return tuple(reason.subject for reason in self.reasons)


@dataclass(frozen=True, slots=True)
class SameGap:
    """Items, indicators and differences that ask for one thing: what is open of them is one gap.

    The first of `subjects` that is open gives the gap its texts where there is no `name` and no `action`.
    """

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
