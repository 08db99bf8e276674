"""A message holds what its version can express; the rest is named, with what refers to it."""

from __future__ import annotations

from dataclasses import replace

import made
import made_artefacts as kinds
import pytest

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.formats import FORMATS
from sdmxmig.sdmx.formats.fitting import fitting
from sdmxmig.sdmx.model.data_structures import Component

CODES = replace(kinds.CODELIST, annotations=())
TWO = replace(
    kinds.STRUCTURE,
    components=(
        *kinds.DIMENSIONS,
        kinds.VALUE,
        Component("SECOND", "measure", concept=kinds.concept("TITLE"), data_type="String"),
    ),
    groups=(),
    place=Place("two.toml"),
)


def test_artefacts_that_a_version_supports_are_kept() -> None:
    for version in ("sdmx-ml-3.0", "sdmx-ml-3.1", "sdmx-json-2.0", "sdmx-json-2.1"):
        assert fitting(FORMATS[version], [CODES, TWO, kinds.DATAFLOW], made.HEADER).left_out == ()


def test_unsupported_artefacts_are_left_out_with_those_that_refer_to_them() -> None:
    fitted = fitting(FORMATS["sdmx-ml-2.1"], [CODES, TWO, kinds.DATAFLOW, kinds.AGREEMENT], made.HEADER)
    reasons = dict(fitted.left_out)
    assert list(reasons) == [TWO.ref, kinds.DATAFLOW.ref, kinds.AGREEMENT.ref]
    assert "SDMX-ML 2.1 cannot express" in reasons[TWO.ref]
    assert reasons[kinds.DATAFLOW.ref] == f"It refers to {TWO.ref}, which is left out."
    read = FORMATS["sdmx-ml-2.1"].read_structures
    assert read is not None
    assert [artefact.ref for artefact in read("message", fitted.content)] == [CODES.ref]


def test_the_error_about_the_first_one_brings_the_others_along() -> None:
    third = replace(TWO, ref=replace(TWO.ref, id="DSD_THIRD"))
    write = FORMATS["sdmx-ml-2.1"].write_structures
    assert write is not None
    with pytest.raises(SdmxmigError) as caught:
        write([CODES, TWO, third], made.HEADER)
    assert [error.message.split()[-1] for error in (caught.value, *caught.value.others)] == [
        f"{TWO.ref.short}.",
        f"{third.ref.short}.",
    ]
    fitted = fitting(FORMATS["sdmx-ml-2.1"], [CODES, TWO, third], made.HEADER)
    assert [(ref, "cannot express" in why) for ref, why in fitted.left_out] == [(TWO.ref, True), (third.ref, True)]
