"""What a profile claims, and how its answers are to be read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from decimal import Decimal

from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.profile import COUNTRY, BenchmarkItem, Profile, Scale
from sdmxmig.sdmx.model.study import Study

BRACKETS = re.compile(r"\[([A-Z0-9_,\s]+)\]\s*\.?\s*$")


@dataclass(frozen=True, slots=True)
class Claims:
    """A profile with all that its answers mean.

    `items` are all items and questions, `scales` those on which they are answered, `study` says how answers and data
    are looked at, and `names` what components, rules and indicators are called.
    """

    profile: Profile
    items: Mapping[str, BenchmarkItem]
    _: KW_ONLY
    scales: Mapping[str, Scale]
    study: Study
    names: Mapping[str, Text] = field(default_factory=dict)

    def scale(self, item: str) -> Scale:
        """The scale on which an item is answered; one without answers where words are asked for."""
        benchmark_item = self.items.get(item)
        return (self.scales.get(benchmark_item.scale) if benchmark_item else None) or Scale("", (), points=())

    def answer(self, item: str, subject: str = COUNTRY) -> str:
        """The code that is answered; empty if there is none."""
        return self.profile.of(item, subject).answer

    def label(self, item: str, answer: str) -> Text:
        """What an answer to an item means."""
        return self.scale(item).label(answer)

    def points(self, item: str, answer: str) -> Decimal | None:
        """The points of an answer; None if it has none."""
        return dict(self.scale(item).points).get(answer)

    def question(self, item: str) -> Text:
        """The words of a question; its id if nothing declares it."""
        return self.items[item].name if item in self.items else Text.of(en=item)

    def named(self, code: str) -> Text:
        """What a component, a rule or an indicator is called; its code if it has no name."""
        return self.names.get(code) or Text.of(en=code)


def bracketed(answer: Text) -> tuple[str, ...]:
    """The ids in brackets at the end of an answer in words; none if it has no brackets.

    >>> bracketed(Text.of(en="Sex and age of each person. [SEX, AGE]"))
    ('SEX', 'AGE')
    """
    for _, words in answer:
        match = BRACKETS.search(words)
        if match:
            return tuple(part.strip() for part in match[1].split(",") if part.strip())
    return ()
