"""Help screen."""

from __future__ import annotations

from sdmxmig.web.guidance import help_facts, help_texts
from sdmxmig.web.screens import Screen, Shown, Visit


def show(visit: Visit) -> Shown:  # noqa: ARG001 - help is the same for everybody
    return Shown({"screens": [help_facts(name) for name in help_texts()]}, command="sdmxmig --help")


SCREEN = Screen(name="help", title="Help", show=show, rail=False, of_workspace=False)
