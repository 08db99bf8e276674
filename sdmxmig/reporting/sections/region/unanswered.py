"""Items that no country answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sdmxmig.reporting.sections.blocks import ReportCell
from sdmxmig.reporting.sections.region import availability, definitions
from sdmxmig.reporting.sections.region.matrix import stated
from sdmxmig.reporting.sections.region.views import REGION_VIEWS
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.sdmx.model.region import RegionalStudy


@dataclass(frozen=True, slots=True)
class UnansweredItems:
    """The items of one table that no country answers."""

    heading: str
    items: Sequence[ReportCell]


@REGION_VIEWS.add("unanswered")
def view(study: RegionalStudy, wording: Wording) -> Mapping[str, object]:
    groups = [group for group in unanswered(study, wording) if group.items]
    if not groups:
        return {}
    return {
        "label": wording.say("Unanswered items"),
        "heading": wording.say(
            "Items without an answer or data in any country: {n}",
            n=wording.number(sum(len(group.items) for group in groups)),
        ),
        "groups": groups,
    }


def unanswered(study: RegionalStudy, wording: Wording) -> list[UnansweredItems]:
    of_definitions = stated(definitions.lines_of(study, wording), study)[1]
    groups = [UnansweredItems(wording.say("Definitions"), of_definitions)]
    for part_and_tier, caption in availability.CAPTIONS.items():
        items = stated(availability.lines_of(part_and_tier, study, wording), study)[1]
        groups.append(UnansweredItems(wording.say(caption), items))
    return groups
