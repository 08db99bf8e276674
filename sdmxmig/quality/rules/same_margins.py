"""Margins shared by two dataflows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from itertools import combinations
from typing import Any, NamedTuple

import polars as pl

from sdmxmig.quality.rules import KINDS, Check, report_not_tested, run_by_definition
from sdmxmig.quality.rules.confidentiality import add_code
from sdmxmig.quality.rules.totals import FIGURE_COLUMNS, select_total_figures
from sdmxmig.quality.rules.words import TOTAL, build_reason, join_all, write_number
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.findings import Fault, NotTestable
from sdmxmig.statistics.demography.amounts import Amounts
from sdmxmig.statistics.demography.ledger import Book

OTHER_DAY = "the people of {flow} are not counted on the first or last day of the period (REF_DATE)"
Frame = pl.DataFrame
DAY, STAGE = "REF_DATE", "REV_STAGE"


class Sisters(NamedTuple):
    """Dataflows that count the same people: `flow` divides `of` by more topics.

    `there` are codes of the other; `day` is a code of REF_DATE.
    """

    flow: str
    of: str
    when: Mapping[str, str]
    there: Mapping[str, str]
    day: str


@KINDS.add("SAME-MARGIN")
@run_by_definition
def same_margin(check: Check) -> Iterable[Fault | NotTestable]:
    """A figure in two dataflows is the same in both, at the totals of dimensions that only one has.

    Parameters: `pair`: `flow`, the flow `of` which it has more detail, codes `when` both count the same people, codes
    `there` in the other, and reference `day`; `family`: `flows` of one structure, compared pairwise; `same`: dataset
    attributes that must agree, such as residence rules; `slight`: share within which a difference is a warning, as
    between tables of different dates; `units` as for other rules. Tolerance as for TOTAL-IS-SUM.
    """
    with check.parameters as parameters:
        pairs = list_sisters(parameters)
        same, slight = parameters.strings("same"), Decimal(parameters.text("slight"))
        parameters.strings("units")
    flow_id = check.flow.id
    fitting = [
        (pair, book) for pair in pairs if pair.flow == flow_id for book in check.books[1:] if book.flow == pair.of
    ]
    if not fitting:
        yield report_not_tested("no dataflow that counts the same people is reported beside {flow}", flow=flow_id)
    reasons, days, compared = [], [], False
    for pair, book in fitting:
        other = replace(check, dataset=book.dataset, books=(book,), others=())
        differing = list_differences(check, book, [name for name in same if not (pair.day and name == DAY)])
        if pair.day and book.dataset.attributes.get(DAY) != pair.day:
            days.append(build_reason(OTHER_DAY, flow=book.flow))
            continue
        both = None if differing else compare_totals(check, other, pair)
        if both is not None and not both.is_empty():
            compared = True
            yield from find_differences(check, other, both, slight)
        elif differing:
            reasons.append(
                build_reason(
                    "{flow} and {other} differ in {attributes}",
                    flow=flow_id,
                    other=book.flow,
                    attributes=join_all(differing),
                )
            )
        else:
            reasons.append(build_reason("{flow} and {other} have no figure in common", flow=flow_id, other=book.flow))
    reasons += [] if compared else days
    yield from (NotTestable(reason, partial=compared) for reason in dict.fromkeys(reasons))


def list_sisters(parameters: Declared) -> list[Sisters]:
    pairs = []
    for pair in parameters.tables("pair"):
        when, there = pair.table("when").pairs(), pair.table("there").pairs()
        flow, of, day = pair.text("flow"), pair.text("of"), pair.text("day", "")
        pairs.append(Sisters(flow=flow, of=of, when=when, there=there, day=day))
        pair.close()
    for family in parameters.tables("family"):
        flows = family.strings("flows", None)
        family.close()
        pairs += [Sisters(flow=after, of=before, when={}, there={}, day="") for before, after in combinations(flows, 2)]
    return pairs


def list_differences(check: Check, book: Book, same: Iterable[str]) -> list[str]:
    here, there = check.dataset.attributes, book.dataset.attributes
    return [name for name in same if here.get(name) and there.get(name) and here[name] != there[name]]


def compare_totals(check: Check, other: Check, pair: Sisters) -> Frame | None:
    here, there = check.structure.key, other.dataset.flow.structure.key
    shared = [name for name in here if name in there]
    mine, theirs = select_margins(check, shared, pair.when), select_margins(other, shared, pair.there)
    if mine is None or theirs is None:
        return None
    scale = max(check.amounts.scale, other.amounts.scale)
    theirs = add_code(other, rescale_amounts(theirs, other, scale), STAGE, STAGE)
    mine = add_code(check, rescale_amounts(mine, check, scale), STAGE, STAGE)
    renamed = theirs.rename({column: f"{column}_other" for column in (*FIGURE_COLUMNS, STAGE)})
    both = mine.join(renamed, on=shared, how="inner", nulls_equal=True, maintain_order="left")
    return both.filter((pl.col(STAGE) == pl.col(f"{STAGE}_other")).fill_null(value=True))


def select_margins(check: Check, shared: Iterable[str], when: Mapping[str, str]) -> Frame | None:
    shared = list(shared)
    only = build_total_conditions(check, shared, when)
    if only is None:
        return None
    return select_total_figures(check, *only, pl.col("amount").is_not_null()).select(*shared, *FIGURE_COLUMNS)


def build_total_conditions(check: Check, shared: Collection[str], when: Mapping[str, str]) -> list[pl.Expr] | None:
    only = []
    for dimension in check.structure.series_key:
        codelist = check.flow.codelist(dimension)
        if dimension in shared:
            continue
        if dimension in when:
            only.append(pl.col(dimension) == when[dimension])
        elif codelist is None or TOTAL in codelist:
            only.append(pl.col(dimension) == TOTAL)
        elif len(check.books[0].codes(dimension)) > 1:
            return None
    return only


def rescale_amounts(frame: Frame, check: Check, scale: int) -> Frame:
    times = pl.lit(10 ** (scale - check.amounts.scale)).cast(pl.Int128)
    return frame.with_columns(pl.col("amount") * times, pl.col("slack") * times)


def find_differences(check: Check, other: Check, both: Frame, slight: Decimal) -> Iterator[Fault]:
    apart = (pl.col("amount") - pl.col("amount_other")).abs() * 2
    for row in both.filter(apart > pl.col("slack") + pl.col("slack_other")).iter_rows(named=True):
        is_slight = abs(row["amount"] - row["amount_other"]) <= slight * max(
            abs(row["amount"]), abs(row["amount_other"])
        )
        yield build_fault(check, other, row, "warning" if is_slight else "")


def build_fault(check: Check, other: Check, row: Mapping[str, Any], severity: str) -> Fault:
    flow = other.dataset.flow
    scale = max(check.amounts.scale, other.amounts.scale)
    written = str(row["text_other"])
    expected = (
        written if row["power"] == row["power_other"] else format_in_unit(row["amount_other"], scale, row["power"])
    )

    def words_in(language: str) -> dict[str, str]:
        name = flow.dataflow.name.in_language(language) or flow.id
        return {"value": write_number(row["text"], language), "other": write_number(written, language), "flow": name}

    return check.fault(
        (row["row"],),
        words_in,
        observed=row["text"],
        expected=expected,
        severity=severity,
        elsewhere=((flow.id, row["row_other"]),),
        difference=format_in_unit(row["amount"] - row["amount_other"], scale, row["power"]),
        tolerance=format_in_unit((row["slack"] + row["slack_other"]) * 5, scale + 1, row["power"]),
    )


def format_in_unit(amount: int, scale: int, power: int) -> str:
    """Write an amount in steps of 10^-`scale` with a UNIT_MULT, without trailing zeros.

    >>> format_in_unit(37364000, 1, 3)
    '3736.4'
    """
    return Amounts(frame=pl.DataFrame(), scale=scale).printed(amount, power)
