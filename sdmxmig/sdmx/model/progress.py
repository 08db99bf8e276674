"""What has changed since an earlier assessment of the same country."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from sdmxmig.sdmx.model.artefacts import Text


@dataclass(frozen=True, slots=True)
class Change:
    """Something that changed: the item or indicator, and what it is called."""

    subject: str
    name: Text


@dataclass(frozen=True, slots=True)
class Progress:
    """How an assessment differs from an earlier one.

    `since` is the day of the earlier one, or its year where it names no day. `answers_before` is how many questions had
    an answer then. `closed` are gaps that the answers of today show to be closed, `opened` gaps of what was no gap
    then, `learned` gaps of what nothing was known then. `lost` are gaps of which the answers of today do not tell
    whether they are closed.
    """

    since: str
    answers_before: int
    _: KW_ONLY
    closed: tuple[Change, ...] = ()
    opened: tuple[Change, ...] = ()
    learned: tuple[Change, ...] = ()
    lost: tuple[Change, ...] = ()
