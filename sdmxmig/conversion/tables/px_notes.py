"""Notes of a PC-Axis file by cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product, zip_longest
from math import prod

from sdmxmig.conversion.tables.limits import NOTE_LIMIT
from sdmxmig.conversion.tables.px_cube import Cube, Variable
from sdmxmig.conversion.tables.px_statements import PxStatement
from sdmxmig.sdmx.model.tables import Cell

OF_CELLS = frozenset({"CELLNOTE", "CELLNOTEX", "DATANOTECELL", "ATTRIBUTES"})
OF_LABELS = frozenset({"NOTE", "NOTEX", "VALUENOTE", "VALUENOTEX", "DATANOTE"})
NEXT_NOTE, NEXT_LINE = "##", "#"
ANY = "*"
WHOLE = (1, 1)
"""On this cell hangs what is about the whole table."""
Positions = Mapping[str, Sequence[int]]


def notes_of(cube: Cube, in_own_language: Sequence[PxStatement]) -> dict[Cell, tuple[str, ...]]:
    """Attach notes to cells; notes on very many cells go to the first cell."""
    places = {variable.name: positions_of(variable) for variable in (*cube.stub, *cube.heading)}
    notes: dict[Cell, list[str]] = {}
    remaining = NOTE_LIMIT
    for statement in in_own_language:
        if statement.keyword in OF_CELLS:
            cells = _cells(cube, places, statement.keys, remaining) or [WHOLE]
        elif statement.keyword in OF_LABELS:
            cells = [_label(cube, places, statement.keys)]
        else:
            continue
        remaining -= len(cells)
        for text in texts_of(statement, in_own_language):
            for cell in cells:
                notes.setdefault(cell, []).append(text)
    return {cell: tuple(texts) for cell, texts in notes.items()}


def texts_of(note: PxStatement, in_own_language: Sequence[PxStatement]) -> list[str]:
    r"""Return the texts of a note statement, attributes with names.

    >>> texts_of(PxStatement("NOTE", "", keys=(), values=("Estimated.#Rounded.##Revised",), line=1), [])
    ['Estimated.\nRounded.', 'Revised']
    """
    if note.keyword == "ATTRIBUTES":
        of = {
            statement.keyword: statement.values
            for statement in in_own_language
            if statement.keyword in ("ATTRIBUTE-ID", "ATTRIBUTE-TEXT")
        }
        names = of.get("ATTRIBUTE-TEXT") or of.get("ATTRIBUTE-ID", ())
        pairs = zip_longest(names, note.values, fillvalue="")
        return [f"{name}: {value}".removeprefix(": ") for name, value in pairs if value]
    text = " ".join(note.values)
    parts = (part.replace(NEXT_LINE, "\n").strip() for part in text.split(NEXT_NOTE))
    return [part for part in parts if part]


def positions_of(variable: Variable) -> Positions:
    by_text: dict[str, list[int]] = {}
    for at, value in enumerate(variable.values):
        by_text.setdefault(value, []).append(at)
    by_code = {code: [at] for at, code in enumerate(variable.codes)}
    return {**by_code, **by_text}


def _label(cube: Cube, places: Mapping[str, Positions], keys: Sequence[str]) -> Cell:
    """The first label of the value that a note is about, or the name of its variable; else the first cell."""
    if not keys:
        return WHOLE
    line = 0
    for variable in cube.heading:
        line += len(list(variable.lines()))
        if variable.name == keys[0]:
            place = _first_place(cube.heading, variable, places[variable.name], keys)
            return line, cube.head_columns + place if place else 1
    line = 0
    for variable in cube.stub:
        line += len(list(variable.lines()))
        if variable.name == keys[0]:
            return cube.head_rows + _first_place(cube.stub, variable, places[variable.name], keys), line
    return WHOLE


def _first_place(variables: Sequence[Variable], variable: Variable, places: Positions, keys: Sequence[str]) -> int:
    if len(keys) < 2 or keys[1] not in places:
        return 0
    faster = variables[variables.index(variable) + 1 :]
    return 1 + places[keys[1]][0] * prod(len(faster_variable.values) for faster_variable in faster)


def _cells(cube: Cube, places: Mapping[str, Positions], keys: Sequence[str], most: int) -> list[Cell]:
    """The cells of numbers that keys name, one for each variable; none if they are all cells or more than `most`."""
    variables = (*cube.stub, *cube.heading)
    if len(keys) != len(variables) or all(key == ANY for key in keys):
        return []
    named_positions = [
        range(len(variable.values)) if key == ANY else places[variable.name].get(key, ())
        for variable, key in zip(variables, keys, strict=True)
    ]
    if prod(len(positions) for positions in named_positions) > most:
        return []
    cells = []
    for chosen in product(*named_positions):
        n = 0
        for place, variable in zip(chosen, variables, strict=True):
            n = n * len(variable.values) + place
        cells.append((cube.head_rows + 1 + n // cube.width, cube.head_columns + 1 + n % cube.width))
    return cells
