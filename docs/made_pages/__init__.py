"""Reference pages generated from the code, so that they agree with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from made_pages import commands, formats, mapping_keys, packages, python_face, receivers, rules, settings, workbench

PAGES: Mapping[str, Callable[[], str]] = {
    "commands": commands.page,
    "python": python_face.page,
    "mapping-keys": mapping_keys.page,
    "rules": rules.page,
    "formats": formats.page,
    "receivers": receivers.page,
    "settings": settings.page,
    "workbench": workbench.page,
    "packages": packages.page,
}


def write_pages(folder: Path) -> None:
    """Write changed pages into a folder, which makes later builds quick."""
    for name, page in PAGES.items():
        path, text = folder / f"{name}.md", page()
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
