"""What is wrong with the values of data: codes that no list has, texts of another type, what lacks, what is repeated.

It looks at columns, block by block, and at each distinct value once; so it costs little beside the reading.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from sdmxmig.formats.seeking import MANY, Sought
from sdmxmig.model.data import Dataset, Flow
from sdmxmig.model.data_structures import Component, whole_number
from sdmxmig.periods import parse
from sdmxmig.rules.codes import nearest_code
from sdmxmig.rules.values import PATTERNS

MISSING = ("NaN", "#N/A")
"""How values say that they are missing on purpose."""
WHOLE_ACTIONS = ("I", "R")
"""Observations with these actions are whole: what they have to have stands with them."""
ZONE = r"(Z|[+-]\d\d:\d\d)?"
DATE, TIME = r"\d{4}-\d\d-\d\d", r"T\d\d:\d\d:\d\d(\.\d+)?"
DURATION = r"P(?=.)(\d+Y)?(\d+M)?(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?"
MOMENT = re.compile(rf"{DATE}{TIME}{ZONE}|{DATE}({TIME})?{ZONE}/{DURATION}", re.ASCII)
PERIODS = ("ObservationalTimePeriod", "StandardTimePeriod", "BasicTimePeriod")
BOOLEAN = r"^(true|false|1|0)$"

Judge = Callable[[pl.Series], list[tuple[str, str]]]
"""Gives the wrong ones of distinct values, each with what is said of it."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """Something wrong with a value, and what has to be sought to find its place."""

    message: str
    sought: Sought


@dataclass(slots=True)
class Contents:
    """Takes the blocks of a message, one after the other, and keeps what is wrong with them.

    `size` counts observations. `unchecked` names components whose codelist is not known.
    """

    size: int = 0
    found: dict[str, Wrong] = field(default_factory=dict)
    unchecked: dict[str, None] = field(default_factory=dict)
    _judges: dict[tuple[str, str], Judge | None] = field(default_factory=dict)
    _keys: pl.Series = field(default_factory=lambda: pl.Series(dtype=pl.UInt64))
    _open: tuple[Dataset, dict[str, None]] | None = None

    def take(self, block: Dataset) -> None:
        """Look at a block."""
        self.size += block.observations.height
        if not block.continues:
            self.close()
            self._open = (block, {})
            self._keys = self._keys.clear()
        if self._open is not None:
            self._open[1].update(dict.fromkeys(given_attributes(block)))
        if block.action == "D":  # what is deleted is named by what it has
            return
        found = {one.id: self._judge(block.flow, one) for one in block.flow.structure.components}
        judges = {name: judge for name, judge in found.items() if judge}
        for name, values in distinct(block, list(judges)).items():
            for value, message in judges[name](values):
                self._add(message, name, {name: value})
        self._look_for_gaps(block)
        self._look_for_twins(block)

    def close(self) -> None:
        """The dataset that was open has ended: see whether it had all attributes of the whole."""
        if self._open is None or not self.size:
            return
        first, given = self._open
        for component in first.flow.structure.attributes("dataset"):
            if component.mandatory and component.id not in given and first.action in WHOLE_ACTIONS:
                self._add(f"The dataset lacks the attribute {component.id}.", component.id, {}, most=1)

    def _add(
        self, message: str, component: str, where: Mapping[str, str | None], *, skip: int = 0, most: int = MANY
    ) -> None:
        if len(self.found) < MANY * MANY:
            self.found.setdefault(message, Wrong(message, Sought(component, where, skip, most)))

    def _judge(self, flow: Flow, component: Component) -> Judge | None:
        """What judges the values of a component; None if nothing is known of them."""
        key = (flow.dataflow.ref.urn, component.id)
        if key not in self._judges:
            codelist = flow.codelist(component)
            if component.is_coded and (codelist is None or codelist.extensions):
                self.unchecked[component.id] = None
            self._judges[key] = judge_of(flow, component)
        return self._judges[key]

    def _look_for_gaps(self, block: Dataset) -> None:
        """Look for observations without a dimension, and for what lacks an attribute that it has to have."""
        structure = block.flow.structure
        for name in structure.key:
            column = block.observations[name]
            if column.null_count():
                self._add(f"An observation lacks the dimension {name}.", name, {name: None})
        if block.action not in WHOLE_ACTIONS:
            return
        for level, frame, key in (
            ("observation", block.observations, structure.key),
            ("series", block.series, structure.series_key),
        ):
            for component in structure.attributes(level):
                if component.mandatory and component.id in frame.columns:
                    lacking = frame.filter(pl.col(component.id).is_null()).select(key).head(MANY)
                    for row in lacking.iter_rows(named=True):
                        said = f"{level.capitalize()} {said_key(row)} lacks the attribute {component.id}."
                        self._add(said, component.id, {**row, component.id: None}, most=1)

    def _look_for_twins(self, block: Dataset) -> None:
        """Look for observations that came before, in this block or an earlier one of the dataset."""
        key = list(block.flow.structure.key)
        hashes = block.observations.select(key).hash_rows()
        again = ~hashes.is_first_distinct() | hashes.is_in(self._keys.implode())
        if again.any():
            for row in block.observations.filter(again).select(key).head(MANY).iter_rows(named=True):
                self._add(f"Observation {said_key(row)} stands twice.", key[-1], row, skip=1)
        self._keys = pl.concat([self._keys, hashes])


def said_key(row: Mapping[str, str | None]) -> str:
    """A key as people say it."""
    return ".".join(value or "*" for value in row.values())


def given_attributes(block: Dataset) -> Iterator[str]:
    """The attributes of the whole dataset that have a value."""
    yield from block.attributes
    for dims, frame in block.partial.items():
        if not dims:
            yield from (name for name in frame.columns if frame[name].null_count() < frame.height)


def distinct(block: Dataset, names: Sequence[str]) -> dict[str, pl.Series]:
    """The different values of each of these components, wherever they stand, in the order in which they come."""
    parts: dict[str, list[pl.Series]] = {name: [] for name in names}
    for frame in (block.observations, block.series, *block.partial.values()):
        here = [name for name in names if name in frame.columns]
        for column in frame.select(different(name, frame.schema[name]) for name in here):
            parts[column.name].append(column[0])
    for name in names:
        if (given := block.attributes.get(name)) is not None:
            parts[name].append(pl.Series([given]))
    return {name: united(found) for name, found in parts.items()}


def united(parts: Sequence[pl.Series]) -> pl.Series:
    """The different texts of several lists, each without repetitions, in the order in which they come."""
    if parts and all(one.equals(parts[0]) for one in parts[1:]):
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


def judge_of(flow: Flow, component: Component) -> Judge | None:
    """What judges the values of a component: its codelist, its data type, the length of its text."""
    codelist = flow.codelist(component)
    if component.is_coded:
        if codelist is None or codelist.extensions:
            return None
        may_miss = component.role in ("measure", "attribute")
        known = frozenset((*codelist.ids, *(MISSING if may_miss else ())))

        def strange(values: pl.Series) -> list[tuple[str, str]]:
            return [
                (value, f"“{value}” of {component.id} is not a code of {codelist.ref.short}.{hint(value)}")
                for value in values.to_list()
                if value not in known
            ]

        def hint(value: str) -> str:
            near = nearest_code(value, codelist)
            return f" Its codes are {near}." if ", " in near else f" Did you mean {near}?" if near else ""

        return strange
    return judge_of_text(component)


def judge_of_text(component: Component) -> Judge | None:
    """What judges the values of a component without a codelist."""
    data_type = component.data_type or ("ObservationalTimePeriod" if component.role == "time" else "")
    pattern = BOOLEAN if data_type == "Boolean" else PATTERNS.get(data_type)
    longest = next((whole_number(value) for name, value in component.facets if name == "maxLength"), None)

    def wrong(values: pl.Series) -> list[tuple[str, str]]:
        found = []
        if pattern:
            texts = values.filter(~values.str.contains(pattern) & ~values.is_in(MISSING))
            found += [(text, f"“{text}” of {component.id} is not {data_type}.") for text in texts]
        elif data_type in PERIODS:
            found += [(text, f"“{text}” of {component.id} is no period.") for text in values if not is_period(text)]
        if longest:
            said = f"A text of {component.id} is longer than {longest} characters"
            found += [(text, f"{said}: “{text[:40]}…”.") for text in values.filter(values.str.len_chars() > longest)]
        return found

    return wrong if pattern or longest or data_type in PERIODS else None


def is_period(text: str) -> bool:
    """Whether a text is a period of SDMX: of a calendar or for reporting, a moment, or a range.

    >>> [is_period(text) for text in ("2024", "2024-Q1", "2024-01-31T12:00:00", "2024-01-01/P1M", "31.1.2024")]
    [True, True, True, True, False]
    """
    plain = re.sub(r"(?<=\d)(Z|[+-]\d\d:\d\d)$", "", text) if len(text) > len("2024-01") else text
    return parse(plain) is not None or MOMENT.fullmatch(text) is not None
