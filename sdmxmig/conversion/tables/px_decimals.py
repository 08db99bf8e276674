"""Decimals of PC-Axis numbers as cell formats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod

from sdmxmig.conversion.tables.px_cube import Cube
from sdmxmig.conversion.tables.px_notes import positions_of
from sdmxmig.conversion.tables.px_statements import PxStatement
from sdmxmig.primitives.lazily import pl

MOST = 15
"""So many decimals a number shows at most."""


def code_of(decimals: int) -> str:
    """The number format that shows so many decimals.

    >>> code_of(0), code_of(2)
    ('0', '0.00')
    """
    return "0." + "0" * decimals if decimals else "0"


def decimals_of(cube: Cube, in_own_language: Sequence[PxStatement], cells: pl.DataFrame) -> pl.Series:
    """Determine the decimals of each number, null if unstated.

    PRECISION (highest) overrides SHOWDECIMALS, then DECIMALS.
    """
    by_keyword = {statement.keyword: statement for statement in reversed(in_own_language) if not statement.keys}
    counts = [_number(by_keyword[keyword]) for keyword in ("SHOWDECIMALS", "DECIMALS") if keyword in by_keyword]
    usual_count = next((count for count in counts if count is not None), None)
    content = by_keyword["CONTVARIABLE"].values[0] if "CONTVARIABLE" in by_keyword else ""
    by_variable = _precisions(in_own_language, content)
    columns: list[pl.Series] = []
    for variables, at in ((cube.stub, "line"), (cube.heading, "place")):
        for number, variable in enumerate(variables):
            decimals_by_value, places = by_variable.get(variable.name, {}), positions_of(variable)
            precise: list[int | None] = [None] * len(variable.values)
            for value in decimals_by_value.keys() & places.keys():
                for position in places[value]:
                    precise[position] = decimals_by_value[value]
            if any(count is not None for count in precise):
                repeats = prod(len(faster.values) for faster in variables[number + 1 :])
                positions = cells.select(pl.col(at) // repeats % len(variable.values)).to_series()
                columns.append(pl.Series(f"_{len(columns)}", precise, pl.UInt8).gather(positions))
    usually = pl.repeat(usual_count, cells.height, dtype=pl.UInt8, eager=True)
    return pl.DataFrame(columns).max_horizontal().fill_null(usually) if columns else usually


def _precisions(in_own_language: Sequence[PxStatement], content: str) -> Mapping[str, Mapping[str, int]]:
    by_variable: dict[str, dict[str, int]] = {}
    for statement in in_own_language:
        number = _number(statement) if statement.keyword == "PRECISION" and statement.keys else None
        if number is not None:
            variable, value = statement.keys[:2] if len(statement.keys) > 1 else (content, statement.keys[0])
            by_variable.setdefault(variable, {})[value] = number
    return by_variable


def _number(statement: PxStatement) -> int | None:
    text = statement.values[0].strip()
    return min(int(text), MOST) if text.isascii() and text.isdigit() and len(text) < MOST else None
