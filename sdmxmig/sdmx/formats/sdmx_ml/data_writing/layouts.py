"""Markup of generic data."""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import nullcontext
from typing import BinaryIO

import polars as pl

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.formats.sdmx_ml.data_writing.notes import EscapedRows
from sdmxmig.sdmx.formats.sdmx_ml.dialects import Placement


class Generic:
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
        """Write attributes in their element, which must not be empty."""
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
    if not key:
        hint = "Write it by another dimension at observation, or by AllDimensions."
        raise SdmxmigError(f"Generic data cannot express {element} of a structure with one dimension.", hint=hint)
    empty = rows.frame.select(pl.all_horizontal(pl.col(key).is_null())).to_series()
    if empty.any():
        number = empty.arg_true()[0] + 1
        raise SdmxmigError(f"{', '.join(key)}: the {element} number {number} has none, and generic data need one.")


ROWS_PER_SLICE = 100_000
ROWS_PER_MORSEL = 5_000
"""Number of lines built at a time; small batches reuse memory, which is faster."""


class Line:
    def __init__(self, text: str = "") -> None:
        self._parts: list[str | pl.Expr] = [text]

    def text(self, text: str) -> Line:
        if isinstance(self._parts[-1], str):
            self._parts[-1] += text
        else:
            self._parts.append(text)
        return self

    def value(self, name: str) -> Line:
        self._parts.append(pl.col(name))
        return self

    def optional(self, name: str, before: str, after: str) -> Line:
        self._parts.append((pl.lit(before) + pl.col(name) + pl.lit(after)).fill_null(""))
        return self

    def between(self, name: str, before: str, after: str, *, nulls: int) -> Line:
        if nulls:
            return self.optional(name, before, after)
        return self.text(before).value(name).text(after)

    def either(self, name: str, before: str, after: str, *, otherwise: str) -> Line:
        self._parts.append((pl.lit(before) + pl.col(name) + pl.lit(after)).fill_null(otherwise))
        return self

    def when(self, condition: pl.Expr, text: str) -> Line:
        self._parts.append(pl.when(condition).then(pl.lit(text)).otherwise(pl.lit("")))
        return self

    def expression(self) -> pl.Expr:
        return pl.concat_str([pl.lit(part) if isinstance(part, str) else part for part in self._parts]).alias("line")

    def of(self, frame: pl.DataFrame) -> pl.Series:
        return frame.with_columns(self.expression())["line"]


def write_lines(frame: pl.DataFrame, line: Line, out: BinaryIO) -> None:
    """Write a line for each row with the CSV writer and no quoting, which is fastest."""
    if frame.is_empty():
        return
    if isinstance(out, (io.BufferedWriter, io.BufferedRandom, io.FileIO)):
        out.flush()
        lines = frame.lazy().with_columns(line.expression()).select("line")
        with pl.Config(streaming_chunk_size=ROWS_PER_MORSEL) if frame.height > ROWS_PER_MORSEL else nullcontext():
            lines.sink_csv(out, include_header=False, quote_style="never", engine="streaming")
        return
    for part in frame.iter_slices(ROWS_PER_SLICE):
        buffer = io.BytesIO()
        rows = part.with_columns(line.expression()).select("line")
        rows.write_csv(buffer, include_header=False, quote_style="never")
        out.write(buffer.getbuffer())


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
        """Close a tag and add nested notes, values and metadata; without `element` it stays open."""
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
