"""Calculations: how an indicator is computed from published figures, one function in one file each.

A calculation is a function of the figures and of its terms, which are its keyword-only parameters:
``def share(figures, *, numerator, denominator)``. An indicator names the calculation in its declaration and gives
every term by name. Its worked example stands in ``tests/calculations/<ID>.toml``.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache

from sdmxmig.calculations.terms import CalculationResult
from sdmxmig.plugins import Kind

Calculation = Callable[..., CalculationResult]

CALCULATIONS: Kind[Calculation] = Kind("sdmxmig.calculations")


@cache
def terms_of(calculation: Calculation) -> tuple[str, ...]:
    """The names of the terms that an indicator must give to a calculation."""
    parameters = inspect.signature(calculation).parameters.values()
    return tuple(parameter.name for parameter in parameters if parameter.kind is inspect.Parameter.KEYWORD_ONLY)
