"""Large campaigns and measurements; `make long` runs the campaigns in full."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "tests" / "support"))  # campaigns share the judges of the tests
