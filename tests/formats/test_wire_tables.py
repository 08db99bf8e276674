"""One row of a wire table makes a new field of a record stand in messages of every version, and come back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace

import pytest
from made import HEADER
from made_artefacts import PROCESS

from sdmxmig.formats import FORMATS
from sdmxmig.formats.sdmx_json.structure_reading import records as json_reading
from sdmxmig.formats.sdmx_json.structure_writing import WRITERS
from sdmxmig.formats.sdmx_json.structure_writing import records as json_writing
from sdmxmig.formats.sdmx_ml.structure_reading import records as ml_reading
from sdmxmig.formats.sdmx_ml.structure_writing import records as ml_writing
from sdmxmig.formats.wire import Field, Form, rows
from sdmxmig.formats.wire.tables import ARTEFACTS, RECORDS, SHAPES
from sdmxmig.model.processes import Process

FAMILIES = {"ml": (ml_reading.FORMS, ml_writing.FORMS), "json": (json_reading.FORMS, json_writing.FORMS)}


@dataclass(frozen=True, slots=True)
class RemarkedProcess(Process):
    """A process that has one field more than SDMX knows."""

    remark: str = ""


@pytest.fixture
def remarks(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A table with one row more."""
    row = Field("remark", Form.TEXT, ml="Remark")
    monkeypatch.setitem(SHAPES, "Process", (*SHAPES["Process"], row))
    monkeypatch.setitem(ARTEFACTS, "Process", RemarkedProcess)
    monkeypatch.setitem(WRITERS, RemarkedProcess, WRITERS[Process])
    plans = [module.plan for module in (ml_reading, ml_writing, json_reading, json_writing)]
    for plan in plans:
        plan.cache_clear()
    yield
    for plan in plans:
        plan.cache_clear()


@pytest.mark.parametrize("name", ["sdmx-ml-2.1", "sdmx-ml-3.0", "sdmx-ml-3.1", "sdmx-json-2.0", "sdmx-json-2.1"])
@pytest.mark.usefixtures("remarks")
def test_a_new_field_is_one_row_in_every_version(name: str) -> None:
    process = PROCESS
    remarked = RemarkedProcess(
        **{field.name: getattr(process, field.name) for field in fields(process)}, remark="Ask the register first."
    )
    message = FORMATS[name].write_structures([remarked], HEADER)
    assert b"Ask the register first." in message
    (back,) = FORMATS[name].read_structures("x", message)
    assert replace(back, place=None) == replace(remarked, place=None)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_row_can_be_read_and_written(family: str) -> None:
    reading, writing = FAMILIES[family]
    forms = {row.form for key in SHAPES for row in rows(SHAPES, key, family=family)}
    assert forms <= reading.keys()
    assert {row.form for key in SHAPES for row in rows(SHAPES, key, family=family, version="3.1")} <= writing.keys()


def test_rows_name_fields_of_their_records() -> None:
    for key, shape in SHAPES.items():
        record = key if isinstance(key, type) else {**ARTEFACTS, **RECORDS}.get(key)
        known = {field.name for field in fields(record)} if is_dataclass(record) else set()
        assert {row.name for row in shape} <= known or not is_dataclass(record), key
