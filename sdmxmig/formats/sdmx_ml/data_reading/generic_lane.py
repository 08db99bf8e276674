"""The fast lane of generic data 2.1: runs of series, or of observations with their whole key.

As in structure-specific data, one regular expression proves the run. Each series and each observation then becomes
one row, in which every value is a pair of slots, the id and the value.
"""

from __future__ import annotations

import re

import polars as pl

from sdmxmig.formats.sdmx_ml.data_reading.levels import Level
from sdmxmig.formats.sdmx_ml.data_reading.records import NUMBER
from sdmxmig.formats.sdmx_ml.data_reading.regular import (
    LEARNING_LIMIT,
    SLOT,
    Run,
    fits,
    slots_of,
    without_references,
)
from sdmxmig.formats.sdmx_ml.data_reading.sequences import BLANK, PLAIN, Sequence, merged

VALUE = re.compile(r'<(?:[\w.-]+:)?Value id="([^"]*)" value="(&?)"')
NO_VALUE = re.compile(rb'(?<= value=)"[^"&]*(&?)[^"]*"')
OBSERVED = "\x03"
"""Stands for the measure among the ids of an observation; no document can hold this character."""
ROW, HEAD = b"\x01", b"\x02"


class GenericLane:
    """Runs of generic data, read as columns. `prefix` is how the document spells the namespace of generic data."""

    def __init__(self, levels: tuple[Level, ...], measure: str, prefix: str) -> None:
        self.levels = levels
        self.measure = measure
        self.prefix = prefix
        self.by_series = len(levels) > 1
        self.start = f"<{prefix}{'Series' if self.by_series else 'Obs'}>".encode()
        self.learnt: tuple[Sequence, ...] = ()
        self.dimension = ""
        self.lessons = 0
        self.pattern = ""

    def learn(self, sample: bytes) -> bool:
        """Learn the order of values from a part of the message; False if it has none, or nothing new."""
        self.lessons += 1
        if self.lessons > LEARNING_LIMIT:
            return False
        bare = NO_VALUE.sub(rb'"\1"', sample).decode("utf-8", "replace")
        tag = re.escape(self.prefix)
        whole = set(re.findall(rf"<{tag}Obs>(.*?)</{tag}Obs>", bare, re.DOTALL))
        seen = [{self._names(body) for body in whole}]
        if self.by_series:
            found = re.search(rf"<{tag}ObsDimension( id=\"[^\"]*\")? value=\"", bare)
            self.dimension = (found.group(1) or "") if found else ""
            heads = re.findall(rf"<{tag}SeriesKey>(.*?)(?:<{tag}Obs>|</{tag}Series>)", bare, re.DOTALL)
            seen.insert(0, {tuple(VALUE.findall(head)) for head in set(heads)})
        learnt = []
        for number, (level, names) in enumerate(zip(self.levels, seen, strict=True)):
            sequence = merged(self.learnt[number] if self.learnt else None, names)
            if sequence is None or not self._possible(sequence, level):
                return False
            learnt.append(sequence)
        if tuple(learnt) == self.learnt:
            return False
        self.learnt = tuple(learnt)
        self.pattern = self._pattern()
        return True

    def _names(self, body: str) -> tuple[tuple[str, str], ...]:
        before, value, after = body.partition(f"<{self.prefix}ObsValue value=")
        own = [(OBSERVED, "&" if after.startswith('"&"') else "")] if value else []
        return (*VALUE.findall(before), *own, *VALUE.findall(after))

    def _possible(self, sequence: Sequence, level: Level) -> bool:
        own = {self.measure if name == OBSERVED else name for name in sequence.names}
        needed = level.needed if level.title != "Obs" or not self.by_series else frozenset[str]()
        key = frozenset(level.required) if self.by_series and level.title == "Obs" else frozenset[str]()
        named = self.dimension in ("", *(f' id="{name}"' for name in key or ("",)))
        return (
            len(own) == len(sequence.names)
            and level.names.issuperset(own)
            and key.isdisjoint(own)
            and needed.issubset(sequence.always)
            and (named or not key)
            and (OBSERVED not in sequence.always or OBSERVED in sequence.names[: sequence.firm])
        )

    def _pattern(self) -> str:
        tag = re.escape(self.prefix)

        def listed(sequence: Sequence, names: list[str]) -> str:
            parts = []
            for name in names:
                part = f'{BLANK}<{tag}Value id="{re.escape(name)}" value="{sequence.value(name)}"{BLANK}/>'
                parts.append(part if name in sequence.always else f"(?:{part})?")
            return "".join(parts)

        def element(name: str, body: str, *, always: bool) -> str:
            whole = f"{BLANK}<{tag}{name}>{body}{BLANK}</{tag}{name}>"
            return whole if always else f"(?:{whole})?"

        def attributes(sequence: Sequence, names: list[str]) -> str:
            return element("Attributes", listed(sequence, names), always=False) if names else ""

        own = self.learnt[-1]
        level = self.levels[-1]
        described = [name for name in own.names if name != OBSERVED and name not in level.required]
        value = f'{BLANK}<{tag}ObsValue value="{own.value(OBSERVED)}"{BLANK}/>'
        value = "" if OBSERVED not in own.names else value if OBSERVED in own.always else f"(?:{value})?"
        if self.by_series:
            key = f'{BLANK}<{tag}ObsDimension{self.dimension} value="{PLAIN}"{BLANK}/>'
        else:
            key = element("ObsKey", listed(own, [n for n in own.names if n in level.required]), always=True)
        observation = element("Obs", key + value + attributes(own, described), always=True)
        if not self.by_series:
            return rf"\A(?:{observation})+\z"
        head, above = self.learnt[0], self.levels[0]
        body = element("SeriesKey", listed(head, [n for n in head.names if n in above.required]), always=True)
        body += attributes(head, [n for n in head.names if n not in above.required])
        return rf"\A(?:{element('Series', f'{body}(?:{observation})*', always=True)})+\z"

    def read(self, run: bytes) -> Run | None:
        """Read a run of whole elements; None if it cannot be proved regular as far as its order is learnt."""
        run = run.strip(b" \t\r\n")
        learnt = self.learnt
        if not learnt or not fits(self.pattern, run):
            return None
        prefix = self.prefix.encode()
        rows = run.replace(b"<" + prefix + b"Obs>", ROW)
        if OBSERVED in learnt[-1].names and OBSERVED not in learnt[-1].always:
            rows = rows.replace(b"<" + prefix + b"ObsValue value=", b'<ObsValue id="' + OBSERVED.encode() + b'" value=')
        if self.by_series:
            rows = rows.replace(b"<" + prefix + b"Series>", ROW + HEAD)
        places = [self._places(sequence, last=number + 1 == len(learnt)) for number, sequence in enumerate(learnt)]
        ragged = [slot for sequence, own in zip(learnt, places, strict=True) for slot, _ in own[sequence.firm :]]
        wanted = {slot for own in places for _, slot in own} | set(ragged)
        wanted |= {0, self._dimension_slot()} if self.by_series else set()
        frame = slots_of(rows[len(ROW) :], max(wanted) + 2, sorted(wanted), ROW.decode())
        if frame.height != rows.count(ROW):
            return None
        if not self.by_series:
            found = self._finished(frame, learnt[0], places[0])
            return None if found is None else Run(None, found)
        is_head = pl.col(SLOT.format(0)).str.starts_with(HEAD.decode())
        frame = frame.with_columns(is_head.alias("s"))
        frame = frame.with_columns((pl.col("s").cum_sum() - 1).alias(NUMBER))
        heads = self._finished(frame.filter("s").drop(NUMBER), learnt[0], places[0])
        body = self._finished(frame.filter(~pl.col("s")), learnt[1], places[1])
        return None if heads is None or body is None else Run(heads, body)

    def _dimension_slot(self) -> int:
        return 3 if self.dimension else 1

    def _places(self, sequence: Sequence, *, last: bool) -> list[tuple[int, int]]:
        """The slots of id and value of each place in a row; a measure that is always there has a value only."""
        slot = self._dimension_slot() + 1 if last and self.by_series else 0
        places = []
        for name in sequence.names:
            if name == OBSERVED and name in sequence.always:
                places.append((slot, slot + 1))
                slot += 2
            else:
                places.append((slot + 1, slot + 3))
                slot += 4
        return places

    def _finished(self, rows: pl.DataFrame, sequence: Sequence, places: list[tuple[int, int]]) -> pl.DataFrame | None:
        def text(slot: int) -> pl.Expr:
            return pl.col(SLOT.format(slot)).fill_null("")

        columns: list[pl.Expr] = []
        if NUMBER in rows.columns:
            columns.append(pl.col(NUMBER).cast(pl.UInt32))
            columns.append(text(self._dimension_slot()).alias(self.levels[-1].required[0]))
        for index, name in enumerate(sequence.names):
            own = self.measure if name == OBSERVED else name
            if index < sequence.firm:
                columns.append(text(places[index][1]).alias(own))
                continue
            found = [
                pl.when(pl.col(SLOT.format(places[slot][0])) == name).then(text(places[slot][1]))
                for slot in sequence.slots(index)
                if slot >= sequence.firm
            ]
            columns.append(pl.coalesce(found).alias(own))
        frame = rows.select(columns)
        referring = [self.measure if name == OBSERVED else name for name in sequence.referring]
        return without_references(frame, sorted(referring)) if referring else frame
