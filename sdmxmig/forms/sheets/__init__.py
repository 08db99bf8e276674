"""Lists as text spreadsheets, with detection of damage."""

from __future__ import annotations

from sdmxmig.forms.sheets.lists import Difference, ListSheet, ListTitle, as_csv, compare, read_sheet, to_workbook
from sdmxmig.forms.sheets.spoilt import Spoilt, spoilt

__all__ = ["Difference", "ListSheet", "ListTitle", "Spoilt", "as_csv", "compare", "read_sheet", "spoilt", "to_workbook"]
