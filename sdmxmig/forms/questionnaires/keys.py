"""Hidden keys of questionnaires."""

from __future__ import annotations

from functools import partial

from sdmxmig.forms import cells
from sdmxmig.forms.cells import CellKey, key

__all__ = ["CellKey", "key", "parsed"]

MARK = "sdmxmig"
FORMAT = "1"
CONTROL, GUIDE, METADATA, MORE, NOTES, CODES, LISTS = "control", "guide", "metadata", "more", "notes", "codes", "lists"
BESIDE = (METADATA, MORE, NOTES)
"""Sheets for answers other than tables."""
LIST = "list"
LABEL, HEADER, ROW = "label", "header", "row"
VALUE, STATUS, CHECK, ATTRIBUTE, REPORT = "value", "status", "check", "attribute", "report"
COLUMNS = (VALUE, STATUS, CHECK)
"""The kinds of columns for one column of a table."""
KINDS = (MARK, LABEL, HEADER, ROW, VALUE, STATUS, CHECK, ATTRIBUTE, REPORT)

parsed = partial(cells.parse_key, kinds=KINDS)
