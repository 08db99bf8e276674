"""Attributes of reference metadata as a tree, or as a row of columns named by paths of ids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from heapq import heappop, heappush
from itertools import pairwise

from sdmxmig.sdmx.formats.metadata_values import arrays, is_array, is_xhtml, one_by_one
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.metadata import ReportedAttribute

ORDER = "Each attribute says something, and they come in one order everywhere."

Attributes = Sequence[ReportedAttribute]


def plain(attributes: Iterable[ReportedAttribute]) -> tuple[ReportedAttribute, ...]:
    """Remove types and formats of values, which the metadata structure also defines."""
    return arrays(
        ReportedAttribute(
            attribute.id,
            attribute.values,
            text=attribute.text,
            structured=attribute.structured,
            attributes=plain(attribute.attributes),
            annotations=attribute.annotations,
        )
        for attribute in attributes
    )


def instances(attributes: Attributes) -> Iterator[ReportedAttribute]:
    for attribute in attributes:
        yield from one_by_one(attribute) if is_array(attribute) else (attribute,)


@dataclass(frozen=True, slots=True)
class Path:
    """The path of ids to an attribute, which of them may repeat, and the languages of its texts.

    `languages` is None for plain values.
    """

    ids: tuple[str, ...]
    many: tuple[bool, ...]
    _: KW_ONLY
    languages: tuple[str, ...] | None = None


@dataclass(slots=True)
class Branch:
    """The attributes of several sets at one path; `after` are the ids that directly follow each id."""

    many: bool = False
    has_values: bool = False
    _: KW_ONLY
    languages: dict[str, None] = field(default_factory=dict)
    below: dict[str, Branch] = field(default_factory=dict)
    after: dict[str, set[str]] = field(default_factory=dict)

    def add(self, attributes: Attributes) -> None:
        """Take in the attributes below this path."""
        seen: set[str] = set()
        every = list(instances(attributes))
        for attribute, following in pairwise(every):
            if attribute.id != following.id:
                self.after.setdefault(attribute.id, set()).add(following.id)
        for attribute in every:
            branch = self.below.setdefault(attribute.id, Branch())
            branch.many |= attribute.id in seen
            branch.has_values |= bool(attribute.values)
            branch.languages |= dict.fromkeys(language for language, _ in attribute.text or attribute.structured)
            branch.add(attribute.attributes)
            seen.add(attribute.id)

    def order(self) -> Iterator[str]:
        """Sort the ids below in an order common to all sets, or by first appearance if sets disagree."""
        number = {name: index for index, name in enumerate(self.below)}
        before = Counter(name for following in self.after.values() for name in following)
        waiting, ready = dict.fromkeys(number), [index for name, index in number.items() if not before[name]]
        names = list(number)
        while waiting:
            name = names[heappop(ready)] if ready else next(iter(waiting))
            if name not in waiting:
                continue
            del waiting[name]
            yield name
            for following in self.after.get(name, ()):
                before[following] -= 1
                if not before[following]:
                    heappush(ready, number[following])

    def paths(self, ids: tuple[str, ...] = (), many: tuple[bool, ...] = ()) -> Iterator[Path]:
        for name in self.order():
            branch = self.below[name]
            path_ids, often = (*ids, name), (*many, branch.many)
            if branch.has_values or branch.languages:
                yield Path(path_ids, often, languages=tuple(branch.languages) if branch.languages else None)
            yield from branch.paths(path_ids, often)


@dataclass(slots=True)
class Grown:
    """An attribute built from the cells of a row."""

    values: tuple[str, ...] = ()
    text: Text = Text()
    _: KW_ONLY
    below: dict[str, list[Grown]] = field(default_factory=dict)

    def reached(self, ids: Sequence[str], numbers: Sequence[int]) -> Grown:
        grown = self
        for name, number in zip(ids, numbers, strict=True):
            held = grown.below.setdefault(name, [])
            held.extend(Grown() for _ in range(len(held), number + 1))
            grown = held[number]
        return grown


def reported(grown: Mapping[str, Sequence[Grown]]) -> tuple[ReportedAttribute, ...]:
    """Attributes built from the cells of a row; empty ones are left out."""
    attributes = []
    for name, several in grown.items():
        for occurrence in several:
            structured = occurrence.text if is_xhtml(occurrence.text) else Text()
            text = Text() if structured else occurrence.text
            attributes_below = reported(occurrence.below)
            if occurrence.values or occurrence.text or attributes_below:
                attributes.append(
                    ReportedAttribute(
                        name, occurrence.values, text=text, structured=structured, attributes=attributes_below
                    )
                )
    return arrays(attributes)
