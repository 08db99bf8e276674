"""The page of the rooms of the code: each with what its docstring says it is for, in the order of the layers."""

from __future__ import annotations

import ast
from pathlib import Path

from made_pages.markdown import cell, code, table

ROOT = Path(__file__).parents[2]
LAW = ROOT / "tests" / "test_layers.py"
HEAD = """# Rooms of the code

From top to bottom. A module imports only from rooms below its own; `tests/test_layers.py` is the law, and this page is
made from it. Rooms of one layer do not know each other.

"""


def page() -> str:
    """A table with one line a room; an empty first cell says that it stands beside the one above."""
    rows = []
    for number, line in enumerate(reversed(layers()), start=1):
        for at, room in enumerate(line):
            rows.append((str(number) if at == 0 else "", code(room), cell(purpose(room))))
    return HEAD + table(("layer", "room", "what it is for"), rows)


def layers() -> list[list[str]]:
    """The layers from bottom to top, as the test has them."""
    for node in ast.parse(LAW.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "LINES":
            return [names(line) for line in node.value.elts] if isinstance(node.value, ast.List) else []
    raise LookupError(f"{LAW.name} has no LINES.")


def names(line: ast.expr) -> list[str]:
    """The texts in a list, those of tuples that are unpacked into it too."""
    return [one.value for one in ast.walk(line) if isinstance(one, ast.Constant)]


def purpose(room: str) -> str:
    """The first sentence of a module or package about itself."""
    path = ROOT / "sdmxmig" / room
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    said = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    return said.split("\n\n")[0]
