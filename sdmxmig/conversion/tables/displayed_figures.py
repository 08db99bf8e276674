"""Displayed figures of workbooks, with the digits of number formats such as ``#,##0.0;(#,##0.0)``."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from sdmxmig.primitives.lazily import pl
from sdmxmig.sdmx.model.tables import Table

GENERAL_FORMAT = "General"
GENERAL_WIDTH = 11
COMPARISONS: Mapping[str, Callable[[pl.Expr, float], pl.Expr]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "<>": operator.ne,
    "": lambda value, _: value.is_not_null(),
}
"""The operators of conditions; the empty one matches all figures."""
MAX_DISTANCE = 0.5
"""A shown figure further away is one in another unit (per cent, thousands)."""


def format_displayed(table: Table) -> pl.Series:
    """Return the displayed figure of each cell, in order: the number as displayed, per cent or in thousands.

    It is null for texts, dates, powers and fractions. Halves round away from zero, as in spreadsheet programs.
    """
    cells = table.cells.select("text", "kind", "format").with_row_index("cell")
    figures = cells.filter(pl.col("kind") == "number")
    parts = [figures.clear().select("cell", figure="text")]
    for number in figures["format"].unique():
        same_format = figures.filter(pl.col("format").eq_missing(number))
        code = GENERAL_FORMAT if number is None else table.formats[number]
        parts.append(same_format.select("cell", format_column(same_format["text"], code)))
    return cells.select("cell").join(pl.concat(parts), on="cell", how="left", maintain_order="left")["figure"]


def is_cut_short(table: Table) -> pl.Series:
    """Mark cells that display fewer digits than stored, in cell order. Other units such as per cent do not count."""
    if table.cells["format"].null_count() == table.cells.height:
        return pl.repeat(value=False, n=table.cells.height, dtype=pl.Boolean, eager=True)
    size, point = pl.col("text").str.len_bytes(), pl.col("text").str.find(".", literal=True)
    behind = pl.when(point.is_not_null()).then(size - point - 1).otherwise(0)
    formats = table.cells["format"].unique().drop_nulls().to_list()
    places = {number: count_decimals(table.formats[number]) for number in formats}
    plain = {number: most for number, most in places.items() if most is not None}
    most = pl.col("format").replace_strict(plain, default=None, return_dtype=pl.Int64)
    number = pl.col("kind") == "number"
    hides_digits = table.cells.select(cut=number & (behind > most).fill_null(value=False))["cut"]
    others = [number for number in formats if places[number] is None]
    general = [number for number in others if table.formats[number] == GENERAL_FORMAT]
    fits = pl.col("format").is_in(general) & (size < GENERAL_WIDTH)
    candidates = table.cells.with_row_index("cell").filter(number & pl.col("format").is_in(others) & ~fits)
    if candidates.is_empty():
        return hides_digits
    figures = format_displayed(replace(table, cells=candidates.drop("cell")))
    shown_values = candidates.select("cell", "text", figures)
    stored, figure = (pl.col(name).cast(pl.Float64, strict=False) for name in ("text", "figure"))
    near = (figure - stored).abs() <= pl.max_horizontal(stored.abs(), 1.0) * MAX_DISTANCE
    return hides_digits.scatter(shown_values.filter((figure != stored) & near)["cell"], values=True)


def count_decimals(code: str) -> int | None:
    """Return the decimals that all sections of a format show of unscaled figures; None for other formats.

    >>> [count_decimals(code) for code in ("#,##0.0", "0.0;-0.0", "0.00;-0.0", "General", "0.0%", "yyyy")]
    [1, 1, None, None, None, None]
    """
    decimals = {
        None if section.general or section.shift or not section.digits else section.decimals
        for section in parse_format(code)
    }
    return decimals.pop() if len(decimals) == 1 else None


def format_column(figures: pl.Series, code: str) -> pl.Series:
    """Round stored figures as a format displays them (see `format_displayed`).

    >>> import polars as pl
    >>> format_column(pl.Series(["1234.56", "-0.5", "0"]), "#,##0.0;(#,##0.0);-").to_list()
    ['1234.6', '-0.5', None]
    """
    remaining = pl.DataFrame({"text": figures}).with_row_index("at")
    remaining = remaining.with_columns(
        value=pl.col("text").cast(pl.Float64, strict=False), negative=pl.col("text").str.starts_with("-")
    )
    parts = [remaining.clear().select("at", figure="text")]
    for section in parse_format(code):
        sign, bound = section.condition
        fits = COMPARISONS[sign](pl.col("value"), bound).fill_null(value=False)
        parts.append(format_figures(remaining.filter(fits), section))
        remaining = remaining.filter(~fits)
    parts.append(remaining.select("at", figure=pl.lit(None, dtype=pl.String)))
    return pl.concat(parts).sort("at")["figure"]


def format_figures(stored: pl.DataFrame, section: FormatSection) -> pl.DataFrame:
    if not section.digits:
        return stored.select("at", figure=pl.lit(None, dtype=pl.String))
    whole, behind = pl.col("whole"), pl.col("behind")
    below = pl.col("negative") & pl.concat_str(whole, behind).str.contains("[1-9]")
    number = pl.concat_str(
        pl.when(below).then(pl.lit("-")).otherwise(pl.lit("")),
        whole.str.strip_chars_start("0").str.zfill(1),
        pl.when(behind == "").then(pl.lit("")).otherwise("." + behind),
    )
    is_empty = (whole == "") & (behind == "")
    return round_figures(stored, section).select("at", figure=pl.when(~is_empty).then(number))


def round_figures(figures: pl.DataFrame, section: FormatSection) -> pl.DataFrame:
    """Return the digits before (``whole``) and after (``behind``) the point; null if too many."""
    parts = pl.col("text").str.strip_prefix("-").str.splitn(".", 2)
    whole, behind = parts.struct.field("field_0"), parts.struct.field("field_1").fill_null("")
    frame = figures.select(
        "at", "negative", whole=whole, behind=behind, places=pl.lit(section.decimals, dtype=pl.Int64)
    )
    if section.general:
        frame = format_general(frame)
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


def format_general(frame: pl.DataFrame) -> pl.DataFrame:
    width = pl.col("whole").str.len_bytes().cast(pl.Int64)
    long = width + pl.col("behind").str.len_bytes() >= GENERAL_WIDTH
    power = (width > GENERAL_WIDTH) | (long & (pl.col("whole") == "0") & pl.col("behind").str.starts_with("0000"))
    places = (GENERAL_WIDTH - 1 - width).clip(0)
    return frame.with_columns(places=places, whole=pl.when(~power).then("whole"))


TOKEN = re.compile(
    r"""
    "[^"]*" | \\. | _. | \*.
    | \[ (?: black | blue | cyan | green | magenta | red | white | yellow | color\ ?\d{1,2} ) \]
    | \[ \$ [^\]-]* (?: -[0-9a-f]+ )? \]
    | \[ (?P<condition> (?: <= | >= | <> | < | > | = ) \d+ (?: \.\d+ )? ) \]
    | (?P<general> General ) | (?P<percent> % ) | (?P<digits> [0\#?.,] )
    | [ $+():!^&'~{}<>=/\u00a0\u2009\u202f€£¥-]
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
SECTIONS = re.compile(r'((?:"[^"]*"|\\.|\[[^\]]*\]|[^;"\\\[])*)(?:;|\Z)', re.DOTALL)
CONDITION = re.compile(r"(<=|>=|<>|<|>|=)(.+)")
FRACTION = re.compile(r"[0#?]\s*/\s*[0-9#?]")
TEXT_SIGN = "@"
EVERY_FIGURE = ("", 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormatSection:
    """A section of a format code, and the `condition` (sign and bound) of the figures that it shows.

    `integers` is the minimum of integer digits, `decimals` and `least` the range of decimals, `shift` a power of 10.
    `general` shows figures unchanged.
    """

    integers: int
    decimals: int
    least: int
    shift: int
    digits: bool
    general: bool
    condition: tuple[str, float] = EVERY_FIGURE


@lru_cache(maxsize=4096)
def parse_format(code: str) -> tuple[FormatSection, ...]:
    """Parse a format code into sections; the first match shows a figure. Empty if unsupported.

    >>> [section.shift for code in ("0.0%", "#,##0,") for section in parse_format(code)], parse_format("yyyy")
    ([2, -3], ())
    >>> [section.condition for section in parse_format("[>=1000]#,##0;0.0")]
    [('>=', 1000.0), ('', 0.0)]
    """
    texts = [match[1] for match in SECTIONS.finditer(code)]
    if len(texts) > 1 and not texts[-1] and not code.endswith(";"):
        texts.pop()  # the end of the code matches again
    if len(texts) > 1 and TEXT_SIGN in texts[-1]:
        texts.pop()
    if texts == [TEXT_SIGN]:
        texts = ["General"]
    candidates = [parse_section(text) for text in texts[:3]]
    sections = tuple(section for section in candidates if section is not None)
    if not sections or len(sections) < len(candidates) or (len(texts) == 2 and not texts[1]):
        return ()
    is_conditional = [section.condition != EVERY_FIGURE for section in sections]
    if any(is_conditional):  # all sections but the last must state theirs
        return sections if is_conditional == [True] * (len(sections) - 1) + [False] else ()
    if len(sections) == 1:
        return sections
    above, below, *zero = sections
    return (*(replace(section, condition=("=", 0.0)) for section in zero), replace(below, condition=("<", 0.0)), above)


def parse_section(text: str) -> FormatSection | None:
    """Parse one section of a format code; None if it shows more than a decimal figure.

    >>> section = parse_section('"about "#,##0.0#')
    >>> section.integers, section.decimals, section.least
    (1, 2, 1)
    """
    tokens = list(TOKEN.finditer(text))
    if FRACTION.search(text) or "".join(token[0] for token in tokens) != text:
        return None
    written: dict[str | None, list[str]] = {}
    for token in tokens:
        written.setdefault(token.lastgroup, []).append(token[0])
    whole, _, behind = "".join(written.get("digits", ())).partition(".")
    integers, decimals = whole.replace(",", ""), behind.replace(",", "").replace(".", "")
    thousands = (len(whole) - len(whole.rstrip(",")) if integers else 0) + behind.count(",")
    general = "general" in written
    conditions = [CONDITION.fullmatch(condition[1:-1]) for condition in written.get("condition", ())]
    return FormatSection(
        integers=len(integers) - integers.index("0") if "0" in integers else int(general),
        decimals=len(decimals),
        least=decimals.rindex("0") + 1 if "0" in decimals else 0,
        shift=2 * len(written.get("percent", ())) - 3 * thousands,
        digits=bool(integers or decimals) or general,
        general=general,
        condition=(conditions[-1][1], float(conditions[-1][2])) if conditions and conditions[-1] else EVERY_FIGURE,
    )
