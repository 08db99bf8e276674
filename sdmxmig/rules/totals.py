"""Totals: a total is the sum of its parts, as exactly as the printed digits allow, and no part is more than it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import KW_ONLY, dataclass
from functools import partial
from typing import Any

import polars as pl

from sdmxmig.declarations import Declared
from sdmxmig.model.findings import Fault, NotTestable
from sdmxmig.rules import KINDS, Check
from sdmxmig.rules.figures import half
from sdmxmig.rules.parts import BETWEEN, DimensionBreakdown, PartChoice, breakdown, choose, is_part
from sdmxmig.rules.values import taking_part_once
from sdmxmig.rules.words import in_languages, name_of, number, spoken_name

TOTAL = "_T"
CODE = "code"
NO_PARTS = "no total is reported with its parts by {}"
PARTS_TOLD = 8
"""How many parts a message names before it only counts them."""


@dataclass(frozen=True, slots=True, eq=False)
class TotalSplit:
    """The totals of one breakdown with their parts.

    `totals` has one row a total: `group`, `row`, `amount`, `slack`, `power`, `text`; `parts` one row a part: `group`,
    `code`, `row`, `amount`, `slack`, `text`. `slack` is twice what rounding can hide: the printed unit, or nothing for
    whole persons. `choices` say by group which parts are added up.
    """

    totals: pl.DataFrame
    parts: pl.DataFrame
    _: KW_ONLY
    choices: dict[int, PartChoice]


@KINDS.add("TOTAL-IS-SUM")
def total_is_sum(check: Check) -> Iterable[Fault | NotTestable]:
    """Every total is the sum of its parts, wherever the parts are complete.

    Parameters: `dimensions`; `required`, the codes without which the parts are not complete; `ages`, true if the codes
    are age groups, which must then neither overlap nor leave a hole; `total`; `except`, codes by dimension that are not
    looked at. Tolerance: none for whole persons, else half a printed unit for each figure.
    """
    of = read_breakdown(check)
    if missing := [name for name in of.dimensions if name not in check.dataset.flow.structure]:
        yield NotTestable(f"{check.dataset.flow.id} is not broken down by {' and '.join(missing)}")
        return
    if not may_have_parts(check, of.dimensions, of.total):
        yield NotTestable(NO_PARTS.format(of.name))
        return
    split = split_by(check, of)
    sums = added_up(split)
    measure = check.dataset.flow.structure.measure.id
    wrong = sums.filter((pl.col("sum") - pl.col("amount")).abs() * 2 > pl.col("slack"))
    for row in wrong.unique("group", keep="first", maintain_order=True).iter_rows(named=True):
        yield fault(check, of, measure, row)
    yield from untested(split, sums, of)


@KINDS.add("PART-WITHIN-TOTAL")
def part_within_total(check: Check) -> Iterable[Fault | NotTestable]:
    """No part is more than its total, even where some parts are not reported.

    Parameters: `dimensions`, each of which is a breakdown of its own; `except`, codes by dimension that are not looked
    at.
    """
    parameters = check.parameters
    listed = dimensions_of(check, parameters)
    parameters.close()
    measure = check.dataset.flow.structure.measure.id
    tested = False
    for dimension in listed:
        of = DimensionBreakdown((dimension,), TOTAL)
        if not may_have_parts(check, of.dimensions, of.total):
            continue
        split = split_by(check, of)
        pairs = split.parts.join(split.totals, on="group", suffix="_total", maintain_order="left").drop_nulls("amount")
        tested = tested or not pairs.is_empty()
        over = (pl.col("amount") - pl.col("amount_total")) * 2 > pl.col("slack") + pl.col("slack_total")
        for row in pairs.filter(over).iter_rows(named=True):
            words = in_languages(check.rule, partial(part_parameters, check, of, row))
            yield Fault(
                (row["row"],),
                measure,
                parameters=words,
                observed=row["text"],
                expected=f"≤ {row['text_total']}",
                related=(row["row_total"],),
                difference=check.amounts.printed(row["amount"] - row["amount_total"], row["power"]),
                tolerance=half(check, row["slack"] + row["slack_total"], row["power"]),
            )
    if not tested:
        yield NotTestable("no total is reported with a part of it")


@KINDS.add("PARTS-WITHIN-TOTAL")
def parts_within_total(check: Check) -> Iterable[Fault | NotTestable]:
    """Parts that are not complete are together not more than their total.

    Parameters: as for PART-WITHIN-TOTAL, and `required`: by dimension, the codes that make it complete.
    """
    parameters = check.parameters
    listed, declared = dimensions_of(check, parameters), parameters.table("required")
    required = {dimension: declared.strings(dimension) for dimension in parameters.strings("dimensions")}
    declared.close()
    parameters.close()
    measure = check.dataset.flow.structure.measure.id
    tested = False
    for dimension in listed:
        if not may_have_parts(check, (dimension,), TOTAL):
            continue
        by_age = dimension == "AGE"
        of = breakdown(check.dataset.flow, [dimension], TOTAL, required[dimension], by_age=by_age)
        split = split_by(check, of)
        incomplete = {group: choice for group, choice in split.choices.items() if not choice.partitions}
        some = {group: PartChoice((choice.disjoint,), (), reason="") for group, choice in incomplete.items()}
        sums = added_up(TotalSplit(split.totals, split.parts.drop_nulls("amount"), choices=some)).filter(
            pl.col("codes").list.len() > 1
        )
        tested = tested or not sums.is_empty()
        for row in sums.filter((pl.col("sum") - pl.col("amount")) * 2 > pl.col("slack")).iter_rows(named=True):
            yield fault(check, of, measure, row)
    if not tested:
        yield NotTestable("no total is reported with two or more but not all of its parts")


@KINDS.add("TOTALS-ARE-SUMS")
def totals_are_sums(check: Check) -> Iterable[Fault | NotTestable]:
    """Each of several breakdowns adds up to its total where it is complete, and is nowhere more than it.

    Parameters: `dimensions`, each of which is a breakdown of its own; `required`, by dimension, the codes without which
    it is not complete; `except`, codes by dimension that are not looked at. Tolerance as for TOTAL-IS-SUM.
    """
    parameters = check.parameters
    listed, declared = dimensions_of(check, parameters), parameters.table("required")
    required = {dimension: declared.strings(dimension) for dimension in parameters.strings("dimensions")}
    declared.close()
    parameters.close()
    measure = check.dataset.flow.structure.measure.id
    tested: list[str] = []
    reasons: list[NotTestable] = []
    for dimension in listed:
        of = breakdown(check.dataset.flow, [dimension], TOTAL, required[dimension], by_age=False)
        if not may_have_parts(check, of.dimensions, of.total):
            reasons.append(NotTestable(NO_PARTS.format(of.name)))
            continue
        split = split_by(check, of)
        sums = added_up(split)
        some = {group: PartChoice((choice.disjoint,), (), reason="") for group, choice in split.choices.items()}
        parts = added_up(TotalSplit(split.totals, split.parts.drop_nulls("amount"), choices=some))
        more = parts.filter((pl.col("sum") - pl.col("amount")) * 2 > pl.col("slack"))
        less = sums.filter((pl.col("amount") - pl.col("sum")) * 2 > pl.col("slack"))
        for row in (*more.iter_rows(named=True), *less.iter_rows(named=True)):
            yield fault(check, of, measure, row)
        reasons.extend(untested(split, sums, of))
        tested.extend([] if parts.is_empty() else [dimension])
    yield from (NotTestable(reason.reason, partial=bool(tested)) for reason in reasons)
    if not (tested or reasons):
        yield NotTestable(NO_PARTS.format(" or ".join(listed) or "any dimension that it names"))


def read_breakdown(check: Check) -> DimensionBreakdown:
    """The breakdown that the parameters of a rule describe."""
    parameters = check.parameters
    dimensions, required = parameters.strings("dimensions", None), parameters.strings("required")
    total, by_age = parameters.text("total", TOTAL), parameters.flag("ages", default=False)
    parameters.table("except")
    parameters.close()
    return breakdown(check.dataset.flow, dimensions, total, required, by_age=by_age)


def dimensions_of(check: Check, parameters: Declared) -> list[str]:
    """The dimensions that a rule looks at one at a time and the dataset has."""
    parameters.table("except")
    listed = parameters.strings("dimensions", None)
    return [dimension for dimension in listed if dimension in check.dataset.flow.structure]


def may_have_parts(check: Check, dimensions: Sequence[str], total: str) -> bool:
    """Whether the total of a breakdown and other codes of each of its dimensions are reported anywhere."""
    pairs = zip(dimensions, total.split(BETWEEN), strict=True)
    return all(code in (codes := check.books[0].codes(dimension)) and len(codes) > 1 for dimension, code in pairs)


def split_by(check: Check, of: DimensionBreakdown) -> TotalSplit:
    """Find the totals of a breakdown and the parts that are reported with each."""
    structure = check.dataset.flow.structure
    other_dimensions = [name for name in structure.key if name not in of.dimensions]
    unit = 10**check.amounts.scale
    frame = (
        taking_part_once(check)
        .with_columns(
            pl.concat_str(of.dimensions, separator=BETWEEN).alias(CODE),
            pl.when(pl.col("printed_step") == unit).then(0).otherwise(pl.col("printed_step")).alias("slack"),
            pl.col(structure.measure.id).alias("text"),
        )
        .select([*other_dimensions, CODE, "row", "amount", "slack", "power", "text"])
    )
    totals = frame.filter(pl.col(CODE) == of.total, pl.col("amount").is_not_null()).with_row_index("group")
    codes = frame.get_column(CODE).unique().drop_nulls()
    part_codes = [code for code in codes if is_part(code, of)]
    parts = frame.filter(pl.col(CODE).is_in(part_codes)).join(
        totals.select(*other_dimensions, "group"),
        on=other_dimensions,
        how="inner",
        nulls_equal=True,
        maintain_order="left",
    )
    sets = parts.sort("group", CODE).group_by("group", maintain_order=True).agg(pl.col(CODE))
    choice_by_codes: dict[tuple[str, ...], PartChoice] = {}
    choices: dict[int, PartChoice] = {}
    for group, listed in sets.iter_rows():
        together = tuple(listed)
        if together not in choice_by_codes:
            choice_by_codes[together] = choose(together, of)
        choices[group] = choice_by_codes[together]
    return TotalSplit(totals.drop(other_dimensions), parts.drop(other_dimensions), choices=choices)


def added_up(split: TotalSplit) -> pl.DataFrame:
    """Each total with the sum of each of its partitions; those with a part that has no value are left out."""
    members = [
        (group, number, code)
        for group, choice in split.choices.items()
        for number, partition in enumerate(choice.partitions)
        for code in partition
    ]
    schema = {"group": pl.UInt32, "partition": pl.UInt32, CODE: pl.String}
    partitions = pl.DataFrame(members, schema=schema, orient="row")
    return (
        split.parts.select(["group", CODE, "row", "amount", "slack", "text"])
        .join(partitions, on=["group", CODE], how="inner", maintain_order="right")
        .group_by("group", "partition", maintain_order=True)
        .agg(
            sum=pl.col("amount").sum(),
            empty=pl.col("amount").null_count(),
            slack_of_parts=pl.col("slack").sum(),
            codes=pl.col(CODE),
            texts=pl.col("text"),
            rows=pl.col("row"),
        )
        .filter(pl.col("empty") == 0)
        .join(split.totals, on="group", maintain_order="left")
        .with_columns(slack=pl.col("slack") + pl.col("slack_of_parts"))
    )


def fault(check: Check, of: DimensionBreakdown, measure: str, row: dict[str, Any]) -> Fault:
    """The fault of a total to which its parts do not add up, in the unit in which the total was reported."""
    parameters = in_languages(check.rule, partial(sum_parameters, check, of, row))
    expected = check.amounts.printed(row["sum"], row["power"])
    return Fault(
        (row["row"],),
        measure,
        parameters=parameters,
        observed=row["text"],
        expected=expected,
        related=tuple(row["rows"]),
        difference=check.amounts.printed(row["amount"] - row["sum"], row["power"]),
        tolerance=half(check, row["slack"], row["power"]),
    )


def sum_parameters(check: Check, of: DimensionBreakdown, row: dict[str, Any], language: str) -> dict[str, str]:
    """The total, the sum of its parts and each of them by name, in a language."""
    printed, power = check.amounts.printed, row["power"]
    parts = [
        f"{breakdown_name(check, of, code, language)} {number(text, language)}"
        for code, text in zip(row["codes"], row["texts"], strict=True)
    ]
    more = f"… (+ {len(parts) - PARTS_TOLD})"
    return {
        "dimension": dimension_name(check, of, language),
        "value": number(row["text"], language),
        "sum": number(printed(row["sum"], power), language),
        "difference": number(printed(abs(row["amount"] - row["sum"]), power), language),
        "tolerance": number(half(check, row["slack"], power), language),
        "parts": " + ".join(parts if len(parts) <= PARTS_TOLD else [*parts[:PARTS_TOLD], more]),
    }


def part_parameters(check: Check, of: DimensionBreakdown, row: dict[str, Any], language: str) -> dict[str, str]:
    """A part by name with its total, in a language."""
    return {
        "dimension": dimension_name(check, of, language),
        "code": breakdown_name(check, of, row[CODE], language),
        "value": number(row["text"], language),
        "total": number(row["text_total"], language),
    }


def dimension_name(check: Check, of: DimensionBreakdown, language: str) -> str:
    """What a breakdown is by, as people say it: the names of its dimensions."""
    return " × ".join(spoken_name(name, check.dataset.flow, language) for name in of.dimensions)


def breakdown_name(check: Check, of: DimensionBreakdown, code: str, language: str) -> str:
    """What a part is called, a composed one by each of its codes."""
    pairs = zip(of.dimensions, code.split(BETWEEN), strict=True)
    return " × ".join(name_of(check.dataset.flow, dimension, part_code, language) for dimension, part_code in pairs)


def untested(split: TotalSplit, sums: pl.DataFrame, of: DimensionBreakdown) -> Iterator[NotTestable]:
    """Why totals could not be tested, by reason."""
    if not split.choices:
        yield NotTestable(NO_PARTS.format(of.name))
        return
    done = set(sums.get_column("group").to_list())
    reasons = Counter(
        choice.reason or "a part has no value" for group, choice in split.choices.items() if group not in done
    )
    for reason, count in sorted(reasons.items()):
        totals = "1 total" if count == 1 else f"{count} totals"
        yield NotTestable(f"{totals} by {of.name}: {reason}", partial=bool(done))
