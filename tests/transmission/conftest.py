"""The service that most tests of pulling data ask."""

from __future__ import annotations

import pytest
from small_service import small_service

from sdmxmig.transmission.pull.service import Service


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Service:
    return small_service(tmp_path_factory.mktemp("served"))
