"""The tests of outputs share the assessment that the tests of the report are made with."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
