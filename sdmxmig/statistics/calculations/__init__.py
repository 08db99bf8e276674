"""Calculations of indicators, registered by name.

Keyword-only parameters are terms: ``def share(figures, *, numerator, denominator)``. Parameters with defaults are
optional. Examples are in ``tests/statistics/calculations/<ID>.toml``.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache

from sdmxmig.primitives.plugins import Kind
from sdmxmig.statistics.calculations.figures import CalculationResult

Calculation = Callable[..., CalculationResult]

CALCULATIONS: Kind[Calculation] = Kind("sdmxmig.statistics.calculations")


@cache
def list_terms(calculation: Calculation) -> tuple[str, ...]:
    return tuple(parameter.name for parameter in list_parameters(calculation))


@cache
def list_optional_terms(calculation: Calculation) -> tuple[str, ...]:
    return tuple(
        parameter.name for parameter in list_parameters(calculation) if parameter.default is not inspect.Parameter.empty
    )


def list_parameters(calculation: Calculation) -> list[inspect.Parameter]:
    parameters = inspect.signature(calculation).parameters.values()
    return [parameter for parameter in parameters if parameter.kind is inspect.Parameter.KEYWORD_ONLY]
