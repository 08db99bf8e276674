"""Drawings by vl-convert, kept between runs: its start and each picture take long, and most figures stay the same."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sdmxmig.io.disk_cache import load_or_make_from

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
