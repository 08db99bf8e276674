"""Reading of data messages for checks, by family of formats."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, BinaryIO, Protocol, cast

from sdmxmig.io.intake.files import MIB
from sdmxmig.io.intake.incoming import KeptMessage
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.lazily import later
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.checking.problems import Problem, Schema
from sdmxmig.sdmx.formats import Format
from sdmxmig.sdmx.formats.faults import Faults
from sdmxmig.sdmx.formats.locating import Sought
from sdmxmig.sdmx.formats.xml_repair import Pieces, mended
from sdmxmig.sdmx.model.data import Dataset, Flow

# Each message is of one family only: what reads the others is not loaded.
if TYPE_CHECKING:
    from sdmxmig.sdmx.formats.sdmx_csv import locating as csv_locating
    from sdmxmig.sdmx.formats.sdmx_json import locating, schema_validation, seekable_input
    from sdmxmig.sdmx.formats.sdmx_ml import data_reading, xsd
    from sdmxmig.sdmx.formats.sdmx_ml import locating as ml_locating
    from sdmxmig.sdmx.formats.sdmx_ml.data_reading import digest as digests
else:
    csv_locating = later("sdmxmig.sdmx.formats.sdmx_csv.locating")
    schema_validation = later("sdmxmig.sdmx.formats.sdmx_json.schema_validation")
    locating = later("sdmxmig.sdmx.formats.sdmx_json.locating")
    seekable_input = later("sdmxmig.sdmx.formats.sdmx_json.seekable_input")
    data_reading = later("sdmxmig.sdmx.formats.sdmx_ml.data_reading")
    digests = later("sdmxmig.sdmx.formats.sdmx_ml.data_reading.digest")
    ml_locating = later("sdmxmig.sdmx.formats.sdmx_ml.locating")
    xsd = later("sdmxmig.sdmx.formats.sdmx_ml.xsd")

IN_MEMORY = 16 * MIB


class MessageReading(Protocol):
    """A data message that can be read several times; `flows` are the dataflows that it may follow."""

    flows: Mapping[str, Flow]

    def source(self) -> BinaryIO:
        """The message from its beginning."""

    def blocks(self, faults: Faults) -> Iterator[Dataset]:
        """Its datasets in blocks, past its faults."""

    def schema(self, flows: Mapping[str, Flow], /) -> Schema:
        """Validate the message with the official schema and with the schema of its structure."""

    def locate(self, sought: Sequence[Sought]) -> list[list[Place]]:
        """The places of values."""


def reading_of(message: KeptMessage, form: Format, flows: Mapping[str, Flow], opened: ExitStack) -> MessageReading:
    if form.id.startswith("sdmx-ml"):
        spool = opened.enter_context(tempfile.SpooledTemporaryFile(IN_MEMORY))  # noqa: SIM115 - closed with `opened`
        return ReadingMl(message, form, flows, cast("BinaryIO", spool))
    return ReadingJson(message, form, flows) if form.id.startswith("sdmx-json") else ReadingCsv(message, form, flows)


class ReadingCsv:
    """A table, which has no official schema."""

    def __init__(self, message: KeptMessage, form: Format, flows: Mapping[str, Flow]) -> None:
        self.message, self.form, self.flows = message, form, flows

    def source(self) -> BinaryIO:
        return self.message.again()

    def blocks(self, faults: Faults) -> Iterator[Dataset]:
        assert self.form.read_data is not None  # noqa: S101 - only such formats are read
        return self.form.read_data(self.message.name, self.source(), self.flows, faults)

    def schema(self, _: Mapping[str, Flow], /) -> Schema:
        return Schema()

    def locate(self, sought: Sequence[Sought]) -> list[list[Place]]:
        return csv_locating.locate(self.message, sought, self.flows)


class ReadingJson(ReadingCsv):
    """An SDMX-JSON message, with random access."""

    def source(self) -> BinaryIO:
        return self.message.file()

    def schema(self, _: Mapping[str, Flow], /) -> Schema:
        name = self.message.name
        try:
            with seekable_input.seekable_input(self.source(), name) as opened:
                schema_problems = schema_validation.data_problems(opened, self.form.id.removeprefix("sdmx-json-"))
        except InputError:  # the reading tells of it
            return Schema()
        return Schema([Problem(Place(name, key=key), message) for key, message in schema_problems])

    def locate(self, sought: Sequence[Sought]) -> list[list[Place]]:
        return locating.locate(self.message, sought, self.flows)


class ReadingMl(ReadingCsv):
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
        digest = self.digest
        if digest.is_whole:
            digest.file.seek(0)
            problems = xsd.validate_stream(digest.file, flows, any_values=True).problems
            if not (problems and digest.has_cuts):  # else each element is wrong that is shaped as a wrong one
                return self._schema((digest.line(line), message) for line, message in problems)
        whole = cast("BinaryIO", Pieces(mended(self.message.name, self.message.again(), Faults())))
        return self._schema(xsd.validate_stream(whole, flows, any_values=True).problems)

    def _schema(self, problems: Iterable[tuple[int, str]]) -> Schema:
        return Schema([Problem(Place(self.message.name, line=line), message) for line, message in problems])

    def locate(self, sought: Sequence[Sought]) -> list[list[Place]]:
        return ml_locating.locate(self.message, sought, self.flows)
