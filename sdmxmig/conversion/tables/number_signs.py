"""Decimal and thousands separators proven by the figures of a text file."""

from __future__ import annotations

from sdmxmig.primitives.lazily import pl

PARTS, PART = 100, 500
BLANKS = r" \x{00a0}\x{2009}\x{202f}"
APOSTROPHES = "'’"
SIGN = r"^\s*[+−-]?\s*"
FIGURE = rf"{SIGN}\d[\d.,{BLANKS}{APOSTROPHES}]*$"
GROUPED = {
    " ": rf"{SIGN}\d{{1,3}}(?:[{BLANKS}]\d{{3}})+(?:[.,]\d+)?\s*$",
    "'": rf"{SIGN}\d{{1,3}}(?:[{APOSTROPHES}]\d{{3}})+(?:[.,]\d+)?\s*$",
    ",": rf"{SIGN}\d{{1,3}}(?:(?:,\d{{3}}){{2,}}(?:\.\d+)?|,\d{{3}}\.\d+)\s*$",
    ".": rf"{SIGN}\d{{1,3}}(?:(?:\.\d{{3}}){{2,}}(?:,\d+)?|\.\d{{3}},\d+)\s*$",
}
DECIMAL = {
    sign: rf"{SIGN}(?:\d+|\d{{1,3}}(?:[{BLANKS}{APOSTROPHES}{other_sign}]\d{{3}})+)"
    rf"[{sign}](?:\d{{1,2}}|\d{{4,}})\s*$|{SIGN}(?:0\d*|\d{{4,}}|\d{{1,3}}(?:[{BLANKS}{APOSTROPHES}{other_sign}]\d{{3}})+)"
    rf"[{sign}]\d+\s*$"
    for sign, other_sign in ((",", "."), (".", ","))
}
EITHER = {sign: rf"{SIGN}[1-9]\d{{0,2}}[{sign}]\d{{3}}\s*$" for sign in ",."}
SMALL = rf"{SIGN}\d{{1,3}}\s*$"


def number_signs(cells: pl.DataFrame) -> tuple[tuple[str, str], ...]:
    """Find separators: ("decimal", ","), ("thousands", ".").

    “1,234” alone proves nothing unless smaller figures lack the sign; then it is marked unsure with an example.

    >>> from sdmxmig.sdmx.frames import CellColumns
    >>> cells = CellColumns()
    >>> for row, text in enumerate(["1.234,5", "17,25"], start=1):
    ...     cells.add(row, 1, text)
    >>> number_signs(cells.frame())
    (('decimal', ','), ('thousands', '.'))
    """
    texts = sample(cells.select("column", "text"))
    figures = texts.filter(pl.col("text").str.len_bytes() < 40, pl.col("text").str.contains(FIGURE))
    marked = figures.filter(pl.col("text").str.contains(rf"\d[.,{BLANKS}{APOSTROPHES}]\d"))
    if marked.is_empty():
        return ()
    proved = _proofs(marked, DECIMAL)
    grouped = _proofs(marked, GROUPED)
    thousands = [sign for sign in grouped if sign not in proved]
    unsure = ""
    for sign, pattern in EITHER.items():
        if sign in proved or sign in thousands:
            continue
        either = marked.filter(pl.col("text").str.contains(pattern))
        if either.is_empty():
            continue
        other_sign = "." if sign == "," else ","
        if other_sign in proved or _beside_small(figures, either):
            thousands.append(sign)
        else:
            unsure = either["text"][0].strip()
    pairs = [("decimal", " and ".join(proved)), ("thousands", " and ".join(thousands)), ("unsure figure", unsure)]
    return tuple((kind, sign) for kind, sign in pairs if sign)


def sample(cells: pl.DataFrame) -> pl.DataFrame:
    if cells.height <= PARTS * PART:
        return cells
    starts = range(0, cells.height, cells.height // PARTS)
    return pl.concat([cells.slice(start, PART) for start in starts])


def _proofs(figures: pl.DataFrame, patterns: dict[str, str]) -> list[str]:
    return [
        sign for sign, pattern in patterns.items() if figures.select(pl.col("text").str.contains(pattern).any()).item()
    ]


def _beside_small(figures: pl.DataFrame, either: pl.DataFrame) -> bool:
    small = figures.filter(pl.col("text").str.contains(SMALL))
    return not small.filter(pl.col("column").is_in(either["column"].unique().implode())).is_empty()
