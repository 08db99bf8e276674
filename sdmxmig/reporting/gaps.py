"""What the Recommendations ask for and the country does not yet have, each with what would close it."""

from __future__ import annotations

from collections.abc import Mapping

from sdmxmig.model.assessment import Assessment
from sdmxmig.reporting import VIEWS
from sdmxmig.reporting.blocks import Cell, Column, Table, row
from sdmxmig.reporting.wording import NOT_KNOWN, Wording


@VIEWS.add("gaps")
def view(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    """The list of gaps, whole ones before partial ones."""
    gaps = sorted(assessment.gaps, key=lambda gap: gap.is_partial)
    unknown = [score for score in assessment.scores if score.answer in NOT_KNOWN]
    columns = ("What is asked for", "Today", "What would close the gap")
    table = Table(
        "table-gaps",
        wording.say("Gaps and actions"),
        tuple(Column(wording.say(name)) for name in columns),
        tuple(
            row(
                (
                    Cell(
                        wording.of(gap.statement),
                        note=code_of(assessment, gap.subject),
                        mark=wording.say("partial") if gap.is_partial else "",
                    ),
                    Cell(wording.of(gap.reason)) if gap.reason else wording.absent(),
                    Cell(wording.of(gap.action) or wording.say("No action is proposed yet.")),
                )
            )
            for gap in gaps
        ),
        stacked=True,
    )
    partial = sum(gap.is_partial for gap in gaps)
    return {
        "label": wording.say("Gaps and actions"),
        "heading": heading(len(gaps) - partial, partial, wording),
        "table": table if gaps else None,
        "unknown": wording.count(
            "{n} question has no answer yet; it is neither a gap nor a strength.",
            "{n} questions have no answer yet; they are neither gaps nor strengths.",
            len(unknown),
        ),
    }


def code_of(assessment: Assessment, subject: str) -> str:
    """What readers call the subject of a gap: the code of an indicator, else the id of the item."""
    names = {result.indicator.id: result.indicator.code for result in assessment.indicators}
    return names.get(subject, subject)


def heading(whole: int, partial: int, wording: Wording) -> str:
    """How many gaps there are, and how many of them the country has begun to close."""
    if not whole and not partial:
        return wording.say("No gap is known")
    if not partial:
        return wording.count("{n} gap is open", "{n} gaps are open", whole)
    if not whole:
        return wording.count("{n} gap is partly closed", "{n} gaps are partly closed", partial)
    return wording.say(
        "{whole} gaps are open and {partial} are partly closed",
        whole=wording.number(whole),
        partial=wording.number(partial),
    )
