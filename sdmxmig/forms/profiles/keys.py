"""Hidden keys of profile forms."""

from __future__ import annotations

from functools import partial

from sdmxmig.forms import cells
from sdmxmig.forms.cells import CellKey, key

__all__ = ["CellKey", "key", "parsed"]

MARK = "sdmxmig-profile"
FORMAT = "3"
COVER, ABOUT, SOURCES, CODES, LISTS, CONTROL = "cover", "about", "sources", "codes", "lists", "control"
ITEM, SUBJECT, SOURCE, FACT, COLUMN, HEAD = "item", "subject", "source", "fact", "column", "head"
KINDS = (MARK, ITEM, SUBJECT, SOURCE, FACT, COLUMN, HEAD)
OF, SLOT = "subject", "slot"
AREA, YEAR, SIGNED_OFF = "area", "year", "signed_off"
ID, ANSWER, EVIDENCE, QUOTED = "id", "answer", "evidence", "quoted"
PRACTICE, QUESTION, CITED = "practice", "question", "cited"
READ = (ID, ANSWER, EVIDENCE, QUOTED, PRACTICE, QUESTION, CITED)
CITATION = "citation"

parsed = partial(cells.parse_key, kinds=KINDS)
