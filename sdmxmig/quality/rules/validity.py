"""Validity of codes by year."""

from __future__ import annotations

from collections.abc import Iterable

from sdmxmig.primitives import periods
from sdmxmig.primitives.lazily import pl
from sdmxmig.quality.rules import KINDS, Check
from sdmxmig.quality.rules.reasons import because
from sdmxmig.sdmx.frames import values_of
from sdmxmig.sdmx.model.artefacts import Item
from sdmxmig.sdmx.model.findings import Fault, NotTestable


@KINDS.add("CODE-VALID-IN-PERIOD")
def code_valid_in_period(check: Check) -> Iterable[Fault | NotTestable]:
    """A code that its list limits to some years is used in periods of these years only.

    Parameter `except`: dimensions that may name what is no more, as the country of birth does. A period that reaches
    into the validity of a code counts as within it.
    """
    parameters = check.parameters
    excepted = parameters.strings("except")
    parameters.close()
    structure = check.dataset.flow.structure
    if structure.time is None:
        yield NotTestable(because("{flow} has no time dimension", flow=check.dataset.flow.id))
        return
    time = structure.time.id
    limited_by_dimension = {
        dimension: limited
        for dimension in structure.series_key
        if dimension not in excepted and (limited := limited_codes(check, dimension))
    }
    if not limited_by_dimension:
        yield NotTestable(because("no codelist of {flow} limits a code to some years", flow=check.dataset.flow.id))
    for dimension, limited in limited_by_dimension.items():
        used = [code for code in values_of(check.frame, dimension) if code in limited]
        frame = check.frame.filter(pl.col(dimension).is_in(used)) if used else check.frame.clear()
        pairs = frame.group_by(dimension, time, maintain_order=True).agg("row")
        for code, period, rows in pairs.iter_rows():
            if period is not None and is_outside(period, limited[code]):
                span = f"{limited[code].valid_from or '…'} – {limited[code].valid_to or '…'}"
                words = {"value": code, "component": dimension, "period": period, "span": span}
                yield Fault(tuple(rows), dimension, parameters=words, observed=f"{code} {period}", expected=span)


def limited_codes(check: Check, dimension: str) -> dict[str, Item]:
    codelist = check.dataset.flow.codelist(dimension)
    return {item.id: item for item in codelist.items if item.valid_from or item.valid_to} if codelist else {}


def is_outside(text: str, item: Item) -> bool:
    """Whether a period is entirely outside the validity of a code; false for invalid periods.

    >>> from sdmxmig.sdmx.model.artefacts import Text
    >>> is_outside("1993", Item("SU", Text(), valid_to="1992")), is_outside("1992", Item("SU", Text(), valid_to="1992"))
    (True, False)
    >>> [is_outside(text, Item("X", Text(), valid_from="2024-06-01")) for text in ("2024-05", "2024")]
    [True, False]
    """
    period = periods.parse(text)
    if period is None:
        return False
    first, after = period.first_day.isoformat(), periods.shift(period, 1).first_day.isoformat()
    ended = bool(item.valid_to) and first[: len(item.valid_to)] > item.valid_to[:10]
    return ended or (bool(item.valid_from) and after <= item.valid_from[:10])
