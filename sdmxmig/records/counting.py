"""Figures, observations, reliability and revisions computed from events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import TypeAlias

from sdmxmig.catalogue.folders import find_shipped_folder
from sdmxmig.primitives.errors import SdmxmigError, write_count
from sdmxmig.primitives.lazily import pl
from sdmxmig.records.doubtful_records import Doubt
from sdmxmig.records.rows import PERIOD, TOTAL, write_int_literal, write_missing_text
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.frames import DEFINITIONS, build_origins, build_text_frame
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.rule_ids import RuleId

Counts: TypeAlias = "Mapping[str, pl.DataFrame]"
CERTAIN_WEIGHT = 1000
WEIGHT, OPEN_WEIGHT = "weight", "open"
Row = dict[str, str]
PERSON_BREAKDOWNS = (("SEX",), ("SEX", "AGE"), ("BIRTH_STATUS", "CTZ_STATUS"), ("C_BIRTH",), ("C_CITIZEN",))
"""Dimensions of figures if the persons are known."""
PROVISIONAL, NORMAL, LOW_RELIABILITY = "P", "A", "U"
PRELIMINARY, REVISED, FINAL = "PREL", "REV", "FINAL"


@dataclass(frozen=True, slots=True)
class Statement:
    dataset: Mapping[str, str]
    observation: Mapping[str, str]


def compute_detailed_sums(
    rows: pl.DataFrame, groups: Iterable[Sequence[str]], *, always: Sequence[str]
) -> pl.DataFrame:
    """Sum `weight` and count `open` by all columns; sums of parts can be added."""
    names = dict.fromkeys(name for group in groups for name in group)
    return rows.group_by(*always, *names).agg(
        pl.col(WEIGHT).sum().alias(WEIGHT),
        pl.col(OPEN_WEIGHT).sum().alias(OPEN_WEIGHT),
    )


def sum_totals(detailed_sums: pl.DataFrame, groups: Iterable[Sequence[str]], *, always: Sequence[str]) -> pl.DataFrame:
    """Sum by several groups of columns; omitted columns have their total code."""
    groups = list(groups)
    names = list(dict.fromkeys(name for group in groups for name in group))
    sums = []
    for group in groups:
        others = [pl.lit(TOTAL).alias(name) for name in names if name not in group]
        by = [*always, *group]
        both = pl.col(WEIGHT, OPEN_WEIGHT).sum()
        sums.append((detailed_sums.group_by(by).agg(both) if by else detailed_sums.select(both)).with_columns(others))
    columns = [*always, *names, WEIGHT, OPEN_WEIGHT]
    table = pl.concat([frame.select(columns) for frame in sums])
    return table.filter((pl.col(WEIGHT) != 0) | (pl.col(OPEN_WEIGHT) != 0)).sort(columns)


def format_thousandths(weight: int) -> str:
    """Write a sum of thousandths as a figure without trailing zeros.

    >>> format_thousandths(12000), format_thousandths(1250), format_thousandths(-500)
    ('12', '1.25', '-0.5')
    """
    whole, rest = divmod(abs(weight), CERTAIN_WEIGHT)
    digits = f"{whole}.{rest:03d}".rstrip("0").rstrip(".")
    return f"-{digits}" if weight < 0 else digits


def state_columns(*, undecided: bool) -> Row:
    return {"OBS_STATUS": PROVISIONAL if undecided else NORMAL, "REV_STAGE": PRELIMINARY if undecided else FINAL}


def build_dataset(flow: Flow, rows: Iterable[Row], statement: Statement) -> Dataset:
    """Build a dataset; missing dimensions get their total code.

    Raises `SdmxmigError` for missing required dimensions.
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


NOT_RECORDED = "NOT_RECORDED"
KEY_COLUMNS = ("person", "at", "direction", PERIOD)
COLUMNS = (PERIOD, "DIRECTION", "WAS", "WAS_BASIS", "IS", "IS_BASIS", "CROSSINGS", "FIGURE_WAS", "FIGURE_IS")


def sum_revisions(earlier: pl.DataFrame, later: pl.DataFrame) -> pl.DataFrame:
    sides = []
    for name, rows in (("was", earlier), ("is", later)):
        other = "is" if name == "was" else "was"
        sides.append(
            rows.filter(pl.col(PERIOD).is_not_null()).select(
                *KEY_COLUMNS,
                **{
                    name: pl.col("outcome"),
                    f"{name}_basis": pl.col("basis"),
                    f"{name}_weight": pl.col("weight"),
                    other: write_missing_text(),
                    f"{other}_basis": write_missing_text(),
                    f"{other}_weight": write_int_literal(0),
                },
            )
        )
    names = ("was", "was_basis", "is", "is_basis")
    weights = ("was_weight", "is_weight")
    ordered = [rows.select(*KEY_COLUMNS, *names, *weights) for rows in sides]
    crossings = (
        pl.concat(ordered)
        .group_by(*KEY_COLUMNS)
        .agg(*[pl.col(name).max() for name in names], *[pl.col(name).sum() for name in weights])
    )
    kinds = crossings.group_by(PERIOD, "direction", *names).agg(
        pl.len().alias("crossings"), *[pl.col(name).sum() for name in weights]
    )
    return kinds.with_columns(
        pl.col("was", "is").fill_null(NOT_RECORDED),
        pl.col("was_basis", "is_basis").fill_null(""),
        pl.col("crossings").cast(pl.Int64),
    )


def combine_revisions(sums: Iterable[pl.DataFrame]) -> pl.DataFrame:
    keys = (PERIOD, "direction", "was", "was_basis", "is", "is_basis")
    table = pl.concat(sums).group_by(keys).agg(pl.col("crossings", "was_weight", "is_weight").sum())
    lines = [
        (
            *(row[name] for name in keys),
            str(row["crossings"]),
            format_thousandths(row["was_weight"]),
            format_thousandths(row["is_weight"]),
        )
        for row in table.sort(keys).iter_rows(named=True)
    ]
    return pl.DataFrame(lines, schema=dict.fromkeys(COLUMNS, pl.String()), orient="row")


DERIVATION_FILE = "derivation.toml"
MAX_SHOWN = 12
"""Maximum number of periods named."""
PLACE_DIMENSIONS = (
    "C_RESIDENCE",
    "COUNTERPART_AREA",
    "MOB_TYPE",
    "STAY_DUR",
    *(name for names in PERSON_BREAKDOWNS for name in names),
)
TOTAL_CODES = (TOTAL, "TMP")
"""The codes of totals; temporary mobility has its own."""
CROSSING, PERSON = "more crossing", "more person"
UNJUDGED = "unjudged"
"""The column that is 1 for crossings that could not be judged."""


@dataclass(frozen=True, slots=True)
class Reliability:
    """Numbers of undecided and counted crossings; `limit` is the highest reliable share."""

    unjudged: int
    counted: Decimal
    limit: str = "unjudged_percent"
    comment: str = "unknown whether they are migration: {}"
    noun: str = CROSSING

    @property
    def is_low(self) -> bool:
        both = self.unjudged + self.counted
        return self.unjudged > both * read_max_undecided(self.limit) / 100

    def with_status(self, row: Row) -> Row:
        return {**row, "OBS_STATUS": LOW_RELIABILITY} if self.is_low and row["OBS_STATUS"] == NORMAL else row

    def with_comment(self, row: Row) -> Row:
        if not (self.is_low and all(row.get(name, TOTAL) in TOTAL_CODES for name in PLACE_DIMENSIONS)):
            return self.with_status(row)
        comments = [row.get("COMMENT_OBS", ""), self.comment.format(write_count(self.unjudged, self.noun))]
        return {**self.with_status(row), "COMMENT_OBS": "; ".join(filter(None, comments))}


KNOWN_RELIABILITY = Reliability(0, Decimal(0))
Flows = Mapping[tuple[str, str], Reliability]


@cache
def read_max_undecided(limit: str) -> Decimal:
    declared = Declared.parse(
        DERIVATION_FILE, (find_shipped_folder("structures") / DERIVATION_FILE).read_bytes()
    ).table("reliability")
    return Decimal(declared.integer(limit))


def estimate_reliability(detailed_sums: pl.DataFrame) -> Flows:
    of_each = detailed_sums.group_by("direction", PERIOD, maintain_order=True).agg(
        lost=pl.col(WEIGHT).filter(pl.col(UNJUDGED) == 1).sum(),
        counted=pl.col(WEIGHT).filter(pl.col(UNJUDGED) == 0).sum(),
    )
    return {
        (direction, period): Reliability(lost // CERTAIN_WEIGHT, Decimal(counted) / CERTAIN_WEIGHT)
        for direction, period, lost, counted in of_each.select("direction", PERIOD, "lost", "counted").rows()
    }


def find_unreliable_flows(flows: Flows, names: Mapping[str, str], table: str) -> Iterator[Doubt]:
    for direction, flow in names.items():
        low = {
            period: flows[of, period] for of, period in sorted(flows) if of == direction and flows[of, period].is_low
        }
        if low:
            certain = sum((each.counted for each in low.values()), start=Decimal(0))
            parameters = {
                "flow": flow,
                "periods": ", ".join([*low][:MAX_SHOWN]) + (" …" if len(low) > MAX_SHOWN else ""),
                "unjudged": f"{sum(each.unjudged for each in low.values()):,}",
                "counted": f"{certain.normalize():,f}",
            }
            yield Doubt(RuleId.UNRELIABLE_FLOW, table, rows=None, parameters=parameters)
