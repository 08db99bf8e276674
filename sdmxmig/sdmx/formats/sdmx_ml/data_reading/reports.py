"""Reference metadata in SDMX-ML 3.0 and 3.1 data.

Attributes in 3.1, a whole metadata set in 3.0.
"""

from __future__ import annotations

from collections.abc import Callable

from lxml import etree

from sdmxmig.sdmx.formats.dataset_reports import Attributes
from sdmxmig.sdmx.formats.faults import each
from sdmxmig.sdmx.formats.metadata_values import arrays
from sdmxmig.sdmx.formats.metadata_versions import restored_in_version_3
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.reading import Element, MessageReading
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.tree import NODE_LIMIT
from sdmxmig.sdmx.formats.sdmx_ml.dialects import SCHEMAS
from sdmxmig.sdmx.formats.sdmx_ml.metadata_reading.sets import attribute_of, set_of_version_3
from sdmxmig.sdmx.formats.sdmx_ml.parts import Message, Names, Part
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.notes import annotations_of
from sdmxmig.sdmx.model.metadata import MetadataSet, Report

FOLDERS = {"sdmx-ml-3.0": f"{SCHEMAS}/v3_0", "sdmx-ml-3.1": f"{SCHEMAS}/v3_1"}

TakeReport = Callable[[Attributes | MetadataSet], object]


class KeptElement(Element):
    """An element that is kept with all that is in it, as those who read whole messages have it."""

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
            self.element = etree.Element(tagged(f"{namespace}}}{name}" if namespace else name))
            for attribute, value in attributes.items():
                self.element.set(tagged(attribute), value)
        except ValueError:  # a namespace that is no address
            reading.refuse(f"{name} or an attribute of it has a name that XML does not allow.")
        whole.lines[self.element] = reading.feed.line

    def child(self, name: str, namespace: str, attributes: dict[str, str]) -> Element:
        inner = KeptElement(self.reading, name, namespace=namespace, attributes=attributes, whole=self.whole)
        self.element.append(inner.element)
        return inner

    def heard(self, text: str) -> None:
        if len(self.element):
            self.element[-1].tail = (self.element[-1].tail or "") + text
        else:
            self.element.text = (self.element.text or "") + text

    def close(self, text: str) -> None:
        self.heard(text)


def tagged(name: str) -> str:
    return f"{{{name}" if "}" in name else name


class Metadata(KeptElement):
    """The element ``Metadata``; `take` receives its attributes and set."""

    def __init__(
        self, reading: MessageReading, name: str, namespace: str, attributes: dict[str, str], take: TakeReport
    ) -> None:
        if reading.format_id not in FOLDERS:
            reading.refuse("Metadata may not stand in data before SDMX-ML 3.0.", "Send them as a message of their own.")
        self.size = 0
        self.lines: dict[etree._Element, int] = {}
        super().__init__(reading, name, namespace=namespace, attributes=attributes, whole=self)
        self.take = take

    def close(self, text: str) -> None:
        """Hand over what is reported."""
        super().close(text)
        version, folder = self.reading.format_id.rpartition("-")[2], FOLDERS[self.reading.format_id]
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
        self.take(reported_in(Part(self.element, message)))


def reported_in(part: Part) -> Attributes | MetadataSet:
    """Read the content of ``Metadata``; strict reading rejects unknown content."""
    inner = [Part(child, part.message) for child in part.element if part.message.names[str(child.tag)] == "Attribute"]
    attributes = arrays(each(part.message.faults, attribute_of, inner))
    if part.message.version == "3.0":
        metadata_set = restored_in_version_3(set_of_version_3(part, attributes))
        if not metadata_set.reports:
            raise part.error("names a metadata set without its content.", "Send the content, or leave the name out.")
        return metadata_set
    part.forget("Attribute")
    notes = annotations_of(part)
    part.close()
    return MetadataSet(None, (Report((), attributes),), annotations=notes) if notes else attributes
