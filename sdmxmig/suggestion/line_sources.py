"""The places of the lines of labels in a table, as texts: those of a mapping file, and lines told together."""

from __future__ import annotations

from sdmxmig.model.sources import JOINED


def parts_of(source: str) -> tuple[str, ...]:
    """The lines that a source names.

    >>> parts_of("header 1 + column 2"), parts_of("section")
    (('header 1', 'column 2'), ('section',))
    """
    return tuple(source.split(JOINED))


def is_joined(source: str) -> bool:
    """Whether two lines or more tell a component together."""
    return JOINED in source
