"""Keywords of Python functions, derived from the fields of requests."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar, get_type_hints

from sdmxmig.workspace.requests import fields_of, help_of

Choices = ParamSpec("Choices")
Owner = TypeVar("Owner")
Asked = TypeVar("Asked")
Result = TypeVar("Result")


def with_choices(
    request: Callable[Choices, Asked],
) -> Callable[[Callable[[Asked], Result]], Callable[Choices, Result]]:
    """Replace a function's request parameter by the fields of the request."""

    def decorate(function: Callable[[Asked], Result]) -> Callable[Choices, Result]:
        signature = inspect.signature(request)

        @functools.wraps(function)
        def asked(*args: Choices.args, **kwargs: Choices.kwargs) -> Result:
            signature.bind(*args, **kwargs)
            return function(request(*args, **kwargs))

        describe(asked, request)
        return asked

    return decorate


def with_method_choices(
    request: Callable[Choices, Asked],
) -> Callable[[Callable[[Owner, Asked], Result]], Callable[Concatenate[Owner, Choices], Result]]:
    """Replace a method's request parameter by the fields of the request."""

    def decorate(method: Callable[[Owner, Asked], Result]) -> Callable[Concatenate[Owner, Choices], Result]:
        signature = inspect.signature(request)

        @functools.wraps(method)
        def asked(self: Owner, /, *args: Choices.args, **kwargs: Choices.kwargs) -> Result:
            signature.bind(*args, **kwargs)
            return method(self, request(*args, **kwargs))

        describe(asked, request, inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD))
        return asked

    return decorate


def describe(function: Any, request: Any, *before: inspect.Parameter) -> None:
    """Set a function's signature and documentation from a request, after the parameters `before`."""
    hints = get_type_hints(request)
    parameters = [each.replace(annotation=hints[name]) for name, each in inspect.signature(request).parameters.items()]
    result = function.__annotations__["return"]
    function.__signature__ = inspect.Signature([*before, *parameters], return_annotation=result)
    function.__annotations__ = {**{each.name: each.annotation for each in parameters}, "return": result}
    function.__doc__ = f"{inspect.cleandoc(function.__doc__)}\n\nArgs:\n{arguments_of(request)}"


def arguments_of(request: type) -> str:
    """Describe the fields of a request as arguments in a docstring.

    >>> from sdmxmig.workspace.requests.tasks import ConvertRequest
    >>> print(arguments_of(ConvertRequest).strip())
    maps: Also write the mappings as structure maps to this file (.xml or .json).
        force: Also repeat steps whose inputs have not changed.
    """
    lines = []
    for field in fields_of(request):
        default = f" Without it: {field.option.default}." if field.option.default else ""
        lines.append(f"    {field.name}: {help_of(field, '`{}`'.format)}{default}")
    return "\n".join(lines)
