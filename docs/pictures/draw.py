"""Draw the pictures of the README and the manual: ``make pictures`` (needs Chromium).

The picture of the report shows its first screen for the shipped example of Georgia. The file also holds the words on
that page and a checksum of its style; a test compares both with the page as it is made now.
"""

from __future__ import annotations

import hashlib
import io
import shutil
import sys
import tempfile
from pathlib import Path

from lxml import html
from PIL import Image, PngImagePlugin
from playwright.sync_api import sync_playwright

from sdmxmig.cli import run

HERE = Path(__file__).parent
WIDTH, HEIGHT, SCALE = 1100, 810, 1.5
COLOURS = 64
"""So few colours keep the picture small and its letters sharp."""


def main() -> None:
    """Write ``report.png`` beside this file."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder) / "georgia"
        run(["demo", str(workspace), "--now", "2026-01-15T12:00:00Z"])
        page = next((workspace / "out").glob("report*.html"))
        picture = Image.open(io.BytesIO(screenshot(page))).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        facts = PngImagePlugin.PngInfo()
        for name, value in page_facts(page.read_text(encoding="utf-8")).items():
            facts.add_itxt(name, value)
        picture.save(HERE / "report.png", "PNG", optimize=True, pnginfo=facts)


def page_facts(page: str) -> dict[str, str]:
    """Return the words of the first section without its imprint, and the checksum of the style."""
    tree = html.document_fromstring(page)
    section = tree.get_element_by_id("summary")
    for imprint in section.find_class("imprint"):
        imprint.drop_tree()
    style = "".join(tree.xpath("//head/style/text()"))
    return {"Words": " ".join(section.text_content().split()), "Style": hashlib.sha256(style.encode()).hexdigest()}


def screenshot(path: Path) -> bytes:
    """Return the first screen of a page as PNG."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        sys.exit("Cannot draw: Chromium is missing. Install it with ./install-debian-packages --for-tests.")
    with sync_playwright() as player:
        running = player.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        page = running.new_page(viewport={"width": WIDTH, "height": HEIGHT}, device_scale_factor=SCALE)
        page.goto(path.as_uri())
        taken: bytes = page.screenshot()
        running.close()
    return taken


if __name__ == "__main__":
    main()
