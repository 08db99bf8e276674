"""Expressions, windows over a person's rows, days, periods, and partitions of records larger than memory.

Days are integers from 1 January 1970. Row numbers are as users see them: text lines or Parquet rows. Windows need rows
sorted by person (`arrange`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from sdmxmig.primitives.errors import SdmxmigError, write_count
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.periods import shift_months
from sdmxmig.primitives.places import Place

EPOCH = date(1970, 1, 1)


def to_number(day: date) -> int:
    return (day - EPOCH).days


def to_date(number: int) -> date:
    return EPOCH + timedelta(days=number)


def number_dates(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.col(pl.Date).cast(pl.Int32).cast(pl.Int64))


def convert_to_date(day: pl.Expr) -> pl.Expr:
    return day.cast(pl.Int32).cast(pl.Date)


def compute_year(column: str) -> pl.Expr:
    return convert_to_date(pl.col(column)).dt.year().cast(pl.Int64)


def add_months(day: pl.Expr, months: int) -> pl.Expr:
    return convert_to_date(day).dt.offset_by(f"{months}mo").to_physical().cast(pl.Int64)


PERIOD = "TIME_PERIOD"
MIN_DAYS_OF_MONTH = 28


@dataclass(frozen=True, slots=True)
class Period:
    label: str
    begin: int
    end: int

    @property
    def is_calendar_year(self) -> bool:
        return len(self.label) == len("2024")


def list_days_between(period: Period, first: int, until: int) -> list[int]:
    """Return the observed days on which periods of this kind begin or end.

    >>> [str(to_date(day)) for day in list_days_between(Period("1970-Q2", 90, end=181), 1, 300)]
    ['1970-04-01', '1970-07-01', '1970-10-01']
    """
    begin, end = to_date(period.begin), to_date(period.end)
    months = (end.year - begin.year) * 12 + end.month - begin.month
    back = (period.begin - first) // MIN_DAYS_OF_MONTH // months
    ahead = (until - period.begin) // MIN_DAYS_OF_MONTH // months
    days = [to_number(shift_months(begin, months * turn)) for turn in range(-back, ahead + 1)]
    return [day for day in days if first <= day <= until]


def compute_period(periods: Sequence[Period]) -> pl.Expr:
    label = write_missing_text()
    for period in periods:
        within = (pl.col("at") >= period.begin) & (pl.col("at") < period.end)
        label = pl.when(within).then(pl.lit(period.label)).otherwise(label)
    return label


MOTHER, DELIVERY = "MOTHER", "DELIVERY"


@dataclass(frozen=True, slots=True)
class Observation:
    area: str
    first: int
    until: int
    birth_place: str = MOTHER


ROW = "#row"
PART = "part"


def write_int_literal(number: int | None) -> pl.Expr:
    return pl.lit(number, dtype=pl.Int64)


def write_missing_text() -> pl.Expr:
    return pl.lit(None, dtype=pl.String)


def flag(condition: pl.Expr) -> pl.Expr:
    return condition.fill_null(value=False).cast(pl.Int64)


def decode_columns(rows: pl.DataFrame, words: Mapping[str, Sequence[str]]) -> pl.DataFrame:
    """Replace positions in columns by the words at these positions."""
    return rows.with_columns(**{name: pl.lit(pl.Series(texts)).gather(pl.col(name)) for name, texts in words.items()})


MAX_SHOWN = 5
"""Maximum number of faulty rows named."""
LINE, ROW_NUMBERS_ROW = "line", "row"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowNumbers:
    """The numbering of a file; `noun` is ``line`` or ``row``."""

    file: str
    first: int = 1
    noun: str = ROW_NUMBERS_ROW


def compute_shown_number(row: int, numbers: RowNumbers) -> int:
    """Return the number of a row as users see it, counted from 1.

    >>> compute_shown_number(1, RowNumbers(file="register.csv", first=2, noun=LINE))
    2
    """
    return row + numbers.first - 1


def locate_row(row: int, numbers: RowNumbers) -> Place:
    """Return the place of a row; rows are counted from 1.

    >>> str(locate_row(3, RowNumbers(file="register.csv", first=2, noun=LINE)))
    'register.csv:4'
    >>> str(locate_row(3, RowNumbers(file="register.parquet")))
    'register.parquet › row 3'
    """
    number = compute_shown_number(row, numbers)
    if numbers.noun == LINE:
        return Place(numbers.file, line=number)
    return Place(numbers.file, key=f"{numbers.noun} {number}")


def describe_rows(rows: Iterable[int], count: int, numbers: RowNumbers) -> str:
    """Describe the number of rows and list the first; rows are counted from 1.

    >>> describe_rows([1, 3], 2, RowNumbers(file="register.csv", first=2, noun=LINE))
    '2 lines: 2, 4'
    """
    first = [*rows][:MAX_SHOWN]
    listed = ", ".join(str(compute_shown_number(row, numbers)) for row in first)
    return f"{write_count(count, numbers.noun)}: {listed}" + (" …" if count > len(first) else "")


ROWS_PER_BATCH = 300_000
"""Rows processed at once, sized for processor caches."""
MAX_FILES = 512


BYTES_PER_ROW = 4_000
"""Maximum bytes of a row with all that is computed from it."""
SIZE_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}


def limit_rows(memory: str) -> int:
    """Return the maximum number of rows per part for an amount of memory such as ``4GB``.

    >>> limit_rows("1MB"), limit_rows("16 GB")
    (250, 300000)
    """
    amount = re.fullmatch(r"(\d{1,9}) ?([KMGT]?)i?B?", memory.strip(), re.ASCII | re.IGNORECASE)
    if not amount:
        raise SdmxmigError(f"“{memory}” is not an amount of memory.", hint="Write for example 4GB.")
    size = int(amount[1]) * SIZE_UNITS[amount[2].upper()]
    if size < BYTES_PER_ROW:
        raise SdmxmigError(f"{memory} of memory is not enough.", hint="Write for example 4GB.")
    return min(ROWS_PER_BATCH, size // BYTES_PER_ROW)


def partition_tables(paths: Mapping[str, Path], folder: Path, *, memory: str) -> list[Mapping[str, Path]]:
    """Partition tables by person into the folder, keeping row numbers (`ROW`)."""
    largest = max(pl.scan_parquet(path).select(pl.len()).collect().item() for path in paths.values())
    count = min(MAX_FILES, -(-largest // limit_rows(memory)))
    if count <= 1:
        return [paths]
    for name, path in paths.items():
        partition_file(path, folder / name, count)
    return [{name: folder / name / f"{PART}={number}" for name in paths} for number in range(count)]


def add_row_numbers(rows: pl.LazyFrame) -> pl.LazyFrame:
    return rows if ROW in rows.collect_schema() else rows.with_row_index(ROW, 1)


def partition_file(path: Path, folder: Path, count: int) -> None:
    scan = add_row_numbers(pl.scan_parquet(path))
    part = (pl.col("person").hash() % count).cast(pl.Int64).alias(PART)
    scan.with_columns(part).sink_parquet(
        pl.PartitionBy(folder, key=PART, include_key=False), mkdir=True, statistics=False, compression="lz4"
    )
    for number in range(count):
        place = folder / f"{PART}={number}"
        if not place.exists():
            place.mkdir(parents=True)
            scan.head(0).sink_parquet(place / "none.parquet")


NUMBER_LIMIT = 1 << 62
"""Limit for sorting several whole numbers as one number."""
PLACE = "#place"
BLOCK_STEP = 1_000_000_000
"""More than any day, weight or number of rows of one person."""


def arrange(frame: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    return number_persons(sort_rows(frame, ("person", *by)))


def number_persons(rows: pl.DataFrame) -> pl.DataFrame:
    starts = pl.col("person") != pl.col("person").shift(1)
    return rows.with_columns(block=starts.fill_null(value=True).cast(pl.Int64).cum_sum())


def sort_rows(frame: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    ends = frame.select(pl.col(keys).min().name.prefix("low "), pl.col(keys).max().name.prefix("high "))
    sizes = {key: (ends[f"high {key}"].item() or 0) - (ends[f"low {key}"].item() or 0) + 1 for key in keys}
    if (
        math.prod(sizes.values()) >= NUMBER_LIMIT
        or frame.select(pl.any_horizontal(pl.col(keys).is_null().any())).item()
    ):
        return frame.sort(*keys)
    number = pl.lit(0, dtype=pl.Int64)
    for key, size in sizes.items():
        number = number * size + pl.col(key) - write_int_literal(ends[f"low {key}"].item())
    return frame.with_columns(number.alias(PLACE)).sort(PLACE).drop(PLACE)


def compute_neighbour(name: str, steps: int) -> pl.Expr:
    return pl.when(pl.col("person") == pl.col("person").shift(steps)).then(pl.col(name).shift(steps))


def compute_previous(name: str) -> pl.Expr:
    return compute_neighbour(name, 1)


def compute_following(name: str) -> pl.Expr:
    return compute_neighbour(name, -1)


def compute_running_maximum(name: str) -> pl.Expr:
    # Later blocks are always higher, so one running maximum serves all persons.
    base = pl.col("block") * BLOCK_STEP
    highest_of_all = (base + pl.col(name).fill_null(-1)).cum_max() - base
    return pl.when(highest_of_all >= 0).then(highest_of_all)


def compute_last_seen(name: str) -> pl.Expr:
    filled = pl.col(name).fill_null(strategy="forward")
    number = pl.when(pl.col(name).is_not_null()).then(pl.col("block")).fill_null(strategy="forward")
    return pl.when(number == pl.col("block")).then(filled)


TOTAL, UNKNOWN = "_T", "_U"
NATIVE, FOREIGN_BORN = "NB", "FB"
CITIZEN, FOREIGN = "NC", "FC"
OPEN_AGE, AGE_STEP = 85, 5
AGE_GROUPS = [*(f"Y{low}T{low + AGE_STEP - 1}" for low in range(0, OPEN_AGE, AGE_STEP)), f"Y_GE{OPEN_AGE}"]
"""Five-year age groups of figures, as in `CL_AGE`."""
AGE_DEFINITION, REACHED, COMPLETED = "AGEDEF", "REACH", "COMPLET"
"""Events are by age reached during the year, stocks by completed age on 31 December, when both coincide."""


def add_traits(
    rows: pl.DataFrame, persons: pl.DataFrame, citizenships: pl.DataFrame | None, observation: Observation
) -> pl.DataFrame:
    """Add `SEX`, `AGE` (reached during the year), `BIRTH_STATUS`, `CTZ_STATUS`, `C_BIRTH`, `C_CITIZEN`, or ``_U``."""
    birth = pl.col("c_birth")
    if observation.birth_place == MOTHER:
        birth = pl.coalesce("c_mother", "c_birth")
    known = persons.select(
        "person",
        SEX=pl.col("sex").fill_null(UNKNOWN),
        C_BIRTH=birth.fill_null(UNKNOWN),
        c_first=pl.col("c_citizen"),
        born_in=compute_year("birth_date"),
    )
    joined = rows.join(known, on="person", how="left")
    if citizenships is not None:
        joined = joined.join(add_changed_citizenship(rows, citizenships), on=["person", "at"], how="left")
        citizen = pl.coalesce("c_changed", "c_first")
    else:
        citizen = pl.col("c_first")
    area = observation.area
    return (
        joined.with_columns(years=compute_year("at") - pl.col("born_in"))
        .with_columns(
            SEX=pl.col("SEX").fill_null(UNKNOWN),
            C_BIRTH=pl.col("C_BIRTH").fill_null(UNKNOWN),
            C_CITIZEN=citizen.fill_null(UNKNOWN),
            AGE=compute_age_group(),
        )
        .with_columns(
            BIRTH_STATUS=compute_status("C_BIRTH", area, NATIVE, FOREIGN_BORN),
            CTZ_STATUS=compute_status("C_CITIZEN", area, CITIZEN, FOREIGN),
        )
    )


def compute_status(column: str, area: str, own: str, other: str) -> pl.Expr:
    country = pl.col(column)
    return (
        pl.when(country == UNKNOWN).then(pl.lit(UNKNOWN))
        .when(country == area).then(pl.lit(own))
        .otherwise(pl.lit(other))
    )  # fmt: skip


def add_changed_citizenship(rows: pl.DataFrame, citizenships: pl.DataFrame) -> pl.DataFrame:
    """Add `c_changed`, the citizenship last acquired before each day."""
    changes = citizenships.select("person", "c_citizen", since="date")
    asked = rows.select("person", "at").unique()
    earlier = asked.join(changes, on="person", how="inner").filter(pl.col("since") <= pl.col("at"))
    last = earlier.group_by("person", "at").agg(pl.col("since").max().alias("last"))
    return (
        earlier.join(last, on=["person", "at"], how="inner")
        .filter(pl.col("since") == pl.col("last"))
        .group_by("person", "at")
        .agg(pl.col("c_citizen").min().alias("c_changed"), pl.col("c_citizen").max().alias("c_other"))
        .with_columns(same=pl.col("c_changed") == pl.col("c_other"))
        .with_columns(c_changed=pl.when(pl.col("same")).then(pl.col("c_changed")).otherwise(pl.lit(UNKNOWN)))
        .select("person", "at", "c_changed")
    )


def compute_age_group() -> pl.Expr:
    age = pl.col("years")
    group = pl.lit(pl.Series(AGE_GROUPS)).gather(age.clip(0, OPEN_AGE) // AGE_STEP)
    return pl.when(age >= 0).then(group).otherwise(pl.lit(UNKNOWN))
