"""Imports point down: a module imports only from lines below its own, nothing above or beside."""

from __future__ import annotations

import ast
from collections.abc import Container, Iterator
from graphlib import TopologicalSorter
from pathlib import Path

from parsed import imports, parsed

ROOT = Path(__file__).parents[1] / "sdmxmig"
LINES = [
    ["primitives"],
    ["io"],
    ["sdmx"],
    ["catalogue"],
    ["statistics"],
    ["quality"],
    ["conversion", "records"],
    ["reporting"],
    ["forms", "transmission"],
    ["workspace"],
    ["web"],
    ["api", "cli"],
    ["__main__"],
]
LEVEL = {package: level for level, line in enumerate(LINES) for package in line}


def package(module: str) -> str:
    """The package of a module, by its name below sdmxmig."""
    return module.partition(".")[0]


def imported(path: Path) -> Iterator[str]:
    """The modules of sdmxmig that a file imports, wherever in the file, by their names below it."""
    for node in imports(path):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "sdmxmig":
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield (inner if inner in MODULES else str(node.module)).removeprefix("sdmxmig").lstrip(".")
        elif isinstance(node, ast.Import):
            yield from (alias.name[8:] for alias in node.names if alias.name.startswith("sdmxmig."))


def module_name(path: Path) -> str:
    """What Python calls a file."""
    return ".".join(("sdmxmig", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")


MODULES = {module_name(path): path for path in sorted(ROOT.rglob("*.py"))}


def test_imports_point_down() -> None:
    wrong = []
    for module, path in MODULES.items():
        own = module.removeprefix("sdmxmig").lstrip(".")
        for name in imported(path) if own else ():
            here, there = package(own), package(name)
            if here != there and LEVEL.get(there, len(LINES)) >= LEVEL[here]:
                wrong.append(f"{own} imports {name}")
    assert wrong == []


def test_the_package_itself_names_the_homes_of_public_names_only() -> None:
    """For type checkers only; what runs reads them by name."""
    known = {package(name) for name in imported(ROOT / "__init__.py")}
    assert known == {"api", "catalogue", "conversion", "primitives", "sdmx"}


def test_parts_of_a_package_import_each_other_in_no_circle() -> None:
    """A folder of a package is one part, and so is a module beside it."""
    parts: dict[str, set[str]] = {}
    for module, path in MODULES.items():
        own = part(module)
        parts.setdefault(own, set()).update(part(name) for name in modules_of(path, MODULES) if part(name) != own)
    parts["web.deliveries"].discard("web.screens")  # belongs into it
    TopologicalSorter({name: others for name, others in parts.items() if name}).prepare()


def part(module: str) -> str:
    """The part of a package in which a module stands."""
    return ".".join(module.split(".")[1:3])


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
        ("sdmx/model/data.py", "sdmxmig.sdmx.interchange.tables", "to_pandas"),
        ("sdmx/model/data.py", "sdmxmig.sdmx.interchange.tables", "to_polars"),
        ("sdmx/model/findings.py", "sdmxmig.sdmx.interchange.tables", "findings_to_pandas"),
        ("catalogue/showing/cards.py", "sdmxmig.catalogue.showing.plain", "text"),
    }


def test_families_of_formats_share_only_what_stands_beside_them() -> None:
    families = [folder for folder in (ROOT / "sdmx/formats").iterdir() if folder.name.startswith("sdmx_")]
    assert len(families) == 3
    for family in families:
        others = tuple(f"sdmxmig.sdmx.formats.{one.name}" for one in families if one != family)
        for path in family.rglob("*.py"):
            for node in imports(path):
                named = node.module if isinstance(node, ast.ImportFrom) else None
                assert not (named or "").startswith(others), f"{path.relative_to(ROOT)} imports {named}"


def test_modules_import_each_other_in_no_circle() -> None:
    """Wherever in a file they are imported, and also if they are read later: what two share stands below both."""
    files = {module_name(path): path for path in ROOT.rglob("*.py")}
    imports = {name: set(modules_of(path, files)) - {name} for name, path in files.items()}
    assert "sdmxmig.cli.talk" in imports["sdmxmig.cli.profile_form"], "imports are seen"
    assert "sdmxmig.sdmx.formats.sdmx_ml.xsd" in imports["sdmxmig.sdmx.checking.problems"], "what is read later is seen"
    TopologicalSorter(imports).prepare()  # raises CycleError, which names the circle


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
