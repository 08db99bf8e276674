"""Draw the pictures of the README and the manual: ``make pictures`` (needs Chromium).

Each picture shows the first screen of a page made from a shipped example. The file also holds the words on that page
and a checksum of its style; a test compares both with the present page.
"""

from __future__ import annotations

import hashlib
import io
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from lxml import html
from PIL import Image, PngImagePlugin
from playwright.sync_api import sync_playwright
from starlette.testclient import TestClient

from sdmxmig.catalogue.folders import find_shipped_folder
from sdmxmig.cli import run
from sdmxmig.web.application import build_application
from sdmxmig.web.guard import BrowserAccess
from sdmxmig.web.workbench import Workbench

HERE = Path(__file__).parent
WIDTH, HEIGHT, SCALE = 1100, 810, 1.5
NOW = "2026-01-15T12:00:00Z"
HOST = "127.0.0.1:8765"
SHOWN_WORDS = 300
COLOURS = 64
"""So few colours keep the picture small and its letters sharp."""


def main() -> None:
    """Write all pictures beside this file."""
    with tempfile.TemporaryDirectory() as folder:
        for name, page in pages(Path(folder)).items():
            file = Path(folder) / f"{name}.html"
            file.write_text(page, encoding="utf-8")
            picture = (
                Image.open(io.BytesIO(screenshot(file))).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
            )
            facts = PngImagePlugin.PngInfo()
            for fact, value in page_facts(page).items():
                facts.add_itxt(fact, value)
            picture.save(HERE / f"{name}.png", "PNG", optimize=True, pnginfo=facts)


def pages(folder: Path) -> Mapping[str, str]:
    """Make the page of each picture in a folder: HTML by the name of the picture."""
    georgia, faults = folder / "georgia", folder / "georgia-faults"
    for workspace, last_step in ((georgia, "report"), (faults, "findings")):
        run(["demo", str(workspace), "--example", workspace.name, "--copy-only"])
        run(["run", str(workspace), "--until", last_step, "--now", NOW])
    return {
        "report": next((georgia / "out").glob("report*.html")).read_text(encoding="utf-8"),
        "findings": (faults / "out" / "findings" / "findings.html").read_text(encoding="utf-8"),
        "workbench": workbench_page(faults, "/findings"),
    }


def workbench_page(workspace: Path, path: str) -> str:
    """Return a page of the workbench with its style inside."""
    access = BrowserAccess(8765, hosts=(HOST,))
    workbench = Workbench(workspace, access, now=lambda: NOW)
    client = TestClient(build_application(workbench), base_url=f"http://{HOST}")
    client.get(f"/enter?key={access.key}")
    tree = html.document_fromstring(client.get(path).text)
    for script in tree.findall("head/script"):
        script.drop_tree()
    (link,) = tree.xpath("//head/link[@rel='stylesheet']")
    style = html.etree.SubElement(tree.head, "style")
    style.text = (find_shipped_folder("templates") / "web" / "web.css").read_text(encoding="utf-8")
    link.drop_tree()
    return html.tostring(tree, encoding="unicode", doctype="<!doctype html>")


def page_facts(page: str) -> dict[str, str]:
    tree = html.document_fromstring(page)
    (content,) = tree.xpath("//main")
    words = content.text_content().split()[:SHOWN_WORDS]
    style = "".join(tree.xpath("//head/style/text()"))
    return {"Words": " ".join(words), "Style": hashlib.sha256(style.encode()).hexdigest()}


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
