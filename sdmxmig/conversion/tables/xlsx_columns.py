"""Fast columnar reading of regular parts of .xlsx: shared strings, and the cells of rows by type and column."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import KW_ONLY, dataclass
from functools import lru_cache
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from sdmxmig.conversion.tables.cell_styles import STORED, CellStyles, format_numbers, raised, replace_texts
from sdmxmig.conversion.tables.readers import LAST_COLUMN, LAST_ROW, LEAVE_OUT, STRING_COST, STRING_LIMIT, Allowance
from sdmxmig.io.intake.files import compute_ahead
from sdmxmig.io.intake.xml import TEXT_LIMIT, PlacedHandler, XmlFeed
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.lazily import np, pl
from sdmxmig.primitives.places import Place, name_column
from sdmxmig.sdmx.model.tables import KINDS

ESCAPED_CHARACTER = re.compile(r"_x((?!0000|[Dd][89A-Fa-f])[0-9A-Fa-f]{4})_")
STARTS, STRING_END, STRING_BLANKS = ('<t xml:space="preserve">', "<t>"), "</t></si>", " \t\n"
PLAIN_STRING = r'^<t(?: xml:space="preserve")?>[^<>\x00-\x08\x0b-\x1f\x{fffe}\x{ffff}]*</t></si>[ \t\n]*$'
ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&"))
ENTITY = "&(?:lt|gt|quot|apos|amp);"


def unescape_text(text: str) -> str:
    r"""Decode the workbook's own escapes (``_x000A_``).

    >>> unescape_text("a_x000A_b_x005F_c")
    'a\nb_c'
    """
    return ESCAPED_CHARACTER.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


class RichText:
    """Collects the runs of one text, in a shared string, cell or comment."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._phonetic = self._raised = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "rPh":
            self._phonetic = True
        elif tag == "r":
            self._raised = False
        elif tag == "vertAlign":
            self._raised = attributes.get("val") == "superscript"

    def end(self, tag: str, text: str) -> None:
        if tag == "rPh":
            self._phonetic = False
        elif tag == "r":
            self._raised = False
        elif tag == "t" and not self._phonetic:
            self._parts.append(raised(text) if self._raised else text)

    def take_text(self) -> str:
        text = unescape_text("".join(self._parts))
        self._parts.clear()
        self._phonetic = self._raised = False
        return text


class Strings:
    """Collects strings, one by one from the parser or in pieces from the fast reader."""

    def __init__(self, name: str, allowance: Allowance) -> None:
        self.name = name
        self.allowance = allowance
        self._text = RichText()
        self._texts: list[str] = []
        self._pieces: list[pl.Series] = []
        self._depth = 0

    @property
    def ready(self) -> bool:
        return self._depth == 1

    def start(self, tag: str, attributes: dict[str, str], _before: str) -> None:
        self._depth += 1
        self._text.start(tag.rpartition("}")[2], attributes)

    def end(self, tag: str, text: str) -> None:
        self._depth -= 1
        name = tag.rpartition("}")[2]
        self._text.end(name, text)
        if name == "si":
            self._texts.append(self._text.take_text())
            self._check_limit(len(self._texts[-1]) + STRING_COST)

    def take(self, strings: pl.Series, /) -> None:
        self._check_limit(int(strings.str.len_chars().sum()) + STRING_COST * strings.len())
        self._pieces.append(strings)

    def flush(self) -> None:
        self._pieces.append(pl.Series(self._texts, dtype=pl.String))
        self._texts.clear()

    def _check_limit(self, characters: int) -> None:
        self.allowance.characters -= characters
        if self.allowance.characters < 0:
            limit = f"The workbook has more than {STRING_LIMIT >> 20} MiB of text."
            raise InputError(limit, Place(self.name), LEAVE_OUT)

    def all(self) -> pl.Series:
        return pl.concat(self._pieces).rechunk()


def read_strings(chunks: Iterable[bytes], name: str, allowance: Allowance) -> pl.Series:
    strings = Strings(name, allowance)
    read_part(chunks, XmlFeed(name, strings), strings, FastPartReader(b"<si>", b"</sst", read=read_plain_strings))
    return strings.all()


def read_plain_strings(piece: bytes) -> pl.Series | None:
    """Return the texts of plain strings; None if one has runs of its own."""
    try:
        text = pl.Series([piece], dtype=pl.Binary).cast(pl.String)
    except pl.exceptions.PolarsError:
        return None
    units = text.str.split("<si>").explode().slice(1)
    if not units.str.contains(PLAIN_STRING).all() or find_max_length(units) > TEXT_LIMIT:
        return None
    texts = units.str.strip_chars_end(STRING_BLANKS).str.strip_suffix(STRING_END)
    for start in STARTS:
        texts = texts.str.strip_prefix(start)
    return read_plain_text(texts, piece)


def find_max_length(texts: pl.Series) -> int:
    return int(texts.str.len_bytes().max() or 0)  # type: ignore[arg-type]


def read_plain_text(texts: pl.Series, piece: bytes) -> pl.Series | None:
    """Undo entities and escapes in texts; None for other character references."""
    if b"&" in piece:
        if not (texts.str.count_matches("&", literal=True) == texts.str.count_matches(ENTITY)).all():
            return None
        for entity, sign in ENTITIES:
            texts = texts.str.replace_all(entity, sign, literal=True)
    if b"_x" in piece:
        escaped = texts.filter(texts.str.contains("_x", literal=True)).unique()
        texts = texts.replace(escaped, [unescape_text(text) for text in escaped]) if escaped.len() else texts
    return texts


PIECE_BYTES = 2 << 20
MAX_BYTES = 8 << 20
MIN_BYTES = 1 << 14
"""Minimum size worth a lane; the parser reads less before a lane has begun."""
MIN_PIECES = 4
"""Minimum number of pieces of a part worth the threads."""
PLAIN_ENCODINGS = frozenset({"utf-8", "us-ascii", "ascii"})

Found = TypeVar("Found")
Taken_contra = TypeVar("Taken_contra", contravariant=True)


class PartCollector(PlacedHandler, Protocol[Taken_contra]):
    """Collects a part of a workbook, from the XML parser and the fast reader."""

    @property
    def ready(self) -> bool:
        """Check whether elements of the fast reader are allowed here."""

    def take(self, piece: Taken_contra, /) -> None:
        """Keep a piece that the fast reader has read."""

    def flush(self) -> None:
        """Store the last elements, after the parser has handed over a piece or the rest."""


@dataclass(frozen=True, slots=True)
class FastPartReader(Generic[Found]):
    """The fast reader of a part: runs of elements that begin with `start`, the last one before `end`."""

    start: bytes
    end: bytes
    _: KW_ONLY
    read: Callable[[bytes], Found | None]


def read_part(chunks: Iterable[bytes], feed: XmlFeed, taker: PartCollector[Found], lane: FastPartReader[Found]) -> None:
    def work(piece: bytes) -> tuple[bytes, Found | None]:
        fit = len(piece) >= MIN_BYTES and piece.startswith(lane.start)
        return piece, lane.read(piece) if fit else None

    pieces = cut(chunks, lane.start, lane.end)
    begin = list(islice(pieces, MIN_PIECES))
    done = compute_ahead(work, chain(begin, pieces)) if len(begin) == MIN_PIECES else map(work, begin)
    for piece, contents in done:
        if contents is not None and taker.ready and feed.settled and feed.encoding in PLAIN_ENCODINGS:
            feed.skip(piece)
            taker.take(contents)
        else:
            feed.feed(piece)
            taker.flush()
    feed.close()
    taker.flush()


def cut(chunks: Iterable[bytes], start: bytes, end: bytes) -> Iterator[bytes]:
    """Cut bytes into the part before `start`, runs that begin with it, and the part from `end`.

    >>> list(cut([b"<sst><si>a</si><s", b"i>b</si></sst>"], b"<si>", b"</sst"))
    [b'<sst>', b'<si>a</si><si>b</si>', b'</sst>']
    """
    pending: list[bytes] = []
    size, due = 0, PIECE_BYTES
    for chunk in chunks:
        pending.append(chunk)
        size += len(chunk)
        if size < due:
            continue
        text = b"".join(pending)
        last = text.rfind(start)
        if last <= 0 and size >= MAX_BYTES:
            last = size
        if last > 0:
            yield from _split_at_start(text[:last], start)
            text = text[last:]
        pending, size = [text], len(text)
        due = size + PIECE_BYTES
    text = b"".join(pending)
    stop = text.rfind(end)
    yield from _split_at_start(text[:stop] if stop >= 0 else text, start)
    if stop >= 0:
        yield text[stop:]


def _split_at_start(text: bytes, start: bytes) -> Iterator[bytes]:
    first = text.find(start)
    yield from (part for part in ((text[:first], text[first:]) if first > 0 else (text,)) if part)


if TYPE_CHECKING:
    from numpy.typing import NDArray

    Texts = tuple[pl.Series, NDArray[np.uint8] | None]
    """The texts of cells, and their kinds where these are not those of the type."""


CELL_START = '<c r="'
FORMULA, INLINE, INLINE_END = "\x01", "\x02", "\x03"
TEXT_CHARACTER = r"[^<>&\x00-\x08\x0b-\x1f\x{fffe}\x{ffff}]"
FORMULA_START = (
    r'><f(?: t="(?:shared|array|normal|dataTable)")?(?: aca="[a-z01]{1,5}")?(?: ref="[A-Z0-9:]{1,24}")?'
    r'(?: ca="[a-z01]{1,5}")?(?: si="[0-9]{1,9}")?'
    rf"(?:/>|>(?:{TEXT_CHARACTER}|&(?:amp|lt|gt|quot|apos);)*</f>)"
)
INLINE_START, INLINE_STOP = r'><is><t(?: xml:space="preserve")?>', "</t></is></c>"
VALUE, END = "><v>", "</v></c>"
CELL_ENDS = ("/>", "></c>")
ATTRIBUTES = re.compile(r'(?: (?:[a-zA-Z][a-zA-Z0-9]{0,9}:)?[a-zA-Z]{1,20}="[^"<>&\x00-\x1f\ufffe\uffff]*")*')
ATTRIBUTE = re.compile(r' ([a-zA-Z0-9:]+)="([^"]*)"')
ROW_TAG = r'^ r="([1-9][0-9]{0,6})"([^<>/]*)(/>|></row>|>)[ \t\r\n]*$'
ROW_END = "</row>"
BLANKS = " \t\r\n"
TYPES = ("n", "s", "str", "inlineStr", "b", "e", "d")
TAG_LIMIT = 1_000
HEAD_LIMIT = 10_000
"""Maximum number of attribute texts that are remembered."""
TRUE = ("1", "true")


@dataclass(frozen=True, slots=True)
class CellHead:
    type: int
    style: int
    _: KW_ONLY
    formula: bool
    valued: bool


@lru_cache(maxsize=HEAD_LIMIT)
def compile_cell_head(attributes: str) -> CellHead | None:
    """Return a pattern for the attributes of a cell; None if they are not regular.

    >>> compile_cell_head(' s="3" t="s"'), compile_cell_head(' t="x"')
    (CellHead(type=1, style=3, formula=False, valued=True), None)
    >>> compile_cell_head(' s="1"/>')
    CellHead(type=0, style=1, formula=False, valued=False)
    """
    end = next((ending for ending in CELL_ENDS if attributes.endswith(ending)), "")
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
class RowTags:
    numbers: pl.Series
    hidden: frozenset[int]
    _: KW_ONLY
    last_row: int


@dataclass(frozen=True)
class CellUnits:
    """The cells of a run: row, column, head as a position in `heads`, and value or null."""

    rows: pl.Series
    columns: pl.Series
    _: KW_ONLY
    at: pl.Series
    heads: tuple[CellHead | None, ...]
    values: pl.Series
    tags: RowTags


@lru_cache(maxsize=1)
def list_columns() -> pl.Enum:
    return pl.Enum([name_column(column) for column in range(1, LAST_COLUMN + 1)])


class RowCutter:
    """Cuts runs of rows and remembers the heads of cells."""

    def __init__(self, prefixes: frozenset[str] = frozenset()) -> None:
        self._prefixes = prefixes
        self._heads: tuple[str, ...] = ("", ' t="s"')

    def cut(self, piece: bytes) -> CellUnits | None:
        """Return the cells of a run; None if it is not proved regular."""
        text = mark_attributes(piece)
        if text is None:
            return None
        units = text.str.split(CELL_START).explode()
        cells, ends, tails = find_row_ends(units.slice(1))
        counts = np.diff(ends, prepend=-1)
        if (ends.size and counts.max() > LAST_COLUMN) or (ends[-1] + 1 if ends.size else 0) != cells.len():
            return None
        tags = parse_row_tags(pl.concat([units.head(1), tails]), self._prefixes)
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
        numbered = letters.cast(list_columns(), strict=False).to_physical()
        if at is None or numbered.null_count() or not in_row.all():
            return None
        rows = tags.numbers.cast(pl.UInt32).gather(row_at)
        return CellUnits(rows, numbered.cast(pl.UInt32) + 1, at=at, heads=heads, values=values, tags=tags)

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
        return at.to_physical(), tuple(compile_cell_head(text) for text in heads)


def mark_attributes(piece: bytes) -> pl.Series | None:
    """Mark formulas and inline texts among the attributes of a run."""
    if any(mark.encode() in piece for mark in (FORMULA, INLINE, INLINE_END)):
        return None
    try:
        text = pl.Series([piece], dtype=pl.Binary).cast(pl.String)
    except pl.exceptions.PolarsError:
        return None
    if text.str.contains("<f", literal=True).item():
        text = text.str.replace_all(FORMULA_START, f"{FORMULA}>")
    if text.str.contains("<is>", literal=True).item():
        text = text.str.replace_all(INLINE_START, f"{INLINE}{VALUE}")
        text = text.str.replace_all(INLINE_STOP, f"{INLINE_END}{END}", literal=True)
    return text


def find_row_ends(units: pl.Series) -> tuple[pl.Series, NDArray[np.int64], pl.Series]:
    open_ends = ~units.str.ends_with("</c>")
    odd = units.filter(open_ends).str.strip_chars_end(BLANKS)
    ends_row = odd.str.contains(ROW_END, literal=True)
    parts, tails = odd.filter(ends_row).str.splitn(ROW_END, 2).struct.unnest().get_columns()
    odd = replace_texts(odd, ends_row, parts.str.strip_chars_end(BLANKS))
    ends = open_ends.arg_true().filter(ends_row).to_numpy().astype(np.int64)
    return replace_texts(units, open_ends, odd), ends, tails


def parse_row_tags(heads: pl.Series, prefixes: frozenset[str]) -> RowTags | None:
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
    if find_max_length(tags) > TAG_LIMIT:
        return None
    fields = tags.filter(is_tag).str.extract_groups(ROW_TAG).struct.unnest()
    numbers, attributes, ends = fields.get_columns()
    if numbers.null_count() or ((ends == ">").to_numpy() != begun[is_tag]).any():
        return None
    hiding = {text: is_hidden(text, prefixes) for text in attributes.unique()}
    as_numbers = numbers.cast(pl.UInt32)
    last_row = int(as_numbers.item(-1))
    if None in hiding.values() or int(as_numbers.max()) > LAST_ROW:  # type: ignore[arg-type]
        return None
    hidden = as_numbers.filter(attributes.is_in([text for text, hidden in hiding.items() if hidden]))
    return RowTags(numbers.filter(pl.Series(begun[is_tag])), frozenset(hidden), last_row=last_row)


def is_hidden(attributes: str, prefixes: frozenset[str]) -> bool | None:
    """Check whether row attributes hide it; None if irregular.

    >>> [is_hidden(text, frozenset()) for text in (' spans="1:3" hidden="1"', ' spans="1:3"', ' a="1" a="1"')]
    [True, False, None]
    """
    pairs = ATTRIBUTE.findall(attributes)
    names = dict(pairs)
    if not ATTRIBUTES.fullmatch(attributes) or len(names) < len(pairs) or "r" in names:
        return None
    if any(name.partition(":")[0] not in prefixes for name in names if ":" in name):
        return None
    return names.get("hidden") in TRUE


KIND_NUMBERS = [KINDS.index(kind) for kind in ("number", "text", "text", "text", "boolean", "error", "date")]
"""The kind of cell for each of `TYPES`."""
TEXT_KIND = KINDS.index("text")
NUMBER, SHARED, TRUTH, ERROR, ISO = (TYPES.index(type_name) for type_name in ("n", "s", "b", "e", "d"))
FORMULA_TEXT, INLINE_TEXT = TYPES.index("str"), TYPES.index("inlineStr")
PROOF_PATTERNS = {
    FORMULA_TEXT: rf"^(?:{TEXT_CHARACTER}|{ENTITY})*$",
    INLINE_TEXT: rf"^(?:{TEXT_CHARACTER}|{ENTITY})*{INLINE_END}$",
    TRUTH: "^[01]$",
    ERROR: "^[#A-Z0-9/!?]+$",
    ISO: "^[0-9T:.Z-]+$",
}
MIDNIGHT = "T00:00:00"


def build_facts_schema() -> dict[str, Any]:
    return {"type": pl.UInt8, "formula": pl.Boolean, "valued": pl.Boolean, "format": pl.UInt16, "dated": pl.UInt32}


@dataclass(frozen=True)
class SharedParts:
    strings: pl.Series
    styles: CellStyles[int]


@dataclass(frozen=True)
class RowRun:
    cells: pl.DataFrame
    count: int
    _: KW_ONLY
    tags: RowTags


class FastCellReader:
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
        return RowRun(frame if filled.all() else frame.filter(filled), frame.height, tags=units.tags)

    def _heads(self, units: CellUnits) -> pl.DataFrame | None:
        facts = pl.DataFrame([self._facts(head) for head in units.heads], schema=build_facts_schema(), orient="row")
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
        code = styles.code(head.style, KINDS[KIND_NUMBERS[head.type]]) if head.valued else None
        return head.type, head.formula, head.valued, code, head.style + 1 if dated else 0

    def _texts(self, units: CellUnits, heads: pl.DataFrame, piece: bytes) -> tuple[pl.Series, NDArray[np.uint8]] | None:
        """Return text and kind of each cell, empty without value; None if one is irregular."""
        types = heads["type"].to_numpy()
        kinds = np.array(KIND_NUMBERS, dtype=np.uint8)[types]
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
            texts = format_numbers(values)
        elif kind == SHARED:
            texts = self._strings(values)
        elif not values.str.contains(PROOF_PATTERNS[kind]).all():
            return None
        elif kind == TRUTH:
            texts = values.replace_strict(["0", "1"], ["FALSE", "TRUE"])
        elif kind == ISO:
            texts = values.str.strip_suffix(MIDNIGHT)
        else:
            texts = read_plain_text(values.str.strip_suffix(INLINE_END), piece)
        return None if texts is None or find_max_length(texts) > TEXT_LIMIT else (texts, None)

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
