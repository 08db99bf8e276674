"""Whether data are what the constraints of their flow and its structure allow: cube regions and sets of keys."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import reduce
from operator import and_, or_

import polars as pl

from sdmxmig.model.data import Dataset, Flow
from sdmxmig.model.data_structures import DataStructure
from sdmxmig.model.structures import Constraint, Selection
from sdmxmig.rules.allowed import codes_phrase, range_phrase, values_of, within

MOMENT = re.compile(r"^(\d{4}-\d\d-\d\d)T.*$")
ANY = "%"
"""Stands in a constraint for any characters."""
Disallowed = tuple[str, str, dict[str, str | None]]
"""What is said of values that are not allowed, the component at fault, and the values."""


def not_allowed(block: Dataset) -> Iterator[Disallowed]:
    """The values, and combinations of values, in a block that its constraints do not allow, each of them once.

    What was not sent is not judged.
    """
    for constraint in block.flow.constraints:
        names = [name for name in named_in(constraint) if name in block.flow.structure]
        table = distinct(block, names)
        if table.height:
            yield from by_regions(block.flow, constraint, table)
            yield from by_keys(block.flow, constraint, table)


def named_in(constraint: Constraint) -> list[str]:
    """The components that a constraint names, in its order."""
    parts = [
        *(region.selections for region in constraint.regions),
        *(key for key_set in constraint.keys for key in key_set.keys),
    ]
    return list(dict.fromkeys(selection.component for part in parts for selection in part))


def distinct(block: Dataset, names: Sequence[str]) -> pl.DataFrame:
    """The combinations of values of these components, wherever they stand; those of lists are left out."""
    structure, table = block.flow.structure, block.observations
    of_observations = [name for name in names if name in table.columns]
    series = [name for name in names if name not in of_observations and name in block.series.columns]
    if series and structure.series_key:
        key = list(structure.series_key)
        heads = block.series.select(*key, *series).unique(subset=key, keep="first")
        table = table.join(heads, on=key, how="left", nulls_equal=True)
    of_dataset = [name for name in names if name not in (*of_observations, *series) and name in block.attributes]
    table = table.with_columns(pl.lit(block.attributes[name]).alias(name) for name in of_dataset)
    columns = [name for name in (*of_observations, *series, *of_dataset) if table.schema[name] == pl.String]
    return table.select(columns).unique(maintain_order=True) if columns else pl.DataFrame()


def by_regions(flow: Flow, constraint: Constraint, table: pl.DataFrame) -> Iterator[Disallowed]:
    """What the cube regions do not allow."""
    regions = [
        cube_region.selections
        for cube_region in constraint.regions
        if cube_region.include and not (cube_region.valid_from or cube_region.valid_to)
    ]
    constraint_name = f"the constraint {constraint.ref.short}"
    if len(regions) == 1:
        for selection in regions[0]:
            if selection.component in table.columns:
                disallowed = table.filter(~selected(flow, selection))[selection.component].drop_nulls()
                allowed = range_phrase(selection) or codes_phrase(selection)
                for value in disallowed.unique(maintain_order=True):
                    sentence = f"“{value}” of {selection.component} is not allowed by {constraint_name}: {allowed}."
                    yield sentence, selection.component, {selection.component: value}
    elif regions:
        none = ~any_of([all_of(flow, region, table) for region in regions])
        yield from combinations(table, none, components(regions, table), f"in no region of {constraint_name}")
    for region in constraint.regions:
        if not region.include and not (region.valid_from or region.valid_to):
            part = all_of(flow, region.selections, table)
            yield from combinations(
                table, part, components([region.selections], table), f"forbidden by {constraint_name}"
            )


def by_keys(flow: Flow, constraint: Constraint, table: pl.DataFrame) -> Iterator[Disallowed]:
    """What the sets of keys do not allow."""
    constraint_name = f"the constraint {constraint.ref.short}"
    allowed_keys = [key for key_set in constraint.keys if key_set.include for key in key_set.keys]
    if allowed_keys:
        is_disallowed = ~in_keys(flow, allowed_keys, table)
        yield from combinations(table, is_disallowed, components(allowed_keys, table), f"no key of {constraint_name}")
    forbidden = [key for key_set in constraint.keys if not key_set.include for key in key_set.keys]
    if forbidden:
        part = in_keys(flow, forbidden, table)
        yield from combinations(table, part, components(forbidden, table), f"forbidden by {constraint_name}")


def components(parts: Iterable[Sequence[Selection]], table: pl.DataFrame) -> list[str]:
    """The components that are named, as far as they are known of the data."""
    component_ids = dict.fromkeys(selection.component for part in parts for selection in part)
    return [name for name in component_ids if name in table.columns]


def combinations(
    table: pl.DataFrame, condition: pl.Expr | pl.Series, names: Sequence[str], reason: str
) -> Iterator[Disallowed]:
    """The combinations of values for which a condition holds, each with the sentence that says why it is refused."""
    if not names:
        return
    matching = table.filter(condition).select(names).unique(maintain_order=True)
    for row in matching.iter_rows(named=True):
        row_text = ", ".join(f"{name} = {value or '–'}" for name, value in row.items())
        yield f"{row_text} is {reason}.", names[-1], row


def in_keys(flow: Flow, keys: Sequence[Sequence[Selection]], table: pl.DataFrame) -> pl.Series:
    """Which rows have one of these keys. Keys of single values, of which there may be thousands, are joined."""
    in_any_key = pl.repeat(value=False, n=table.height, eager=True)
    plain_keys: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
    for key in keys:
        selections = [selection for selection in key if selection.component in table.columns]
        if selections and all(is_plain(selection) for selection in selections):
            plain_keys.setdefault(tuple(selection.component for selection in selections), []).append(
                tuple(selection.members[0].value for selection in selections)
            )
        else:
            in_any_key |= table.select(all_of(flow, key, table).alias("in"))["in"].fill_null(value=False)
    for names, rows in plain_keys.items():
        listed_keys = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row").unique()
        matched = table.select(names).join(
            listed_keys.with_columns(known=True), on=list(names), how="left", maintain_order="left"
        )
        in_any_key |= matched["known"].fill_null(value=False)
    return in_any_key


def is_plain(selection: Selection) -> bool:
    """Whether a selection is one value, without anything below it."""
    is_one = len(selection.members) == 1 and selection.include and not selection.time_range
    return is_one and not selection.members[0].cascade and ANY not in selection.members[0].value


def all_of(flow: Flow, selections: Sequence[Selection], table: pl.DataFrame) -> pl.Expr:
    """Whether a row is in all of these selections."""
    conditions = [selected(flow, selection) for selection in selections if selection.component in table.columns]
    return reduce(and_, conditions, pl.lit(value=True)).fill_null(value=False)


def any_of(parts: Sequence[pl.Expr]) -> pl.Expr:
    """A condition that holds where at least one of these does."""
    return reduce(or_, parts)


def selected(flow: Flow, selection: Selection) -> pl.Expr:
    """Whether the value of a component is one of those selected; null if it was not sent."""
    value = pl.col(selection.component)
    if selection.time_range:
        time_range = selection.time_range
        limits = replace(time_range, start=MOMENT.sub(r"\1", time_range.start), end=MOMENT.sub(r"\1", time_range.end))
        return value.map_elements(lambda period: within(period, limits), return_dtype=pl.Boolean)
    if not selection.members:
        return pl.lit(value=True)
    codes = values_of(selection, flow.codelist(selection.component))
    is_selected = value.is_in(sorted(code for code in codes if ANY not in code))
    for pattern in sorted(code for code in codes if ANY in code):
        is_selected |= value.str.contains(f"^{'.*'.join(map(re.escape, pattern.split(ANY)))}$")
    return is_selected if selection.include else ~is_selected


def unjudged(structure: DataStructure, constraints: Iterable[Constraint]) -> list[str]:
    """What of constraints is not applied, in words."""
    sentences = []
    for constraint in constraints:
        if any(region.valid_from or region.valid_to for region in constraint.regions):
            sentences.append(f"Regions of {constraint.ref.short} that hold for a time were not applied.")
        if any(name not in structure for name in named_in(constraint)):
            sentences.append(f"{constraint.ref.short} names components that {structure.ref.short} does not have.")
    return sentences
