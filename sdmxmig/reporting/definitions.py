"""Definitions compared: what the Recommendations say, what the country does, how far apart the two are."""

from __future__ import annotations

from collections.abc import Mapping

from sdmxmig.model.assessment import Assessment, Score
from sdmxmig.reporting import VIEWS
from sdmxmig.reporting.blocks import Cell, Column, Row, Table, row
from sdmxmig.reporting.wording import NOT_KNOWN, Wording, level, scale_name


@VIEWS.add("definitions")
def view(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    """The definitions of which something is known, and the names of those of which nothing is."""
    compared = [score for score in assessment.scores if scale_name(score.item.scale) == "ALIGN"]
    known = [score for score in compared if score.answer not in NOT_KNOWN]
    told = [score for score in compared if score.answer not in NOT_KNOWN or score.practice]
    unknown = [score for score in compared if score not in told]
    return {
        "label": wording.say("Definitions"),
        "heading": heading(compared, known, wording),
        "table": table(told, wording),
        "unknown": [(score.item.id, wording.of(score.item.name)) for score in unknown],
        "checked": checked(compared, wording),
    }


def heading(compared: list[Score], known: list[Score], wording: Wording) -> str:
    """How many definitions are aligned, of how many that are known."""
    if not known:
        return wording.say("No definition is known yet")
    aligned = sum(level(score.item.scale, score.answer) == 4 for score in known)
    return wording.say(
        "{aligned} of the {known} definitions that are known are aligned; {unknown} more are not known",
        aligned=wording.number(aligned),
        known=wording.number(len(known)),
        unknown=wording.number(len(compared) - len(known)),
    )


def checked(compared: list[Score], wording: Wording) -> str:
    """How many of the recommendation texts are candidates."""
    candidates = sum(score.item.status != "verified" for score in compared)
    return wording.say(
        "What the Recommendations say is given in our own words; {n} of {total} of these texts are marked candidate, "
        "because they have not been checked against the published Recommendations.",
        n=wording.number(candidates),
        total=wording.number(len(compared)),
    )


def table(told: list[Score], wording: Wording) -> Table:
    """One row a definition."""
    columns = ("Definition", "The Recommendations say", "National practice", "Alignment")
    return Table(
        "table-definitions",
        wording.say("Definitions compared with the Recommendations"),
        tuple(Column(wording.say(name)) for name in columns),
        tuple(_row(score, wording) for score in told),
        stacked=True,
    )


def _recommended(score: Score, wording: Wording) -> Cell:
    item = score.item
    if not item.recommendation:
        return Cell(wording.say("No public text was found."), is_absent=True, mark=wording.candidate(item.status))
    return Cell(wording.of(item.recommendation), note=item.source, mark=wording.candidate(item.status))


def _row(score: Score, wording: Wording) -> Row:
    item = score.item
    return row(
        (
            Cell(wording.of(item.name), note=item.id),
            _recommended(score, wording),
            Cell(wording.of(score.practice), sources=score.sources) if score.practice else wording.absent(),
            wording.rating(item.scale, score.answer, score.label),
        )
    )
