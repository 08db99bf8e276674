"""Markup of generic data."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.formats.sdmx_ml.data_writing.lines import Line
from sdmxmig.sdmx.formats.sdmx_ml.data_writing.texts import EscapedRows
from sdmxmig.sdmx.formats.sdmx_ml.placement import Placement


class Generic:
    """Writer of series, observations and groups of generic data 2.1."""

    series_end = "    </g:Series>\n"

    def __init__(self, placement: Placement, prefix: str) -> None:
        self.placement = placement
        self.prefix = prefix

    def series(self, rows: EscapedRows, *, alone: bool) -> Line:
        line = self._noted(Line("    <g:Series>"), rows)
        self._key(line, rows, "SeriesKey", self.placement.series_key)
        self._attributes(line, rows, self.placement.series)
        return line.text("</g:Series>" if alone else "\n")

    def observation(self, rows: EscapedRows, line: Line) -> Line:
        """An observation with its key, value and attributes."""
        place = self.placement
        if place.is_flat:
            self._noted(line.text("    <g:Obs>"), rows)
            self._key(line, rows, "ObsKey", place.observation_key)
        else:
            self._noted(line.text("      <g:Obs>"), rows).text('<g:ObsDimension value="')
            refuse_empty(rows, place.observation_key, "Obs")
            line.value(place.dimension).text('"/>')
        for name in rows.filled(*place.measures):
            line.between(name, '<g:ObsValue value="', '"/>', nulls=rows.frame[name].null_count())
        self._attributes(line, rows, place.observation)
        return line.text("</g:Obs>")

    def group(self, rows: EscapedRows, name: str, key: Sequence[str], attributes: Sequence[str]) -> Line:
        line = self._noted(Line(f'    <g:Group type="{name}">'), rows)
        self._key(line, rows, "GroupKey", key)
        self._attributes(line, rows, attributes)
        return line.text("</g:Group>")

    def part(self, rows: EscapedRows, key: Sequence[str], attributes: Sequence[str]) -> Line:  # noqa: ARG002 - as in Specific
        raise SdmxmigError(f"Generic data have no place for {', '.join(attributes)} of a part of the key.")

    def dataset(self, attributes: Sequence[tuple[str, str]]) -> tuple[str, str]:
        values = "".join(f'<g:Value id="{name}" value="{value}"/>' for name, value in attributes)
        return "", f"    <g:Attributes>{values}</g:Attributes>\n" if values else ""

    def _noted(self, line: Line, rows: EscapedRows) -> Line:
        for name in rows.notes:
            line.optional(name, "", "")
        return line

    def _key(self, line: Line, rows: EscapedRows, element: str, names: Sequence[str]) -> None:
        refuse_empty(rows, names, element)
        line.text(f"<g:{element}>")
        self._values(line, rows, rows.filled(*names))
        line.text(f"</g:{element}>")

    def _attributes(self, line: Line, rows: EscapedRows, names: Sequence[str]) -> None:
        """The attributes in their element, which may not stand without any."""
        filled = rows.filled(*names)
        if not filled:
            return
        if any(rows.frame[name].null_count() == 0 for name in filled):
            line.text("<g:Attributes>")
            self._values(line, rows, filled)
            line.text("</g:Attributes>")
            return
        has_attributes = pl.any_horizontal(pl.col(filled).is_not_null())
        line.when(has_attributes, "<g:Attributes>")
        self._values(line, rows, filled)
        line.when(has_attributes, "</g:Attributes>")

    def _values(self, line: Line, rows: EscapedRows, names: Sequence[str]) -> None:
        for name in names:
            nulls = rows.frame[name].null_count()
            line.between(name, f'<g:Value id="{name}" value="', '"/>', nulls=nulls)


def refuse_empty(rows: EscapedRows, key: Sequence[str], element: str) -> None:
    """Reject rows without key values, which these elements require.

    Raises `SdmxmigError` with the row number.
    """
    if not key:
        hint = "Write it by another dimension at observation, or by AllDimensions."
        raise SdmxmigError(f"Generic data cannot say {element} of a structure with one dimension.", hint=hint)
    empty = rows.frame.select(pl.all_horizontal(pl.col(key).is_null())).to_series()
    if empty.any():
        number = empty.arg_true()[0] + 1
        raise SdmxmigError(f"{', '.join(key)}: the {element} number {number} has none, and generic data need one.")
