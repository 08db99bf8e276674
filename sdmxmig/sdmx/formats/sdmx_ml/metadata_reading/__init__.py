"""Streaming reader of reference metadata messages."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import cast

from lxml import etree

from sdmxmig.io.intake.xml import iterate_xml
from sdmxmig.primitives.errors import InputError, did_you_mean
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.formats.faults import Faults, Surplus, attempt, fault, no_collector
from sdmxmig.sdmx.formats.metadata_paths import arrays
from sdmxmig.sdmx.formats.metadata_versions import restored_in_version_3, restored_in_version_21
from sdmxmig.sdmx.formats.sdmx_ml.header_writing import refusal
from sdmxmig.sdmx.formats.sdmx_ml.metadata_reading.sets import (
    DESCRIBED,
    attribute_of,
    report_of,
    set_of_version_3,
    set_of_version_21,
)
from sdmxmig.sdmx.formats.sdmx_ml.parts import LAST_KEPT_LINE, Message, Names, Part, kept_line, line_of_element, opened
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.references import reference
from sdmxmig.sdmx.formats.xml_repair import mended_text
from sdmxmig.sdmx.model.metadata import MetadataSet, Report, ReportedAttribute
from sdmxmig.sdmx.model.references import Ref

PARTS_OF_MESSAGE = ("mes:Header", "mes:MetadataSet", "mes:Footer")
PARTS_OF_SET = (
    "com:Annotations",
    "com:Link",
    "com:Name",
    "com:Description",
    "DataProvider",
    "Metadataflow",
    "MetadataProvisionAgreement",
    "Target",
)
MARKUP_LIMIT = 20_000
"""Maximum number of elements of a structured text."""
SPECIFIC = "StructureSpecificMetadata"


def read_metadata(name: str, content: bytes, faults: Faults | None = None) -> tuple[MetadataSet, ...]:
    """Read the metadata sets of SDMX-ML 2.1, 3.0 or 3.1 in order.

    Texts, ids and order are preserved. With `faults`, unreadable sets, reports and attributes are recorded and left
    out.

    Raises `InputError` with line and element for malformed, unexpected or missing content.
    """
    walk = Walk(name, content if faults is None else mended_text(name, content, faults), faults)
    sets: list[MetadataSet] = []
    try:
        with no_collector():
            sets.extend(walk.sets())
    except InputError as error:
        if not walk.begun:
            raise
        fault(faults, error)
    return tuple(sets)


@lru_cache(maxsize=100)
def hint_for(local: str, known: tuple[str, ...]) -> str:
    """Return the hint for an unknown name, cached because a broken message may repeat it."""
    return did_you_mean(local, [name.rpartition(":")[2] for name in known])


class Walk:
    """Streaming reader of one message, with the current depth and set."""

    def __init__(self, name: str, content: bytes, faults: Faults | None) -> None:
        self.name = name
        self.content = content
        self.faults = faults
        self.begun = self.depth = 0
        self.message = Message(name, "", names=Names(""), line_of=self.line_of, faults=faults)
        self.unit = self.space = ""
        self.structures: dict[str, Ref] = {}
        self.reports: list[Report] = []
        self.attributes: list[ReportedAttribute] = []
        self.starts: dict[etree._Element, int] = {}
        self.done: etree._Element | None = None
        self.markup_depth = self.markup_size = 0

    def sets(self) -> Iterator[MetadataSet]:
        path: list[etree._Element] = []  # from the root down to a report; deeper elements are only counted
        for event, element in iterate_xml(self.content, self.name):
            if event == "start":
                self.begun += 1
                self.depth += 1
                if self.depth <= 3:
                    path.append(element)
                self.enter(element)
            else:
                if self.depth <= 3:
                    path.pop()
                    yield from self.ended(element, path)
                if self.depth == self.markup_depth:
                    self.markup_depth = 0
                self.depth -= 1

    def enter(self, element: etree._Element) -> None:
        """Check that an element is allowed here and that structured text stays within limits."""
        if self.depth <= 3 and kept_line(element) > LAST_KEPT_LINE:
            self.starts[element] = self.begun
        if self.depth == 1:
            self.begin(element)
        elif self.depth == 2:
            self.check_name(element, PARTS_OF_MESSAGE)
        elif self.depth == 3 and self.name_of(cast("etree._Element", element.getparent())) == "mes:MetadataSet":
            self.check_name(element, (*PARTS_OF_SET, self.unit))
        elif self.markup_depth:
            self.markup_size += 1
            if self.markup_size > MARKUP_LIMIT:
                what = f"A structured text has more than {MARKUP_LIMIT:,} elements."
                raise InputError(what, Place(self.name, line=kept_line(element)), "Shorten it.")
        elif self.depth > 3 and self.name_of(element) == "com:StructuredText":
            self.markup_depth, self.markup_size = self.depth, 0

    def check_name(self, element: etree._Element, known: tuple[str, ...]) -> None:
        if self.name_of(element) not in known:
            local = str(element.tag).rpartition("}")[2]
            hint = hint_for(local, known)
            parent_name = "a message" if known == PARTS_OF_MESSAGE else "<MetadataSet>"
            what = f"<{local}> does not belong in {parent_name} of SDMX-ML {self.message.version}."
            fault(self.faults, Surplus(what, self.message.place(element), hint))

    def begin(self, root: etree._Element) -> None:
        folder, version, local = opened(self.name, root)
        place = Place(self.name, line=kept_line(root))
        if version == "2.0":
            hint = "It names what it is about without agencies and versions; send it as SDMX-ML 2.1 or later."
            raise InputError("Reference metadata of SDMX-ML 2.0 are not supported.", place, hint)
        if local == "Error":
            raise refusal(self.name, self.content)
        if local != "GenericMetadata" and (local, version) != (SPECIFIC, "2.1"):
            hint = "A message of reference metadata begins with <GenericMetadata>."
            raise InputError(f"<{local}> holds no reference metadata of SDMX-ML {version}.", place, hint)
        names = Names(folder)
        if local == SPECIFIC:
            names.prefixes[""] = ""
            self.space = f"{{{folder}/metadata/structurespecific}}"
        else:
            names.prefixes = {**names.prefixes, f"{folder}/metadata/generic": ""}
            del names.prefixes[f"{folder}/structure"]
        self.unit = "Report" if version == "2.1" else "Attribute"
        self.message = Message(self.name, version, names=names, line_of=self.line_of, faults=self.faults)

    def ended(self, element: etree._Element, path: list[etree._Element]) -> Iterator[MetadataSet]:
        """Yield the set of a closed element; `path` leads to its ancestors."""
        if len(path) == 2 and self.name_of(path[1]) == "mes:MetadataSet":
            if self.name_of(element) == self.unit:
                self.take_unit(Part(element, self.message))
            if self.name_of(element) not in PARTS_OF_SET:
                self.drop(element)
        elif len(path) == 1:
            match self.name_of(element):
                case "mes:Header":
                    self.take_header(Part(element, self.message))
                case "mes:MetadataSet":
                    metadata_set = attempt(self.faults, self.set_of, Part(element, self.message))
                    yield from [metadata_set] if metadata_set else []
                    self.reports, self.attributes = [], []
                    self.done = None
            self.drop(element)

    def take_unit(self, part: Part) -> None:
        if self.message.is_21:
            report = attempt(self.faults, report_of, part)
            self.reports += [report] if report else []
        else:
            attribute = attempt(self.faults, attribute_of, part)
            self.attributes += [attribute] if attribute else []

    def set_of(self, part: Part) -> MetadataSet:
        if self.message.is_21:
            return restored_in_version_21(set_of_version_21(part, self.reports, self.structures, self.space))
        return restored_in_version_3(set_of_version_3(part, arrays(self.attributes)))

    def take_header(self, part: Part) -> None:
        if self.message.is_21:
            self.structures.update(part.each(structure_of, "mes:Structure"))

    def drop(self, element: etree._Element) -> None:
        """Empty an element and remove the previous one; the parser may still add text after this one."""
        element.clear(keep_tail=True)  # type: ignore[call-arg]  # the stub lacks it
        if self.done is not None and (parent := self.done.getparent()) is not None:
            parent.remove(self.done)
            self.starts.pop(self.done, None)
        self.done = element

    def name_of(self, element: etree._Element) -> str:
        return self.message.names[str(element.tag)]

    def line_of(self, element: etree._Element) -> int:
        line = kept_line(element)
        holder: etree._Element | None = element
        while holder is not None and holder not in self.starts:
            holder = holder.getparent()
        if line <= LAST_KEPT_LINE or holder is None:
            return line
        inside = next(number for number, node in enumerate(holder.iter()) if node is element)
        return line_of_element(self.content, self.starts[holder] + inside) or line


def structure_of(part: Part) -> tuple[str, Ref]:
    structure_id = part.needed("structureID")
    named = part.one(*DESCRIBED)
    kind = DESCRIBED[part.message.names[str(named.element.tag)]]
    structure = reference(named, kind)
    if structure.kind != kind:
        raise named.error(f"names a {structure.kind}.")
    return structure_id, structure
