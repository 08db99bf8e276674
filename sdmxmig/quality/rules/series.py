"""Series for rules: selection, comparison and wording; lengths of stay and seasons."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation

from sdmxmig.primitives import text
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.periods import Period
from sdmxmig.primitives.periods import parse as parse_period
from sdmxmig.quality.rules import KINDS, Check, UntestableError, build_untestable_error, run_by_definition
from sdmxmig.quality.rules.values import cache_by_scope, list_distinct, open_parameters, select_figures
from sdmxmig.quality.rules.words import TOTAL, find_code_name, join_all, write_number
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.findings import Fault, NotTestable

LOG_TOLERANCE = 1e-9


def read_decimal(parameters: Declared, key: str, default: str | None = None) -> float:
    written = parameters.text(key, default)
    try:
        return float(Decimal(written))
    except InvalidOperation:
        raise DeclarationError(f"“{written}” is not a number.", parameters.at(key)) from None


@cache_by_scope
def select_series(check: Check) -> pl.DataFrame:
    kept = select_figures(check)
    series = check.books[0].courses
    if kept.height == check.amounts.frame.height:
        return series
    return series.join(kept.select("row"), on="row", how="semi", maintain_order="left")


def compute_value_before(name: str, steps: int = 1) -> pl.Expr:
    same_series = pl.col("series").shift(steps) == pl.col("series")
    is_neighbour = pl.col("period") - pl.col("period").shift(steps) == pl.col("step") * steps
    return pl.when(same_series & is_neighbour).then(pl.col(name).shift(steps))


def pair_previous(
    check: Check, untestable: UntestableError, *, steps: int = 1, frequency: str = "", breaks: tuple[str, ...] = ()
) -> pl.DataFrame:
    """Pair each figure of a series with an earlier one, except after breaks."""
    pairs = find_pairs(check, steps, frequency, breaks)
    if pairs.is_empty():
        raise untestable
    return pairs


@cache_by_scope
def find_pairs(check: Check, steps: int = 1, frequency: str = "", breaks: tuple[str, ...] = ()) -> pl.DataFrame:
    series = select_frequency(check, select_series(check), frequency)
    if steps == 1:
        pairs = series.with_columns(before=compute_value_before("value"), row_before=compute_value_before("row"))
    else:  # intermediate periods may be missing
        after = pl.col("period") + pl.col("step") * steps
        past = series.select("series", period=after, before=pl.col("value"), row_before=pl.col("row"))
        pairs = series.join(past, on=["series", "period"], how="left", maintain_order="left")
    return drop_breaks(pairs.drop_nulls(["value", "before"]), breaks)


def drop_breaks(pairs: pl.DataFrame, breaks: tuple[str, ...]) -> pl.DataFrame:
    return pairs.filter(~pl.col("status").is_in(breaks).fill_null(value=False)) if breaks else pairs


def select_frequency(check: Check, series: pl.DataFrame, frequency: str) -> pl.DataFrame:
    if not frequency:
        return series
    if "FREQ" not in check.amounts.frame.columns or frequency not in check.books[0].codes("FREQ"):
        return series.clear()
    return add_keys(check, series, ["FREQ"]).filter(pl.col("FREQ") == frequency).drop("FREQ")


def add_keys(check: Check, frame: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    keys = check.amounts.frame.select(names)[frame.get_column("row")]  # `row` is its position there
    return pl.concat([frame, keys], how="horizontal")


def add_context(check: Check, series: pl.DataFrame, dimension: str) -> pl.DataFrame:
    if dimension not in check.structure.series_key:
        return series.clear().with_columns(code=pl.lit(None, dtype=pl.String), context=pl.lit(None, dtype=pl.UInt32))
    return series.hstack(check.books[0].contexts(dimension)[series["series"]])


def list_breakdowns(
    check: Check, series: pl.DataFrame, dimensions: Iterable[str]
) -> Iterator[tuple[str, pl.DataFrame]]:
    """Yield each dimension that divides the data, with the series by context."""
    for name in dimensions if not series.is_empty() else ():
        if name in check.structure.series_key and check.books[0].codes(name) - {TOTAL, "_Z"}:
            yield name, add_context(check, series, name)


def drop_explained(
    check: Check,
    changes: pl.DataFrame,
    *,
    now: str | pl.Expr | float = 0.0,
    was: str | pl.Expr | float = 0.0,
    within: pl.Expr | float = 0.0,
) -> pl.DataFrame:
    """Drop changes of parts that are like those of their total, `within` a difference of logarithms."""
    if changes.height < 2:  # the usual case: no total beside its part
        return changes
    keys = list(check.structure.series_key)
    keyed = add_keys(check, changes.select("row", "period", "up", now=now, was=was, within=within), keys)
    totals = keyed.select(*keys, "period", "up", now_total="now", was_total="was")
    rest, rest_before = ((pl.col(f"{name}_total") - pl.col(name)).clip(0).cast(pl.Float64) for name in ("now", "was"))
    beyond = ((pl.col("now") / pl.col("was")).log() - (rest / rest_before).log()).abs()
    beyond = beyond.fill_nan(0.0)  # no rest, or both are zero
    explained = [keyed.select("row", "up").clear()]
    for name in keys:
        codelist = check.flow.codelist(name)
        if codelist is not None and TOTAL in codelist:
            parts = keyed.filter(pl.col(name) != TOTAL).with_columns(pl.lit(TOTAL).alias(name))
            explained.append(
                parts.join(totals, on=[*keys, "period", "up"], nulls_equal=True)
                .filter(beyond <= pl.col("within") + LOG_TOLERANCE)
                .select("row", "up")
            )
    return changes.join(pl.concat(explained), on=["row", "up"], how="anti")


def drop_returns(unexplained: pl.DataFrame, changes: pl.DataFrame, is_back: pl.Expr, *, lag: int = 1) -> pl.DataFrame:
    if unexplained.is_empty():
        return unexplained
    ordered = changes.sort("series", pl.col("period") % lag, "period")
    follows = (pl.col("row_before") == pl.col("row").shift(1)) & is_back
    ordered = ordered.with_columns(follows=follows.fill_null(value=False))
    is_return = pl.col("follows") & ~pl.col("follows").shift(1, fill_value=False)
    return unexplained.join(ordered.filter(is_return).select("row"), on="row", how="anti", maintain_order="left")


def is_opposite() -> pl.Expr:
    return pl.col("up") != pl.col("up").shift(1)


def is_reversal(change: pl.Expr) -> pl.Expr:
    both = pl.min_horizontal(change.abs(), change.shift(1).abs())
    return is_opposite() & ((change + change.shift(1)).abs() <= both / 2)


def format_amount(check: Check, row: int) -> str:
    amount = check.amounts.frame.get_column("amount")[row]
    return "" if amount is None else check.amounts.printed(amount, 0)


def read_period(check: Check, row: int) -> str:
    time = check.structure.time
    return str(check.amounts.frame.get_column(time.id)[row]) if time else ""


def list_missing_periods(earlier_period: str, step: int, missing: int) -> list[str]:
    """Return the missing periods after a period.

    >>> list_missing_periods("2015", 1, 2), list_missing_periods("2015-Q4", 1, 1)
    (['2016', '2017'], ['2016-Q1'])
    """
    first = parse_period(earlier_period)
    if first is None:
        return []
    return [str(Period(first.freq, first.number + step * steps)) for steps in range(1, missing + 1)]


def format_number(value: float, language: str, places: int = 2) -> str:
    """Write a computed number with this many decimals.

    >>> format_number(2.5, "en"), format_number(float("inf"), "en")
    ('2.50', '∞')
    """
    if value in (float("inf"), float("-inf")):
        return "∞"
    return text.format_number(Decimal(repr(value)), language, places)


def compute_needed_decimals(numbers: Collection[float]) -> int:
    """Return the decimals needed to distinguish numbers, at least two.

    >>> compute_needed_decimals([1.5, 2.5]), compute_needed_decimals([1.501, 1.5])
    (2, 3)
    """
    different = len(set(numbers))
    return next((places for places in (2, 3) if len({f"{value:.{places}f}" for value in numbers}) == different), 4)


def build_change_fault(
    check: Check,
    row: int,
    row_before: int,
    computed: Mapping[str, float],
    *,
    expected: str,
    levels: Mapping[str, float] | None = None,
) -> Fault:
    value, before, places = (
        format_amount(check, row),
        format_amount(check, row_before),
        compute_needed_decimals(computed.values()),
    )

    def build_words(language: str) -> dict[str, str]:
        return {
            "value": write_number(value, language),
            "before": write_number(before, language),
            "previous": read_period(check, row_before),
            **{name: format_number(result, language, places) for name, result in computed.items()},
            **{name: format_number(level, language, 0) for name, level in (levels or {}).items()},
        }

    return check.fault((row,), build_words, observed=value, expected=expected, related=(row_before,))


RULE_OF_RESIDENCE = "RES_RULE"
THRESHOLD = "THRESHOLD_MONTHS"
MONTHS_PER_YEAR = 12


@KINDS.add("STAY-FITS-RESIDENCE")
@run_by_definition
def stays_match_residence_rule(check: Check) -> Iterable[Fault | NotTestable]:
    """Tables of temporary stays have no stays of residents, and migration tables no shorter stays.

    Parameters: `breakdown`: dimension of lengths; `lengths`: `code`, lower limit `from` and optional upper limit
    `below` in months; `temporary`: structures of temporary stays; `except` as for other rules. The residence rule of
    the dataset determines the limit.
    """
    with check.parameters as parameters:
        dimension, temporary = parameters.text("breakdown"), parameters.strings("temporary")
        lengths = []
        for entry in parameters.tables("lengths"):
            lengths.append((entry.text("code"), entry.integer("from"), entry.integer("below", -1)))
            entry.close()
        excepted = parameters.table("except").lists()
    structure = check.structure
    if dimension not in structure or not check.books[0].codes(dimension) & {code for code, *_ in lengths}:
        raise build_untestable_error("no figures by length of stay are reported")
    rule, months = find_residence_limit(check)
    if months is None:
        raise build_untestable_error(
            "the residence rule of the dataset (RES_RULE) does not state a minimum number of months"
        )
    short = structure.ref.id in temporary
    misplaced = [code for code, least, below in lengths if (least >= months if short else 0 <= below <= months)]
    frame = check.amounts.frame.filter(pl.col(dimension).is_in(misplaced), pl.col("amount") > 0)
    for name, codes in excepted.items():
        if name in frame.columns:
            frame = frame.filter(~pl.col(name).is_in(codes))
    for row, code, value in frame.select("row", dimension, structure.measure.id).iter_rows():
        yield build_stay_fault(check, row, dimension, code, value, rule, months)


def find_residence_limit(check: Check) -> tuple[str, int | None]:
    if RULE_OF_RESIDENCE not in check.structure:
        return "", None
    rules = [code for code in list_distinct(check, check.structure[RULE_OF_RESIDENCE]) if code]
    codelist = check.flow.codelist(RULE_OF_RESIDENCE)
    if len(rules) != 1 or codelist is None or rules[0] not in codelist:
        return "", None
    months = codelist[rules[0]].note(THRESHOLD)
    return rules[0], int(months) if months.isdecimal() else None


def build_stay_fault(check: Check, row: int, dimension: str, code: str, figure: str, rule: str, months: int) -> Fault:
    flow = check.flow

    def build_words(language: str) -> dict[str, str]:
        return {
            "value": write_number(figure, language),
            "length": find_code_name(flow, dimension, code, language),
            "rule": find_code_name(flow, RULE_OF_RESIDENCE, rule, language),
            "months": str(months),
            "flow": flow.dataflow.name.in_language(language) or flow.id,
        }

    return check.fault((row,), build_words, observed=figure, expected="0", difference=figure, tolerance="0")


@KINDS.add("IN-SEASON")
def arrivals_are_seasonal(check: Check) -> Iterable[Fault | NotTestable]:
    """Most seasonal arrivals are in the season.

    Parameters: `codes` of the figures; `months` of the season as numbers, else the `longest` run of adjacent months
    with most arrivals; `share` of the year's arrivals in the season; `least`: minimum yearly arrivals; `units`,
    `except`.
    """
    with open_parameters(check) as parameters:
        picked = parameters.table("codes")
        codes = {name: picked.strings(name, None) for name in picked.values}
        declared, longest = parameters.numbers("months"), parameters.integer("longest")
        share, least = read_decimal(parameters, "share"), parameters.integer("least")
    if lacking := [name for name in codes if name not in check.structure.series_key]:
        raise build_untestable_error(
            "{flow} is not broken down by {dimensions}", flow=check.flow.id, dimensions=join_all(lacking)
        )
    series = add_keys(check, select_frequency(check, select_series(check), "M").drop_nulls("value"), list(codes))
    series = series.filter(pl.col(name).is_in(wanted) for name, wanted in codes.items())
    months = series.with_columns(
        year=pl.col("period") // MONTHS_PER_YEAR, month=(pl.col("period") % MONTHS_PER_YEAR + 1).cast(pl.Int32)
    )
    whole = months.filter(pl.len().over("series", "year") == MONTHS_PER_YEAR)
    whole = whole.with_columns(total=pl.col("value").sum().over("series", "year")).filter(pl.col("total") >= least)
    if whole.is_empty():
        raise build_untestable_error(
            "no series of seasonal arrivals has a whole year of months with {least} or more", least=least
        )
    yield from list_out_of_season(check, whole, list_seasons(declared, longest), share)


def list_seasons(declared: Sequence[int], longest: int) -> list[tuple[int, ...]]:
    """Return the declared season, or otherwise every run of adjacent months, even across the end of the year.

    >>> list_seasons([6, 7], 8), list_seasons([], 2)[-1]
    ([(6, 7)], (12, 1))
    """
    if declared:
        return [tuple(declared)]
    return [tuple((first + step) % MONTHS_PER_YEAR + 1 for step in range(longest)) for first in range(MONTHS_PER_YEAR)]


def list_out_of_season(
    check: Check, whole: pl.DataFrame, possible: Sequence[tuple[int, ...]], share: float
) -> Iterator[Fault]:
    keys = ["series", "year"]
    inside = [
        pl.col("value").filter(pl.col("month").is_in(months)).sum().alias(str(n)) for n, months in enumerate(possible)
    ]
    years = whole.group_by(keys, maintain_order=True).agg(pl.col("total").first(), *inside)
    names = [str(n) for n in range(len(possible))]
    years = years.with_columns(most=pl.max_horizontal(names), best=pl.concat_list(names).list.arg_max())
    for series, year, total, most, best in (
        years.filter(pl.col("most") < share * pl.col("total")).select(*keys, "total", "most", "best").iter_rows()
    ):
        season = possible[best]
        outside = whole.filter(
            pl.col("series") == series, pl.col("year") == year, ~pl.col("month").is_in(season), pl.col("value") > 0
        )
        rows = tuple(sorted(outside.get_column("row").to_list()))
        yield build_even_fault(check, rows, season, year, total, most, share)


def build_even_fault(
    check: Check, rows: tuple[int, ...], season: Sequence[int], year: int, total: float, most: float, share: float
) -> Fault:

    def build_words(language: str) -> dict[str, str]:
        return {
            "months": ", ".join(str(month) for month in season),
            "period": str(year),
            "total": format_number(total, language, 0),
            "share": format_number(100 * most / total, language, 0),
            "limit": format_number(100 * share, language, 0),
        }

    return check.fault(rows, build_words, observed=str(year), expected=f"at least {100 * share:.0f}% in the season")
