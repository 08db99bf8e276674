"""A figure in data of a structure without measure is reported as lost."""

from __future__ import annotations

from dataclasses import replace

import made
import made_old
import pytest

from sdmxmig.primitives.errors import InputError
from sdmxmig.sdmx.formats import ALL_DIMENSIONS, FORMATS, Layout, data_bytes, read_all
from sdmxmig.sdmx.formats.detection import detect
from sdmxmig.sdmx.formats.faults import Faults

WRITTEN = [name for name in FORMATS if FORMATS[name].write_data]
UNMEASURED = replace(
    made.FLOW,
    structure=replace(
        made.STRUCTURE,
        components=tuple(component for component in made.STRUCTURE.components if component.role != "measure"),
    ),
)
FLOWS = {UNMEASURED.id: UNMEASURED}
ONE = made.dataset([(*made.MEN, "2023", "1", "A", None)], [(*made.MEN, "PS", None)], action="I")


def refused(form: str, content: bytes) -> None:
    """The message is refused at the figure, by a strict reading and by a lenient one, which goes on."""
    with pytest.raises(InputError, match=r"OBS_VALUE|no measure|does not fit") as strict:
        read_all(FORMATS[form], "message", content, FLOWS)
    assert strict.value.place
    faults = Faults()
    read_all(FORMATS[form], "message", content=content, flows=FLOWS, faults=faults)
    assert str(strict.value) in [str(fault) for fault in faults.listed]


@pytest.mark.parametrize("at", ["TIME_PERIOD", ALL_DIMENSIONS])
@pytest.mark.parametrize("form", WRITTEN)
def test_value_without_measure_is_refused_in_each_format(form: str, at: str) -> None:
    content = data_bytes(FORMATS[form], [ONE], made.HEADER, Layout(dimension_at_observation=at))
    refused(form, content)
    if form == "sdmx-ml-2.1-generic":
        assert b"<g:ObsValue value" in content
        refused(form, content.replace(b"<g:ObsValue", b'<g:ObsValue id="OBS_VALUE"'))


@pytest.mark.parametrize("name", made_old.MESSAGES)
def test_value_without_measure_is_refused_in_old_formats(name: str) -> None:
    content = made_old.MESSAGES[name]
    refused(detect("message", content).format, content)


@pytest.mark.parametrize("version", ["1.0", "2.0", "2.1"])
def test_table_without_values_is_accepted(version: str) -> None:
    form = FORMATS[f"sdmx-csv-{version}"]
    content = data_bytes(form, [ONE], made.HEADER).decode().replace(",2023,1,", ",2023,,")
    (dataset,) = read_all(form, "message", content.encode(), FLOWS)
    assert dataset.observations["OBS_STATUS"].to_list() == ["A"]
    assert "OBS_VALUE" not in dataset.observations.columns
