"""Places of lines: as in mapping files, or part of a label."""

from __future__ import annotations

from dataclasses import dataclass

from sdmxmig.sdmx.model.sources import Kind, Source, parse_place


@dataclass(frozen=True, slots=True)
class LineSource:
    """The place of a line, and the `part` of each label.

    Examples: ``part 2`` of “F,DE”, ``words behind`` in “2011 Men”.
    """

    place: Source
    part: str = ""

    def __str__(self) -> str:
        return f"{self.place} {self.part}".rstrip()

    @property
    def kind(self) -> Kind:
        return self.place.parts[0].kind

    @property
    def number(self) -> int | None:
        return self.place.parts[0].number

    @property
    def is_joined(self) -> bool:
        return self.place.is_joined

    @property
    def is_numbered(self) -> bool:
        return self.place.number is not None

    @property
    def is_skippable(self) -> bool:
        """Whether rows or columns can be left out by these labels."""
        parts = self.place.parts
        are_lines = (part.number is not None or part == Source("section") for part in parts)
        return len({part.kind for part in parts}) == 1 and all(are_lines)

    @property
    def is_label_column(self) -> bool:
        return self.place.kind == "column" and self.is_numbered and not self.part

    @property
    def parts(self) -> tuple[LineSource, ...]:
        return tuple(map(LineSource, self.place.parts)) if self.is_joined else (self,)

    def joined(self, other: LineSource) -> LineSource:
        return LineSource(Source("joined", together=(*self.place.parts, *other.place.parts)))


SECTION = LineSource(Source("section"))
"""The titles between the rows."""
FIRST_COLUMN = LineSource(Source("column", 1))
LeftOut = tuple[LineSource, str, str]
"""A label left out: the source of its line, its text and the reason."""


def line_source(text: str) -> LineSource:
    """Parse a line with whole labels, such as ``header 1`` or ``column Country``.

    >>> str(line_source("column Country")), line_source("header 2").number
    ('column Country', 2)
    """
    return LineSource(parse_place(text))
