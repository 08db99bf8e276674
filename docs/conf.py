"""How the manual is built: ``make manual`` writes it to docs/_site; a warning is an error."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from made_pages import write_pages  # noqa: E402 - it stands beside this file
from sphinx.application import Sphinx  # noqa: E402

import sdmxmig  # noqa: E402

project = "sdmxmig"
author = "sdmxmig developers"
copyright = author  # noqa: A001 - Sphinx asks for this name
release = sdmxmig.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_copybutton"]
exclude_patterns = ["_site"]
source_suffix = {".md": "markdown"}
suppress_warnings = ["myst.header"]  # a page may begin with comments for the walker
nitpicky = False
autodoc_typehints = "description"
autodoc_typehints_format = "short"
autodoc_member_order = "bysource"
myst_heading_anchors = 3
myst_enable_extensions = ["attrs_block", "colon_fence", "deflist"]
copybutton_prompt_text = "$ "
copybutton_only_copy_prompt_lines = True

smartquotes = False  # “…” in a table of keys would be no TOML

html_theme = "furo"
html_title = f"sdmxmig {release}"
html_static_path = ["style"]
html_css_files = ["manual.css"]
html_search_scorer = str(HERE / "style" / "scorer.js")
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {
    "light_css_variables": {
        "font-stack": "'Noto Sans', system-ui, sans-serif",
        "font-stack--monospace": "'Noto Sans Mono', ui-monospace, monospace",
        "color-brand-primary": "#0b5c8a",
        "color-brand-content": "#0b5c8a",
        "color-foreground-primary": "#1b2733",
        "color-foreground-secondary": "#52606d",
        "color-background-border": "#d9e0e6",
    },
    "dark_css_variables": {"color-brand-primary": "#7fb8dc", "color-brand-content": "#7fb8dc"},
}

write_pages(HERE / "reference")

SEARCH_WORDS = tomllib.loads((HERE / "search_words.toml").read_text(encoding="utf-8"))


def index_search_words(_: Sphinx, page: str, source: list[str]) -> None:
    """Index the words under which readers search for a page: the search lists main entries (`!`) first."""
    if page in SEARCH_WORDS:
        words = ", ".join(f"!{word}" for word in SEARCH_WORDS[page])
        source[0] = f"```{{index}} {words}\n```\n\n{source[0]}"


def setup(app: Sphinx) -> None:
    """Connect the search words."""
    app.connect("source-read", index_search_words)
