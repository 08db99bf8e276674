"""Changes since an earlier assessment."""

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
    """Differences from an earlier assessment.

    `since` is its day or year. `learned` are gaps newly known; `lost` are gaps whose state is now unknown.
    """

    since: str
    answers_before: int
    _: KW_ONLY
    closed: tuple[Change, ...] = ()
    opened: tuple[Change, ...] = ()
    learned: tuple[Change, ...] = ()
    lost: tuple[Change, ...] = ()
