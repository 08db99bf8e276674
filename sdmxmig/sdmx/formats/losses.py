"""Losses of a conversion between formats, described in sentences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import KW_ONLY, dataclass, field

from sdmxmig.sdmx.formats import DEFAULT_LAYOUT, FindLosses, Layout
from sdmxmig.sdmx.model.data import Dataset

WORDS = {"I": "Information", "A": "Append", "M": "Merge", "R": "Replace", "D": "Delete"}
NOT_REPLACING = ", which does not replace what is there already"


def action_lost(name: str, dataset: Dataset, written_word: str) -> Iterator[str]:
    """Describe an action that the format `name` does not support.

    `written_word` is the action written instead, or empty.
    """
    word = WORDS.get(dataset.action, dataset.action)
    if word != written_word:
        instead = (
            f"it says {written_word}{NOT_REPLACING if written_word == WORDS['A'] else ''}"
            if written_word
            else "it says none"
        )
        yield f"{name} has no word for the action {word}: {instead}."


@dataclass(slots=True)
class LossCollector:
    """Collects the losses while the blocks of a message are written.

    `losses` is that of the target format, for this `layout`.
    """

    losses: FindLosses
    layout: Layout = DEFAULT_LAYOUT
    _: KW_ONLY
    collected: dict[str, None] = field(default_factory=dict)

    def of(self, blocks: Iterable[Dataset]) -> Iterator[Dataset]:
        for block in blocks:
            self.collected |= dict.fromkeys(self.losses(block, self.layout))
            yield block

    @property
    def sentences(self) -> list[str]:
        return list(self.collected)
