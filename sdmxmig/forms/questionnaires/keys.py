"""Hidden keys of questionnaires."""

from __future__ import annotations

from functools import partial

from sdmxmig.forms import cells
from sdmxmig.forms.cells import CellKey, format_key

__all__ = ["CellKey", "format_key", "parsed"]

FORM_MARK = "sdmxmig"
FORMAT_VERSION = "1"
CONTROL, GUIDE, METADATA, MORE, NOTES, CODES, LISTS = "control", "guide", "metadata", "more", "notes", "codes", "lists"
OTHER_SHEETS = (METADATA, MORE, NOTES)
LIST_KIND = "list"
LABEL, HEADER, ROW = "label", "header", "row"
VALUE, STATUS, CHECK, ATTRIBUTE, REPORT = "value", "status", "check", "attribute", "report"
CELL_COLUMNS = (VALUE, STATUS, CHECK)
KEY_KINDS = (FORM_MARK, LABEL, HEADER, ROW, VALUE, STATUS, CHECK, ATTRIBUTE, REPORT)

parsed = partial(cells.parse_key, kinds=KEY_KINDS)
