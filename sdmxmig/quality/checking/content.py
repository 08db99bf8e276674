"""Problems of values in data: unknown codes, wrong types, missing and repeated values.

Checks each distinct value of a column once per block.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field

import polars as pl

from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.quality.checking.judges import Judge, judge_of, not_allowed
from sdmxmig.quality.rules.constraints import unjudged
from sdmxmig.sdmx.checking.observations import (
    STANDS_TWICE,
    DatasetGroups,
    ObservationKeys,
    RepeatedObservations,
    misfits,
    repetition_sentence,
)
from sdmxmig.sdmx.checking.reading import LATEST, WHOLE, FormatVersion
from sdmxmig.sdmx.formats.faults import MANY, Sought
from sdmxmig.sdmx.formats.inference import GUESSED, described
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.data_structures import Component, whole_number

YEAR_START, JANUARY = "REPORTING_YEAR_START_DAY", "--01-01"


@dataclass(frozen=True, slots=True)
class ValueProblem:
    """A problem of a value, with data to locate it.

    `again` (1, 3) means the second of three occurrences; first and second place count.
    """

    message: str
    sought: Sought
    _: KW_ONLY
    again: tuple[int, int] = (0, 0)


@dataclass(slots=True)
class Contents:
    """Checks the blocks of a message.

    `size` counts observations; `unlisted` are components without known codelist; `described` are structures known from
    the message only; `duplicates` are hashes of repeated keys.
    """

    version: FormatVersion = LATEST
    size: int = 0
    _: KW_ONLY
    problems: dict[str, ValueProblem] = field(default_factory=dict)
    unlisted: dict[str, None] = field(default_factory=dict)
    unchecked: dict[str, None] = field(default_factory=dict)
    described: dict[str, None] = field(default_factory=dict)
    taken: dict[str, None] = field(default_factory=dict)
    duplicates: pl.DataFrame = field(default_factory=pl.DataFrame)
    _judges: dict[tuple[str, str, bool], Judge | None] = field(default_factory=dict)
    _keys: ObservationKeys = field(default_factory=ObservationKeys)
    _groups: DatasetGroups = field(default_factory=DatasetGroups)
    _open: tuple[Dataset, dict[str, None]] | None = None
    _own_years: bool = False

    def take(self, block: Dataset) -> None:
        """Look at a block."""
        self.size += block.observations.height
        if not block.continues:
            self._close_dataset()
            self._open, self._own_years = (block, {}), False
            left_out = (reason.sentence() for reason in unjudged(block.flow, block.flow.constraints))
            self.unchecked |= dict.fromkeys(left_out)
            self.described |= dict.fromkeys([sentence] if (sentence := described(block.flow)) else [])
        if self._open is not None:
            self._open[1].update(dict.fromkeys(attributes_with_value(block)))
        group = self._groups.of(block)
        if block.action == "D":  # what is deleted is named by what it has
            return
        self._own_years |= has_own_years(block)
        self._look_at_values(block)
        if block.flow.inferred != GUESSED:  # else it is not known what belongs to a key
            self._look_for_gaps(block)
            self._look_for_duplicates(block, group)
        if not block.flow.inferred:
            for sentence, misfit_values in misfits(block):
                self._add(sentence, str(list(misfit_values)[-1]), misfit_values)
            for sentence, component, values in not_allowed(block):
                self._add(sentence, component, values)

    def close(self) -> None:
        self._close_dataset()
        self.duplicates = self._keys.across()

    def _close_dataset(self) -> None:
        if self._open is None or not self.size:
            return
        first_block, attributes_given = self._open
        for component in first_block.flow.structure.attributes("dataset"):
            if component.mandatory and component.id not in attributes_given and first_block.action in WHOLE:
                self._add(f"The dataset lacks the attribute {component.id}.", component.id, {}, most=1)

    def report_duplicates(self, blocks: Iterable[Dataset]) -> None:
        repeated = RepeatedObservations(self.duplicates.head(MANY))
        for block in blocks:
            repeated.look(block)
        for (_, key), standing in repeated.standings.items():
            row = dict(key)
            for number, repeat in enumerate(standing[1:], start=1):
                if (sentence := repetition_sentence(standing[0], repeat)) == STANDS_TWICE:
                    self._twice(row)
                else:
                    sought = Sought(list(row)[-1], row)
                    self._wrong(
                        ValueProblem(f"Observation {key_text(row)} {sentence}", sought, again=(number, len(standing)))
                    )

    def _add(
        self, message: str, component: str, values: Mapping[str, str | None], *, skip: int = 0, most: int = MANY
    ) -> None:
        self._wrong(ValueProblem(message, Sought(component, values, skipped=skip, most=most)))

    def _wrong(self, value_problem: ValueProblem) -> None:
        if len(self.problems) < MANY * MANY:
            self.problems.setdefault(value_problem.message, value_problem)

    def _twice(self, row: Mapping[str, str | None]) -> None:
        self._add(f"Observation {key_text(row)} {STANDS_TWICE}", list(row)[-1], row, skip=1)

    def _look_at_values(self, block: Dataset) -> None:
        judge_by_component = {
            component.id: self._judge(block.flow, component) for component in block.flow.structure.components
        }
        judges = {name: judge for name, judge in judge_by_component.items() if judge}
        for name, values in distinct(block, list(judges)).items():
            try:
                faulty = judges[name](values)
            except DeclarationError as error:
                self._cannot(error)
                continue
            for value, message in faulty:
                self._add(message, name, {name: value})
        for component in block.flow.structure.components:
            maximum = whole_number(component.max_occurs) if component.is_array else None
            for several in too_many(block, component, maximum) if maximum else ():
                sentence = f"{component.id} has {len(several)} values, but {maximum} at most: {', '.join(several)}."
                self._add(sentence, component.id, {component.id: several[0]})

    def _judge(self, flow: Flow, component: Component) -> Judge | None:
        key = (flow.dataflow.ref.urn, component.id, self._own_years)
        if key not in self._judges:
            codelist = flow.codelist(component)
            if component.is_coded and (codelist is None or codelist.extensions):
                self.unlisted[component.id] = None
            try:
                self._judges[key] = judge_of(flow, component, self.version, own_years=self._own_years)
            except DeclarationError as error:
                self._judges[key] = None
                self._cannot(error)
        return self._judges[key]

    def _cannot(self, error: DeclarationError) -> None:
        self.unchecked[f"{error.message} {error.hint}".strip()] = None

    def _look_for_gaps(self, block: Dataset) -> None:
        """Look for observations without a dimension, and for what lacks an attribute that it has to have."""
        structure = block.flow.structure
        for name in structure.key:
            column = block.observations[name]
            if column.null_count() and not may_be_off(block.flow, name):
                self._add(f"An observation lacks the dimension {name}.", name, {name: None})
        if block.action not in WHOLE:
            return
        for level, frame, key in (
            ("observation", block.observations, structure.key),
            ("series", block.series, structure.series_key),
        ):
            for component in structure.attributes(level):
                if component.mandatory and component.id in frame.columns:
                    incomplete = frame.filter(pl.col(component.id).is_null()).select(key).head(MANY)
                    for row in incomplete.iter_rows(named=True):
                        sentence = f"{level.capitalize()} {key_text(row)} lacks the attribute {component.id}."
                        self._add(sentence, component.id, {**row, component.id: None}, most=1)

    def _look_for_duplicates(self, block: Dataset, group: int) -> None:
        key = list(block.flow.structure.key)
        if not key or not block.observations.height:
            return
        for row in self._keys.among(block.observations.select(key), group).head(MANY).iter_rows(named=True):
            self._twice(row)


def may_be_off(flow: Flow, dimension: str) -> bool:
    is_whole = flow.dataflow.ref.id == flow.structure.ref.id and not flow.dataflow.constrained
    return flow.structure.evolving and is_whole and dimension in flow.structure.series_key


def key_text(row: Mapping[str, str | None]) -> str:
    return ".".join(value or "*" for value in row.values())


def attributes_with_value(block: Dataset) -> Iterator[str]:
    yield from block.attributes
    for dims, frame in block.partial.items():
        if not dims:
            yield from (name for name in frame.columns if frame[name].null_count() < frame.height)


def has_own_years(block: Dataset) -> bool:
    if YEAR_START not in block.flow.structure:
        return False
    year_starts = distinct(block, [YEAR_START])[YEAR_START].to_list()
    return any(day != JANUARY for day in year_starts)


def too_many(block: Dataset, component: Component, maximum: int) -> list[list[str]]:
    excess: list[list[str]] = []
    for frame in (block.observations, block.series, *block.partial.values()):
        if frame.schema.get(component.id) == pl.List(pl.String):
            column = frame[component.id].list.drop_nulls()
            excess += column.filter(column.list.len() > maximum).head(MANY).to_list()
    return excess


def distinct(block: Dataset, names: Sequence[str]) -> dict[str, pl.Series]:
    """The different values of each of these components, wherever they stand, in the order in which they come."""
    parts: dict[str, list[pl.Series]] = {name: [] for name in names}
    for frame in (block.observations, block.series, *block.partial.values()):
        columns = [name for name in names if name in frame.columns]
        for column in frame.select(different(name, frame.schema[name]) for name in columns):
            parts[column.name].append(column[0])
    for name in names:
        if (attribute_value := block.attributes.get(name)) is not None:
            parts[name].append(pl.Series([attribute_value]))
    return {name: united(lists) for name, lists in parts.items()}


def united(parts: Sequence[pl.Series]) -> pl.Series:
    if parts and all(part.equals(parts[0]) for part in parts[1:]):
        return parts[0]
    return pl.concat([pl.Series(dtype=pl.String), *parts]).unique(maintain_order=True)


def different(name: str, dtype: pl.DataType) -> pl.Expr:
    """List distinct values; repetitions of the previous value are dropped first.

    Sorted data leave few values to compare.
    """
    column = pl.col(name)
    if dtype == pl.List(pl.String):
        column = column.explode()
    elif dtype != pl.String:
        return pl.lit(pl.Series(name, [[]], dtype=pl.List(pl.String)))
    return column.drop_nulls().unique(maintain_order=True).implode()
