"""Sheets that would give the same observations: a workbook may hold several measures in one layout."""

from __future__ import annotations

from collections.abc import Sequence

from sdmxmig.model.data import Block, Flow
from sdmxmig.recognition import Candidate
from sdmxmig.recognition.labels import plain
from sdmxmig.suggestion.questions import Question

COUNTED = ("PS", "NUMBER")
TOLD_BY_TITLES = frozenset({"UNIT_MULT", "UNIT_MEASURE", "BIRTH_STATUS", "CTZ_STATUS", "SEX", "REF_DATE"})
"""Fixed values that come from titles, and so differ between measures that are otherwise alike."""
CLEARLY = 1.0


def without_rivals(
    blocks: Sequence[tuple[Block, Sequence[str]]], flow: Flow
) -> tuple[tuple[int, ...], tuple[Question, ...]]:
    """The positions of the blocks to propose, and questions about the others.

    Of blocks that differ in nothing but their titles the one is taken whose titles say most of what the dataflow is
    called; sheets of shares are left out.
    """
    from rapidfuzz import fuzz

    about = plain(" ".join(str(text) for text in (flow.dataflow.name, flow.dataflow.description) if text))
    likeness = [fuzz.token_set_ratio(about, plain(" ".join(titles[:6]))) for _, titles in blocks]
    kept: dict[object, int] = {}
    for at, (block, _) in enumerate(blocks):
        if dict(block.fixed).get("UNIT_MEASURE", COUNTED[0]) not in COUNTED:
            continue
        same = {pair for pair in block.fixed if pair[0] not in TOLD_BY_TITLES}
        where = frozenset(one.component for one in block.components if one.component not in TOLD_BY_TITLES)
        signature = (where, frozenset(same - {pair for pair in same if pair[0] in where}))
        if signature not in kept or likeness[at] > likeness[kept[signature]] + CLEARLY:
            kept[signature] = at
    chosen = tuple(sorted(kept.values()))
    told = [
        Question(block.sheet, "sheet", "", Candidate("", 0.0, reason(block)))
        for at, (block, _) in enumerate(blocks)
        if at not in chosen
    ]
    return chosen, tuple(told)


def reason(block: Block) -> str:
    """Why a sheet is not proposed."""
    if dict(block.fixed).get("UNIT_MEASURE", COUNTED[0]) not in COUNTED:
        return "not proposed: it holds shares or rates"
    return "not proposed: another sheet seems to give the same observations"
