"""Documentation site in HTML, in several languages, without server."""

from __future__ import annotations

from sdmxmig.catalogue.documentation.site import LANGUAGES, LiveSite, render

__all__ = ["LANGUAGES", "LiveSite", "render"]
