"""The first page: where the country stands, what is strong, what is missing, what to do next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from sdmxmig.model.accounts import Account
from sdmxmig.model.assessment import Assessment, Gap
from sdmxmig.model.indicator_results import headline
from sdmxmig.reporting import VIEWS
from sdmxmig.reporting.composition import GROUPS, newest_migrants
from sdmxmig.reporting.gaps import code_of
from sdmxmig.reporting.items import name_of
from sdmxmig.reporting.roadmap import heading as roadmap_in_numbers
from sdmxmig.reporting.series import latest, of_role, value_in
from sdmxmig.reporting.strip import is_known, legend, modules, silent
from sdmxmig.reporting.wording import FULLY, OUTCOMES, Wording

T = TypeVar("T")
TESTED = ("BALANCED", "ROUNDING", "TOLERATED", "UNBALANCED")
CLOSED = ("BALANCED", "ROUNDING", "TOLERATED")


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """One number of the first page, with what it counts and when."""

    label: str
    value: str
    note: str


@dataclass(frozen=True, slots=True)
class Point:
    """One strength, gap or next step, with the item it comes from."""

    subject: str
    text: str
    note: str = ""


@VIEWS.add("summary")
def view(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    """All that the first page shows."""
    chosen = spread(assessment.gaps)
    return {
        "label": wording.say("Summary"),
        "heading": heading(assessment, wording),
        "missing": missing(assessment, wording),
        "coming": coming(assessment, wording),
        "figures": key_figures(assessment, wording),
        "modules": modules(assessment, wording),
        "silent": silent(assessment, wording),
        "legend": legend(wording),
        "strengths": strengths(assessment, wording),
        "gaps": [
            Point(code_of(assessment, gap.subject), name_of(gap.subject, assessment, wording), wording.of(gap.reason))
            for gap in chosen
        ],
        "steps": steps(assessment, wording),
    }


def whole(assessment: Assessment) -> list[Account]:
    """The accounts of the whole population, by the first identity that has any."""
    found = [account for account in assessment.accounts if all(code == "_T" for _, code in account.population)]
    return [account for account in found if account.identity == found[0].identity]


def heading(assessment: Assessment, wording: Wording) -> str:
    """Where the country stands, in one sentence that the numbers prove: core indicators, then the account."""
    phrases = [*_produced(assessment, wording), _closing(assessment, wording)]
    return wording.say("{sentence}.", sentence=wording.semicolons(phrases))


def _produced(assessment: Assessment, wording: Wording) -> Iterable[str]:
    """How many core indicators of Part A are produced, and how many of their texts are not checked."""
    counted = headline(assessment.of("A", "core"))
    if counted.total:
        yield wording.say(
            "{produced} of the {total} core migration indicators (Part A) are produced, {complete} with all primary "
            "topics ({candidates} of their {total} texts are not yet checked against the published Recommendations)",
            produced=wording.number(counted.produced),
            complete=wording.number(counted.complete),
            total=wording.number(counted.total),
            candidates=wording.number(counted.candidates),
        )


def _closing(assessment: Assessment, wording: Wording) -> str:
    """In how many of the testable years the population account closes."""
    tested = [account for account in whole(assessment) if account.outcome in TESTED]
    closed = [account for account in tested if account.outcome in CLOSED]
    if not tested:
        return wording.say("the population account cannot be tested yet")
    if len(closed) < len(tested):
        return wording.say(
            "the population account closes in {closed} of the {tested} years that can be tested",
            closed=wording.number(len(closed)),
            tested=wording.number(len(tested)),
        )
    loosest = max((account.outcome for account in closed), key=CLOSED.index)
    return wording.count(
        "the population account {closes} in the one year that can be tested",
        "the population account {closes} in all {n} years that can be tested",
        len(tested),
        closes=wording.label(OUTCOMES, loosest),
    )


def missing(assessment: Assessment, wording: Wording) -> str:
    """What is missing: some gaps by name, questions without an answer, and answers that cannot be true."""
    gaps = spread(assessment.gaps)
    names = wording.semicolons(name_of(gap.subject, assessment, wording) for gap in gaps)
    further = len(assessment.gaps) - len(gaps)
    unknown = sum(not is_known(score) for score in assessment.scores)
    said = []
    if further > 0:
        more = wording.number(further)
        said.append(wording.say("Not yet, or only partly, in place: {names}; and {n} more.", names=names, n=more))
    elif gaps:
        said.append(wording.say("Not yet, or only partly, in place: {names}.", names=names))
    said.append(
        wording.say(
            "{unknown} of {all} questions about the country have no answer.",
            unknown=wording.number(unknown),
            all=wording.number(len(assessment.scores)),
        )
    )
    if assessment.contradictions:
        n = wording.number(len(assessment.contradictions))
        said.append(wording.say("Answers that the data or other answers contradict: {n}.", n=n))
    return " ".join(said)


def coming(assessment: Assessment, wording: Wording) -> str:
    """What comes next: how many actions close the gaps, and how many of them take less than a year."""
    if not assessment.roadmap.actions:
        return wording.say("no action follows yet; first the open questions of the profile need answers.")
    return wording.say("{sentence}.", sentence=roadmap_in_numbers(assessment, wording))


def key_figures(assessment: Assessment, wording: Wording) -> list[KeyFigure]:
    """Population, flows, the share of the account that can be tested, core indicators produced."""
    stocks = (_population(assessment, wording), _migrants(assessment, wording))
    figures = [figure for figure in (*stocks, *_flows(assessment, wording)) if figure]
    accounts = whole(assessment)
    if accounts:
        tested = [account for account in accounts if account.outcome in TESTED]
        figures.append(
            KeyFigure(
                wording.say("Account that can be tested"),
                wording.percent(Decimal(len(tested)) / len(accounts), 0),
                wording.say(
                    "{tested} of {all} years have all terms",
                    tested=wording.number(len(tested)),
                    all=wording.number(len(accounts)),
                ),
            )
        )
    counted = headline(assessment.of("A", "core"))
    if counted.total:
        figures.append(
            KeyFigure(
                wording.say("Core indicators produced (Part A)"),
                wording.say(
                    "{produced} of {total}",
                    produced=wording.number(counted.produced),
                    total=wording.number(counted.total),
                ),
                wording.say(
                    "{shown} with values here, {unknown} not known; texts not checked: {candidates}",
                    shown=wording.number(counted.shown),
                    unknown=wording.number(counted.unknown),
                    candidates=wording.number(counted.candidates),
                ),
            )
        )
    return figures


def _population(assessment: Assessment, wording: Wording) -> KeyFigure | None:
    series = of_role(assessment, "population")
    point = latest(series)
    if series is None or point is None or point.value is None:
        return None
    note = wording.of(series.note)
    return KeyFigure(
        wording.say("Population"), wording.number(point.value), f"{point.period}, {note}" if note else point.period
    )


def _migrants(assessment: Assessment, wording: Wording) -> KeyFigure | None:
    """The foreign-born, else the foreign citizens, of the latest year that has them, with their share."""
    found = newest_migrants(assessment)
    if found is None:
        return None
    count, codes = found
    value = count.value(*codes) or Decimal(0)
    share = wording.percent(value / count.whole) if count.whole else ""
    note = wording.say("{share} of the residents, {year}", share=share, year=count.period) if share else count.period
    return KeyFigure(wording.say(GROUPS[codes]), wording.number(value), note)


def _flows(assessment: Assessment, wording: Wording) -> Iterable[KeyFigure | None]:
    roles = {"immigration": "Immigration", "emigration": "Emigration", "net": "Net migration"}
    ends = {role: latest(of_role(assessment, role)) for role in roles}
    year = min((point.period for point in ends.values() if point), default="")
    for role, name in roles.items():
        value = value_in(of_role(assessment, role), year)
        if value is None and role == "net":
            coming, going = (value_in(of_role(assessment, end), year) for end in ("immigration", "emigration"))
            value = coming - going if coming is not None and going is not None else None
        if value is not None:
            written = wording.signed(value) if role == "net" else wording.number(value)
            yield KeyFigure(wording.say(name), written, wording.say("persons in {year}", year=year))


def strengths(assessment: Assessment, wording: Wording) -> list[Point]:
    """Three items with the best answer and a practice that proves it, from as many modules as possible."""
    best = [
        score
        for score in assessment.scores
        if score.practice and assessment.scale(score.item.scale).level(score.answer) == FULLY
    ]
    chosen = _one_a_module(best, [score.item.module for score in best])
    return [Point(score.item.id, wording.of(score.item.name), wording.of(score.label)) for score in chosen]


def spread(gaps: Sequence[Gap]) -> list[Gap]:
    """Three gaps, whole ones before partial ones, from as many modules as possible."""
    ordered = sorted(gaps, key=lambda gap: gap.is_partial)
    return _one_a_module(ordered, [_family(gap.subject) for gap in ordered])


def _family(subject: str) -> str:
    return subject.rstrip("0123456789")


def _one_a_module(candidates: Sequence[T], modules: Sequence[str]) -> list[T]:
    """The first of each module, then the second of each, and so on; three of them."""
    seen: dict[str, int] = {}
    ranked = []
    for position, (candidate, module) in enumerate(zip(candidates, modules, strict=True)):
        seen[module] = seen.get(module, 0) + 1
        ranked.append((seen[module], position, candidate))
    return [candidate for _, _, candidate in sorted(ranked, key=lambda entry: entry[:2])[:3]]


def steps(assessment: Assessment, wording: Wording) -> list[Point]:
    """The first three actions of the roadmap, each with who leads it and which gaps it closes."""
    points = []
    for action in assessment.roadmap.actions[:3]:
        closes = wording.commas(code_of(assessment, subject) for subject in action.closes)
        points.append(Point(closes, wording.of(action.name), wording.of(action.responsible)))
    return points
