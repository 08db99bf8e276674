"""The building blocks of requests and answers: elements of the registry schema, references, actions, statuses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from sdmxmig.errors import SdmxmigError, did_you_mean
from sdmxmig.formats.sdmx_ml.dialects import Dialect
from sdmxmig.formats.sdmx_ml.elements import add, add_reference
from sdmxmig.formats.sdmx_ml.header_writing import add_note
from sdmxmig.formats.sdmx_ml.structure_writing.writing import moment
from sdmxmig.formats.sdmx_ml.text_shapes import ADDRESS, DATE_TIME, ID, checked
from sdmxmig.model.references import Ref
from sdmxmig.model.registrations import Status

STATUSES = ("Success", "Warning", "Failure")


@dataclass(frozen=True, slots=True)
class Dialogue:
    """A message that is being written: the version of SDMX-ML, and its namespace of the registry."""

    dialect: Dialect
    namespace: str

    def add(
        self, parent: etree._Element, name: str, text: str = "", attributes: Mapping[str, str] | None = None
    ) -> etree._Element:
        """Add an element of the registry schema."""
        return add(parent, self.namespace, name=name, text=text, attributes=attributes)

    def reference(self, parent: etree._Element, name: str, ref: Ref) -> None:
        """Add an element that names an artefact; by its URN, in 2.1 also by a ``Ref`` wherever its schema has one."""
        add_reference(parent, self.dialect, namespace=self.namespace, name=name, ref=ref)
        if not self.dialect.by_urn:  # some readers take nothing else
            element = parent[-1]
            if name == "Organisation":
                element[:] = []
            add(element, "", "URN", self.dialect.ref(ref).urn)

    def action(self, letter: str) -> str:
        """An action as this version spells it; nothing if none is given.

        Raises `SdmxmigError` if it is none of SDMX's.
        """
        words = dict(self.dialect.actions)
        if letter and letter not in words:
            raise SdmxmigError(f"“{letter}” is not an action.", hint=f"It is one of {', '.join(words)}.")
        return words.get(letter, "")

    def needed_action(self, letter: str) -> str:
        """An action that has to be given."""
        if not letter:
            raise SdmxmigError("A request has no action.", hint=f"Give one of {', '.join(dict(self.dialect.actions))}.")
        return self.action(letter)

    def time(self, text: str, what: str) -> str:
        """A date and time; of a date, its midnight. Empty if there is none."""
        return checked(moment(text), DATE_TIME, what) if text else ""

    def id(self, text: str, what: str) -> str:
        """An id; empty if there is none."""
        return checked(text, ID, what) if text else ""

    def address(self, text: str) -> str:
        """An address or URN."""
        return checked(text, ADDRESS, "an address")

    def status(self, parent: etree._Element, status: Status) -> None:
        """Add how a request went.

        Raises `SdmxmigError` if that is none of SDMX's statuses, or a note has no text.
        """
        if status.status not in STATUSES:
            raise SdmxmigError(f"“{status.status}” is not a status.", hint=did_you_mean(status.status, STATUSES))
        element = self.add(parent, "StatusMessage", attributes={"status": status.status})
        for note in status.notes:
            add_note(element, self.dialect, namespace=self.namespace, name="MessageText", note=note)
