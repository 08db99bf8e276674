"""Published data on disk, as Parquet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from pathlib import Path

import polars as pl

from sdmxmig.quality.confidential import confidential
from sdmxmig.sdmx.model.artefacts import Annotation
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.data_structures import DataStructure
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.transmission.pull.questions import first_day

PIECE = 50_000
HELD = 2_000_000
DELETE = "D"


@dataclass(frozen=True, slots=True, eq=False)
class StoredData:
    """Stored data; `withheld` counts confidential ones.

    `listed` values allow streaming JSON.
    """

    flow: Flow
    file: Path
    _: KW_ONLY
    columns: Mapping[str, pl.DataType]
    count: int
    series: pl.DataFrame
    attributes: Mapping[str, str]
    partial: Mapping[tuple[str, ...], pl.DataFrame] = field(default_factory=dict)
    annotations: tuple[Annotation, ...] = ()
    notes: pl.DataFrame | None = None
    reports: pl.DataFrame | None = None
    refers_to: Ref | None = None
    withheld: int = 0
    listed: Mapping[str, Sequence[str]] | None = None

    def scan(self) -> pl.LazyFrame:
        return pl.scan_parquet(self.file) if self.count else pl.LazyFrame(schema=dict(self.columns))

    def pieces(self) -> Iterator[tuple[int, pl.LazyFrame]]:
        for start in range(0, self.count, PIECE):
            yield start, self.scan().slice(start, PIECE)

    def values(self, component: str) -> list[str]:
        column = self.scan().select(pl.col(component).cast(pl.String)).unique().collect().to_series()
        return sorted(column.drop_nulls().to_list())


def store(blocks: Iterable[Dataset], folder: Path, name: str, *, with_confidential: bool = False) -> StoredData | None:
    """Store blocks; None if empty.

    Deletions are applied. Confidential observations, and their notes, are left out unless requested.
    """
    waiting = Waiting(folder, name)
    for block in blocks:
        if block.action != DELETE:
            waiting.add(block)
    return waiting.finished(with_confidential=with_confidential)


class Waiting:
    """Blocks being stored: observations in files, the rest in memory."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.name = folder, name
        self.first: Dataset | None = None
        self.files: list[Path] = []
        self.schema: dict[str, pl.DataType] = {}
        self.series: list[pl.DataFrame] = []
        self.attributes: dict[str, str] = {}
        self.partial: dict[tuple[str, ...], list[pl.DataFrame]] = {}
        self.annotations: dict[Annotation, None] = {}
        self.notes: list[pl.DataFrame] = []
        self.reports: list[pl.DataFrame] = []

    def add(self, block: Dataset) -> None:
        self.first = self.first or block
        observations = plain(block.observations)
        if observations.height:
            path = self.folder / f"{self.name}-{len(self.files)}.parquet"
            observations.write_parquet(path)
            self.files.append(path)
        self.schema |= {name: kind for name, kind in observations.schema.items() if kind != pl.Null}
        self.schema = {name: self.schema.get(name, pl.String()) for name in (*self.schema, *observations.columns)}
        self.series.append(plain(block.series))
        self.attributes |= block.attributes
        for key, frame in block.partial.items():
            self.partial.setdefault(key, []).append(plain(frame))
        self.annotations |= dict.fromkeys(block.annotations)
        self.notes += [block.notes] if block.notes is not None else []
        self.reports += [block.reports] if block.reports is not None else []

    def finished(self, *, with_confidential: bool) -> StoredData | None:
        if self.first is None:
            return None
        flow = self.first.flow
        # The structure's columns first, in order, so that all pieces agree.
        ids = [component.id for component in flow.structure.components]
        names = sorted(self.schema, key=lambda name: ids.index(name) if name in ids else len(ids))
        series = joined(self.series).unique(maintain_order=True)
        described = replace(
            self.first,
            series=series,
            attributes=self.attributes,
            partial={key: joined(frames).unique(maintain_order=True) for key, frames in self.partial.items()},
        )
        stored, withheld = self._written(described, names, with_confidential=with_confidential)
        reduced = withheld > 0
        data = StoredData(
            flow,
            self.folder / f"{self.name}.parquet",
            columns={name: self.schema[name] for name in names},
            count=stored,
            series=self._shown(series, flow.structure.series_key) if reduced else series,
            attributes=self.attributes,
            partial={key: self._shown(frame, key) if reduced else frame for key, frame in described.partial.items()},
            annotations=tuple(self.annotations),
            notes=pl.concat(self.notes) if self.notes and not reduced else None,
            reports=pl.concat(self.reports) if self.reports and not reduced else None,
            refers_to=self.first.refers_to,
            withheld=withheld,
        )
        return replace(data, listed=listed_values(data))

    def _written(self, described: Dataset, names: Sequence[str], *, with_confidential: bool) -> tuple[int, int]:
        """Write observations into one file; returns the numbers written and left out."""
        counted: list[int] = []
        target = self.folder / f"{self.name}.parquet"
        parts: list[Path] = []
        for number, path in enumerate(self.files):
            frame = pl.read_parquet(path)
            missing = [pl.lit(None, self.schema[name]).alias(name) for name in names if name not in frame.columns]
            frame = frame.with_columns(missing).select(pl.col(name).cast(self.schema[name]) for name in names)
            kept_back = None if with_confidential else confidential(replace(described, observations=frame))
            shown = frame if kept_back is None else frame.filter(~kept_back)
            counted += [shown.height, frame.height - shown.height]
            part = self.folder / f"{self.name}-{number}.part.parquet"
            in_time_order(shown, described.flow.structure).write_parquet(part)
            path.unlink()
            parts.append(part)
        if parts:
            pl.scan_parquet(parts).sink_parquet(target, row_group_size=PIECE, maintain_order=True)
        for part in parts:
            part.unlink()
        return sum(counted[::2]), sum(counted[1::2])

    def _shown(self, frame: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
        if not frame.width or not key:
            return frame
        path = self.folder / f"{self.name}.parquet"
        left = pl.scan_parquet(path).select(key).unique().collect()
        return frame.join(left, on=list(key), how="semi", nulls_equal=True, maintain_order="left")


def listed_values(data: StoredData) -> dict[str, list[str]] | None:
    structure = data.flow.structure
    frames = [data.series, *data.partial.values()]
    kinds = [*data.columns.values(), *(kind for frame in frames for kind in frame.schema.values())]
    if data.annotations or data.reports is not None or any(isinstance(kind, pl.List) for kind in kinds):
        return None
    if not data.count or not is_in_series(data):
        return None
    values: dict[str, list[str]] = {}
    for component in structure.components:
        if component.role not in ("dimension", "time") and not component.is_coded:
            continue
        known = set(data.values(component.id)) if component.id in data.columns else set()
        known |= {data.attributes[component.id]} if component.id in data.attributes else set()
        for frame in frames:
            known |= set(frame.get_column(component.id).drop_nulls()) if component.id in frame.columns else set()
        values[component.id] = sorted(known)
    return values


def is_in_series(data: StoredData) -> bool:
    key = [name for name in data.flow.structure.series_key if name in data.columns]
    if not key:
        return False
    starts, last = 0, pl.DataFrame()
    seen: list[pl.DataFrame] = []
    for _, rows in data.pieces():
        keys = rows.select(key).collect()
        with_last = pl.concat([last, keys]) if last.height else keys
        changed = with_last.select(pl.any_horizontal(pl.col(name).ne_missing(pl.col(name).shift(1)) for name in key))
        runs = with_last.filter(changed.to_series() | (pl.int_range(with_last.height, eager=True) == 0))
        runs = runs.slice(1) if last.height else runs
        starts += runs.height
        seen.append(runs)
        last = keys.tail(1)
    return starts == pl.concat(seen).unique().height


def in_time_order(observations: pl.DataFrame, structure: DataStructure) -> pl.DataFrame:
    key = [name for name in structure.series_key if name in observations.columns]
    if structure.time is None or structure.time.id not in observations.columns:
        return observations
    time = observations.get_column(structure.time.id)
    days = {period: first_day(period) for period in time.drop_nulls().unique()}
    order = time.replace_strict(list(days), list(days.values()), default=None, return_dtype=pl.Int64)
    changed = [pl.col(name).ne_missing(pl.col(name).shift(1)) for name in key] or [pl.lit(value=False)]
    runs = observations.select(pl.any_horizontal(changed).cum_sum().alias("run")).to_series()
    runs = runs if runs.len() == observations.height else pl.repeat(0, observations.height, eager=True)
    place = pl.DataFrame({"run": runs, "day": order}).with_row_index().sort("run", "day", maintain_order=True)
    return observations[place.get_column("index")]


def plain(frame: pl.DataFrame) -> pl.DataFrame:
    coded = [name for name, kind in frame.schema.items() if isinstance(kind, (pl.Categorical, pl.Enum))]
    return frame.with_columns(pl.col(coded).cast(pl.String)) if coded else frame


def joined(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    wide = [frame for frame in frames if frame.width]
    return pl.concat(wide, how="diagonal_relaxed") if wide else pl.DataFrame()
