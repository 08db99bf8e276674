"""The cube of a PC-Axis file: variables in rows and columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass
from math import prod

from sdmxmig.conversion.tables.limits import CELL_LIMIT
from sdmxmig.conversion.tables.px_statements import PxStatement, periods_of
from sdmxmig.io.intake.files import SAVE_AGAIN
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place

OF_FORM = frozenset({"STUB", "HEADING", "VALUES", "CODES", "TIMEVAL", "KEYS"})


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of the cube: its name, its values, and their codes if it has any."""

    name: str
    values: tuple[str, ...]
    _: KW_ONLY
    codes: tuple[str, ...]

    def lines(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        if self.codes:
            yield f"CODES({self.name})", self.codes
        yield self.name, self.values


@dataclass(frozen=True, slots=True)
class Cube:
    """The shape of the data; `keys`: CODES or VALUES name the rows."""

    stub: tuple[Variable, ...]
    heading: tuple[Variable, ...]
    _: KW_ONLY
    keys: tuple[str, ...]
    contents: str

    @property
    def head_rows(self) -> int:
        return sum(len(list(variable.lines())) for variable in self.heading) + 1

    @property
    def head_columns(self) -> int:
        return max(1, sum(len(list(variable.lines())) for variable in self.stub))

    @property
    def height(self) -> int:
        return prod(len(variable.values) for variable in self.stub)

    @property
    def width(self) -> int:
        return prod(len(variable.values) for variable in self.heading)


def cube_of(name: str, statements: Sequence[PxStatement]) -> Cube:
    """Determine the shape of the data.

    Raises `InputError` if contradictory or too large.
    """
    by_keys = _of_form(name, statements)

    def listed(keyword: str) -> tuple[str, ...]:
        return tuple(value for value in by_keys[(keyword,)].values if value) if (keyword,) in by_keys else ()

    def variable(title: str) -> Variable:
        values = by_keys.get(("VALUES", title))
        codes = by_keys.get(("CODES", title))
        timeval = by_keys.get(("TIMEVAL", title))
        times = periods_of(timeval) if timeval else ()
        texts = values.values if values else codes.values if codes else times
        if not any(texts):
            raise InputError(f"The variable “{title}” has no VALUES.", Place(name), SAVE_AGAIN)
        if codes and len(codes.values) != len(texts):
            message = f"The variable “{title}” has {len(texts)} VALUES and {len(codes.values)} CODES."
            raise InputError(message, Place(name, line=codes.line), SAVE_AGAIN)
        labels = codes.values if codes else times
        fits = len(labels) == len(texts) and labels != texts
        return Variable(title, texts, codes=labels if fits else ())

    stub, heading = (tuple(variable(title) for title in listed(keyword)) for keyword in ("STUB", "HEADING"))
    if not stub and not heading:
        raise InputError("The file names no variables in STUB or HEADING.", Place(name), SAVE_AGAIN)
    titles = [variable.name for variable in (*stub, *heading)]
    if len(set(titles)) < len(titles):
        twice = next(title for title in titles if titles.count(title) > 1)
        raise InputError(f"STUB and HEADING name “{twice}” twice.", Place(name), SAVE_AGAIN)
    keys = tuple(by_keys[("KEYS", variable.name)].values[0] for variable in stub if ("KEYS", variable.name) in by_keys)
    if keys and len(keys) != len(stub):
        raise InputError("The file has KEYS for some variables of STUB only.", Place(name), SAVE_AGAIN)
    contents = " ".join(by_keys[("CONTENTS",)].values) if ("CONTENTS",) in by_keys else ""
    cube = Cube(stub, heading, keys=tuple(key.upper() for key in keys), contents=contents or "DATA")
    size = (cube.height + cube.head_rows) * (cube.width + cube.head_columns)
    if size > CELL_LIMIT:
        raise InputError(f"The file has more than {CELL_LIMIT} cells.", Place(name), "Split it.")
    return cube


def _of_form(name: str, statements: Sequence[PxStatement]) -> dict[tuple[str, ...], PxStatement]:
    """Statements by their keywords and keys; raises `InputError` if two say other things of the form of the data."""
    by_keys: dict[tuple[str, ...], PxStatement] = {}
    for statement in statements:
        first = by_keys.setdefault((statement.keyword, *statement.keys), statement)
        if statement.keyword in OF_FORM and first.values != statement.values:
            about = "".join(f" of “{key}”" for key in statement.keys)
            conflict = f"what the {statement.keyword}{about} are (first in line {first.line})"
            message = f"The file says twice, and differently, {conflict}."
            raise InputError(message, Place(name, line=statement.line), SAVE_AGAIN)
    return by_keys
