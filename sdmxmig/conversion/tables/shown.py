"""Displayed figures of workbooks, with the digits of number formats such as ``#,##0.0;(#,##0.0)``."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from functools import lru_cache

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
    general = [number for number in others if table.formats[number] == GENERAL]
    fits = pl.col("format").is_in(general) & (size < GENERAL_WIDTH)
    candidates = table.cells.with_row_index("cell").filter(number & pl.col("format").is_in(others) & ~fits)
    if candidates.is_empty():
        return hides_digits
    shown_values = candidates.select("cell", "text").hstack(
        shown(replace(table, cells=candidates.drop("cell"))).select("figure")
    )
    stored, figure = (pl.col(name).cast(pl.Float64, strict=False) for name in ("text", "figure"))
    near = (figure - stored).abs() <= pl.max_horizontal(stored.abs(), 1.0) * NEAR
    return hides_digits.scatter(shown_values.filter((figure != stored) & near)["cell"], values=True)


def places_of(code: str) -> int | None:
    """Return the decimals that a format shows of unscaled figures; None for other formats.

    >>> [places_of(code) for code in ("#,##0.0", "0.00;-0.0", "General", "0.0%", "yyyy")]
    [1, None, None, None, None]
    """
    cases = parsed(code)
    section = cases[0].section if len(cases) == 1 else None
    if section is None or section.general or section.shift or not section.digits:
        return None
    return section.decimals


def as_shown(figures: pl.Series, code: str) -> pl.DataFrame:
    """Format stored figures into the columns ``shown`` and ``figure`` (see `shown`).

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
    """Format the figures of a section; if `signed`, a minus is added."""
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
    """Return the digits before (``whole``) and after (``behind``) the point; null if too many."""
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


TOKEN = re.compile(
    r"""
    "(?P<quoted>[^"]*)" | \\(?P<escaped>.) | _(?P<space>.) | \*(?P<fill>.) | \[(?P<bracket>[^\]]*)\]
    | (?P<general>General) | (?P<digit>[0\#?]) | (?P<point>\.) | (?P<comma>,) | (?P<percent>%)
    | (?P<literal>[ $+():!^&'~{}<>=/\u00a0\u2009\u202f€£¥-])
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
SECTIONS = re.compile(r'((?:"[^"]*"|\\.|\[[^\]]*\]|[^;"\\\[])*)(?:;|\Z)', re.DOTALL)
SILENT = re.compile(r"black|blue|cyan|green|magenta|red|white|yellow|color ?\d{1,2}|\$-[0-9a-f]+", re.IGNORECASE)
CURRENCY = re.compile(r"\$([^-]*)(?:-[0-9A-Fa-f]+)?")
CONDITION = re.compile(r"(<=|>=|<>|<|>|=)(\d+(?:\.\d+)?)")
FRACTION = re.compile(r"[0#?]\s*/\s*[0-9#?]")
TEXT_SIGN = "@"


@dataclass(frozen=True, slots=True)
class FormatSection:
    """A section of a format code.

    `integers` is the minimum of integer digits, `decimals` and `least` the range of decimals, `shift` a power of 10,
    `gaps` literals between digits, `broken` marks unusual ones. `general` shows figures unchanged. `condition` is the
    sign and bound.
    """

    before: str = ""
    after: str = ""
    _: KW_ONLY
    integers: int = 0
    decimals: int = 0
    least: int = 0
    shift: int = 0
    grouped: bool = False
    gaps: tuple[tuple[int, str], ...] = ()
    broken: bool = False
    digits: bool = False
    general: bool = False
    condition: tuple[str, float] | None = None


@dataclass(frozen=True, slots=True)
class SectionCase:
    """The figures that a section shows: those `sign` (such as ``<``; empty for others) `bound`."""

    section: FormatSection
    sign: str = ""
    _: KW_ONLY
    bound: float = 0
    signed: bool = False


@lru_cache(maxsize=4096)
def parsed(code: str) -> tuple[SectionCase, ...]:
    """Parse a format code into cases; the first match shows a figure. Empty if unsupported.

    >>> [case.section.shift for code in ("0.0%", "#,##0,") for case in parsed(code)], parsed("yyyy")
    ([2, -3], ())
    >>> [(case.sign, case.bound) for case in parsed("[>=1000]#,##0;0.0")]
    [('>=', 1000.0), ('', 0)]
    """
    texts = [match[1] for match in SECTIONS.finditer(code)]
    if len(texts) > 1 and not texts[-1] and not code.endswith(";"):
        texts.pop()  # the end of the code matches again
    if len(texts) > 1 and TEXT_SIGN in texts[-1]:
        texts.pop()
    if texts == [TEXT_SIGN]:
        texts = ["General"]
    candidates = [section_of(text) for text in texts[:3]]
    sections = [section for section in candidates if section is not None]
    if not sections or len(sections) < len(candidates) or (len(texts) == 2 and not texts[1]):
        return ()
    if any(section.condition for section in sections):
        return conditional(sections)
    if len(sections) == 1:
        return (SectionCase(sections[0], signed=True),)
    above, below, *zero = sections
    return (*(SectionCase(section, "=") for section in zero), SectionCase(below, "<"), SectionCase(above))


def conditional(sections: Sequence[FormatSection]) -> tuple[SectionCase, ...]:
    """Return the cases of sections with conditions, which all but the last must state."""
    *with_conditions, last = sections
    if last.condition or not with_conditions:
        return ()
    cases = [
        SectionCase(section, section.condition[0], bound=section.condition[1], signed=True)
        for section in with_conditions
        if section.condition
    ]
    return (*cases, SectionCase(last, signed=True)) if len(cases) == len(with_conditions) else ()


def section_of(text: str) -> FormatSection | None:
    """Parse one section of a format code; None if unsupported.

    >>> section = section_of('"about "#,##0.0#')
    >>> section.before, section.integers, section.decimals, section.least, section.grouped
    ('about ', 1, 2, 1, True)
    """
    if FRACTION.search(text):
        return None
    shape, at = SectionShape(), 0
    while at < len(text):
        token = TOKEN.match(text, at)
        if not token or not shape.take(token):
            return None
        at = token.end()
    return shape.section()


class SectionShape:
    """Reads the symbols of a section one by one."""

    def __init__(self) -> None:
        self.literals = ["", ""]
        self.places = ["", ""]  # digits before and after the point
        self.gaps: list[tuple[int, str]] = []  # number of digits before each gap, and its text
        self.point = self.general = self.grouped = False
        self.commas = self.percents = 0
        self.condition: tuple[str, float] | None = None

    def take(self, token: re.Match[str]) -> bool:
        """Read the next symbol; False if the section then shows more than a decimal figure."""
        kind, value = token.lastgroup, token[token.lastgroup or 0]
        if kind == "digit":
            self._digit(value)
        elif kind == "point":
            self.point = True
        elif kind == "comma":
            self.commas += bool(self.places[0] or self.point)
        elif kind == "general":
            self.general = True
        elif kind == "bracket":
            return self._bracket(value)
        elif kind == "percent":
            self.percents += 1
            self._literal("%")
        else:
            self._literal({"space": " ", "fill": ""}.get(str(kind), value))
        return True

    def _bracket(self, value: str) -> bool:
        currency = CURRENCY.fullmatch(value)
        if currency and currency[1]:
            self._literal(currency[1])
        condition = CONDITION.fullmatch(value)
        if condition:
            self.condition = (condition[1], float(condition[2]))
        return bool(currency or condition or SILENT.fullmatch(value))

    def _literal(self, text: str) -> None:
        begun = bool(self.places[0] or self.point or self.general)
        self.literals[begun] += text

    def _digit(self, value: str) -> None:
        if self.literals[1]:
            self.gaps.append((len(self.places[0]), self.literals[1] if not self.point else value))
            self.literals[1] = ""
        self.grouped |= bool(self.commas) and not self.point
        self.commas = self.commas if self.point else 0
        self.places[self.point] += value

    def section(self) -> FormatSection:
        integers, behind = self.places
        return FormatSection(
            self.literals[0],
            self.literals[1],
            integers=len(integers) - integers.index("0") if "0" in integers else int(self.general),
            decimals=len(behind),
            least=behind.rindex("0") + 1 if "0" in behind else 0,
            shift=2 * self.percents - 3 * self.commas,
            grouped=self.grouped,
            gaps=tuple((len(integers) - digits, text) for digits, text in self.gaps),
            broken=any(text.strip() for _, text in self.gaps) or bool(self.gaps and self.grouped),
            digits=bool(integers or behind) or self.general,
            general=self.general,
            condition=self.condition,
        )
