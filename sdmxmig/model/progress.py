"""What has changed since an earlier assessment of the same country."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from sdmxmig.model.artefacts import Text


@dataclass(frozen=True, slots=True)
class Change:
    """Something that changed: the item or indicator, and what it is called."""

    subject: str
    name: Text


@dataclass(frozen=True, slots=True)
class Progress:
    """How an assessment differs from an earlier one.

    `since` is the day of the earlier one, or its year where it names no day. `answers_before` is how many questions had
    an answer then. `closed` are gaps that the answers of today show to be closed, `opened` gaps that were not there;
    `lost` are gaps of which no answer tells any more: they are neither.
    """

    since: str
    answers_before: int
    _: KW_ONLY
    closed: tuple[Change, ...] = ()
    opened: tuple[Change, ...] = ()
    lost: tuple[Change, ...] = ()
