"""Draw the picture of the first page of the report: ``python docs/pictures/draw.py`` (it needs a Chromium).

It runs the line on the shipped example of Georgia and takes the first screen of the HTML report. The picture has few
colours, which keeps it small and its letters sharp.
"""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from sdmxmig.cli import run

HERE = Path(__file__).parent
WIDTH, HEIGHT, SCALE = 1100, 810, 1.5


def main() -> None:
    """Write ``report.png`` beside this file."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder) / "georgia"
        run(["demo", str(workspace), "--now", "2026-01-15T12:00:00Z"])
        page = next((workspace / "out").glob("report*.html"))
        (HERE / "report.png").write_bytes(small(screen(page)))


def screen(path: Path) -> bytes:
    """The first screen of a page, as PNG."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        sys.exit("There is no Chromium to draw with.")
    with sync_playwright() as player:
        running = player.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        page = running.new_page(viewport={"width": WIDTH, "height": HEIGHT}, device_scale_factor=SCALE)
        page.goto(path.as_uri())
        taken: bytes = page.screenshot()
        running.close()
    return taken


def small(picture: bytes) -> bytes:
    """The same with a palette of 64 colours, without dots in between."""
    written = io.BytesIO()
    few = Image.open(io.BytesIO(picture)).convert("RGB").quantize(64, dither=Image.Dither.NONE)
    few.save(written, "PNG", optimize=True)
    return written.getvalue()


if __name__ == "__main__":
    main()
