"""What the hidden cells of a form of the profile may say."""

from __future__ import annotations

from sdmxmig.forms import keys
from sdmxmig.forms.keys import CellKey, key

__all__ = ["CellKey", "key", "parsed"]

MARK = "sdmxmig-profile"
FORMAT = "2"
COVER, ABOUT, SOURCES, CODES, LISTS, CONTROL = "cover", "about", "sources", "codes", "lists", "control"
ITEM, SUBJECT, SOURCE, FACT, COLUMN, HEAD = "item", "subject", "source", "fact", "column", "head"
KINDS = (MARK, ITEM, SUBJECT, SOURCE, FACT, COLUMN, HEAD)
OF, SLOT = "subject", "slot"
"""What an item is asked of: a subject that is known, or a place that the country gives a name to."""
AREA, YEAR, SIGNED_OFF = "area", "year", "signed_off"
ID, ANSWER, EVIDENCE, PRACTICE, QUESTION, CITED = "id", "answer", "evidence", "practice", "question", "cited"
READ = (ID, ANSWER, EVIDENCE, PRACTICE, QUESTION, CITED)
"""The columns of items that are read."""
CITATION = "citation"


def parsed(text: str) -> CellKey | None:
    """What a hidden cell says; None if it says nothing that a form of the profile does."""
    return keys.parsed(text, KINDS)
