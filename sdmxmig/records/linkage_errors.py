"""Error rates written by `sdmxmig link`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from sdmxmig.primitives.errors import InputError, SdmxmigError, did_you_mean
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place
from sdmxmig.records.doubtful_records import Doubt
from sdmxmig.records.files import LINKAGE_ERRORS, LINKS, PERSONS, number_rows
from sdmxmig.records.reading import Check, check_rows, import_table
from sdmxmig.records.rows import ROW, RowNumbers
from sdmxmig.sdmx.model.rule_ids import RuleId
from sdmxmig.statistics.demography.capture import NO_FAULTS, LinkErrors, Share

BETWEEN, WITHIN = "between", "within"
PRECISION, RECALL = "precision", "recall"
TRUE_PAIRS, FALSE_LINKS, MISSED_LINKS = "true_pairs", "false_links", "missed_links"
COMPARED_ONLY_NOTE = (
    "recall counts compared pairs only; true pairs that were never compared are missed too, so the population may be "
    "smaller than estimated, and the 95% interval does not cover this"
)
UNMEASURED_NOTE = "errors not measured, since no sample of pairs was judged"
SHARE_MEASURES = (PRECISION, RECALL)
MEASURES = (TRUE_PAIRS, PRECISION, RECALL, FALSE_LINKS, MISSED_LINKS)
MEASUREMENT_BASES = BY_MODEL, BY_PEOPLE, NOT_JUDGED = "model", "clerical sample", "not judged"
NORMAL_QUANTILE = 1.959964
"""Standard errors on each side of a normal 95% interval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkageError:
    """An error rate with its 95% interval; `basis` is clerical review (`judged` of `pairs`) or the model."""

    source: str
    kind: str
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
        return float(((float(self.high) - float(self.low)) / (2 * NORMAL_QUANTILE)) ** 2)


def read_linkage_errors(path: Path) -> tuple[LinkageError, ...]:
    """Read ``linkage_errors.csv`` by source, kind and measure.

    Empty values, such as unjudged pairs or shares of zero, are left out. Raises `InputError` for unknown kinds,
    measures and bases, invalid values, intervals without their value, and duplicates.
    """
    with TemporaryDirectory(prefix="sdmxmig-records-") as place:
        rows = pl.read_parquet(import_table(path, LINKAGE_ERRORS, Path(place)), memory_map=False)
    check(rows, number_rows(path))
    known = rows.drop_nulls("value").with_columns(pl.col("low", "high").fill_null("")).rename({"to_source": "source"})
    return tuple(LinkageError(**row) for row in known.sort("source", "kind", "measure").rows(named=True))


def check(rows: pl.DataFrame, numbers: RowNumbers) -> None:
    if not rows.height:
        raise InputError("There are no linkage errors.", Place(numbers.file), "Give the file that sdmxmig link wrote.")
    numbered = rows.lazy().with_row_index(ROW, 1)
    value, low, high = (pl.col(column).cast(pl.Float64, strict=False) for column in ("value", "low", "high"))
    is_share = pl.col("measure").is_in(SHARE_MEASURES)
    is_empty = pl.all_horizontal(pl.col("value", "low", "high").is_null())
    is_of_nothing = is_empty & (is_share | (pl.col("basis") == NOT_JUDGED))
    beyond = [~number.is_finite() | (number < 0) | (is_share & (number > 1)) for number in (value, low, high)]
    missing = [pl.col(column).is_not_null() & number.is_null() for column, number in (("low", low), ("high", high))]
    apart = pl.col("low").is_null() != pl.col("high").is_null()
    doubtful = {
        "kind is neither between nor within": ~pl.col("kind").is_in((BETWEEN, WITHIN)),
        "The measure is unknown": ~pl.col("measure").is_in(MEASURES),
        "basis is none of model, clerical sample and not judged": ~pl.col("basis").is_in(MEASUREMENT_BASES),
        "value is not a share or a number of pairs": (value.is_null() & ~is_of_nothing) | beyond[0],
        "The interval is not valid": apart | missing[0] | missing[1] | beyond[1] | beyond[2],
        "The interval does not contain its value": (low > value) | (high < value),
        "pairs or judged is less than nothing": (pl.col("pairs") < 0) | (pl.col("judged") < 0),
        "The same measure is listed again": ~pl.struct("to_source", "kind", "measure").is_first_distinct(),
    }
    check_rows(numbered, [Check(wrong, what) for what, wrong in doubtful.items()], numbers)


PROBABLE, AGREEING = "PROB", "DET"
SEPARATOR = "\x1f"
SINGLE_COLUMNS = ("sex", "birth_date", "c_birth", "c_mother", "c_citizen")


@dataclass(frozen=True, slots=True)
class LinkedTables:
    """Tables by linked person, with the method (`CL_INTEG_METHOD`) and caveats."""

    paths: Mapping[str, Path]
    method: str
    doubtful: tuple[Doubt, ...]


def link_tables(taken: Mapping[str, Path], sources: Mapping[str, str], numbers: RowNumbers) -> LinkedTables:
    """Replace records by persons in tables.

    Rows keep their order and `ROW`; the table of persons has one row per person. Raises `InputError` for a record with
    two persons, `SdmxmigError` for an unlinked source.
    """
    links = pl.scan_parquet(taken[LINKS.name])
    check_links(links, numbers)
    known = links.select(pl.col("source").unique().sort()).collect()["source"].to_list()
    for source in sources.values():
        if source not in known:
            hint = did_you_mean(source, known) or f"The links have: {', '.join(known)}."
            raise SdmxmigError(f"No link refers to the source “{source}”.", hint=hint)
    used = links.filter(pl.col("source").is_in(list(sources.values())))
    methods = used.select(pl.col("method").unique()).collect()["method"].to_list()
    paths: dict[str, Path] = dict(taken)
    doubtful: list[Doubt] = []
    for table, source in sources.items():
        target = taken[table].with_name(f"{table}_linked.parquet")
        mine = links.filter(pl.col("source") == source).select("record", holder="person").unique()
        rows = pl.scan_parquet(taken[table]).with_row_index(ROW, 1)
        joined = rows.join(mine, left_on="person", right_on="record", how="left", maintain_order="left")
        unlinked = joined.filter(pl.col("holder").is_null()).select(ROW)
        doubtful.append(Doubt(RuleId.UNLINKED, table, rows=unlinked.collect()[ROW], column="person"))
        own = pl.lit(source + SEPARATOR) + pl.col("person")
        by_person = joined.with_columns(person=pl.coalesce("holder", own)).drop("holder")
        if table == PERSONS.name:
            doubtful.append(Doubt(RuleId.DIFFERENT_RECORDS, table, rows=select_differing(by_person).collect()[ROW]))
            by_person = select_one_each(by_person)
        by_person.sink_parquet(target)
        paths[table] = target
    return LinkedTables(paths, PROBABLE if PROBABLE in methods else AGREEING, doubtful=tuple(doubtful))


def check_links(links: pl.LazyFrame, numbers: RowNumbers) -> None:
    other = pl.col("person") != pl.col("person").first().over("source", "record", order_by=ROW)
    what, hint = "A record that is linked to another person further up is listed again", "Link the sources again."
    contradicted = Check(other, what, hint=hint)
    check_rows(links.with_row_index(ROW, 1), [contradicted], numbers)


def keep_single_value(column: str) -> pl.Expr:
    values = pl.col(column).drop_nulls().unique()
    return pl.when(values.len() == 1).then(values.first()).alias(column)


def select_one_each(rows: pl.LazyFrame) -> pl.LazyFrame:
    together = rows.group_by("person", maintain_order=True).agg(
        pl.col(ROW).first(),
        *(keep_single_value(name) for name in SINGLE_COLUMNS),
        pl.col("death_date").min(),
        pl.col("resident").max(),
    )
    return together.select(ROW, *(column.name for column in PERSONS.columns))


def select_differing(rows: pl.LazyFrame) -> pl.LazyFrame:
    names = (*SINGLE_COLUMNS, "death_date")
    several = [pl.col(name).drop_nulls().n_unique().over("person") > 1 for name in names]
    return rows.filter(pl.any_horizontal(several)).select(ROW)


@dataclass(frozen=True, slots=True)
class ListLinks:
    faults: Mapping[int, LinkErrors]
    order: tuple[int, ...]
    words: str
    doubts: tuple[str, ...] = ()


def assume_equal_links(faults: LinkErrors, lists: int) -> ListLinks:
    order = tuple(range(lists))
    if faults == NO_FAULTS:
        return ListLinks({}, order, words="links assumed correct")
    words = f"links of precision {faults.precision.value:g} and recall {faults.recall.value:g} corrected"
    return ListLinks(dict.fromkeys(order[1:], faults), order, words=words)


def read_measured_links(path: Path, lists: Sequence[str]) -> ListLinks:
    errors = read_linkage_errors(path)
    rates = {(error.source, error.measure): error for error in errors if error.kind == BETWEEN}
    known = [name for name in lists if (name, PRECISION) in rates or (name, RECALL) in rates]
    others = [name for name in lists if name not in known]
    if len(others) > 1:
        raise InputError(
            f"It does not describe how {', '.join(others)} were linked.",
            Place(path.name),
            "Judge a sample of the pairs first (sdmxmig link --judged), and name each list like its source; or leave "
            "--linkage out.",
        )
    ordered = [*others, *known]
    faults, words = {}, []
    for name in ordered[1:]:
        precision, recall = (read_rate(rates, name, measure, path.name) for measure in (PRECISION, RECALL))
        faults[list(lists).index(name)] = LinkErrors(precision=write_share(precision), recall=write_share(recall))
        words.append(f"{name} {describe_errors(precision)}, {describe_errors(recall)}")
    order = tuple(list(lists).index(name) for name in ordered)
    words += [describe_missed_doubles(error) for error in errors if error.source in lists and is_missed(error)]
    words.append(COMPARED_ONLY_NOTE)
    return ListLinks(
        faults, order, words=f"errors of links corrected: {'; '.join(words)}", doubts=(COMPARED_ONLY_NOTE,)
    )


def is_missed(error: LinkageError) -> bool:
    return (error.kind, error.measure) == (WITHIN, MISSED_LINKS) and round(error.number) > 0


def describe_missed_doubles(error: LinkageError) -> str:
    return (
        f"when {error.source} was linked about {round(error.number):,} double records within a source were missed "
        f"({error.basis}), which is not corrected: where a list has them, the estimate is too high"
    )


def read_rate(rates: Mapping[tuple[str, str], LinkageError], name: str, measure: str, file: str) -> LinkageError:
    rate = rates.get((name, measure))
    if rate is None or rate.number == 0:
        hint = "If sdmxmig link --judged did not measure it, give --precision and --recall instead of --linkage."
        raise InputError(f"There is no {measure} of {name}.", Place(file), hint)
    return rate


def write_share(rate: LinkageError) -> Share:
    return Share(rate.number, rate.variance)


def describe_errors(rate: LinkageError) -> str:
    rests_on = f"{rate.judged} pairs judged" if rate.low else "without its own interval"
    return f"{rate.measure} {rate.value} ({rate.basis}, {rests_on})"
