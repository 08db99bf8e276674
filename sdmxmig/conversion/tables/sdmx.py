"""SDMX-ML data messages as tables of components, without a known structure.

Each dataset is a sheet: component ids in row 1, then observations in order with series and dataset attributes. Series
without observations are rows too. Groups have their own sheet. Multiple values share a cell.

Sheets with one column per component, for messages without structures.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field

from sdmxmig.conversion.tables.draft import TableDraft, allowance
from sdmxmig.conversion.tables.readers import READERS, Allowance, TableReader
from sdmxmig.io.intake.xml import stream_xml
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.formats.detection import FirstVersionError
from sdmxmig.sdmx.model.tables import Table


@dataclass
class ComponentSheet:
    """Rows of components with the column of each."""

    draft: TableDraft
    columns: dict[str, int] = field(default_factory=dict)
    _: KW_ONLY
    rows: int = 1

    def add(self, texts: Mapping[str, str]) -> None:
        self.rows += 1
        self.draft.step()
        for name, text in texts.items():
            if name not in self.columns:
                self.columns[name] = len(self.columns) + 1
                self.draft.add((1, self.columns[name]), (name, "text"))
            self.draft.add((self.rows, self.columns[name]), (text, "text"))


DATA = re.compile(
    rb"\s*(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>)?\s*(?:<!--.*?-->\s*)*"
    rb"<(?:[\w.-]+:)?(?:StructureSpecific(?:TimeSeries)?Data|Generic(?:TimeSeries)?Data|CompactData)[\s>/]",
    re.DOTALL,
)
FIRST_VERSION = re.compile(rb"/schemas/v1_0/message\b", re.IGNORECASE)
"""The namespace of messages in SDMX-ML 1.0."""
LOOK_AT = 4096
OF_THE_DATASET = frozenset(
    (
        "dataScope",
        "structureRef",
        "action",
        "setID",
        "type",
        "datasetID",
        "dataflowID",
        "dataflowAgencyID",
        "validFromDate",
        "validToDate",
        "publicationYear",
        "publicationPeriod",
        "keyFamilyURI",
        "schemaLocation",
        "reportingBeginDate",
        "reportingEndDate",
    )
)
"""Attributes of a dataset that are no components (SDMX-ML 2.0 to 3.1)."""
LEVELS = ("DataSet", "Group", "Series", "Obs")
CHUNK = 1 << 16


class MessageTaker:
    """Fills sheets with the elements of a data message."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.allowance: Allowance = allowance()
        self.sheets: list[ComponentSheet] = []
        self.groups: list[ComponentSheet] = []
        self.observed_by = ""
        self.level = ""
        self.values_by_level: dict[str, dict[str, str]] = {}
        self.empty_series = False
        self.component = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "Structure":
            self.observed_by = attributes.get("dimensionAtObservation", self.observed_by)
        elif tag in LEVELS and (self.sheets or tag == "DataSet"):
            self._enter(tag, attributes)
        elif self.level and tag in ("Value", "ObsDimension", "ObsValue", "Time"):
            self._value(tag, attributes)
        elif self.level and tag == "Comp":
            self.component = attributes.get("id", "")

    def end(self, tag: str, text: str) -> None:
        if not self.level:
            return
        if tag == "Time" and text:
            self.values_by_level[self.level]["TIME_PERIOD"] = text
        elif tag == "Value" and self.component and text:
            before = self.values_by_level[self.level].get(self.component)
            self.values_by_level[self.level][self.component] = f"{before}\n{text}" if before else text
        elif tag == "Comp":
            self.component = ""
        elif tag == self.level:
            self._leave()

    def _enter(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "DataSet":
            self.sheets.append(
                ComponentSheet(TableDraft(self.name, f"DataSet {len(self.sheets) + 1}", allowance=self.allowance))
            )
            self.groups.append(
                ComponentSheet(TableDraft(self.name, f"Groups {len(self.sheets)}", allowance=self.allowance))
            )
            self.values_by_level = {}
        self.level = tag
        self.empty_series = tag == "Series"
        self.values_by_level[tag] = {name: text for name, text in attributes.items() if name not in OF_THE_DATASET}

    def _value(self, tag: str, attributes: dict[str, str]) -> None:
        default = {"ObsDimension": self.observed_by or "TIME_PERIOD", "ObsValue": "OBS_VALUE"}.get(tag, "")
        name = attributes.get("id") or attributes.get("concept") or default
        if name and "value" in attributes:
            self.values_by_level[self.level][name] = attributes["value"]

    def _leave(self) -> None:
        """Close a dataset, group, series or observation; observations and empty series are rows."""
        values = self.values_by_level.pop(self.level)
        above = {**self.values_by_level.get("DataSet", {}), **self.values_by_level.get("Series", {})}
        if self.level == "Group":
            self.groups[-1].add(values)
        elif self.level == "Obs":
            self.sheets[-1].add({**above, **values})
            self.empty_series = False
        elif self.level == "Series" and self.empty_series:
            self.sheets[-1].add({**above, **values})
        inside = "Series" in self.values_by_level
        self.level = "" if self.level == "DataSet" else "Series" if inside else "DataSet"

    def tables(self) -> tuple[Table, ...]:
        return tuple(sheet.draft.table() for sheet in (*self.sheets, *self.groups) if sheet.rows > 1)


def recognises(content: bytes) -> bool:
    return bool(DATA.match(content[:LOOK_AT]))


def read(name: str, content: bytes) -> tuple[Table, ...]:
    """Read an SDMX-ML 2.0 to 3.1 data message as tables.

    Raises `InputError` with line and column if it is malformed, too large, SDMX-ML 1.0 or without data.
    """
    if FIRST_VERSION.search(content[:LOOK_AT]):
        raise FirstVersionError(name)
    message = MessageTaker(name)
    chunks = (content[start : start + CHUNK] for start in range(0, len(content), CHUNK))
    try:
        stream_xml(chunks, name, message)
    except ValueError:
        raise InputError("A dataset has more rows than a sheet.", Place(name), "Read it by its structure.") from None
    tables = message.tables()
    if not tables:
        raise InputError("The message has no observations.", Place(name), "Ask for the data again.")
    return tables


READERS.add("sdmx")(TableReader("sdmx", (), magic=b"", read=read, recognises=recognises))
