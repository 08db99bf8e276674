"""Attributes of reference metadata as a tree, or as a row of columns named by paths of ids.

For formats without arrays and types, arrays are split into single values, and texts that are XHTML are recognised.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.lazily import import_later
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.metadata import ReportedAttribute

if TYPE_CHECKING:
    from sdmxmig.io.intake import xml as intake_xml
else:
    intake_xml = import_later("sdmxmig.io.intake.xml")


ORDER_HINT = "Give each attribute content, and use one order everywhere."

Attributes = Sequence[ReportedAttribute]


def drop_types(attributes: Iterable[ReportedAttribute]) -> tuple[ReportedAttribute, ...]:
    """Remove types and formats of values, which the metadata structure also defines."""
    return merge_arrays(
        replace(attribute, attributes=drop_types(attribute.attributes), types=(), data_type="", facets=(), sentinels=())
        for attribute in attributes
    )


def split_instances(attributes: Attributes) -> Iterator[ReportedAttribute]:
    for attribute in attributes:
        yield from split_values(attribute) if is_array(attribute) else (attribute,)


@dataclass(frozen=True, slots=True)
class Path:
    ids: tuple[str, ...]
    many: tuple[bool, ...]
    languages: tuple[str, ...] | None = None


@dataclass(slots=True)
class Branch:
    """The attributes of several sets at one path; `after` are the ids that directly follow each id."""

    many: bool = False
    has_values: bool = False
    languages: dict[str, None] = field(default_factory=dict)
    below: dict[str, Branch] = field(default_factory=dict)
    after: dict[str, set[str]] = field(default_factory=dict)

    def add(self, attributes: Attributes) -> None:
        seen: set[str] = set()
        every = list(split_instances(attributes))
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


@dataclass(slots=True, kw_only=True)
class GrownAttribute:
    values: tuple[str, ...] = ()
    text: Text = Text()
    below: dict[str, list[GrownAttribute]] = field(default_factory=dict)

    def reached(self, ids: Sequence[str], numbers: Sequence[int]) -> GrownAttribute:
        grown = self
        for name, number in zip(ids, numbers, strict=True):
            held = grown.below.setdefault(name, [])
            held.extend(GrownAttribute() for _ in range(len(held), number + 1))
            grown = held[number]
        return grown


def build_attributes(grown: Mapping[str, Sequence[GrownAttribute]]) -> tuple[ReportedAttribute, ...]:
    attributes = []
    for name, several in grown.items():
        for occurrence in several:
            structured = occurrence.text if is_xhtml(occurrence.text) else Text()
            text = Text() if structured else occurrence.text
            attributes_below = build_attributes(occurrence.below)
            if occurrence.values or occurrence.text or attributes_below:
                attributes.append(
                    ReportedAttribute(
                        name, occurrence.values, text=text, structured=structured, attributes=attributes_below
                    )
                )
    return merge_arrays(attributes)


XHTML_NAMESPACE = "http://www.w3.org/1999/xhtml"


def split_values(attribute: ReportedAttribute) -> tuple[ReportedAttribute, ...]:
    types = attribute.types or ("",) * len(attribute.values)
    return tuple(
        replace(attribute, values=(value,), types=(type_,) if attribute.types else ())
        for value, type_ in zip(attribute.values, types, strict=True)
    )


def is_array(attribute: ReportedAttribute) -> bool:
    return bool(attribute.values) and attribute == ReportedAttribute(
        attribute.id, attribute.values, types=attribute.types
    )


def merge_arrays(attributes: Iterable[ReportedAttribute]) -> tuple[ReportedAttribute, ...]:
    def sameness(numbered: tuple[int, ReportedAttribute]) -> tuple[str, int]:
        number, attribute = numbered
        return (attribute.id, -1 if is_array(attribute) else number)

    joined = []
    for _, group in groupby(enumerate(attributes), sameness):
        attributes_of_one = [attribute for _, attribute in group]
        types = tuple(
            type_ for attribute in attributes_of_one for type_ in attribute.types or ("string",) * len(attribute.values)
        )
        values = tuple(value for attribute in attributes_of_one for value in attribute.values)
        joined.append(replace(attributes_of_one[0], values=values, types=types if set(types) - {"string"} else ()))
    return tuple(joined)


def is_xhtml(text: Text) -> bool:
    return bool(text) and all(map(_is_markup, dict(text).values()))


def _is_markup(text: str) -> bool:
    if XHTML_NAMESPACE not in text:
        return False
    try:
        root = intake_xml.parse_xml(f"<text>{text}</text>".encode("utf-8", "surrogatepass"), "text")
    except InputError:
        return False
    element_tags: Iterator[object] = (element.tag for element in root.iterdescendants())
    tags = [str(tag) for tag in element_tags]
    return bool(tags) and all(tag.startswith(f"{{{XHTML_NAMESPACE}}}") for tag in tags)
