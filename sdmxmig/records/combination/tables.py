"""Tables exchanged between steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from typing import TYPE_CHECKING

from sdmxmig.primitives.errors import SdmxmigError, counted, did_you_mean
from sdmxmig.primitives.lazily import np, pl
from sdmxmig.records.rows import RowNumbers, place_of, rows_in_words

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sdmxmig.sdmx.model.integration import ConflictRule, Reached

VALUE, PERSONS, YEAR, PERIOD = "value", "persons", "year", "period"
TOTAL_CODE = "_T"
"""The code of all together, which is no group beside others."""
NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"
SHOWN = 5
"""So many codes or periods are named that are missing."""
FIGURES = "Write digits without blanks, and a point before decimals."
FEW = 3
"""Counts of persons below this are not told."""


MATCH, LINKAGE, RULE, RESIDUAL, PRECISION, DIFFERENCE, COMPILATION = (
    "match",
    "linkage",
    "rule",
    "residual",
    "precision",
    "difference",
    "compilation",
)


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence about how figures were made."""

    text: str
    _: KW_ONLY
    topic: str = COMPILATION
    conflict: ConflictRule | None = None
    reached: Reached | None = None


@dataclass(frozen=True, slots=True)
class NamedTable:
    name: str
    frame: pl.DataFrame
    _: KW_ONLY
    numbers: RowNumbers | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """The table and notes of a step; `withheld` are groups with too few `persons`."""

    table: pl.DataFrame
    notes: tuple[Note, ...] = ()
    _: KW_ONLY
    withheld: pl.DataFrame = field(default_factory=pl.DataFrame)


def check_columns(table: NamedTable, columns: Sequence[str]) -> None:
    missing = [column for column in columns if column not in table.frame.columns]
    if missing:
        raise SdmxmigError(
            f"{table.name} has no column {', '.join(missing)}.", hint=did_you_mean(missing[0], table.frame.columns)
        )


def check_rows(table: NamedTable, wrong: pl.Series, what: str, hint: str) -> None:
    rows = (wrong.fill_null(value=True).arg_true() + 1).to_list()
    if rows:
        words = rows_in_words(rows, len(rows), table.numbers or RowNumbers(table.name))
        place = place_of(rows[0], table.numbers) if table.numbers else None
        raise SdmxmigError(f"{table.name}: {what} in {words}.", place, hint)


def numbers(table: NamedTable, column: str, *, is_above_zero: bool = False) -> NDArray[np.float64]:
    """Parse a column of finite numbers.

    Raises `SdmxmigError` for others, or if not above 0 where required.
    """
    cells = table.frame[column]
    if cells.dtype.is_numeric():
        values = cells.cast(pl.Float64)
    else:
        text = pl.first().cast(pl.String).str.strip_chars()
        number = pl.when(text.str.contains(NUMBER)).then(text).cast(pl.Float64, strict=False)
        values = cells.to_frame().select(number).to_series()
    check_rows(table, ~values.is_finite(), f"{column} holds no number", FIGURES)
    if is_above_zero:
        check_rows(table, values <= 0, f"{column} is not above 0", "Correct these rows, or leave them out and say so.")
    return values.to_numpy()


def as_texts(table: NamedTable) -> NamedTable:
    return replace(table, frame=table.frame.with_columns(pl.all().exclude(VALUE, PERSONS).cast(pl.String)))


def dimensions_of(table: NamedTable, allowed: Sequence[str] | None = None) -> list[str]:
    """The columns of codes of a table of figures."""
    check_columns(table, [VALUE])
    dimensions = [column for column in table.frame.columns if column not in (VALUE, PERSONS)]
    others = [] if allowed is None else [column for column in dimensions if column not in allowed]
    if not dimensions or others:
        what = f"has {', '.join(others)}, which the table has not" if others else "has no column of the table"
        hint = f"A margin has some of the columns of the table, and {VALUE}; leave other columns out."
        raise SdmxmigError(f"{table.name} {what}.", hint=hint)
    if table.frame.is_empty():
        raise SdmxmigError(f"{table.name} has no rows.", hint="Give a table with rows.")
    for column in dimensions:
        codes = table.frame[column].cast(pl.String)
        check_rows(table, codes.is_null(), f"{column} has no code", "Give each row its codes; _U is unknown.")
        check_rows(table, codes == TOTAL_CODE, f"{column} is {TOTAL_CODE}", "Leave out the rows of totals.")
    return dimensions


def placed(
    table: NamedTable, axes: tuple[Sequence[str], Sequence[Sequence[str]]], *, whole: bool = False
) -> NDArray[np.float64]:
    """Arrange a table as an array; missing cells are 0 or missing.

    Raises `SdmxmigError` for unknown, duplicate and required missing cells.
    """
    dimensions, codes = axes
    places = []
    for column, known in zip(dimensions, codes, strict=True):
        place = table.frame[column].replace_strict({code: at for at, code in enumerate(known)}, default=None)
        check_rows(table, place.is_null(), f"{column} has a code that the table has not", "Use the same codes in both.")
        places.append(place.cast(pl.Int64).to_numpy())
    values = numbers(table, VALUE)
    again = table.frame.select(~pl.struct(dimensions).is_first_distinct()).to_series()
    check_rows(table, again, "a cell stands again", "Give each cell one value.")
    array = np.full(tuple(map(len, codes)), np.nan)
    array[tuple(places)] = values
    missing = np.argwhere(np.isnan(array))
    if whole and len(missing):
        lacking = "; ".join(
            ", ".join(known[at] for known, at in zip(codes, cell, strict=True)) for cell in missing[:SHOWN]
        )
        raise SdmxmigError(
            f"{table.name} lacks {counted(len(missing), 'code')} of the table: {lacking}.",
            hint="Give a total for each code, 0 where it is nothing.",
        )
    return np.asarray(np.nan_to_num(array))


def few(count: int, noun: str) -> str:
    """A number of persons in words that tells no small one.

    >>> few(0, "person"), few(2, "person"), few(1200, "person")
    ('no person', 'fewer than 3 persons', '1,200 persons')
    """
    if 0 < count < FEW:
        return f"fewer than {FEW} {noun}s"
    return counted(count, noun) if count else f"no {noun}"
