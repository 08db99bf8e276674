"""Escape text for Markdown."""

from __future__ import annotations

import re

ANYWHERE = re.compile(r"[\\`*_\[\]|~]|<(?=[A-Za-z/!?])|&(?=#?[A-Za-z0-9]{1,40};)|#(?=#*\s*$)")
AT_THE_BEGINNING = re.compile(
    r"(?P<before>^ ?(?:[0-9]{1,9}(?=[.)](?: |$)))?)"
    r"(?P<sign>(?<=[0-9])[.)]|(?<![0-9])(?:[>=]|[-+](?=[ -]|$)|#{1,6}(?= |$)))"
)
"""Signs that mean something where a line begins: numbers of lists, quotations, headings, points, rules."""
BLANKS = re.compile(r"\s+")


def literal(text: str) -> str:
    r"""A text that a reader of Markdown sees as it stands, on one line.

    >>> literal("<b>1. [a](javascript:b)"), literal("# 1"), literal("x < 5 & y"), literal("3. a")
    ('\\<b>1. \\[a\\](javascript:b)', '\\# 1', 'x < 5 & y', '3\\. a')
    """
    return AT_THE_BEGINNING.sub(r"\g<before>\\\g<sign>", within_a_line(text), count=1)


def within_a_line(text: str) -> str:
    return ANYWHERE.sub(r"\\\g<0>", BLANKS.sub(" ", text))
