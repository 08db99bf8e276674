"""Charts: functions that make an SVG from formatted numbers and translated words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field

from sdmxmig.reporting.charts.theme import SHIPPED_THEME, Theme

RULE_COLOUR = "#d9e0e6"
PEER_COLOUR = "#9aa7b2"
EDGE_COLOUR = "#6f7d8a"
FONT = "Noto Sans, Noto Sans Arabic, Noto Sans SC, Segoe UI, Arial, Noto Sans Math, Noto Sans CJK SC, sans-serif"


@dataclass(frozen=True, slots=True)
class ChartLabels:
    id: str
    title: str
    _: KW_ONLY
    description: str
    words: Mapping[str, str] = field(default_factory=dict)
    direction: str = "ltr"
    theme: Theme = SHIPPED_THEME
