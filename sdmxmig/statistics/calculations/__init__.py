"""Calculations: how an indicator is computed from published figures, one function in one file each.

A calculation is a function of the figures and of its terms, which are its keyword-only parameters:
``def share(figures, *, numerator, denominator)``. An indicator names the calculation in its declaration and gives
every term by name; one that has a default may be left out. Its worked example stands in
``tests/statistics/calculations/<ID>.toml``.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache

from sdmxmig.primitives.plugins import Kind
from sdmxmig.statistics.calculations.terms import CalculationResult

Calculation = Callable[..., CalculationResult]

CALCULATIONS: Kind[Calculation] = Kind("sdmxmig.statistics.calculations")


@cache
def terms_of(calculation: Calculation) -> tuple[str, ...]:
    """The names of the terms that an indicator gives to a calculation."""
    return tuple(parameter.name for parameter in parameters_of(calculation))


@cache
def optional_terms_of(calculation: Calculation) -> tuple[str, ...]:
    """The names of the terms that a calculation can do without, such as net migration as it is published."""
    return tuple(
        parameter.name for parameter in parameters_of(calculation) if parameter.default is not inspect.Parameter.empty
    )


def parameters_of(calculation: Calculation) -> list[inspect.Parameter]:
    """The parameters of a calculation that are terms."""
    parameters = inspect.signature(calculation).parameters.values()
    return [parameter for parameter in parameters if parameter.kind is inspect.Parameter.KEYWORD_ONLY]
