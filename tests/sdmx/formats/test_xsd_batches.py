"""A large message checked in batches has the same problems as the whole."""

from __future__ import annotations

from dataclasses import replace

import made
import made_data
import pytest

from sdmxmig.sdmx.formats import ALL_DIMENSIONS, FORMATS, Layout, data_bytes
from sdmxmig.sdmx.formats.sdmx_ml import xsd

XML = ("sdmx-ml-2.1", "sdmx-ml-2.1-generic", "sdmx-ml-3.0", "sdmx-ml-3.1")
FLOWS = {**made.FLOWS, made_data.PLAIN_FLOW.id: made_data.PLAIN_FLOW}


def message(form: str, at: str = "TIME_PERIOD") -> bytes:
    group = {made_data.GROUP.dimensions: made_data.plain().partial[made_data.GROUP.dimensions]}
    given = [replace(made_data.plain(), partial=group), made.SMALL, replace(made.SMALL, flow=made.OTHER)]
    return data_bytes(FORMATS[form], given, made.HEADER, Layout(dimension_at_observation=at))


FAULTS = {
    "nothing": (b"", b""),
    "a code": (b'SEX="M"', b'SEX="QQ"'),
    "an attribute": (b"<Obs ", b'<Obs ODD="1" '),
    "an element": (b"</mes:DataSet>", b"<Odd/></mes:DataSet>"),
    "order": (b"</mes:DataSet>", b'<Group xmlns:x="urn:x"/></mes:DataSet>'),
    "the header": (b"<mes:Test>", b"<mes:Odd/><mes:Test>"),
    "the end": (b"</mes:StructureSpecificData>", b"<mes:Odd/></mes:StructureSpecificData>"),
    "not well formed": (b"</mes:DataSet>", b"<a></mes:DataSet>"),
    "a structure": (made.OTHER.id.encode(), b"DF_UNKNOWN"),
    "the first structure": (made_data.PLAIN_FLOW.id.encode(), b"DF_UNKNOWN"),
}

OUT_OF_ORDER = ("an element", "order")
"""Of these a schema tells no more once an element is not expected; a new batch begins anew."""


@pytest.mark.parametrize("size", [1, 3])
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("form", XML)
@pytest.mark.sampled(6)
def test_checking_in_batches_finds_equal_problems(
    form: str, fault: str, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for at in ("TIME_PERIOD", ALL_DIMENSIONS):
        content = message(form, at).replace(*FAULTS[fault])
        whole = xsd.validate(content, FLOWS)
        with monkeypatch.context() as patched:
            patched.setattr(xsd, "LARGE_BYTES", 0)
            patched.setattr(xsd, "BATCH_SIZE", size)
            checked = xsd.validate(content, FLOWS)
        if fault in OUT_OF_ORDER:
            assert {line for line, _ in checked.problems} >= {line for line, _ in whole.problems} > set()
        else:
            assert set(checked.problems) == set(whole.problems)
        assert set(checked.unknown) == set(whole.unknown)
        assert set(checked.generated) == set(whole.generated)
        assert (fault == "nothing") <= (checked.problems == [])
