"""Fast reading of generic data 2.1."""

from __future__ import annotations

import re

import polars as pl

from sdmxmig.sdmx.formats.sdmx_ml.data_reading.levels import MessageLevel
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.pieces import Template, TemplateField, TemplateItem
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.regular import ObservedNames, RegularLane, RunMarks
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.sequences import BLANK, PLAIN, Sequence

VALUE = re.compile(r'<(?:[\w.-]+:)?Value id="([^"]*)" value="(&?)"')
NO_VALUE = re.compile(rb'(?<= value=)"[^"&]*(&?)[^"]*"')
OBSERVED = "\x03"
"""Marks the measure among the ids of an observation; XML cannot contain this character."""


class GenericLane(RegularLane):
    """Fast reader of generic data. `prefix` is the namespace prefix of generic data in the document."""

    def __init__(self, levels: tuple[MessageLevel, ...], measure: str, prefix: str) -> None:
        self.measure = measure
        self.prefix = prefix
        self.dimension = ""
        series = len(levels) > 1
        start, end = (f"<{prefix}Series>", f"</{prefix}Series>") if series else ("", "")
        super().__init__(levels, RunMarks(start, f"<{prefix}Obs>", end=end))

    def observed_names(self, sample: bytes) -> list[ObservedNames]:
        """The ids of values in whole elements."""
        bare = NO_VALUE.sub(rb'"\1"', sample).decode("utf-8", "replace")
        tag = re.escape(self.prefix)
        whole = set(re.findall(rf"<{tag}Obs>(.*?)</{tag}Obs>", bare, re.DOTALL))
        seen_names: list[ObservedNames] = [{self._names(body) for body in whole}]
        if self.marks.series:
            match = re.search(rf"<{tag}ObsDimension( id=\"[^\"]*\")? value=\"", bare)
            self.dimension = (match.group(1) or "") if match else ""
            heads = re.findall(rf"<{tag}SeriesKey>(.*?)(?:<{tag}Obs>|</{tag}Series>)", bare, re.DOTALL)
            seen_names.insert(0, {tuple(VALUE.findall(head)) for head in set(heads)})
        return seen_names

    def _names(self, body: str) -> tuple[tuple[str, str], ...]:
        before, value, after = body.partition(f"<{self.prefix}ObsValue value=")
        measure_names = [(OBSERVED, "&" if after.startswith('"&"') else "")] if value else []
        return (*VALUE.findall(before), *measure_names, *VALUE.findall(after))

    def possible(self, sequence: Sequence, level: MessageLevel) -> bool:
        """Whether a sequence is possible: observations of a series only name the dimension at observation, once."""
        ids = {self.measure if name == OBSERVED else name for name in sequence.names}
        below = bool(self.marks.series) and level.title == "Obs"
        needed = frozenset[str]() if below else level.needed
        key = frozenset(level.required) if below else frozenset[str]()
        named = self.dimension in ("", *(f' id="{name}"' for name in key or ("",)))
        return (
            len(ids) == len(sequence.names)
            and level.names.issuperset(ids)
            and key.isdisjoint(ids)
            and needed.issubset(sequence.always)
            and (named or not key)
        )

    def text(self, run: bytes) -> pl.Series | None:
        text = super().text(run)
        if text is None or OBSERVED.encode() in run:
            return None
        if self.learnt and OBSERVED not in self.learnt[-1].always:
            text = text.str.replace_all(f'<{self.prefix}ObsValue value="', self._mark(OBSERVED), literal=True)
        return text

    def _mark(self, name: str, element: str = "Value") -> str:
        return f'<{self.prefix}{element} id="{name}" value="'

    def templates(self, learnt: tuple[Sequence, ...]) -> list[Template]:
        """Keys, measure and attributes, each within their elements."""
        *heads, observation = learnt
        level = self.levels[-1]
        key: Template
        if heads:
            mark = f'<{self.prefix}ObsDimension{self.dimension} value="'
            key = (TemplateField(level.required[0], mark, value=PLAIN, always=True, before=BLANK, after=f"{BLANK}/>"),)
        else:
            key = self._element("ObsKey", self._fields(observation, set(level.required)))
        described = set(observation.names) - {OBSERVED} - set(level.required)
        end = f"{BLANK}</{re.escape(self.prefix)}Obs>{BLANK}"
        attributes = self._element("Attributes", self._fields(observation, described))
        return [*map(self._head, heads), (*key, *self._fields(observation, {OBSERVED}), *attributes, end)]

    def _head(self, sequence: Sequence) -> Template:
        key = set(self.levels[0].required)
        attributes = self._element("Attributes", self._fields(sequence, set(sequence.names) - key))
        return (*self._element("SeriesKey", self._fields(sequence, key)), *attributes)

    def _fields(self, sequence: Sequence, ids: set[str]) -> list[TemplateField]:
        fields = []
        for name in sequence.names:
            if name not in ids:
                continue
            component, always = (self.measure if name == OBSERVED else name), name in sequence.always
            mark = f'<{self.prefix}ObsValue value="' if name == OBSERVED and always else self._mark(name)
            fields.append(
                TemplateField(
                    component, mark, value=sequence.value(name), always=always, before=BLANK, after=f"{BLANK}/>"
                )
            )
        return fields

    def _element(self, name: str, fields: list[TemplateField]) -> Template:
        tag = re.escape(self.prefix) + name
        inside: list[TemplateItem] = [f"{BLANK}<{tag}>", *fields, f"{BLANK}</{tag}>"]
        if not fields:
            return ()
        return tuple(inside) if any(field.always for field in fields) else ("(?:", *inside, ")?")
