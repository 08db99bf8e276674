"""A data message: root, header, datasets, footer."""

from __future__ import annotations

from sdmxmig.sdmx.formats.detection import ML_NAMESPACE, is_as_published
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.generic import GenericDataset
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.header import Node, header_of
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.reading import Branch, Element, MessageReading
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.specific import SpecificDataset
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.version_20 import CrossDataset, UtilityDataset
from sdmxmig.sdmx.formats.sdmx_ml.header_writing import ASK_AGAIN

OLD = "v2_0"
"""The version before 2.1, which has layouts of its own."""
OLD_ROOTS = {
    "GenericData": "generic",
    "CompactData": "specific",
    "UtilityData": "utility",
    "CrossSectionalData": "cross",
    "MessageGroup": "group",
}
ROOTS = {
    **{(OLD, name): ("sdmx-ml-2.0", kind) for name, kind in OLD_ROOTS.items()},
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


def root_of(reading: MessageReading, name: str, namespace: str) -> tuple[str, str, str]:
    """Determine version, format and kind from the root.

    Raises `InputError` if it is not a data message.
    """
    match = ML_NAMESPACE.fullmatch(namespace)
    hint = "A data message begins with an element such as StructureSpecificData of SDMX-ML's message namespace."
    if match is None:
        reading.refuse(f"The root {name} does not tell its version (“{namespace}”).", hint)
    if match["area"].lower() != "message" or not is_as_published(match):
        reading.deviation(f"The root {name} is in no namespace of SDMX-ML messages (“{namespace}”).", hint)
    version = f"v{match['version']}"
    if (version, name) not in ROOTS:
        version_name = f"SDMX-ML {version[1:].replace('_', '.')}"
        if name in OTHER_ROOTS:
            reading.refuse(f"The message holds {OTHER_ROOTS[name]}, no data ({version_name}, {name}).")
        roots = sorted(root for folder, root in ROOTS if folder == version)
        if not roots:
            reading.refuse(f"{version_name} is not known.", "Known are 2.0, 2.1, 3.0 and 3.1.")
        reading.refuse_name(name, version_name, roots, "data message")
    return version, *ROOTS[version, name]


class Document(Element):
    """Above the root."""

    title = "a document"

    def __init__(self, reading: MessageReading, form: str = "") -> None:
        super().__init__(reading)
        self.form = form

    def child(self, name: str, namespace: str, _attributes: dict[str, str]) -> Element:
        """Return the root element, which must match the requested format."""
        if name == "Error" and namespace.lower().endswith("/message"):
            return ErrorRoot(self.reading)
        version, form, kind = root_of(self.reading, name, namespace)
        if self.form not in ("", form):
            self.reading.refuse(f"The message is {form}, not {self.form}.", f"Read it as {form}.")
        self.reading.format_id = form
        root = Root(self.reading, name, version, kind)
        self.reading.root = root
        return root


class Root(Element):
    """The root element: a header, datasets and an optional footer."""

    def __init__(self, reading: MessageReading, title: str, version: str, kind: str) -> None:
        super().__init__(reading)
        self.title = title
        self.version = version
        self.kind = kind
        self.dataset: Element | None = None
        self.series_only = title.endswith("TimeSeriesData")

    def child(self, name: str, namespace: str, attributes: dict[str, str]) -> Element:
        if name == "Header" and self.reading.header is None:
            return HeaderBranch(self.reading, name, attributes)
        if name == "Footer":
            return Footer(self.reading)
        if name != "DataSet":
            return super().child(name, namespace, attributes)
        if self.reading.header is None:
            self.reading.deviation("The DataSet comes before a Header.", "A message begins with its Header.")
        self.dataset = self._dataset(namespace, attributes)
        return self.dataset

    def _dataset(self, namespace: str, attributes: dict[str, str]) -> Element:
        reading, old, kind = self.reading, self.version == OLD, self.kind
        if kind == "group":
            match = ML_NAMESPACE.fullmatch(namespace)
            kind = OLD_KINDS.get(match["area"].lower() if match else "compact", "specific")
        elif not old and not ML_NAMESPACE.fullmatch(namespace):
            reading.deviation(f"The DataSet is in the namespace “{namespace}”, not in that of messages.")
        if kind == "generic":
            return GenericDataset(reading, attributes, namespace, old=old)
        if kind == "utility":
            return UtilityDataset(reading, attributes, namespace)
        if kind == "cross":
            return CrossDataset(reading, attributes, namespace)
        dimension = "TIME_PERIOD" if old or self.series_only else ""
        return SpecificDataset(reading, attributes, namespace, dimension=dimension, old=old)


class ErrorRoot(Element):
    """The root of an error message; raises its content as an error."""

    title = "Error"

    def child(self, name: str, namespace: str, attributes: dict[str, str]) -> Element:
        is_error = name == "ErrorMessage"
        return Note(self.reading, name, attributes) if is_error else super().child(name, namespace, attributes)

    def close(self, _text: str) -> None:
        errors = "; ".join(
            " ".join(f"{note.attributes.get('code', '')}: {note.texts('Text')}".split()) for note in self.reading.notes
        )
        self.reading.refuse(f"A service answered with an error instead: {errors}", ASK_AGAIN)


class HeaderBranch(Branch):
    """The header."""

    def finished(self, node: Node) -> None:
        self.reading.header = header_of(node, self.reading.name, faults=self.reading.faults)


class Footer(Element):
    """The footer with notes of the sender, such as warnings."""

    title = "Footer"

    def child(self, name: str, namespace: str, attributes: dict[str, str]) -> Element:
        return Note(self.reading, name, attributes) if name == "Message" else super().child(name, namespace, attributes)


class Note(Branch):
    """One note of a footer."""

    def finished(self, node: Node) -> None:
        self.reading.notes.append(node)
        if self.reading.faults is not None:
            said = (node.attributes.get("severity", ""), f"{node.attributes.get('code', '')}:", str(node.texts("Text")))
            self.reading.faults.say(" ".join(" ".join(said).split()))
