"""Ways to make a program of ours wrong in one place, as a careless hand would.

A comparison is turned or moved by one, ``and`` becomes ``or``, a number grows by one, a sum becomes a difference, a
function gives nothing, a statement is left out, a condition always or never holds. What only says something
(docstrings, type hints, the messages of errors) is left alone. ``mutations(source)`` lists them;
``mutated(source, number)`` is the program with one of them.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace

TURNED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
"""A comparison, and what is made of it: its boundary moves, or it says the opposite."""
EXCHANGED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
EMPTY = {"list": "[]", "tuple": "()", "dict": "{}", "set": "set()", "frozenset": "frozenset()", "str": "''", "int": "0"}
"""What a function gives that gives nothing, by the type that it promises; ``None`` for all other types."""
ONLY_SAID = ("annotation", "returns", "decorator_list", "type_params", "msg", "exc", "cause")
"""Parts of a program that no figure depends on: type hints, and what an error says."""
WITH_A_BODY = (ast.Module, ast.FunctionDef, ast.ClassDef, ast.For, ast.While, ast.If, ast.With, ast.Try, ast.Match)
SILENT = ("__repr__", "__str__")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """One wrong place: the function it is in, its line, and what stands there before and after."""

    function: str
    line: int
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The outermost function that a place is in, the classes around that, and what the innermost function promises."""

    classes: tuple[str, ...] = ()
    function: str = ""
    promised: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A node of the program, where it hangs, and what may stand there instead."""

    parent: ast.AST
    field: str
    index: int | None
    node: ast.AST
    instead: ast.AST
    scope: Scope

    def put(self, what: ast.AST) -> None:
        """Let something stand there."""
        if self.index is None:
            setattr(self.parent, self.field, what)
        else:
            getattr(self.parent, self.field)[self.index] = what

    def described(self) -> tuple[str, str]:
        """What stands there before and after; of a number, what it stands in, since it says little alone."""
        shown = isinstance(self.node, ast.Constant) and not isinstance(self.parent, WITH_A_BODY)
        before = ast.unparse(self.parent if shown else self.node)
        self.put(self.instead)
        after = ast.unparse(ast.fix_missing_locations(self.parent if shown else self.instead))
        self.put(self.node)
        return before, after


def mutations(source: str) -> list[Mutation]:
    """All wrong places that can be made in a module, in the order in which they stand."""
    return [
        Mutation(
            function=site.scope.function,
            line=getattr(site.node, "lineno", 0),
            before=before,
            after=after,
        )
        for site in sites(ast.parse(source), Scope())
        for before, after in [site.described()]
    ]


def mutated(source: str, number: int) -> str:
    """A module with the so-manieth of its wrong places."""
    tree = ast.parse(source)
    site = next(itertools.islice(sites(tree, Scope()), number, None))
    site.put(site.instead)
    return ast.unparse(ast.fix_missing_locations(tree))


def sites(parent: ast.AST, scope: Scope) -> Iterator[Site]:
    """Every place below a node at which something else may stand."""
    for field, value in ast.iter_fields(parent):
        if field in ONLY_SAID:
            continue
        for index, node in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if not isinstance(node, ast.AST) or is_silent(node):
                continue
            for instead in others(parent, field, node, scope):
                yield Site(parent=parent, field=field, index=index, node=node, instead=instead, scope=scope)
            yield from sites(node, within(node, scope))


def is_silent(node: ast.AST) -> bool:
    """Whether nothing that the program does depends on a node."""
    if isinstance(node, ast.FunctionDef):
        return node.name in SILENT
    return isinstance(node, ast.Assert) or (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")


def within(node: ast.AST, scope: Scope) -> Scope:
    """What surrounds that which stands inside a node."""
    if isinstance(node, ast.ClassDef) and not scope.function:
        return replace(scope, classes=(*scope.classes, node.name))
    if isinstance(node, ast.FunctionDef):
        promised = ast.unparse(node.returns) if node.returns else ""
        return replace(
            scope, function=scope.function or ".".join((*scope.classes, node.name)), promised=promised.split("[")[0]
        )
    return scope


def others(parent: ast.AST, field: str, node: ast.AST, scope: Scope) -> Iterator[ast.AST]:
    """What may stand in the place of a node."""
    if field in ("test", "ifs") and isinstance(parent, ast.If | ast.IfExp | ast.comprehension):
        yield from (ast.Constant(value) for value in (True, False))
    if isinstance(node, ast.Return):
        yield from given_up(node, scope.promised)
    elif isinstance(node, ast.stmt):
        yield from left_out(node)
    elif isinstance(node, ast.expr):
        yield from other_expressions(node, scope)


def given_up(node: ast.Return, promised: str) -> Iterator[ast.AST]:
    """A function that gives nothing, or the opposite of a yes or no."""
    if node.value is None:
        return
    if promised == "bool":
        yield ast.Return(ast.UnaryOp(ast.Not(), node.value))
        return
    instead = ast.Return(ast.parse(EMPTY.get(promised, "None"), mode="eval").body)
    if ast.unparse(instead) != ast.unparse(node):
        yield instead


def left_out(node: ast.stmt) -> Iterator[ast.AST]:
    """A statement that is forgotten; a generator stays one."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Yield | ast.YieldFrom):
        yield ast.Expr(ast.YieldFrom(ast.Tuple([], ast.Load())))
    elif isinstance(node, ast.AugAssign | ast.Continue | ast.Break | ast.Raise) or is_call(node):
        yield ast.Pass()


def is_call(node: ast.stmt) -> bool:
    """Whether a statement only calls something, of which it keeps nothing."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)


def other_expressions(node: ast.expr, scope: Scope) -> Iterator[ast.AST]:
    """Another comparison, connection, number or operation."""
    match node:
        case ast.Compare(ops=[operator, *more]):
            for turned in TURNED[type(operator)]:
                yield ast.Compare(node.left, [turned(), *more], node.comparators)
        case ast.BoolOp():
            yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
        case ast.UnaryOp(op=ast.Not()):
            yield node.operand
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            yield from (ast.Constant(changed) for changed in (number + 1, number - 1))
        case ast.BinOp() if type(node.op) in EXCHANGED and not names_types(node, scope):
            yield ast.BinOp(node.left, EXCHANGED[type(node.op)](), node.right)


def names_types(node: ast.BinOp, scope: Scope) -> bool:
    """Whether ``A | B`` stands outside of all functions, where it names a type."""
    return not scope.function and isinstance(node.op, ast.BitOr)
