"""Reports as self-contained HTML."""

from __future__ import annotations

from sdmxmig.reporting.outputs import OUTPUTS, Page


@OUTPUTS.add("html")
def write(page: Page) -> bytes:
    return page.html.encode("utf-8")
