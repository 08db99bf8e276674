"""Bug reports without the office's data."""

from __future__ import annotations

import json
import os
import platform
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path

from sdmxmig.primitives.version import __version__


def save_bug_report(error: BaseException, arguments: Sequence[str]) -> Path:
    """Save the command and the steps of the program that led to an error, and give the file; raises `OSError`."""
    report = {
        "sdmxmig": __version__,
        "python": sys.version,
        "platform": platform.platform(),
        "arguments": list(arguments),
        "traceback": traceback.format_exception(error),
    }
    handle, name = tempfile.mkstemp(prefix="sdmxmig-bug-", suffix=".json")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(report, file, ensure_ascii=True, indent=2)
    return Path(name)
