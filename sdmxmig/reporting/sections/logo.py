"""Office logos: small static PNG or SVG."""

from __future__ import annotations

import base64
import struct
from pathlib import Path

from sdmxmig.io.intake.files import read_bytes
from sdmxmig.io.intake.xml import local, parse_xml
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.primitives.places import Place
from sdmxmig.reporting.outputs.markup import inert

SIZE_LIMIT = 256 * 1024
SIDE_LIMIT = 2_000
PNG = b"\x89PNG\r\n\x1a\n"
DRAWING = frozenset(
    {
        *("circle", "clippath", "defs", "desc", "ellipse", "g", "line", "lineargradient", "mask", "metadata"),
        *("path", "pattern", "polygon", "polyline", "radialgradient", "rect", "stop", "style", "svg"),
        *("symbol", "text", "title", "tspan", "use"),
    }
)
SMALLER = f"Save it smaller: up to {SIZE_LIMIT // 1024} KiB, and {SIDE_LIMIT:,} pixels a side."


def logo_address(path: Path) -> str:
    """Return the logo as a ``data:`` URI.

    Raises `DeclarationError` for other formats, sizes, scripts or links; `InputError` if unreadable.
    """
    place = Place(path.name)
    if path.is_symlink():
        raise DeclarationError("The logo is a link to another file.", place, "Put the picture itself there.")
    content = read_bytes(path)
    if len(content) > SIZE_LIMIT:
        raise DeclarationError("The logo is too large.", place, SMALLER)
    if content.startswith(PNG):
        _check_png(content, place)
        kind = "png"
    else:
        _check_svg(content, place)
        kind = "svg+xml"
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


def _check_png(content: bytes, place: Place) -> None:
    if content[12:16] != b"IHDR" or len(content) < 33 or content[-8:-4] != b"IEND":
        raise DeclarationError("The logo is a damaged PNG.", place, "Save it again.")
    if max(struct.unpack(">II", content[16:24])) > SIDE_LIMIT:
        raise DeclarationError("The logo is too large.", place, SMALLER)


def _check_svg(content: bytes, place: Place) -> None:
    if b"<svg" not in content:
        raise DeclarationError("The logo is neither PNG nor SVG.", place, "Save it as one of these.")
    for element in parse_xml(content, place.file).iter("*"):
        name = local(str(element.tag))
        if name.lower() not in DRAWING:
            raise DeclarationError(
                f"The logo has the element <{name}>, which is no drawing.", place, "Save it as a plain SVG."
            )
    inert(content.decode("utf-8", errors="replace"), place.file, style=True)
