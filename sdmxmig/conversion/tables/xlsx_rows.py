"""Fast columnar reading of regular rows: the cells of a run of rows, by type and column."""

from __future__ import annotations

import re
from dataclasses import KW_ONLY, dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sdmxmig.conversion.tables.cell_styles import STORED, CellStyles, number_texts, replaced
from sdmxmig.conversion.tables.readers import LAST_COLUMN, LAST_ROW
from sdmxmig.conversion.tables.xlsx_strings import ENTITY, longest, plain_text
from sdmxmig.io.intake.xml import TEXT_LIMIT
from sdmxmig.primitives.lazily import np, pl
from sdmxmig.primitives.places import column_name
from sdmxmig.sdmx.model.tables import KINDS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Texts = tuple[pl.Series, NDArray[np.uint8] | None]
    """The texts of cells, and their kinds where these are not those of the type."""


CELL = '<c r="'
FORMULA, INLINE, INLINE_END = "\x01", "\x02", "\x03"
TEXT = r"[^<>&\x00-\x08\x0b-\x1f\x{fffe}\x{ffff}]"
WITH_FORMULA = (
    r'><f(?: t="(?:shared|array|normal|dataTable)")?(?: aca="[a-z01]{1,5}")?(?: ref="[A-Z0-9:]{1,24}")?'
    r'(?: ca="[a-z01]{1,5}")?(?: si="[0-9]{1,9}")?'
    rf"(?:/>|>(?:{TEXT}|&(?:amp|lt|gt|quot|apos);)*</f>)"
)
INLINE_START, INLINE_STOP = r'><is><t(?: xml:space="preserve")?>', "</t></is></c>"
VALUE, END = "><v>", "</v></c>"
ENDS = ("/>", "></c>")
ATTRIBUTES = re.compile(r'(?: (?:[a-zA-Z][a-zA-Z0-9]{0,9}:)?[a-zA-Z]{1,20}="[^"<>&\x00-\x1f\ufffe\uffff]*")*')
ATTRIBUTE = re.compile(r' ([a-zA-Z0-9:]+)="([^"]*)"')
ROW_TAG = r'^ r="([1-9][0-9]{0,6})"([^<>/]*)(/>|></row>|>)[ \t\r\n]*$'
ROW_END = "</row>"
BLANKS = " \t\r\n"
TYPES = ("n", "s", "str", "inlineStr", "b", "e", "d")
TAG_LIMIT = 1_000
HEAD_LIMIT = 10_000
"""How many different texts of attributes are remembered."""
TRUE = ("1", "true")


@dataclass(frozen=True, slots=True)
class CellHead:
    type: int
    style: int
    _: KW_ONLY
    formula: bool
    valued: bool


@lru_cache(maxsize=HEAD_LIMIT)
def head_of(attributes: str) -> CellHead | None:
    """Return a pattern for the attributes of a cell; None if they are not regular.

    >>> head_of(' s="3" t="s"'), head_of(' t="x"')
    (CellHead(type=1, style=3, formula=False, valued=True), None)
    >>> head_of(' s="1"/>')
    CellHead(type=0, style=1, formula=False, valued=False)
    """
    end = next((ending for ending in ENDS if attributes.endswith(ending)), "")
    bare = attributes.removesuffix(end)
    mark = next((sign for sign in (FORMULA, INLINE) if bare.endswith(sign)), "")
    bare = bare.removesuffix(mark)
    pairs = ATTRIBUTE.findall(bare)
    names = dict(pairs)
    style, kind = names.get("s", "0"), names.get("t", "n")
    if (
        not ATTRIBUTES.fullmatch(bare)
        or len(names) < len(pairs)
        or "r" in names
        or ":" in "".join(names)
        or kind not in TYPES
        or (kind == "inlineStr") != (mark == INLINE)
        or not (style.isascii() and style.isdigit())
        or (mark == FORMULA and end == "/>")
    ):
        return None
    return CellHead(TYPES.index(kind), int(style), formula=mark == FORMULA, valued=not end)


@dataclass(frozen=True)
class CellUnits:
    """The cells of a run: row, column, head as a position in `heads`, and value or null."""

    rows: pl.Series
    columns: pl.Series
    _: KW_ONLY
    at: pl.Series
    heads: tuple[CellHead | None, ...]
    values: pl.Series
    hidden: frozenset[int]
    last_row: int


@dataclass(frozen=True)
class RowTags:
    numbers: pl.Series
    hidden: frozenset[int]
    _: KW_ONLY
    last_row: int


@lru_cache(maxsize=1)
def columns() -> pl.Enum:
    return pl.Enum([column_name(column) for column in range(1, LAST_COLUMN + 1)])


class RowCutter:
    """Cuts runs of rows and remembers the heads of cells."""

    def __init__(self, prefixes: frozenset[str] = frozenset()) -> None:
        self._prefixes = prefixes
        self._heads: tuple[str, ...] = ("", ' t="s"')

    def cut(self, piece: bytes) -> CellUnits | None:
        """Return the cells of a run; None if it is not proved regular."""
        text = marked(piece)
        if text is None:
            return None
        units = text.str.split(CELL).explode()
        cells, ends, tails = row_ends(units.slice(1))
        counts = np.diff(ends, prepend=-1)
        if (ends.size and counts.max() > LAST_COLUMN) or (ends[-1] + 1 if ends.size else 0) != cells.len():
            return None
        tags = row_tags(pl.concat([units.head(1), tails]), self._prefixes)
        if tags is None:
            return None
        return self._units(cells, np.repeat(np.arange(counts.size), counts), tags)

    def _units(self, cells: pl.Series, row_at: NDArray[np.int64], tags: RowTags) -> CellUnits | None:
        names, tails = cells.str.splitn(VALUE, 2).struct.unnest().get_columns()
        values = tails.str.strip_suffix(END)
        names, attributes = names.str.splitn('"', 2).struct.unnest().get_columns()
        if attributes.null_count() or (tails.str.len_bytes() - values.str.len_bytes() != len(END)).any():
            return None
        at, heads = self._known(attributes)
        row = pl.DataFrame({"name": names, "row": tags.numbers.gather(row_at)})
        in_row = row.select(pl.col("name").str.ends_with(pl.col("row"))).to_series()
        letters = row.select(pl.col("name").str.strip_suffix(pl.col("row"))).to_series()
        numbered = letters.cast(columns(), strict=False).to_physical()
        if at is None or numbered.null_count() or not in_row.all():
            return None
        rows = tags.numbers.cast(pl.UInt32).gather(row_at)
        return CellUnits(
            rows,
            numbered.cast(pl.UInt32) + 1,
            at=at,
            heads=heads,
            values=values,
            hidden=tags.hidden,
            last_row=tags.last_row,
        )

    def _known(self, attributes: pl.Series) -> tuple[pl.Series | None, tuple[CellHead | None, ...]]:
        """Return positions of cell heads among known ones, and their patterns; None if too many."""
        heads = self._heads
        at = attributes.cast(pl.Enum(heads), strict=False)
        if at.null_count():
            new = attributes.filter(at.is_null()).unique(maintain_order=True)
            if len(heads) + new.len() > HEAD_LIMIT:
                return None, ()
            heads = self._heads = (*heads, *new)
            at = attributes.cast(pl.Enum(heads))
        return at.to_physical(), tuple(head_of(text) for text in heads)


def marked(piece: bytes) -> pl.Series | None:
    """Mark formulas and inline texts among the attributes of a run."""
    if any(mark.encode() in piece for mark in (FORMULA, INLINE, INLINE_END)):
        return None
    try:
        text = pl.Series([piece], dtype=pl.Binary).cast(pl.String)
    except pl.exceptions.PolarsError:
        return None
    if text.str.contains("<f", literal=True).item():
        text = text.str.replace_all(WITH_FORMULA, f"{FORMULA}>")
    if text.str.contains("<is>", literal=True).item():
        text = text.str.replace_all(INLINE_START, f"{INLINE}{VALUE}")
        text = text.str.replace_all(INLINE_STOP, f"{INLINE_END}{END}", literal=True)
    return text


def row_ends(units: pl.Series) -> tuple[pl.Series, NDArray[np.int64], pl.Series]:
    open_ends = ~units.str.ends_with("</c>")
    odd = units.filter(open_ends).str.strip_chars_end(BLANKS)
    ends_row = odd.str.contains(ROW_END, literal=True)
    parts, tails = odd.filter(ends_row).str.splitn(ROW_END, 2).struct.unnest().get_columns()
    odd = replaced(odd, ends_row, parts.str.strip_chars_end(BLANKS))
    ends = open_ends.arg_true().filter(ends_row).to_numpy().astype(np.int64)
    return replaced(units, open_ends, odd), ends, tails


def row_tags(heads: pl.Series, prefixes: frozenset[str]) -> RowTags | None:
    parts = heads.str.split("<row")
    counts = parts.list.len().to_numpy()
    tags = parts.explode()
    starts = np.cumsum(counts) - counts
    is_tag = np.ones(tags.len(), dtype=bool)
    is_tag[starts] = False
    begun = np.zeros(tags.len(), dtype=bool)
    begun[(starts + counts - 1)[:-1]] = True
    if (tags.gather(starts).str.strip_chars(BLANKS) != "").any() or (begun & ~is_tag).any():
        return None
    if longest(tags) > TAG_LIMIT:
        return None
    fields = tags.filter(is_tag).str.extract_groups(ROW_TAG).struct.unnest()
    numbers, attributes, ends = fields.get_columns()
    if numbers.null_count() or ((ends == ">").to_numpy() != begun[is_tag]).any():
        return None
    hiding = {text: hides(text, prefixes) for text in attributes.unique()}
    as_numbers = numbers.cast(pl.UInt32)
    last_row = int(as_numbers.item(-1))
    if None in hiding.values() or int(as_numbers.max()) > LAST_ROW:  # type: ignore[arg-type]
        return None
    hidden = as_numbers.filter(attributes.is_in([text for text, hidden in hiding.items() if hidden]))
    return RowTags(numbers.filter(pl.Series(begun[is_tag])), frozenset(hidden), last_row=last_row)


def hides(attributes: str, prefixes: frozenset[str]) -> bool | None:
    """Check whether row attributes hide it; None if irregular.

    >>> [hides(text, frozenset()) for text in (' spans="1:3" hidden="1"', ' spans="1:3"', ' a="1" a="1"')]
    [True, False, None]
    """
    pairs = ATTRIBUTE.findall(attributes)
    names = dict(pairs)
    if not ATTRIBUTES.fullmatch(attributes) or len(names) < len(pairs) or "r" in names:
        return None
    if any(name.partition(":")[0] not in prefixes for name in names if ":" in name):
        return None
    return names.get("hidden") in TRUE


OF_TYPE = [KINDS.index(kind) for kind in ("number", "text", "text", "text", "boolean", "error", "date")]
"""The kind of cell for each of `TYPES`."""
TEXT_KIND = KINDS.index("text")
NUMBER, SHARED, TRUTH, ERROR, ISO = (TYPES.index(type_name) for type_name in ("n", "s", "b", "e", "d"))
FORMULA_TEXT, INLINE_TEXT = TYPES.index("str"), TYPES.index("inlineStr")
PROVED = {
    FORMULA_TEXT: rf"^(?:{TEXT}|{ENTITY})*$",
    INLINE_TEXT: rf"^(?:{TEXT}|{ENTITY})*{INLINE_END}$",
    TRUTH: "^[01]$",
    ERROR: "^[#A-Z0-9/!?]+$",
    ISO: "^[0-9T:.Z-]+$",
}
MIDNIGHT = "T00:00:00"


def facts_schema() -> dict[str, Any]:
    return {"type": pl.UInt8, "formula": pl.Boolean, "valued": pl.Boolean, "format": pl.UInt16, "dated": pl.UInt32}


@dataclass(frozen=True)
class SharedParts:
    strings: pl.Series
    styles: CellStyles[int]


@dataclass(frozen=True)
class RowRun:
    """The filled cells of a run of rows, with cell count, hidden rows and last row."""

    cells: pl.DataFrame
    count: int
    _: KW_ONLY
    hidden: frozenset[int]
    last_row: int


class CellLane:
    """Fast reader of rows in the sheets of one workbook."""

    def __init__(self, shared: SharedParts, rows: RowCutter) -> None:
        self._shared = shared
        self._rows = rows

    def read(self, piece: bytes) -> RowRun | None:
        """Read a run; None if it is not proved regular."""
        units = self._rows.cut(piece)
        heads = self._heads(units) if units else None
        if units is None or heads is None:
            return None
        texts = self._texts(units, heads, piece)
        if texts is None:
            return None
        text, kinds = texts
        formula = heads["formula"]
        frame = pl.DataFrame(
            [
                units.rows.alias("row"),
                units.columns.alias("column"),
                text.alias("text"),
                pl.Series("kind", KINDS, dtype=pl.Enum(KINDS)).gather(kinds),
                formula,
                heads["format"],
            ]
        )
        filled = (text != "") | formula
        return RowRun(
            frame if filled.all() else frame.filter(filled), frame.height, hidden=units.hidden, last_row=units.last_row
        )

    def _heads(self, units: CellUnits) -> pl.DataFrame | None:
        facts = pl.DataFrame([self._facts(head) for head in units.heads], schema=facts_schema(), orient="row")
        heads = facts.select(pl.all().gather(units.at))
        if heads["type"].null_count() or (heads["valued"] != units.values.is_not_null()).any():
            return None
        return heads

    def _facts(self, head: CellHead | None) -> tuple[int | None, bool, bool, int | None, int]:
        if head is None:
            return None, False, False, None, 0
        styles = self._shared.styles
        figure = head.type == NUMBER and head.valued
        dated = figure and head.style < len(styles.shows) and styles.shows[head.style]
        code = styles.code(head.style, KINDS[OF_TYPE[head.type]]) if head.valued else None
        return head.type, head.formula, head.valued, code, head.style + 1 if dated else 0

    def _texts(self, units: CellUnits, heads: pl.DataFrame, piece: bytes) -> tuple[pl.Series, NDArray[np.uint8]] | None:
        """Return text and kind of each cell, empty without value; None if one is irregular."""
        types = heads["type"].to_numpy()
        kinds = np.array(OF_TYPE, dtype=np.uint8)[types]
        kinds[(types == NUMBER) & ~heads["valued"].to_numpy() & ~heads["formula"].to_numpy()] = TEXT_KIND
        pool, size = [units.values], units.values.len()
        order = np.arange(size, dtype=np.uint32)
        dated = heads["dated"].to_numpy()
        groups = [(cell_type, 0) for cell_type in np.unique(types)] + [
            (NUMBER, style) for style in np.unique(dated) if style
        ]
        for kind, style in groups:
            positions = np.flatnonzero((types == kind) & (dated == style) & heads["valued"].to_numpy())
            values = units.values.gather(positions)
            texts_and_kinds = self._dates(values, style - 1) if style else self._of_type(kind, values, piece)
            if texts_and_kinds is None:
                return None
            texts, own_kinds = texts_and_kinds
            if own_kinds is not None:
                kinds[positions] = own_kinds
            if texts is not values:
                order[positions] = np.arange(size, size + positions.size)
                pool.append(texts)
                size += positions.size
        texts = pl.concat(pool, rechunk=True).gather(order)  # in one chunk, long texts are shared, not copied
        return texts.fill_null(""), kinds

    def _of_type(self, kind: int, values: pl.Series, piece: bytes) -> Texts | None:
        if kind == NUMBER:
            texts = number_texts(values)
        elif kind == SHARED:
            texts = self._strings(values)
        elif not values.str.contains(PROVED[kind]).all():
            return None
        elif kind == TRUTH:
            texts = values.replace_strict(["0", "1"], ["FALSE", "TRUE"])
        elif kind == ISO:
            texts = values.str.strip_suffix(MIDNIGHT)
        else:
            texts = plain_text(values.str.strip_suffix(INLINE_END), piece)
        return None if texts is None or longest(texts) > TEXT_LIMIT else (texts, None)

    def _strings(self, values: pl.Series) -> pl.Series | None:
        numbers = values.cast(pl.UInt32, strict=False)
        if numbers.null_count() or (numbers >= self._shared.strings.len()).any():
            return None
        return self._shared.strings.gather(numbers)

    def _dates(self, values: pl.Series, style: int) -> Texts | None:
        if not values.str.contains(STORED).all() or not values.cast(pl.Float64).is_finite().all():
            return None
        distinct = values.unique()
        texts_and_kinds = [self._shared.styles.figure(float(value), style) for value in distinct]
        at = values.cast(pl.Enum(distinct)).to_physical()
        kinds = np.array([KINDS.index(kind) for _, kind in texts_and_kinds], dtype=np.uint8)
        return pl.Series([text for text, _ in texts_and_kinds], dtype=pl.String).gather(at), kinds[at.to_numpy()]
