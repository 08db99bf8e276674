"""Values of observations with source cells: numbers and marks in cell texts, and notes that users apply to figures."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from functools import lru_cache

from sdmxmig.conversion.mapping.grid import collapse_blanks, translate_texts
from sdmxmig.primitives.lazily import pl
from sdmxmig.sdmx.frames import is_distinct
from sdmxmig.sdmx.model.data import UserNote

BETWEEN = "; "
AGE_BEFORE = re.compile(r"(?<!\d)\d{1,3}$")


@dataclass(frozen=True, slots=True, eq=False)
class SourcedValues:
    """Values with the row and column of their cells (null if none); an `index` avoids repetition."""

    cell_values: pl.Series
    cell_rows: pl.Series
    _: KW_ONLY
    cell_columns: pl.Series
    index: pl.Series | None = None

    @property
    def values(self) -> pl.Series:
        return self.cell_values if self.index is None else self.cell_values.gather(self.index)

    @property
    def rows(self) -> pl.Series:
        return self.cell_rows if self.index is None else self.cell_rows.gather(self.index)

    @property
    def columns(self) -> pl.Series:
        return self.cell_columns if self.index is None else self.cell_columns.gather(self.index)

    def take_along(self, index: pl.Series) -> SourcedValues:
        return SourcedValues(self.cell_values, self.cell_rows, cell_columns=self.cell_columns, index=index)

    def at(self, positions: pl.Series) -> SourcedValues:
        if self.index is None:
            values, rows, columns = (
                column.gather(positions) for column in (self.cell_values, self.cell_rows, self.cell_columns)
            )
            return SourcedValues(values, rows, cell_columns=columns)
        return self.take_along(self.index.gather(positions))

    def drop_empty_cells(self) -> SourcedValues:
        if not self.cell_values.null_count():
            return self
        frame = pl.DataFrame({"value": self.cell_values, "row": self.cell_rows, "column": self.cell_columns})
        has_value = pl.col("value").is_not_null()
        masked = frame.select(
            "value", *(pl.when(has_value).then(pl.col(name)).alias(name) for name in ("row", "column"))
        )
        return SourcedValues(masked["value"], masked["row"], cell_columns=masked["column"], index=self.index)


def repeat_value(value: str | None, count: int) -> SourcedValues:
    nowhere = pl.Series([None], dtype=pl.UInt32).new_from_index(0, count)
    values = pl.Series([value], dtype=pl.String).new_from_index(0, count)
    return SourcedValues(values, nowhere, cell_columns=nowhere)


def choose_values(mask: pl.Series, first: SourcedValues, second: SourcedValues) -> SourcedValues:
    pairs = ((first.values, second.values), (first.rows, second.rows), (first.columns, second.columns))
    values, rows, columns = pl.select(
        pl.when(mask).then(one).otherwise(other).alias(str(number)) for number, (one, other) in enumerate(pairs)
    )
    return SourcedValues(values, rows, cell_columns=columns)


def index_values(components: Mapping[str, SourcedValues]) -> dict[str, pl.Series | pl.Expr]:
    columns: dict[str, pl.Series | pl.Expr] = {}
    by_index: dict[int, dict[str, SourcedValues]] = {}
    for name, sourced in components.items():
        if sourced.index is None:
            columns[name] = sourced.cell_values
        elif len(sourced.cell_values) and sourced.cell_values.equals(
            sourced.cell_values.new_from_index(0, len(sourced.cell_values)), null_equal=True
        ):
            columns[name] = pl.lit(sourced.cell_values[0], pl.String)
        else:
            by_index.setdefault(id(sourced.index), {})[name] = sourced
    for sharing in by_index.values():
        frame = pl.DataFrame([sourced.cell_values.alias(name) for name, sourced in sharing.items()])
        index = next(iter(sharing.values())).index
        columns |= frame.select(pl.all().gather(index)).to_dict()
    return columns


def choose_representatives(components: Sequence[SourcedValues], count: int) -> pl.Series:
    """Return the first position of each distinct combination of values, in order."""
    groups = [(classes, index) for classes, index in number_combinations(components) if classes.n_unique() > 1]
    if not groups:
        return pl.Series([0][:count], dtype=pl.UInt32)
    first, index = groups[0]
    if len(groups) == 1 and index is not None:
        # repetitions of the previous value are not first occurrences
        new = (index != index.shift(1)).fill_null(value=True).arg_true()
        return new.gather(first.gather(index.gather(new)).arg_unique())
    numbers = pl.zeros(count, pl.UInt64, eager=True)
    for classes, index in groups:
        position_classes = classes if index is None else classes.gather(index)
        numbers = numbers * (int(classes.max() or 0) + 1) + position_classes.cast(pl.UInt64)  # type: ignore[arg-type]
    return numbers.arg_unique()


def number_combinations(components: Sequence[SourcedValues]) -> list[tuple[pl.Series, pl.Series | None]]:
    """Number the distinct combinations of values that share an index."""
    by_index: dict[int, list[SourcedValues]] = {}
    for sourced in components:
        by_index.setdefault(id(sourced.index) if sourced.index is not None else -1, []).append(sourced)
    numbered: list[tuple[pl.Series, pl.Series | None]] = []
    for sharing in by_index.values():
        frame = pl.DataFrame({str(number): sourced.cell_values for number, sourced in enumerate(sharing)})
        if is_distinct(frame, frame.columns):
            numbered.append((pl.int_range(frame.height, dtype=pl.UInt32, eager=True), sharing[0].index))
            continue
        distinct = frame.unique(maintain_order=True).with_row_index("class")
        joined = frame.join(distinct, on=frame.columns, how="left", nulls_equal=True, maintain_order="left")
        numbered.append((joined["class"], sharing[0].index))
    return numbered


def select_last_values(statements: Sequence[SourcedValues]) -> SourcedValues:
    if len(statements) == 1:
        return statements[0]
    merged = []
    for name in ("values", "rows", "columns"):
        merged.append(
            pl.select(pl.coalesce([getattr(statement, name) for statement in reversed(statements)])).to_series()
        )
    return SourcedValues(*merged[:2], cell_columns=merged[2])


def join_all_remarks(statements: Sequence[SourcedValues]) -> SourcedValues:
    """Join distinct remarks by position; the cell is that of the last one."""
    last = select_last_values(statements)
    if len(statements) == 1:
        return last
    frame = pl.DataFrame({str(number): statement.values for number, statement in enumerate(statements)})
    counts = frame.select(pl.sum_horizontal(pl.all().is_not_null().cast(pl.UInt8))).to_series()
    if not (counts > 1).any():
        return last
    distinct = frame.unique(maintain_order=True)
    joined = [join_remarks(row) for row in distinct.iter_rows()]
    whole = distinct.with_columns(whole=pl.Series(joined, dtype=pl.String))
    texts = frame.join(whole, on=frame.columns, how="left", nulls_equal=True, maintain_order="left")["whole"]
    return SourcedValues(texts, last.rows, cell_columns=last.columns)


def join_remarks(remarks: Sequence[str | None]) -> str | None:
    parts = [part for remark in remarks if remark for part in remark.split(BETWEEN)]
    return BETWEEN.join(dict.fromkeys(parts)) if parts else None


SAID, ROW, COLUMN, IS_MEANT = "said", "row", "column", "meant"


def select_noted_figures(
    noted: UserNote, components: Mapping[str, SourcedValues], fixed: Mapping[str, str], count: int
) -> pl.Series:
    meant = pl.repeat(value=True, n=count, dtype=pl.Boolean, eager=True)
    for name, code in noted.where:
        if name in components:
            meant &= components[name].values.eq_missing(pl.Series([code]))
        elif fixed.get(name) != code:
            meant &= False
    return meant


def add_notes(
    notes: Sequence[UserNote],
    components: Mapping[str, SourcedValues],
    fixed: Mapping[str, str],
    count: int,
    *,
    free: Collection[str],
) -> dict[str, SourcedValues]:
    """Add user notes, which have no cell: they override codes and are appended to `free` texts."""
    changed = dict(components)
    for noted in notes:
        meant = select_noted_figures(noted, components, fixed, count)
        for name, text in noted.attributes if meant.any() else ():
            before = changed[name] if name in changed else repeat_value(fixed.get(name), count)
            changed[name] = set_note(before, text, meant, adds=name in free)
    return changed


def set_note(before: SourcedValues, text: str, meant: pl.Series, *, adds: bool) -> SourcedValues:
    frame = pl.DataFrame({SAID: before.values, ROW: before.rows, COLUMN: before.columns, IS_MEANT: meant})
    if adds:
        longer = translate_texts(frame[SAID], lambda remark: join_remarks([remark, text])).fill_null(text)
        return SourcedValues(
            frame.with_columns(longer=longer).select(pl.when(IS_MEANT).then("longer").otherwise(SAID)).to_series(),
            frame[ROW],
            cell_columns=frame[COLUMN],
        )
    changed = frame.select(
        pl.when(IS_MEANT).then(pl.lit(text)).otherwise(SAID).alias(SAID),
        *(pl.when(~pl.col(IS_MEANT)).then(name).alias(name) for name in (ROW, COLUMN)),
    )
    return SourcedValues(changed[SAID], changed[ROW], cell_columns=changed[COLUMN])


ERROR_LITERALS = frozenset(
    {"#REF!", "#N/A", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#GETTING_DATA"}
)
MINUS = "−"


@lru_cache(maxsize=64)
def _compile_number_pattern(thousands: str, decimal: str) -> re.Pattern[str]:
    group = re.escape(thousands)
    whole = rf"(?:[1-9]\d{{0,2}}(?:{group}\d{{3}})+|\d+)" if thousands else r"\d+"  # 0,125 is not a thousands separator
    return re.compile(rf"[+-]?{whole}(?:{re.escape(decimal)}\d+)?", re.ASCII)


@lru_cache(maxsize=64)
def build_number_pattern(thousands: str, decimal: str) -> str:
    """Build a regular expression for numbers with these separators.

    >>> bool(re.fullmatch(build_number_pattern(" ", ","), "-3 688,6"))
    True
    """
    return f"^{_compile_number_pattern(thousands, decimal).pattern}$".replace(r"\d", "[0-9]")


def is_number(text: str, thousands: str, decimal: str) -> bool:
    """Check whether a text is a number with these separators.

    >>> is_number("3 688,6", " ", ","), is_number("Table 3", " ", ",")
    (True, False)
    """
    return bool(
        _compile_number_pattern(thousands, decimal).fullmatch(convert_digits(collapse_blanks(text)).replace(MINUS, "-"))
    )


def normalise_number(text: str, thousands: str, decimal: str) -> str:
    """Write a number in SDMX notation, whatever its blanks and minus signs; other texts stay unchanged.

    >>> normalise_number("3 688,6", " ", ","), normalise_number("−1,234", ",", "."), normalise_number("12,34", ",", ".")
    ('3688.6', '-1234', '12,34')
    >>> normalise_number("0,125", ",", "."), normalise_number("۵۳۰٬۹۳۰", "٬", "٫")
    ('0,125', '530930')
    """
    written = convert_digits(collapse_blanks(text)).replace(MINUS, "-")
    if not is_number(text, thousands, decimal):
        return collapse_blanks(text)
    if thousands:
        written = written.replace(thousands, "")
    return written.replace(decimal, ".").removeprefix("+")


def convert_digits(text: str) -> str:
    """Convert digits of one other script to 0–9.

    >>> convert_digits("۱٬۲۳۴"), convert_digits("१२"), convert_digits("1۲3")
    ('1٬234', '12', '1۲3')
    """
    zeros = {ord(sign) - int(sign) for sign in text if sign.isdecimal()}
    if len(zeros) != 1 or text.isascii():
        return text
    return "".join(str(int(sign)) if sign.isdecimal() else sign for sign in text)


def split_marks(text: str, marks: Iterable[str]) -> tuple[str, tuple[str, ...]]:
    """Split trailing footnote marks from a text, the last first.

    A letter after a letter, except “p” in “2022年p”, a digit after a digit and “+” after an age are part of the word;
    superscripts are marks.

    >>> split_marks("45 946 1)*", ["*", "1)"]), split_marks("Female", ["e"]), split_marks("2015e", ["e"])
    (('45 946', ('*', '1)')), ('Female', ()), ('2015', ('e',)))
    >>> split_marks("2014¹", ["¹"]), split_marks("2014", ["4"]), split_marks("65+", ["+"]), split_marks("2014+", ["+"])
    (('2014', ('¹',)), ('2014', ()), ('65+', ()), ('2014', ('+',)))
    """
    longest_first = sorted(marks, key=lambda mark: (-len(mark), mark))
    trailing_marks: list[str] = []
    bare = collapse_blanks(text)
    if not longest_first:
        return bare, ()
    while True:
        mark = next((mark for mark in longest_first if mark and _ends_with(bare, mark)), "")
        if not mark:
            return bare, tuple(trailing_marks)
        trailing_marks.append(mark)
        bare = bare.removesuffix(mark).rstrip()


def _ends_with(text: str, mark: str) -> bool:
    before = text.removesuffix(mark)
    if before == text or not before:
        return False
    last = before[-1]
    is_of_one_script = last.lower() != last.upper() or not mark.isascii()
    glued_word = mark.isalpha() and last.isalpha() and is_of_one_script
    glued_number = mark.isdecimal() and last.isdecimal()
    return not (glued_word or glued_number or (mark == "+" and bool(AGE_BEFORE.search(before))))
