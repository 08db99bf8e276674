"""Rates and shares by numerator and population."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sdmxmig.primitives.lazily import pl
from sdmxmig.quality.rules import KINDS, Check
from sdmxmig.quality.rules.columns import column
from sdmxmig.quality.rules.every_total import AGES, is_complete
from sdmxmig.quality.rules.parts import breakdown
from sdmxmig.quality.rules.ratios import NEARLY
from sdmxmig.quality.rules.series import decimal, decimals
from sdmxmig.quality.rules.terms import YEAR, Term, figures_of, of_book, read_term
from sdmxmig.quality.rules.totals import TOTAL, added_up, first_of_groups, in_words, split_by
from sdmxmig.quality.rules.totals import fault as fault_of_sum
from sdmxmig.quality.rules.words import all_of, because, in_languages, name_of, number, spoken_name
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.findings import Fault, NotTestable, Reason
from sdmxmig.statistics.demography.ledger import AREA

HUNDRED = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A rate with its terms, per 100 or 1,000."""

    rate: Term
    numerator: Term
    population: Term
    per: int


@KINDS.add("RATE-FOLLOWS")
def rate_follows(check: Check) -> Iterable[Fault | NotTestable]:
    """A rate or share that is reported is that of the numerator and the population that are reported beside it.

    Parameters: `rates`, each with the terms `rate`, `numerator` and `population` (see `Term`) and `per` how many of the
    population it is; `slight`, the share of the rate that is tolerated beyond the rounding of all three; `by`, the
    dimensions by whose codes rates are looked at, where all three tables have them, and not at the total alone.
    """
    parameters = check.parameters
    divided = parameters.strings("by")
    slight, listed = decimal(parameters, "slight"), [read_rate(entry) for entry in parameters.tables("rates")]
    parameters.close()
    tested, reasons = False, []
    for rate in listed:
        beside = {book.flow: of_book(check, book) for book in check.books}
        lacking = [flow for flow in (rate.numerator.flow, rate.population.flow) if flow not in beside]
        concerned = [check, *(beside[term.flow] for term in (rate.numerator, rate.population) if not lacking)]
        by = [name for name in divided if all(name in each.dataset.flow.structure.series_key for each in concerned)]
        reported = figures_of(check, rate.rate, by)
        if isinstance(reported, Reason) or lacking:
            reasons += (
                []
                if isinstance(reported, Reason)
                else [because("{flow} is not reported beside a rate of it", flow=lacking[0])]
            )
            continue
        terms = [figures_of(beside[term.flow], term, by) for term in (rate.numerator, rate.population)]
        made = recomputed(reported, terms, rate.per, by)
        if isinstance(made, Reason):
            reasons.append(made)
            continue
        tested = tested or not made.is_empty()
        room = made.with_columns(room=pl.col("half") + pl.col("hidden") + slight * pl.col("rate").abs() + NEARLY)
        wrong = room.filter((pl.col("value") - pl.col("rate")).abs() > pl.col("room"))
        for row in wrong.iter_rows(named=True):
            yield other_rate(check, rate, row)
    yield from (NotTestable(reason, partial=tested) for reason in dict.fromkeys(reasons))
    if not (tested or reasons):
        yield NotTestable(because("no rate is reported with its numerator and population"))


def read_rate(declared: Declared) -> Rate:
    rate, numerator, population = (read_term(declared.table(key)) for key in ("rate", "numerator", "population"))
    made = Rate(rate=rate, numerator=numerator, population=population, per=declared.integer("per"))
    declared.close()
    return made


def recomputed(
    reported: pl.DataFrame, terms: list[pl.DataFrame | Reason], per: int, by: Sequence[str]
) -> pl.DataFrame | Reason:
    """Each rate with the `rate` that its terms give, and what rounding of the terms may have `hidden` in it."""
    numerator, population = terms
    if isinstance(numerator, Reason):
        return numerator
    if isinstance(population, Reason):
        return population
    keys = [AREA, YEAR, *by]
    both = reported.join(numerator, on=keys, suffix="_upper", maintain_order="left")
    both = both.join(population.filter(pl.col("value") > 0), on=keys, suffix="_lower", maintain_order="left")
    if both.is_empty():
        return because("no rate is reported for a year with its numerator and population")
    rate = pl.col("value_upper") / pl.col("value_lower") * per
    hidden = (pl.col("half_upper") * per + rate.abs() * pl.col("half_lower")) / pl.col("value_lower")
    return both.with_columns(rate=rate, hidden=hidden)


def other_rate(check: Check, rate: Rate, row: Mapping[str, Any]) -> Fault:
    """The fault of a rate that its terms do not give."""
    measure = check.dataset.flow.structure.measure.id
    first, *others = row["rows"]
    text = str(check.amounts.frame.get_column(measure)[first])
    places = len(text.partition(".")[2])

    def words_in(language: str) -> dict[str, str]:
        return {
            "value": number(text, language),
            "rate": decimals(row["rate"], language, places + 1),
            "numerator": decimals(row["value_upper"], language, 0),
            "population": decimals(row["value_lower"], language, 0),
            "per": decimals(rate.per, language, 0),
        }

    return Fault(
        (first,),
        measure,
        parameters=in_languages(check.rule, words_in),
        observed=text,
        expected=f"{row['rate']:.{places + 1}f}",
        related=tuple(others),
        elsewhere=(
            *((rate.numerator.flow, other) for other in row["rows_upper"]),
            *((rate.population.flow, other) for other in row["rows_lower"]),
        ),
        difference=f"{row['value'] - row['rate']:.{places + 1}f}",
        tolerance=f"{row['room']:.{places + 1}f}",
    )


@KINDS.add("SHARES-MAKE-WHOLE")
def shares_make_whole(check: Check) -> Iterable[Fault | NotTestable]:
    """The shares of one breakdown whose total is 100 per cent add up to 100, as exactly as their decimals allow.

    Looked at are breakdowns with all their parts; shares that are more than 100 together are too many in any case.
    Parameters: `units`, those of shares; `except` as for other rules of totals. Half a printed unit is tolerated for
    each share.
    """
    parameters = check.parameters
    parameters.strings("units", None)
    parameters.table("except")
    parameters.close()
    flow, unit = check.dataset.flow, 10**check.amounts.scale
    tested = False
    for name in flow.structure.series_key:
        codelist, codes = flow.codelist(name), check.books[0].codes(name)
        if codelist is None or TOTAL not in codes or len(codes) < len((TOTAL, "part", "other part")):
            continue
        of = breakdown(flow, [name], TOTAL, (), by_age=codelist.ref.id == AGES)
        split = split_by(check, of)
        is_whole = split.steps["amount"].gather(split.parts["group"]) == HUNDRED * unit
        rounded = pl.when(pl.col("slack") == 0).then(pl.lit(unit)).otherwise(pl.col("slack"))
        split = replace(split, parts=split.parts.filter(is_whole), steps=split.steps.with_columns(slack=rounded))
        sums = added_up(split, split.whole).with_columns(slack="slack_of_parts")  # the whole itself is not rounded
        tested = tested or not sums.is_empty()
        wrong = sums.filter((pl.col("sum") - pl.col("amount")).abs() * 2 > pl.col("slack"))
        for row in in_words(check, split, split.whole, first_of_groups(wrong)):
            if row["sum"] > row["amount"] or of.by_age or is_complete(tuple(row["codes"]), codelist):
                yield fault_of_sum(check, of, flow.structure.measure.id, row)
    if not tested:
        yield NotTestable(because("no shares are reported with a whole of 100 per cent"))


@KINDS.add("TERMS-OF-ONE-SOURCE")
def terms_of_one_source(check: Check) -> Iterable[Fault | NotTestable]:
    """Numerator and denominator come from one source and one vintage.

    Parameters: `breakdown`, the dimension that tells the terms apart, and `codes`, the two; `attributes`, those that
    must be the same.
    """
    parameters = check.parameters
    name, codes = parameters.text("breakdown"), parameters.strings("codes", None)
    listed = parameters.strings("attributes", None)
    parameters.close()
    structure = check.dataset.flow.structure
    if name not in structure.series_key:
        yield NotTestable(because("{flow} has no {component}", flow=check.dataset.flow.id, component=name))
        return
    keys = [key for key in structure.key if key != name]
    tested = False
    for attribute in (structure[attribute] for attribute in listed if attribute in structure):
        values = column(check, attribute)
        frame = check.frame.select("row", *structure.key).join(values, on="row", maintain_order="left")
        first, second = (frame.filter(pl.col(name) == code).drop(name) for code in codes)
        both = first.join(second, on=keys, suffix="_other", nulls_equal=True, maintain_order="left")
        both = both.drop_nulls(["value", "value_other"])
        tested = tested or not both.is_empty()
        yield from other_sources(check, attribute.id, both.filter(pl.col("value") != pl.col("value_other")))
    if not tested:
        yield NotTestable(
            because("{attributes} are nowhere said of both {codes}", attributes=all_of(listed), codes=all_of(codes))
        )


def other_sources(check: Check, attribute: str, both: pl.DataFrame) -> Iterator[Fault]:
    """The faults of terms that say of themselves that they are of different sources."""
    groups = both.group_by("value", "value_other", maintain_order=True).agg("row", "row_other")
    for value, other, rows, others in groups.iter_rows():
        words = partial(source_words, check, (attribute, value, other))
        yield Fault(
            tuple(rows),
            attribute,
            parameters=in_languages(check.rule, words),
            observed=value,
            expected=other,
            related=tuple(others),
        )


def source_words(check: Check, codes: tuple[str, str, str], language: str) -> dict[str, str]:
    attribute, value, other = codes
    flow = check.dataset.flow
    names = (name_of(flow, attribute, code, language) for code in (value, other))
    return dict(zip(("value", "other"), names, strict=True)) | {"dimension": spoken_name(attribute, flow, language)}
