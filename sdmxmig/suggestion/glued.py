"""Label columns with several dimensions glued together by commas, as in the tab-separated files of Eurostat."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sdmxmig.model.data import Skip

SIGN = ","
ACROSS = "\\"
"""What stands before the name of the dimension across in the corner: ``geo\\TIME_PERIOD``."""
PART = re.compile(r"column (\d+) part (\d+)")


def parts_of_labels(head: str, texts: Sequence[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    r"""The name and the distinct labels of each dimension in a column; nothing if its labels are whole.

    >>> parts_of_labels(r"sex,geo\time", ["F,DE", "M,DE"])
    (('sex', ('F', 'M')), ('geo', ('DE',)))
    """
    names = head.partition(ACROSS)[0].split(SIGN)
    split = [text.split(SIGN) for text in texts]
    if len(names) < 2 or any(len(parts) != len(names) for parts in split):
        return ()
    columns = zip(*split, strict=True)
    return tuple((name.strip(), tuple(dict.fromkeys(column))) for name, column in zip(names, columns, strict=True))


def part_named(column: int, at: int) -> str:
    """The source of a part, counted from 0, of a label column, counted from 1."""
    return f"column {column} part {at + 1}"


def is_part(source: str) -> bool:
    """Whether a source is a part of a column."""
    return bool(PART.fullmatch(source))


def number_and_part(source: str) -> tuple[int, int]:
    """The label column of a part, counted from 1, and its place in there, counted from 0."""
    found = PART.fullmatch(source)
    return (int(found[1]), int(found[2]) - 1) if found else (0, 0)


def part_of(text: str, at: int) -> str:
    """A part of a label, empty if it has fewer."""
    return dict(enumerate(text.split(SIGN))).get(at, "")


def read_by(source: str) -> tuple[str, str]:
    """The column of a source and the expression that takes the part out of its labels, as a mapping file has them."""
    if not is_part(source):
        return source, ""
    column, at = number_and_part(source)
    return f"column {column}", f"^(?:[^{SIGN}]*{SIGN}){{{at}}}([^{SIGN}]*)"


def skip_of(source: str, text: str, reason: str) -> Skip:
    """The rows that stay out because of one part of their labels."""
    column, at = number_and_part(source)
    return Skip(f"/^(?:[^{SIGN}]*{SIGN}){{{at}}}{re.escape(text)}(?:{SIGN}|$)/", reason, column)
