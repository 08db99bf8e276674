"""Detection of duplicate observations when the keys do not fit in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import polars as pl

from sdmxmig.primitives.periods import DAILY_FREQUENCIES, PER_YEAR, is_period, parse
from sdmxmig.sdmx.formats.duplicates import PackedKeys
from sdmxmig.sdmx.frames import is_run_start
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.data_structures import DataStructure

HASH_SEEDS = (1, 2)
"""Seeds of two 64-bit hashes; a collision in both is not expected."""
HASH_COLUMNS = ("column_0", "column_1")
OCCURS_TWICE = "occurs twice."
SENDER_ATTRIBUTES = "setID"
"""The sender's name for a dataset, which does not affect the meaning of its values."""


def hash_keys(keys: pl.DataFrame, group: int) -> pl.DataFrame:
    """Hash keys, one row per key; equal keys in different groups have different hashes."""
    *leading, last = keys.columns
    heads = keys.select(leading) if leading else keys
    runs = pl.int_range(keys.height, dtype=pl.UInt32, eager=True)
    if leading and keys.height > 1:
        new = keys.select(new=pl.any_horizontal(map(is_run_start, leading)))["new"]
        heads = heads.filter(pl.concat([pl.Series([True]), new]))
        runs = pl.concat([pl.Series([0], dtype=pl.UInt32), new.cast(pl.UInt32).cum_sum().cast(pl.UInt32)])
    seeds = [seed + group * len(HASH_SEEDS) for seed in HASH_SEEDS]
    wholes = (pl.DataFrame([heads.hash_rows(seed).gather(runs), keys[last]]).hash_rows(seed) for seed in seeds)
    return pl.DataFrame([whole.alias(name) for name, whole in zip(HASH_COLUMNS, wholes, strict=True)])


@dataclass(slots=True)
class DatasetGroups:
    """Numbers for datasets in which a key may appear only once; a deleted key may be sent again."""

    _numbers: dict[tuple[object, ...], int] = field(default_factory=dict)
    _deletions: dict[object, int] = field(default_factory=dict)

    def of(self, block: Dataset) -> int:
        structure_ref = block.refers_to or block.flow.dataflow.ref
        if block.action == "D" and not block.continues:
            self._deletions[structure_ref] = self._deletions.get(structure_ref, 0) + 1
        dates = tuple(sorted(pair for pair in block.properties.items() if pair[0] != SENDER_ATTRIBUTES))
        key = (structure_ref, block.action, dates, self._deletions.get(structure_ref, 0))
        return self._numbers.setdefault(key, len(self._numbers))


class ObservationKeys:
    """The keys of one message, added block by block; duplicates within a block are reported at once."""

    def __init__(self) -> None:
        self._keys = PackedKeys()

    def find_repeated(self, keys: pl.DataFrame, group: int) -> pl.DataFrame:
        hashes = hash_keys(keys, group)
        is_first = hashes[HASH_COLUMNS[0]].is_first_distinct()
        self._keys.add(hashes.filter(is_first))
        if is_first.all():
            return keys.clear()
        repeated = keys.filter(hashes[HASH_COLUMNS[0]].is_duplicated())
        return repeated.filter(~repeated.select(pl.struct(pl.all()))[:, 0].is_first_distinct())

    def across(self) -> pl.DataFrame:
        return self._keys.find_all_duplicates()


Row = dict[str, str | None]
Key = tuple[tuple[str, str | None], ...]
Occurrences = list[tuple[int, Row]]
"""Position of an observation: the number of its dataset, counted from 1, and its row."""


@dataclass(slots=True, kw_only=True)
class RepeatedObservations:
    """A second reading of a message, which locates keys that appear in several blocks."""

    duplicates: pl.DataFrame
    occurrences: dict[tuple[int, Key], Occurrences] = field(default_factory=dict)
    _groups: DatasetGroups = field(default_factory=DatasetGroups)
    _number: int = 0

    def look(self, block: Dataset) -> None:
        group = self._groups.of(block)
        self._number += not block.continues
        if block.action == "D":
            return
        key = block.flow.structure.key
        hashes = hash_keys(block.observations.select(key), group)
        rows = pl.concat([block.observations, hashes], how="horizontal").join(
            self.duplicates, on=HASH_COLUMNS, how="semi"
        )
        for row in rows.drop(HASH_COLUMNS).unique(key, keep="first", maintain_order=True).iter_rows(named=True):
            named = tuple((name, row[name]) for name in key)
            self.occurrences.setdefault((group, named), []).append((self._number, row))


def describe_repetition(first: tuple[int, Row], second: tuple[int, Row]) -> str:
    (first_number, old), (number, new) = first, second
    if first_number == number:
        return OCCURS_TWICE
    changed = [name for name in new if name in old and old[name] != new[name]]
    values = "; ".join(f"{name} is {quote_value(old[name])} and {quote_value(new[name])}" for name in changed)
    return f"is in datasets {first_number} and {number}{': ' + values if values else ''}."


def quote_value(value: object) -> str:
    return "empty" if value is None else f"“{value}”"


FREQUENCY_IDS = ("FREQ", "FREQUENCY")
KNOWN_FREQUENCIES = (*PER_YEAR, *DAILY_FREQUENCIES, "W")
"""Frequency codes with exactly one form of period; others, such as irregular, accept any."""


def find_frequency(structure: DataStructure) -> str:
    for component in structure.select_role("dimension"):
        roles = {ref.item for ref in component.concept_roles}
        if component.id in FREQUENCY_IDS or "FREQ" in roles or component.concept.item == "FREQ":
            return component.id
    return ""


def find_invalid_periods(block: Dataset) -> Iterator[tuple[str, dict[str, str]]]:
    """Find periods that are invalid or do not match their frequency, with a sentence and both values."""
    structure = block.flow.structure
    frequency, time = find_frequency(structure), structure.time
    if not frequency or time is None or not block.observations.height:
        return
    for code, text in block.observations.select(frequency, time.id).unique(maintain_order=True).iter_rows():
        if code in KNOWN_FREQUENCIES and text is not None and parse(text) is not None and not is_period(text, code):
            sentence = f"“{text}” of {time.id} is not a period of the frequency {code} ({frequency})."
            yield sentence, {frequency: code, time.id: text}
