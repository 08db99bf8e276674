"""The page of packages: each with its parts and their purpose, from the top layer down."""

from __future__ import annotations

import ast
from pathlib import Path

from made_pages.markdown import cell, code, table

ROOT = Path(__file__).parents[2]
LAYERS_FILE = ROOT / "tests" / "test_layers.py"
HEAD = """# Packages

The packages from the top layer down. A module imports only from packages in lower layers. `tests/test_layers.py`
checks this, and this page is generated from it.

"""


def page() -> str:
    """A table of layers and packages, then a table of parts for each package."""
    ordered = list(reversed(layers()))
    rows = [
        (str(number), code(package), cell(purpose(package)))
        for number, layer in zip(range(len(ordered), 0, -1), ordered, strict=True)
        for package in layer
    ]
    chapters = [
        f"\n## {package}\n\n"
        + table(("part", "purpose"), [(code(name), cell(purpose(name))) for name in parts(package)])
        for layer in ordered
        for package in layer
        if parts(package)
    ]
    return HEAD + table(("layer", "package", "purpose"), rows) + "".join(chapters)


def layers() -> list[list[str]]:
    """The layers from bottom to top, as the test has them."""
    for node in ast.parse(LAYERS_FILE.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "LAYERS":
            return list(ast.literal_eval(node.value))
    raise LookupError(f"{LAYERS_FILE.name} has no LAYERS.")


def parts(package: str) -> list[str]:
    """The folders and modules of a package, as paths below sdmxmig."""
    folder = ROOT / "sdmxmig" / package
    if not folder.is_dir():
        return []
    found = [path for path in sorted(folder.iterdir()) if path.suffix == ".py" or (path / "__init__.py").is_file()]
    return [f"{package}/{path.name.removesuffix('.py')}" for path in found if path.name != "__init__.py"]


def purpose(part: str) -> str:
    """The first paragraph of the docstring of a package or module."""
    module = (ROOT / "sdmxmig" / part).with_suffix(".py")
    file = module if module.is_file() else module.with_suffix("") / "__init__.py"
    docstring = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    return docstring.split("\n\n")[0]
