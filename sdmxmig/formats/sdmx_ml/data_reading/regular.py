"""The fast lane: long runs of series or observations that are proved regular are read as columns at once.

A run is taken only if one regular expression of what such a run may look like fits all its bytes: whole elements with
known names in one order, nothing else. The same proof allows to cut it at its quotation marks. Everything else is left
to the parser, which also says what is wrong with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from sdmxmig.formats.sdmx_ml.data_reading.levels import Level
from sdmxmig.formats.sdmx_ml.data_reading.records import NUMBER
from sdmxmig.formats.sdmx_ml.data_reading.sequences import BLANK, Sequence, decoded, merged

VALUES = re.compile(rb'"[^"&]*(&?)[^"]*"')
NAME = re.compile(r"([^\s\"=<>/]+)=(&?)")
LEARNING_LIMIT = 20
SLOT = "c{}"


@dataclass(frozen=True, slots=True)
class Run:
    """What a run held: its series, and its observations with the number of their series; or only observations."""

    series: pl.DataFrame | None
    observations: pl.DataFrame


def slots_of(run: bytes, width: int, wanted: list[int], end: str) -> pl.DataFrame:
    """Cut a run into rows at `end` and into slots at the quotation marks; what is empty or lacks is null.

    A run that cannot be cut gives no rows.
    """
    widest = b'"' * (width - 1) + end.encode()  # a row with every slot, so that all of them are found
    schema = {SLOT.format(number): pl.String for number in range(width)}
    try:
        rows = pl.read_csv(
            widest + run,
            separator='"',
            quote_char=None,
            eol_char=end,
            has_header=False,
            columns=wanted,
            schema=schema,
            truncate_ragged_lines=True,
        )
    except pl.exceptions.PolarsError:
        return pl.DataFrame()
    return rows.slice(1)


def fits(pattern: str, run: bytes) -> bool:
    """Whether a regular expression fits the run from its first to its last byte; it also has to be UTF-8."""
    try:
        text = pl.Series([run], dtype=pl.Binary).cast(pl.String)
        return bool(text.str.contains(pattern)[0])
    except pl.exceptions.PolarsError:
        return False


def without_references(frame: pl.DataFrame, names: Iterable[str]) -> pl.DataFrame | None:
    """A frame whose columns `names` have their references replaced; None if one stands for no character."""
    replaced = []
    for name in names:
        column = frame[name]
        found = column.filter(column.str.contains("&", literal=True).fill_null(value=False)).unique()
        if not found.len():
            continue
        texts = [decoded(value) for value in found]
        if None in texts:
            return None
        replaced.append(column.replace(found, pl.Series(texts, dtype=pl.String)))
    return frame.with_columns(replaced)


class SpecificLane:
    """Runs of structure-specific data: series with observations, or observations that carry their whole key."""

    def __init__(self, names: dict[str, str], levels: tuple[Level, ...], series: bytes, observation: bytes) -> None:
        self.names = names
        self.levels = levels
        self.series = series.decode()
        self.observation = observation.decode()
        self.start = b"<" + (series or observation) + b" "
        self.learnt: tuple[Sequence, ...] = ()
        self.lessons = 0
        self.pattern = ""

    def learn(self, sample: bytes) -> bool:
        """Learn the order of attributes from a part of the message; False if it has none, or nothing new."""
        self.lessons += 1
        if self.lessons > LEARNING_LIMIT:
            return False
        bare = VALUES.sub(rb"\1", sample).decode("utf-8", "replace")
        tags = [self.series, self.observation] if self.series else [self.observation]
        learnt = []
        for number, tag in enumerate(tags):
            own = set(re.findall(f"<{re.escape(tag)}([ />][^<>]*)", bare))
            seen = {tuple(NAME.findall(attributes)) for attributes in own}
            old = self.learnt[number] if self.learnt else None
            sequence = merged(old, seen)
            if sequence is None or not self._possible(sequence, self.levels[number]):
                return False
            learnt.append(sequence)
        if tuple(learnt) == self.learnt:
            return False
        self.learnt = tuple(learnt)
        self.pattern = self._pattern()
        return True

    def _possible(self, sequence: Sequence, level: Level) -> bool:
        own = [self.names.get(name, name) for name in sequence.names]
        always = {self.names.get(name, name) for name in sequence.always}
        return (
            sequence.firm > 0
            and len(set(own)) == len(own)
            and level.names.issuperset(own)
            and level.needed.issubset(always)
        )

    def _pattern(self) -> str:
        tags = []
        for sequence in self.learnt:
            parts = [f' {re.escape(name)}="{sequence.value(name)}"' for name in sequence.names]
            pairs = zip(parts, sequence.names, strict=True)
            tags.append("".join(part if name in sequence.always else f"(?:{part})?" for part, name in pairs))
        observation = f"{BLANK}<{re.escape(self.observation)}{tags[-1]}{BLANK}/>"
        if not self.series:
            return rf"\A(?:{observation})+\z"
        tag = re.escape(self.series)
        body = rf"{BLANK}>(?:{observation})*{BLANK}</{tag}{BLANK}>"
        return rf"\A(?:{BLANK}<{tag}{tags[0]}(?:{BLANK}/>|{body}))+\z"

    def read(self, run: bytes) -> Run | None:
        """Read a run of whole elements; None if it cannot be proved regular as far as its order is learnt."""
        run = run.rstrip(b" \t\r\n")
        learnt, pattern = self.learnt, self.pattern
        if not learnt or not fits(pattern, run):
            return None
        wanted = {0} if self.series else set[int]()
        for sequence in learnt:
            wanted |= {2 * index + 1 for index in range(len(sequence.names))}
            wanted |= {2 * index for index in range(sequence.firm, len(sequence.names))}
        width = 2 * max(len(sequence.names) for sequence in learnt) + 1
        rows = slots_of(run, width, sorted(wanted), ">")
        if rows.height != run.count(b">"):
            return None
        if not self.series:
            found = self._finished(rows, learnt[0])
            return None if found is None else Run(None, found)
        first = pl.col(SLOT.format(0))
        is_series = first.str.ends_with(f"<{self.series} {learnt[0].names[0]}=")
        is_observation = first.str.ends_with(f"<{self.observation} {learnt[1].names[0]}=")
        rows = rows.with_columns(is_series.alias("s"), is_observation.alias("o"))
        rows = rows.with_columns((pl.col("s").cum_sum() - 1).alias(NUMBER))
        heads = self._finished(rows.filter("s").drop(NUMBER), learnt[0])
        body = self._finished(rows.filter("o"), learnt[1])
        return None if heads is None or body is None else Run(heads, body)

    def _finished(self, rows: pl.DataFrame, sequence: Sequence) -> pl.DataFrame | None:
        columns = [pl.col(NUMBER).cast(pl.UInt32)] if NUMBER in rows.columns else []
        for index, name in enumerate(sequence.names):
            own = self.names.get(name, name)
            if index < sequence.firm:
                columns.append(pl.col(SLOT.format(2 * index + 1)).fill_null("").alias(own))
                continue
            places = [
                pl.when(pl.col(SLOT.format(2 * slot)) == f" {name}=").then(
                    pl.col(SLOT.format(2 * slot + 1)).fill_null("")
                )
                for slot in sequence.slots(index)
                if slot >= sequence.firm
            ]
            columns.append(pl.coalesce(places).alias(own))
        frame = rows.select(columns)
        referring = [self.names.get(name, name) for name in sequence.names if name in sequence.referring]
        return without_references(frame, referring) if referring else frame
