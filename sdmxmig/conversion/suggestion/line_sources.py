"""Where the labels of a line stand: a place that mapping files write, or a part of each label that stands there."""

from __future__ import annotations

from dataclasses import dataclass

from sdmxmig.sdmx.model.sources import Kind, Source, place_of


@dataclass(frozen=True, slots=True)
class LineSource:
    """The place of a line of labels, and the `part` of each label that is meant, empty where labels are whole.

    A part is ``part 2`` of labels such as “F,DE”, or ``words behind`` the period of labels such as “2011 Men”.
    """

    place: Source
    part: str = ""

    def __str__(self) -> str:
        return f"{self.place} {self.part}".rstrip()

    @property
    def kind(self) -> Kind:
        """What the line is; of several that tell a component together what the first of them is."""
        return self.place.parts[0].kind

    @property
    def number(self) -> int | None:
        """The number of a header row or label column, None if it has none; of several that of the first."""
        return self.place.parts[0].number

    @property
    def is_joined(self) -> bool:
        """Whether two lines or more tell a component together."""
        return self.place.is_joined

    @property
    def is_numbered(self) -> bool:
        """Whether it is a header row or label column by its number, or a part of one."""
        return self.place.number is not None

    @property
    def is_label_column(self) -> bool:
        """Whether it is a column beside the figures, by its number and with whole labels."""
        return self.place.kind == "column" and self.is_numbered and not self.part

    @property
    def parts(self) -> tuple[LineSource, ...]:
        """The lines that tell a component together, or this one alone."""
        return tuple(map(LineSource, self.place.parts)) if self.is_joined else (self,)

    def joined(self, other: LineSource) -> LineSource:
        """This line and another one, which tell a component together."""
        return LineSource(Source("joined", together=(*self.place.parts, *other.place.parts)))


SECTION = LineSource(Source("section"))
"""The titles between the rows."""
FIRST_COLUMN = LineSource(Source("column", 1))
LeftOut = tuple[LineSource, str, str]
"""A label that stays out: where its line stands, its text, and why."""


def line_source(text: str) -> LineSource:
    """A line with whole labels as mapping files write it, such as ``header 1`` or ``column Country``.

    >>> str(line_source("column Country")), line_source("header 2").number
    ('column Country', 2)
    """
    return LineSource(place_of(text))
