"""The examples in docstrings are true."""

from __future__ import annotations

import doctest
import importlib

import pytest
from each import each
from folders import ROOT

MODULES = [
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for path in sorted((ROOT / "sdmxmig").rglob("*.py"))
    if ">>> " in path.read_text(encoding="utf-8")
]


@each("name", MODULES)
@pytest.mark.sampled(3)
def test_examples_in_docstrings_work_as_shown(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name))
    assert result.attempted > 0
    assert result.failed == 0
