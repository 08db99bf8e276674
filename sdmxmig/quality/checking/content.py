"""What is wrong with the values of data: codes that no list has, texts of another type, what lacks, what is repeated.

It looks at columns, block by block, and at each distinct value once; so it costs little beside the reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field

import polars as pl

from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.quality.checking.judges import Judge, judge_of
from sdmxmig.quality.checking.limits import not_allowed
from sdmxmig.quality.rules.constraints import unjudged
from sdmxmig.sdmx.checking.duplicate_observations import (
    STANDS_TWICE,
    DatasetGroups,
    ObservationKeys,
    RepeatedObservations,
    repetition_sentence,
)
from sdmxmig.sdmx.checking.frequencies import misfits
from sdmxmig.sdmx.checking.versions import LATEST, WHOLE, FormatVersion
from sdmxmig.sdmx.formats.inference import GUESSED, described
from sdmxmig.sdmx.formats.locating import MANY, Sought
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.data_structures import Component, whole_number

YEAR_START, JANUARY = "REPORTING_YEAR_START_DAY", "--01-01"


@dataclass(frozen=True, slots=True)
class ValueProblem:
    """Something wrong with a value, and what has to be sought to find its place.

    Of what stands `again`, such as the second of three times, it says (1, 3): its first and its second place count.
    """

    message: str
    sought: Sought
    _: KW_ONLY
    again: tuple[int, int] = (0, 0)


@dataclass(slots=True)
class Contents:
    """Takes the blocks of a message, one after the other, and keeps what is wrong with them.

    `size` counts observations. `unlisted` names components whose codelist is not known, `unchecked` says what else
    could not be judged, `described` which structures are known from the message alone, `taken` what was
    taken for what is not named in full. `duplicates` are the hashes of keys
    that stand in several blocks.
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
        """The message has ended: see which keys stood in several of its blocks."""
        self._close_dataset()
        self.duplicates = self._keys.across()

    def _close_dataset(self) -> None:
        """The dataset that was open has ended: see whether it had all attributes of the whole."""
        if self._open is None or not self.size:
            return
        first_block, attributes_given = self._open
        for component in first_block.flow.structure.attributes("dataset"):
            if component.mandatory and component.id not in attributes_given and first_block.action in WHOLE:
                self._add(f"The dataset lacks the attribute {component.id}.", component.id, {}, most=1)

    def report_duplicates(self, blocks: Iterable[Dataset]) -> None:
        """Say which observations stand in several blocks, from the blocks of the same message, read again."""
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
        """Hold each value against what its component may have."""
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
        """What judges the values of a component; None if nothing is known of them."""
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
        """Look for observations that came before in this block; those of other blocks are known at the end."""
        key = list(block.flow.structure.key)
        if not key or not block.observations.height:
            return
        for row in self._keys.among(block.observations.select(key), group).head(MANY).iter_rows(named=True):
            self._twice(row)


def may_be_off(flow: Flow, dimension: str) -> bool:
    """Whether a dimension may be switched off: in data of a structure that may get more of them (SDMX 3.1)."""
    is_whole = flow.dataflow.ref.id == flow.structure.ref.id and not flow.dataflow.constrained
    return flow.structure.evolving and is_whole and dimension in flow.structure.series_key


def key_text(row: Mapping[str, str | None]) -> str:
    """A key as people say it."""
    return ".".join(value or "*" for value in row.values())


def attributes_with_value(block: Dataset) -> Iterator[str]:
    """The attributes of the whole dataset that have a value."""
    yield from block.attributes
    for dims, frame in block.partial.items():
        if not dims:
            yield from (name for name in frame.columns if frame[name].null_count() < frame.height)


def has_own_years(block: Dataset) -> bool:
    """Whether reporting years begin on another day than that of the calendar."""
    if YEAR_START not in block.flow.structure:
        return False
    year_starts = distinct(block, [YEAR_START])[YEAR_START].to_list()
    return any(day != JANUARY for day in year_starts)


def too_many(block: Dataset, component: Component, maximum: int) -> list[list[str]]:
    """Values that stand together and are more than a component may have."""
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
    """The different texts of several lists, each without repetitions, in the order in which they come."""
    if parts and all(part.equals(parts[0]) for part in parts[1:]):
        return parts[0]
    return pl.concat([pl.Series(dtype=pl.String), *parts]).unique(maintain_order=True)


def different(name: str, dtype: pl.DataType) -> pl.Expr:
    """The different values of a column as one list; values that repeat the one before them are passed over first.

    Data stand sorted by series as a rule, so that few are left to compare with all others.
    """
    column = pl.col(name)
    if dtype == pl.List(pl.String):
        column = column.explode()
    elif dtype != pl.String:
        return pl.lit(pl.Series(name, [[]], dtype=pl.List(pl.String)))
    return column.drop_nulls().unique(maintain_order=True).implode()
