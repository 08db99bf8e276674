"""Displayed figures of workbooks, with the digits of their number formats."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import replace

from sdmxmig.conversion.tables.format_codes import FormatSection, parsed
from sdmxmig.primitives.lazily import pl
from sdmxmig.sdmx.model.tables import Table

GENERAL = "General"
GENERAL_WIDTH = 11
COMPARED: Mapping[str, Callable[[pl.Expr, float], pl.Expr]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "<>": operator.ne,
    "": lambda value, _: value.is_not_null(),
}
"""The signs of conditions; the empty one is that of all figures."""
NEAR = 0.5
"""A shown figure further away is one in another unit (per cent, thousands)."""
PLAIN_KINDS = ("text", "boolean", "error")


def shown(table: Table) -> pl.DataFrame:
    """Return the displayed text and number of each cell, in order.

    ``shown`` is text such as ``1,234.6`` or ``12.3%``, null for dates, powers and fractions. ``figure`` is the number
    as displayed (per cent or thousands), else null. Halves round away from zero, as in spreadsheet programs.
    """
    cells = table.cells.select("text", "kind", "format").with_row_index("cell")
    plain = cells.filter(pl.col("kind").cast(pl.String).is_in(PLAIN_KINDS))
    parts = [plain.select("cell", shown="text", figure=pl.lit(None, dtype=pl.String))]
    figures = cells.filter(pl.col("kind") == "number")
    for number in figures["format"].unique():
        same_format = figures.filter(pl.col("format").eq_missing(number))
        shown_figures = as_shown(same_format["text"], GENERAL if number is None else table.formats[number])
        parts.append(same_format.select("cell").hstack(shown_figures))
    return cells.select("cell").join(pl.concat(parts), on="cell", how="left", maintain_order="left").drop("cell")


def cut_short(table: Table) -> pl.Series:
    """Mark cells that display fewer digits than stored, in cell order.

    Other units such as per cent do not count.
    """
    if table.cells["format"].null_count() == table.cells.height:
        return pl.repeat(value=False, n=table.cells.height, dtype=pl.Boolean, eager=True)
    size, point = pl.col("text").str.len_bytes(), pl.col("text").str.find(".", literal=True)
    behind = pl.when(point.is_not_null()).then(size - point - 1).otherwise(0)
    formats = table.cells["format"].unique().drop_nulls().to_list()
    places = {number: places_of(table.formats[number]) for number in formats}
    plain = {number: most for number, most in places.items() if most is not None}
    most = pl.col("format").replace_strict(plain, default=None, return_dtype=pl.Int64)
    number = pl.col("kind") == "number"
    hides_digits = table.cells.select(cut=number & (behind > most).fill_null(value=False))["cut"]
    others = [number for number in formats if places[number] is None]
    if not others:
        return hides_digits
    candidates = table.cells.with_row_index("cell").filter(number & pl.col("format").is_in(others))
    shown_values = candidates.select("cell", "text").hstack(
        shown(replace(table, cells=candidates.drop("cell"))).select("figure")
    )
    stored, figure = (pl.col(name).cast(pl.Float64, strict=False) for name in ("text", "figure"))
    near = (figure - stored).abs() <= pl.max_horizontal(stored.abs(), 1.0) * NEAR
    return hides_digits.scatter(shown_values.filter((figure != stored) & near)["cell"], values=True)


def places_of(code: str) -> int | None:
    """How many decimals a format shows of each figure, which it shows in its own unit; None for any other format.

    >>> [places_of(code) for code in ("#,##0.0", "0.00;-0.0", "General", "0.0%", "yyyy")]
    [1, None, None, None, None]
    """
    cases = parsed(code)
    section = cases[0].section if len(cases) == 1 else None
    if section is None or section.general or section.shift or not section.digits:
        return None
    return section.decimals


def as_shown(figures: pl.Series, code: str) -> pl.DataFrame:
    """Stored figures as a number format shows them, in the columns ``shown`` and ``figure`` (see `shown`).

    >>> import polars as pl
    >>> as_shown(pl.Series(["1234.56", "-0.5", "0"]), "#,##0.0;(#,##0.0);-").rows()
    [('1,234.6', '1234.6'), ('(0.5)', '-0.5'), ('-', None)]
    """
    remaining = pl.DataFrame({"text": figures}).with_row_index("at")
    remaining = remaining.with_columns(
        value=pl.col("text").cast(pl.Float64, strict=False), negative=pl.col("text").str.starts_with("-")
    )
    parts = [remaining.clear().select("at", shown="text", figure="text")]
    for case in parsed(code):
        fits = COMPARED[case.sign](pl.col("value"), case.bound).fill_null(value=False)
        parts.append(sectioned(remaining.filter(fits), case.section, signed=case.signed))
        remaining = remaining.filter(~fits)
    unknown = pl.lit(None, dtype=pl.String)
    parts.append(remaining.select("at", shown=unknown, figure=unknown))
    return pl.concat(parts).sort("at").drop("at")


def sectioned(figures: pl.DataFrame, section: FormatSection, *, signed: bool) -> pl.DataFrame:
    """The figures of one section; if `signed`, a minus comes by itself."""
    if not section.digits:
        fixed = (section.before + section.after).strip()
        return figures.select("at", shown=pl.lit(fixed), figure=pl.lit(None, dtype=pl.String))
    digits = rounded(figures, section)
    whole, behind = pl.col("whole"), pl.col("behind")
    point = pl.when(behind != "").then(pl.lit(".")).otherwise(pl.lit("." if section.decimals else ""))
    below = pl.col("negative") & pl.concat_str(whole, behind).str.contains("[1-9]")
    minus = pl.when(below).then(pl.lit("-")).otherwise(pl.lit(""))
    signs = (
        minus if signed else pl.lit(""),
        pl.lit(section.before),
        grouped(whole, section),
        point,
        behind,
        pl.lit(section.after),
    )
    number = pl.concat_str(
        minus,
        whole.str.strip_chars_start("0").str.zfill(1),
        pl.when(behind == "").then(pl.lit("")).otherwise("." + behind),
    )
    empty = (whole == "") & (behind == "")
    return digits.select(
        "at",
        shown=pl.when(not section.broken).then(pl.concat_str(signs).str.strip_chars()),
        figure=pl.when(~empty).then(number),
    )


def grouped(whole: pl.Expr, section: FormatSection) -> pl.Expr:
    """The digits before the point with the signs between them."""
    if section.grouped:
        return whole.str.reverse().str.replace_all("([0-9]{3})", "${1},").str.strip_chars_end(",").str.reverse()
    ends = [pl.lit(0, dtype=pl.Int64)]
    width = whole.str.len_bytes().cast(pl.Int64)
    ends += [(width - digits).clip(0) for digits, _ in section.gaps]
    parts: list[pl.Expr] = []
    for number, (_, text) in enumerate(section.gaps):
        parts += [whole.str.slice(ends[number], ends[number + 1] - ends[number]), pl.lit(text)]
    return pl.concat_str(*parts, whole.str.slice(ends[-1])).str.strip_chars_start() if parts else whole


def rounded(figures: pl.DataFrame, section: FormatSection) -> pl.DataFrame:
    """The digits ``whole`` before the point and ``behind`` it; null if there are too many to be known."""
    parts = pl.col("text").str.strip_prefix("-").str.splitn(".", 2)
    whole, behind = parts.struct.field("field_0"), parts.struct.field("field_1").fill_null("")
    frame = figures.select(
        "at", "negative", whole=whole, behind=behind, places=pl.lit(section.decimals, dtype=pl.Int64)
    )
    if section.general:
        frame = as_general(frame)
    most = int(frame["places"].max() or 0)  # type: ignore[arg-type]
    padded = pl.col("whole").str.zfill(max(1 - section.shift, 1))
    signs = frame.select(
        "at",
        "negative",
        "places",
        digits=padded + pl.col("behind") + "0" * max(most + section.shift + 1, 1),
        cut=padded.str.len_bytes().cast(pl.Int64) + pl.col("places") + section.shift,
    )
    up = pl.col("digits").str.slice(pl.col("cut"), 1) >= "5"
    scaled = pl.col("digits").str.slice(0, pl.col("cut")).cast(pl.Int64, strict=False) + up.cast(pl.Int64)
    text = "0" * (most + 1) + scaled.cast(pl.String)
    digits = signs.select("at", "negative", "places", text=text)
    point = pl.col("text").str.len_bytes().cast(pl.Int64) - pl.col("places")
    after = pl.col("text").str.slice(point, pl.col("places"))
    return digits.select(
        "at",
        "negative",
        whole=pl.col("text").str.slice(0, point).str.strip_chars_start("0").str.zfill(section.integers),
        behind=after.str.slice(0, section.least) + after.str.slice(section.least).str.strip_chars_end("0"),
    )


def as_general(frame: pl.DataFrame) -> pl.DataFrame:
    width = pl.col("whole").str.len_bytes().cast(pl.Int64)
    long = width + pl.col("behind").str.len_bytes() >= GENERAL_WIDTH
    power = (width > GENERAL_WIDTH) | (long & (pl.col("whole") == "0") & pl.col("behind").str.starts_with("0000"))
    places = (GENERAL_WIDTH - 1 - width).clip(0)
    return frame.with_columns(places=places, whole=pl.when(~power).then("whole"))
