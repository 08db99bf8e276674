"""Utility and cross-sectional data of SDMX-ML 2.0."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sdmxmig.sdmx.formats.sdmx_ml.data_reading.annotations import Annotations, NotedElement
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.datasets import OTHERS, PROPERTIES, DatasetRecords
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.reading import Element, MessageReading
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.specific import plain


class OldDataset(Element):
    """Base of both kinds: dataset attributes, and elements that inherit values from above."""

    title = "DataSet"

    def __init__(self, reading: MessageReading, attributes: dict[str, str], namespace: str, dimension: str) -> None:
        super().__init__(reading)
        dataset_attributes = {name.rpartition("}")[2]: value for name, value in attributes.items()}
        self.records = DatasetRecords(reading, dataset_attributes, namespace, dimension, old=True)
        self.records.prepare()
        structure = self.records.flow.structure
        reserved = {*PROPERTIES, *OTHERS}
        values = plain(attributes)
        self.values = {name: value for name, value in values.items() if name in structure or name not in reserved}

    def close(self, text: str) -> None:
        super().close(text)
        self.records.close()


class UtilityDataset(OldDataset):
    """Utility data, where elements are named after components."""

    def __init__(self, reading: MessageReading, attributes: dict[str, str], namespace: str) -> None:
        super().__init__(reading, attributes, namespace, "TIME_PERIOD")
        self.records.add_attributes(self.values)

    def child(self, name: str, namespace: str, attributes: dict[str, str]) -> Element:
        if name == "Series":
            return UtilitySeries(self.reading, self.records, attributes)
        if name == "Annotations":
            return Annotations(self.reading, name, attributes, take=self.records.annotate, of_part=False)
        structure = self.records.flow.structure
        if name in structure:
            return Named(self.reading, name, lambda value: self.records.add_attributes({name: value}))
        if any(group.id == name for group in structure.groups) or name == "Group":
            return UtilityGroup(self.reading, self.records, name, plain(attributes))
        return super().child(name, namespace, attributes)


class UtilityGroup(NotedElement):
    """A group of series with the attributes that they share."""

    def __init__(self, reading: MessageReading, records: DatasetRecords, name: str, values: dict[str, Any]) -> None:
        super().__init__(reading)
        self.title = name
        self.records = records
        self.values = values
        self.attributes = len(values)

    def child(self, name: str, namespace: str, attributes: dict[str, str]) -> Element:
        if name == "Series":
            return UtilitySeries(self.reading, self.records, attributes)
        if name == "Annotations":
            return self.annotations(name, attributes)
        if name == "Key":
            return UtilityParts(self.reading, name, self.values)
        if name in self.records.flow.structure:
            self.attributes += 1
            return Named(self.reading, name, lambda value: self.values.update({name: value}))
        return super().child(name, namespace, attributes)

    def close(self, text: str) -> None:
        super().close(text)
        if self.attributes or self.notes:
            self.records.add_group(self.title, self.values, self.notes)


class UtilityParts(NotedElement):
    """A key or observation whose children are named after components."""

    def __init__(
        self, reading: MessageReading, title: str, values: dict[str, Any], done: Callable[..., None] | None = None
    ) -> None:
        super().__init__(reading)
        self.title = title
        self.values = values
        self.done = done

    def child(self, name: str, _namespace: str, attributes: dict[str, str]) -> Element:
        if name == "Annotations" and self.done:
            return self.annotations(name, attributes)
        if name in self.values:
            self.reading.refuse(f"{name} occurs twice in {self.title}.")
        return Named(self.reading, name, lambda value: self.values.update({name: value}))

    def close(self, text: str) -> None:
        super().close(text)
        if self.done:
            self.done(self.values, self.notes)


class UtilitySeries(NotedElement):
    """A series with its key, attributes and observations."""

    title = "Series"

    def __init__(self, reading: MessageReading, records: DatasetRecords, attributes: dict[str, str]) -> None:
        super().__init__(reading)
        self.records = records
        self.values: dict[str, Any] = plain(attributes)
        self.begun = False

    def child(self, name: str, namespace: str, attributes: dict[str, str]) -> Element:
        if name == "Key":
            return UtilityParts(self.reading, name, self.values)
        if name == "Obs":
            self._begin()
            return UtilityParts(self.reading, name, plain(attributes), self.records.add_observation)
        if name == "Annotations":
            return self.annotations(name, attributes)
        if name in self.records.levels.series.names and not self.begun:
            return Named(self.reading, name, lambda value: self.values.update({name: value}))
        return super().child(name, namespace, attributes)

    def _begin(self) -> None:
        if not self.begun:
            self.begun = True
            self.records.add_series(self.values)

    def close(self, text: str) -> None:
        super().close(text)
        self._begin()
        self.records.note_series(self.notes)


class Named(Element):
    """An element whose text is the value of the component it is named after."""

    takes_text = True

    def __init__(self, reading: MessageReading, title: str, take: Callable[[str], object]) -> None:
        super().__init__(reading)
        self.title = title
        self.take = take

    def close(self, text: str) -> None:
        self.take(text.strip())


class CrossDataset(OldDataset):
    """Cross-sectional data: components at the dataset, group, section or observation.

    An observation is named after its measure, or after the value of the one remaining dimension.
    """

    def __init__(self, reading: MessageReading, attributes: dict[str, str], namespace: str) -> None:
        super().__init__(reading, attributes, namespace, "AllDimensions")
        structure = self.records.flow.structure
        whole = {component.id for component in structure.attributes("dataset")}
        self.records.add_attributes({name: value for name, value in self.values.items() if name in whole})
        self.values = {name: value for name, value in self.values.items() if name not in whole}

    def child(self, name: str, namespace: str, attributes: dict[str, str]) -> Element:
        if name in ("Group", "Section"):
            return CrossLevel(self.reading, self.records, name, {**self.values, **plain(attributes)})
        if name == "Annotations":
            return Annotations(self.reading, name, attributes, take=self.records.annotate, of_part=False)
        return super().child(name, namespace, attributes)


class CrossLevel(NotedElement):
    """A group or section, whose values apply to its content."""

    def __init__(self, reading: MessageReading, records: DatasetRecords, title: str, values: dict[str, Any]) -> None:
        super().__init__(reading)
        self.title = title
        self.records = records
        self.values = values

    def child(self, name: str, namespace: str, attributes: dict[str, str]) -> Element:
        if name == "Annotations":
            return self.annotations(name, attributes)
        values = plain(attributes)
        if self.title == "Group":
            if name != "Section":
                return super().child(name, namespace, attributes)
            return CrossLevel(self.reading, self.records, name, {**self.values, **values})
        return CrossObservation(self.reading, self.records, name, {**self.values, **values})

    def close(self, text: str) -> None:
        super().close(text)
        self.records.note(
            {self.records.names.get(name, name): value for name, value in self.values.items()}, self.notes
        )


class CrossObservation(NotedElement):
    """One observation of a section."""

    def __init__(self, reading: MessageReading, records: DatasetRecords, name: str, values: dict[str, Any]) -> None:
        super().__init__(reading)
        self.title = name
        structure = records.flow.structure
        values = {records.names.get(attribute, attribute): value for attribute, value in values.items()}
        name = records.names.get(name, name)
        if name in records.crossed:
            dimension, code = records.crossed[name]
            values.setdefault(dimension, code)
            name = "Obs"
        measures = [component.id for component in structure.measures]
        measure = name if name in measures else (measures[0] if measures else "OBS_VALUE")
        if name not in (*measures, "Obs", "OBS_VALUE"):
            open_ones = [dimension for dimension in structure.key if dimension not in values]
            if len(open_ones) != 1:
                reading.refuse_name(name, f"A section of {structure.ref.short}", measures, "measure")
            values[open_ones[0]] = name
        if "value" in values and "value" not in structure:
            values[measure] = values.pop("value")
        self.records, self.values = records, values

    def child(self, name: str, namespace: str, attributes: dict[str, str]) -> Element:
        if name == "Annotations":
            return self.annotations(name, attributes)
        return super().child(name, namespace, attributes)

    def close(self, text: str) -> None:
        super().close(text)
        self.records.add_flat(self.values, self.notes)
