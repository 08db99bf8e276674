"""The first page: where the country stands, what is strong, what is missing, what to do next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from decimal import Decimal
from typing import TypeVar

from sdmxmig.model.assessment import Assessment
from sdmxmig.model.gaps import Gap
from sdmxmig.model.indicator_results import headline
from sdmxmig.model.roadmap import Action
from sdmxmig.reporting.composition import GROUPS, newest_migrants, source_of
from sdmxmig.reporting.gaps import linked, reason_of
from sdmxmig.reporting.net_migration import how, latest_flow
from sdmxmig.reporting.provisional import not_final
from sdmxmig.reporting.roadmap import heading as roadmap_in_numbers
from sdmxmig.reporting.series import latest, of_role
from sdmxmig.reporting.standing import standing
from sdmxmig.reporting.strip import is_known, legend, modules, silent
from sdmxmig.reporting.views import VIEWS
from sdmxmig.reporting.wording import FULLY, Wording, lowered

T = TypeVar("T")
THREE = 3
"""So many strengths, gaps and steps the first page names."""


@dataclass(frozen=True, slots=True)
class SummaryFigure:
    """One number of the first page, with what it counts and when."""

    label: str
    value: str
    _: KW_ONLY
    note: str


@dataclass(frozen=True, slots=True)
class SummaryPoint:
    """One strength, gap or next step, with the item it comes from."""

    subject: str
    text: str
    _: KW_ONLY
    note: str = ""


@VIEWS.add("summary")
def view(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    """All that the first page shows."""
    chosen = foremost(assessment)
    return {
        "label": wording.say("Summary"),
        "heading": heading(assessment, wording),
        "standing": standing(assessment, wording),
        "missing": missing(assessment, wording),
        "coming": coming(assessment, wording),
        "figures": key_figures(assessment, wording),
        "modules": modules(assessment, wording),
        "silent": silent(assessment, wording),
        "legend": legend(wording),
        "strengths": strengths(assessment, wording),
        "gaps": [
            SummaryPoint(
                gap.id,
                wording.of(gap.statement),
                note=reason_of(gap, assessment, wording),
            )
            for gap in chosen
        ],
        "steps": steps(assessment, wording),
    }


def heading(assessment: Assessment, wording: Wording) -> str:
    """Where the country stands, in one sentence that the numbers prove: by its core indicators, else by its account."""
    phrases = list(_produced(assessment, wording))
    if not phrases:
        return standing(assessment, wording)
    return wording.say("{sentence}.", sentence=wording.semicolons(phrases))


def _produced(assessment: Assessment, wording: Wording) -> Iterable[str]:
    """How many core indicators of Part A are produced, and how many of their texts are not checked."""
    counted = headline(assessment.of("A", "core"))
    if not counted.total:
        return
    if counted.complete:
        message = (
            "{produced} of the {total} core migration indicators (Part A) are produced, {complete} with all primary "
            "topics ({candidates} of their {total} texts are not yet checked against the published Recommendations)"
        )
    elif counted.produced:
        message = (
            "{produced} of the {total} core migration indicators (Part A) are produced, none with all primary topics "
            "({candidates} of their {total} texts are not yet checked against the published Recommendations)"
        )
    elif counted.unknown == counted.total:
        message = (
            "Whether any of the {total} core migration indicators (Part A) is produced is not known ({candidates} of "
            "their {total} texts are not yet checked against the published Recommendations)"
        )
    else:
        message = (
            "As far as is known, none of the {total} core migration indicators (Part A) is produced ({candidates} of "
            "their {total} texts are not yet checked against the published Recommendations)"
        )
    yield wording.say(
        message,
        produced=wording.number(counted.produced),
        complete=wording.number(counted.complete),
        total=wording.number(counted.total),
        candidates=wording.number(counted.candidates),
    )


def missing(assessment: Assessment, wording: Wording) -> str:
    """What is missing: how many gaps there are, questions without an answer, and answers that cannot be true."""
    unknown = sum(not is_known(score) for score in assessment.scores)
    phrases = [wording.say("No gap is known.")]
    if assessment.gaps:
        phrases = [wording.say("Known gaps: {n} (the foremost below).", n=wording.number(len(assessment.gaps)))]
    phrases.append(
        wording.say(
            "{unknown} of {all} questions about the country have no answer."
            if unknown
            else "All {all} questions about the country are answered.",
            unknown=wording.number(unknown),
            all=wording.number(len(assessment.scores)),
        )
    )
    if assessment.contradictions:
        n = wording.number(len(assessment.contradictions))
        phrases.append(wording.say("Answers that the data or other answers contradict: {n}.", n=n))
    return " ".join(phrases)


def coming(assessment: Assessment, wording: Wording) -> str:
    """What comes next: how many actions close the gaps, and how many of them take less than a year."""
    if not assessment.roadmap.actions and not all(map(is_known, assessment.scores)):
        return wording.say("No action follows yet; first the open questions of the profile need answers.")
    return wording.say("{sentence}.", sentence=roadmap_in_numbers(assessment, wording))


def key_figures(assessment: Assessment, wording: Wording) -> list[SummaryFigure]:
    """Population, migrants, flows, and core indicators produced: six, so that they fill two lines."""
    stocks = (_population(assessment, wording), _migrants(assessment, wording))
    figures = [figure for figure in (*stocks, *_flows(assessment, wording)) if figure]
    counted = headline(assessment.of("A", "core"))
    if counted.total:
        figures.append(
            SummaryFigure(
                wording.say("Core indicators produced (Part A)"),
                wording.say(
                    "{produced} of {total}",
                    produced=wording.number(counted.produced),
                    total=wording.number(counted.total),
                ),
                note=wording.say(
                    "{shown} with values here, {unknown} not known; texts not checked: {candidates}",
                    shown=wording.number(counted.shown),
                    unknown=wording.number(counted.unknown),
                    candidates=wording.number(counted.candidates),
                ),
            )
        )
    return figures


def _population(assessment: Assessment, wording: Wording) -> SummaryFigure | None:
    series = of_role(assessment, "population")
    point = latest(series)
    if series is None or point is None or point.value is None:
        return None
    day = wording.day(series.note, point.period)
    remarks = (day,) if day else (point.period, wording.of(series.note))
    note = wording.commas(filter(None, (*remarks, not_final([point.status], wording))))
    return SummaryFigure(wording.say("Population"), wording.number(point.value), note=note)


def _migrants(assessment: Assessment, wording: Wording) -> SummaryFigure | None:
    """The foreign-born, else the foreign citizens, of the latest year that has them, with their share."""
    newest = newest_migrants(assessment)
    if newest is None:
        return None
    count, codes = newest
    value = count.value(*codes) or Decimal(0)
    share = wording.percent(value / count.whole) if count.whole else ""
    note = wording.say("{share} of the residents, {year}", share=share, year=count.period) if share else count.period
    remarks = (note, lowered(source_of(count, wording)), not_final(count.statuses, wording))
    remark = wording.commas(filter(None, remarks))
    return SummaryFigure(wording.say(GROUPS[codes]), wording.number(value), note=remark)


def _flows(assessment: Assessment, wording: Wording) -> Iterable[SummaryFigure | None]:
    """Each flow of its latest year, which stands beside it; net migration as published where it is."""
    for role, name in {"immigration": "Immigration", "emigration": "Emigration", "net": "Net migration"}.items():
        flow = latest_flow(assessment, role)
        if flow is not None:
            formatted = wording.signed(flow.value) if role == "net" else wording.number(flow.value)
            remark = how(flow, assessment, wording) if role == "net" else not_final([flow.status], wording)
            note = wording.commas(filter(None, (wording.say("persons in {year}", year=flow.year), remark)))
            yield SummaryFigure(wording.say(name), formatted, note=note)


def strengths(assessment: Assessment, wording: Wording) -> list[SummaryPoint]:
    """Three items with the best answer and a practice that proves it, from as many modules as possible.

    Items of the short form come first: they are what every country is asked.
    """
    best = [
        score
        for score in assessment.scores
        if score.practice and assessment.scale(score.item.scale).level(score.answer) == FULLY
    ]
    best.sort(key=lambda score: not score.item.is_short)
    chosen = _one_a_module(best, [score.item.module for score in best])
    return [SummaryPoint(score.item.id, wording.of(score.item.name), note=wording.of(score.label)) for score in chosen]


def foremost(assessment: Assessment) -> list[Gap]:
    """Three gaps: those that the first actions close, one an action and whole ones first, so that both belong together.

    Where there are fewer actions than that, their other gaps follow, and then those that no action closes.
    """
    gaps = {subject: gap for gap in assessment.gaps for subject in gap.subjects}
    chosen: dict[str, Gap] = {}
    queues = [
        sorted((gaps[subject] for subject in action.closes if subject in gaps), key=_partly)
        for action in _actions(assessment)
    ]
    for queue in queues:
        chosen |= {gap.id: gap for gap in [gap for gap in queue if gap.id not in chosen][:1]}
    all_gaps = [gap for queue in queues for gap in queue] + sorted(assessment.gaps, key=_partly)
    chosen |= {gap.id: gap for gap in all_gaps if gap.id not in chosen}
    return list(chosen.values())[:THREE]


def _partly(gap: Gap) -> bool:
    return gap.is_partial


def _actions(assessment: Assessment) -> tuple[Action, ...]:
    """The actions that page one names."""
    return assessment.roadmap.actions[:THREE]


def _one_a_module(candidates: Sequence[T], modules: Sequence[str]) -> list[T]:
    """The first of each module, then the second of each, and so on; three of them."""
    count_by_module: dict[str, int] = {}
    ranked = []
    for position, (candidate, module) in enumerate(zip(candidates, modules, strict=True)):
        count_by_module[module] = count_by_module.get(module, 0) + 1
        ranked.append((count_by_module[module], position, candidate))
    return [candidate for _, _, candidate in sorted(ranked, key=lambda entry: entry[:2])[:THREE]]


def steps(assessment: Assessment, wording: Wording) -> list[SummaryPoint]:
    """The first three actions of the roadmap, each with who leads it and which gaps it closes."""
    points = []
    for action in _actions(assessment):
        closes = wording.commas(name for _, name in linked(action.closes, assessment, wording))
        points.append(SummaryPoint(closes, wording.of(action.name), note=wording.of(action.responsible)))
    return points
