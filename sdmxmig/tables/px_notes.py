"""Notes of a PC-Axis file, by the cell on which they hang."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from math import prod

from sdmxmig.model.tables import Cell
from sdmxmig.tables.limits import NOTE_LIMIT
from sdmxmig.tables.px_cube import Cube, Variable
from sdmxmig.tables.px_statements import Statement

OF_CELLS = ("CELLNOTE", "CELLNOTEX")
OF_VALUES = ("VALUENOTE", "VALUENOTEX")
OF_VARIABLES = ("NOTE", "NOTEX")
WHOLE = (1, 1)
"""On this cell hangs what is about the whole table."""


def notes_of(cube: Cube, found: Sequence[Statement]) -> dict[Cell, tuple[str, ...]]:
    """The notes of the file's own language by the cell on which they hang."""
    notes: dict[Cell, tuple[str, ...]] = {}
    for one in found:
        if one.language or one.keyword not in (*OF_CELLS, *OF_VALUES, *OF_VARIABLES):
            continue
        text = " ".join(value.replace("#", "\n").strip() for value in one.values)
        for cell in _noted(cube, one):
            notes[cell] = (*notes.get(cell, ()), text)
    return notes


def _noted(cube: Cube, note: Statement) -> list[Cell]:
    """The cells on which a note hangs; the first cell if what it is about is not in the table."""
    if note.keyword in OF_CELLS:
        return _cells(cube, note.keys) or [WHOLE]
    if not note.keys:
        return [WHOLE]
    line = 0
    for one in cube.heading:
        line += len(list(one.lines()))
        if one.name == note.keys[0]:
            place = _place_of_value(cube.heading, one, note)
            return [(line, cube.head_columns + place if place else 1)]
    line = 0
    for one in cube.stub:
        line += len(list(one.lines()))
        if one.name == note.keys[0]:
            return [(cube.head_rows + _place_of_value(cube.stub, one, note), line)]
    return [WHOLE]


def _place_of_value(variables: Sequence[Variable], one: Variable, note: Statement) -> int:
    """Where the value that a note is about first stands among the labels, from 1; 0 if it is about the variable."""
    if note.keyword not in OF_VALUES or len(note.keys) < 2 or note.keys[1] not in one.values:
        return 0
    faster = variables[variables.index(one) + 1 :]
    return 1 + one.values.index(note.keys[1]) * prod(len(other.values) for other in faster)


def _cells(cube: Cube, keys: Sequence[str]) -> list[Cell]:
    """The cells of numbers that the keys of a note name, one for each variable; ``*`` is any value."""
    variables = (*cube.stub, *cube.heading)
    if len(keys) != len(variables):
        return []
    places = [
        range(len(one.values)) if key == "*" else [at for at, value in enumerate(one.values) if value == key]
        for one, key in zip(variables, keys, strict=True)
    ]
    if prod(len(one) for one in places) > NOTE_LIMIT or all(key == "*" for key in keys):
        return []
    found = []
    for chosen in product(*places):
        n = 0
        for place, one in zip(chosen, variables, strict=True):
            n = n * len(one.values) + place
        found.append((cube.head_rows + 1 + n // cube.width, cube.head_columns + 1 + n % cube.width))
    return found
