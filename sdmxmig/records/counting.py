"""From events to figures and observations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.lazily import pl
from sdmxmig.records.people import TOTAL
from sdmxmig.sdmx.frames import DEFINITIONS, build_origins, build_text_frame
from sdmxmig.sdmx.model.data import Dataset, Flow

Counts: TypeAlias = "Mapping[str, pl.DataFrame]"
CERTAIN = 1000
WEIGHT, OPEN_WEIGHT = "weight", "open"
Row = dict[str, str]
OF_PERSONS = (("SEX",), ("SEX", "AGE"), ("BIRTH_STATUS", "CTZ_STATUS"), ("C_BIRTH",), ("C_CITIZEN",))
"""By what figures are broken down where persons are known."""
PROVISIONAL, NORMAL, LOW_RELIABILITY = "P", "A", "U"
PRELIMINARY, REVISED, FINAL = "PREL", "REV", "FINAL"


@dataclass(frozen=True, slots=True)
class Statement:
    """Attributes of figures: dataset, observation, and notes."""

    dataset: Mapping[str, str]
    observation: Mapping[str, str]


def finest_by(rows: pl.DataFrame, groups: Iterable[Sequence[str]], *, always: Sequence[str]) -> pl.DataFrame:
    """Sum `weight` and count `open` by all columns; sums are additive over parts."""
    names = dict.fromkeys(name for group in groups for name in group)
    return rows.group_by(*always, *names).agg(
        pl.col(WEIGHT).sum().alias(WEIGHT),
        pl.col(OPEN_WEIGHT).sum().alias(OPEN_WEIGHT),
    )


def sum_totals(finest: pl.DataFrame, groups: Iterable[Sequence[str]], *, always: Sequence[str]) -> pl.DataFrame:
    """Sum by each of several groups of columns; omitted columns are at their total."""
    groups = list(groups)
    names = list(dict.fromkeys(name for group in groups for name in group))
    sums = []
    for group in groups:
        others = [pl.lit(TOTAL).alias(name) for name in names if name not in group]
        by = [*always, *group]
        both = pl.col(WEIGHT, OPEN_WEIGHT).sum()
        sums.append((finest.group_by(by).agg(both) if by else finest.select(both)).with_columns(others))
    columns = [*always, *names, WEIGHT, OPEN_WEIGHT]
    table = pl.concat([frame.select(columns) for frame in sums])
    return table.filter((pl.col(WEIGHT) != 0) | (pl.col(OPEN_WEIGHT) != 0)).sort(columns)


def format_thousandths(weight: int) -> str:
    """Write a sum of thousandths as a figure without trailing zeros.

    >>> format_thousandths(12000), format_thousandths(1250), format_thousandths(-500)
    ('12', '1.25', '-0.5')
    """
    whole, rest = divmod(abs(weight), CERTAIN)
    digits = f"{whole}.{rest:03d}".rstrip("0").rstrip(".")
    return f"-{digits}" if weight < 0 else digits


def said_of(*, unsettled: bool) -> Row:
    return {"OBS_STATUS": PROVISIONAL if unsettled else NORMAL, "REV_STAGE": PRELIMINARY if unsettled else FINAL}


def build_dataset(flow: Flow, rows: Iterable[Row], statement: Statement) -> Dataset:
    """Build a dataset from rows and a statement.

    Missing dimensions are at their total. Raises `SdmxmigError` for missing required ones.
    """
    structure = flow.structure
    ids = {component.id for component in structure.components}
    key = [component.id for component in structure.components if component.role in ("dimension", "time")]
    columns = [component.id for component in structure.components if component.attachment in ("", "observation")]
    on_series = [component.id for component in structure.components if component.attachment == "series"]
    stated = {name: value for name, value in statement.dataset.items() if value}
    full = [{**dict.fromkeys(key, TOTAL), **stated, **statement.observation, **row} for row in rows]
    lacking = [
        component.id
        for component in structure.attributes()
        if component.mandatory
        and (component.attachment == "dataset" or component.id in DEFINITIONS)
        and component.id not in statement.dataset
    ]
    if lacking:
        raise SdmxmigError(f"{flow.dataflow.ref.id} needs {', '.join(lacking)}.", hint="Name it among the attributes.")
    series_columns = [*structure.series_key, *on_series]
    return Dataset(
        flow,
        build_text_frame(columns, full),
        series=build_text_frame(series_columns, full).unique(maintain_order=True),
        attributes={name: value for name, value in stated.items() if name in ids - {*on_series}},
        origins=build_origins(),
    )
