"""Claims and evidence: what the profile says beside what the data show, and where the two contradict each other."""

from __future__ import annotations

from collections.abc import Mapping

from sdmxmig.model.artefacts import Text
from sdmxmig.model.assessment import Assessment, IndicatorResult, Score
from sdmxmig.model.evidence import Evidence
from sdmxmig.reporting import VIEWS
from sdmxmig.reporting.blocks import Cell, Column, Row, Table, row
from sdmxmig.reporting.wording import Wording, lowered

SAID = {"same": "the same in all of them", "different": "not the same in all of them"}


@VIEWS.add("evidence")
def view(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    """All questions about which the data say something, contradictions first."""
    scores = {score.item.id: score for score in assessment.scores}
    told = sorted(assessment.evidence, key=lambda one: not one.contradicts)
    rows = [_row(one, scores[one.item], assessment, wording) for one in told if one.item in scores]
    against = [result for result in assessment.indicators if result.contradiction]
    rows = [*(_indicator(result, assessment, wording) for result in against), *rows]
    columns = ("Question", "The profile says", "The data show")
    table = Table(
        "table-evidence",
        wording.say("Claims and evidence"),
        tuple(Column(wording.say(name)) for name in columns),
        tuple(rows),
        stacked=True,
    )
    return {
        "label": wording.say("Claims and evidence"),
        "heading": heading(len(against) + sum(one.contradicts for one in told), len(rows), wording),
        "table": table if rows else None,
    }


def heading(contradictions: int, told: int, wording: Wording) -> str:
    """How many answers the data contradict, of how many about which they say something."""
    if not told:
        return wording.say("The data say nothing about the answers yet")
    if contradictions:
        return wording.count(
            "The data contradict {n} answer of the profile",
            "The data contradict {n} answers of the profile",
            contradictions,
        )
    return wording.count(
        "The data contradict no answer of the profile; they show something about {n} question",
        "The data contradict no answer of the profile; they show something about {n} questions",
        told,
    )


def _row(one: Evidence, score: Score, assessment: Assessment, wording: Wording) -> Row:
    answer = wording.rating(assessment.scale(score.item.scale), score.answer)
    mark = wording.say("contradiction") if one.contradicts else ""
    return row(
        (
            Cell(wording.of(score.item.name), note=one.item),
            answer,
            Cell(shown(one, wording), note=_years(one), mark=mark),
        )
    )


def _indicator(result: IndicatorResult, assessment: Assessment, wording: Wording) -> Row:
    answer = wording.rating(assessment.scale("AVAIL"), result.declared)
    name = Cell(wording.of(result.indicator.name), note=result.indicator.code)
    return row((name, answer, Cell(wording.say(result.contradiction), mark=wording.say("contradiction"))))


def shown(one: Evidence, wording: Wording) -> str:
    """What the data show, in words: of which dataflows, by which topics, with which codes."""
    flows = wording.series([_named(code, name, wording) for code, name in one.flows])
    found = wording.series([lowered(_named(code, name, wording)) for code, name in one.found])
    if one.kind == "shown":
        by = {"flows": flows, "topics": found}
        return wording.say("{flows} by {topics}", **by) if found else flows
    if one.said in SAID:
        return wording.say("{flows}: {said}: {found}", flows=flows, said=wording.say(SAID[one.said]), found=found)
    return wording.say("{flows}: {found}", flows=flows, found=found)


def _named(code: str, name: Text, wording: Wording) -> str:
    return wording.of(name) or code


def _years(one: Evidence) -> str:
    return one.first if one.first == one.last else f"{one.first}–{one.last}"
