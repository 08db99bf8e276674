"""Drawings of a page as pictures, for outputs that cannot draw them, or not their words."""

from __future__ import annotations

import re
from base64 import b64encode
from html import escape, unescape

DRAWING = re.compile(r'(<div class="drawing">)\s*(<svg\b.*?</svg>)', re.DOTALL)
SCALE = 2.5
"""At the width of a page this is about 250 dots an inch."""


def picture(svg: str) -> bytes | None:
    """A drawing as PNG; None where what makes pictures of drawings is not installed."""
    try:
        import vl_convert
    except ImportError:
        return None
    # Some builds of Noto Sans lack the minus sign; the en dash looks the same in a picture.
    return bytes(vl_convert.svg_to_png(svg.replace("−", "–"), scale=SCALE))


def with_pictures(html: str) -> str:
    """The page with pictures in place of its drawings; what a drawing says of itself becomes its alternative text."""

    def replaced(found: re.Match[str]) -> str:
        drawn = picture(found[2])
        if drawn is None:
            return found[0]
        told = escape(said_in(found[2], "desc"))
        return f'{found[1]}<img alt="{told}" src="data:image/png;base64,{b64encode(drawn).decode()}">'

    return DRAWING.sub(replaced, html)


def said_in(svg: str, tag: str) -> str:
    """The title or description inside a drawing."""
    found = re.search(rf"<{tag}\b[^>]*>(.*?)</{tag}>", svg, re.DOTALL)
    return unescape(found.group(1)) if found else ""
