"""Reading of data messages for checks, by family of formats."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, cast

from sdmxmig.io.intake.files import MIB
from sdmxmig.io.intake.incoming import KeptMessage
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.lazily import import_lazily
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.formats import Format
from sdmxmig.sdmx.formats.detection import Detection
from sdmxmig.sdmx.formats.faults import Faults, SoughtValues
from sdmxmig.sdmx.formats.sdmx_ml.dialects import SDMX_21, SDMX_30, SDMX_31, Dialect
from sdmxmig.sdmx.formats.xml_repair import Pieces, repair_bytes, repair_text
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.data_structures import Component, list_types

if TYPE_CHECKING:
    from sdmxmig.sdmx.formats.sdmx_csv import reading as csv_locating
    from sdmxmig.sdmx.formats.sdmx_json import runs as json_runs
    from sdmxmig.sdmx.formats.sdmx_json import schemas, walk
    from sdmxmig.sdmx.formats.sdmx_ml import data_reading, xsd
    from sdmxmig.sdmx.formats.sdmx_ml import locating as ml_locating
    from sdmxmig.sdmx.formats.sdmx_ml.data_reading import digest as digests
else:
    schemas = import_lazily("sdmxmig.sdmx.formats.sdmx_json.schemas")
    xsd = import_lazily("sdmxmig.sdmx.formats.sdmx_ml.xsd")
    csv_locating = import_lazily("sdmxmig.sdmx.formats.sdmx_csv.reading")
    json_runs = import_lazily("sdmxmig.sdmx.formats.sdmx_json.runs")
    walk = import_lazily("sdmxmig.sdmx.formats.sdmx_json.walk")
    data_reading = import_lazily("sdmxmig.sdmx.formats.sdmx_ml.data_reading")
    digests = import_lazily("sdmxmig.sdmx.formats.sdmx_ml.data_reading.digest")
    ml_locating = import_lazily("sdmxmig.sdmx.formats.sdmx_ml.locating")


ERROR, WARNING = "error", "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem in a message, with its place; a ``warning`` is a deviation with a clear meaning."""

    place: Place
    message: str
    severity: str = ERROR


@dataclass(slots=True)
class Schema:
    problems: list[Problem] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)


def find_schema(name: str, content: bytes, detected: Detection) -> Schema:
    if detected.format.startswith("sdmx-ml-"):
        judgement = xsd.validate(content, {})
        if judgement.problems and judgement.problems[0][1].startswith(xsd.NOT_WELL_FORMED):
            mended = xsd.validate(repair_text(name, content, Faults()), {})
            judgement = mended if not mended.problems or mended.problems != judgement.problems else judgement
        return Schema([Problem(Place(name, line=line), message) for line, message in judgement.problems])
    if detected.format.startswith("sdmx-json-") and detected.kind in ("structure", "metadata"):
        try:
            schema_problems = schemas.find_problems(
                name, content, detected.format.removeprefix("sdmx-json-"), detected.kind
            )
        except InputError:  # reading reports it
            return Schema()
        return Schema([Problem(Place(name, key=key), message) for key, message in schema_problems])
    return Schema()


# Each message is of one family; readers of others are not loaded.

MAX_MEMORY_BYTES = 16 * MIB


def build_reading(message: KeptMessage, form: Format, flows: Mapping[str, Flow], opened: ExitStack) -> MessageReading:
    if form.id.startswith("sdmx-ml"):
        spool = opened.enter_context(tempfile.SpooledTemporaryFile(MAX_MEMORY_BYTES))  # noqa: SIM115 - closed with `opened`
        return XmlMessageReading(message, form, flows, cast("BinaryIO", spool))
    return (
        JsonMessageReading(message, form, flows)
        if form.id.startswith("sdmx-json")
        else MessageReading(message, form, flows)
    )


class MessageReading:
    """A data message that can be read several times; a table has no official schema."""

    def __init__(self, message: KeptMessage, form: Format, flows: Mapping[str, Flow]) -> None:
        self.message, self.form, self.flows = message, form, flows

    def source(self) -> BinaryIO:
        return self.message.again()

    def blocks(self, faults: Faults) -> Iterator[Dataset]:
        assert self.form.read_data is not None  # noqa: S101 - only such formats are read
        return self.form.read_data(self.message.name, self.source(), self.flows, faults)

    def schema(self, _: Mapping[str, Flow], /) -> Schema:
        return Schema()

    def locate(self, sought: Sequence[SoughtValues]) -> list[list[Place]]:
        return csv_locating.locate(self.message, sought, self.flows)


class JsonMessageReading(MessageReading):
    def source(self) -> BinaryIO:
        return self.message.file()

    def schema(self, _: Mapping[str, Flow], /) -> Schema:
        name = self.message.name
        try:
            with walk.make_seekable(self.source(), name) as opened:
                schema_problems = schemas.find_data_problems(opened, self.form.id.removeprefix("sdmx-json-"))
        except InputError:  # reading reports it
            return Schema()
        return Schema([Problem(Place(name, key=key), message) for key, message in schema_problems])

    def locate(self, sought: Sequence[SoughtValues]) -> list[list[Place]]:
        return json_runs.locate(self.message, sought, self.flows)


class XmlMessageReading(MessageReading):
    """An SDMX-ML message; its first reading keeps the parts that schemas check."""

    def __init__(self, message: KeptMessage, form: Format, flows: Mapping[str, Flow], spool: BinaryIO) -> None:
        super().__init__(message, form, flows)
        self.digest = digests.Digest(spool)
        self.is_first = True

    def blocks(self, faults: Faults) -> Iterator[Dataset]:
        watch, self.is_first = self.digest if self.is_first else None, False
        return data_reading.read_data(
            self.message.name, self.source(), self.flows, self.form.id, faults=faults, watch=watch
        )

    def schema(self, flows: Mapping[str, Flow], /) -> Schema:
        def again() -> BinaryIO:
            return cast("BinaryIO", Pieces(repair_bytes(self.message.name, self.message.again(), Faults())))

        problems = digests.find_schema_problems(self.digest, flows, again)
        return Schema([Problem(Place(self.message.name, line=line), message) for line, message in problems])

    def locate(self, sought: Sequence[SoughtValues]) -> list[list[Place]]:
        return ml_locating.locate(self.message, sought, self.flows)


NUMBER, TEXT = "NaN", "#N/A"
"""Codes for intentionally missing numbers and texts (SDMX 3.1, technical notes)."""
NUMBER_TYPES = list_types("kind", "number", "range")


@dataclass(frozen=True, slots=True)
class FormatVersion:
    """The rules of the SDMX version of a format: types, codes for missing values, mandatory components.

    `missing` is ``none`` (no code for missing values), ``exact`` (one code for each type) or ``any``. `old` means
    before SDMX 2.1, when some periods were written differently.
    """

    dialect: Dialect
    missing: str = "any"
    old: bool = False

    def list_missing_words(self, component: Component) -> tuple[str, ...]:
        if self.missing == "none" or component.role not in ("measure", "attribute"):
            return ()
        if self.missing == "any":
            return (NUMBER, TEXT)
        is_number = not component.is_coded and component.data_type in NUMBER_TYPES
        return (NUMBER,) if is_number else (TEXT,)


VERSIONS = {
    "sdmx-ml-2.0": FormatVersion(SDMX_21, old=True),
    "sdmx-ml-2.1": FormatVersion(SDMX_21, "none"),
    "sdmx-ml-2.1-generic": FormatVersion(SDMX_21),
    "sdmx-ml-3.0": FormatVersion(SDMX_30, "none"),
    "sdmx-ml-3.1": FormatVersion(SDMX_31, "exact"),
    "sdmx-csv-1.0": FormatVersion(SDMX_21),
    "sdmx-json-1.0": FormatVersion(SDMX_21),
    "sdmx-csv-2.1": FormatVersion(SDMX_31),
    "sdmx-json-2.1": FormatVersion(SDMX_31),
}
REPLACING_ACTIONS = frozenset("IR")
"""Actions for which all mandatory components are required; other actions may omit them."""
LATEST = FormatVersion(SDMX_30)
