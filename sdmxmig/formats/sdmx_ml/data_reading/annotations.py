"""The notes on a dataset."""

from __future__ import annotations

from sdmxmig.formats.sdmx_ml.data_reading.datasets import DatasetRecords
from sdmxmig.formats.sdmx_ml.data_reading.reading import Branch, Reading
from sdmxmig.formats.sdmx_ml.data_reading.tree import XML_LANG, Node
from sdmxmig.model.artefacts import Annotation, Text

PARTS = ("AnnotationTitle", "AnnotationType", "AnnotationURL", "AnnotationText", "AnnotationValue")


class Annotations(Branch):
    """The element ``Annotations`` of a dataset: before its data, in SDMX-ML 2.0 behind them."""

    def __init__(
        self,
        reading: Reading,
        name: str,
        attributes: dict[str, str],
        *,
        records: DatasetRecords,
    ) -> None:
        super().__init__(reading, name, attributes)
        self.records = records

    def kept(self, node: Node) -> None:
        """Keep the notes with the dataset."""
        for one in node:
            self._expect(one, node, ("Annotation",))
            for part in one:
                self._expect(part, one, PARTS)
        self.records.annotations += tuple(map(annotation_of, node.all("Annotation")))

    def _expect(self, node: Node, above: Node, known: tuple[str, ...]) -> None:
        if node.tag not in known:
            self.reading.spot = (node.line, node.column)
            self.reading.wrong(f"{node.tag} may not stand in {above.tag}.")


def annotation_of(node: Node) -> Annotation:
    """One note; the first address without a language is its own, the others are by their languages."""
    addresses = [(one.attributes.get(XML_LANG, ""), one.text.strip()) for one in node.all("AnnotationURL")]
    own = next((url for language, url in addresses if not language), "")
    others = tuple(pair for pair in addresses if pair != ("", own))
    return Annotation(
        node.said("AnnotationType"),
        node.texts("AnnotationText"),
        node.said("AnnotationTitle"),
        own,
        node.attributes.get("id", ""),
        node.said("AnnotationValue"),
        Text(others),
    )
