"""Mortality of groups by age."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import polars as pl

from sdmxmig.catalogue.ages import interval, partitions
from sdmxmig.quality.rules import KINDS, Check
from sdmxmig.quality.rules.series import decimal, decimals
from sdmxmig.quality.rules.sides import (
    AGE,
    AREA,
    AVERAGE,
    FREQUENCY,
    Comparison,
    Side,
    figures,
    none_to_compare,
    plain,
    reports,
)
from sdmxmig.quality.rules.words import because, in_languages, number
from sdmxmig.sdmx.model.findings import Fault, NotTestable
from sdmxmig.statistics.demography.ledger import Book


@KINDS.add("MORTALITY-AS-OTHERS")
def mortality_as_others(check: Check) -> Iterable[Fault | NotTestable]:
    """The deaths of a group are not far fewer than its ages let expect at the mortality of another group.

    The expected deaths are the average population of each age times the death rate of the other group at that age;
    the ratio of the deaths to these is the standardised mortality ratio. Parameters: `domains` of the data on deaths;
    `stocks` and `deaths`, their structures; `events`, codes of deaths; `by`, the dimension with the codes of the
    `group` and of the `standard`; `low`, the least ratio; `expected`, how many deaths must be expected.
    """
    parameters = check.parameters
    domains = parameters.strings("domains", None)
    stocks, deaths = parameters.strings("stocks", None), parameters.strings("deaths", None)
    events, dimension = parameters.table("events").pairs(), parameters.text("by")
    group, standard = parameters.text("group"), parameters.text("standard")
    low, needed = decimal(parameters, "low"), parameters.integer("expected")
    parameters.close()
    people, dead = Side(structures=stocks, timing=AVERAGE), Side(structures=deaths, codes=events)
    sources = reports(check, domains, [dead])
    if not sources:
        yield none_to_compare(domains)
        return
    tested = False
    for data in sources:
        rates = by_age(check, people, dead, data.book, dimension=dimension)
        ratios = standardised(rates, dimension, group, standard).filter(pl.col("expected") >= needed)
        tested = tested or not ratios.is_empty()
        yield from too_few(check, ratios.filter(pl.col("ratio") < low * (1 - 1e-9)), low)
    if not tested:
        yield NotTestable(
            because(
                "no year has {needed} expected deaths of a group by age and the population at both its ends",
                needed=needed,
            )
        )


def by_age(check: Check, people: Side, deaths: Side, book: Book, *, dimension: str) -> pl.DataFrame:
    """The average population and the deaths by area, year, group and age, of the ages that both have."""
    time = check.books[0].time
    names = [FREQUENCY, AREA, dimension, AGE, time]
    keys = {name: name for name in names}
    stock = figures(check.books[0], people, keys, Comparison()).rename({"value": "people"})
    events = figures(book, deaths, keys, Comparison()).select(*names, deaths="value")
    both = stock.join(events, on=names, how="inner", maintain_order="left").filter(
        pl.col(AGE).is_in([code for code in check.books[0].codes(AGE) if interval(code)])
    )
    if both.is_empty():
        return both
    ways, _ = partitions(both.get_column(AGE).unique().to_list())
    return both.filter(pl.col(AGE).is_in(list(ways[0]) if ways else []))


def standardised(rates: pl.DataFrame, dimension: str, group: str, standard: str) -> pl.DataFrame:
    """The `ratio` of the deaths of a group to those `expected` at the rates of the standard, by area and year."""
    names = [name for name in rates.columns if name not in (dimension, "row", "rows", "people", "deaths", "step")]
    others = [name for name in names if name != AGE]
    usual = rates.filter(pl.col(dimension) == standard, pl.col("people") > 0)
    usual = usual.select(*names, rate=pl.col("deaths") / pl.col("people"))
    own = rates.filter(pl.col(dimension) == group)
    both = own.join(usual, on=names, how="inner", maintain_order="left")
    complete = own.group_by(others).agg(ages=pl.len())
    return (
        both.group_by(others, maintain_order=True)
        .agg(
            pl.col("row"),
            pl.col("deaths").sum(),
            expected=(pl.col("people") * pl.col("rate")).sum(),
            count=pl.len(),
        )
        .join(complete, on=others, how="inner", maintain_order="left")
        .filter(pl.col("count") == pl.col("ages"))
        .with_columns(ratio=pl.col("deaths") / pl.col("expected"))
    )


def too_few(check: Check, ratios: pl.DataFrame, low: float) -> Iterator[Fault]:
    """One fault for each year in which a group has too few deaths."""
    for row in ratios.iter_rows(named=True):

        def words_in(language: str, row: Mapping[str, float] = row) -> dict[str, str]:
            return {
                "deaths": number(plain(row["deaths"]), language),
                "expected": number(plain(row["expected"], 0), language),
                "ratio": decimals(row["ratio"], language),
                "low": decimals(low, language),
            }

        yield Fault(
            tuple(row["row"]),
            check.dataset.flow.structure.measure.id,
            parameters=in_languages(check.rule, words_in),
            observed=f"{row['ratio']:.2f}",
            expected=f"a standardised mortality ratio of at least {low:g}",
        )
