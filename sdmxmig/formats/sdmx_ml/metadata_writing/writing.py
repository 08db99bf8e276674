"""A metadata set that is being written, and the errors for what a version cannot express."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lxml import etree

from sdmxmig.errors import SdmxmigError
from sdmxmig.formats.metadata_versions import refusal
from sdmxmig.formats.sdmx_ml.dialects import Dialect
from sdmxmig.formats.sdmx_ml.elements import add, add_annotations, add_reference
from sdmxmig.formats.sdmx_ml.set_facts import URN
from sdmxmig.formats.structures.carried import whole_note
from sdmxmig.model.artefacts import Annotation
from sdmxmig.model.metadata import MetadataSet
from sdmxmig.model.references import Ref

ID = re.compile(r"[A-Za-z0-9_@$\-]+")


@dataclass(frozen=True, slots=True)
class SetWriting:
    """A metadata set, and the version of SDMX-ML in which it is written."""

    dialect: Dialect
    metadata_set: MetadataSet

    @property
    def is_21(self) -> bool:
        """Whether it is SDMX-ML 2.1, whose references are elements."""
        return self.dialect.has_final

    def refusal(self, what: str, hint: str = "") -> SdmxmigError:
        """The error for something about the set that this version of SDMX-ML cannot express."""
        return refusal(self.metadata_set, self.dialect.name, what, hint or "Leave it out, or change it.")

    def add(
        self, parent: etree._Element, name: str, text: str = "", attributes: Mapping[str, str] | None = None
    ) -> etree._Element:
        """Add an element of the namespace of reference metadata."""
        return add(parent, self.dialect.namespace("metadata/generic"), name=name, text=text, attributes=attributes)

    def common(self, parent: etree._Element, name: str, text: str = "") -> etree._Element:
        """Add an element of the common namespace."""
        return add(parent, self.dialect.common, name, text)

    def reference(self, parent: etree._Element, name: str, ref: Ref) -> None:
        """Add an element that names an artefact."""
        add_reference(parent, self.dialect, namespace=self.dialect.namespace("metadata/generic"), name=name, ref=ref)

    def notes(self, element: etree._Element, annotations: Iterable[Annotation]) -> None:
        """Add annotations; in 2.1, where they have neither values nor addresses by language, one carries these."""
        fitting_notes = (whole_note(note) if self.is_21 and (note.value or note.urls) else note for note in annotations)
        add_annotations(element, self.dialect, fitting_notes)

    def checked_id(self, text: str, what: str) -> str:
        """An id; `what` names it in messages.

        Raises `SdmxmigError` if it is none.
        """
        if not ID.fullmatch(text):
            raise self.refusal(f"“{text}” as the id of {what}", "An id has letters, digits, _, @, $ and -.")
        return text.replace("-draft)", ")") if self.is_21 else text

    def urn(self, text: str) -> str:
        """The URN of a target; in 2.1 it names one object, and not whether that is a draft.

        Raises `SdmxmigError` if it is none.
        """
        if not URN.fullmatch(text):
            raise self.refusal(f"the target “{text}”", "A target is named by its URN.")
        if self.is_21 and "*" in text:
            raise self.refusal(f"the target “{text}”", "Only SDMX 3 has wildcards: name the objects one by one.")
        return text.replace("-draft)", ")") if self.is_21 else text
