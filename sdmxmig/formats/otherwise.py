"""What is lost on the way from one format to another, in sentences: nothing is left out in silence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sdmxmig.formats import SaysOtherwise, says_all
from sdmxmig.model.data import Dataset

WORDS = {"I": "Information", "A": "Append", "M": "Merge", "R": "Replace", "D": "Delete"}
NOT_REPLACING = ", which does not replace what is there already"


def other_action(name: str, dataset: Dataset, said: str) -> Iterator[str]:
    """The sentence on a format, by its `name`, that has no word for an action.

    `said` is what it says instead, empty if nothing.
    """
    word = WORDS.get(dataset.action, dataset.action)
    if word != said:
        instead = f"it says {said}{NOT_REPLACING if said == WORDS['A'] else ''}" if said else "it says none"
        yield f"{name} has no word for the action {word}: {instead}."


@dataclass(slots=True)
class Losses:
    """What the blocks of a message have that does not come with them.

    `says_otherwise` is that of the format that they are written in.
    """

    says_otherwise: SaysOtherwise = says_all
    counted: Counter[str] = field(default_factory=Counter)
    said: dict[str, None] = field(default_factory=dict)

    def of(self, blocks: Iterable[Dataset]) -> Iterator[Dataset]:
        """The blocks as they come, after a look at each."""
        for block in blocks:
            self.counted.update(block.left_out)
            self.said |= dict.fromkeys(self.says_otherwise(block))
            yield block

    @property
    def sentences(self) -> list[str]:
        """All that was lost."""
        left_out = (
            f"{count:,} {what} were left out: a dataset has no place for them." for what, count in self.counted.items()
        )
        return [*left_out, *self.said]
