"""References section."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sdmxmig.reporting.sections.views import VIEWS
from sdmxmig.reporting.sections.wording import Wording, natural
from sdmxmig.sdmx.model.assessment import Assessment

ADDRESS = re.compile(r"(https?://[^\s<>\"']+[^\s<>\"'.,;)])")


@dataclass(frozen=True, slots=True)
class CitedSource:
    """A citation as texts and addresses."""

    key: str
    parts: tuple[tuple[str, bool], ...]


@VIEWS.add("references")
def view(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    """All sources by their keys; empty if the profile names none."""
    if not assessment.sources:
        return {}
    return {
        "label": wording.say("Sources"),
        "heading": wording.say("Sources of the report"),
        "sources": [
            CitedSource(key, pieces(citation))
            for key, citation in sorted(assessment.sources.items(), key=lambda source: natural(source[0]))
        ],
    }


def pieces(citation: str) -> tuple[tuple[str, bool], ...]:
    """A citation cut into text and addresses.

    >>> pieces("Geostat, 2024. https://example.org/a")
    (('Geostat, 2024. ', False), ('https://example.org/a', True))
    """
    return tuple((part, bool(ADDRESS.fullmatch(part))) for part in ADDRESS.split(citation) if part)
