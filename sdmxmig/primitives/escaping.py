"""Texts that spreadsheet programs run as formulas.

``=HYPERLINK(…)`` is text in SDMX but a command in CSV. SDMX-CSV (``data/*.csv``, ``profile.csv``, ``transform``) and
codelists stay exact and are reported (`RUNS`). Tables for editing (``untranslated-<language>.csv``) are escaped
(`shielded`, `unshielded`). Workbooks need neither.
"""

from __future__ import annotations

import re

SIGNS = "=+@\uff1d\uff0b\uff20\t\r\n\uff0d-"
BEGINS = re.compile(rf"'*\s*[{SIGNS}]")
SHIELDED = re.compile(rf"''*\s*[{SIGNS}]")
NUMBER = re.compile(r"[+-]?[0-9][0-9.,\u00a0\u202f ]*%?")
FAR = "hyperlink|webservice|filterxml|import(?:xml|data|html|feed|range)|image|dde|rtd|call|register|exec|indirect"
RUNS = (
    r"(?s)^[\s\u00a0]*(?:[=\uff1d]\s*[^\s=].*|[+@\uff0b\uff20\uff0d-].*"
    rf"(?:\|.*!|\b[A-Z][A-Z0-9.]+\(|(?i:\b(?:{FAR})\s*\()).*)$"
)
"""Texts that would be run: an equals sign, or another sign with a call."""
_RUNS = re.compile(RUNS)


def is_formula(text: str) -> bool:
    """Whether a spreadsheet program would run a text.

    >>> is_formula("=HYPERLINK(A1)"), is_formula("-5.3 %"), is_formula("- provisional")
    (True, False, False)
    """
    return _RUNS.match(text) is not None


def shielded(text: str) -> str:
    """A text that no spreadsheet program takes for a formula, from which `unshielded` makes the same text again.

    >>> shielded("=1+1"), shielded("-5.3"), shielded("Total"), shielded("'-x")
    ("'=1+1", '-5.3', 'Total', "''-x")
    """
    return f"'{text}" if BEGINS.match(text) and not NUMBER.fullmatch(text) else text


def unshielded(text: str) -> str:
    """The text that was shielded.

    >>> unshielded(shielded("@SUM(1)")), unshielded("'tis"), unshielded("-5.3")
    ('@SUM(1)', "'tis", '-5.3')
    """
    return text[1:] if SHIELDED.match(text) else text


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
