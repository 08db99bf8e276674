"""The layers of the package: a module imports from layers below its own, and no two modules import each other."""

from __future__ import annotations

import re
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
from folders import ROOT

PACKAGE = ROOT / "sdmxmig"
LAYERS = [
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
"""The packages from bottom to top."""
LEVELS = {package: level for level, layer in enumerate(LAYERS) for package in layer}
IMPORTS = re.compile(r"^[ \t]*(?:from (\.*[\w.]*) import (\([^)]*\)|[^\n]+)|import ([\w., ]+))", re.MULTILINE)
COMMENT = re.compile("#.*")
LATER, VIEW = "later", "view"
"""Functions of `sdmxmig.primitives.lazily` that import a module when it is used, or when a noun is converted."""


def module_name(path: Path) -> str:
    """The name of a module below ``sdmxmig``, such as ``sdmx.model``; empty for the package itself."""
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix("__init__").rstrip(".")


MODULES = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def imported_modules(module: str, *late: str) -> set[str]:
    """The modules of sdmxmig that a module imports, anywhere in its file, also by these functions."""
    text, names = MODULES[module].read_text(encoding="utf-8"), list[str]()
    for origin, listed, whole in IMPORTS.findall(text):  # to parse all modules takes ten seconds
        assert not origin.startswith("."), f"sdmxmig.{module} has a relative import from {origin}; write the full name"
        inner = [
            f"{origin}.{name.split()[0]}" for name in COMMENT.sub("", listed).strip("()").split(",") if name.strip()
        ]
        names += [name if name.removeprefix("sdmxmig.") in MODULES else origin for name in inner]
        names += [name.split()[0] for name in whole.split(",") if name]
    for call in late:
        names += [
            name for words in re.findall(rf"\b{call}\(([^)]*)\)", text) for name in re.findall(r'"([\w.]+)"', words)
        ]
    ours = {name.removeprefix("sdmxmig.") for name in names if name.startswith("sdmxmig.")}
    return (ours & MODULES.keys()) - {module}


@pytest.fixture(scope="module")
def imports() -> dict[str, set[str]]:
    """The modules that each module imports; not read when tests are only collected."""
    return {module: imported_modules(module, LATER) for module in MODULES if module}


def test_modules_import_only_from_lower_layers(imports: dict[str, set[str]]) -> None:
    wrong = [
        f"{module} imports {other}"
        for module in imports
        for other in sorted(imported_modules(module, LATER, VIEW))
        if (here := module.partition(".")[0]) != (there := other.partition(".")[0])
        if LEVELS.get(there, len(LAYERS)) >= LEVELS.get(here, -1)
    ]
    assert wrong == []


def test_modules_form_no_import_cycle(imports: dict[str, set[str]]) -> None:
    """A circle between `a.b.c` and `a.d.e` counts as one of the parts `a.b` and `a.d`, too."""
    TopologicalSorter(imports).prepare()  # raises CycleError, which names the modules
    parts: dict[str, set[str]] = {}
    for module, others in imports.items():
        own = part(module)
        parts.setdefault(own, set()).update(part(other) for other in others if part(other) != own)
    TopologicalSorter(parts).prepare()


def part(module: str) -> str:
    """A part of a package: one of its folders, or a module beside them."""
    return ".".join(module.split(".")[:2])


def test_families_of_formats_are_independent(imports: dict[str, set[str]]) -> None:
    family = {module: ".".join(module.split(".")[:3]) for module in MODULES if module.startswith("sdmx.formats.sdmx_")}
    assert len(set(family.values())) == 3
    wrong = [
        f"{module} imports {other}"
        for module in family
        for other in imports[module]
        if family.get(other, family[module]) != family[module]
    ]
    assert wrong == []
