"""One row of a wire table adds a new field of a record to messages of every version."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace

import pytest
from made import HEADER
from made_artefacts import PROCESS

from sdmxmig.sdmx.formats import FORMATS
from sdmxmig.sdmx.formats.sdmx_json import structure_writing as json_writing
from sdmxmig.sdmx.formats.sdmx_json.structure_reading import records as json_reading
from sdmxmig.sdmx.formats.sdmx_ml import structure_writing as ml_writing
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading import records as ml_reading
from sdmxmig.sdmx.formats.wire import SHAPES, Field
from sdmxmig.sdmx.formats.wire.tables import ARTEFACTS
from sdmxmig.sdmx.model.structures import Process

READERS = {"ml": ml_reading.READER, "json": json_reading.READER}
WRITERS = {"ml": ml_writing.WRITER, "json": json_writing.WRITER}


@dataclass(frozen=True, slots=True)
class RemarkedProcess(Process):
    """A process that has one field more than SDMX knows."""

    remark: str = ""


@pytest.fixture
def remarks(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A table with one row more."""
    row = Field("remark", "text", ml="Remark", json="remark")
    monkeypatch.setitem(SHAPES, "Process", (*SHAPES["Process"], row))
    monkeypatch.setitem(ARTEFACTS, "Process", RemarkedProcess)
    walks = (*READERS.values(), *WRITERS.values())
    for walk in walks:
        walk.plan.cache_clear()
    yield
    for walk in walks:
        walk.plan.cache_clear()


@pytest.mark.parametrize("name", ["sdmx-ml-2.1", "sdmx-ml-3.0", "sdmx-ml-3.1", "sdmx-json-2.0", "sdmx-json-2.1"])
@pytest.mark.usefixtures("remarks")
def test_new_field_requires_one_row_in_every_version(name: str) -> None:
    process = PROCESS
    remarked = RemarkedProcess(
        **{field.name: getattr(process, field.name) for field in fields(process)}, remark="Ask the register first."
    )
    message = FORMATS[name].write_structures([remarked], HEADER)
    assert b"Ask the register first." in message
    (back,) = FORMATS[name].read_structures("x", message)
    assert replace(back, place=None) == replace(remarked, place=None)
