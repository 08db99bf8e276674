"""What the tests of the workbench share: what ships is read once for all of them."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def read_once(loaded_once: None) -> None:
    del loaded_once
