"""The samples of large tables of cases: some cases of each test, the same ones in every run, all of them on demand."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from folders import ROOT

FILE = "tests/conversion/test_map_retitled.py"


def collected(*, whole: bool) -> list[str]:
    """The cases that would be run."""
    environment = {**os.environ, "SDMXMIG_WHOLE": "1" if whole else ""}
    command = [sys.executable, "-m", "pytest", "--collect-only", "-qq", "-p", "no:cacheprovider", FILE]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.split()


@pytest.mark.long
def test_a_sample_is_some_of_the_cases_and_on_demand_all_of_them() -> None:
    sample, whole = collected(whole=False), collected(whole=True)
    assert sample == collected(whole=False)
    assert 0 < int(sample[-1]) < int(whole[-1])
