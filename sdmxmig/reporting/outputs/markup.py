"""Validation of office sections: static HTML and SVG only."""

from __future__ import annotations

from sdmxmig.io.intake.html import stream_html
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.primitives.places import Place

ACTING = frozenset(
    {
        *("animate", "animatemotion", "animatetransform", "applet", "audio", "base", "button", "embed"),
        *("foreignobject", "form", "frame", "frameset", "iframe", "input", "link", "meta", "object"),
        *("portal", "script", "select", "set", "source", "style", "template", "textarea", "track", "video"),
    }
)
"""Elements that run, fetch, ask, or change what is around them."""
ADDRESSES = frozenset({"href", "xlink:href", "src", "srcset", "data", "poster", "background", "action", "cite"})
WEB = ("http://", "https://", "mailto:", "#")
INSIDE = ("#", "data:image/png;base64,", "data:image/svg+xml;base64,")


def inert(html: str, name: str, *, style: bool = False) -> str:
    """Return the markup if it is static; raises `DeclarationError` otherwise.

    `style` allows that element.
    """
    if html.strip():
        stream_html(html, name, _Inspection(name, style=style))
    return html


class _Inspection:
    def __init__(self, name: str, *, style: bool) -> None:
        self._name = name
        self._allowed = {"style"} if style else set()
        self._open: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Look at an element and its attributes."""
        self._open.append(tag)
        if tag.rpartition(":")[2] in ACTING - self._allowed:
            self._refuse(f"It has the element <{tag}>.")
        for attribute, value in attributes.items():
            if attribute.startswith("on") or attribute == "srcdoc":
                self._refuse(f"The element <{tag}> has the attribute {attribute}, which acts.")
            if attribute in ADDRESSES and not value.strip().lower().startswith(WEB if tag == "a" else INSIDE):
                self._refuse(f"The element <{tag}> has the address “{value[:80]}”.")
            if attribute not in ADDRESSES:
                self._styled(value, tag)

    def end(self, _tag: str) -> None:
        if self._open:
            self._open.pop()

    def data(self, text: str) -> None:
        if self._open and self._open[-1] == "style":
            self._styled(text, "style")
            if "@" in text or "\\" in text:
                self._refuse("Its style imports, or hides what it says behind a backslash.")

    def _styled(self, value: str, tag: str) -> None:
        parts = value.lower().replace(" ", "").split("url(")[1:]
        if any(not part.lstrip("\"'").startswith("#") for part in parts):
            self._refuse(f"The element <{tag}> fetches something by url(…).")

    def _refuse(self, message: str) -> None:
        hint = "Sections and logos hold text, tables, drawings and links; nothing in them runs or is fetched."
        raise DeclarationError(message, Place(self._name), hint)
