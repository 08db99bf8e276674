"""Definitions compared: what the Recommendations say, what the country does, how far apart the two are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sdmxmig.model.assessment import Assessment, Score
from sdmxmig.model.profile import Scale
from sdmxmig.reporting import VIEWS
from sdmxmig.reporting.blocks import Cell, Column, Row, Table, row
from sdmxmig.reporting.wording import FULLY, NOT_KNOWN, Wording

SCALE = "ALIGN"
"""The scale on which definitions are compared."""


@VIEWS.add("definitions")
def view(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    """The definitions of which something is known, and the names of those of which nothing is."""
    compared = [score for score in assessment.scores if score.item.scale == SCALE]
    answered = [score for score in compared if score.answer not in NOT_KNOWN]
    told = [score for score in compared if score.answer not in NOT_KNOWN or score.practice]
    unknown = [score for score in compared if score not in told]
    return {
        "label": wording.say("Definitions"),
        "heading": heading(compared, answered, assessment.scale(SCALE), wording),
        "table": table(told, assessment.scale(SCALE), wording),
        "unknown": [(score.item.id, wording.of(score.item.name)) for score in unknown],
        "checked": checked(compared, wording),
    }


def heading(compared: list[Score], answered: list[Score], scale: Scale, wording: Wording) -> str:
    """How many definitions are aligned, of how many that are known and have a text to be compared with."""
    known = [score for score in answered if score.item.recommendation]
    if not known:
        return wording.say("No definition can be compared yet")
    aligned = sum(scale.level(score.answer) == FULLY for score in known)
    return wording.say(
        "{aligned} of the {known} definitions that can be compared are aligned; {unknown} more are not known",
        aligned=wording.number(aligned),
        known=wording.number(len(known)),
        unknown=wording.number(len(compared) - len(answered)),
    )


def checked(compared: list[Score], wording: Wording) -> str:
    """For how many definitions there is a text, and how many of these texts are candidates."""
    texts = [score.item for score in compared if score.item.recommendation]
    said = wording.say(
        "What the Recommendations say is given in our own words. For {n} of {total} definitions no public text was "
        "found: there the alignment is what the profile declares, and it is not counted.",
        n=wording.number(len(compared) - len(texts)),
        total=wording.number(len(compared)),
    )
    candidates = sum(item.status != "verified" for item in texts)
    if not candidates:
        return said
    return f"{said} " + wording.say(
        "{n} of the {total} texts are marked candidate: they have not been checked against the published "
        "Recommendations.",
        n=wording.number(candidates),
        total=wording.number(len(texts)),
    )


def table(told: list[Score], scale: Scale, wording: Wording) -> Table:
    """One row a definition."""
    columns = ("Definition", "The Recommendations say", "National practice", "Alignment")
    return Table(
        "table-definitions",
        wording.say("Definitions compared with the Recommendations"),
        tuple(Column(wording.say(name)) for name in columns),
        tuple(_row(score, scale, wording) for score in told),
        stacked=True,
    )


def _recommended(score: Score, wording: Wording) -> Cell:
    item = score.item
    if not item.recommendation:
        return Cell(wording.say("No public text was found."), is_absent=True)
    return Cell(wording.of(item.recommendation), note=item.source, mark=wording.candidate(item.status))


def _row(score: Score, scale: Scale, wording: Wording) -> Row:
    item = score.item
    return row(
        (
            Cell(wording.of(item.name), note=item.id),
            _recommended(score, wording),
            Cell(wording.of(score.practice), sources=score.sources) if score.practice else wording.absent(),
            _alignment(score, scale, wording),
        )
    )


def _alignment(score: Score, scale: Scale, wording: Wording) -> Cell:
    """The answer; without a text to compare with it is only what the profile declares."""
    rated = wording.rating(scale, score.answer)
    if score.item.recommendation or score.answer in NOT_KNOWN:
        return rated
    return replace(rated, note=wording.say("as declared"))
