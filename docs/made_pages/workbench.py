"""The page of the workbench: the help of its screens, as they show it themselves."""

from __future__ import annotations

from sdmxmig.web.guidance import LABEL, index_help_texts

HEAD = """# Workbench

The purpose and use of each screen of the [workbench](../how-to/workbench.md), as in the help of the screen.

"""


def page() -> str:
    """The screens in the order in which the help has them."""
    pages = []
    for name, texts in index_help_texts().items():
        ways = [LABEL.sub(r"“\1”", way) for way in texts["ways"]]
        pages.append(f"## {name.capitalize()}\n\n{texts['purpose']}.\n\n" + "".join(f"- {way}\n" for way in ways))
    return HEAD + "\n".join(pages)
