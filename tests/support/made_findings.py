"""Small findings made by hand."""

from __future__ import annotations

from typing import Any

from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.findings import Finding


def finding_at(
    place: Place | None, message: str | Text = "x", *, rule: str = "R", flow: str = "DF", **more: Any
) -> Finding:
    """An error at a place, unless `more` names another severity."""
    said = message if isinstance(message, Text) else Text.of(en=message)
    given: dict[str, Any] = {"severity": "error", "level": 1, "hint": Text(), "message": said, **more}
    return Finding(rule, "1", flow=flow, place=place, **given)
