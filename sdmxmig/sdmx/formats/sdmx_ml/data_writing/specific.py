"""Markup of structure-specific data."""

from __future__ import annotations

from collections.abc import Sequence

from sdmxmig.sdmx.formats.sdmx_ml.data_writing.lines import Line
from sdmxmig.sdmx.formats.sdmx_ml.data_writing.texts import EscapedRows
from sdmxmig.sdmx.formats.sdmx_ml.placement import Placement


class Specific:
    """Writer for one dataflow, whose types have the prefix `prefix`."""

    series_end = "    </Series>\n"

    def __init__(self, placement: Placement, prefix: str) -> None:
        self.placement = placement
        self.prefix = prefix

    def series(self, rows: EscapedRows, *, alone: bool) -> Line:
        line = Line("    <Series")
        self._attributes(line, rows, (*self.placement.series_key, *self.placement.series))
        return self._inside(
            line, rows, names=self.placement.series, end="/>" if alone else ">\n", element="Series" if alone else ""
        )

    def observation(self, rows: EscapedRows, line: Line) -> Line:
        place = self.placement
        line.text("    <Obs" if place.is_flat else "      <Obs")
        components = (*place.measures, *place.observation)
        self._attributes(line, rows, (*place.observation_key, *components))
        return self._inside(line, rows, names=components, end="/>", element="Obs")

    def group(self, rows: EscapedRows, name: str, key: Sequence[str], attributes: Sequence[str]) -> Line:
        line = Line(f'    <Group xsi:type="{self.prefix}:{name}"')
        self._attributes(line, rows, (*key, *attributes))
        return self._inside(line, rows, names=attributes, end="/>", element="Group")

    def part(self, rows: EscapedRows, key: Sequence[str], attributes: Sequence[str]) -> Line:
        line = Line("    <Atts")
        self._attributes(line, rows, (*key, *attributes))
        return self._inside(line, rows, names=attributes, end="/>", element="Atts")

    def dataset(self, attributes: Sequence[tuple[str, str]]) -> tuple[str, str]:
        return "".join(f' {name}="{value}"' for name, value in attributes), ""

    def _attributes(self, line: Line, rows: EscapedRows, names: Sequence[str]) -> None:
        for name in rows.filled(*names):
            line.between(name, f' {name}="', '"', nulls=rows.frame[name].null_count())

    def _inside(self, line: Line, rows: EscapedRows, names: Sequence[str], end: str, element: str) -> Line:
        """Close a tag and add nested notes, values and metadata.

        Without `element` it stays open and metadata come at its end.
        """
        values = rows.parts(*names)
        parts = [*rows.notes, *values, *(rows.reports if element else ())]
        if not parts:
            return line.text(end)
        if len(parts) == 1 and not values:
            return line.either(parts[0], ">", f"</{element}>" if element else "\n", otherwise=end)
        line.text(">")
        for name in parts:
            line.optional(name, "", "")
        return line.text(f"</{element}>" if element else "\n")
