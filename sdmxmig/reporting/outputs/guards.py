"""Limits of office templates.

Jinja's sandbox does not limit sizes; these guards do. See `sdmxmig.reporting.outputs.confined` for time and memory.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

import jinja2
from jinja2 import filters, nodes, pass_context, pass_eval_context
from jinja2.compiler import CodeGenerator, Frame
from jinja2.exceptions import SecurityError
from jinja2.nodes import EvalContext
from jinja2.runtime import Context, markup_join
from jinja2.sandbox import ImmutableSandboxedEnvironment

CHARACTERS = 4_000_000
"""How long a text may become, be it one value or all that a template writes."""
ITEMS = 100_000
"""How long a list may become, as Jinja's own sandbox has it for `range`."""
BITS = 4_096
"""How large a whole number may become."""
PLAIN = (str, int, float, Decimal, dt.date, type(None))
TEXT_METHODS = frozenset(
    {
        *("capitalize", "casefold", "count", "endswith", "find", "isalnum", "isalpha", "isdigit", "islower"),
        *("isupper", "lower", "lstrip", "removeprefix", "removesuffix", "rstrip", "split", "splitlines"),
        *("startswith", "strip", "swapcase", "title", "upper"),
    }
)
ON_TEXT = ("capitalize", "e", "escape", "lower", "striptags", "title", "trim", "truncate", "upper", "wordcount")
ON_ANY = (
    *("abs", "count", "d", "default", "dictsort", "first", "float", "groupby", "int", "items", "last", "length"),
    *("list", "map", "max", "min", "reject", "rejectattr", "reverse", "round", "safe", "select", "selectattr"),
    *("sort", "unique"),
)
GLOBALS = ("range", "dict", "namespace", "cycler", "joiner")


def bounded(length: int, limit: int = CHARACTERS) -> None:
    if length > limit:
        raise SecurityError(f"it would make a text or list of {length:,} parts, where {limit:,} are the limit")


def plain(value: object) -> object:
    if isinstance(value, jinja2.Undefined):  # empty after an “if” without “else”; any other says what is not defined
        return str(value)
    if not isinstance(value, PLAIN):
        raise SecurityError(f"a {type(value).__name__} cannot be printed; write out its parts")
    return value


@pass_context
def _printed(_context: Context, value: object) -> object:
    return plain(value)


@pass_eval_context
def _join(context: EvalContext, value: Any, d: str = "", attribute: str | int | None = None) -> str:
    parts = list(value if attribute is None else map(filters.make_attrgetter(context.environment, attribute), value))
    bounded(sum(len(str(plain(part))) for part in parts) + len(str(plain(d))) * len(parts))
    joined: str = filters.do_join(context, parts, d)
    return joined


@pass_eval_context
def _replace(context: EvalContext, s: str, old: str, new: str, count: int | None = None) -> str:
    text, sought, replacement = (str(plain(argument)) for argument in (s, old, new))
    bounded(len(text) + text.count(sought) * len(replacement))
    replaced: str = filters.do_replace(context, s, old, new, count=count)
    return replaced


def _on_text(function: Callable[..., Any]) -> Callable[..., Any]:
    """A filter of texts that takes nothing else; it keeps what Jinja hands it beside the value."""
    first = 1 if hasattr(function, "jinja_pass_arg") else 0

    def on_text(*arguments: Any, **options: Any) -> Any:
        plain(arguments[first])
        return function(*arguments, **options)

    if first:
        on_text.jinja_pass_arg = function.jinja_pass_arg  # type: ignore[attr-defined]
    return on_text


class _Generator(CodeGenerator):
    """Jinja's generator, but that `~` asks the environment, as the other signs do in a sandbox."""

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802 - the name is Jinja's
        self.write("environment.concatenated((")
        for part in node.nodes:
            self.visit(part, frame)
            self.write(", ")
        self.write("))")


class Guarded(ImmutableSandboxedEnvironment):
    """Jinja's immutable sandbox with size limits."""

    code_generator_class = _Generator
    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(self, sources: Mapping[str, str], words: Mapping[str, object], more: Mapping[str, Any]) -> None:
        super().__init__(
            loader=jinja2.FunctionLoader(lambda name: (sources[name], name, None) if name in sources else None),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            finalize=_printed,
            trim_blocks=True,
            lstrip_blocks=True,
            optimized=False,
        )
        filters = self.filters
        self.filters = {
            **{name: filters[name] for name in ON_ANY},
            **{name: _on_text(filters[name]) for name in ON_TEXT},
            "join": _join,
            "replace": _replace,
            **more,
        }
        self.globals = {**{name: self.globals[name] for name in GLOBALS}, **words}

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        if isinstance(obj, str):
            return attr in TEXT_METHODS
        return not isinstance(obj, int | float) and super().is_safe_attribute(obj, attr, value)

    def wrap_str_format(self, value: Any) -> None:
        """Jinja would format texts within the sandbox, to any length; here the method is none that is allowed."""

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Calculate, unless the result would be too large."""
        if operator == "%" and isinstance(left, str):
            raise SecurityError("texts are not formatted with %; write them one after another")
        if operator in ("*", "**") and isinstance(left, int) and isinstance(right, int):
            bits = left.bit_length() * abs(right) if operator == "**" else left.bit_length() + right.bit_length()
            if bits > BITS:
                raise SecurityError(f"it would make a number of {bits:,} binary digits, where {BITS:,} are the limit")
        elif operator == "*":
            for operand, times in ((left, right), (right, left)):
                if isinstance(times, int) and hasattr(operand, "__len__"):
                    bounded(len(operand) * times, CHARACTERS if isinstance(operand, str) else ITEMS)
        elif operator == "+" and hasattr(left, "__len__") and hasattr(right, "__len__"):
            bounded(len(left) + len(right), CHARACTERS if isinstance(left, str) else ITEMS)
        return super().call_binop(context, operator, left, right)

    def concatenated(self, parts: tuple[object, ...]) -> str:
        bounded(sum(len(str(plain(part))) for part in parts))
        return markup_join(parts)

    def written(self, name: str, values: Mapping[str, object]) -> str:
        pieces, length = [], 0
        running = self.get_template(name).generate(**values)
        for piece in running:
            pieces.append(piece)
            length += len(piece)
            if length > CHARACTERS:  # raised at the line that is being written, so that it is named
                _throw(running)
        return "".join(pieces)


def _throw(running: Iterator[str]) -> None:
    running.throw(SecurityError(f"it writes more than {CHARACTERS:,} characters"))  # type: ignore[attr-defined]
