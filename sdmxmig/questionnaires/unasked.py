"""What stands in a questionnaire where nothing is asked: figures and remarks that would else be lost in silence."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from sdmxmig.forms.cells import Filled, cells_of
from sdmxmig.model.finding_collector import FindingCollector
from sdmxmig.model.rule_ids import RuleId
from sdmxmig.model.tables import Cell, Table
from sdmxmig.outputs.findings_sheet import is_listing

OWN_COMMENT = re.compile(r"(?:[^:\n]{1,60}:\s*)?MIG-\d-\d{3} – ")
"""How the comments of a marked copy begin, after the name of the author that some programs put before them."""


def look_for_unasked(
    table: Table, cells: Mapping[Cell, Filled], is_asked: Callable[[Cell, Filled], bool], collector: FindingCollector
) -> None:
    """Report what fills cells of a sheet that are not asked for, and the comments that hang on any of its cells."""
    listed = [(cell, one) for cell, one in sorted(cells.items()) if one.text.strip() and not one.formula]
    unasked = [(cell, one) for cell, one in listed if not is_asked(cell, one)]
    texts = {cell for cell, one in unasked if one.kind != "number"}
    comments = {cell for cell, said in table.notes.items() if not all(map(OWN_COMMENT.match, said))}
    for rule_id, listed_cells in (
        (RuleId.UNASKED_FIGURES, [cell for cell, one in unasked if one.kind == "number"]),
        (RuleId.UNREAD_REMARKS, sorted(texts | comments)),
    ):
        places = [table.place(*cell) for cell in listed_cells]
        collector.add(rule_id, places, sheet=table.sheet, count=str(len(places)))


def look_at_added_sheets(tables: Sequence[Table], known: Iterable[Table], collector: FindingCollector) -> None:
    """Report what stands on sheets that the questionnaire did not have; the list of findings of a copy is none."""
    asked = {id(table) for table in known}
    for table in tables:
        if id(table) not in asked and not is_listing(table):
            look_for_unasked(table, cells_of(table), lambda _, __: False, collector)
