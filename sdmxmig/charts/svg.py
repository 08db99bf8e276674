"""From an Altair chart to an SVG that stands in a page: with title and description, and with ids of its own."""

from __future__ import annotations

import re
from html import escape
from typing import Any

from sdmxmig.charts import FONT, INK, RULE, SECONDARY, Labels
from sdmxmig.errors import MissingLibrary
from sdmxmig.text import MINUS

WIDTH = 390
PAGE_WIDTH = 570
SIZE = 14
OPENING = re.compile(r"<svg\b([^>]*)>")


def altair() -> Any:
    """The chart library; raises `MissingLibrary` with the extra that brings it."""
    try:
        import altair as alt
        import vl_convert  # noqa: F401 - what draws the chart
    except ImportError as error:
        raise MissingLibrary(
            "The charts of the report need Altair and vl-convert.",
            hint="Install them: pip install altair vl-convert-python",
        ) from error
    return alt


def finish(chart: Any, labels: Labels) -> str:
    """Draw a chart as SVG: white background, look of the report, `<title>` and `<desc>`, no id twice on a page.

    The same chart gives the same text. Raises `ValueError` without a description: a figure must speak for itself.
    """
    import vl_convert

    if not labels.title.strip() or not labels.description.strip():
        raise ValueError(f"The figure “{labels.id}” has no title or no description.")
    styled = (
        chart.configure(background="#ffffff", font=FONT, padding=4)
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=SECONDARY,
            titleColor=SECONDARY,
            labelFontSize=SIZE,
            titleFontSize=SIZE,
            titleFontWeight="normal",
            gridColor=RULE,
            domainColor=RULE,
            tickColor=RULE,
        )
        .configure_text(color=INK, fontSize=SIZE)
    )
    decimal, thousands = labels.separators
    drawn = vl_convert.vegalite_to_svg(
        styled.to_dict(),
        format_locale={
            "decimal": decimal,
            "thousands": thousands,
            "grouping": [3],
            "currency": ["", ""],
            "minus": MINUS,
        },
    )
    return _named(_own_ids(drawn, labels.id), labels)


def _own_ids(drawn: str, prefix: str) -> str:
    """Put the figure's id before every id and every reference to one."""
    for name in sorted(set(re.findall(r'\bid="([^"]+)"', drawn)), key=len, reverse=True):
        quoted = re.escape(name)
        drawn = re.sub(rf'\bid="{quoted}"', f'id="{prefix}-{name}"', drawn)
        drawn = re.sub(rf"url\(#{quoted}\)", f"url(#{prefix}-{name})", drawn)
        drawn = re.sub(rf'href="#{quoted}"', f'href="#{prefix}-{name}"', drawn)
    return drawn


def _named(drawn: str, labels: Labels) -> str:
    """Give the drawing its title and description; what stands inside it is hidden from screen readers."""
    opening = OPENING.search(drawn)
    if opening is None:
        raise ValueError(f"The figure “{labels.id}” was not drawn.")
    attributes = opening.group(1)
    view = re.search(r'viewBox="([^"]+)"', attributes)
    width = re.search(r'\bwidth="([^"]+)"', attributes)
    height = re.search(r'\bheight="([^"]+)"', attributes)
    box = view.group(1) if view else f"0 0 {width.group(1) if width else 0} {height.group(1) if height else 0}"
    left, top, drawn_width, high = box.split()
    # One width for all figures of a page, so that their type has one size.
    wide = f"{max(PAGE_WIDTH, float(drawn_width)):g}"
    box = f"{left} {top} {wide} {high}"
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" version="1.1" '
        f'viewBox="{box}" width="{wide}" height="{high}" role="img" '
        f'aria-labelledby="{labels.id}-title {labels.id}-desc">'
        f'<title id="{labels.id}-title">{escape(labels.title)}</title>'
        f'<desc id="{labels.id}-desc">{escape(labels.description)}</desc>'
    )
    body = drawn[opening.end() :].replace("</svg>", "")
    # The roles that Vega writes would make a screen reader spell out every bar; the description says the message.
    body = body.replace(f'<rect width="{drawn_width}"', f'<rect width="{wide}"', 1)
    body = re.sub(r'\s(?:role|aria-[a-z]+)="[^"]*"', "", body)
    return f'{head}<g aria-hidden="true">{body.rstrip()}</g></svg>'
