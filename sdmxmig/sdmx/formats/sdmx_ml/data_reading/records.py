"""Records as columns: observations, series and attributes of key parts, in blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.formats import ALL_DIMENSIONS
from sdmxmig.sdmx.formats.faults import Faults, report_fault
from sdmxmig.sdmx.formats.shapes import choose_type, find_text_type
from sdmxmig.sdmx.frames import build_origins
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.data_structures import Component, DataStructure, Group
from sdmxmig.sdmx.model.references import Ref

RecordValues = Mapping[str, Any]
NUMBER = "#series"
"""Internal column: the number of the series in its block."""


class LevelRecords:
    def __init__(self, level: MessageLevel, structure: DataStructure, *extra: str) -> None:
        self.level = level
        self.kinds = {name: choose_type(structure[name]) for name in level.allowed}
        self.lists = {name: structure[name] for name, kind in self.kinds.items() if kind != pl.String}
        self.extra = extra
        self._make()

    def _make(self) -> None:
        self.columns: dict[str, list[Any]] = {name: [] for name in (*self.level.allowed, *self.extra)}
        self.appenders = [(name, self.columns[name].append) for name in self.level.allowed]
        self.height = 0

    def add(self, values: RecordValues, *extra: int) -> None:
        if self.lists and not self.lists.keys().isdisjoint(values):
            values = {name: self._listed(name, value) for name, value in values.items()}
        for name, append in self.appenders:
            append(values.get(name))
        for name, value in zip(self.extra, extra, strict=True):
            self.columns[name].append(value)
        self.height += 1

    def _listed(self, name: str, value: Any) -> Any:
        plain = isinstance(value, str) and name in self.lists
        return wrap_value(value, self.lists[name]) if plain else value

    def take(self) -> pl.DataFrame:
        schema: dict[str, Any] = {**self.kinds, **dict.fromkeys(self.extra, pl.UInt32)}
        used = {name: column for name, column in self.columns.items() if name in self.extra or has_values(column)}
        frame = pl.DataFrame(used, schema={name: schema[name] for name in used})
        self._make()
        return frame


def has_values(column: Sequence[Any]) -> bool:
    return any(value is not None for value in column)


def wrap_value(value: str, component: Component) -> Any:
    if component.is_multilingual:
        return [{"language": None, "text": value}]
    return [value] if component.is_array else value


def drop_duplicates(frame: pl.DataFrame) -> pl.DataFrame:
    if frame.height > 1 and frame.width:
        changed = [pl.col(name).ne_missing(pl.col(name).shift(1)) for name in frame.columns]
        frame = frame.filter(pl.any_horizontal(changed) | (pl.int_range(pl.len()) == 0))
    return frame.unique(maintain_order=True)


@dataclass(slots=True, kw_only=True)
class BlockRecords:
    """A block being assembled. `parts` are flat observations; `heads` are series, groups and key parts."""

    flow: Flow
    name: str
    parts: list[pl.DataFrame] = field(default_factory=list)
    series: list[pl.DataFrame] = field(default_factory=list)
    heads: list[pl.DataFrame] = field(default_factory=list)
    attributes: dict[str, Any] = field(default_factory=dict)
    line: int = 0
    faults: Faults | None = None

    @property
    def height(self) -> int:
        return sum(part.height for part in self.parts)

    def add_series(self, heads: pl.DataFrame, observations: pl.DataFrame) -> None:
        key = [name for name in self.flow.structure.key if name in heads.columns]
        numbers = observations[NUMBER]
        gathered = [heads[name].gather(numbers) for name in key]
        self.parts.append(observations.drop(NUMBER).with_columns(gathered))

    def dataset(self, action: str, properties: Mapping[str, str], refers: Ref | None, *, continues: bool) -> Dataset:
        structure = self.flow.structure
        observed = [*structure.measures, *structure.attributes("observation")]
        types = {component.id: choose_type(component) for component in (*structure.dimensions, *observed)}
        observations = pl.concat([shape_frame(part, types) for part in self.parts] or [pl.DataFrame(schema=types)])
        attributes = {name: value for name, value in self.attributes.items() if isinstance(value, str)}
        series, partial = self._build_series(), self._build_partial()
        if len(attributes) < len(self.attributes):
            listed = {name: [value] for name, value in self.attributes.items() if name not in attributes}
            schema: dict[str, Any] = {name: choose_type(structure[name]) for name in listed}
            partial[()] = pl.DataFrame(listed, schema=schema)
        return Dataset(
            self.flow,
            observations,
            series=series,
            attributes=attributes,
            origins=build_origins(),
            action=action,
            partial=partial,
            properties=dict(properties),
            refers_to=refers,
            continues=continues,
        )

    def _build_series(self) -> pl.DataFrame:
        structure = self.flow.structure
        key, names = structure.series_key, [component.id for component in structure.attributes("series")]
        types = {name: choose_type(structure[name]) for name in (*key, *names)}
        named = [frame.select(key) for frame in self.series if set(key) <= set(frame.columns)]
        described = self._collect(key, names)
        if described is not None:
            described = described.filter(pl.all_horizontal(pl.col(key).is_not_null()))
            named.append(described.select(key))
        if not named:
            return pl.DataFrame(schema=types)
        heads = drop_duplicates(pl.concat(named))
        if described is not None:
            heads = heads.join(described, on=list(key), how="left", nulls_equal=True, maintain_order="left")
        return shape_frame(heads, types)

    def _build_partial(self) -> dict[tuple[str, ...], pl.DataFrame]:
        structure = self.flow.structure
        reaches: dict[tuple[str, ...], list[str]] = {}
        for attribute in structure.attributes():
            if attribute.attachment in ("dimensions", "group"):
                reaches.setdefault(structure.list_described(attribute), []).append(attribute.id)
        collected = {dims: self._collect(dims, names) for dims, names in reaches.items()}
        partial = {dims: frame for dims, frame in collected.items() if frame is not None}
        key = structure.series_key
        wide = self._collect(key, [component.id for component in structure.attributes("series")], wide=True)
        if wide is not None:
            partial[key] = pl.concat([partial[key], wide], how="diagonal") if key in partial else wide
        return partial

    def _collect(self, dims: tuple[str, ...], names: Sequence[str], *, wide: bool = False) -> pl.DataFrame | None:
        """Collect attribute values once per key part; None if absent. `wide` keeps only incomplete keys."""
        structure = self.flow.structure
        types = {name: choose_type(structure[name]) for name in (*dims, *names)}
        frames = []
        for frame in self.heads if wide else (*self.series, *self.heads, *self.parts):
            present = [name for name in names if name in frame.columns]
            if present:
                described = frame.filter(pl.any_horizontal(pl.col(present).is_not_null()))
                frames.append(shape_frame(described, types))
        if not frames:
            return None
        together = drop_duplicates(pl.concat(frames))
        if wide:
            together = together.filter(pl.any_horizontal(pl.col(dims).is_null()))
        return self._merge(together, dims, list(names)) if together.height else None

    def _merge(self, frame: pl.DataFrame, dims: tuple[str, ...], names: list[str]) -> pl.DataFrame:
        if not frame.select(dims).is_duplicated().any():
            return frame
        values = [pl.col(name).drop_nulls() for name in names]
        counts = frame.group_by(dims, maintain_order=True).agg(value.n_unique() for value in values)
        for name in names:
            wrong = counts.filter(pl.col(name) > 1)
            if wrong.height:
                part = ".".join(value or "*" for value in wrong.select(dims).row(0))
                message = f"{name} has two values for {part} ({', '.join(dims)})."
                error = InputError(message, Place(self.name, line=self.line), "An attribute has one value there.")
                report_fault(self.faults, error)
        return frame.group_by(dims, maintain_order=True).agg(value.first() for value in values).select(frame.columns)


def shape_frame(frame: pl.DataFrame, types: Mapping[str, pl.DataType]) -> pl.DataFrame:
    columns = []
    for name, kind in types.items():
        if name not in frame.columns:
            columns.append(pl.lit(None, dtype=kind).alias(name))
        elif frame.schema[name] != kind:
            entry: pl.Expr = pl.col(name)
            if kind == find_text_type():
                entry = pl.struct(pl.lit(None, dtype=pl.String).alias("language"), pl.col(name).alias("text"))
            columns.append(pl.when(pl.col(name).is_not_null()).then(pl.concat_list(entry)).alias(name))
    return frame.with_columns(columns).select(list(types))


@dataclass(frozen=True, slots=True)
class MessageLevel:
    """The allowed and required components of an element such as ``Series``."""

    title: str
    allowed: tuple[str, ...]
    required: tuple[str, ...]
    names: frozenset[str] = field(init=False)
    needed: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", frozenset(self.allowed))
        object.__setattr__(self, "needed", frozenset(self.required))


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageLevels:
    """The levels of a dataset; `flat` is an observation with its whole key."""

    dataset: MessageLevel
    series: MessageLevel
    observation: MessageLevel
    flat: MessageLevel
    part: MessageLevel
    groups: dict[str, MessageLevel]
    group_ids: dict[frozenset[str], str]

    def at_observation(self) -> str:
        return next(iter(self.observation.required), "")


def determine_levels(structure: DataStructure, dimension: str) -> MessageLevels:
    flat = dimension in (ALL_DIMENSIONS, "")
    observed = () if flat else (dimension,)
    head = tuple(name for name in structure.key if name not in observed)
    attributes = {component.id: structure.list_described(component) for component in structure.attributes()}
    measures = tuple(component.id for component in structure.measures)
    below = tuple(name for name, dims in attributes.items() if dims and (flat or dimension in dims))
    heads = tuple(name for name, dims in attributes.items() if dims and set(dims) <= set(head))
    of_parts = {component.id for component in structure.attributes("dimensions")}  # a part may be the whole key
    parts = tuple(name for name, dims in attributes.items() if dims and (dims != structure.key or name in of_parts))
    described = tuple(name for name, dims in attributes.items() if dims)
    return MessageLevels(
        dataset=MessageLevel("DataSet", tuple(name for name, dims in attributes.items() if not dims), required=()),
        series=MessageLevel("Series", (*head, *heads), required=head),
        observation=MessageLevel("Obs", (*observed, *measures, *below), required=observed),
        flat=MessageLevel("Obs", (*structure.key, *measures, *described), required=structure.key),
        part=MessageLevel("Atts", (*structure.key, *parts), required=()),
        groups={group.id: build_group_level(group, attributes) for group in structure.groups},
        group_ids={frozenset(group.dimensions): group.id for group in reversed(structure.groups)},
    )


def build_group_level(group: Group, attributes: dict[str, tuple[str, ...]]) -> MessageLevel:
    described = tuple(name for name, dims in attributes.items() if dims and set(dims) <= set(group.dimensions))
    return MessageLevel(f"Group {group.id}", (*group.dimensions, *described), required=group.dimensions)
