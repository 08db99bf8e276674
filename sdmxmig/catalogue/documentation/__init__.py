"""The framework as a site to browse: pages of HTML in several languages that need neither network nor server."""

from __future__ import annotations

from sdmxmig.catalogue.documentation.site import LANGUAGES, LiveSite, render

__all__ = ["LANGUAGES", "LiveSite", "render"]
