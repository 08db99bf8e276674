"""Hidden keys of profile forms."""

from __future__ import annotations

from functools import partial

from sdmxmig.forms import cells
from sdmxmig.forms.cells import CellKey, format_key

__all__ = ["CellKey", "format_key", "parsed"]

FORM_MARK = "sdmxmig-profile"
FORMAT_VERSION = "3"
COVER, ABOUT, SOURCES, CODES, LISTS, CONTROL = "cover", "about", "sources", "codes", "lists", "control"
ITEM, SUBJECT, SOURCE, FACT, COLUMN, HEAD = "item", "subject", "source", "fact", "column", "head"
KEY_KINDS = (FORM_MARK, ITEM, SUBJECT, SOURCE, FACT, COLUMN, HEAD)
OF, SLOT = "subject", "slot"
AREA, YEAR, SIGNED_OFF = "area", "year", "signed_off"
ID, ANSWER, EVIDENCE, QUOTED = "id", "answer", "evidence", "quoted"
PRACTICE, QUESTION, CITED = "practice", "question", "cited"
READ_FIELDS = (ID, ANSWER, EVIDENCE, QUOTED, PRACTICE, QUESTION, CITED)
CITATION = "citation"

parsed = partial(cells.parse_key, kinds=KEY_KINDS)
