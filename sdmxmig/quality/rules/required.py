"""Periods and cells required by a profile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod

from sdmxmig.primitives.errors import DeclarationError, check_known
from sdmxmig.primitives.lazily import pl
from sdmxmig.quality.rules import Check
from sdmxmig.quality.rules.words import TOTAL
from sdmxmig.sdmx.declarations import Declared

MOST_CELLS = 5_000_000

Key = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class RequiredTable:
    """Required figures: codes by dimension and periods (empty: all reported)."""

    periods: tuple[str, ...]
    codes: Mapping[str, tuple[str, ...]]


def required_tables(check: Check, parameters: Declared) -> list[RequiredTable]:
    """Read the `required` tables for a dataflow.

    Raises `DeclarationError` for unknown dimensions and too many cells.
    """
    wanted = []
    for declared in parameters.tables("required"):
        flows, periods = declared.strings("flows", None), declared.strings("periods")
        codes = declared.table("codes")
        codes_by_dimension = {name: codes.strings(name, None) for name in codes.values}
        declared.close()
        if check.dataset.flow.id not in flows:
            continue
        for name in codes_by_dimension:
            check_known("dimension", name, check.dataset.flow.structure.series_key, declared.at("codes"))
        if prod(map(len, codes_by_dimension.values())) > MOST_CELLS:
            raise DeclarationError(f"More than {MOST_CELLS:,} cells are required.", declared.at("codes"))
        wanted.append(RequiredTable(periods, codes_by_dimension))
    return wanted


def periods_missing(check: Check, tables: Sequence[RequiredTable]) -> list[str]:
    reported = set(check.frame.get_column(check.dataset.flow.structure.key[-1]).unique())
    return sorted({period for table in tables for period in table.periods} - reported)


def keys_missing(check: Check, table: RequiredTable) -> list[Key]:
    """The keys of the required cells that are not reported, of periods of which something is."""
    structure, frame = check.dataset.flow.structure, check.frame
    time = structure.key[-1]
    reported = frame.get_column(time).drop_nulls().unique().sort()
    cells = pl.DataFrame({time: [text for text in reported if not table.periods or text in table.periods]})
    cells = cells.with_columns(pl.col(time).cast(pl.String))
    for name, codes in table.codes.items():
        cells = cells.join(pl.DataFrame({name: codes}, schema={name: pl.String}), how="cross")
    same = same_codes(check, table)
    for name in (name for name, code in same.items() if code == TOTAL):
        frame = frame.filter(pl.col(name) == TOTAL)
    named = [*table.codes, time]
    missing = cells.join(frame.select(named).unique(), on=named, how="anti").sort(time, *table.codes)
    return [
        tuple((name, {**same, **row}[name]) for name in structure.key if name in same or name in row)
        for row in missing.iter_rows(named=True)
    ]


def same_codes(check: Check, table: RequiredTable) -> dict[str, str]:
    """The codes of the dimensions that a required table does not name: the total, or the only one that is reported."""
    flow, codes = check.dataset.flow, {}
    for name in flow.structure.series_key:
        codelist = flow.codelist(name)
        if name in table.codes:
            continue
        if codelist is not None and TOTAL in codelist:
            codes[name] = TOTAL
        elif check.frame.get_column(name).n_unique() == 1 and check.frame.get_column(name)[0] is not None:
            codes[name] = str(check.frame.get_column(name)[0])
    return codes
