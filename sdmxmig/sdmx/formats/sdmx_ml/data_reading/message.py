"""A data message: root, header, datasets, footer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sdmxmig.sdmx.formats.detection import ML_NAMESPACE, is_as_published
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.datasets import OTHERS, PROPERTIES, DatasetRecords
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.generic import GenericDataset, GenericGroup, GenericSeries
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.reading import Branch, Element, MessageReading
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.specific import (
    DatasetElement,
    NotedElement,
    SpecificDataset,
    read_values,
)
from sdmxmig.sdmx.formats.sdmx_ml.header_writing import ERROR_HINT


class OldDataset(DatasetElement):
    """Base of both kinds: dataset attributes, and elements that inherit values from their ancestors."""

    def __init__(self, reading: MessageReading, attributes: dict[str, str], namespace: str, dimension: str) -> None:
        super().__init__(reading, attributes, namespace, dimension, is_20=True)
        self.records.prepare()
        structure = self.records.flow.structure
        reserved = {*PROPERTIES, *OTHERS}
        values = read_values(attributes)
        self.values = {name: value for name, value in values.items() if name in structure or name not in reserved}


class UtilityDataset(OldDataset):
    def __init__(self, reading: MessageReading, attributes: dict[str, str], namespace: str) -> None:
        super().__init__(reading, attributes, namespace, "TIME_PERIOD")
        self.records.add_attributes(self.values)

    def child(self, name: str, namespace: str, attributes: dict[str, str]) -> Element:
        if name == "Series":
            return UtilitySeries(self.reading, self.records, attributes)
        structure = self.records.flow.structure
        if name in structure:
            return ComponentElement(self.reading, name, lambda value: self.records.add_attributes({name: value}))
        if any(group.id == name for group in structure.groups) or name == "Group":
            return UtilityGroup(self.reading, self.records, name, self.records.read_values(name, attributes))
        return super().child(name, namespace, attributes)


class UtilityGroup(GenericGroup):
    def __init__(self, reading: MessageReading, records: DatasetRecords, name: str, values: dict[str, Any]) -> None:
        super().__init__(reading, records, name)
        self.title = name
        self._attributes(values)

    def child(self, name: str, namespace: str, attributes: dict[str, str]) -> Element:
        if name == "Series":
            return UtilitySeries(self.reading, self.records, attributes)
        if name == "Key":
            return UtilityParts(self.reading, name, self.values)
        if name in self.records.flow.structure:
            return ComponentElement(self.reading, name, lambda value: self._attributes({name: value}))
        return NotedElement.child(self, name, namespace, attributes)


class UtilityParts(NotedElement):
    def __init__(
        self, reading: MessageReading, title: str, values: dict[str, Any], done: Callable[..., None] | None = None
    ) -> None:
        super().__init__(reading)
        self.title = title
        self.values = values
        self.done = done

    def child(self, name: str, namespace: str, attributes: dict[str, str]) -> Element:
        if name == "Annotations" and self.done:
            return super().child(name, namespace, attributes)
        if name in self.values:
            self.reading.refuse(f"{name} occurs twice in {self.title}.")
        return ComponentElement(self.reading, name, lambda value: self.values.update({name: value}))

    def close(self, text: str) -> None:
        super().close(text)
        if self.done:
            self.done(self.values, self.notes)


class UtilitySeries(GenericSeries):
    def __init__(self, reading: MessageReading, records: DatasetRecords, attributes: dict[str, str]) -> None:
        super().__init__(reading, records)
        self.values = records.read_values("Series", attributes)

    def child(self, name: str, namespace: str, attributes: dict[str, str]) -> Element:
        if name == "Key":
            return UtilityParts(self.reading, name, self.values)
        if name == "Obs":
            self._begin()
            return UtilityParts(
                self.reading, name, self.records.read_values(name, attributes), self.records.add_observation
            )
        if name in self.records.levels.series.names and not self.begun:
            return ComponentElement(self.reading, name, lambda value: self.values.update({name: value}))
        return NotedElement.child(self, name, namespace, attributes)


class ComponentElement(Element):
    """An element whose name is a component and whose text is its value."""

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
            return CrossLevel(
                self.reading, self.records, name, {**self.values, **self.records.read_values(name, attributes)}
            )
        return super().child(name, namespace, attributes)


class CrossLevel(NotedElement):
    """A group or section, whose values apply to its content."""

    def __init__(self, reading: MessageReading, records: DatasetRecords, title: str, values: dict[str, Any]) -> None:
        super().__init__(reading)
        self.title = title
        self.records = records
        self.values = values

    def child(self, name: str, namespace: str, attributes: dict[str, str]) -> Element:
        if name == "Annotations" or (self.title == "Group" and name != "Section"):
            return super().child(name, namespace, attributes)
        part = CrossLevel if self.title == "Group" else CrossObservation
        return part(self.reading, self.records, name, {**self.values, **self.records.read_values(name, attributes)})

    def close(self, text: str) -> None:
        super().close(text)
        self.records.note(
            {self.records.names.get(name, name): value for name, value in self.values.items()}, self.notes
        )


class CrossObservation(NotedElement):
    """An observation, which may be named after its measure or a code of one dimension."""

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

    def close(self, text: str) -> None:
        super().close(text)
        self.records.add_flat(self.values, self.notes)


OLD_VERSION = "v2_0"
"""The version before 2.1, which has other layouts."""
OLD_ROOTS = {
    "GenericData": "generic",
    "CompactData": "specific",
    "UtilityData": "utility",
    "CrossSectionalData": "cross",
    "MessageGroup": "group",
}
FORMAT_BY_ROOT = {
    **{(OLD_VERSION, name): ("sdmx-ml-2.0", kind) for name, kind in OLD_ROOTS.items()},
    ("v2_1", "StructureSpecificData"): ("sdmx-ml-2.1", "specific"),
    ("v2_1", "StructureSpecificTimeSeriesData"): ("sdmx-ml-2.1", "specific"),
    ("v2_1", "GenericData"): ("sdmx-ml-2.1-generic", "generic"),
    ("v2_1", "GenericTimeSeriesData"): ("sdmx-ml-2.1-generic", "generic"),
    ("v3_0", "StructureSpecificData"): ("sdmx-ml-3.0", "specific"),
    ("v3_1", "StructureSpecificData"): ("sdmx-ml-3.1", "specific"),
}
OTHER_ROOTS = {
    "Structure": "structures",
    "GenericMetadata": "reference metadata",
    "MetadataSet": "reference metadata",
    "RegistryInterface": "a dialogue with a registry",
}
OLD_KINDS = {"generic": "generic", "compact": "specific", "utility": "utility", "cross": "cross"}


def read_root(reading: MessageReading, name: str, namespace: str) -> tuple[str, str, str]:
    """Determine version, format and kind from the root; raise `InputError` for other messages."""
    match = ML_NAMESPACE.fullmatch(namespace)
    hint = "A data message begins with an element such as StructureSpecificData of SDMX-ML's message namespace."
    if match is None:
        reading.refuse(f"The root {name} does not state its version (“{namespace}”).", hint)
    if match["area"].lower() != "message" or not is_as_published(match):
        reading.deviation(f"The root {name} is in no namespace of SDMX-ML messages (“{namespace}”).", hint)
    version = f"v{match['version']}"
    if (version, name) not in FORMAT_BY_ROOT:
        version_name = f"SDMX-ML {version[1:].replace('_', '.')}"
        if name in OTHER_ROOTS:
            reading.refuse(f"The message contains {OTHER_ROOTS[name]}, not data ({version_name}, {name}).")
        roots = sorted(root for folder, root in FORMAT_BY_ROOT if folder == version)
        if not roots:
            reading.refuse(f"{version_name} is not known.", "Use 2.0, 2.1, 3.0 or 3.1.")
        reading.refuse_name(name, version_name, roots, "data message")
    return version, *FORMAT_BY_ROOT[version, name]


class Document(Element):
    title = "a document"

    def __init__(self, reading: MessageReading, form: str = "") -> None:
        super().__init__(reading)
        self.form = form

    def child(self, name: str, namespace: str, _attributes: dict[str, str]) -> Element:
        if name == "Error" and namespace.lower().endswith("/message"):
            return ErrorRoot(self.reading)
        version, form, kind = read_root(self.reading, name, namespace)
        if self.form not in ("", form):
            self.reading.refuse(f"The message is {form}, not {self.form}.", f"Read it as {form}.")
        self.reading.format_id = form
        root = Root(self.reading, name, version, kind)
        self.reading.root = root
        return root


class Root(Element):
    def __init__(self, reading: MessageReading, title: str, version: str, kind: str) -> None:
        super().__init__(reading)
        self.title = title
        self.version = version
        self.kind = kind
        self.dataset: Element | None = None
        self.series_only = title.endswith("TimeSeriesData")

    def child(self, name: str, namespace: str, attributes: dict[str, str]) -> Element:
        if name == "Header" and self.reading.header is None:
            return Branch(self.reading, name, attributes, self.reading.take_header)
        if name == "Footer":
            return Footer(self.reading)
        if name != "DataSet":
            return super().child(name, namespace, attributes)
        if self.reading.header is None:
            self.reading.deviation("The DataSet comes before a Header.", "A message begins with its Header.")
        self.dataset = self._dataset(namespace, attributes)
        return self.dataset

    def kind_of(self, namespace: str) -> str:
        """Return the kind of a dataset; in a group of messages of SDMX-ML 2.0, its namespace states it."""
        match = ML_NAMESPACE.fullmatch(namespace)
        return OLD_KINDS.get(match["area"].lower() if match else "", "specific") if self.kind == "group" else self.kind

    def _dataset(self, namespace: str, attributes: dict[str, str]) -> Element:
        reading, is_20, kind = self.reading, self.version == OLD_VERSION, self.kind_of(namespace)
        if not is_20 and not ML_NAMESPACE.fullmatch(namespace):
            reading.deviation(f"The DataSet is in the namespace “{namespace}”, not in that of messages.")
            reading.data_namespaces.add(namespace)
        if kind == "generic":
            return GenericDataset(reading, attributes, namespace, is_20=is_20)
        if kind == "utility":
            return UtilityDataset(reading, attributes, namespace)
        if kind == "cross":
            return CrossDataset(reading, attributes, namespace)
        dimension = "TIME_PERIOD" if is_20 or self.series_only else ""
        return SpecificDataset(reading, attributes, namespace, dimension, is_20=is_20)


class ErrorRoot(Element):
    """The root of an error message, which is raised as an error."""

    title = "Error"

    def child(self, name: str, namespace: str, attributes: dict[str, str]) -> Element:
        is_error = name == "ErrorMessage"
        if not is_error:
            return super().child(name, namespace, attributes)
        return Branch(self.reading, name, attributes, self.reading.take_note)

    def close(self, _text: str) -> None:
        errors = "; ".join(
            " ".join(f"{note.attributes.get('code', '')}: {note.texts('Text')}".split()) for note in self.reading.notes
        )
        self.reading.refuse(f"A service answered with an error instead: {errors}", ERROR_HINT)


class Footer(Element):
    """The footer, with notes of the sender such as warnings."""

    title = "Footer"

    def child(self, name: str, namespace: str, attributes: dict[str, str]) -> Element:
        if name != "Message":
            return super().child(name, namespace, attributes)
        return Branch(self.reading, name, attributes, self.reading.take_note)
