"""Charts: one module each, `draw` makes an SVG from numbers and words; found by walking this package.

A chart receives its numbers with their written form, so that it neither rounds nor translates.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, field

from sdmxmig.primitives.plugins import Kind
from sdmxmig.reporting.charts.theme import SHIPPED, Theme

RULE = "#d9e0e6"
PEER = "#9aa7b2"
ATTENTION = "#8a5a00"
EDGE = "#6f7d8a"
"""The edge of what is too light to be told from paper by its colour alone."""
FONT = "Noto Sans, Noto Sans Arabic, Noto Sans SC, Segoe UI, Arial, Noto Sans Math, Noto Sans CJK SC, sans-serif"


@dataclass(frozen=True, slots=True)
class ChartLabels:
    """The words of one chart: its id on the page, title and description, and how its language writes numbers.

    `words` are those of the chart's own (axis, legend at the mark); `separators` are decimal and thousands sign;
    `theme` has the colours that an office may choose.
    """

    id: str
    title: str
    _: KW_ONLY
    description: str
    words: Mapping[str, str] = field(default_factory=dict)
    separators: tuple[str, str] = (".", ",")
    direction: str = "ltr"
    theme: Theme = SHIPPED


CHARTS: Kind[Callable[..., str]] = Kind("sdmxmig.reporting.charts")
