"""Mask confidential figures in findings.

Findings have more readers than the data, so they must not disclose a confidential number directly or by subtraction.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from sdmxmig.primitives.lazily import pl
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.findings import Fault, Finding, Rule

STATUS = "CONF_STATUS"
FREE_STATUSES = ("", "F")
MASK = "•••"
"""Replaces a hidden figure.

A rule that observes this hides all figures itself and reports only limits and counts.
"""
WITH_DIGITS = re.compile(r"[^\s()\[\]“”„«»\";:=+×≤≥]*\d[^\s()\[\]“”„«»\";:=+×≤≥]*")
REPEATED_MASKS = re.compile(rf"{MASK}(?:\s+{MASK})+")
"""Several masks in a row, from digit groups, would disclose the magnitude."""
STOP_SIGNS = ".,!?،。，"
NON_DIGIT = re.compile(r"\D")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def mark_confidential(dataset: Dataset) -> pl.Series | None:
    """Mark observations that must not be published; None if all may be published."""
    observations = dataset.observations
    columns: list[pl.Series] = []
    if dataset.attributes.get(STATUS, "") not in FREE_STATUSES:
        return pl.repeat(value=True, n=observations.height, eager=True)
    if STATUS in observations.columns:
        columns.append(is_restricted(observations.get_column(STATUS)))
    for frame in (dataset.series, *dataset.partial.values()):
        if STATUS in frame.columns and observations.height:
            columns.append(is_covered(observations, frame.filter(is_restricted(frame.get_column(STATUS)))))
    kept_back = pl.Series([False]).new_from_index(0, observations.height)
    for column in columns:
        kept_back |= column
    return kept_back if kept_back.any() else None


def collect_confidential_keys(datasets: Iterable[Dataset]) -> frozenset[tuple[str, ...]]:
    keys: set[tuple[str, ...]] = set()
    for dataset in datasets:
        kept_back = mark_confidential(dataset)
        if kept_back is not None:
            key = pl.col(dataset.flow.structure.key).cast(pl.String).fill_null("")
            keys.update(dataset.observations.filter(kept_back).select(key).iter_rows())
    return frozenset(keys)


def blank_confidential_values(dataset: Dataset) -> Dataset:
    kept_back = mark_confidential(dataset)
    if kept_back is None:
        return dataset
    measure = dataset.flow.structure.measure.id
    shown = pl.when(~kept_back).then(pl.col(measure)).alias(measure)
    return replace(dataset, observations=dataset.observations.with_columns(shown))


def is_restricted(statuses: pl.Series) -> pl.Series:
    if statuses.null_count() == statuses.len():
        return pl.Series([False]).new_from_index(0, statuses.len())
    return ~statuses.cast(pl.String).fill_null("").is_in(FREE_STATUSES)


def is_covered(observations: pl.DataFrame, keys: pl.DataFrame) -> pl.Series:
    fits = pl.Series([False]).new_from_index(0, observations.height)
    names = [name for name in keys.columns if name in observations.columns and name != STATUS]
    for key in keys.select(names).unique().iter_rows(named=True):
        conditions = [pl.col(name).cast(pl.String) == code for name, code in key.items() if code is not None]
        fits |= observations.select(pl.all_horizontal(pl.lit(value=True), *conditions).alias("fits")).get_column("fits")
    return fits


class ConfidentialFigures:
    """Masks faults that involve confidential figures of a dataset or of `others`.

    A fault that does not name the compared figures may depend on any figure, so it shows only numbers of its own
    observations. Faults in other components contain only counts and limits.
    """

    def __init__(self, dataset: Dataset, others: Iterable[Dataset], earlier: Iterable[Dataset] = ()) -> None:
        self.dataset, self.beside, self.earlier = dataset, tuple(others), tuple(earlier)
        self.measure = dataset.flow.structure.measure.id
        self.names = dataset.flow.structure.key

    @cached_property
    def own(self) -> pl.Series | None:
        return mark_confidential(self.dataset)

    @cached_property
    def others(self) -> Mapping[str, pl.Series]:
        return {other.flow.id: column for other in self.beside if (column := mark_confidential(other)) is not None}

    @cached_property
    def keys_before(self) -> frozenset[tuple[str | None, ...]]:
        keys: set[tuple[str | None, ...]] = set()
        for release in self.earlier:
            if (column := mark_confidential(release)) is not None and set(self.names) <= set(
                release.observations.columns
            ):
                keys.update(release.observations.filter(column).select(self.names).cast(pl.String).iter_rows())
        return frozenset(keys)

    @cached_property
    def values(self) -> pl.Series:
        return self.dataset.observations.get_column(self.measure)

    @cached_property
    def series(self) -> frozenset[tuple[str | None, ...]]:
        if self.own is None:
            return frozenset()
        keys = self.dataset.observations.filter(self.own).select(self.names[:-1]).cast(pl.String).unique()
        return frozenset(keys.iter_rows())

    def masked(self, fault: Fault, rule: Rule, keys: Sequence[Sequence[str | None]]) -> Fault:
        if fault.observed == MASK or (self.own is None and not self.others and not self.keys_before):
            return fault
        codes = {code for key in keys for code in key if code}
        figures = {str(self.values[row]) for row in (*fault.rows, *fault.related)}
        if self.is_affected(fault, keys):
            return mask_fault(fault, allowed=codes - figures, measure=self.measure)
        if self.own is None and not self.others:
            return fault
        if fault.related or fault.elsewhere or fault.component != self.measure:
            return fault
        own = {NON_DIGIT.sub("", figure) for figure in figures} if fault.rows else set()
        constants = {str(constant) for constant in rule.parameters.values()}
        return mask_fault(fault, allowed=codes | constants, measure="", own=own)

    def is_affected(self, fault: Fault, keys: Sequence[Sequence[str | None]]) -> bool:
        if self.own is not None:
            if any(self.own[row] for row in (*fault.rows, *fault.related)):
                return True
            if len({key[-1] for key in keys}) > 1 and any(tuple(key[:-1]) in self.series for key in keys):
                return True
        if self.keys_before and any(tuple(key) in self.keys_before for key in keys):
            return True
        return any(flow in self.others and self.others[flow][row] for flow, row in fault.elsewhere)


def mask_fault(fault: Fault, *, allowed: Collection[str], measure: str, own: Collection[str] = ()) -> Fault:
    def shown(text: str) -> str:
        return mask_numbers(text, allowed, own)

    return replace(
        fault,
        parameters={name: shown(text) for name, text in fault.parameters.items()},
        observed=MASK if fault.observed and fault.component == measure else shown(fault.observed),
        expected=shown(fault.expected),
        difference=shown(fault.difference),
        tolerance=shown(fault.tolerance),
    )


def mask_numbers(text: str, allowed: Collection[str] = (), own: Collection[str] = ()) -> str:
    """Mask words with digits, unless they are in `allowed` or their digits in `own`.

    >>> mask_numbers("The total of 2020 is 1 204, its parts are 1,199.", ["2020"])
    'The total of 2020 is •••, its parts are •••.'
    """

    def shown(word: re.Match[str]) -> str:
        bare = word[0].rstrip(STOP_SIGNS)
        is_told = bare.strip(".,%") in allowed or NON_DIGIT.sub("", bare) in own or DAY.fullmatch(bare)
        return word[0] if is_told else MASK + word[0][len(bare) :]

    return REPEATED_MASKS.sub(MASK, WITH_DIGITS.sub(shown, text))


def mask_finding(finding: Finding) -> Finding:
    allowed = {code for name, code in finding.key if name != finding.component}
    key = tuple((name, MASK if name == finding.component and code else code) for name, code in finding.key)
    return replace(
        finding,
        parameters=tuple((name, mask_numbers(text, allowed)) for name, text in finding.parameters),
        key=key,
        observed=mask_numbers(finding.observed),
        expected=mask_numbers(finding.expected),
        difference=mask_numbers(finding.difference),
        tolerance=mask_numbers(finding.tolerance),
    )
