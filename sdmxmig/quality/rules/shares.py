"""Shares of a part in its whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

import polars as pl

from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.quality.rules import KINDS, Check
from sdmxmig.quality.rules.balance import plain, shortened
from sdmxmig.quality.rules.figures import FIGURE, exact, figures, margins_only, names_of, per_cent, with_codes
from sdmxmig.quality.rules.words import because, in_languages, number, spoken_name
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.findings import Fault, NotTestable


class Pair(NamedTuple):
    """A part and its whole, by their codes of the same dimensions."""

    part: Mapping[str, str]
    whole: Mapping[str, str]


class Limits(NamedTuple):
    """The largest usual share, the share from which it is an error, and the least whole of which one is judged."""

    usual: Decimal
    error: Decimal | None
    least: Decimal


@KINDS.add("SHARE-WITHIN")
def share_within(check: Check) -> Iterable[Fault | NotTestable]:
    """A part is at most a certain share of its whole; 1 means that it is no more than the whole.

    Parameters: `pair`, each with the codes of a `part` and its `whole`; `most`, the share; `error`, that from which it
    is an error; `least`, the smallest whole that is judged; `margins`, true if only figures are looked at that no
    other breakdown divides. One fault tells a series, at its period with the largest share.
    """
    parameters = check.parameters
    pairs = [read_pair(entry) for entry in parameters.tables("pair")]
    error = parameters.text("error", "")
    limits = Limits(
        Decimal(parameters.text("most")), Decimal(error) if error else None, Decimal(parameters.text("least", "0"))
    )
    margins = parameters.flag("margins", default=False)
    parameters.table("except")
    parameters.close()
    tested = False
    for pair in pairs:
        if not (is_reported(check, pair.part) and is_reported(check, pair.whole)):
            continue
        both = together(check, pair, margins=margins)
        both = both.filter(pl.col("amount_whole") >= int(limits.least * 10**check.amounts.scale))
        tested = tested or not both.is_empty()
        yield from too_large(check, both, pair, limits)
    if not tested:
        yield NotTestable(because("no part is reported with the whole of which it could be too large a share"))


def read_pair(declared: Declared) -> Pair:
    pair = Pair(declared.table("part").pairs(), declared.table("whole").pairs())
    if pair.part.keys() != pair.whole.keys() or not pair.part:
        raise DeclarationError("A part and its whole are named by the same dimensions.", declared.at("part"))
    declared.close()
    return pair


def is_reported(check: Check, codes: Mapping[str, str]) -> bool:
    key = check.dataset.flow.structure.series_key
    return all(dimension in key and code in check.books[0].codes(dimension) for dimension, code in codes.items())


def together(check: Check, pair: Pair, *, margins: bool) -> pl.DataFrame:
    needed = [pl.col(dimension).is_in([code, pair.whole[dimension]]) for dimension, code in pair.part.items()]
    frame = figures(check, *needed, pl.col("amount").is_not_null())
    parts, wholes = with_codes(frame, pair.part), with_codes(frame, pair.whole)
    if margins:
        parts = margins_only(check, parts)
    keys = [name for name in check.dataset.flow.structure.key if name not in pair.part]
    wholes = wholes.rename({column: f"{column}_whole" for column in FIGURE})
    return parts.join(wholes, on=keys, how="inner", nulls_equal=True, maintain_order="left")


def too_large(check: Check, both: pl.DataFrame, pair: Pair, limits: Limits) -> Iterator[Fault]:
    """One fault for each series with a part that is too large a share, rounding taken into account."""
    parts, of = limits.usual.as_integer_ratio()
    over = (pl.col("amount") * of - pl.col("amount_whole") * parts) * 2
    wrong = both.filter(over > pl.col("slack") * of + pl.col("slack_whole") * parts)
    structure = check.dataset.flow.structure
    keys = [name for name in structure.series_key if name in wrong.columns]
    ratio = pl.col("amount").cast(pl.Float64) / pl.col("amount_whole").cast(pl.Float64)
    ordered = wrong.with_columns(ratio=ratio).sort("ratio", descending=True, maintain_order=True)
    groups = ordered.group_by(keys, maintain_order=True) if keys else [((), ordered)]
    for _, group in groups:
        if not group.is_empty():
            yield fault(check, pair, limits, group)


def fault(check: Check, pair: Pair, limits: Limits, group: pl.DataFrame) -> Fault:
    """The fault of a series, told by its largest share."""
    worst: dict[str, Any] = group.row(0, named=True)
    value, whole = exact(check, worst, "amount"), exact(check, worst, "amount_whole")
    share = value / whole if whole else None
    time = check.dataset.flow.structure.time

    def words_in(language: str) -> dict[str, str]:
        return {
            "value": number(worst["text"], language),
            "total": number(worst["text_whole"], language),
            "dimension": " × ".join(spoken_name(name, check.dataset.flow, language) for name in pair.part),
            "part": names_of(check, pair.part, language),
            "whole": names_of(check, pair.whole, language),
            "period": worst[time.id] if time else "",
            "share": "–" if share is None else per_cent(share, language),
            "limit": per_cent(limits.usual, language),
            "count": number(str(group.height), language),
        }

    rounding = (exact(check, worst, "slack") + exact(check, worst, "slack_whole") * limits.usual) / 2
    grave = limits.error is not None and (share is None or share > limits.error)
    return Fault(
        tuple(group["row"]),
        check.dataset.flow.structure.measure.id,
        parameters=in_languages(check.rule, words_in),
        observed=worst["text"],
        expected=f"≤ {(limits.usual * 100).normalize():f} % × {worst['text_whole']}",
        severity="error" if grave else "",
        related=tuple(group["row_whole"]),
        difference=plain(shortened((value - whole * limits.usual).scaleb(-worst["power"]))),
        tolerance=plain(shortened(rounding.scaleb(-worst["power"]))),
    )
