"""Cells of a run of rows, by type and column."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any

from sdmxmig.conversion.tables.cell_styles import CellStyles
from sdmxmig.conversion.tables.figures import STORED, number_texts
from sdmxmig.conversion.tables.xlsx_rows import INLINE_END, TEXT, TYPES, CellHead, CellUnits, RowCutter
from sdmxmig.conversion.tables.xlsx_strings import ENTITY, longest, plain_text
from sdmxmig.io.intake.xml import TEXT_LIMIT
from sdmxmig.primitives.lazily import np, pl
from sdmxmig.sdmx.model.tables import KINDS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Texts = tuple[pl.Series, NDArray[np.uint8] | None]
    """The texts of cells, and their kinds where these are not those of the type."""

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
    styles: CellStyles


@dataclass(frozen=True)
class RowRun:
    """The filled cells of a run of rows, how many cells there were, which rows are hidden, and which is the last."""

    cells: pl.DataFrame
    count: int
    _: KW_ONLY
    hidden: frozenset[int]
    last_row: int


class CellLane:
    """Reads runs of rows of one workbook's sheets."""

    def __init__(self, shared: SharedParts, rows: RowCutter) -> None:
        self._shared = shared
        self._rows = rows

    def read(self, piece: bytes) -> RowRun | None:
        """The cells of a run; None if it is not proved regular."""
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
        """The text and the kind of each cell, empty texts for those without a value; None if one is not regular."""
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
        """The texts of cells of one type."""
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
