"""Drawings as pictures."""

from __future__ import annotations

import re
from base64 import b64encode
from html import escape, unescape

DRAWING = re.compile(r'(<div class="drawing">)\s*(<svg\b.*?</svg>)', re.DOTALL)
SCALE = 2
"""At the width of a page this is about 200 dots an inch."""


def picture(svg: str) -> bytes | None:
    try:
        import vl_convert
    except ImportError:
        return None
    # Some builds of Noto Sans lack the minus sign; the en dash looks the same in a picture.
    return bytes(vl_convert.svg_to_png(svg.replace("−", "–"), scale=SCALE))


def with_pictures(html: str, *, drawn_here: bool) -> str:
    """Replace drawings by pictures with alternative text; `drawn_here` rasterises where possible."""

    def replaced(match: re.Match[str]) -> str:
        dots = picture(match[2]) if drawn_here else None
        kind, content = ("svg+xml", match[2].encode()) if dots is None else ("png", dots)
        description = escape(text_in(match[2], "desc"))
        return f'{match[1]}<img alt="{description}" src="data:image/{kind};base64,{b64encode(content).decode()}">'

    return DRAWING.sub(replaced, html)


def text_in(svg: str, tag: str) -> str:
    match = re.search(rf"<{tag}\b[^>]*>(.*?)</{tag}>", svg, re.DOTALL)
    return unescape(match.group(1)) if match else ""
