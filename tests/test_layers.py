"""Imports point down: a module imports only from lines below its own, nothing above or beside."""

from __future__ import annotations

import ast
from collections.abc import Container, Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
from parsed import imports, parsed

ROOT = Path(__file__).parents[1] / "sdmxmig"
LINES = [
    ["lazily"],
    ["places"],
    ["errors"],
    ["text", "plugins", "visible", "formulas", "blanks"],
    ["summaries"],
    ["model"],
    ["frames", "patterns"],
    ["network"],
    ["periods", "intake", "declarations", "edited_toml", "statements", "statuses", "text_statuses", "words"],
    ["demography", "versions"],
    ["catalogue", "workspace"],
    ["areas", "correspondences", "time_maps"],
    ["recognition"],
    ["translation"],
    ["disclosure"],
    ["rules", "calculations", "charts", "demands", "formats", "tables", "mapping"],
    ["outputs"],
    ["vtl"],
    ["forms"],
    [
        *("conversion", "validation", "submission", "assessment", "reporting", "exchange", "checking", "interchange"),
        *("showing", "sheets", "documentation", "questionnaires", "suggestion", "profiles", "comparison", "protection"),
        *("signatures", "pull", "records", "simulation"),
    ],
    ["proposals"],
    ["agreement"],
    ["revision"],
    ["publishing"],
    ["transports"],
    ["delivery", "retrieval"],
    ["application"],
    ["web"],
    ["public", "cli"],
    ["__main__"],
]
LEVEL = {module: level for level, line in enumerate(LINES) for module in line}


def imported(path: Path) -> Iterator[str]:
    """The top modules of sdmxmig that a file imports, wherever in the file."""
    for node in imports(path):
        if isinstance(node, ast.ImportFrom) and node.module == "sdmxmig":
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sdmxmig."):
            yield str(node.module).split(".")[1]
        elif isinstance(node, ast.Import):
            yield from (alias.name.split(".")[1] for alias in node.names if alias.name.startswith("sdmxmig."))


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.py")), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_imports_point_down(path: Path) -> None:
    own = path.relative_to(ROOT).parts[0].removesuffix(".py")
    if own == "__init__":
        known = {"public", "errors", "catalogue", "conversion", "model"}
        assert set(imported(path)) == known, "for type checkers only; what runs reads them by name"
        return
    wrong = [name for name in imported(path) if name not in (own, "__version__") and LEVEL[name] >= LEVEL[own]]
    assert not wrong, f"{own} may not import {wrong}"


def test_public_nouns_look_up_for_conversions_only() -> None:
    """What a noun converts itself into stands above it: it is asked for by name, when it is called."""
    looks = {
        (path.relative_to(ROOT).as_posix(), call.args[0].value, call.args[1].value)
        for path in ROOT.rglob("*.py")
        if "view(" in path.read_text(encoding="utf-8")
        for call in ast.walk(parsed(path))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "view"
        if isinstance(call.args[0], ast.Constant) and isinstance(call.args[1], ast.Constant)
    }
    assert looks == {
        ("model/data.py", "sdmxmig.interchange.tables", "to_pandas"),
        ("model/data.py", "sdmxmig.interchange.tables", "to_polars"),
        ("model/findings.py", "sdmxmig.interchange.tables", "findings_to_pandas"),
        ("showing/cards.py", "sdmxmig.showing.plain", "text"),
    }


def test_families_of_formats_share_only_what_stands_beside_them() -> None:
    families = [folder for folder in (ROOT / "formats").iterdir() if folder.name.startswith("sdmx_")]
    assert len(families) == 3
    for family in families:
        others = tuple(f"sdmxmig.formats.{one.name}" for one in families if one != family)
        for path in family.rglob("*.py"):
            for node in imports(path):
                named = node.module if isinstance(node, ast.ImportFrom) else None
                assert not (named or "").startswith(others), f"{path.relative_to(ROOT)} imports {named}"


def test_modules_import_each_other_in_no_circle() -> None:
    """Wherever in a file they are imported, and also if they are read later: what two share stands below both."""
    files = {module_name(path): path for path in ROOT.rglob("*.py")}
    imports = {name: set(modules_of(path, files)) - {name} for name, path in files.items()}
    assert "sdmxmig.cli.talk" in imports["sdmxmig.cli.profile_form"], "imports are seen"
    assert "sdmxmig.formats.sdmx_ml.xsd" in imports["sdmxmig.checking.problems"], "what is read later is seen"
    TopologicalSorter(imports).prepare()  # raises CycleError, which names the circle


def module_name(path: Path) -> str:
    """What Python calls a file."""
    return ".".join(("sdmxmig", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")


def modules_of(path: Path, known: Container[str]) -> Iterator[str]:
    """The modules of ours that a file imports, but for names that only annotations need."""
    tree = parsed(path)
    annotating = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING"
        for statement in block.body
        for node in ast.walk(statement)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and id(node) not in annotating:
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (name if name in known else str(node.module) for name in inner if str(node.module) in known)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "later":
            yield from (name.value for name in node.args if isinstance(name, ast.Constant) and name.value in known)


def test_relative_imports_are_not_used() -> None:
    relative = [
        path.name
        for path in ROOT.rglob("*.py")
        for node in imports(path)
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert not relative, "relative imports would escape the test above"
