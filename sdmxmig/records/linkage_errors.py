"""Error rates written by `sdmxmig link`."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place
from sdmxmig.records.files import row_numbers_of
from sdmxmig.records.reading import Check, check_rows, taken_in
from sdmxmig.records.row_numbers import RowNumbers
from sdmxmig.records.rows import ROW
from sdmxmig.sdmx.model.records import LINKAGE_ERRORS

BETWEEN, WITHIN = "between", "within"
PRECISION, RECALL = "precision", "recall"
TRUE_PAIRS, FALSE_LINKS, MISSED_LINKS = "true_pairs", "false_links", "missed_links"
UNMEASURED = "errors not measured, since no sample of pairs was judged"
SHARES = (PRECISION, RECALL)
MEASURES = (TRUE_PAIRS, PRECISION, RECALL, FALSE_LINKS, MISSED_LINKS)
BASES = BY_MODEL, BY_PEOPLE, NOT_JUDGED = "model", "clerical sample", "not judged"
TO_EACH_SIDE = 1.959964
"""Standard errors on each side of a normal 95 % interval."""


@dataclass(frozen=True, slots=True)
class LinkageError:
    """An error rate with 95 % interval; `basis` is clerical review (`judged` of `pairs`) or the model."""

    source: str
    kind: str
    _: KW_ONLY
    measure: str
    value: str
    low: str
    high: str
    basis: str
    pairs: int
    judged: int

    @property
    def number(self) -> float:
        return float(self.value)

    @property
    def variance(self) -> float:
        if not (self.low and self.high):
            return 0.0
        return float(((float(self.high) - float(self.low)) / (2 * TO_EACH_SIDE)) ** 2)


def linkage_errors_of(path: Path) -> tuple[LinkageError, ...]:
    """The errors of a linkage from the file ``linkage_errors.csv`` that it wrote, by source, kind and measure.

    Empty values are left out: those of pairs that are not judged, and shares of nothing, such as the precision where
    nothing was linked. Raises
    `InputError` if the file is no such table: a kind, a measure or a basis that there is not, a value that is no
    share or number of pairs, an interval that does not hold its value, or a measure that stands twice.
    """
    with TemporaryDirectory(prefix="sdmxmig-records-") as place:
        rows = pl.read_parquet(taken_in(path, LINKAGE_ERRORS, Path(place)), memory_map=False)
    check(rows, row_numbers_of(path))
    return tuple(
        LinkageError(
            row["to_source"],
            row["kind"],
            measure=row["measure"],
            value=row["value"],
            low=row["low"] or "",
            high=row["high"] or "",
            basis=row["basis"],
            pairs=row["pairs"],
            judged=row["judged"],
        )
        for row in rows.drop_nulls("value").sort("to_source", "kind", "measure").rows(named=True)
    )


def check(rows: pl.DataFrame, numbers: RowNumbers) -> None:
    """Refuse what no linkage says of itself."""
    if not rows.height:
        raise InputError(
            "There are no errors of linkage.", Place(numbers.file), "Give the file that sdmxmig link wrote."
        )
    numbered = rows.lazy().with_row_index(ROW, 1)
    value, low, high = (pl.col(column).cast(pl.Float64, strict=False) for column in ("value", "low", "high"))
    is_share = pl.col("measure").is_in(SHARES)
    is_empty = pl.all_horizontal(pl.col("value", "low", "high").is_null())
    is_of_nothing = is_empty & (is_share | (pl.col("basis") == NOT_JUDGED))
    beyond = [~number.is_finite() | (number < 0) | (is_share & (number > 1)) for number in (value, low, high)]
    missing = [pl.col(column).is_not_null() & number.is_null() for column, number in (("low", low), ("high", high))]
    apart = pl.col("low").is_null() != pl.col("high").is_null()
    doubtful = {
        "kind is neither between nor within": ~pl.col("kind").is_in((BETWEEN, WITHIN)),
        "There is no such measure": ~pl.col("measure").is_in(MEASURES),
        "basis is none of model, clerical sample and not judged": ~pl.col("basis").is_in(BASES),
        "value is no share or number of pairs": (value.is_null() & ~is_of_nothing) | beyond[0],
        "The interval is none": apart | missing[0] | missing[1] | beyond[1] | beyond[2],
        "The interval does not hold its value": (low > value) | (high < value),
        "pairs or judged is less than nothing": (pl.col("pairs") < 0) | (pl.col("judged") < 0),
        "The same measure stands again": ~pl.struct("to_source", "kind", "measure").is_first_distinct(),
    }
    check_rows(numbered, [Check(wrong, what) for what, wrong in doubtful.items()], numbers)
