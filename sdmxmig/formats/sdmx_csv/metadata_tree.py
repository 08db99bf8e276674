"""The attributes of a set between a tree and a row: which columns they need, and what stands in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sdmxmig.formats.metadata_values import arrays, is_array, is_xhtml, one_by_one
from sdmxmig.formats.sdmx_csv.metadata_cells import in_languages, languages_in, listed, places
from sdmxmig.formats.sdmx_csv.metadata_columns import Column
from sdmxmig.model.artefacts import Text
from sdmxmig.model.metadata import ReportedAttribute

Attributes = Sequence[ReportedAttribute]


def plain(attributes: Iterable[ReportedAttribute]) -> tuple[ReportedAttribute, ...]:
    """Attributes without what the metadata structure says too: types and formats of their values."""
    return arrays(
        ReportedAttribute(one.id, one.values, one.text, one.structured, plain(one.attributes), one.annotations)
        for one in attributes
    )


def instances(attributes: Attributes) -> Iterator[ReportedAttribute]:
    """Attributes in their order, an array once for each value."""
    for one in attributes:
        yield from one_by_one(one) if is_array(one) else (one,)


@dataclass(slots=True)
class Branch:
    """What the sets of a table have at one path."""

    many: bool = False
    has_values: bool = False
    languages: dict[str, None] = field(default_factory=dict)
    below: dict[str, Branch] = field(default_factory=dict)

    def add(self, attributes: Attributes) -> None:
        """Take in the attributes below this path."""
        seen: set[str] = set()
        every = list(instances(attributes))
        self.order([one.id for one in every])
        for one in every:
            branch = self.below[one.id]
            branch.many |= one.id in seen
            branch.has_values |= bool(one.values)
            branch.languages |= dict.fromkeys(language for language, _ in one.text or one.structured)
            branch.add(one.attributes)
            seen.add(one.id)

    def order(self, names: Sequence[str]) -> None:
        """Take in the ids of attributes; a new one comes behind the one before it, else before the next known one."""
        order = list(self.below)
        for number, name in enumerate(names):
            if name not in order:
                following = next((order.index(one) for one in names[number:] if one in order), len(order))
                order.insert(order.index(names[number - 1]) + 1 if number else following, name)
        self.below = {name: self.below.get(name, Branch()) for name in order}

    def columns(self, path: tuple[str, ...] = (), many: tuple[bool, ...] = ()) -> Iterator[Column]:
        """The columns of the attributes below, each before those below it; a mere heading has none."""
        for name, branch in self.below.items():
            own, often = (*path, name), (*many, branch.many)
            if branch.has_values or branch.languages:
                yield Column(own, often, tuple(branch.languages) if branch.languages else None)
            yield from branch.columns(own, often)


def cell_of(attributes: Attributes, column: Column, inner: str, level: int = 0) -> str | None:
    """What stands in the column of a path for these attributes; None if they have nothing there."""
    own = [one for one in instances(attributes) if one.id == column.path[level]]
    is_last = level + 1 == len(column.path)
    found = [leaf(one, inner) if is_last else cell_of(one.attributes, column, inner, level + 1) for one in own]
    if column.many[level]:
        is_several = column.languages is not None if is_last else any(column.many[level + 1 :])
        return listed(found, inner, always=is_several)
    return found[0] if found else None


def leaf(one: ReportedAttribute, inner: str) -> str | None:
    """What one attribute says."""
    text = one.text or one.structured
    if text:
        return in_languages(text, inner)
    return one.values[0] if one.values else None


@dataclass(slots=True)
class Grown:
    """One attribute that a row tells of, piece by piece."""

    values: tuple[str, ...] = ()
    text: Text = Text()
    below: dict[str, list[Grown]] = field(default_factory=dict)


def attributes_of(cells: Iterable[tuple[Column, str]], inner: str) -> tuple[ReportedAttribute, ...]:
    """The attributes that the fields of a row tell of, in the order of the columns.

    Raises `NoTextError` for texts that do not name their languages.
    """
    root = Grown()
    for column, cell in cells:
        for place, value in places(cell, sum(column.many), inner):
            numbers = iter(place)
            grown = root
            for name, many in zip(column.path, column.many, strict=True):
                number = next(numbers) if many else 0
                held = grown.below.setdefault(name, [])
                held.extend(Grown() for _ in range(len(held), number + 1))
                grown = held[number]
            if column.languages is None:
                grown.values = (value,)
            else:
                grown.text = languages_in(value, column.languages, inner)
    return reported(root.below)


def reported(grown: Mapping[str, Sequence[Grown]]) -> tuple[ReportedAttribute, ...]:
    """Attributes that have grown; those that say nothing are left out."""
    found = []
    for name, several in grown.items():
        for one in several:
            structured = one.text if is_xhtml(one.text) else Text()
            text = Text() if structured else one.text
            below = reported(one.below)
            if one.values or one.text or below:
                found.append(ReportedAttribute(name, one.values, text, structured, below))
    return arrays(found)
