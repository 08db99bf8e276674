"""The contents of an earlier mapping as decisions about this year's table, as far as its titles are still the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sdmxmig.conversion.mapping.texts import matches_any
from sdmxmig.conversion.suggestion.questions import EVERYWHERE, LEAVE_OUT, Decisions
from sdmxmig.sdmx.model.data import TO_CONFIRM, Block, Mapping
from sdmxmig.sdmx.model.tables import Table

DEFINITIONS = frozenset({"RES_RULE", "DUR_BASIS", "POP_BASE", "REF_DATE", "AGEDEF", "STOCK_METHOD"})
"""What the titles of a table seldom say, and stays the same from year to year."""
OF_ONE_YEAR = frozenset({"TIME_PERIOD", "FREQ", "REF_AREA", "REV_STAGE", "COMMENT_OBS", "COMMENT_DSET"})
"""What this year's table says, or whoever asks; notes on figures of another year are no matter of this one."""


def decisions_of(earlier: Mapping, tables: Sequence[Table]) -> Decisions:
    """What an earlier mapping decided: codes of labels, rows left out, and values of the whole table.

    Values that a title may say count only if the tables still have all the titles that the mapping asks for. What the
    blocks of several sheets fix in different ways is decided for each sheet, where it still has its name.
    """
    decisions: dict[tuple[str, str, str], str] = {}
    values: dict[str, dict[str, set[str]]] = {}
    for block in earlier.blocks:
        for name, code in fixed_of(block, same=says_the_same(block, tables)):
            values.setdefault(name, {}).setdefault(block.sheet, set()).add(code)
    for name, by_sheet in values.items():
        codes = set().union(*by_sheet.values())
        codes_by_sheet = {EVERYWHERE: codes} if len(codes) == 1 else by_sheet
        decisions |= {
            (sheet, f"fixed {name}", ""): min(sheet_codes)
            for sheet, sheet_codes in codes_by_sheet.items()
            if len(sheet_codes) == 1
        }
    for block in earlier.blocks:
        for component_map in block.components:
            decisions |= {
                (EVERYWHERE, f"codes {component_map.component}", text): code for text, code in component_map.codes
            }
            last = component_map.source.parts[-1]
            skips = block.skip_columns if last.kind == "header" else block.skip_rows
            skips_of_line = [skip for skip in skips if skip.header == last.number and not skip.column]
            confirmed = [skip for skip in skips_of_line if not skip.reason.endswith(TO_CONFIRM)]
            decisions |= {(EVERYWHERE, f"codes {component_map.component}", skip.match): LEAVE_OUT for skip in confirmed}
        for mark, attributes in block.values.marks:
            decisions |= {(EVERYWHERE, "values", f"the mark “{mark}”"): code for _, code in attributes}
    return decisions


def says_the_same(block: Block, tables: Sequence[Table]) -> bool:
    """Whether the tables have all the texts that a block asks for."""
    texts = [text for table in tables for text in table.cells["text"].unique()]
    return all(any(matches_any(text, (pattern,)) for text in texts) for pattern in block.required_texts)


def fixed_of(block: Block, *, same: bool) -> Iterator[tuple[str, str]]:
    """The values of a whole block that hold for another edition too."""
    for name, code in block.fixed:
        if name not in OF_ONE_YEAR and (same or name in DEFINITIONS):
            yield name, code


def area_of(earlier: Mapping) -> str:
    """The reporting country of an earlier mapping, empty if it reads it from the table."""
    codes = {code for block in earlier.blocks for name, code in block.fixed if name == "REF_AREA"}
    return codes.pop() if len(codes) == 1 else ""
