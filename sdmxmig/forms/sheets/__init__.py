"""Lists as text spreadsheets, with detection of damage."""

from __future__ import annotations

from sdmxmig.forms.sheets.differences import Difference, compare
from sdmxmig.forms.sheets.reading import ListSheet, as_csv, read_sheet
from sdmxmig.forms.sheets.spoilt import Spoilt, spoilt
from sdmxmig.forms.sheets.writing import ListTitle, to_workbook

__all__ = ["Difference", "ListSheet", "ListTitle", "Spoilt", "as_csv", "compare", "read_sheet", "spoilt", "to_workbook"]
