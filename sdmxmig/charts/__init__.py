"""Charts: one module each, `draw` makes an SVG from numbers and words; found by walking this package.

A chart receives its numbers with their written form, so that it neither rounds nor translates.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sdmxmig.plugins import Kind

INK = "#1b2733"
SECONDARY = "#52606d"
RULE = "#d9e0e6"
ACCENT = "#0b5c8a"
ACCENT_LIGHT = "#4f93bd"
PEER = "#9aa7b2"
ATTENTION = "#8a5a00"
EDGE = "#6f7d8a"
"""The edge of what is too light to be told from paper by its colour alone."""
LEVELS = {
    "l0": ("#eaf2f7", INK),
    "l1": ("#bcd7e6", INK),
    "l2": ("#7fb2d0", INK),
    "l3": ("#23739f", "#ffffff"),
    "l4": ("#0b4a70", "#ffffff"),
    "unknown": ("#ffffff", SECONDARY),
    "na": ("#ffffff", SECONDARY),
    "plain": ("#ffffff", INK),
}
"""Ground and sign of each level of an answer, as in the style sheet of the report; plain is what is no answer."""
FONT = "Noto Sans, Noto Sans Arabic, Noto Sans SC, Segoe UI, Arial, sans-serif"


@dataclass(frozen=True, slots=True)
class Labels:
    """The words of one chart: its id on the page, title and description, and how its language writes numbers.

    `words` are those of the chart's own (axis, legend at the mark); `separators` are decimal and thousands sign.
    """

    id: str
    title: str
    description: str
    words: Mapping[str, str] = field(default_factory=dict)
    separators: tuple[str, str] = (".", ",")
    direction: str = "ltr"


CHARTS: Kind[Callable[..., str]] = Kind("sdmxmig.charts")
