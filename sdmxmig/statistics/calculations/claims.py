"""Claims of a profile and their interpretation."""

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
    """A profile with items, scales, study and names."""

    profile: Profile
    items: Mapping[str, BenchmarkItem]
    _: KW_ONLY
    scales: Mapping[str, Scale]
    study: Study
    names: Mapping[str, Text] = field(default_factory=dict)

    def scale(self, item: str) -> Scale:
        benchmark_item = self.items.get(item)
        return (self.scales.get(benchmark_item.scale) if benchmark_item else None) or Scale("", (), points=())

    def answer(self, item: str, subject: str = COUNTRY) -> str:
        return self.profile.of(item, subject).answer

    def label(self, item: str, answer: str) -> Text:
        return self.scale(item).label(answer)

    def points(self, item: str, answer: str) -> Decimal | None:
        return dict(self.scale(item).points).get(answer)

    def question(self, item: str) -> Text:
        return self.items[item].name if item in self.items else Text.of(en=item)

    def named(self, code: str) -> Text:
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
