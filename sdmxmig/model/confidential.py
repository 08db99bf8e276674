"""Confidential figures: which observations are so, and findings that do not tell them.

What a finding says is read by many more people than the figure itself. So no number stands in it that is confidential
or from which, with what else it says, such a number could be worked out: a total beside the sum of its parts tells the
one part that is kept back.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from sdmxmig.lazily import pl
from sdmxmig.model.data import Dataset
from sdmxmig.model.findings import Fault, Finding, Rule

STATUS = "CONF_STATUS"
FREE = ("", "F")
"""The codes of what may be published, by SDMX's CL_CONF_STATUS; nothing said is free too."""
MASK = "•••"
WITH_DIGITS = re.compile(r"[^\s()\[\]“”„«»\";:=+×≤≥]*\d[^\s()\[\]“”„«»\";:=+×≤≥]*")
SEVERAL = re.compile(rf"{MASK}(?:[\s\u00a0\u202f.,٬٫]*{MASK})+")
NO_DIGIT = re.compile(r"\D")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
"""What is no figure, however it is meant."""


def confidential(dataset: Dataset) -> pl.Series | None:
    """Which observations of a dataset are not free for publication, as a column of yes and no; None if all are.

    The status is looked for on every level: dataset, groups, series, observations.
    """
    observations = dataset.observations
    columns: list[pl.Series] = []
    if dataset.attributes.get(STATUS, "") not in FREE:
        return pl.repeat(value=True, n=observations.height, eager=True)
    if STATUS in observations.columns:
        columns.append(is_kept_back(observations.get_column(STATUS)))
    for frame in (dataset.series, *dataset.partial.values()):
        if STATUS in frame.columns and observations.height:
            columns.append(covered(observations, frame.filter(is_kept_back(frame.get_column(STATUS)))))
    kept_back = pl.Series([False]).new_from_index(0, observations.height)
    for column in columns:
        kept_back |= column
    return kept_back if kept_back.any() else None


def is_kept_back(statuses: pl.Series) -> pl.Series:
    """Which of these statuses are not that of free figures."""
    return ~statuses.cast(pl.String).fill_null("").is_in(FREE)


def covered(observations: pl.DataFrame, keys: pl.DataFrame) -> pl.Series:
    """Which observations fit one of these keys, in which null stands for any code."""
    fits = pl.Series([False]).new_from_index(0, observations.height)
    names = [name for name in keys.columns if name in observations.columns and name != STATUS]
    for key in keys.select(names).unique().iter_rows(named=True):
        conditions = [pl.col(name).cast(pl.String) == code for name, code in key.items() if code is not None]
        fits |= observations.select(pl.all_horizontal(pl.lit(value=True), *conditions).alias("fits")).get_column("fits")
    return fits


class ConfidentialFigures:
    """Masks what faults of a dataset say, wherever a confidential figure of it or of the `others` takes part.

    A fault that does not name the figures to which it compares may have used any; if some are confidential, it shows
    no number but those of its own observations.
    """

    def __init__(self, dataset: Dataset, others: Iterable[Dataset]) -> None:
        self.own = confidential(dataset)
        self.others = {other.flow.id: column for other in others if (column := confidential(other)) is not None}
        self.measure = dataset.flow.structure.measure.id
        self.names = dataset.flow.structure.key
        self.values = dataset.observations.get_column(self.measure)
        self.series: frozenset[tuple[str | None, ...]] = frozenset()
        if self.own is not None:
            keys = dataset.observations.filter(self.own).select(self.names[:-1]).cast(pl.String).unique()
            self.series = frozenset(keys.iter_rows())

    def masked(self, fault: Fault, rule: Rule, keys: Sequence[Sequence[str | None]]) -> Fault:
        """A fault as everybody may read it; `keys` are those of its observations and of those that take part."""
        if self.own is None and not self.others:
            return fault
        codes = {code for key in keys for code in key if code}
        figures = {str(self.values[row]) for row in (*fault.rows, *fault.related)}
        if self.takes_part(fault, keys):
            return without_figures(fault, allowed=codes - figures, measure=self.measure)
        if fault.related or fault.elsewhere:
            return fault
        own = {NO_DIGIT.sub("", figure) for figure in figures} if fault.rows else set()
        constants = {str(constant) for constant in rule.parameters.values()}
        return without_figures(fault, allowed=codes | constants, measure="", own=own)

    def takes_part(self, fault: Fault, keys: Sequence[Sequence[str | None]]) -> bool:
        """Whether a confidential figure is at fault or compared to.

        Where periods are compared, all figures of the series may have been, not only those that the fault names.
        """
        if self.own is not None:
            if any(self.own[row] for row in (*fault.rows, *fault.related)):
                return True
            if len({key[-1] for key in keys}) > 1 and any(tuple(key[:-1]) in self.series for key in keys):
                return True
        return any(flow in self.others and self.others[flow][row] for flow, row in fault.elsewhere)


def without_figures(fault: Fault, *, allowed: Collection[str], measure: str, own: Collection[str] = ()) -> Fault:
    """A fault that shows no number but those allowed; of what it saw of the `measure` nothing at all.

    `own` are figures that may be shown, by their digits, however they are written.
    """

    def shown(text: str) -> str:
        return without_numbers(text, allowed, own)

    return replace(
        fault,
        parameters={name: shown(text) for name, text in fault.parameters.items()},
        observed=MASK if fault.observed and fault.component == measure else shown(fault.observed),
        expected=shown(fault.expected),
        difference=shown(fault.difference),
        tolerance=shown(fault.tolerance),
    )


def without_numbers(text: str, allowed: Collection[str] = (), own: Collection[str] = ()) -> str:
    """A text in which what holds a digit is masked, unless it is allowed as it stands, or `own` by its digits.

    >>> without_numbers("The total of 2020 is 1 204, its parts are 1,199.", ["2020"])
    'The total of 2020 is •••, its parts are •••'
    """

    def shown(word: re.Match[str]) -> str:
        bare = word[0].strip(".,%")
        is_shown = bare in allowed or NO_DIGIT.sub("", bare) in own or DAY.fullmatch(bare)
        return word[0] if is_shown else MASK

    return SEVERAL.sub(MASK, WITH_DIGITS.sub(shown, text))


def masked_finding(finding: Finding) -> Finding:
    """A finding that shows no number at all beside its key, for one about a confidential cell."""
    allowed = {code for name, code in finding.key if name != finding.component}
    key = tuple((name, MASK if name == finding.component and code else code) for name, code in finding.key)
    return replace(
        finding,
        parameters=tuple((name, without_numbers(text, allowed)) for name, text in finding.parameters),
        key=key,
        observed=without_numbers(finding.observed),
        expected=without_numbers(finding.expected),
        difference=without_numbers(finding.difference),
        tolerance=without_numbers(finding.tolerance),
    )
