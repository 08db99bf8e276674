"""Joint gaps and differences (``structures/gaps.toml``)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sdmxmig.catalogue.evidence import Declarations, declared_file
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.gaps import Difference, SameGap

FILE = "gaps.toml"
ISSUES = "CL_QUALITY_ISSUE"


def read_gaps(
    folders: Sequence[Path], declarations: Declarations
) -> tuple[tuple[SameGap, ...], tuple[Difference, ...]]:
    """Read joint gaps; raises `DeclarationError`."""
    declared = declared_file(folders, FILE)
    if declared is None:
        return (), ()
    same_gaps = tuple(read_same_gap(entry) for entry in declared.tables("gap"))
    differences = tuple(read_difference(entry) for entry in declared.tables("difference"))
    declared.close()
    subjects = [*declarations.items, *declarations.indicators, *(difference.id for difference in differences)]
    issues = declarations.lists[ISSUES].ids if ISSUES in declarations.lists else ()
    for same_gap in same_gaps:
        declarations.check("item, indicator or difference", same_gap.subjects, subjects, same_gap.place)
    for difference in differences:
        declarations.check("quality issue", [difference.issue], issues, difference.place)
    return same_gaps, differences


def read_same_gap(declared: Declared) -> SameGap:
    same_gap = SameGap(
        declared.text("id"),
        declared.strings("subjects", None),
        name=declared.texts("name"),
        action=declared.texts("action"),
        place=declared.place,
    )
    declared.close()
    return same_gap


def read_difference(declared: Declared) -> Difference:
    """One difference that is a gap, from its table."""
    difference = Difference(
        declared.text("id"),
        declared.text("issue"),
        name=declared.texts("name", required=True),
        action=declared.texts("action", required=True),
        revision_years=declared.integer("revision_years", 0),
        place=declared.place,
    )
    declared.close()
    return difference
