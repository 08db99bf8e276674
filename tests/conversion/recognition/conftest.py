"""The recogniser, made once for all tests of what labels mean."""

from __future__ import annotations

import pytest
from shipped import words

from sdmxmig.conversion.recognition import Recogniser


@pytest.fixture(scope="package")
def recogniser() -> Recogniser:
    return words()
