"""The recogniser, made once for all tests of what labels mean."""

from __future__ import annotations

import pytest
from shipped import CATALOGUE

from sdmxmig.areas import read_areas
from sdmxmig.recognition import Recogniser, read_recogniser


@pytest.fixture(scope="package")
def recogniser() -> Recogniser:
    return read_recogniser(read_areas(CATALOGUE.item_scheme("SDMX:CL_AREA(2.0)")))
