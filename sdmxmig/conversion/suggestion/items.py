"""Title words that are codes of an item dimension: “visitor arrivals” is ARR."""

from __future__ import annotations

from collections.abc import Mapping

from sdmxmig.conversion.recognition.mentions import Mention, ReadTitle
from sdmxmig.conversion.suggestion.fixed import ALSO_CALLED
from sdmxmig.quality.rules.constraints import values_of
from sdmxmig.sdmx.model.data import Flow

HELD: Mapping[tuple[str, str], frozenset[str]] = {
    ("TMP_ITEM", "ARR"): frozenset({"TOURISM", "BORDER_IN", "TEMP"}),
    ("TMP_ITEM", "DEP"): frozenset({"BORDER_OUT", "TEMP"}),
    ("ADM_ITEM", "IRR_CROSS"): frozenset({"IRREGULAR", "BORDER_IN"}),
    ("ADM_ITEM", "ENTRY"): frozenset({"BORDER_IN"}),
    ("ADM_ITEM", "EXIT"): frozenset({"BORDER_OUT"}),
    ("PROT_ITEM", "STOCK"): frozenset({"REFUGEE"}),
}
ENTRIES_AND_EXITS, MOVES = frozenset({"ENTRY", "EXIT"}), "MIG"
"""Two items, and what both together are called: “movimientos migratorios”."""
ITEM = "_ITEM"


def is_of_item(
    mention: Mention,
    reading: ReadTitle,
    flow: Flow,
    fixed: Mapping[str, str],
    *,
    settled: frozenset[str],
    read: frozenset[str],
) -> bool:
    """Whether a phrase is the item read or asked.

    Contradictory items explain nothing.
    """
    for component in (name for name in flow.structure.key if name.endswith(ITEM)):
        held = held_by(component, flow)
        codes = held & codes_called(mention, reading, component)
        if component in read and mention.code == MOVES and held >= ENTRIES_AND_EXITS:
            return True
        if codes and (component in settled | read or fixed.get(component, "") in codes | {""}):
            return True
    return False


def held_by(component: str, flow: Flow) -> set[str]:
    codes = {item.id for item in flow.codelist(component) or ()}
    for regions in ([region for region in constraint.regions if region.include] for constraint in flow.constraints):
        for selection in regions[0].selections if len(regions) == 1 else ():
            if selection.component == component and selection.include and selection.members:
                codes &= values_of(selection, flow.codelist(component))
    return codes


def codes_called(mention: Mention, reading: ReadTitle, component: str) -> set[str]:
    """The codes of a dimension of items that a phrase for what is counted may mean."""
    codes = {code for (name, code), measures in HELD.items() if name == component and mention.code in measures}
    otherwise, listed = ALSO_CALLED.get((mention.concept, mention.code), ("", ()))
    codes |= set(listed) if otherwise == component else set()
    same = {
        item_mention.code
        for item_mention in reading.of(component)
        if (item_mention.at, item_mention.phrase) == (mention.at, mention.phrase)
    }
    return same or codes
