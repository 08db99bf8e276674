"""Tables of cases and texts beside the tests."""

from __future__ import annotations

import csv
from collections.abc import Callable

import pytest
from folders import TESTS


def cases_from(path: str, **read: Callable[[str], object]) -> pytest.MarkDecorator:
    """Run a test for each row of a CSV file below `tests/`; the columns are its arguments, as texts or as `read`.

    A first column ``case`` names the rows.
    """
    with (TESTS / path).open(encoding="utf-8", newline="") as file:
        names, *rows = csv.reader(file, strict=True)
    ids = [row.pop(0) for row in rows] if names[0] == "case" else None
    names = names[1:] if ids else names
    readers = [read.get(name, str) for name in names]
    values = [[reader(text) for reader, text in zip(readers, row, strict=True)] for row in rows]
    return pytest.mark.parametrize(names, values, ids=ids)


def text_from(path: str) -> str:
    """The text of a file below `tests/`."""
    return (TESTS / path).read_text(encoding="utf-8")


def truth(text: str) -> bool:
    """Whether a cell is ``yes`` and not ``no``."""
    return {"yes": True, "no": False}[text]


def listed(text: str) -> tuple[str, ...]:
    """The parts of a cell that holds several texts, such as ``Men; Women``."""
    return tuple(text.split("; ")) if text else ()


def as_list(text: str) -> list[str]:
    """The same as a list."""
    return list(listed(text))


def as_set(text: str) -> set[str]:
    """The same in any order."""
    return set(listed(text))


def pairs(text: str) -> dict[str, str]:
    """Texts by their names, such as ``Men = M; Women = F``."""
    return dict(pair.split(" = ") for pair in listed(text))


def optional(text: str) -> str | None:
    """The text of a cell, None if it is empty."""
    return text or None
