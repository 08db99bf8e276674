"""Constraints: data hold only what their flow, and its structure, allow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial, reduce
from operator import and_, or_

import polars as pl

from sdmxmig.model.artefacts import ItemScheme
from sdmxmig.model.data import Flow
from sdmxmig.model.findings import Fault, NotTestable
from sdmxmig.model.structures import Constraint, Selection, TimeRange
from sdmxmig.periods import parse
from sdmxmig.rules import KINDS, Check
from sdmxmig.rules.columns import ROW, VALUE, column
from sdmxmig.rules.words import in_languages, name_of

MANY = 8
"""So many allowed codes a message names before it only counts them."""


@KINDS.add("KEY-ALLOWED")
def key_allowed(check: Check) -> Iterable[Fault | NotTestable]:
    """Every observation is one that the constraints of the flow and of its structure allow.

    Each component is judged by itself where a single region is allowed, so that the finding names the code; where
    several are, and for keys that are listed or forbidden, the whole key is at fault. What is not sent is not judged.
    """
    check.parameters.close()
    flow = check.dataset.flow
    if not flow.constraints:
        yield NotTestable(f"{flow.id} has no constraint")
        return
    frame = with_components(check)
    for constraint in flow.constraints:
        regions = [region.selections for region in constraint.regions if region.include]
        if len(regions) == 1:
            for selection in regions[0]:
                yield from outside(check, frame, constraint, selection)
        elif regions:
            yield from outside_keys(
                frame, constraint, ~any_of([all_of(flow, region) for region in regions]), regions[0]
            )
        for forbidden in (region.selections for region in constraint.regions if not region.include):
            yield from outside_keys(frame, constraint, all_of(flow, forbidden), forbidden)
        for keys in constraint.keys:
            if keys.include:
                listed = any_of([all_of(flow, key) for key in keys.keys])
                yield from outside_keys(frame, constraint, ~listed, keys.keys[0])
                continue
            for key in keys.keys:
                yield from outside_keys(frame, constraint, all_of(flow, key), key)


def with_components(check: Check) -> pl.DataFrame:
    """The observations with every component that a constraint names."""
    structure = check.dataset.flow.structure
    constrained = {
        selection.component
        for constraint in check.dataset.flow.constraints
        for part in (
            *(region.selections for region in constraint.regions),
            *(key for key_set in constraint.keys for key in key_set.keys),
        )
        for selection in part
    }
    frame = check.frame
    for name in sorted(constrained - set(frame.columns)):
        if name in structure:
            values = column(check, structure[name]).get_column(VALUE)
            frame = frame.with_columns(values.alias(name))
    return frame


def all_of(flow: Flow, selections: Sequence[Selection]) -> pl.Expr:
    """Whether an observation is in all of these selections."""
    return reduce(
        and_,
        [selected(flow, selection) for selection in selections if selection.component in flow.structure],
        pl.lit(True),
    )


def any_of(parts: Sequence[pl.Expr]) -> pl.Expr:
    """Whether an observation is as at least one of several selections says."""
    return reduce(or_, parts)


def selected(flow: Flow, selection: Selection) -> pl.Expr:
    """Whether the value of a component is one of those selected; null if it was not sent."""
    value = pl.col(selection.component)
    if selection.time_range:
        return value.map_elements(lambda period: within(period, selection.time_range), return_dtype=pl.Boolean)
    chosen = value.is_in(sorted(values_of(selection, flow.codelist(selection.component))))
    return chosen if selection.include else ~chosen


def values_of(selection: Selection, codelist: ItemScheme | None) -> set[str]:
    """The values that a selection names, with the codes below them where it says so."""
    selected_values: set[str] = set()
    for member in selection.members:
        codes = {member.value}
        if member.cascade and codelist is not None:
            below = {member.value}
            while below := {item.id for item in codelist if item.parent in below} - codes:
                codes |= below
        selected_values |= codes - ({member.value} if member.cascade == "excluderoot" else set())
    return selected_values


def within(period: str, limits: TimeRange | None) -> bool:
    """Whether a period lies in a range; one that cannot be read is left to the rule on periods.

    >>> within("2027", TimeRange("2008", "2027")), within("2028-Q1", TimeRange("2008", "2027"))
    (True, False)
    """
    first, start, end = parse(period), parse(limits.start) if limits else None, parse(limits.end) if limits else None
    if first is None or limits is None:
        return True
    day = first.first_day
    late = end is not None and day >= type(end)(end.freq, end.number + int(limits.includes_end)).first_day
    early = start is not None and day < type(start)(start.freq, start.number + int(not limits.includes_start)).first_day
    return not (late or early)


def outside(check: Check, frame: pl.DataFrame, constraint: Constraint, selection: Selection) -> Iterator[Fault]:
    """The values of one component that are not among those allowed, each once."""
    flow, name = check.dataset.flow, selection.component
    if name not in flow.structure:
        return
    wrong = frame.filter(~selected(flow, selection))
    allowed = range_phrase(selection) or codes_phrase(selection)
    for value, rows in wrong.group_by(name, maintain_order=True).agg(ROW).iter_rows():
        same = {"allowed": allowed, "constraint": constraint.ref.id}
        parameters = in_languages(check.rule, partial(named_code, flow, name, value))
        yield Fault(tuple(rows), name, parameters=parameters | same, observed=value, expected=allowed)


def named_code(flow: Flow, component: str, code: str, language: str) -> dict[str, str]:
    """A code with its component, and with its name if it has one."""
    name = name_of(flow, component, code, language)
    return {"value": f"{component} = {code}" + (f" ({name})" if name != code else "")}


def range_phrase(selection: Selection) -> str:
    """The range of periods that is allowed, as one reads it."""
    limits = selection.time_range
    if limits is None:
        return ""
    after, before = "" if limits.includes_start else "> ", "" if limits.includes_end else "< "
    return f"{after + limits.start if limits.start else '…'}–{before + limits.end if limits.end else '…'}"


def codes_phrase(selection: Selection) -> str:
    """The codes that are allowed, or the first of them."""
    codes = [member.value for member in selection.members]
    sign = "" if selection.include else "≠ "
    return sign + ", ".join(codes if len(codes) <= MANY else [*codes[:MANY], f"… (+ {len(codes) - MANY})"])


def outside_keys(
    frame: pl.DataFrame, constraint: Constraint, wrong: pl.Expr, names: Sequence[Selection]
) -> Iterator[Fault]:
    """Keys that as a whole are not allowed, each combination once; the last component that is named is at fault."""
    components = [selection.component for selection in names if selection.component in frame.columns]
    faulty = frame.filter(wrong.fill_null(value=False))
    for *values, rows in faulty.group_by(components, maintain_order=True).agg(ROW).iter_rows():
        combination = ", ".join(f"{name} = {value}" for name, value in zip(components, values, strict=True))
        parameters = {"value": combination, "allowed": "another combination", "constraint": constraint.ref.id}
        yield Fault(
            tuple(rows), components[-1], parameters=parameters, observed=str(values[-1]), expected="another combination"
        )
