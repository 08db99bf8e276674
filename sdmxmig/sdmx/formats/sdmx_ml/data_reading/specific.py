"""Structure-specific data of SDMX-ML 2.1, 3.0 and 3.1, with reference metadata, and compact data of 2.0."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lxml import etree

from sdmxmig.sdmx.formats.dataset_notes import Attributes
from sdmxmig.sdmx.formats.metadata_versions import merge_arrays, restore_version_3
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.datasets import OTHERS, PROPERTIES, DatasetRecords, Notes
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.header import NODE_LIMIT, XML_LANG, Node
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.reading import Branch, Element, MessageReading
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.regular import SpecificFastReader
from sdmxmig.sdmx.formats.sdmx_ml.dialects import SCHEMAS, XSI
from sdmxmig.sdmx.formats.sdmx_ml.elements import Message, Names, Part
from sdmxmig.sdmx.formats.sdmx_ml.metadata_reading import read_attribute, read_version_3_set
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.artefacts import read_annotations
from sdmxmig.sdmx.model.artefacts import Annotation, Text
from sdmxmig.sdmx.model.metadata import MetadataSet, Report

NOTE_ELEMENTS = ("AnnotationTitle", "AnnotationType", "AnnotationURL", "AnnotationText", "AnnotationValue")
SCHEMA_FOLDERS = {"sdmx-ml-3.0": f"{SCHEMAS}/v3_0", "sdmx-ml-3.1": f"{SCHEMAS}/v3_1"}
XSI_TYPE = f"{XSI}}}type"
BASE_TYPES = ("ObsType", "SeriesType", "GroupType", "DataSetType", "AttsType")


class Annotations(Branch):
    """The element ``Annotations``, before the annotated data or, in SDMX-ML 2.0, after them.

    `take` receives them. `of_part`: below dataset level, and possibly many.
    """

    def __init__(
        self,
        reading: MessageReading,
        name: str,
        attributes: dict[str, str],
        *,
        take: Callable[[list[Annotation]], object],
        of_part: bool = True,
    ) -> None:
        super().__init__(reading, name, attributes, self.finish, is_data=of_part)
        self.take = take

    def finish(self, node: Node) -> None:
        for note_node in node:
            self._expect(note_node, node, ("Annotation",))
            for part in note_node:
                self._expect(part, note_node, NOTE_ELEMENTS)
        self.take(read_notes(node))

    def _expect(self, node: Node, above: Node, allowed: tuple[str, ...]) -> None:
        if node.tag not in allowed:
            self.reading.spot = (node.line, node.column)
            self.reading.surplus(f"{node.tag} is not allowed in {above.tag}.")


def read_notes(node: Node) -> list[Annotation]:
    return list(map(read_annotation, node.all("Annotation")))


def read_annotation(node: Node) -> Annotation:
    """Read an annotation; its own address is the first without a language, others are by language."""
    addresses = [(address.attributes.get(XML_LANG, ""), address.text.strip()) for address in node.all("AnnotationURL")]
    bare_address = next((url for language, url in addresses if not language), "")
    others = tuple(pair for pair in addresses if pair != ("", bare_address))
    return Annotation(
        node.text_of("AnnotationType"),
        node.texts("AnnotationText"),
        title=node.text_of("AnnotationTitle"),
        url=bare_address,
        id=node.attributes.get("id", ""),
        value=node.text_of("AnnotationValue"),
        urls=Text(others),
    )


class NotedElement(Element):
    """An element whose annotations are kept until their subject is known."""

    def __init__(self, reading: MessageReading) -> None:
        super().__init__(reading)
        self.notes: list[tuple[str, Annotation]] = []

    def child(self, name: str, namespace: str, attributes: dict[str, str]) -> Element:
        if name == "Annotations":
            return Annotations(self.reading, name, attributes, take=self._note)
        return super().child(name, namespace, attributes)

    def _note(self, notes: list[Annotation]) -> None:
        self.notes += (("", annotation) for annotation in notes)


TakeReport = Callable[[Attributes | MetadataSet], object]


class KeptElement(Element):
    """An element kept with its content, in the form used for whole messages."""

    takes_text = True

    def __init__(
        self, reading: MessageReading, name: str, namespace: str, attributes: dict[str, str], whole: Metadata
    ) -> None:
        super().__init__(reading)
        whole.size += 1
        if whole.size > NODE_LIMIT:
            reading.refuse(f"Reference metadata here have more than {NODE_LIMIT} elements.", "Send them alone.")
        self.whole = whole
        try:
            self.element = etree.Element(split_name(f"{namespace}}}{name}" if namespace else name))
            for attribute, value in attributes.items():
                self.element.set(split_name(attribute), value)
        except ValueError:  # a namespace that is not an address
            reading.refuse(f"{name} or one of its attributes has a name that XML does not allow.")
        whole.lines[self.element] = reading.feed.line

    def child(self, name: str, namespace: str, attributes: dict[str, str]) -> Element:
        inner = KeptElement(self.reading, name, namespace=namespace, attributes=attributes, whole=self.whole)
        self.element.append(inner.element)
        return inner

    def take_text(self, text: str) -> None:
        if len(self.element):
            self.element[-1].tail = (self.element[-1].tail or "") + text
        else:
            self.element.text = (self.element.text or "") + text

    def close(self, text: str) -> None:
        self.take_text(text)


def split_name(name: str) -> str:
    return f"{{{name}" if "}" in name else name


class Metadata(KeptElement):
    def __init__(
        self, reading: MessageReading, name: str, namespace: str, attributes: dict[str, str], take: TakeReport
    ) -> None:
        if reading.format_id not in SCHEMA_FOLDERS:
            reading.refuse(
                "Metadata are not allowed in data before SDMX-ML 3.0.", "Send them as a message of their own."
            )
        self.size = 0
        self.lines: dict[etree._Element, int] = {}
        super().__init__(reading, name, namespace=namespace, attributes=attributes, whole=self)
        self.take = take

    def close(self, text: str) -> None:
        super().close(text)
        version, folder = self.reading.format_id.rpartition("-")[2], SCHEMA_FOLDERS[self.reading.format_id]
        names = Names(folder)
        names.prefixes = {**names.prefixes, f"{folder}/metadata/generic": ""}
        del names.prefixes[f"{folder}/structure"]
        message = Message(
            self.reading.name,
            version,
            names=names,
            line_of=self.lines.__getitem__,
            faults=self.reading.faults,
        )
        self.take(read_metadata(Part(self.element, message)))


def read_metadata(part: Part) -> Attributes | MetadataSet:
    """Read the content of ``Metadata``; strict reading rejects unknown content."""
    if part.message.version == "3.0":
        metadata_set = restore_version_3(read_version_3_set(part))
        if not metadata_set.reports:
            raise part.error("names a metadata set without its content.", "Send the content, or leave the name out.")
        return metadata_set
    attributes = merge_arrays(part.each(read_attribute, "Attribute"))
    notes = read_annotations(part)
    part.close()
    return MetadataSet(None, (Report((), attributes),), annotations=notes) if notes else attributes


def read_values(attributes: dict[str, str]) -> dict[str, Any]:
    return {name: value for name, value in attributes.items() if "}" not in name}


def take_declared_type(attributes: dict[str, str], values: dict[str, Any], component_ids: frozenset[str]) -> str:
    type_name = attributes.get(XSI_TYPE, "").rpartition(":")[2]
    if "type" in values and "type" not in component_ids:
        type_name = values.pop("type")
    return "" if type_name in BASE_TYPES else type_name


class DatasetElement(Element):
    """The element ``DataSet``, with what all its forms have in common."""

    title = "DataSet"

    def __init__(
        self, reading: MessageReading, attributes: dict[str, str], namespace: str, dimension: str, *, is_20: bool
    ) -> None:
        super().__init__(reading)
        self.records = DatasetRecords(reading, attributes, namespace, dimension, is_20=is_20)

    def child(self, name: str, namespace: str, attributes: dict[str, str]) -> Element:
        if name == "Annotations":
            return Annotations(self.reading, name, attributes, take=self.records.annotate, of_part=False)
        return super().child(name, namespace, attributes)

    def close(self, text: str) -> None:
        super().close(text)
        self.records.close()


class SpecificDataset(DatasetElement):
    def __init__(
        self, reading: MessageReading, attributes: dict[str, str], namespace: str, dimension: str, *, is_20: bool
    ) -> None:
        super().__init__(reading, attributes, namespace, dimension, is_20=is_20)
        self.records.prepare()
        structure = self.records.flow.structure
        values = read_values(attributes)
        reserved = {*PROPERTIES, *OTHERS}
        components = {name: value for name, value in values.items() if name in structure or name not in reserved}
        self.records.add_attributes(components)
        self.series = SpecificSeries(reading, self.records)
        self.flat = SpecificRecord(
            reading, "Obs", records=self.records, add=self.records.add_flat, report=self.records.report
        )
        self.part = SpecificRecord(reading, "Atts", self.records, self.records.add_part)
        self.units: dict[str, bytes] = {}  # the document's names of series and observations
        self._lane: SpecificFastReader | None = None

    def child(self, name: str, namespace: str, attributes: dict[str, str]) -> Element:
        if name in ("Series", "Obs"):
            if name not in self.units:
                self.units[name] = self.reading.feed.raw_name()
            return (
                self.series.begin(self.records.read_values(name, attributes))
                if name == "Series"
                else self._observation(attributes)
            )
        if name == "Group":
            return self._group(attributes, name)
        if name == "Atts" and not self.records.is_20:
            return self.part.begin(self.records.read_values(name, attributes))
        return self._other_child(name, namespace, attributes)

    def _other_child(self, name: str, namespace: str, attributes: dict[str, str]) -> Element:
        if name == "DataProvider":
            return Branch(self.reading, name, attributes, self.records.take_provider)
        if name == "Metadata":
            return Metadata(
                self.reading,
                name,
                namespace=namespace,
                attributes=attributes,
                take=lambda report: self.records.report({}, report),
            )
        if not self.records.is_20 and name in self.records.levels.groups:
            self.reading.deviation(f"{name} is not allowed in DataSet.", "Write it as Group with this type.")
            return self._group(attributes, name)
        if self.records.is_20 and name != "Annotations":
            return self._group(attributes, name)
        return super().child(name, namespace, attributes)

    @property
    def reader(self) -> SpecificFastReader | None:
        """Return the fast reader, once the parser has seen a record."""
        unit = "Series" if "Series" in self.units else "Obs"
        if self._lane is None and self.units.get(unit) and self.reading.feed.encoding == "utf-8":
            records, levels = self.records, self.records.levels
            if unit == "Obs":
                self._lane = SpecificFastReader(records.names, (levels.flat,), b"", self.units[unit])
            elif self.series.unit:
                unit_levels = (levels.series, levels.observation)
                self._lane = SpecificFastReader(records.names, unit_levels, self.units[unit], self.series.unit)
        return self._lane

    def _observation(self, attributes: dict[str, str]) -> Element:
        values = self.records.read_values("Obs", attributes)
        take_declared_type(attributes, values, frozenset(self.records.flow.structure.key))
        return self.flat.begin(values)

    def _group(self, attributes: dict[str, str], name: str) -> Element:
        values = self.records.read_values(name, attributes)
        type_name = take_declared_type(attributes, values, frozenset(self.records.flow.structure.key))
        declared = type_name or (name if name != "Group" else "")

        def add(record: dict[str, Any], notes: Notes) -> None:
            self.records.add_group(declared, record, notes)

        return SpecificRecord(self.reading, "Group", records=self.records, add=add, report=self.records.report).begin(
            values
        )


class SpecificRecord(NotedElement):
    """A record: its attributes and (SDMX 3) ``Comp`` elements.

    `add` receives the record at its end, `report` its reference metadata.
    """

    def __init__(
        self, reading: MessageReading, title: str, records: DatasetRecords, add: Any, report: Any = None
    ) -> None:
        super().__init__(reading)
        self.title = title
        self.records = records
        self.add = add
        self.report = report
        self.values: dict[str, Any] = {}

    def begin(self, values: dict[str, Any]) -> Element:
        self.values = values
        self.notes = []
        return self

    def child(self, name: str, namespace: str, attributes: dict[str, str]) -> Element:
        if name == "Comp":
            return Comp(self.reading, name, attributes, self)
        if name == "Metadata" and self.report is not None:
            values = self.values
            return Metadata(
                self.reading,
                name,
                namespace=namespace,
                attributes=attributes,
                take=lambda report: self.report(values, report),
            )
        return super().child(name, namespace, attributes)

    def close(self, text: str) -> None:
        if text:
            super().close(text)
        self.add(self.values, self.notes)


class SpecificSeries(SpecificRecord):
    def __init__(self, reading: MessageReading, records: DatasetRecords) -> None:
        super().__init__(reading, "Series", records=records, add=records.add_series, report=records.report)
        self.observation = SpecificRecord(
            reading, "Obs", records=records, add=records.add_observation, report=records.report_observation
        )
        self.at_observation = records.levels.at_observation()
        self.unit = b""  # the document's name of observations

    def begin(self, values: dict[str, Any]) -> Element:
        self.begun = False
        return super().begin(values)

    def child(self, name: str, namespace: str, attributes: dict[str, str]) -> Element:
        if name != "Obs":
            return super().child(name, namespace, attributes)
        self._add()
        self.reading.spot = None
        if not self.unit:
            self.unit = self.reading.feed.raw_name()
        if any(attribute == "type" or "}" in attribute for attribute in attributes):
            values = self.records.read_values(name, attributes)
            type_name = take_declared_type(attributes, values, self.records.levels.observation.names)
            if type_name and self.at_observation not in values:
                values[self.at_observation] = type_name  # an explicit measure: its type is the value of its dimension
            return self.observation.begin(values)
        return self.observation.begin(attributes)

    def _add(self) -> None:
        if not self.begun:
            self.begun = True
            if self.reading.spot is None:
                self.reading.spot = self.reading.spots[-2]
            self.add(self.values)
            self.records.note_series(self.notes)

    def close(self, text: str) -> None:
        Element.close(self, text)
        self._add()
        self.records.note_series(self.notes)  # in SDMX-ML 2.0 they follow the observations


class Comp(Branch):
    def __init__(self, reading: MessageReading, name: str, attributes: dict[str, str], above: SpecificRecord) -> None:
        super().__init__(reading, name, attributes, self.finish, is_data=True)
        self.record = above

    def finish(self, node: Node) -> None:
        """Take the values: texts with their language if there are any, else a list."""
        component_id = node.attributes.get("id", "")
        if not component_id:
            self.reading.refuse("Comp has no id.", "Add the id of a component.")
        if component_id in self.record.values:
            self.reading.refuse(f"{component_id} occurs twice.")
        if notes := node.first("Annotations"):
            self.record.notes += ((component_id, annotation) for annotation in read_notes(notes))
        values: list[Any] = []
        for value in node.all("Value"):
            texts = value.all("Text")
            if value.all("StructuredText"):
                self.reading.refuse(
                    f"{component_id} has structured text, which an observation's attribute cannot contain."
                )
            values += [{"language": text.attributes.get(XML_LANG, "en"), "text": text.text} for text in texts]
            if not texts:
                language = value.attributes.get(XML_LANG)
                values.append({"language": language, "text": value.text} if language else value.text)
        self.record.values[component_id] = self._convert_values(component_id, values)

    def _convert_values(self, component_id: str, values: list[Any]) -> Any:
        records = self.record.records
        structure, name = records.flow.structure, records.names.get(component_id, component_id)
        component = next((component for component in structure.components if component.id == name), None)
        if component is not None and component.is_multilingual:
            return [{"language": None, "text": value} if isinstance(value, str) else value for value in values]
        plain = [value["text"] if isinstance(value, dict) else value for value in values]
        languages = [value["language"] for value in values if isinstance(value, dict)]
        if len(set(languages)) > 1:
            self.reading.refuse(
                f"{component_id} has several languages.", "Its structure does not allow several languages."
            )
        if component is None or component.is_array:
            return plain
        if len(plain) > 1:
            self.reading.refuse(f"{component_id} has {len(plain)} values.", "Its structure allows only one.")
        return plain[0] if plain else None
