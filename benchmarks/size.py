"""Lines, records and files of each package of sdmxmig, and of each feature.

``python -m benchmarks.size`` prints the table. ``--features`` prints the features: a module together with the modules
that could be deleted with it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from pathlib import Path

import click

ROOT = Path(__file__).parents[1]
RECORDS = {"dataclass", "NamedTuple", "TypedDict", "Struct", "Enum", "StrEnum", "IntEnum"}
"""Decorators and bases that make a class a record."""


FEATURE = 400
"""The code lines from which a feature is listed."""


@dataclass(frozen=True, slots=True)
class Size:
    """The size of some modules. A line that holds code and a comment is code."""

    lines: int = 0
    code: int = 0
    imports: int = 0
    docstrings: int = 0
    comments: int = 0
    blanks: int = 0
    records: int = 0
    files: int = 0

    def __add__(self, other: Size) -> Size:
        return Size(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))


def module_size(path: Path) -> Size:
    source = path.read_text(encoding="utf-8")
    imports, docstrings, texts = set[int](), set[int](), set[int]()
    records = 0
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            imports |= lines_of(node)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            docstrings |= lines_of(node)
        elif isinstance(node, ast.Constant | ast.JoinedStr) and node.end_lineno != node.lineno:
            texts |= lines_of(node)
        elif isinstance(node, ast.ClassDef):
            records += any(name_of(part) in RECORDS for part in (*node.decorator_list, *node.bases))
    lines = {number: line.strip() for number, line in enumerate(source.splitlines(), start=1)}
    outside = lines.keys() - imports - docstrings - texts
    comments = sum(lines[number].startswith("#") for number in outside)
    blanks = sum(not lines[number] for number in outside)
    code = len(outside) - comments - blanks + len(texts - docstrings)
    return Size(len(lines), code, len(imports), len(docstrings), comments, blanks, records, 1)


def lines_of(node: ast.stmt | ast.expr) -> set[int]:
    return set(range(node.lineno, (node.end_lineno or node.lineno) + 1))


def name_of(node: ast.expr) -> str:
    node = node.func if isinstance(node, ast.Call) else node
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def size_of(paths: Iterable[Path]) -> Size:
    return sum((module_size(path) for path in paths), Size())


def package_sizes() -> dict[str, Size]:
    """Return the size of each package of sdmxmig; its own modules count as ``sdmxmig``."""
    package = ROOT / "sdmxmig"
    folders = sorted(path for path in package.iterdir() if (path / "__init__.py").is_file())
    return {"sdmxmig": size_of(package.glob("*.py")), **{path.name: size_of(path.rglob("*.py")) for path in folders}}


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported_modules(tree: ast.Module) -> set[str]:
    """Names after ``import`` and ``from``, and texts that name a module of sdmxmig, such as those of `lazily`."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            names |= {str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("sdmxmig."):
            names.add(node.value)
    return names


def import_graph() -> dict[str, set[str]]:
    """The modules that each module of sdmxmig needs. A package needs those of its modules that nobody imports."""
    paths = {module_name(path): path for path in (ROOT / "sdmxmig").rglob("*.py")}
    graph = {name: (imported_modules(parse(path)) & paths.keys()) - {name} for name, path in paths.items()}
    for name in paths.keys() - set().union(*graph.values()) - {"sdmxmig"}:
        graph[name.rpartition(".")[0]].add(name)
    return graph


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def reachable(graph: dict[str, set[str]], start: str, *without: str) -> set[str]:
    """The modules that one module reaches if others are missing."""
    found, waiting = set[str](), [start]
    while waiting:
        name = waiting.pop()
        if name not in found and name not in without:
            found.add(name)
            waiting += graph[name]
    return found


def manual_pages(graph: dict[str, set[str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {name: set() for name in graph}
    needed = {name: reachable(graph, name, "sdmxmig", "sdmxmig.cli") for name in graph if "sdmxmig.cli." in name}
    for page in sorted((ROOT / "docs").rglob("*.md")):
        for command in set(re.findall(r"sdmxmig ([a-z]+)", page.read_text(encoding="utf-8"))):
            for name in needed.get(f"sdmxmig.cli.{command}", ()):
                found[name].add(page.stem)
    return found


def print_features(smallest: int) -> None:
    graph = import_graph()
    pages = manual_pages(graph)
    everything = reachable(graph, "sdmxmig")
    sizes = {module_name(path): module_size(path).code for path in (ROOT / "sdmxmig").rglob("*.py")}
    tests = [(imported_modules(parse(path)), module_size(path).code) for path in (ROOT / "tests").rglob("test_*.py")]
    click.echo(f"{'feature':60}{'code':>8}{'tests':>8}  pages of the manual")
    for name in sorted(everything - {"sdmxmig"}):
        modules = everything - reachable(graph, "sdmxmig", name)
        code = sum(sizes[module] for module in modules)
        if code >= smallest:
            tested = sum(size for imports, size in tests if imports & modules)
            click.echo(f"{name:60}{code:8,}{tested:8,}  {len(pages[name])}: {', '.join(sorted(pages[name])[:4])}")


@click.command()
@click.option("--features", is_flag=True, help="Print the features instead: modules that could be deleted together.")
def main(features: bool) -> None:
    """Print lines, records and files of each package."""
    if features:
        print_features(FEATURE)
        return
    sizes = package_sizes()
    names = [field.name for field in fields(Size)]
    click.echo(f"{'package':14}" + "".join(f"{name:>11}" for name in names))
    for name, size in {**sizes, "total": sum(sizes.values(), Size())}.items():
        click.echo(f"{name:14}" + "".join(f"{number:11,}" for number in astuple(size)))
    for folder in ("tests", "benchmarks"):
        size = size_of((ROOT / folder).rglob("*.py"))
        click.echo(f"({folder})".ljust(14) + "".join(f"{number:11,}" for number in astuple(size)))


if __name__ == "__main__":
    main()
