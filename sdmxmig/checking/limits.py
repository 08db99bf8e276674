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
Told = tuple[str, str, dict[str, str | None]]
"""What is said of values that are not allowed, the component at fault, and the values."""


def not_allowed(block: Dataset) -> Iterator[Told]:
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
    own = [name for name in names if name in table.columns]
    series = [name for name in names if name not in own and name in block.series.columns]
    if series and structure.series_key:
        key = list(structure.series_key)
        heads = block.series.select(*key, *series).unique(subset=key, keep="first")
        table = table.join(heads, on=key, how="left", nulls_equal=True)
    whole = [name for name in names if name not in (*own, *series) and name in block.attributes]
    table = table.with_columns(pl.lit(block.attributes[name]).alias(name) for name in whole)
    wanted = [name for name in (*own, *series, *whole) if table.schema[name] == pl.String]
    return table.select(wanted).unique(maintain_order=True) if wanted else pl.DataFrame()


def by_regions(flow: Flow, constraint: Constraint, table: pl.DataFrame) -> Iterator[Told]:
    """What the cube regions do not allow."""
    regions = [
        cube_region.selections
        for cube_region in constraint.regions
        if cube_region.include and not (cube_region.valid_from or cube_region.valid_to)
    ]
    named = f"the constraint {constraint.ref.short}"
    if len(regions) == 1:
        for selection in regions[0]:
            if selection.component in table.columns:
                wrong = table.filter(~selected(flow, selection))[selection.component].drop_nulls()
                allowed = range_phrase(selection) or codes_phrase(selection)
                for value in wrong.unique(maintain_order=True):
                    said = f"“{value}” of {selection.component} is not allowed by {named}: {allowed}."
                    yield said, selection.component, {selection.component: value}
    elif regions:
        none = ~any_of([all_of(flow, region, table) for region in regions])
        yield from combinations(table, none, components(regions, table), f"in no region of {named}")
    for region in constraint.regions:
        if not region.include and not (region.valid_from or region.valid_to):
            part = all_of(flow, region.selections, table)
            yield from combinations(table, part, components([region.selections], table), f"forbidden by {named}")


def by_keys(flow: Flow, constraint: Constraint, table: pl.DataFrame) -> Iterator[Told]:
    """What the sets of keys do not allow."""
    named = f"the constraint {constraint.ref.short}"
    listed = [key for key_set in constraint.keys if key_set.include for key in key_set.keys]
    if listed:
        wrong = ~in_keys(flow, listed, table)
        yield from combinations(table, wrong, components(listed, table), f"no key of {named}")
    forbidden = [key for key_set in constraint.keys if not key_set.include for key in key_set.keys]
    if forbidden:
        part = in_keys(flow, forbidden, table)
        yield from combinations(table, part, components(forbidden, table), f"forbidden by {named}")


def components(parts: Iterable[Sequence[Selection]], table: pl.DataFrame) -> list[str]:
    """The components that are named, as far as they are known of the data."""
    named = dict.fromkeys(selection.component for part in parts for selection in part)
    return [name for name in named if name in table.columns]


def combinations(table: pl.DataFrame, wrong: pl.Expr | pl.Series, names: Sequence[str], said: str) -> Iterator[Told]:
    """The combinations of values for which something holds, with what is said of them."""
    if not names:
        return
    found = table.filter(wrong).select(names).unique(maintain_order=True)
    for row in found.iter_rows(named=True):
        told = ", ".join(f"{name} = {value or '–'}" for name, value in row.items())
        yield f"{told} is {said}.", names[-1], row


def in_keys(flow: Flow, keys: Sequence[Sequence[Selection]], table: pl.DataFrame) -> pl.Series:
    """Which rows have one of these keys. Keys of single values, of which there may be thousands, are joined."""
    found = pl.repeat(value=False, n=table.height, eager=True)
    plain: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
    for key in keys:
        own = [selection for selection in key if selection.component in table.columns]
        if own and all(is_plain(selection) for selection in own):
            plain.setdefault(tuple(selection.component for selection in own), []).append(
                tuple(selection.members[0].value for selection in own)
            )
        else:
            found |= table.select(all_of(flow, key, table).alias("in"))["in"].fill_null(value=False)
    for names, rows in plain.items():
        listed = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row").unique()
        both = table.select(names).join(
            listed.with_columns(known=True), on=list(names), how="left", maintain_order="left"
        )
        found |= both["known"].fill_null(value=False)
    return found


def is_plain(selection: Selection) -> bool:
    """Whether a selection is one value, without anything below it."""
    is_one = len(selection.members) == 1 and selection.include and not selection.time_range
    return is_one and not selection.members[0].cascade and ANY not in selection.members[0].value


def all_of(flow: Flow, selections: Sequence[Selection], table: pl.DataFrame) -> pl.Expr:
    """Whether a row is in all of these selections."""
    known = [selected(flow, selection) for selection in selections if selection.component in table.columns]
    return reduce(and_, known, pl.lit(value=True)).fill_null(value=False)


def any_of(parts: Sequence[pl.Expr]) -> pl.Expr:
    """Whether one of these holds."""
    return reduce(or_, parts)


def selected(flow: Flow, selection: Selection) -> pl.Expr:
    """Whether the value of a component is one of those selected; null if it was not sent."""
    value = pl.col(selection.component)
    if selection.time_range:
        given = selection.time_range
        limits = replace(given, start=MOMENT.sub(r"\1", given.start), end=MOMENT.sub(r"\1", given.end))
        return value.map_elements(lambda period: within(period, limits), return_dtype=pl.Boolean)
    if not selection.members:
        return pl.lit(value=True)
    listed = values_of(selection, flow.codelist(selection.component))
    chosen = value.is_in(sorted(one for one in listed if ANY not in one))
    for pattern in sorted(one for one in listed if ANY in one):
        chosen |= value.str.contains(f"^{'.*'.join(map(re.escape, pattern.split(ANY)))}$")
    return chosen if selection.include else ~chosen


def unjudged(structure: DataStructure, constraints: Iterable[Constraint]) -> list[str]:
    """What of constraints is not applied, in words."""
    found = []
    for constraint in constraints:
        if any(region.valid_from or region.valid_to for region in constraint.regions):
            found.append(f"Regions of {constraint.ref.short} that hold for a time were not applied.")
        if any(name not in structure for name in named_in(constraint)):
            found.append(f"{constraint.ref.short} names components that {structure.ref.short} does not have.")
    return found
