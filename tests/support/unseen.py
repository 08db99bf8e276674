"""Tables in the habits of many offices, with invented figures and without mappings.

A file ``office_layouts/<name>.md`` has the dataflow and the reporting country, the components common to all figures
(``Fixed``), the table as ``## Sheet`` or ``## File``, and the observations that a person finds in it: columns named as
components, all others are periods, and ``12 (P)`` is a value with its status. Parts that need a question are in
``Asked``: those of the proposal that must be open.
"""

from __future__ import annotations

import functools
import re
from dataclasses import KW_ONLY, dataclass

from edited_workbooks import save_edited
from folders import TESTS
from markdown_workbooks import cells, workbook
from openpyxl import Workbook
from openpyxl.styles import Alignment

FOLDER = TESTS / "conversion" / "office_layouts"
Observations = dict[tuple[str, ...], str]


@dataclass(frozen=True)
class Unseen:
    """One table: its file, and the expected observations; `keys` are the components that they name."""

    file: str
    content: bytes
    _: KW_ONLY
    flow: str
    area: str
    keys: tuple[str, ...]
    observations: Observations
    fixed: dict[str, str]
    asked: tuple[str, ...]


@functools.cache
def unseen(name: str) -> Unseen:
    """Read ``office_layouts/<name>.md``."""
    text = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^(Flow|Area|Fixed|Indents|Asked): (.*)$", text, flags=re.MULTILINE))
    table, _, written = text.partition("## Observations")
    heads, *rows = [cells(line) for line in written.splitlines() if line.startswith("|") and "---" not in line]
    keys = tuple(head for head in heads if re.fullmatch("[A-Z_]+", head))
    found: Observations = {}
    for row in rows:
        named = dict(zip(heads, row, strict=True))
        found |= {(*(named[key] for key in keys), at): named[at] for at in heads if at not in keys and named[at]}
    file = re.search(r"^## File (.+)\n\n```\n(.*?)^```$", table, flags=re.MULTILINE | re.DOTALL)
    content = (
        file[2].encode() if file else save_edited(workbook(table), lambda book: indent(book, told.get("Indents", "")))
    )
    fixed = dict(pair.split("=") for pair in told.get("Fixed", "").split())
    asked = tuple(part.strip() for part in told.get("Asked", "").split(",") if part)
    name = file[1] if file else "table.xlsx"
    return Unseen(
        name,
        content,
        flow=told["Flow"],
        area=told.get("Area", ""),
        keys=(*keys, "TIME_PERIOD"),
        observations=found,
        fixed=fixed,
        asked=asked,
    )


def indent(book: Workbook, steps: str) -> None:
    """Indent cells of the first sheet by their format: ``A4 1, A5 1``."""
    for step in filter(None, steps.split(", ")):
        cell, number = step.split()
        book.worksheets[0][cell].alignment = Alignment(indent=int(number))
