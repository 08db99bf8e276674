"""Vega-Lite charts as accessible SVG, drawn by vl-convert and kept between runs, as most figures stay the same."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from html import escape
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sdmxmig.io.disk_cache import load_or_make_from
from sdmxmig.primitives.errors import MissingLibrary
from sdmxmig.primitives.text import MINUS
from sdmxmig.reporting.charts import FONT, RULE, ChartLabels
from sdmxmig.reporting.charts.theme import Theme

LIBRARY = "vl-convert-python"
VERSION = "6.4"
"""The version of Vega-Lite that the charts are written in."""
FONT_FOLDERS = {
    "win32": ("%WINDIR%/Fonts", "%LOCALAPPDATA%/Microsoft/Windows/Fonts", "%APPDATA%/Microsoft/Windows/Fonts"),
    "darwin": ("/System/Library/Fonts", "/System/Library/AssetsV2", "/Library/Fonts", "~/Library/Fonts"),
}
FONT_FOLDERS_OF_LINUX = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts", "/etc/fonts")


def chart_as_svg(chart: dict[str, Any], numbers: dict[str, Any]) -> str:
    """Draw a Vega-Lite chart; raises `ImportError` without vl-convert."""
    import vl_convert

    inputs = (renderer(), VERSION, json.dumps(chart), json.dumps(numbers))
    return load_or_make_from(
        "drawings", inputs, lambda: vl_convert.vegalite_to_svg(chart, vl_version=VERSION, format_locale=numbers)
    )


def svg_as_png(svg: str, scale: float) -> bytes:
    """Draw SVG as a picture; raises `ImportError` without vl-convert."""
    import vl_convert

    inputs = (renderer(), svg, str(scale))
    return load_or_make_from("drawings", inputs, lambda: bytes(vl_convert.svg_to_png(svg, scale=scale)))


@cache
def renderer() -> str:
    """Describe the library and the fonts of the system, on which the widths and forms of letters depend."""
    folders = FONT_FOLDERS.get(sys.platform, FONT_FOLDERS_OF_LINUX)
    fonts = sorted(line for folder in folders for line in files_below(folder))
    return "\n".join([version(LIBRARY), *fonts])


def files_below(folder: str) -> Iterator[str]:
    for place, _, names in os.walk(Path(os.path.expandvars(folder)).expanduser()):
        for name in names:
            with_place = Path(place, name)
            if with_place.exists():
                state = with_place.stat()
                yield f"{with_place} {state.st_size} {state.st_mtime_ns}"


WIDTH = 390
BREAK_WORD_WIDTH = 48
"""The width of the word beside a break, with some room."""
PAGE_WIDTH = 570
SIZE = 14
OPENING = re.compile(r"<svg\b([^>]*)>")


def look(theme: Theme) -> dict[str, Any]:
    texts = {"labelColor": theme.secondary, "titleColor": theme.secondary, "titleFontWeight": "normal"}
    lines = {"gridColor": RULE, "domainColor": RULE, "tickColor": RULE}
    return {
        "background": "#ffffff",
        "font": FONT,
        "padding": 4,
        "view": {"stroke": None},
        "axis": {**texts, **lines, "labelFontSize": SIZE, "titleFontSize": SIZE},
        "text": {"color": theme.ink, "fontSize": SIZE},
    }


def finish(chart: Mapping[str, Any], labels: ChartLabels) -> str:
    """Draw a Vega-Lite chart as SVG with title, description and unique ids; deterministic.

    Raises `ValueError` without description, `MissingLibrary` without the renderer.
    """
    decimal, thousands = labels.separators
    numbers = {"decimal": decimal, "thousands": thousands, "grouping": [3], "currency": ["", ""], "minus": MINUS}
    specification = {**chart, "config": look(labels.theme)}
    try:
        svg = chart_as_svg(specification, numbers)
    except ImportError as error:
        hint = "Install it: pip install vl-convert-python"
        raise MissingLibrary("The charts of the report need vl-convert.", hint=hint) from error
    return _named(_own_ids(svg, labels.id), labels)


MAX_LABELS = 7
"""So many periods have room along the axis; the last one is always labelled."""


def years_axis(periods: Sequence[str], labels: ChartLabels) -> dict[str, Any]:
    scale = {"domain": list(periods), "reverse": labels.direction == "rtl", "paddingInner": 0.25, "paddingOuter": 0.1}
    axis: dict[str, Any] = {"labelAngle": 0, "domain": False, "ticks": False, "labelPadding": 8}
    step = 1 + (len(periods) - 1) // MAX_LABELS
    axis |= {"values": list(periods)[::-1][::step], "labelSeparation": 8}
    return {"field": "period", "type": "ordinal", "title": None, "scale": scale, "axis": axis}


def size_axis(labels: ChartLabels, ticks: int) -> dict[str, Any]:
    side = "right" if labels.direction == "rtl" else "left"
    return {"format": ",d", "domain": False, "ticks": False, "tickCount": ticks, "orient": side}


def labelled_breaks(breaks: Sequence[bool]) -> list[bool]:
    covered = 1 + BREAK_WORD_WIDTH * len(breaks) // WIDTH
    labelled: list[bool] = []
    for is_break in breaks:
        labelled.append(is_break and not any(labelled[-covered:]))
    return labelled


def breaks(period: Mapping[str, Any], labels: ChartLabels) -> list[dict[str, Any]]:
    """Draw a dashed line before each break in series, with a word where there is room."""
    mirrored = labels.direction == "rtl"
    period_start = {**period, "bandPosition": int(mirrored)}
    aside = 3 if mirrored else -3
    only = [{"filter": "datum.break"}]
    word = {"type": "text", "align": "right" if mirrored else "left", "baseline": "top", "dx": -aside, "dy": -12}
    word |= {"fontSize": SIZE - 1, "color": labels.theme.secondary}
    encoding = {"x": period_start, "y": {"value": 0}, "text": {"value": labels.words["break"]}}
    line = {"type": "rule", "color": labels.theme.secondary, "strokeDash": [4, 3], "xOffset": aside}
    return [
        {"transform": only, "mark": line, "encoding": {"x": period_start}},
        {"transform": [{"filter": "datum.labelled"}], "mark": word, "encoding": encoding},
    ]


def gaps(
    period: Mapping[str, Any], labels: ChartLabels, condition: str, *, start: str = "0", is_below: bool = False
) -> dict[str, Any]:
    """Write that a value is missing, above or below the start, in the years of the condition."""
    word = {
        "type": "text",
        "angle": 270,
        "align": "right" if is_below else "left",
        "dx": -8 if is_below else 8,
        "fontSize": SIZE - 1,
        "color": labels.theme.secondary,
    }
    y = {"field": "start", "type": "quantitative"}
    encoding = {"x": period, "y": y, "text": {"value": labels.words["missing"]}}
    return {
        "transform": [{"filter": condition}, {"calculate": start, "as": "start"}],
        "mark": word,
        "encoding": encoding,
    }


def _own_ids(svg: str, prefix: str) -> str:
    for name in sorted(set(re.findall(r'\bid="([^"]+)"', svg)), key=len, reverse=True):
        quoted = re.escape(name)
        svg = re.sub(rf'\bid="{quoted}"', f'id="{prefix}-{name}"', svg)
        svg = re.sub(rf"url\(#{quoted}\)", f"url(#{prefix}-{name})", svg)
        svg = re.sub(rf'href="#{quoted}"', f'href="#{prefix}-{name}"', svg)
    return svg


def _named(svg: str, labels: ChartLabels) -> str:
    opening = OPENING.search(svg)
    if opening is None:
        raise ValueError(f"The figure “{labels.id}” was not drawn.")
    attributes = opening.group(1)
    view = re.search(r'viewBox="([^"]+)"', attributes)
    width = re.search(r'\bwidth="([^"]+)"', attributes)
    height = re.search(r'\bheight="([^"]+)"', attributes)
    box = view.group(1) if view else f"0 0 {width.group(1) if width else 0} {height.group(1) if height else 0}"
    left, top, drawn_width, high = box.split()
    # One width for all figures, so that their type has one size.
    wide = max(PAGE_WIDTH, float(drawn_width))
    body = svg[opening.end() :].replace("</svg>", "")
    # Vega's roles would make screen readers spell out every bar; the description states the message.
    body = body.replace(f'<rect width="{drawn_width}"', f'<rect width="{wide:g}"', 1)
    body = re.sub(r'\s(?:role|aria-[a-z]+)="[^"]*"', "", body)
    head = opened(labels, (float(left), float(top), wide, float(high)))
    return f"{head}{body.rstrip()}</g></svg>"


def opened(labels: ChartLabels, box: tuple[float, float, float, float]) -> str:
    """Return the opening of an SVG: size, title, description.

    Content is hidden from screen readers; text is anchored left to right.
    """
    left, top, width, height = box
    if not labels.title.strip() or not labels.description.strip():
        raise ValueError(f"The figure “{labels.id}” has no title or no description.")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" version="1.1" '
        f'viewBox="{left:g} {top:g} {width:g} {height:g}" width="{width:g}" height="{height:g}" direction="ltr" '
        f'role="img" aria-labelledby="{labels.id}-title {labels.id}-desc">'
        f'<title id="{labels.id}-title">{escape(labels.title)}</title>'
        f'<desc id="{labels.id}-desc">{escape(labels.description)}</desc><g aria-hidden="true">'
    )
