"""Cells in which a code is chosen: how it stands there with its name, and how it is read again."""

from __future__ import annotations

from sdmxmig.places import cell_name

LISTS = "lists"
"""The hidden sheet from which cells are chosen."""
BETWEEN = " – "
"""Stands between a code and its name in a cell."""


def choice(code: str, name: str) -> str:
    """A code with its name, as it stands in a list to choose from.

    >>> choice("Y", "Yes")
    'Y – Yes'
    """
    return f"{code}{BETWEEN}{name}" if name else code


def chosen(text: str) -> str:
    """The part of a cell that is the code.

    >>> chosen("Y – Yes"), chosen(" Y ")
    ('Y', 'Y')
    """
    return text.partition(BETWEEN)[0].strip()


def listed(column: int, first: int, count: int) -> str:
    """The cells of the hidden sheet that hold a list.

    >>> listed(3, 2, 5)
    'lists!$C$2:$C$6'
    """
    letters = cell_name(1, column).rstrip("1")
    return f"{LISTS}!${letters}${first}:${letters}${first + count - 1}"
