"""The page of the workbench: the help of its screens, as they show it themselves."""

from __future__ import annotations

from sdmxmig.web.guidance import help_texts, in_manual

HEAD = """# Workbench

What each screen of the [workbench](../how-to/workbench.md) is for, and what to do on it, as the screen says it itself.

"""


def page() -> str:
    """The screens in the order in which the help has them."""
    return HEAD + "\n".join(
        f"## {name.capitalize()}\n\n{texts.purpose}.\n\n" + "".join(f"- {in_manual(way)}\n" for way in texts.ways)
        for name, texts in help_texts().items()
    )
