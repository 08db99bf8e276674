"""Texts that a spreadsheet program takes for formulas when it opens a table of text.

``=HYPERLINK(…)`` in a label is a text to us and to every program that reads SDMX, and a command to a spreadsheet that
opens the same file as CSV. What can be done about it depends on whom a file is for:

- SDMX-CSV (``data/*.csv``, ``profile.csv``, whatever ``transform`` writes) and codelists are data. Programs read them,
  and what was written must come back; so such a text is named (`RUNS`), with its cell where it has one, and stays.
- Tables that people fill in in a spreadsheet (``untranslated-<language>.csv``) are shielded: an apostrophe stands
  before what begins like a formula (`shielded`), and is taken away when the table is read back (`unshielded`).
- Workbooks store a text as a text, and have no need of either.
"""

from __future__ import annotations

import re

SIGNS = "=+@\uff1d\uff0b\uff20\t\r\n\uff0d-"
"""What formulas begin with, also in the wide letters of Chinese and Japanese."""
BEGINS = re.compile(rf"'*\s*[{SIGNS}]")
SHIELDED = re.compile(rf"''*\s*[{SIGNS}]")
NUMBER = re.compile(r"[+-]?[0-9][0-9.,\u00a0\u202f ]*%?")
FAR = "hyperlink|webservice|filterxml|import(?:xml|data|html|feed|range)|image|dde|rtd|call|register|exec|indirect"
RUNS = (
    r"(?s)^[\s\u00a0]*(?:[=\uff1d]\s*[^\s=].*|[+@\uff0b\uff20\uff0d-].*"
    rf"(?:\|.*!|\b[A-Z][A-Z0-9.]+\(|(?i:\b(?:{FAR})\s*\()).*)$"
)
"""A text that would be run: it begins with an equals sign, or with another sign and calls a function or a program.

Plain numbers, dashes before words and addresses are none. For the engine of the frames and for Python's.
"""
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
