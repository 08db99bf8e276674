"""Content where no answer is expected."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from sdmxmig.forms.cells import FilledCell, cells_of
from sdmxmig.reporting.outputs.findings_sheet import is_listing
from sdmxmig.sdmx.model.finding_collector import FindingCollector
from sdmxmig.sdmx.model.rule_ids import RuleId
from sdmxmig.sdmx.model.tables import Cell, Table

OWN_COMMENT = re.compile(r"(?:[^:\n]{1,60}:\s*)?MIG-\d-\d{3} – ")


def look_for_unasked(
    table: Table,
    cells: Mapping[Cell, FilledCell],
    is_asked: Callable[[Cell, FilledCell], bool],
    collector: FindingCollector,
) -> None:
    """Report what fills cells of a sheet that are not asked for, and the comments that hang on any of its cells."""
    filled_cells = [
        (cell, filled) for cell, filled in sorted(cells.items()) if filled.text.strip() and not filled.formula
    ]
    unasked = [(cell, filled) for cell, filled in filled_cells if not is_asked(cell, filled)]
    texts = {cell for cell, filled in unasked if filled.kind != "number"}
    comments = {cell for cell, remarks in table.notes.items() if not all(map(OWN_COMMENT.match, remarks))}
    for rule_id, listed_cells in (
        (RuleId.UNASKED_FIGURES, [cell for cell, filled in unasked if filled.kind == "number"]),
        (RuleId.UNREAD_REMARKS, sorted(texts | comments)),
    ):
        places = [table.place(*cell) for cell in listed_cells]
        collector.add(rule_id, places, sheet=table.sheet, count=str(len(places)))


def look_at_added_sheets(tables: Sequence[Table], asked_tables: Iterable[Table], collector: FindingCollector) -> None:
    asked_ids = {id(table) for table in asked_tables}
    for table in tables:
        if id(table) not in asked_ids and not is_listing(table):
            look_for_unasked(table, cells_of(table), lambda _, __: False, collector)
