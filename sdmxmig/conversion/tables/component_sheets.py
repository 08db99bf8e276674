"""Sheets with one column per component, for messages without structures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field

from sdmxmig.conversion.tables.draft import TableDraft


@dataclass
class ComponentSheet:
    """Rows of components, and the column of each component that was met."""

    draft: TableDraft
    columns: dict[str, int] = field(default_factory=dict)
    _: KW_ONLY
    rows: int = 1

    def add(self, texts: Mapping[str, str]) -> None:
        self.rows += 1
        self.draft.step()
        for name, text in texts.items():
            if name not in self.columns:
                self.columns[name] = len(self.columns) + 1
                self.draft.add((1, self.columns[name]), (name, "text"))
            self.draft.add((self.rows, self.columns[name]), (text, "text"))
