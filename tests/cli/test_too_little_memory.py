"""A command that lacks memory is refused with the reason, whichever library fails first."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

resource = pytest.importorskip("resource")  # Windows has no such limit

LIMITED = """
import re, resource, sys
from pathlib import Path
from sdmxmig.cli import run
now = int(re.search(r"VmSize:\\s+(\\d+)", Path("/proc/self/status").read_text()).group(1)) * 1024
limit = now + int(sys.argv[1]) * 2**20
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
sys.exit(run(sys.argv[2:]))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the limit is on memory as Linux counts it")
@pytest.mark.parametrize("megabytes", [20, 60, 100, 250])
@pytest.mark.parametrize("words", [("check",), ("transform", "--to", "sdmx-json-2.0", "-o", "out.json")])
def test_too_little_memory_is_refused(words: tuple[str, ...], megabytes: int, tmp_path: Path) -> None:
    """With so little, it is importing a library that fails: with `ImportError`, `MemoryError` or what follows."""
    (tmp_path / "data.csv").write_text("STRUCTURE,STRUCTURE_ID,ACTION,A\n", encoding="utf-8")
    command, *options = words
    asked = [sys.executable, "-c", LIMITED, str(megabytes), command, "data.csv", *options]
    done = subprocess.run(asked, capture_output=True, text=True, timeout=120, cwd=tmp_path, check=False)
    assert done.returncode == 2, done.stderr
    assert "not enough memory" in done.stderr
    assert "Traceback" not in done.stderr
