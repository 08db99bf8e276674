"""Whether pages can be printed here: the engine of the PDF needs libraries of the system."""

from __future__ import annotations

import pytest


def engine_is_there() -> bool:
    try:
        import weasyprint  # noqa: F401
    except (ImportError, OSError):
        return False
    return True


needs_engine = pytest.mark.skipif(not engine_is_there(), reason="WeasyPrint or Pango is not installed")
