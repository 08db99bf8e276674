"""Time series by integer keys."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

from sdmxmig.primitives import periods
from sdmxmig.primitives.lazily import pl
from sdmxmig.sdmx.frames import FEW_ROWS, build_next_column, is_distinct, is_run_start, list_values
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.statistics.demography.amounts import Amounts

LARGEST_AMOUNT = 2**63
SMALL_AMOUNT = 2**31
"""Numbers below are kept in 32 bits: polars compares them faster."""


class KeyNumbers:
    """Codes of columns as numbers; empty texts and nulls count as not sent.

    >>> import polars as pl
    >>> numbers = KeyNumbers(pl.DataFrame({"SEX": ["F", "F", None], "AGE": ["_T", "Y1", "Y1"]}), ["SEX", "AGE"])
    >>> numbers.texts("SEX"), numbers.codes("SEX").to_list(), numbers.of(["AGE"]).to_list()
    (['F', None], [0, 0, 1], [0, 1, 1])
    """

    def __init__(self, frame: pl.DataFrame, names: Sequence[str]) -> None:
        self.height = frame.height
        self.names = frozenset(names)
        absent = pl.Series([None], dtype=pl.String)
        self._columns = {
            name: frame[name] if name in frame.columns else absent.new_from_index(0, self.height) for name in names
        }
        self._texts: dict[str, list[str | None]] = {}
        self._codes: dict[str, pl.Series] = {}
        self._present: dict[str, list[str | None]] = {}
        self._distinct: dict[tuple[str, ...], bool] = {}

    @cached_property
    def constant(self) -> pl.Series:
        return pl.Series([0], dtype=pl.UInt32).new_from_index(0, self.height)

    def texts(self, name: str) -> list[str | None]:
        """Return the codes of a column by number, possibly including unused codes."""
        if name not in self._texts:
            column, kind = self._columns[name], self._columns[name].dtype
            texts: list[str | None] = []
            if isinstance(kind, pl.Enum):
                texts = list(kind.categories) + ([None] if column.null_count() else [])
            if not texts or "" in texts:
                self._columns[name] = null_empty_texts(column)
                texts = list_values(self._columns[name].to_frame(name), name).to_list()
            self._texts[name] = texts
        return self._texts[name]

    def present(self, name: str) -> list[str | None]:
        if name not in self._present:
            texts = self.texts(name)
            is_numbered = self._columns[name].dtype == pl.Enum
            self._present[name] = (
                [texts[n] for n in self.codes(name).unique(maintain_order=True)] if is_numbered else texts
            )
        return self._present[name]

    def codes(self, name: str) -> pl.Series:
        if len(self.texts(name)) <= 1:
            return self.constant
        if name not in self._codes:
            self._codes[name] = number_texts(self._columns[name], self.texts(name))
        return self._codes[name]

    def of(self, names: Sequence[str]) -> pl.Series:
        """Number rows so that rows with equal codes have equal numbers."""
        number, combinations = self.constant, 1
        for name in names:
            count = len(self.texts(name))
            if count <= 1:
                continue
            if combinations * count >= LARGEST_AMOUNT:
                number, combinations = compact_numbers(number)
            kind = pl.UInt32 if combinations * count < SMALL_AMOUNT else pl.UInt64
            codes = self.codes(name).cast(kind)
            number = codes if combinations == 1 else number.cast(kind) * count + codes
            combinations *= count
        return number

    def have_codes(self, codes: Mapping[str, str]) -> pl.Series:
        there = pl.Series([True]).new_from_index(0, self.height)
        for name, code in codes.items():
            texts = self.texts(name)
            there &= (self.codes(name) == texts.index(code)) if code in texts else False
        return there

    def are_distinct(self, names: Sequence[str]) -> bool:
        """Check whether all rows differ in these columns, comparing only the starts of runs."""
        key = tuple(names)
        if key not in self._distinct:
            self._distinct[key] = self._are_distinct_runs(key) or self.of(key).n_unique() == self.height
        return self._distinct[key]

    def _are_distinct_runs(self, names: Sequence[str]) -> bool:
        """Check whether the last column rises within runs of the others, and runs are distinct."""
        varying = [name for name in names if len(self.texts(name)) > 1]
        if self.height < 2 or not varying or varying[-1] != names[-1]:
            return self.height < 2
        columns = pl.DataFrame([self._build_comparable(name).alias(name) for name in varying])
        *leading, last = varying
        later, earlier = build_next_column(last)
        new = pl.any_horizontal(map(is_run_start, leading)) if leading else pl.repeat(value=False, n=pl.len() - 1)
        runs = columns.select(new=new, up=(later > earlier).fill_null(value=False))
        if not leading or not (runs["new"] | runs["up"]).all():
            return bool(runs["up"].all())
        heads = columns.select(leading).filter(pl.concat([pl.Series([True]), runs["new"]]))
        return KeyNumbers(heads, leading).of(leading).n_unique() == heads.height

    def _build_comparable(self, name: str) -> pl.Series:
        is_numbered = name in self._codes or self._columns[name].dtype == pl.Enum
        return self.codes(name) if is_numbered else self._columns[name]


def renumber_by_appearance(numbers: pl.Series) -> pl.Series:
    """Renumber by order of appearance, from 0.

    >>> import polars as pl
    >>> renumber_by_appearance(pl.Series([7, 3, 7, 9])).to_list()
    [0, 1, 0, 2]
    """
    if numbers.len() <= FEW_ROWS:  # a query would take longer
        places: dict[int, int] = {}
        return pl.Series("place", [places.setdefault(number, len(places)) for number in numbers], dtype=pl.UInt32)
    different = numbers.unique(maintain_order=True).rename("number").to_frame().with_row_index("place")
    return numbers.rename("number").to_frame().join(different, on="number", how="left", maintain_order="left")["place"]


def null_empty_texts(column: pl.Series) -> pl.Series:
    text = column.cast(pl.String)
    return text.set(text == "", None) if (text == "").any() else text


def number_texts(column: pl.Series, texts: Sequence[str | None]) -> pl.Series:
    if column.dtype == pl.Enum:
        return (
            column.to_physical()
            if None not in texts
            else column.to_physical().cast(pl.UInt32).fill_null(len(texts) - 1)
        )
    if None not in texts:
        return column.cast(pl.Enum([text for text in texts if text is not None])).to_physical()
    absent = texts.index(None)
    positions = column.cast(pl.Enum([text for text in texts if text is not None])).to_physical().cast(pl.UInt32)
    return pl.select(
        pl.when(positions >= absent).then(positions + 1).otherwise(positions).fill_null(absent)
    ).to_series()


def compact_numbers(numbers: pl.Series) -> tuple[pl.Series, int]:
    dense = numbers.rank("dense") - 1
    return dense, int(dense.max() or 0) + 1  # type: ignore[arg-type] # the largest of numbers is a number


AMOUNT_BITS = 62


@dataclass(frozen=True, slots=True, eq=False)
class ReportedParts:
    """Reported parts: ``group``, ``code``, ``row``, ``set``."""

    frame: pl.DataFrame
    sets: tuple[tuple[int, ...], ...]


def index_reported_parts(parts: pl.DataFrame) -> ReportedParts:
    """Index parts (``group``, ``code``, ``row``) with the set of codes reported together.

    >>> import polars as pl
    >>> parts = pl.DataFrame({"group": [0, 0, 5, 9, 9], "code": [1, 2, 2, 2, 1], "row": [1, 2, 6, 7, 8]})
    >>> reported = index_reported_parts(parts)
    >>> reported.sets, reported.frame["set"].to_list()
    (((1, 2), (2,)), [0, 0, 1, 0, 0])
    """
    if parts.height <= FEW_ROWS:  # queries would take longer
        codes: dict[int, list[int]] = {}
        for group, code in parts[["group", "code"]].iter_rows():
            codes.setdefault(group, []).append(code)
        places: dict[tuple[int, ...], int] = {}
        sets = {group: places.setdefault(tuple(sorted(listed)), len(places)) for group, listed in codes.items()}
        of_parts = pl.Series("set", [sets[group] for group in parts["group"]], dtype=pl.UInt32)
        return ReportedParts(parts.hstack([of_parts]), tuple(places))
    groups = parts.select(pl.col("group").unique(maintain_order=True)).with_columns(set=pl.lit(0, dtype=pl.UInt64))
    last = int(parts["code"].max() or 0)  # type: ignore[arg-type] # codes are numbers
    for first in range(0, last + 1, AMOUNT_BITS):
        groups = divide_groups(groups, parts, first)
    if groups["set"].n_unique() <= 1:
        numbered = parts.with_columns(set=pl.lit(0, dtype=pl.UInt32))
    else:
        renumbered = groups.select("group", set=renumber_by_appearance(groups["set"]))
        numbered = parts.join(renumbered, on="group", how="left", maintain_order="left")
    firsts = numbered.unique("set", keep="first", maintain_order=True).select("group", "set").sort("set")
    members = numbered.join(firsts.select("group"), on="group", how="semi", maintain_order="left")
    by_set = members.group_by("set").agg(pl.col("code").sort()).sort("set")["code"].to_list()
    return ReportedParts(numbered, tuple(map(tuple, by_set)))


def divide_groups(groups: pl.DataFrame, parts: pl.DataFrame, first: int) -> pl.DataFrame:
    places = pl.col("code").cast(pl.Int64) - first
    bits = pl.Series([2**place for place in range(AMOUNT_BITS)], dtype=pl.Int64)
    here = parts.select("group", place=places).filter(pl.col("place").is_between(0, AMOUNT_BITS - 1))
    present = here.select("group", bit=bits[here["place"]]).group_by("group").agg(pl.col("bit").sum())
    both = groups.join(present, on="group", how="left", maintain_order="left")
    number = renumber_by_appearance(both["bit"].fill_null(0)).cast(pl.UInt64)
    return both.select("group", set=renumber_by_appearance(both["set"] * 2**32 + number).cast(pl.UInt64))


FREQUENCY = re.compile(r"([A-Z])(\d{1,2})?")
MAX_PERIODS = 10_000_000
"""An upper bound of period numbers: days since the year 1 are fewer than four million."""
COLUMNS = ("row", "series", "period", "step", "value", "printed", "status")


def order_series(dataset: Dataset, frame: pl.DataFrame, scale: int, numbers: KeyNumbers) -> pl.DataFrame:
    """Order all series.

    Columns: `row`, `series`, `period` (consecutive ones differ by `step`), `value`, `printed`, `status`. Invalid
    periods are omitted.
    """
    structure = dataset.flow.structure
    schema = {"row": pl.UInt32, "series": pl.UInt32, "period": pl.Int32, "step": pl.Int32}
    if structure.time is None:
        return pl.DataFrame(schema=schema | {"value": pl.Float64, "printed": pl.Float64, "status": pl.String})
    time = [structure.time.id, *(name for name in ("FREQ",) if name in numbers.names)]
    unit = 10.0**-scale
    status = pl.col("OBS_STATUS") if "OBS_STATUS" in frame.columns else pl.lit(None, dtype=pl.String)
    rows = frame["row"]
    spans = find_spans([numbers.texts(name) for name in time])
    places = numbers.of(time)
    series = renumber_by_appearance(numbers.of(structure.series_key)[rows])
    steps = spans["step"].unique().to_list()  # a common step is stored once
    step = pl.lit(steps[0], dtype=pl.Int32) if len(steps) == 1 else spans["step"][places[rows]]
    course = frame.select(
        "row",
        series=series,
        period=spans["period"][places[rows]],
        step=step,
        value=pl.col("amount").cast(pl.Float64) * unit,
        printed=pl.col("printed_step").cast(pl.Float64) * unit,
        status=status,
    ).filter(pl.col("period").is_not_null())
    order = pl.col("series").cast(pl.Int64) * MAX_PERIODS + pl.col("period")
    return course.sort(order, maintain_order=True).select(COLUMNS)


def list_series_contexts(course: pl.DataFrame, codes: pl.Series, others: pl.Series) -> pl.DataFrame:
    firsts = course.filter((pl.col("series") != pl.col("series").shift(1)).fill_null(value=True))
    rows = firsts["row"]
    of_firsts = firsts.select("series", code=codes[rows], context=renumber_by_appearance(others[rows]))
    if not course.is_empty() and of_firsts.height == course["series"][-1] + 1:
        return of_firsts.drop("series")
    count = 0 if course.is_empty() else int(course["series"][-1]) + 1
    series = pl.DataFrame({"series": pl.int_range(count, eager=True, dtype=pl.UInt32)})
    return series.join(of_firsts, on="series", how="left", maintain_order="left").drop("series")


def select_first_per_key(amounts: Amounts, key: tuple[str, ...] | list[str]) -> pl.DataFrame:
    if is_distinct(amounts.frame, key):
        return amounts.frame
    return amounts.frame.unique(list(key), keep="first", maintain_order=True)


def find_spans(values: Sequence[Sequence[str | None]]) -> pl.DataFrame:
    counted = [parse_period(*pair) for pair in product(*values)]
    return pl.DataFrame(counted, schema={"period": pl.Int32, "step": pl.Int32}, orient="row")


def parse_period(period: str | None, frequency: str | None = None) -> tuple[int | None, int]:
    """Return the number and step of a period; the number is None if it does not match the frequency.

    >>> (parse_period("2020", "A"), parse_period("2020", "A5"),
    ...  parse_period("2020-Q2", "Q"), parse_period("2020-Q2", "A"))
    ((2020, 1), (2020, 5), (8081, 1), (None, 1))
    """
    match = FREQUENCY.fullmatch(frequency or "A")
    parsed = periods.parse(period or "")
    if match is None or parsed is None or not (frequency is None or periods.is_period(period or "", match[1])):
        return None, 1
    return parsed.number, int(match[2] or 1)
