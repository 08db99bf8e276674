"""Lengths of stay and seasons."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sdmxmig.primitives.lazily import pl
from sdmxmig.quality.rules import KINDS, Check, build_untestable_error, run_by_definition
from sdmxmig.quality.rules.series import (
    add_keys,
    format_number,
    read_decimal,
    select_frequency,
    select_series,
)
from sdmxmig.quality.rules.values import list_distinct, open_parameters
from sdmxmig.quality.rules.words import find_code_name, join_all, write_number
from sdmxmig.sdmx.model.findings import Fault, NotTestable

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
    for row, code, text in frame.select("row", dimension, structure.measure.id).iter_rows():
        yield build_stay_fault(check, row, dimension, code, text, rule, months)


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
