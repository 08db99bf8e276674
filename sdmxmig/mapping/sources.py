"""The places in a table from which a component is read, as a mapping file writes them."""

from __future__ import annotations

JOINED = " + "
"""What stands between two lines that tell a component together: ``header 1 + header 2``."""


def parts_of(source: str) -> tuple[str, ...]:
    """The lines that a source names.

    >>> parts_of("header 1 + column 2"), parts_of("section")
    (('header 1', 'column 2'), ('section',))
    """
    return tuple(part.strip() for part in source.split(JOINED))


def is_joined(source: str) -> bool:
    """Whether two lines or more tell a component together."""
    return JOINED in source


def line_named(source: str) -> str:
    """The name of a line: that of section titles without a number is the first one."""
    return "section 1" if source == "section" else source
