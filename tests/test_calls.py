"""How our functions and records are called: what a value means is said by a name, not by its place in a row."""

from __future__ import annotations

import ast
import dataclasses
import importlib
from collections.abc import Iterator

from folders import ROOT
from parsed import parsed

PACKAGE = ROOT / "sdmxmig"
MOST = 4
"""So many arguments may be told by their place."""
BY_PLACE = 2
"""So many fields of a record may be."""
LIBRARIES = frozenset({"audit", "renameat2"})
"""Functions of others that know no names: Python hands on what an audit event is of in its order, C takes it so too."""


TURNS = frozenset({"one", "found", "said", "given", "told"})
"""Words for a thing that say only whose turn it is, or that it was met."""


def bound_names(module: ast.Module) -> Iterator[str]:
    """The variables and parameters of a module's functions."""
    functions = (node for node in ast.walk(module) if isinstance(node, ast.FunctionDef | ast.Lambda))
    for node in (inner for function in functions for inner in ast.walk(function)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg


def crowded_calls(module: ast.Module) -> Iterator[str]:
    """The calls of a module with too many arguments by place."""
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and len(node.args) > MOST:
            name = node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
            if name not in LIBRARIES:
                yield f"{node.lineno}: {name}"


def records(module: str) -> Iterator[type]:
    """The records that a module defines."""
    for member in vars(importlib.import_module(module)).values():
        if isinstance(member, type) and dataclasses.is_dataclass(member) and member.__module__ == module:
            yield member


def test_no_call_has_more_than_four_arguments_by_place() -> None:
    paths = sorted(PACKAGE.rglob("*.py"))
    crowded = {str(path.relative_to(PACKAGE)): list(crowded_calls(parsed(path))) for path in paths}
    assert {path: calls for path, calls in crowded.items() if calls} == {}


def test_variables_name_the_thing_and_not_its_turn() -> None:
    paths = sorted(PACKAGE.rglob("*.py"))
    assert [str(path.relative_to(PACKAGE)) for path in paths if not TURNS.isdisjoint(bound_names(parsed(path)))] == []


def test_a_name_that_says_its_turn_is_seen() -> None:
    assert {"one", "found"} <= set(bound_names(ast.parse("def f(code, *, found):\n    return [one for one in code]")))


def test_a_crowded_call_is_seen() -> None:
    calls = "f(1, 2, 3, 4)\nx.g(1, 2, 3, 4, 5)\nh(1, 2, c=3, d=4, e=5)\nx.audit(1, 2, 3, 4, 5)"
    assert list(crowded_calls(ast.parse(calls))) == ["2: g"]


def test_records_take_their_third_field_and_all_others_by_name() -> None:
    found = {
        f"{record.__module__}.{record.__name__}"
        for module in modules()
        for record in records(module)
        if sum(field.init and not field.kw_only for field in dataclasses.fields(record)) > BY_PLACE
    }
    assert found == set()


def modules() -> Iterator[str]:
    """All modules of the package but the one that runs it."""
    for path in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(("sdmxmig", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__")
        if path.stem != "__main__":
            yield name
