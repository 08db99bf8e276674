"""Sentences of reports, collected from code and templates for the tests of translations."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from folders import ROOT

CODE = (
    ROOT / "sdmxmig" / "reporting" / "sections",
    ROOT / "sdmxmig" / "primitives" / "text.py",
)
TEMPLATES = (ROOT / "templates" / "report", ROOT / "templates" / "region")
COLUMNS = ("choose_text_columns", "choose_number_columns")
"""What makes columns of tables from their heads."""
ASKED = re.compile(r"""\b_\(\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""")


def modules() -> Iterator[ast.Module]:
    """The parsed modules of all reports."""
    for folder in CODE:
        for path in sorted(folder.rglob("*.py")) or [folder]:
            yield ast.parse(path.read_text(encoding="utf-8"))


def constants(node: ast.AST) -> Iterator[str]:
    """The texts below a part of a module."""
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


def in_templates() -> set[str]:
    """The messages in templates."""
    found = [path for folder in TEMPLATES for path in sorted(folder.glob("*.j2"))]
    return {ast.literal_eval(text) for path in found for text in ASKED.findall(path.read_text(encoding="utf-8"))}


def files_with(message: str) -> str:
    """The files in which a message stands, from the root of the project."""
    paths = [path for folder in (*CODE, *TEMPLATES) for path in sorted(folder.rglob("*.*")) or [folder]]
    texts = ((path, path.read_text(encoding="utf-8")) for path in paths if path.suffix in (".py", ".j2"))
    return ", ".join(str(path.relative_to(ROOT)) for path, text in texts if message in text)


def calls(method: str) -> Iterator[ast.Call]:
    """The calls of a method of this name."""
    for module in modules():
        for node in ast.walk(module):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == method:
                yield node


def literally() -> set[str]:
    """The messages that are literals in code or templates."""
    sentences = {text for call in calls("say") for text in _first(call, 0)}
    return sentences | heads() | in_templates()


def heads() -> set[str]:
    """The heads of columns that stand where their table is made."""
    nodes = [node for module in modules() for node in ast.walk(module)]
    made = [node for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    columns = [node for node in made if node.func.id in COLUMNS]
    tables = [
        node.args[2]
        for node in made
        if node.func.id in ("build_table", "tabulate") and isinstance(node.args[2], ast.Tuple)
    ]
    named = [node.value for node in nodes if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "heads"]
    chosen = [
        part for node in (*tables, *named) for part in (getattr(node, "body", node), getattr(node, "orelse", node))
    ]
    heads = (head for node in chosen for head in getattr(node, "elts", ()))
    shown = {head.value for head in heads if isinstance(head, ast.Constant)}
    return shown | {text for node in columns for text in constants(node)}


def counted() -> dict[str, str]:
    """The messages about a number of things: the one for many, and the one for one."""
    return {many: one for call in calls("count") for one in _first(call, 0) for many in _first(call, 1)}


def _first(call: ast.Call, position: int) -> Iterator[str]:
    """The text at a position of a call; of a choice between two, both."""
    node = call.args[position] if len(call.args) > position else None
    for part in (node.body, node.orelse) if isinstance(node, ast.IfExp) else (node,):
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and part.value:
            yield part.value
