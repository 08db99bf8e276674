"""Generic data of SDMX-ML 2.1, with a fast reader, and of 2.0."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import ModuleType
from typing import Any

import polars as pl

from sdmxmig.primitives.errors import did_you_mean
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.datasets import OTHERS, PROPERTIES, DatasetRecords
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.header import Node
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.pieces import (
    GAP,
    PLAIN_CHARACTER,
    NameSequence,
    Template,
    TemplateField,
    TemplateItem,
    build_end_pattern,
)
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.reading import Branch, Element, MessageReading, SkippedElement
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.records import MessageLevel
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.regular import FastReader, ObservedNames, RunMarks
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.specific import DatasetElement, NotedElement, read_values
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.tokens import Grammar

VALUE_NAMES = {"id", "concept", "value", "startTime"}


class GenericDataset(DatasetElement):
    def __init__(self, reading: MessageReading, attributes: dict[str, str], namespace: str, *, is_20: bool) -> None:
        for name in read_values(attributes):
            if name not in PROPERTIES and name not in OTHERS:
                reading.surplus(f"{self.title} has no attribute “{name}”.", did_you_mean(name, (*PROPERTIES, *OTHERS)))
        super().__init__(reading, attributes, namespace, "TIME_PERIOD" if is_20 else "", is_20=is_20)
        self.units: dict[str, bytes] = {}  # the document's names of series and observations
        self._lane: GenericFastReader | None = None

    @property
    def reader(self) -> GenericFastReader | None:
        unit = next((name for name in ("Series", "Obs") if self.units.get(name)), "")
        if self.records.is_lost:
            return None
        if self._lane is None and unit and not self.records.is_20 and self.reading.feed.encoding == "utf-8":
            structure, levels = self.records.flow.structure, self.records.levels
            prefix = self.units[unit].decode().removesuffix(unit)
            if len(structure.measures) == 1 and (unit == "Obs" or levels.at_observation()):
                unit_levels = (levels.series, levels.observation) if unit == "Series" else (levels.flat,)
                self._lane = GenericFastReader(unit_levels, structure.measure.id, prefix)
        return self._lane

    def child(self, name: str, namespace: str, attributes: dict[str, str]) -> Element:
        records = self.records
        if records.is_lost or name in ("KeyFamilyRef", "Annotations", "DataProvider"):
            return self._beside(name, namespace, attributes)
        records.prepare()
        if name in ("Series", "Obs") and name not in self.units:
            self.units[name] = self.reading.feed.raw_name()
        if name == "Attributes":
            return ValueList(self.reading, name, records.add_attributes)
        if name == "Obs" and not records.is_20:
            return GenericObservation(self.reading, records, records.add_flat)
        if name == "Series":
            return GenericSeries(self.reading, records)
        if name != "Group":
            return super().child(name, namespace, attributes)
        return GenericGroup(self.reading, records, attributes.get("type", ""))

    def _beside(self, name: str, namespace: str, attributes: dict[str, str]) -> Element:
        if self.records.is_lost:
            return SkippedElement(self.reading)
        if name == "DataProvider":
            return Branch(self.reading, name, attributes, self.records.take_provider)
        if name == "Annotations" or not self.records.is_20:
            return super().child(name, namespace, attributes)
        return Branch(self.reading, name, attributes, self.records.take_key_family)


class ValueList(Element):
    def __init__(self, reading: MessageReading, title: str, take: Callable[[dict[str, Any]], object]) -> None:
        super().__init__(reading)
        self.title = title
        self.take = take
        self.values: dict[str, Any] = {}
        self.leaf = Leaf(reading, "Value")

    def child(self, name: str, namespace: str, attributes: dict[str, str]) -> Element:
        if name != "Value":
            return super().child(name, namespace, attributes)
        component = attributes.get("id") or attributes.get("concept")
        if not component:
            self.reading.refuse(f"A Value in {self.title} does not name its component.", "Add the id of a component.")
        if component in self.values:
            self.reading.refuse(f"{component} occurs twice in {self.title}.")
        self.values[component] = read_value(self.reading, name, attributes)
        return self.leaf

    def close(self, text: str) -> None:
        super().close(text)
        self.take(self.values)


class Leaf(Element):
    def __init__(self, reading: MessageReading, title: str) -> None:
        super().__init__(reading)
        self.title = title


def read_value(reading: MessageReading, name: str, attributes: dict[str, str]) -> str:
    if not VALUE_NAMES.issuperset(attributes):
        for unknown in (attribute for attribute in attributes if attribute not in VALUE_NAMES):
            reading.surplus(f"{name} has no attribute “{unknown}”.", did_you_mean(unknown, sorted(VALUE_NAMES)))
    if "value" not in attributes:
        reading.refuse(f"{name} has no value.")
    return attributes["value"]


class GenericGroup(NotedElement):
    """The attributes of a group; in SDMX-ML 2.0 also its series."""

    def __init__(self, reading: MessageReading, records: DatasetRecords, declared: str) -> None:
        super().__init__(reading)
        self.title = f"Group {declared}".strip()
        self.records = records
        self.declared = declared
        self.values: dict[str, Any] = {}
        self.attribute_count = 0

    def child(self, name: str, namespace: str, attributes: dict[str, str]) -> Element:
        if name == "GroupKey":
            return ValueList(self.reading, name, self.values.update)
        if name == "Attributes":
            return ValueList(self.reading, name, self._attributes)
        if name == "Series" and self.records.is_20:
            return GenericSeries(self.reading, self.records)
        return super().child(name, namespace, attributes)

    def _attributes(self, values: dict[str, Any]) -> None:
        self.attribute_count += len(values)
        self.values.update(values)

    def close(self, text: str) -> None:
        super().close(text)
        if self.attribute_count or self.notes or not self.records.is_20:
            self.records.add_group(self.declared, self.values, self.notes)


class ValuedElement(NotedElement):
    def __init__(self, reading: MessageReading, records: DatasetRecords) -> None:
        super().__init__(reading)
        self.records = records
        self.values: dict[str, Any] = {}

    def _take(self, values: dict[str, Any]) -> None:
        for name in values:
            if name in self.values:
                self.reading.refuse(f"{name} occurs twice in {self.title}.")
        self.values.update(values)


class GenericSeries(ValuedElement):
    title = "Series"

    def __init__(self, reading: MessageReading, records: DatasetRecords) -> None:
        super().__init__(reading, records)
        self.begun = False

    def child(self, name: str, namespace: str, attributes: dict[str, str]) -> Element:
        if name in ("SeriesKey", "Attributes") and not self.begun:
            return ValueList(self.reading, name, self._take)
        if name == "Obs":
            self._begin()
            return GenericObservation(self.reading, self.records, self.records.add_observation)
        return super().child(name, namespace, attributes)

    def _begin(self) -> None:
        if not self.begun:
            self.begun = True
            self.records.add_series(self.values)
            self.records.note_series(self.notes)

    def close(self, text: str) -> None:
        super().close(text)
        self._begin()
        self.records.note_series(self.notes)  # in SDMX-ML 2.0 they follow the observations


class GenericObservation(ValuedElement):
    title = "Obs"

    def __init__(self, reading: MessageReading, records: DatasetRecords, add: Callable[..., None]) -> None:
        super().__init__(reading, records)
        self.add = add

    def child(self, name: str, namespace: str, attributes: dict[str, str]) -> Element:
        levels = self.records.levels
        if name == "ObsDimension" and self.add == self.records.add_observation:
            component = attributes.get("id") or levels.at_observation()
            return self._value(component, name, attributes)
        if name == "ObsValue":
            measures = self.records.flow.structure.measures
            component = attributes.get("id") or (measures[0].id if measures else "OBS_VALUE")
            return self._value(component, name, attributes)
        if name == "Attributes" or (name == "ObsKey" and self.add == self.records.add_flat):
            return ValueList(self.reading, name, self._take)
        if name == "Time" and (self.records.is_20 or self.reading.faults):
            if not self.records.is_20:
                self.reading.deviation("Time is not allowed in Obs of SDMX-ML 2.1.", "Its ObsDimension has the period.")
            return Branch(self.reading, name, attributes, self._time, is_data=True)
        return super().child(name, namespace, attributes)

    def _time(self, node: Node) -> None:
        self._take({self.records.levels.at_observation(): node.text.strip()})

    def _value(self, component: str, name: str, attributes: dict[str, str]) -> Element:
        self._take({component: read_value(self.reading, name, attributes)})
        return Leaf(self.reading, name)

    def close(self, text: str) -> None:
        super().close(text)
        self.add(self.values, self.notes)


VALUE_TAG = re.compile(r'<(?:[\w.-]+:)?Value id="([^"]*)" value="(&?)"')
ATTRIBUTE_VALUE = re.compile(rb'(?<= value=)"[^"&]*(&?)[^"]*"')
OBSERVED = "\x03"
"""Marks the measure among the ids of an observation; XML cannot contain this character."""


class GenericFastReader(FastReader):
    """Fast reader of generic data. `prefix` is the namespace prefix of generic data in the document."""

    def __init__(self, levels: tuple[MessageLevel, ...], measure: str, prefix: str) -> None:
        self.measure = measure
        self.prefix = prefix
        self.dimension = ""
        series = len(levels) > 1
        start, end = (f"<{prefix}Series>", f"</{prefix}Series>") if series else ("", "")
        super().__init__(levels, RunMarks(start, f"<{prefix}Obs>", end=end))

    def build_grammar(self, scanner: ModuleType) -> Grammar:
        *heads, last = self.levels
        of_observation = (f"{self.prefix}ObsValue", [self.measure])
        elements = []
        for level in self.levels:
            keys = (f"{self.prefix}{'SeriesKey' if heads else 'ObsKey'}", f"{self.prefix}Value", level.required)
            if heads and level is last:
                keys = ("", f"{self.prefix}ObsDimension", level.required)
            described = level.names - level.needed - {self.measure}
            values = [("", *of_observation)] if level is last else []
            elements.append([keys, *values, (f"{self.prefix}Attributes", f"{self.prefix}Value", described)])
        columns = [level.allowed for level in self.levels]
        # the schema of time series only allows TIME_PERIOD as the id of a dimension
        unnamed = {self.measure, *(last.needed - {"TIME_PERIOD"} if heads else ())}
        names = {name: name for ids in columns for name in ids if name not in unnamed}
        tags = [f"{self.prefix}Series", f"{self.prefix}Obs"][-len(columns) :]
        return Grammar(scanner, tags, columns, [level.required for level in self.levels], names, elements)

    def find_name_orders(self, sample: bytes) -> list[ObservedNames]:
        bare = ATTRIBUTE_VALUE.sub(rb'"\1"', sample).decode("utf-8", "replace")
        tag = re.escape(self.prefix)
        whole = set(re.findall(rf"<{tag}Obs>(.*?)</{tag}Obs>", bare, re.DOTALL))
        seen_names: list[ObservedNames] = [{self._names(body) for body in whole}]
        if self.marks.series:
            match = re.search(rf"<{tag}ObsDimension( id=\"[^\"]*\")? value=\"", bare)
            self.dimension = (match.group(1) or "") if match else ""
            heads = re.findall(rf"<{tag}SeriesKey>(.*?)(?:<{tag}Obs>|</{tag}Series>)", bare, re.DOTALL)
            seen_names.insert(0, {tuple(VALUE_TAG.findall(head)) for head in set(heads)})
        return seen_names

    def _names(self, body: str) -> tuple[tuple[str, str], ...]:
        before, value, after = body.partition(f"<{self.prefix}ObsValue value=")
        measure_names = [(OBSERVED, "&" if after.startswith('"&"') else "")] if value else []
        return (*VALUE_TAG.findall(before), *measure_names, *VALUE_TAG.findall(after))

    def is_possible(self, sequence: NameSequence, level: MessageLevel) -> bool:
        """Check a sequence: observations of a series name only the dimension at observation, once."""
        ids = {self.measure if name == OBSERVED else name for name in sequence.names}
        below = bool(self.marks.series) and level.title == "Obs"
        needed = frozenset[str]() if below else level.needed
        key = frozenset(level.required) if below else frozenset[str]()
        named = self.dimension in ("", *(f' id="{name}"' for name in key or ("",)))
        return (
            not sequence.is_sorted
            and len(ids) == len(sequence.names)
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

    def _mark(self, name: str) -> str:
        return f'<{self.prefix}Value id="{name}" value="'

    def build_templates(self, learnt: tuple[NameSequence, ...]) -> list[Template]:
        *heads, observation = learnt
        level = self.levels[-1]
        key: Template
        if heads:
            mark = f'<{self.prefix}ObsDimension{self.dimension} value="'
            end = build_end_pattern(f"{self.prefix}ObsDimension")
            key = (TemplateField(level.required[0], mark, value=PLAIN_CHARACTER, always=True, before=GAP, after=end),)
        else:
            key = self._element("ObsKey", self._fields(observation, set(level.required)))
        described = set(observation.names) - {OBSERVED} - set(level.required)
        end = f"{GAP}</{re.escape(self.prefix)}Obs>{GAP}"
        attributes = self._element("Attributes", self._fields(observation, described))
        return [*map(self._head, heads), (*key, *self._fields(observation, {OBSERVED}), *attributes, end)]

    def _head(self, sequence: NameSequence) -> Template:
        key = set(self.levels[0].required)
        attributes = self._element("Attributes", self._fields(sequence, set(sequence.names) - key))
        return (*self._element("SeriesKey", self._fields(sequence, key)), *attributes)

    def _fields(self, sequence: NameSequence, ids: set[str]) -> list[TemplateField]:
        fields = []
        for name in sequence.names:
            if name not in ids:
                continue
            component, always = (self.measure if name == OBSERVED else name), name in sequence.always
            mark = f'<{self.prefix}ObsValue value="' if name == OBSERVED and always else self._mark(name)
            end = build_end_pattern(f"{self.prefix}{'ObsValue' if name == OBSERVED else 'Value'}")
            fields.append(
                TemplateField(component, mark, value=sequence.value(name), always=always, before=GAP, after=end)
            )
        return fields

    def _element(self, name: str, fields: list[TemplateField]) -> Template:
        tag = re.escape(self.prefix) + name
        inside: list[TemplateItem] = [f"{GAP}<{tag}>", *fields, f"{GAP}</{tag}>"]
        if not fields:
            return ()
        return tuple(inside) if any(field.always for field in fields) else ("(?:", *inside, ")?")
