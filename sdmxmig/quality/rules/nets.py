"""Comparison of net flows with data of other providers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from sdmxmig.primitives.text import fill_message
from sdmxmig.quality.rules import KINDS, Check, run_by_definition
from sdmxmig.quality.rules.series import read_decimal
from sdmxmig.quality.rules.sides import (
    Comparison,
    Side,
    build_comparison_fault,
    explain_no_match,
    find_outside_data,
    read_comparison,
    read_side,
    select_figures,
    write_plain,
)
from sdmxmig.quality.rules.words import write_number
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.findings import Fault, NotTestable
from sdmxmig.statistics.demography.ledger import Book
from sdmxmig.statistics.demography.revisions import OutsideData

SIGN, DISTANCE, COURSE = "sign", "distance", "course"


@dataclass(frozen=True, slots=True, kw_only=True)
class Net:
    """A net figure: a plus side minus an optional minus side."""

    plus: Side
    minus: Side | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Limits of agreement: minimum size for signs, and distance and correlation over `years`.

    `deviations` in standard deviations; None skips a check.
    """

    least: int
    years: int
    deviations: float | None
    correlation: float | None
    reasons: Mapping[str, Text]


@KINDS.add("NET-AGREES")
@run_by_definition
def net_flows_agree(check: Check) -> Iterable[Fault | NotTestable]:
    """A net flow has the same sign as in outside data, and differs from it consistently over the years.

    Parameters: `domains`, `same`, `crossed`, `implied` as for all rules on outside data; `pair`: `own` and `other`,
    each with `plus` and optionally `minus`; `least`: minimum size for signs; `years`: minimum number for other checks;
    `deviations`: tolerated distance, in standard deviations of other years; `correlation`: minimum; `reasons`: their
    wording.
    """
    with check.parameters as parameters:
        comparison = read_comparison(parameters)
        pairs = [read_nets(entry) for entry in parameters.tables("pair")]
        agreement = read_agreement(parameters)
    sides = [side for _, other in pairs for side in (other.plus, other.minus) if side]
    outside = find_outside_data(check, comparison.domains, sides)
    tested = False
    for own, other in pairs:
        for provider in dict.fromkeys(data.provider for data in outside):
            theirs = [data for data in outside if data.provider == provider]
            both = pair_nets(check, comparison, own, other, theirs=theirs)
            tested = tested or not both.is_empty()
            yield from list_disagreements(check, both, theirs, agreement)
    if not tested:
        yield explain_no_match(check, outside)


def read_nets(declared: Declared) -> tuple[Net, Net]:
    with declared:
        return read_net(declared.table("own", required=True)), read_net(declared.table("other", required=True))


def read_net(declared: Declared) -> Net:
    with declared:
        minus = declared.table("minus")
        return Net(
            plus=read_side(declared.table("plus", required=True)), minus=read_side(minus) if minus.values else None
        )


def read_agreement(parameters: Declared) -> Agreement:
    reasons = parameters.table("reasons", required=True)
    limits = {key: read_decimal(parameters, key) for key in ("deviations", "correlation") if key in parameters.values}
    for key in ("deviations", "correlation"):
        parameters.text(key, "")
    texts = {key: reasons.texts(key, required=True) for key in reasons.values}
    return Agreement(
        least=parameters.integer("least"),
        years=parameters.integer("years", 0),
        deviations=limits.get("deviations"),
        correlation=limits.get("correlation"),
        reasons=texts,
    )


def pair_nets(
    check: Check, comparison: Comparison, own: Net, other: Net, *, theirs: Sequence[OutsideData]
) -> pl.DataFrame:
    """Pair net figures with those of a provider. `report` is the position in `theirs` of the first term's data."""
    frames = []
    own_figures: dict[tuple[str, ...], pl.DataFrame] = {}
    for position, data in enumerate(theirs):
        keys = comparison.keys(check.dataset, data.book.dataset)
        names = tuple(keys)
        if names not in own_figures:
            here = {name: name for name in names}
            own_figures[names] = compute_net(check.books[:1], check.books, own, here, comparison=comparison)
        mine = own_figures[names]
        books = [their.book for their in theirs]
        net = compute_net([data.book], books, other, keys, comparison=comparison)
        net = net.drop("rows").rename({"value": "other", "row": "row_other"})
        pairs = mine.join(net, on=list(keys), how="inner", nulls_equal=True, maintain_order="left")
        frames.append(pairs.with_columns(report=pl.lit(position, dtype=pl.UInt32)))
    full = [frame for frame in frames if not frame.is_empty()]
    return pl.concat(full, how="diagonal") if full else pl.DataFrame()


def compute_net(
    first: Sequence[Book], books: Sequence[Book], net: Net, keys: Mapping[str, str], *, comparison: Comparison
) -> pl.DataFrame:
    names = list(keys)
    plus = collect_figures(first, net.plus, keys, comparison)
    if net.minus is None:
        return plus
    minus = collect_figures(books, net.minus, keys, comparison).select(*names, less="value")
    both = plus.join(minus, on=names, how="inner", nulls_equal=True, maintain_order="left")
    return both.with_columns(value=pl.col("value") - pl.col("less")).drop("less")


def collect_figures(books: Sequence[Book], side: Side, keys: Mapping[str, str], comparison: Comparison) -> pl.DataFrame:
    frames = [select_figures(book, side, keys, comparison) for book in books]
    return pl.concat(frames).unique(list(keys), keep="first", maintain_order=True).drop("step")


def list_disagreements(
    check: Check, both: pl.DataFrame, theirs: Sequence[OutsideData], agreement: Agreement
) -> Iterator[Fault]:
    if both.is_empty():
        return
    time = check.structure.key[-1]
    known = ("row", "rows", "value", "row_other", "other", "report", time)
    series = ["report", *(name for name in both.columns if name not in known)]
    large = pl.min_horizontal(pl.col("value").abs(), pl.col("other").abs()) >= agreement.least
    opposite = both.filter(large, pl.col("value").sign() != pl.col("other").sign())
    wrong = [(SIGN, opposite)]
    if agreement.deviations is not None:
        unlike = select_far_apart(both, series, agreement).join(
            opposite.select("row", "report"), on=["row", "report"], how="anti"
        )
        wrong.append((DISTANCE, unlike))
    if agreement.correlation is not None:
        courses = (
            both.sort(time)
            .with_columns(correlation=pl.corr("value", "other").over(series), count=pl.len().over(series))
            .filter(pl.col("count") >= agreement.years, pl.col("correlation") < agreement.correlation)
        )
        wrong.append((COURSE, courses.unique(series, keep="last", maintain_order=True)))
    for reason, rows in wrong:
        for row in rows.iter_rows(named=True):
            yield build_net_fault(check, row, theirs[row["report"]], agreement.reasons[reason])


def select_far_apart(both: pl.DataFrame, series: Sequence[str], agreement: Agreement) -> pl.DataFrame:
    apart = pl.col("value") - pl.col("other")
    rest = pl.len().over(series) - 1
    mean = (apart.sum().over(series) - apart) / rest
    squares = ((apart**2).sum().over(series) - apart**2) - rest * mean**2
    return both.with_columns(
        off=(apart - mean).abs(), deviation=(squares.clip(0) / (rest - 1)).sqrt(), rest=rest
    ).filter(
        pl.col("rest") >= agreement.years,
        pl.col("off") >= agreement.least,
        pl.col("off") > pl.col("deviation") * (agreement.deviations or 0.0),
    )


def build_net_fault(check: Check, row: Mapping[str, Any], data: OutsideData, reason: Text) -> Fault:
    def build_words(language: str) -> dict[str, str]:
        difference = write_number(write_plain(row["value"] - row["other"]), language)
        return {"reason": fill_message(reason.in_language(language), {"difference": difference})}

    return build_comparison_fault(check, row, data, build_words, expected=f"about {write_plain(row['other'])}")
